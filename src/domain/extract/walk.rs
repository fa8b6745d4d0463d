//! Walking: the items of a document that was built, for all that a stream cannot do: values
//! from the top or from the enclosing element, objects as lists, parallel arrays, rows, XML.

use super::item::Extraction;
use super::outer::{Found, Outer};
use super::plan::Plan;
use crate::domain::css::Css;
use crate::domain::form::csv::{Column, Declared, Line, Table};
use crate::domain::form::html::Node;
use crate::domain::form::json::not_json;
use crate::domain::form::ndjson::lines;
use crate::domain::form::raw::Raw;
use crate::domain::form::tree::{Element, Tree};
use crate::domain::form::{Document, Reading};
use crate::domain::path::{Path, Start, Step};
use crate::domain::source::Kind;

impl Plan {
    /// Extracts a snapshot by building its document.
    pub(super) fn walk(&self, bytes: &[u8], item: Option<&str>, out: &mut Extraction) {
        let walked = match self.source.fetch.format.reading {
            Reading::Document(read) => self.walk_document(read, bytes, item, out),
            Reading::Lines => self.walk_lines(bytes, item, out),
            Reading::Rows => self.walk_rows(bytes, item, out),
        };
        if let Err(why) = walked {
            out.give_up(why);
        }
    }

    fn walk_document(
        &self,
        read: Document,
        bytes: &[u8],
        item: Option<&str>,
        out: &mut Extraction,
    ) -> Result<(), String> {
        let (budget, mut walked) = (std::mem::take(&mut out.budget), Ok(()));
        let mut walk = |tree: &Tree| {
            out.budget.clone_from(&budget);
            walked = self.walk_tree(tree, item, out);
        };
        read(bytes, &self.source.fetch.written, &budget, &mut walk).and(walked)
    }

    fn walk_lines(
        &self,
        bytes: &[u8],
        item: Option<&str>,
        out: &mut Extraction,
    ) -> Result<(), String> {
        for line in lines(bytes) {
            match Tree::json(line, &out.budget) {
                Ok(tree) => {
                    let outer = Outer::new(self, &tree, item, out);
                    self.enter(Found::top(&tree), &outer, out);
                }
                Err(flaw) => out.spoil(not_json(line, &flaw)),
            }
        }
        Ok(())
    }

