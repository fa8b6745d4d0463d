//! The catalogue: what each source holds, how it is had, and under which terms; and what the
//! sources have in common. Computed from the declarations alone.

use super::document::Doc;
use super::format::english;
use super::source::{Field, Items, Kind, LabelSource, List, Source};
use super::time::show_duration;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Something that several sources share.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Common {
    /// What kind of thing: key, place, hour, unit, period.
    pub kind: &'static str,
    pub what: String,
    pub sources: Vec<String>,
}

/// A page in Markdown.
pub fn markdown(sources: &[Source]) -> String {
    let mut out = String::from(
        "| source | content | every (publisher) | access | token | re-use |\n\
         |---|---|---|---|---|---|\n",
    );
    for source in sources {
        let _ = writeln!(
            out,
            "| [`{0}`](#{0}) | {1} | {2} ({3}) | {4} | {5} | {6} |",
            source.name,
            cell(&source.about.content),
            show_duration(source.fetch.every),
            show_duration(source.about.period),
            source.about.access.name(),
            source.about.token.name(),
            source.about.licence.reuse.name()
        );
    }
    sources.iter().for_each(|source| out += &section(source));
    out += "\n## What these sources have in common\n\n";
    out += "| shared | what | sources |\n|---|---|---|\n";
    for common in common(sources) {
        let _ = writeln!(
            out,
            "| {} | {} | {} |",
            common.kind,
            cell(&common.what),
            common.sources.join(", ")
        );
    }
    out
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn section(source: &Source) -> String {
    let about = &source.about;
    let mut out =
        format!("\n## {}\n\n**{}.** {}.\n\n", source.name, source.title.en, about.content);
    let licence = &about.licence;
    let address = source.fetch.url.to_string();
    let asked = match &source.fetch.items {
        Some(items) if !items.rows().is_empty() => {
            format!(
                "{}, for each of {}",
                show_duration(source.fetch.every),
                english(items.rows().len() as u64, "item", "items")
            )
        }
        _ => show_duration(source.fetch.every),
    };
    for (what, value) in [
        ("zone", about.zone.clone()),
        ("refreshed", format!("every {}", show_duration(about.period))),
        ("asked", format!("every {asked}")),
        ("access", format!("{}, {}, `{address}`", about.access.name(), source.fetch.format.name)),
        ("token", about.token.name().into()),
        ("free of charge", free(source).into()),
        ("re-use", format!("{}: [{}]({})", licence.reuse.name(), licence.name, licence.url)),
        ("to know", about.caveat.as_ref().map(|caveat| caveat.en.clone()).unwrap_or_default()),
        ("passed on", about.share.terms().unwrap_or_default().into()),
        ("attribution", about.attribution.clone()),
        ("homepage", format!("<{}>", about.homepage)),
        ("items", items(source)),
        ("redacted", redacted(source)),
    ] {
        if !value.is_empty() {
            let _ = writeln!(out, "- {what}: {value}");
        }
    }
    out += "\n| field | unit | kind | where |\n|---|---|---|---|\n";
    for field in &source.fields {
        let (unit, kind) = (field.unit.as_deref().unwrap_or("-"), kind(field));
        let _ = writeln!(out, "| {} | {} | {kind} | `{}` |", field.name, cell(unit), field.picks);
    }
    for aggregate in &source.aggregates {
        let unit = aggregate.unit.as_deref().unwrap_or("-");
        let field = source.fields.get(aggregate.field).map_or("", |f| &f.name);
        let how = format!("{} of {field}", aggregate.operation.name());
        let _ = writeln!(out, "| {} | {unit} | aggregate | {how} |", aggregate.name);
    }
    out
}

/// Whether it costs: nothing that Daybook ships or knows of asks for money by itself.
fn free(source: &Source) -> &'static str {
    match source.about.token {
        super::source::Token::Required => "yes, with an account of your own, within its quota",
        _ => "yes",
    }
}

fn items(source: &Source) -> String {
    let what = match (&source.items, source.items.series()) {
        (Items::Samples(_), Some(series)) => format!("samples, by `{series}`"),
        (_, Some(series)) => format!("measurements, by `{series}` and time"),
        _ => "records, by their own id".into(),
    };
    format!("{what}, at `{}`", source.items.at())
}

fn redacted(source: &Source) -> String {
    let paths: Vec<String> =
        source.fetch.redact.iter().map(|one| format!("`{}`", one.path)).collect();
    paths.join(", ")
}

fn kind(field: &Field) -> String {
    match field.kind {
        Kind::Text => "text".into(),
        Kind::Number(measure) => match measure.resolution {
            Some(step) => format!("number, steps of {step}"),
            None => "number".into(),
        },
    }
}

