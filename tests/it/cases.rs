//! Case folders: a declaration and an answer, and what must come out; settings and declarations,
//! good and bad, and the faults they must raise. `DAYBOOK_BLESS=1` rewrites what is expected;
//! read the difference before you commit it.

use daybook::domain::extract::{Extraction, Item, Plan, Value};
use daybook::domain::name::SourceName;
use daybook::domain::source::{Items, Source};
use daybook::domain::time::{from_millis, iso};
use daybook::edge::config;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases");

pub fn folders(of: &str) -> Vec<PathBuf> {
    let listing = fs::read_dir(Path::new(CASES).join(of)).unwrap();
    let mut folders: Vec<PathBuf> = listing.map(|entry| entry.unwrap().path()).collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    assert!(folders.len() > 5, "where are the cases of {of}?");
    folders
}

/// Holds what came out against `expected.txt` of each case; all differences at once.
fn check(cases: &[PathBuf], run: impl Fn(&Path) -> String) {
    let mut differences = String::new();
    for case in cases {
        let (path, found) = (case.join("expected.txt"), run(case));
        if std::env::var_os("DAYBOOK_BLESS").is_some() {
            fs::write(&path, &found).unwrap();
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        if expected != found {
            let name = case.strip_prefix(CASES).unwrap().display();
            let _ = write!(differences, "{name}:\n{}", difference(&expected, &found));
        }
    }
    assert!(differences.is_empty(), "(- expected, + found)\n{differences}");
}

/// The lines between the common start and the common end.
fn difference(expected: &str, found: &str) -> String {
    let (old, new): (Vec<_>, Vec<_>) = (expected.lines().collect(), found.lines().collect());
    let same = |pair: &(&&str, &&str)| pair.0 == pair.1;
    let start = old.iter().zip(&new).take_while(same).count();
    let rest = old.len().min(new.len()) - start;
    let end = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(same).count();
    let lines = |sign: char, all: &[&str]| -> String {
        all[start..all.len() - end].iter().map(|line| format!("{sign} {line}\n")).collect()
    };
    lines('-', &old) + &lines('+', &new)
}

fn file(case: &Path, names: &[&str]) -> PathBuf {
    let found = names.iter().map(|name| case.join(name)).find(|path| path.exists());
    found.unwrap_or_else(|| panic!("{} has none of {names:?}", case.display()))
}

#[test]
fn extraction() {
    check(&folders("extract"), |case| {
        let source = declared(case);
        assert!(
            case.join("README.md").exists(),
            "{} does not say where it is from",
            case.display()
        );
        let bodies = ["json", "ndjson", "csv", "xml", "html", "zip", "gz", "zst", "tar", "tgz"];
        let bodies = bodies.map(|ending| format!("body.{ending}"));
        let bytes = fs::read(file(case, &bodies.each_ref().map(String::as_str))).unwrap();
        let mut extraction = Extraction::default();
        let item = fs::read_to_string(case.join("item.txt")).ok();
        Plan::new(&source).extract(&bytes, item.as_deref().map(str::trim), &mut extraction);
        spelled(&source, &extraction)
    });
}

/// A path from the top makes the reader build the document; it must read the same then.
#[test]
fn a_built_document_reads_like_a_stream() {
    let mut compared = 0;
    for case in folders("extract") {
        let Ok(text) = fs::read_to_string(case.join("source.toml")) else { continue };
        let Ok(bytes) = fs::read(case.join("body.json")) else { continue };
        let built = ["[samples]", "[records]"].iter().fold(text.clone(), |text, head| {
            text.replace(head, &format!("{head}\nwhere = [{{ path = \"$.no\", present = false }}]"))
        });
        let name = SourceName::parse("case").unwrap();
        let told = [text, built].map(|text| {
            let source = config::source(&name, "source.toml", &text).ok()?;
            let mut extraction = Extraction::default();
            Plan::new(&source).extract(&bytes, None, &mut extraction);
            Some(spelled(&source, &extraction))
        });
        if told[1].is_some() {
            assert_eq!(told[0], told[1], "{}", case.display());
            compared += 1;
        }
    }
    assert!(compared > 15, "{compared}");
}

/// The declaration of a case: its own, or the shipped one that it names.
pub fn declared(case: &Path) -> Source {
    let shipped = fs::read_to_string(case.join("source.name")).ok();
    let read = match &shipped {
        Some(name) => {
            let file = format!("{}/sources/{}.toml", env!("CARGO_MANIFEST_DIR"), name.trim());
            config::read_source(Path::new(&file))
        }
        None => {
            let text = fs::read_to_string(case.join("source.toml")).unwrap();
            let name = SourceName::parse("case").unwrap();
            config::source(&name, &case.join("source.toml").display().to_string(), &text)
        }
    };
    read.unwrap_or_else(|faults| panic!("{faults}"))
}

/// A line per item and per fault.
fn spelled(source: &Source, found: &Extraction) -> String {
    let mut out = match found.unreadable() {
        None => "nothing of it can be read\n".into(),
        Some(missing) => format!(
            "{} in the list, {} readable, {} not\n",
            found.length,
            found.items().len(),
            missing.len()
        ),
    };
    out.extend(found.items().iter().map(|item| line(source, found, item)));
    for fault in found.faults() {
        let place = fault.position.map_or("all".into(), |position| position.to_string());
        let _ = writeln!(out, "{place} fault: {}", fault.reason);
    }
    found.remarks().iter().for_each(|remark| out += &format!("remark: {remark}\n"));
    if let Some(difference) = found.difference() {
        out = out + difference + "\n";
    }
    out
}

fn line(source: &Source, found: &Extraction, item: &Item) -> String {
    let kind = if matches!(source.items, Items::Samples(_)) { "series" } else { "id" };
    let mut line = format!("{} {kind} {:?}", item.position, found.text(item.key));
    for (name, at) in [("time", item.time), ("updated", item.updated)] {
        let shown = at.map(|ms| format!(" {name} {}", iso(from_millis(ms))));
        line += &shown.unwrap_or_default();
    }
    for (field, value) in source.fields.iter().zip(found.values(item, source.fields.len())) {
        let shown = match value {
            Value::Absent => "absent".into(),
            Value::Number(number) => format!("{number:?}"),
            Value::Text(span) => format!("{:?}", found.text(*span)),
        };
        let _ = write!(line, ", {} {shown}", field.name);
    }
    line + "\n"
}

/// `source.toml` or `daybook.toml`: the faults, or what was read.
#[test]
fn configuration() {
    check(&folders("config"), |case| {
        let path = file(case, &["source.toml", "daybook.toml"]);
        let text = fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        let read = match name {
            "source.toml" => {
                let source = SourceName::parse("case").unwrap();
                config::source(&source, name, &text).map(|source| source_spelled(&source))
            }
            _ => config::settings(name, &text).map(|settings| format!("{settings:#?}\n")),
        };
        read.unwrap_or_else(|faults| format!("{faults}\n"))
    });
}

fn source_spelled(source: &Source) -> String {
    let mut out = format!("{:?}, topic {}\n", source.title, source.topic);
    let fetch = &source.fetch;
    let _ = writeln!(out, "{fetch:?}\n{:?}", source.about);
    let _ = writeln!(out, "kept {:?}, {:?}", source.retention, source.items);
    let _ = writeln!(out, "at {}, numbering {}", source.items.at(), source.numbering());
    let field = |field: &daybook::domain::source::Field| {
        let path = field.picks.to_string();
        let numbers = (&field.missing, field.scale, field.required);
        let (unit, kind, title) = (&field.unit, field.kind, &field.title);
        format!("{} at {path}, {unit:?}, {kind:?}, {numbers:?}, {title:?}\n", field.name)
    };
    out.extend(source.fields.iter().map(field));
    out.extend(source.aggregates.iter().map(|aggregate| format!("{aggregate:?}\n")));
    out.extend(source.figures.iter().map(|figure| format!("{figure:?}\n")));
    out
}