    /// What is declared of rows.
    pub(super) fn rows(&self) -> Declared<'_> {
        let (form, skip) = (self.source.fetch.written.csv, self.source.items.place().skip as usize);
        Declared { form, skip, paths: &self.slots.paths }
    }

    /// Rows go by one by one; only where a path begins at the top are all of them held.
    fn walk_rows(
        &self,
        bytes: &[u8],
        item: Option<&str>,
        out: &mut Extraction,
    ) -> Result<(), String> {
        let mut table = self.rows().table(bytes)?;
        let columns =
            table.names.as_ref().map(|names| self.rows().columns_of(names)).unwrap_or_default();
        let whole = self.slots.paths.iter().any(|path| path.start() == Start::Top);
        let (mut held, nothing) = (Vec::new(), Tree::List(Vec::new()));
        let outer = Outer::new(self, &nothing, item, out);
        for _ in 0..table.passed {
            out.spoil("it is before the header".into());
        }
        while let Some(line) = table.next()? {
            let cells = line.as_ref().map_or(1, csv::ByteRecord::len);
            if whole {
                out.budget.nodes(1 + cells as u64).map_err(|over| over.to_string())?;
                held.push(line);
                continue;
            }
            out.budget.work(cells + self.slots.paths.len());
            let row = table.item(&line);
            self.enter(Found { columns: &columns, ..Found::top(&row) }, &outer, out);
        }
        if whole {
            self.walk_held(&table, &held, (&columns, item), out);
        }
        Ok(())
    }

    fn walk_held(
        &self,
        table: &Table,
        held: &[Line],
        (columns, item): (&[Column], Option<&str>),
        out: &mut Extraction,
    ) {
        let passed = (0..table.passed).map(|_| Tree::BadRow("it is before the header".into()));
        let tree = Tree::List(passed.chain(held.iter().map(|line| table.item(line))).collect());
        let outer = Outer::new(self, &tree, item, out);
        let Tree::List(rows) = &tree else { return };
        // Those before the header are told already.
        for row in rows.iter().skip(table.passed) {
            self.enter(Found { columns, ..Found::top(row) }, &outer, out);
        }
    }

    fn walk_tree(
        &self,
        tree: &Tree,
        item: Option<&str>,
        out: &mut Extraction,
    ) -> Result<(), String> {
        let outer = Outer::new(self, tree, item, out);
        let (around, found) = (Vec::new(), (0, 0));
        let mut spread = Spread { plan: self, around, outer, out, missing: false, found };
        spread.go(Found::top(tree), self.source.items.at().steps(), false)?;
        // Where lists stand in elements, one that is left out is empty; all of them are a change,
        // but where that is how an empty list is written.
        let format = self.source.fetch.format;
        let changed = spread.missing && (!format.tags || format.is_page);
        match spread.found {
            (0, 0) if changed => Err(self.none()),
            (0, 1..) => Err(self.none()),
            _ => Ok(()),
        }
    }

    fn none(&self) -> String {
        let at = self.source.items.at();
        let thing = match self.source.fetch.format.is_page {
            true => "element",
            false if at.fans() > 0 => "list of items",
            false => "object",
        };
        format!("no {thing} at {at}")
    }

    /// How many places parallel arrays have, which must be of one length.
    fn places(&self, object: &Tree) -> Result<usize, String> {
        let mut first: Option<(&Path, usize)> = None;
        for path in self.slots.paths.iter().filter(|path| path.is_own()) {
            let before = path.steps().iter().take_while(|step| **step != Step::Own);
            let length = match array(object, before) {
                Some(Tree::List(list)) => list.len(),
                None | Some(Tree::Null) => continue,
                Some(_) => return Err(format!("no array at {path}")),
            };
            match first {
                Some((known, wanted)) if wanted != length => {
                    return Err(format!(
                        "parallel arrays differ in length: {known} has {wanted}, {path} {length}"
                    ));
                }
                _ => first = first.or(Some((path, length))),
            }
        }
        let none = || format!("no array of what is declared at {}", self.source.items.at());
        first.map(|(_, length)| length).ok_or_else(none)
    }

    fn enter<'f>(&'f self, found: Found<'f, '_>, outer: &Outer<'f, '_>, out: &mut Extraction) {
        if let (true, Tree::Row(..)) = (out.is_skipped(), found.value) {
            let raws = self.raws(found, outer, out);
            return out.pass_row(self, &raws);
        }
        if out.is_skipped() {
            return out.pass();
        }
        if let Tree::BadRow(why) = found.value {
            return out.spoil(why.to_string());
        }
        let mut wants = self.slots.paths.iter().filter(|path| path.start() == Start::Here);
        if let Some(path) = wants.find(|path| misfits(path, found.value)) {
            return out.spoil(match path.steps().first() {
                Some(Step::Key(_)) => "the item is not an object".into(),
                _ => "the item is not a list".into(),
            });
        }
        let raws = self.raws(found, outer, out);
        out.next(self, &raws);
    }

    /// Whether a number may be read at a slot.
    fn is_measured(&self, slot: usize) -> bool {
        let fields = self.source.fields.iter().zip(&self.slots.fields);
        let mut numbers = fields.filter(|(field, _)| field.kind != Kind::Text);
        self.slots.filters.contains(&slot) || numbers.any(|(_, slots)| slots.contains(&slot))
    }

    fn raws<'f>(
        &'f self,
        found: Found<'f, '_>,
        outer: &Outer<'f, '_>,
        out: &Extraction,
    ) -> Vec<Raw<'f>> {
        let paths = self.slots.paths.iter().enumerate();
        let raw = |(slot, path)| {
            let raw = outer.value(self, (slot, path), found, &out.budget);
            match self.source.fetch.format.is_page && !self.is_measured(slot) {
                true => raw.on_one_line(),
                false => raw,
            }
        };
        paths.map(raw).collect()
    }
}

/// Follows `at`; what lies on the way must be there.
struct Spread<'p, 'f, 't> {
    plan: &'f Plan,
    /// The enclosing elements, the outermost first: objects, and lists that stand in lists.
    around: Vec<&'f Tree<'t>>,
    outer: Outer<'f, 't>,
    out: &'p mut Extraction,
    /// Whether a list was left out in an element of an outer list.
    missing: bool,
    /// How many items there are, and how many things where a list was due.
    found: (u32, u32),
}

