//! `daybook.toml`: every global key, each with a default.

use super::fault::Faults;
use super::reader::{Reader, Table, Value};
use super::values::{SECOND, line, size, spans, within};
use crate::domain::bucket::{Bucket, Encryption, Server};
use crate::domain::format::Lang;
use crate::domain::ping::{Address, Pings};
use crate::domain::settings::{Fetcher, Report, Settings, Study, Summarizer};
use crate::domain::source::Title;
use crate::domain::time::show_duration;
use std::collections::BTreeMap;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

/// Reads settings; absent keys have their defaults.
pub fn settings(file: &str, text: &str) -> Result<Settings, Faults> {
    Reader::new(file, text).finish(|top| {
        let default = Settings::default();
        let text = |key, allowed| top.may(key, allowed, None, |v| v.text().map(|t| Some(t.into())));
        let settings = Settings {
            store: text("store", "a URL: sqlite:PATH, mongodb://... or postgres://..."),
            contact: text("contact", "a mail address or a URL"),
            fetcher: top.table("fetcher").map_or(default.fetcher.clone(), fetcher),
            summarizer: top.table("summarizer").map_or(default.summarizer, summarizer),
            report: top.table("report").map_or(default.report, report),
            ping: top.table("ping").map_or(default.ping, ping),
            archive: top.table("archive").map_or(default.archive, archive),
        };
        if let (Some(contact), Some(value)) = (&settings.contact, top.get("contact"))
            && !is_contact(contact)
        {
            top.wrong("contact", value, "a mail address or a URL that reaches you");
        }
        Some(settings)
    })
}

/// Whether a contact can be written to: a mail address or a web page, on one line.
pub fn is_contact(text: &str) -> bool {
    let mail = text.split_once('@').is_some_and(|(who, host)| !who.is_empty() && host.len() > 2);
    let printable = text.bytes().all(|c| (b' '..=b'~').contains(&c));
    printable && text.len() <= 200 && (mail || text.starts_with("https://"))
}

fn fetcher(table: Table) -> Fetcher {
    let default = Settings::default().fetcher;
    let fetcher = Fetcher {
        deadline: duration(&table, "deadline", default.deadline, (SECOND, HOUR)),
        splay: duration(&table, "splay", default.splay, (Duration::ZERO, 59 * SECOND)),
        pace: duration(&table, "pace", default.pace, (Duration::ZERO, 60 * SECOND)),
        per_host: whole(&table, "per_host", default.per_host as u64, 1..=2) as usize,
        hosts: hosts(&table, &default),
        retries: whole(&table, "retries", default.retries.into(), 0..=5) as u32,
        redirects: whole(&table, "redirects", default.redirects.into(), 0..=10) as u32,
        reserve: table.may("reserve", "a size such as 256MiB", default.reserve, size),
    };
    table.unknown();
    fetcher
}

/// `[fetcher.hosts."api.example.org"]`: a pace of its own for a host.
fn hosts(fetcher: &Table, default: &Fetcher) -> BTreeMap<String, (Duration, usize)> {
    let Some(table) = fetcher.table("hosts") else { return BTreeMap::new() };
    let host = |(name, inner): (&str, Table)| {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
        if name.is_empty() || !name.chars().all(plain) {
            inner.told(&format!("{name:?} is no host"), "allowed: a name, such as api.example.org");
        }
        let pace = duration(&inner, "pace", default.pace, (Duration::ZERO, HOUR));
        let at_once = whole(&inner, "at_once", default.per_host as u64, 1..=8) as usize;
        inner.unknown();
        (name.to_ascii_lowercase(), (pace, at_once))
    };
    table.entries().into_iter().map(host).collect()
}

fn summarizer(table: Table) -> Summarizer {
    let default = Settings::default().summarizer;
    let close_after = duration(&table, "close_after", default.close_after, (Duration::ZERO, DAY));
    let is_place = |text: &&str| match is_address(text) {
        true => Bucket::parse(text).is_ok(),
        false => !text.is_empty(),
    };
    let place = |v: Value| v.text().filter(is_place).map(|text| Some(text.into()));
    let allowed = "a folder, such as archive, or a bucket, s3://NAME/PREFIX";
    let archive = table.may("archive", allowed, default.archive, place);
    // Reports and audits look back at 31 days.
    let range = (32 * DAY, 36_600 * DAY);
    let keep_journals = duration(&table, "keep_journals", default.keep_journals, range);
    table.unknown();
    Summarizer { close_after, archive, keep_journals }
}

/// Whether a place begins like an address, so that it is meant to be no folder.
fn is_address(place: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    let scheme = place.split_once(":/").map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| !scheme.is_empty() && scheme.chars().all(is_part))
}

