//! Walking: the items of a document that was built, for all that a stream cannot do: values
//! from the top or from the enclosing element, objects as lists, parallel arrays, rows, XML.

use super::item::Extraction;
use super::plan::Plan;
use super::read::{MAX_ITEMS, not_json};
use super::tree::Tree;
use super::value::Raw;
use crate::domain::path::{Path, Start, Step};
use crate::domain::source::Format;

/// One item, and what it stands in.
struct Found<'t> {
    value: &'t Tree,
    /// The key under which it stands, if in an object.
    key: Option<&'t str>,
    /// The enclosing elements, the document first.
    chain: Vec<&'t Tree>,
    /// Its place in parallel arrays.
    own: usize,
}

impl Plan {
    /// Extracts a snapshot by building its document.
    pub(super) fn walk(&self, bytes: &[u8], item: Option<&str>, out: &mut Extraction) {
        let format = self.source.fetch.format;
        if format == Format::Ndjson {
            return self.walk_lines(bytes, item, out);
        }
        let tree = match format {
            Format::Csv => Tree::csv(bytes, self.source.fetch.csv),
            Format::Xml => Tree::xml(bytes),
            _ => Tree::json(bytes).map_err(|error| not_json(bytes, &error)),
        };
        match tree.and_then(|tree| self.walk_tree(&tree, item, out)) {
            Ok(()) => {}
            Err(why) => out.give_up(why),
        }
    }

    fn walk_lines(&self, bytes: &[u8], item: Option<&str>, out: &mut Extraction) {
        let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
        for line in lines {
            match Tree::json(line) {
                Ok(tree) => {
                    let alone = Found { value: &tree, key: None, chain: vec![&tree], own: 0 };
                    self.enter(&alone, item, out);
                }
                Err(error) => out.spoil(not_json(line, &error)),
            }
        }
    }

    fn walk_tree(
        &self,
        tree: &Tree,
        item: Option<&str>,
        out: &mut Extraction,
    ) -> Result<(), String> {
        let found = match self.source.fetch.format {
            Format::Csv => list(tree, tree),
            _ => self.found(tree)?,
        };
        if found.len() > MAX_ITEMS as usize {
            return Err("it has more than 5,000,000 items".into());
        }
        found.iter().for_each(|found| self.enter(found, item, out));
        Ok(())
    }

    fn found<'t>(&self, tree: &'t Tree) -> Result<Vec<Found<'t>>, String> {
        let at = self.source.items.at();
        let mut found = Vec::new();
        let start = Found { value: tree, key: None, chain: vec![tree], own: 0 };
        self.spread(start, at.steps(), &mut found)?;
        if !self.paths.iter().any(Path::is_own) {
            return Ok(found);
        }
        match found.pop() {
            Some(object) => self.places(object.value, tree),
            None => Ok(found),
        }
    }

    /// Follows `at`; what lies on the way must be there.
    fn spread<'t>(
        &self,
        from: Found<'t>,
        steps: &[Step],
        out: &mut Vec<Found<'t>>,
    ) -> Result<(), String> {
        let none = || format!("no {} at {}", self.thing(), self.source.items.at());
        let Some((step, rest)) = steps.split_first() else {
            out.push(from);
            return Ok(());
        };
        let xml = self.source.fetch.format == Format::Xml;
        match step {
            Step::Key(key) => match from.value.get(key) {
                Some(value) => self.spread(Found { value, ..from }, rest, out),
                // XML writes a list without elements by leaving it out.
                None if xml && rest == [Step::Each] && from.chain.len() > 1 => Ok(()),
                None => Err(none()),
            },
            Step::Index(place) => match from.value {
                Tree::List(list) => match list.get(*place) {
                    Some(value) => self.spread(Found { value, ..from }, rest, out),
                    None => Err(none()),
                },
                _ => Err(none()),
            },
            Step::Each => match from.value {
                Tree::List(list) => {
                    let elements = list.iter().map(|value| (None, value));
                    self.fan(&from, elements, rest, out)
                }
                Tree::Null if from.chain.len() > 1 => Ok(()),
                single if xml => self.fan(&from, [(None, single)].into_iter(), rest, out),
                _ => Err(none()),
            },
            Step::Values => match from.value {
                Tree::Map(pairs) => {
                    let elements = pairs.iter().map(|(key, value)| (Some(&**key), value));
                    self.fan(&from, elements, rest, out)
                }
                _ => Err(none()),
            },
            Step::Own => Err(none()),
        }
    }

    /// What `at` names, in words.
    fn thing(&self) -> &'static str {
        let at = self.source.items.at();
        if at.fans() > 0 { "list of items" } else { "object" }
    }

    fn fan<'t>(
        &self,
        from: &Found<'t>,
        elements: impl Iterator<Item = (Option<&'t str>, &'t Tree)>,
        rest: &[Step],
        out: &mut Vec<Found<'t>>,
    ) -> Result<(), String> {
        for (key, value) in elements {
            let mut chain = from.chain.clone();
            if !rest.is_empty() {
                chain.push(value);
            }
            self.spread(Found { value, key, chain, own: 0 }, rest, out)?;
        }
        Ok(())
    }

    /// The places of parallel arrays, which must be of one length.
    fn places<'t>(&self, object: &'t Tree, top: &'t Tree) -> Result<Vec<Found<'t>>, String> {
        let mut lengths: Vec<(String, usize)> = Vec::new();
        for path in self.paths.iter().filter(|path| path.is_own()) {
            let before: Vec<Step> =
                path.steps().iter().take_while(|s| **s != Step::Own).cloned().collect();
            match follow(object, &before, 0) {
                Some(Tree::List(list)) => lengths.push((path.to_string(), list.len())),
                None | Some(Tree::Null) => {}
                Some(_) => return Err(format!("no array at {path}")),
            }
        }
        let Some((first, length)) = lengths.first().cloned() else {
            return Err(format!("no array of what is declared at {}", self.source.items.at()));
        };
        if let Some((other, found)) = lengths.iter().find(|(_, found)| *found != length) {
            return Err(format!(
                "parallel arrays differ in length: {first} has {length}, {other} {found}"
            ));
        }
        let chain = vec![top];
        Ok((0..length)
            .map(|own| Found { value: object, key: None, chain: chain.clone(), own })
            .collect())
    }

    fn enter(&self, found: &Found, item: Option<&str>, out: &mut Extraction) {
        if let Tree::Bad(why) = found.value {
            return out.spoil(why.clone());
        }
        let mut wants = self.paths.iter().enumerate();
        if let Some((_, path)) = wants.find(|(_, p)| misfits(p, found.value))
            && out.length >= self.source.items.place().skip
        {
            return out.spoil(match path.steps().first() {
                Some(Step::Key(_)) => "the item is not an object".into(),
                _ => "the item is not a list".into(),
            });
        }
        let mut raws = Vec::with_capacity(self.paths.len());
        for (slot, path) in self.paths.iter().enumerate() {
            let raw = match self.value(path, found, item) {
                Value::Text(text) => Raw::Text(out.keep(text)),
                Value::Tree(None) => Raw::Absent,
                Value::Tree(Some(tree)) => {
                    out.touched |= slot >= self.fields;
                    raw(tree, out)
                }
            };
            raws.push(raw);
        }
        out.next(self, &raws);
    }

    fn value<'t>(&'t self, path: &Path, found: &'t Found, item: Option<&'t str>) -> Value<'t> {
        let levels = found.chain.len();
        let from = match path.start() {
            Start::Key => return found.key.map_or(Value::Tree(None), Value::Text),
            Start::LoopItem => return item.map_or(Value::Tree(None), Value::Text),
            Start::Source => return Value::Text(self.source.name.as_str()),
            Start::Here => Some(found.value),
            Start::Top => found.chain.first().copied(),
            Start::Enclosing(out) => {
                levels.checked_sub(out).and_then(|at| found.chain.get(at)).copied()
            }
        };
        Value::Tree(from.and_then(|from| follow(from, path.steps(), found.own)))
    }
}

