//! A source's declaration: the table `[about]`, and the whole.

use super::fault::Faults;
use super::keys::SOURCE;
use super::reader::{Reader, Table, Value};
use super::source_fetch::fetch;
use super::source_figures::figures;
use super::source_items as items;
use super::source_withdrawal as withdrawal;
use super::values::{PERIOD_MAX, SECOND, line, spans, title, url, within, word};
use crate::domain::jobs;
use crate::domain::name::SourceName;
use crate::domain::retention::Retention;
use crate::domain::source::{
    About, Access, Declaration, Field, Items, Licence, Records, Reuse, Schema, Share, Source, Token,
};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);
const KEEP_MAX: Duration = Duration::from_secs(36_600 * 86_400);
/// Reports of the last 31 days are made again where their data has changed.
const THIN_LEAST: Duration = Duration::from_secs(32 * 86_400);

/// Reads one declaration; `file` is what faults name.
pub fn source(name: &SourceName, file: &str, text: &str) -> Result<Source, Faults> {
    Reader::new(file, text).of(&SOURCE).finish(|top| read(name, text, top))
}

fn read(name: &SourceName, text: &str, top: &Table) -> Option<Source> {
    let own_title = title(top, "title");
    if own_title.is_none() && !top.has("title") {
        top.missing("title", "a text, or { en = \"...\", fr = \"...\" }");
    }
    let topic = top.need("topic", "a word such as \"earth\"", |v| {
        SourceName::parse(v.text()?).map(|word| word.to_string())
    });
    let formerly = formerly(top);
    let about = about(top);
    let fetch = fetch(top, name.is_journals());
    let retention = retention(top);
    let format = fetch.as_ref().map(|f| f.format);
    let found = items::items(top, format);
    let numbers = fetch.as_ref().map(|fetch| fetch.numbers.clone()).unwrap_or_default();
    let fields = items::fields(top, format, &numbers);
    items::fit(top, fetch.as_ref(), found.as_ref(), &fields);
    schema(top, found.as_ref(), &fields);
    withdrawal::fits(top, found.as_ref(), &fields);
    let aggregates = items::aggregates(top, &fields, found.as_ref());
    if matches!(found, Some(Items::Records(_))) && aggregates.is_empty() && top.has("thin_after") {
        top.clash("thin_after", "samples or aggregates: records have nothing that thins");
    }
    let share = about.as_ref().map(|about| about.share).unwrap_or_default();
    let figures = figures(top, (&fields, &aggregates), found.as_ref(), share);
    Some(Source {
        name: name.clone(),
        formerly,
        declaration: Declaration::new(text),
        title: own_title?,
        topic: topic?,
        about: about?,
        fetch: fetch?,
        retention,
        items: found?,
        fields,
        aggregates,
        figures,
    })
}

/// Fields of a schema have its names and its kinds.
fn schema(top: &Table, items: Option<&Items>, fields: &[Field]) {
    let Some(Items::Records(Records { schema: Some(Schema::JobOffer), .. })) = items else {
        return;
    };
    for why in fields.iter().filter_map(|field| jobs::judge(field).err()) {
        top.told(&why, "allowed: the fields of a job offer, and others of your own");
    }
    if fields.iter().all(|field| field.name != "title") {
        top.missing("fields.title", "what the offer is called");
    }
}

/// How long rows are kept whole, and at all.
fn retention(top: &Table) -> Retention {
    let span = |key: &'static str, least: Duration, example: &str| {
        top.may(key, &spans(least, KEEP_MAX, example), None, |v| {
            within(v, least, KEEP_MAX).map(Some)
        })
    };
    let (keep, thin_after) = (span("keep", DAY, "400d"), span("thin_after", THIN_LEAST, "60d"));
    if keep.zip(thin_after).is_some_and(|(keep, thin_after)| thin_after >= keep) {
        top.clash("thin_after", "a duration shorter than keep: what is gone does not thin");
    }
    Retention { keep, thin_after }
}

/// Names of sources, each once. Whether they are free is seen where all declarations are.
fn formerly(top: &Table) -> Vec<SourceName> {
    let allowed = "a list of names that the source had before, each once, such as [\"old-name\"]";
    top.may("formerly", allowed, Vec::new(), |value| {
        let name = |value: Value| SourceName::parse(value.text()?);
        let names: Vec<SourceName> = value.list()?.into_iter().map(name).collect::<Option<_>>()?;
        let is_good = |name: &SourceName| !name.is_reserved();
        let once = names.iter().collect::<std::collections::BTreeSet<_>>().len() == names.len();
        (once && names.iter().all(is_good)).then_some(names)
    })
}

fn about(top: &Table) -> Option<About> {
    let table = top.need_table("about", "a table that says what this source is")?;
    let text = |key| table.need(key, "a text that is not empty", line);
    let (content, zone) = (text("content"), text("zone"));
    let period = spans(SECOND, PERIOD_MAX, "1m");
    let period = table.need("period", &period, |v| within(v, SECOND, PERIOD_MAX));
    let (access, token) =
        (word(&table, "access", &Access::ALL), word(&table, "token", &Token::ALL));
    let licence = licence(&table);
    let caveat = title(&table, "caveat");
    let share = if table.has("share") { word(&table, "share", &Share::ALL) } else { None };
    let (attribution, homepage) = (text("attribution"), table.need("homepage", "a URL", url));
    table.unknown();
    Some(About {
        content: content?,
        zone: zone?,
        period: period?,
        access: access?,
        token: token?,
        licence: licence?,
        share: share.unwrap_or_default(),
        caveat,
        attribution: attribution?,
        homepage: homepage?,
    })
}

fn licence(about: &Table) -> Option<Licence> {
    let table =
        about.need_table("licence", "{ name = \"...\", url = \"...\", reuse = \"...\" }")?;
    let name = table.need("name", "a text that is not empty", line);
    let page = table.need("url", "a URL", url);
    let reuse = word(&table, "reuse", &Reuse::ALL);
    table.unknown();
    Some(Licence { name: name?, url: page?, reuse: reuse? })
}
