//! The shape of an answer that could not be read, beside the declared one, in words: what a
//! person needs to mend a declaration after a publisher changed a feed.

use super::plan::Plan;
use crate::domain::budget::Budget;
use crate::domain::form::Reading;
use crate::domain::form::html::Node;
use crate::domain::form::ndjson::lines;
use crate::domain::form::raw::Raw;
use crate::domain::form::tree::Tree;
use crate::domain::limits::STEPS;
use crate::domain::path::{Path, Start, Step};
use crate::domain::shown::begun;
use std::collections::BTreeSet;

/// Keys and values that are named one by one.
const NAMED: usize = 12;
const CHARS: usize = 24;
/// Keys that a declared one is compared with, and how long they may be.
const COMPARED: usize = 500;
const COMPARED_CHARS: usize = 100;

/// What is declared and what was found; `None` where the bytes are no document at all.
pub(super) fn difference(plan: &Plan, bytes: &[u8]) -> Option<String> {
    let (budget, fetch) = (Budget::default(), &plan.source.fetch);
    // What took too long once is not to take as long again.
    budget.work((STEPS / 4 * 3) as usize);
    match fetch.format.reading {
        Reading::Document(read) => {
            let mut words = None;
            let mut tell = |tree: &Tree| words = Some(told(plan, tree));
            read(bytes, &fetch.written, &budget, &mut tell).ok()?;
            words
        }
        Reading::Lines => Some(told(plan, &Tree::json(lines(bytes).next()?, &budget).ok()?)),
        Reading::Rows => of_rows(plan, bytes),
    }
}

/// Of a file of rows: how many rows there are, and what is in the first that counts.
fn of_rows(plan: &Plan, bytes: &[u8]) -> Option<String> {
    let mut table = plan.rows().table(bytes).ok()?;
    let skip = plan.source.items.place().skip as usize;
    let (mut rows, mut shown) = (table.passed, None);
    while let Some(line) = table.next().ok()? {
        if shown.is_none() || rows == skip {
            shown = Some(line);
        }
        rows += 1;
    }
    let words = format!("declared: {}\nfound: at the top, a list of {rows}", declared(plan));
    let Some(line) = shown else { return Some(words) };
    let names: Vec<&str> = table.names.iter().flatten().map(|name| &**name).collect();
    let item = table.item(&line);
    let (sketched, keys) = match &item {
        Tree::Row(_) => (an_object(&names), Some(names)),
        other => (sketch(other), None),
    };
    let renamed = keys.map(|names| renamed(plan, names)).unwrap_or_default();
    Some(format!("{words}; one is {sketched}{renamed}"))
}