/// `[archive]`: the server of a bucket.
fn archive(table: Table) -> Server {
    let default = Server::default();
    let text = |v: Value| v.text().filter(|text| !text.is_empty()).map(String::from);
    let address = |v: Value| {
        let text = text(v)?;
        let is_web = text.starts_with("https://") || text.starts_with("http://");
        is_web.then_some(Some(text))
    };
    let key = table.may("kms_key", "the name of a key", None, |v| text(v).map(Some));
    let allowed = "\"AES256\", \"aws:kms\" with a kms_key, or \"any\"";
    let encryption = table.may("encryption", allowed, default.encryption, |v| match v.text()? {
        "AES256" => Some(Encryption::Own),
        "aws:kms" => Some(Encryption::Key(key.clone()?)),
        "any" => Some(Encryption::Any),
        _ => None,
    });
    let server = Server {
        endpoint: table.may("endpoint", "an address, https://...", default.endpoint, address),
        region: table.may("region", "a text such as eu-west-3", default.region, text),
        encryption,
        authorities: table.may("authorities", "a file of PEM", None, |v| text(v).map(Some)),
    };
    table.unknown();
    server
}

fn report(table: Table) -> Report {
    let default = Settings::default().report;
    let report = Report {
        title: table.may("title", "a text", default.title, line),
        language: table.may("language", "en, fr", default.language, |v| match v.text()? {
            "en" => Some(Lang::En),
            "fr" => Some(Lang::Fr),
            _ => None,
        }),
        zone: table.may("zone", "a time zone such as Europe/Paris", default.zone, |v| {
            v.text()?.parse().ok()
        }),
        study: Study {
            subject: told(&table, "subject"),
            approach: told(&table, "approach"),
            analyses: analyses(&table),
        },
    };
    table.unknown();
    report
}

fn ping(table: Table) -> Pings {
    let allowed = "the web address of a check, or {secret:NAME} for it";
    let address =
        |key| table.may(key, allowed, None, |v| v.text().and_then(Address::parse).map(Some));
    let pings = Pings {
        fetcher: address("fetcher"),
        summarizer: address("summarizer"),
        analyzer: address("analyzer"),
        every: duration(&table, "every", Settings::default().ping.every, (MINUTE, DAY)),
    };
    table.unknown();
    pings
}

/// A text that is not empty, for both languages or one for each.
fn told(table: &Table, key: &'static str) -> Option<Title> {
    words(table, key, table.get(key)?)
}

fn words(table: &Table, key: &'static str, value: Value) -> Option<Title> {
    if let Some(text) = line(value) {
        return Some(Title { en: text.clone(), fr: text });
    }
    let Some(inner) = table.as_table(key, value) else {
        table.wrong(key, value, "a text, or { en = \"...\", fr = \"...\" }");
        return None;
    };
    let [en, fr] = ["en", "fr"].map(|lang| inner.need(lang, "a text that is not empty", line));
    inner.unknown();
    Some(Title { en: en?, fr: fr? })
}

/// The planned analyses: a list of such texts.
fn analyses(table: &Table) -> Vec<Title> {
    let Some(value) = table.get("analyses") else { return Vec::new() };
    let Some(list) = value.list() else {
        table.wrong("analyses", value, "a list of texts, or of { en = \"...\", fr = \"...\" }");
        return Vec::new();
    };
    list.into_iter().filter_map(|value| words(table, "analyses", value)).collect()
}

fn duration(
    table: &Table,
    key: &'static str,
    default: Duration,
    (least, most): (Duration, Duration),
) -> Duration {
    let allowed = spans(least, most, &show_duration(default));
    table.may(key, &allowed, default, |v| within(v, least, most))
}

fn whole(
    table: &Table,
    key: &'static str,
    default: u64,
    range: std::ops::RangeInclusive<u64>,
) -> u64 {
    let allowed = format!("a whole number from {} to {}", range.start(), range.end());
    table.may(key, &allowed, default, |v| {
        let number = v.number().filter(|x| x.fract() == 0.0 && *x >= 0.0)? as u64;
        range.contains(&number).then_some(number)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn an_empty_file_has_all_defaults() {
        assert_eq!(settings("daybook.toml", ""), Ok(Settings::default()));
    }

    #[test]
    fn no_address_of_a_check_is_shown() {
        let text = "[ping]\nfetcher = \"hc-ping.example/5bf66975\"\nevery = \"10s\"\n";
        let faults = settings("daybook.toml", text).unwrap_err();
        expect![[r#"
            daybook.toml:2: ping.fetcher is a text of 24 letters; allowed: the web address of a check, or {secret:NAME} for it
            daybook.toml:3: ping.every is "10s"; allowed: a duration from 1m to 1d, such as 5m"#]]
        .assert_eq(&faults.to_string());
    }

    #[test]
    fn all_faults_come_at_once() {
        let text = "contact = \"me\"\nstor = 1\n[fetcher]\ndeadline = \"50\"\nper_host = 3\n\
                    reserve = \"1GB\"\n";
        let faults = settings("daybook.toml", text).unwrap_err();
        expect![[r#"
            daybook.toml:1: contact is a text of 2 letters; allowed: a mail address or a URL that reaches you
            daybook.toml:2: unknown key stor; did you mean store?
            daybook.toml:4: fetcher.deadline is "50"; allowed: a duration from 1s to 1h, such as 50s
            daybook.toml:5: fetcher.per_host is 3; allowed: a whole number from 1 to 2
            daybook.toml:6: fetcher.reserve is "1GB"; allowed: a size such as 256MiB"#]]
        .assert_eq(&faults.to_string());
    }
}