enum Value<'t> {
    Text(&'t str),
    Tree(Option<&'t Tree>),
}

/// Whether a path inside an item asks for an object or a list where another thing stands.
fn misfits(path: &Path, item: &Tree) -> bool {
    path.start() == Start::Here
        && match (path.steps().first(), item) {
            (Some(Step::Key(_) | Step::Values), Tree::Map(_)) | (None | Some(Step::Own), _) => {
                false
            }
            (Some(Step::Key(_) | Step::Values), _) => true,
            (Some(Step::Index(_) | Step::Each), Tree::List(_)) => false,
            (Some(Step::Index(_) | Step::Each), _) => true,
        }
}

fn list<'t>(tree: &'t Tree, top: &'t Tree) -> Vec<Found<'t>> {
    let Tree::List(rows) = tree else { return Vec::new() };
    rows.iter().map(|value| Found { value, key: None, chain: vec![top], own: 0 }).collect()
}

/// The value at the end of a path; of a list of objects, the last that has the rest.
fn follow<'t>(from: &'t Tree, steps: &[Step], own: usize) -> Option<&'t Tree> {
    let Some((step, rest)) = steps.split_first() else { return Some(from) };
    match (step, from) {
        (Step::Key(key), _) => follow(from.get(key)?, rest, own),
        (Step::Index(place), Tree::List(list)) => follow(list.get(*place)?, rest, own),
        (Step::Own, Tree::List(list)) => follow(list.get(own)?, rest, own),
        (Step::Each, Tree::List(list)) => {
            list.iter().rev().find_map(|value| follow(value, rest, own))
        }
        // XML writes a list of one as the one.
        (Step::Each, single) => follow(single, rest, own),
        (Step::Values, Tree::Map(pairs)) => {
            pairs.iter().rev().find_map(|(_, value)| follow(value, rest, own))
        }
        _ => None,
    }
}

fn raw(tree: &Tree, out: &mut Extraction) -> Raw {
    match tree {
        Tree::Null => Raw::Absent,
        Tree::Bool(value) => Raw::Bool(*value),
        Tree::Int(value) => Raw::Int(*value),
        Tree::Float(value) => Raw::Float(*value),
        Tree::Text(text) => Raw::Text(out.keep(text)),
        Tree::List(_) | Tree::Map(_) | Tree::Bad(_) => Raw::Nested,
    }
}
