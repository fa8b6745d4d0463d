//! The shape of an answer that could not be read, beside the declared one, in words: what a
//! person needs to mend a declaration after a publisher changed a feed.

use super::plan::Plan;
use super::tree::Tree;
use crate::domain::path::{Path, Start, Step};
use crate::domain::source::Format;
use std::collections::BTreeSet;

/// Keys and values that are named one by one.
const NAMED: usize = 12;
const CHARS: usize = 24;

/// What is declared and what was found; `None` where the bytes are no document at all.
pub(super) fn difference(plan: &Plan, bytes: &[u8]) -> Option<String> {
    let tree = match plan.source.fetch.format {
        Format::Json => Tree::json(bytes).ok()?,
        Format::Csv => Tree::csv(bytes, plan.source.fetch.csv).ok()?,
        Format::Xml => Tree::xml(bytes).ok()?,
        Format::Ndjson => {
            let mut lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
            Tree::json(lines.next()?).ok()?
        }
    };
    let at = plan.source.items.at();
    let (found, place, whole) = reach(&tree, at);
    let mut words = format!("declared: {}\nfound: ", declared(plan));
    let item = match found {
        Tree::List(list) if whole && at.fans() > 0 || plan.source.fetch.format == Format::Csv => {
            words += &format!("{place}a list of {}", list.len());
            let item = list.get(plan.source.items.place().skip as usize).or(list.first());
            words += &item.map(|item| format!("; one is {}", sketch(item))).unwrap_or_default();
            item
        }
        other => {
            words += &format!("{place}{}", sketch(other));
            Some(other)
        }
    };
    words += &item.filter(|_| whole).map(|item| renamed(plan, item)).unwrap_or_default();
    Some(words)
}

/// How far the path leads: the value there, its place in words, and whether that is its end.
fn reach<'t>(tree: &'t Tree, path: &Path) -> (&'t Tree, String, bool) {
    let mut at = tree;
    let mut walked = Vec::new();
    for step in path.steps() {
        let next = match (step, at) {
            (Step::Key(key), _) => at.get(key),
            (Step::Index(place), Tree::List(list)) => list.get(*place),
            (Step::Each, Tree::List(list)) if walked.len() + 1 < path.steps().len() => list.first(),
            (Step::Each, Tree::List(_)) | (Step::Values, Tree::Map(_)) => {
                return (at, said(&walked), true);
            }
            _ => None,
        };
        let Some(next) = next else { return (at, said(&walked), false) };
        walked.push(step.clone());
        at = next;
    }
    (at, said(&walked), true)
}

fn said(walked: &[Step]) -> String {
    let keys = walked.iter().map(|step| match step {
        Step::Key(key) => key.clone(),
        Step::Index(place) => format!("[{place}]"),
        _ => "[*]".into(),
    });
    let path: Vec<String> = keys.collect();
    let place = path.join(".").replace(".[", "[");
    if place.is_empty() { "at the top, ".into() } else { format!("at {place}, ") }
}

fn declared(plan: &Plan) -> String {
    let at = plan.source.items.at();
    let firsts: BTreeSet<String> =
        own_paths(plan).filter_map(|path| path.steps().first()).map(first).collect();
    let kind = match own_paths(plan).find_map(|path| path.steps().first()) {
        Some(Step::Index(_)) => "lists with places",
        _ => "objects with keys",
    };
    let names: Vec<String> = firsts.into_iter().take(NAMED).collect();
    format!("items at {at}, {kind} {}", names.join(", "))
}

fn own_paths(plan: &Plan) -> impl Iterator<Item = &Path> {
    plan.paths.iter().filter(|path| path.start() == Start::Here)
}

fn first(step: &Step) -> String {
    match step {
        Step::Key(key) => key.clone(),
        Step::Index(place) => place.to_string(),
        _ => "any".into(),
    }
}

/// A value in a few words.
fn sketch(tree: &Tree) -> String {
    match tree {
        Tree::Map(pairs) if pairs.is_empty() => "an empty object".into(),
        Tree::List(list) if list.is_empty() => "an empty list".into(),
        Tree::Map(pairs) => {
            let keys: Vec<&str> = pairs.iter().map(|(key, _)| &**key).take(NAMED).collect();
            let more = if pairs.len() > NAMED { ", ..." } else { "" };
            format!("an object with the keys {}{more}", keys.join(", "))
        }
        Tree::List(list) => {
            let values: Vec<String> = list.iter().take(NAMED).map(scalar).collect();
            let more = if list.len() > NAMED { ", ..." } else { "" };
            format!("a list of {}: {}{more}", list.len(), values.join(", "))
        }
        Tree::Bad(why) => why.clone(),
        other => scalar(other),
    }
}

fn scalar(tree: &Tree) -> String {
    match tree {
        Tree::Null => "null".into(),
        Tree::Bool(flag) => flag.to_string(),
        Tree::Int(value) => value.to_string(),
        Tree::Float(value) => value.to_string(),
        Tree::Text(text) => format!("{:?}", text.chars().take(CHARS).collect::<String>()),
        Tree::List(_) => "a list".into(),
        Tree::Map(_) => "an object".into(),
        Tree::Bad(why) => why.clone(),
    }
}

/// The declared keys that are not there, each with the nearest that is.
fn renamed(plan: &Plan, item: &Tree) -> String {
    let Tree::Map(pairs) = item else { return String::new() };
    let wanted: BTreeSet<&str> = own_paths(plan)
        .filter_map(|path| match path.steps().first() {
            Some(Step::Key(key)) => Some(key.as_str()),
            _ => None,
        })
        .collect();
    let line = |key: &str| {
        let known = pairs.iter().map(|(name, _)| &**name).filter(|name| !wanted.contains(name));
        let near = known.min_by_key(|name| strsim::levenshtein(name, key));
        let near = near.filter(|name| strsim::normalized_levenshtein(name, key) >= 0.6);
        let near = near.or_else(|| pairs.iter().map(|(name, _)| &**name).find(|n| holds(n, key)));
        let near = near.map(|name| format!("; is it {name} now?")).unwrap_or_default();
        format!("\nno key {key}{near}")
    };
    wanted.iter().filter(|key| item.get(key).is_none()).map(|key| line(key)).collect()
}

/// Whether one name stands in the other, whatever their case.
fn holds(name: &str, key: &str) -> bool {
    let (name, key) = (name.to_lowercase(), key.to_lowercase());
    name.contains(&key) || key.contains(&name)
}
