//! Walking: the items of a document that was built, for all that a stream cannot do: values
//! from the top or from the enclosing element, objects as lists, parallel arrays, rows, XML.

use super::answer::{lines, not_json};
use super::item::Extraction;
use super::plan::Plan;
use super::raw::Raw;
use super::tree::{Element, Tree};
use crate::domain::path::{Path, Start, Step};
use crate::domain::source::Format;

/// One item, and what it stands in.
#[derive(Clone)]
struct Found<'t> {
    value: &'t Tree,
    /// The key under which it stands, if in an object.
    key: Option<&'t str>,
    /// The enclosing elements, the outermost first: objects, and lists that stand in lists.
    around: Vec<&'t Tree>,
    /// Its place in parallel arrays.
    own: usize,
}

impl<'t> Found<'t> {
    fn top(value: &'t Tree) -> Found<'t> {
        Found { value, key: None, around: Vec::new(), own: 0 }
    }

    /// One step inwards.
    fn inside(&self, value: &'t Tree, key: Option<&'t str>) -> Found<'t> {
        let mut around = self.around.clone();
        around.push(self.value);
        Found { value, key, around, own: 0 }
    }
}

impl Plan {
    /// Extracts a snapshot by building its document.
    pub(super) fn walk(&self, bytes: &[u8], item: Option<&str>, out: &mut Extraction) {
        let tree = match self.source.fetch.format {
            Format::Ndjson => return self.walk_lines(bytes, item, out),
            Format::Csv => self.rows(bytes),
            Format::Xml => self.elements(bytes),
            Format::Json => Tree::json(bytes).map_err(|flaw| not_json(bytes, &flaw)),
        };
        if let Err(why) = tree.and_then(|tree| self.walk_tree(&tree, item, out)) {
            out.give_up(why);
        }
    }

    fn walk_lines(&self, bytes: &[u8], item: Option<&str>, out: &mut Extraction) {
        for line in lines(bytes) {
            match Tree::json(line) {
                Ok(tree) => {
                    self.enter(&Found::top(&tree), &Outer::new(self, &tree), item, out);
                }
                Err(flaw) => out.spoil(not_json(line, &flaw)),
            }
        }
    }

    fn walk_tree(
        &self,
        tree: &Tree,
        item: Option<&str>,
        out: &mut Extraction,
    ) -> Result<(), String> {
        let found = match tree {
            Tree::List(rows) if self.source.fetch.format == Format::Csv => {
                rows.iter().map(Found::top).collect()
            }
            _ => self.found(tree)?,
        };
        let mut outer = Outer::new(self, tree);
        for found in &found {
            outer.move_to(self, found);
            self.enter(found, &outer, item, out);
        }
        Ok(())
    }