/// A table for a terminal.
pub fn table(sources: &[Source]) -> String {
    let mut out = format!(
        "{:<26}{:<13}{:>6}  {:<9}{:<10}{:<11}{}\n",
        "source", "topic", "every", "access", "token", "re-use", "content"
    );
    for source in sources {
        let _ = writeln!(
            out,
            "{:<26}{:<13}{:>6}  {:<9}{:<10}{:<11}{}",
            source.name,
            source.topic,
            show_duration(source.fetch.every),
            source.about.access.name(),
            source.about.token.name(),
            source.about.licence.reuse.name(),
            source.about.content
        );
    }
    let found = common(sources);
    if !found.is_empty() {
        out += "\nwhat these sources have in common:\n";
    }
    for common in found {
        let _ = writeln!(out, "  {}: {}: {}", common.kind, common.what, common.sources.join(", "));
    }
    out
}

/// All of it, for programs.
pub fn json(sources: &[Source]) -> String {
    let common = common(sources).into_iter().map(|common| {
        Doc::map([
            ("kind", Doc::text(common.kind)),
            ("what", Doc::text(common.what)),
            ("sources", Doc::List(common.sources.into_iter().map(Doc::text).collect())),
        ])
    });
    Doc::map([
        ("sources", Doc::List(sources.iter().map(doc).collect())),
        ("common", Doc::List(common.collect())),
    ])
    .json()
}

fn doc(source: &Source) -> Doc {
    let about = &source.about;
    let text = |text: &str| Doc::text(text.to_string());
    let field = |field: &Field| {
        Doc::map([
            ("name", text(&field.name)),
            ("title", text(&field.title.en)),
            ("unit", Doc::option(field.unit.as_deref(), |unit| Doc::text(unit.to_string()))),
            ("kind", text(&kind(field))),
            ("path", text(&field.picks.to_string())),
        ])
    };
    Doc::map([
        ("name", text(source.name.as_str())),
        ("title", text(&source.title.en)),
        ("topic", text(&source.topic)),
        ("content", text(&about.content)),
        ("zone", text(&about.zone)),
        ("period_s", Doc::Int(about.period.as_secs() as i64)),
        ("every_s", Doc::Int(source.fetch.every.as_secs() as i64)),
        ("access", text(about.access.name())),
        ("format", text(source.fetch.format.name)),
        ("url", text(&source.fetch.url.to_string())),
        ("token", text(about.token.name())),
        ("licence", text(&about.licence.name)),
        ("licence_url", text(&about.licence.url)),
        ("reuse", text(about.licence.reuse.name())),
        ("share", text(about.share.name())),
        ("attribution", text(&about.attribution)),
        ("homepage", text(&about.homepage)),
        ("items", text(&items(source))),
        ("fields", Doc::List(source.fields.iter().map(field).collect())),
    ])
}

/// Keys, places, hours, units and periods that two sources or more share.
pub fn common(sources: &[Source]) -> Vec<Common> {
    let mut found: BTreeMap<(&'static str, String), BTreeSet<String>> = BTreeMap::new();
    for source in sources {
        for (kind, what) in traits(source) {
            found.entry((kind, what)).or_default().insert(source.name.to_string());
        }
    }
    let shared = found.into_iter().filter(|(_, sources)| sources.len() > 1);
    shared
        .map(|((kind, what), sources)| {
            let sources = sources.into_iter().collect();
            Common { kind, what, sources }
        })
        .collect()
}

/// What another source may share with this one.
fn traits(source: &Source) -> Vec<(&'static str, String)> {
    let mut found = vec![
        ("period", format!("asked every {}", show_duration(source.fetch.every))),
        ("place", format!("about {}", source.about.zone)),
    ];
    for list in [source.fetch.items.as_ref(), listed(source)].into_iter().flatten() {
        if let List::File { file, key, .. } = list {
            found.push(("key", format!("the column {key} of {file}")));
        }
    }
    match source.items.labels() {
        Some(LabelSource::Source(name)) => found.push(("key", format!("the ids of {name}"))),
        _ => found.push(("key", format!("the ids of {}", source.name))),
    }
    let has = |name: &str| source.fields.iter().any(|field| field.name == name);
    let placed = |list: &List| list.rows().iter().any(|row| row.number("lat").is_some());
    let listed = source.fetch.items.iter().any(placed);
    if has("lat") && has("lon") || source.items.labels().is_some() || listed {
        found.push(("place", "points with latitude and longitude".into()));
    }
    found.push((
        "hour",
        match &source.items {
            Items::Samples(_) => "samples: the UTC hour of the fetch".into(),
            Items::Records(records) if records.time.is_some() => {
                "records: the UTC hour of their own time".into()
            }
            Items::Records(_) => "records without a time".into(),
        },
    ));
    let units = source.fields.iter().filter_map(|field| field.unit.clone());
    found.extend(units.map(|unit| ("unit", unit)));
    found
}

fn listed(source: &Source) -> Option<&List> {
    match source.items.labels() {
        Some(LabelSource::List(list)) => Some(list),
        _ => None,
    }
}
