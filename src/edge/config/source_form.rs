//! Of `[fetch]`: how an answer is written. Its letters, its numbers, its rows, its names.

use super::reader::{Table, Value};
use super::values::{line, marker};
use crate::domain::container::{Pack, Pattern, Unpack};
use crate::domain::decimal::Form;
use crate::domain::form::{Csv, Encoding, Format, Written};
use crate::domain::source::Numbers;

const DECIMAL: &str = "\".\" or \",\"";
const CODING: &str =
    "the name of a coding of letters, such as utf-8, iso-8859-1, iso-8859-15, utf-16";

pub(super) fn read(table: &Table, format: Option<&Format>) -> (Written, Numbers) {
    let coding =
        |table: &Table| table.may("encoding", CODING, None, |v| Encoding::of(v.text()?).map(Some));
    let mut encoding = coding(table);
    let (mut numbers, own_decimal) = numbers(table);
    let mut csv = Csv::default();
    if let Some(inner) = table.table("csv") {
        only(table, "csv", format, |format| format.table == Some("csv"));
        // Two keys that stood here before all formats had them.
        encoding = twice(&inner, "encoding", encoding, coding(&inner));
        let decimal = inner.may("decimal", DECIMAL, None, |v| sign(v).map(Some));
        let known = own_decimal.then_some(numbers.form.decimal);
        numbers.form.decimal = twice(&inner, "decimal", known, decimal).unwrap_or('.');
        csv = rows(&inner);
    }
    let namespaces = namespaces(table, format);
    (Written { unpack: unpack(table), encoding, csv, namespaces }, numbers)
}

/// `unpack = "zip"`, `member = "*.csv"`.
fn unpack(table: &Table) -> Option<Unpack> {
    let allowed = Pack::ALL.map(|(name, _)| name).join(", ");
    let pack = table.may("unpack", &allowed, None, |v| {
        let text = v.text()?;
        Pack::ALL.iter().find(|(name, _)| *name == text).map(|(_, pack)| Some(*pack))
    });
    let allowed = "a name of up to 200 signs, with * for any of them and ? for one";
    let member = table.may("member", allowed, None, |v| Pattern::parse(v.text()?).map(Some));
    let alone = member.is_some() && !table.has("unpack");
    if alone || pack.is_some_and(|pack| member.is_some() && !pack.has_members()) {
        table.clash("member", "only beside unpack = \"zip\", \"tar\" or \"tar.gz\"");
    }
    if pack.is_some() && table.has("redact") {
        table.clash("redact", "not beside unpack: nothing can be redacted inside a container");
    }
    Some(Unpack { pack: pack?, member })
}

/// A key stands beside the formats that it is for.
pub(super) fn only(
    table: &Table,
    key: &'static str,
    format: Option<&Format>,
    is_for: impl Fn(&Format) -> bool,
) {
    if format.is_some_and(|format| !is_for(format)) {
        let all = Format::all().into_iter().filter(|(_, format)| is_for(format));
        let names: Vec<String> = all.map(|(name, _)| format!("{name:?}")).collect();
        table.clash(key, &format!("only beside format = {}", names.join(" or ")));
    }
}

fn twice<T>(inner: &Table, key: &'static str, outer: Option<T>, own: Option<T>) -> Option<T> {
    if outer.is_some() && own.is_some() {
        inner.clash(key, "once, in [fetch] or in [fetch.csv]");
    }
    outer.or(own)
}

fn rows(inner: &Table) -> Csv {
    let default = Csv::default();
    let byte = |v: Value| v.text().filter(|text| text.len() == 1).map(|text| text.as_bytes()[0]);
    let csv = Csv {
        delimiter: inner.may("delimiter", "one character, such as ; or \\t", b',', byte),
        header: inner.may("header", "true or false", default.header, Value::flag),
        comment: inner.may("comment", "one character, such as #", None, |v| byte(v).map(Some)),
    };
    inner.unknown();
    csv
}

/// The form of numbers, and whether it names a decimal sign.
fn numbers(table: &Table) -> (Numbers, bool) {
    let Some(inner) = table.table("numbers") else { return (Numbers::default(), false) };
    let form = form(&inner, &Form::default());
    let missing = missing(&inner);
    inner.unknown();
    (Numbers { form, missing }, inner.has("decimal"))
}

/// Values that mean that there is none.
pub(super) fn missing(table: &Table) -> Vec<crate::domain::source::Marker> {
    table.may("missing", "a list of texts and numbers", Vec::new(), |v| {
        v.list()?.into_iter().map(marker).collect()
    })
}

/// `decimal`, `thousands` and `suffix`, over those of the feed.
pub(super) fn form(table: &Table, feed: &Form) -> Form {
    let decimal = table.may("decimal", DECIMAL, feed.decimal, sign);
    let allowed = "one sign between groups of three digits, such as \",\" or \" \"";
    let thousands = table.may("thousands", allowed, feed.thousands, |v| {
        let mut signs = v.text()?.chars();
        let one = signs.next().filter(|c| !c.is_ascii_alphanumeric() && !"+-".contains(*c));
        one.filter(|_| signs.next().is_none()).map(Some)
    });
    let allowed = "a text that stands behind the number, such as \"km/h\"";
    let suffix = table.may("suffix", allowed, feed.suffix.clone(), |v| {
        let text = line(v)?.trim().to_string();
        (!text.starts_with(|c: char| c.is_ascii_digit())).then_some(Some(text))
    });
    if thousands == Some(decimal) {
        table.clash("thousands", "another sign than the decimal one");
    }
    Form { decimal, thousands, suffix }
}

fn sign(value: Value) -> Option<char> {
    match value.text()? {
        "." => Some('.'),
        "," => Some(','),
        _ => None,
    }
}

/// `[fetch.xml] namespaces = { atom = "http://www.w3.org/2005/Atom" }`.
fn namespaces(table: &Table, format: Option<&Format>) -> Vec<(String, String)> {
    let Some(inner) = table.table("xml") else { return Vec::new() };
    only(table, "xml", format, |format| format.table == Some("xml"));
    let pairs = inner.table("namespaces").map(|names| {
        let pair = |(prefix, value): (&str, Value)| {
            let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
            let good = !prefix.is_empty() && prefix.chars().all(plain);
            let uri = line(value).filter(|_| good);
            if uri.is_none() {
                names.wrong(
                    prefix,
                    value,
                    "a prefix of letters, digits, - and _, and its namespace",
                );
            }
            Some((prefix.to_string(), uri?))
        };
        names.scalars().into_iter().filter_map(pair).collect()
    });
    inner.unknown();
    pairs.unwrap_or_default()
}