    fn found<'t>(&self, tree: &'t Tree) -> Result<Vec<Found<'t>>, String> {
        let mut spread = Spread { plan: self, found: Vec::new(), missing: false };
        spread.go(Found::top(tree), self.source.items.at().steps(), false)?;
        // Where lists stand in elements, one that is left out is empty; all of them are a change.
        // XML has no other way to write an empty list.
        let changed = spread.missing && self.source.fetch.format != Format::Xml;
        let mut found = spread.found;
        if found.is_empty() && changed {
            return Err(self.none());
        }
        if !self.slots.paths.iter().any(Path::is_own) {
            return Ok(found);
        }
        match found.pop() {
            Some(object) => self.places(object),
            None => Ok(found),
        }
    }

    fn none(&self) -> String {
        let at = self.source.items.at();
        let thing = if at.fans() > 0 { "list of items" } else { "object" };
        format!("no {thing} at {at}")
    }

    /// The places of parallel arrays, which must be of one length.
    fn places<'t>(&self, object: Found<'t>) -> Result<Vec<Found<'t>>, String> {
        let mut lengths: Vec<(String, usize)> = Vec::new();
        for path in self.slots.paths.iter().filter(|path| path.is_own()) {
            let before = path.steps().iter().take_while(|step| **step != Step::Own);
            match array(object.value, before) {
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
        Ok((0..length).map(|own| Found { own, ..object.clone() }).collect())
    }

    fn enter<'t>(
        &'t self,
        found: &Found<'t>,
        outer: &Outer<'t>,
        item: Option<&'t str>,
        out: &mut Extraction,
    ) {
        if let (true, Tree::Row(..)) = (out.is_skipped(), found.value) {
            let raws = self.raws(found, outer, item);
            return out.pass_row(self, &raws);
        }
        if out.is_skipped() {
            return out.pass();
        }
        if let Tree::BadRow(why) = found.value {
            return out.spoil(why.clone());
        }
        let mut wants = self.slots.paths.iter().filter(|path| path.start() == Start::Here);
        if let Some(path) = wants.find(|path| misfits(path, found.value)) {
            return out.spoil(match path.steps().first() {
                Some(Step::Key(_)) => "the item is not an object".into(),
                _ => "the item is not a list".into(),
            });
        }
        let raws = self.raws(found, outer, item);
        out.next(self, &raws);
    }

    fn raws<'t>(
        &'t self,
        found: &Found<'t>,
        outer: &Outer<'t>,
        item: Option<&'t str>,
    ) -> Vec<Raw<'t>> {
        let paths = self.slots.paths.iter().zip(&outer.raws);
        paths.map(|(path, raw)| self.value(path, found, raw, outer.top, item)).collect()
    }

    fn value<'t>(
        &'t self,
        path: &Path,
        found: &Found<'t>,
        outer: &Raw<'t>,
        top: &'t Tree,
        item: Option<&'t str>,
    ) -> Raw<'t> {
        let text = |text: Option<&'t str>| text.map_or(Raw::Absent, Raw::of_text);
        match path.start() {
            Start::Key => text(found.key),
            Start::LoopItem => text(item),
            Start::Source => text(Some(self.source.name.as_str())),
            Start::Here => found.value.find(path.steps(), found.own),
            Start::Top if path.is_own() => top.find(path.steps(), found.own),
            Start::Top | Start::Enclosing(_) => outer.clone(),
        }
    }
}

/// The values that stand outside of the items, by slot: sought once for all items that share what
/// encloses them.
struct Outer<'t> {
    top: &'t Tree,
    raws: Vec<Raw<'t>>,
    around: Vec<&'t Tree>,
}

impl<'t> Outer<'t> {
    fn new(plan: &Plan, top: &'t Tree) -> Outer<'t> {
        let of_top = |path: &Path| match path.start() {
            Start::Top => top.find(path.steps(), 0),
            _ => Raw::Absent,
        };
        let raws = plan.slots.paths.iter().map(of_top).collect();
        Outer { top, raws, around: Vec::new() }
    }

    fn move_to(&mut self, plan: &Plan, found: &Found<'t>) {
        let same = self.around.len() == found.around.len()
            && self.around.iter().zip(&found.around).all(|(a, b)| std::ptr::eq(*a, *b));
        if same {
            return;
        }
        self.around.clone_from(&found.around);
        for (raw, path) in self.raws.iter_mut().zip(&plan.slots.paths) {
            if let Start::Enclosing(_) = path.start() {
                let from = outside(path, found);
                *raw = from.map_or(Raw::Absent, |from| from.find(path.steps(), 0));
            }
        }
    }
}

fn outside<'t>(path: &Path, found: &Found<'t>) -> Option<&'t Tree> {
    match path.start() {
        Start::Enclosing(out) => {
            found.around.len().checked_sub(out).and_then(|at| found.around.get(at)).copied()
        }
        _ => None,
    }
}

/// Follows `at`; what lies on the way must be there.
struct Spread<'p, 't> {
    plan: &'p Plan,
    found: Vec<Found<'t>>,
    /// Whether a list was left out in an element of an outer list.
    missing: bool,
}

