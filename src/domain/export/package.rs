//! The sidecar of an export: a Frictionless Data Package (specs.frictionlessdata.io, version 1),
//! with units, licences and provenance.

use super::table::{Kind, Table};
use crate::domain::document::Doc;
use crate::domain::hash::Digest;
use crate::domain::source::Source;
use crate::domain::time::{Instant, iso};

/// What the package as a whole says.
pub struct Package<'a> {
    pub version: &'a str,
    pub created: Instant,
    pub from: Instant,
    pub to: Instant,
    pub zone: String,
    /// Without secrets.
    pub store: &'a str,
    /// Those whose terms let nothing of theirs be passed on.
    pub left_out: Vec<&'a Source>,
    pub resources: Vec<Resource<'a>>,
}

/// One file.
pub struct Resource<'a> {
    pub source: &'a Source,
    pub table: &'a Table,
    pub path: String,
    pub bytes: &'a [u8],
    /// `csv` or `ndjson`.
    pub format: &'a str,
    /// Whether any snapshot came from a recording.
    pub recorded: bool,
    pub closed_through: Option<Instant>,
    /// Hours that were left out, since their rows are not those that were committed.
    pub damaged: Vec<Instant>,
    /// Hours whose values are not kept any more, and those that have plain figures only.
    pub expired: Vec<Instant>,
    pub thinned: Vec<Instant>,
}

/// The text of `datapackage.json`.
pub fn package(package: &Package) -> String {
    let resources = package.resources.iter().map(resource).collect();
    let left_out: Vec<Doc> = package.left_out.iter().map(left_out).collect();
    let left_out = Some(left_out).filter(|some| !some.is_empty());
    let pairs = [
        ("profile", Doc::text("data-package")),
        ("name", Doc::text("daybook-export")),
        ("title", Doc::text("Export of Daybook")),
        ("created", Doc::Instant(package.created)),
        (
            "provenance",
            Doc::map([
                ("program", Doc::text(format!("daybook {}", package.version))),
                ("from", Doc::Instant(package.from)),
                ("to", Doc::Instant(package.to)),
                ("zone", Doc::text(package.zone.clone())),
                ("store", Doc::text(package.store.to_string())),
            ]),
        ),
    ];
    let left_out = left_out.map(|sources| ("left_out", Doc::List(sources)));
    let pairs = pairs.into_iter().chain(left_out).chain([("resources", Doc::List(resources))]);
    Doc::map_of(pairs.collect()).json()
}

/// What is not there, and why.
fn left_out(source: &&Source) -> Doc {
    let why = source.about.share.terms().unwrap_or_default();
    Doc::map([("source", Doc::text(source.name.as_str())), ("why", Doc::text(why))])
}

fn resource(resource: &Resource) -> Doc {
    let about = &resource.source.about;
    let csv = resource.format == "csv";
    let text = |text: &str| Doc::text(text.to_string());
    let licence = Doc::map([
        ("name", text(&slug(&about.licence.name))),
        ("title", text(&about.licence.name)),
        ("path", text(&about.licence.url)),
    ]);
    let from = Doc::map([("title", text(&about.attribution)), ("path", text(&about.homepage))]);
    let hours =
        |hours: &[Instant]| Doc::List(hours.iter().map(|hour| Doc::text(iso(*hour))).collect());
    let mut pairs = vec![
        ("name", text(&format!("{}_{}", resource.source.name, resource.table.name))),
        ("path", text(&resource.path)),
        ("profile", text(if csv { "tabular-data-resource" } else { "data-resource" })),
        ("title", text(&resource.source.title.en)),
        ("description", text(&format!("{}: {}", about.content, resource.table.description))),
        ("format", text(resource.format)),
        ("mediatype", text(if csv { "text/csv" } else { "application/x-ndjson" })),
        ("encoding", text("utf-8")),
        ("bytes", Doc::Int(resource.bytes.len() as i64)),
        ("hash", text(&format!("sha256:{}", Digest::of(resource.bytes).hex()))),
        ("licenses", Doc::List(vec![licence])),
        ("sources", Doc::List(vec![from])),
        (
            "provenance",
            Doc::map([
                ("attribution", text(&about.attribution)),
                ("reuse", text(about.licence.reuse.name())),
                ("share", text(about.share.name())),
                ("caveat", Doc::option(about.caveat.as_ref(), |caveat| Doc::text(&*caveat.en))),
                ("url", text(&resource.source.fetch.url.to_string())),
                ("recorded", text(if resource.recorded { "yes" } else { "no" })),
                ("closed_through", Doc::option(resource.closed_through, Doc::Instant)),
                ("damaged_hours", hours(&resource.damaged)),
                ("expired_hours", hours(&resource.expired)),
                ("thinned_hours", hours(&resource.thinned)),
            ]),
        ),
    ];
    pairs.push(("schema", schema(resource.table)));
    Doc::map_of(pairs)
}

fn schema(table: &Table) -> Doc {
    let fields = table.columns.iter().map(|column| {
        let (kind, format) = match column.kind {
            Kind::Text => ("string", "default"),
            Kind::Number => ("number", "default"),
            Kind::Integer => ("integer", "default"),
            Kind::Instant => ("datetime", "%Y-%m-%dT%H:%M:%S.%fZ"),
        };
        let mut pairs = vec![
            ("name", Doc::text(column.name.clone())),
            ("type", Doc::text(kind)),
            ("format", Doc::text(format)),
            ("description", Doc::text(column.description.clone())),
        ];
        if let Some(unit) = &column.unit {
            pairs.push(("unit", Doc::text(unit.clone())));
        }
        Doc::map_of(pairs)
    });
    let key = table.key.iter().map(|name| Doc::text(*name)).collect();
    let mut pairs = vec![
        ("fields", Doc::List(fields.collect())),
        ("missingValues", Doc::List(vec![Doc::text("")])),
    ];
    if !table.key.is_empty() {
        pairs.push(("primaryKey", Doc::List(key)));
    }
    Doc::map_of(pairs)
}

/// A licence's name as the specification wants identifiers: letters, digits, `.`, `_`, `-`.
fn slug(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let words: String = name.chars().map(|c| if plain(c) { c } else { ' ' }).collect();
    words.split_whitespace().collect::<Vec<_>>().join("-")
}