impl<'f, 't> Spread<'_, 'f, 't> {
    /// `inner`: in an element of an outer list.
    fn go(&mut self, from: Found<'f, 't>, steps: &[Step], inner: bool) -> Result<(), String> {
        let Some((step, rest)) = steps.split_first() else { return self.take(from) };
        let (value, budget) = (from.value, &self.out.budget);
        budget.work(1);
        match (step, value) {
            (Step::Key(key), Tree::Map(pairs)) => {
                budget.work(pairs.len());
                let mut named = pairs.iter().filter(|(name, _)| **name == **key);
                match (named.next(), named.next()) {
                    (Some((_, value)), None) => {
                        self.into(from.inside(value, None), from, rest, inner)
                    }
                    (None, _) => self.without(inner),
                    _ => Err("the list of items stands twice in it".into()),
                }
            }
            (Step::Key(key), Tree::Element(element)) => {
                budget.work(element.pairs.len());
                self.children(from, element, key, rest, inner)
            }
            (Step::Index(place), Tree::List(list)) => match list.get(*place) {
                Some(value) => self.go(Found { value, ..from }, rest, inner),
                None => self.without(inner),
            },
            (Step::Each, Tree::List(list)) => {
                let nested = matches!(self.around.last(), None | Some(Tree::List(_)));
                list.iter().try_for_each(|value| match nested {
                    true => self.into(from.inside(value, None), from, rest, true),
                    false => self.go(Found { value, ..from }, rest, true),
                })
            }
            (Step::Select(css), Tree::Page(page, nodes)) => self.elements(css, *page, nodes),
            (Step::Each, Tree::Null) if inner => Ok(()),
            (Step::Each, Tree::Element(_)) => self.go(from, rest, true),
            (Step::Values, Tree::Map(pairs)) => pairs.iter().try_for_each(|(key, value)| {
                self.into(from.inside(value, Some(key)), from, rest, true)
            }),
            // One of many is something else: it costs its own place.
            _ if inner => {
                self.found.1 += 1;
                self.out.spoil(self.plan.none());
                Ok(())
            }
            _ => Err(self.plan.none()),
        }
    }

    /// Goes on in a value that the one before encloses.
    fn into(
        &mut self,
        value: Found<'f, 't>,
        from: Found<'f, 't>,
        steps: &[Step],
        inner: bool,
    ) -> Result<(), String> {
        self.around.push(from.value);
        let gone = self.go(value, steps, inner);
        self.around.pop();
        gone
    }

    /// The end of the path: an item, or the object that holds parallel arrays of them.
    fn take(&mut self, found: Found<'f, 't>) -> Result<(), String> {
        self.outer.move_to(self.plan, &self.around, self.out);
        let places = match self.plan.slots.paths.iter().any(Path::is_own) {
            true => self.plan.places(found.value)?,
            false => 1,
        };
        self.outer.hold(self.plan, found.value, &self.out.budget);
        for own in 0..places {
            self.plan.enter(Found { own, ..found }, &self.outer, self.out);
        }
        self.found.0 = self.found.0.saturating_add(1);
        self.out.budget.check().map_err(|over| over.to_string())
    }

    /// Each element of a page that matches; what encloses it are the elements around it. A page
    /// with none may be another than it was, unless it is declared that it may be empty.
    fn elements(&mut self, css: &Css, page: Node<'t>, nodes: &'f [Tree<'t>]) -> Result<(), String> {
        let places: Vec<usize> =
            page.select(css, &self.out.budget).map(|node| node.place()).collect();
        self.out.budget.check().map_err(|over| over.to_string())?;
        self.missing = places.is_empty() && !self.plan.source.items.place().may_be_empty;
        for value in places.into_iter().filter_map(|place| nodes.get(place)) {
            let Tree::Node(node) = value else { continue };
            self.around = node.around().filter_map(|around| nodes.get(around.place())).collect();
            self.around.reverse();
            self.out.budget.work(self.around.len());
            self.take(Found::top(value))?;
        }
        self.around.clear();
        Ok(())
    }

    fn without(&mut self, inner: bool) -> Result<(), String> {
        self.missing = true;
        if inner { Ok(()) } else { Err(self.plan.none()) }
    }

    /// Children of one name are a list where the path asks for one; without any, an empty one.
    fn children(
        &mut self,
        from: Found<'f, 't>,
        element: &'f Element<'t>,
        key: &str,
        rest: &[Step],
        inner: bool,
    ) -> Result<(), String> {
        let mut named = element.children(key).map(|child| from.inside(child, None));
        match rest.split_first() {
            Some((Step::Each, rest)) => {
                named.try_for_each(|child| self.into(child, from, rest, true))
            }
            Some((Step::Index(place), rest)) => match named.nth(*place) {
                Some(child) => self.into(child, from, rest, inner),
                None => self.without(inner),
            },
            _ => match (named.next(), named.next()) {
                (Some(child), None) => self.into(child, from, rest, inner),
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
            | (_, Tree::Element(_) | Tree::Row(..) | Tree::Page(..) | Tree::Node(_))
            | (Some(Step::Key(_) | Step::Values), Tree::Map(_))
            | (Some(Step::Index(_) | Step::Each), Tree::List(_))
    )
}

fn array<'f, 't, 's>(
    from: &'f Tree<'t>,
    mut steps: impl Iterator<Item = &'s Step>,
) -> Option<&'f Tree<'t>> {
    steps.try_fold(from, Tree::step)
}