impl<'t> Spread<'_, 't> {
    /// `inner`: in an element of an outer list.
    fn go(&mut self, from: Found<'t>, steps: &[Step], inner: bool) -> Result<(), String> {
        let Some((step, rest)) = steps.split_first() else {
            self.found.push(from);
            return Ok(());
        };
        match (step, from.value) {
            (Step::Key(key), Tree::Map(pairs)) => {
                let mut named = pairs.iter().filter(|(name, _)| **name == **key);
                match (named.next(), named.next()) {
                    (Some((_, value)), None) => self.go(from.inside(value, None), rest, inner),
                    (None, _) => self.without(inner),
                    _ => Err("the list of items stands twice in it".into()),
                }
            }
            (Step::Key(key), Tree::Element(element)) => {
                self.children(&from, element, key, rest, inner)
            }
            (Step::Index(place), Tree::List(list)) => match list.get(*place) {
                Some(value) => self.go(Found { value, ..from }, rest, inner),
                None => self.without(inner),
            },
            (Step::Each, Tree::List(list)) => {
                let nested =
                    from.around.is_empty() || matches!(from.around.last(), Some(Tree::List(_)));
                list.iter().try_for_each(|value| {
                    let element = match nested {
                        true => from.inside(value, None),
                        false => Found { value, ..from.clone() },
                    };
                    self.go(element, rest, true)
                })
            }
            (Step::Each, Tree::Null) if inner => Ok(()),
            (Step::Each, Tree::Element(_)) => self.go(from, rest, true),
            (Step::Values, Tree::Map(pairs)) => pairs
                .iter()
                .try_for_each(|(key, value)| self.go(from.inside(value, Some(key)), rest, true)),
            _ => Err(self.plan.none()),
        }
    }

    fn without(&mut self, inner: bool) -> Result<(), String> {
        self.missing = true;
        if inner { Ok(()) } else { Err(self.plan.none()) }
    }

    /// Children of one name are a list where the path asks for one; without any, an empty one.
    fn children(
        &mut self,
        from: &Found<'t>,
        element: &'t Element,
        key: &str,
        rest: &[Step],
        inner: bool,
    ) -> Result<(), String> {
        let mut named = element.children(key).map(|child| from.inside(child, None));
        match rest.split_first() {
            Some((Step::Each, rest)) => named
                .collect::<Vec<_>>()
                .into_iter()
                .try_for_each(|child| self.go(child, rest, true)),
            Some((Step::Index(place), rest)) => match named.nth(*place) {
                Some(child) => self.go(child, rest, inner),
                None => self.without(inner),
            },
            _ => match (named.next(), named.next()) {
                (Some(child), None) => self.go(child, rest, inner),
                (None, _) => self.without(inner),
                _ => {
                    Err(format!("there are several {key}: at = \"...{key}[*]...\" takes them all"))
                }
            },
        }
    }
}

/// Whether a path inside an item asks for an object or a list where another thing stands.
fn misfits(path: &Path, item: &Tree) -> bool {
    !matches!(
        (path.steps().first(), item),
        (None | Some(Step::Own), _)
            | (_, Tree::Element(_) | Tree::Row(..))
            | (Some(Step::Key(_) | Step::Values), Tree::Map(_))
            | (Some(Step::Index(_) | Step::Each), Tree::List(_))
    )
}

fn array<'t, 's>(from: &'t Tree, mut steps: impl Iterator<Item = &'s Step>) -> Option<&'t Tree> {
    steps.try_fold(from, |tree, step| match (step, tree) {
        (Step::Key(key), Tree::Map(pairs)) => {
            pairs.iter().find(|(name, _)| **name == **key).map(|(_, value)| value)
        }
        (Step::Index(place), Tree::List(list)) => list.get(*place),
        _ => None,
    })
}