fn told(plan: &Plan, tree: &Tree) -> String {
    if let Tree::Page(page, _) = tree {
        return in_page(plan, *page);
    }
    let at = plan.source.items.at();
    let (found, place, whole) = reach(tree, at);
    let mut words = format!("declared: {}\nfound: ", declared(plan));
    let item = match found {
        Tree::List(list) if whole && at.fans() > 0 => {
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
    let names = item.filter(|_| whole).and_then(pairs);
    words += &names.map(|names| renamed(plan, names)).unwrap_or_default();
    words
}

/// Of a page: how many elements are where the items were, and what is in one; else what there is
/// most of in the page.
fn in_page(plan: &Plan, page: Node) -> String {
    let (at, budget) = (plan.source.items.at(), Budget::default());
    let paths: BTreeSet<String> = own_paths(plan).map(Path::to_string).collect();
    let paths: Vec<String> = paths.into_iter().take(NAMED).collect();
    let declared = format!("declared: items at {at}, with {}", paths.join(", "));
    let items: Vec<Node> = match at.steps() {
        [Step::Select(css)] => page.select(css, &budget).take(COMPARED).collect(),
        _ => vec![page],
    };
    let skip = plan.source.items.place().skip as usize;
    let Some(item) = items.get(skip).or(items.first()) else {
        return format!("{declared}\nfound: none of them; the page has {}", page.outline(NAMED));
    };
    let silent = own_paths(plan).filter(|path| {
        items.iter().all(|item| item.find(path.steps(), &budget, Raw::and) == Raw::Absent)
    });
    let silent: BTreeSet<String> = silent.map(|path| format!("\nnothing at {path}")).collect();
    let silent: String = silent.into_iter().take(NAMED).collect();
    let count = if items.len() == COMPARED { "at least ".into() } else { String::new() };
    let count = count + &items.len().to_string();
    format!("{declared}\nfound: {count} of them; one has {}{silent}", item.outline(NAMED))
}

/// How far the path leads: the value there, its place in words, and whether that is its end.
fn reach<'f, 't>(tree: &'f Tree<'t>, path: &Path) -> (&'f Tree<'t>, String, bool) {
    let mut at = tree;
    let mut walked = Vec::new();
    for step in path.steps() {
        let next = match (step, at) {
            (Step::Key(_) | Step::Index(_), _) => at.step(step),
            (Step::Each, Tree::List(list)) if walked.len() + 1 < path.steps().len() => list.first(),
            (Step::Each, Tree::List(_)) | (Step::Values, Tree::Map(_)) => {
                return (at, said(&walked), true);
            }
            (Step::Each, Tree::Element(_)) => Some(at),
            _ => None,
        };
        let Some(next) = next else { return (at, said(&walked), false) };
        walked.push(step.clone());
        at = next;
    }
    (at, said(&walked), true)
}

/// Names and values, of whatever is named.
fn pairs<'f>(tree: &'f Tree) -> Option<Vec<&'f str>> {
    match tree {
        Tree::Map(pairs) => Some(pairs.iter().map(|(name, _)| &**name).collect()),
        Tree::Element(element) if !element.pairs.is_empty() => {
            let mut names: Vec<&str> = element.pairs.iter().map(|(name, _)| &**name).collect();
            names.dedup();
            Some(names)
        }
        _ => None,
    }
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
    plan.slots.paths.iter().filter(|path| path.start() == Start::Here)
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
    if let Some(keys) = pairs(tree) {
        return an_object(&keys);
    }
    match tree {
        Tree::List(list) if list.is_empty() => "an empty list".into(),
        Tree::List(list) => {
            let values: Vec<String> = list.iter().take(NAMED).map(scalar).collect();
            let more = if list.len() > NAMED { ", ..." } else { "" };
            format!("a list of {}: {}{more}", list.len(), values.join(", "))
        }
        other => scalar(other),
    }
}

fn an_object(keys: &[&str]) -> String {
    let more = if keys.len() > NAMED { ", ..." } else { "" };
    let named = keys.iter().take(NAMED).map(|key| begun(key, COMPARED_CHARS));
    let named: Vec<String> = named.collect();
    match keys.is_empty() {
        true => "an empty object".into(),
        false => format!("an object with the keys {}{more}", named.join(", ")),
    }
}

fn scalar(tree: &Tree) -> String {
    match tree.raw() {
        Raw::Text(text) => format!("{:?}", begun(&text, CHARS)),
        Raw::Null => "null".into(),
        Raw::Nested if matches!(tree, Tree::List(_)) => "a list".into(),
        Raw::Nested => match tree {
            Tree::BadRow(why) => why.to_string(),
            _ => "an object".into(),
        },
        raw => raw.show(),
    }
}

/// The declared keys that are not there, each with the nearest that is.
fn renamed(plan: &Plan, mut names: Vec<&str>) -> String {
    names.truncate(COMPARED);
    names.retain(|name| name.len() <= COMPARED_CHARS);
    let wanted: BTreeSet<&str> = own_paths(plan)
        .filter_map(|path| match path.steps().first() {
            Some(Step::Key(key)) => Some(key.as_str()),
            _ => None,
        })
        .collect();
    let line = |key: &str| {
        let known = names.iter().copied().filter(|name| !wanted.contains(name));
        let near = known.min_by_key(|name| strsim::levenshtein(name, key));
        let near = near.filter(|name| strsim::normalized_levenshtein(name, key) >= 0.6);
        let near = near.or_else(|| names.iter().copied().find(|name| holds(name, key)));
        let near = near.map(|name| format!("; is it {name} now?")).unwrap_or_default();
        format!("\nno key {key}{near}")
    };
    wanted.iter().filter(|key| !names.contains(key)).map(|key| line(key)).collect()
}

/// Whether one name stands in the other, whatever their case.
fn holds(name: &str, key: &str) -> bool {
    let (name, key) = (name.to_lowercase(), key.to_lowercase());
    name.contains(&key) || key.contains(&name)
}
