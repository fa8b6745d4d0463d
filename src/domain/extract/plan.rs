//! The plan: a declaration's paths, compiled into a tree of keys and places.
//! Slots are numbered: those that identify an item, its times, its filters, its fields.

use crate::domain::path::{Path, Start, Step};
use crate::domain::source::{Field, Identity, Items, Kind, Pick, Source, TimePath};
use std::ops::Range;

/// A compiled declaration.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(super) source: Source,
    pub(super) root: Node,
    pub(super) slots: Slots,
    pub(super) route: Route,
}

/// Keys of one object that a stream tells apart.
pub(super) const KEYS_MAX: usize = 128;

/// What each slot is for.
#[derive(Clone, Debug, Default)]
pub(super) struct Slots {
    pub paths: Vec<Path>,
    /// Alternatives of the id or the series.
    pub key: Range<usize>,
    pub time: Range<usize>,
    pub updated: Range<usize>,
    pub filters: Range<usize>,
    /// Alternatives of each field.
    pub fields: Vec<Range<usize>>,
    /// Of each field with nothing of its own, its slot and the grid of its numbers, if any is
    /// declared.
    pub plain: Vec<Option<(usize, Option<f64>)>>,
    /// Paths at which several values may stand.
    pub several: Vec<Path>,
}

/// How an answer is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Route {
    /// One list of items: only the declared branches are visited, nothing is built.
    Stream,
    /// Anything else: the document is built first.
    Tree,
}

/// What to do at one place of the document.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    /// Its number in the tree of an item, from 1.
    pub id: u32,
    pub keys: Vec<(Box<str>, Node)>,
    pub places: Vec<(usize, Node)>,
    /// What to do with each element of a list inside an item.
    pub any: Option<Box<Node>>,
    /// The tree of each item of the list that stands here.
    pub items: Option<Box<Node>>,
    /// Slots that take the scalar that stands here.
    pub slots: Vec<usize>,
}

impl Slots {
    fn new(source: &Source) -> Slots {
        let mut slots = Slots::default();
        let time = |time: &Option<TimePath>| {
            time.as_ref().map(|time| time.paths.clone()).unwrap_or_default()
        };
        match &source.items {
            Items::Samples(samples) => slots.key = slots.add(samples.series.paths().cloned()),
            Items::Records(records) => {
                let (Identity::Own(key) | Identity::Measurement(key)) = &records.id;
                slots.key = slots.add(key.paths().cloned());
                slots.time = slots.add(time(&records.time).into_iter());
                slots.updated = slots.add(time(&records.updated).into_iter());
            }
        }
        let filters = source.items.place().filters.iter();
        slots.filters = slots.add(filters.map(|filter| filter.path.clone()));
        for field in &source.fields {
            let range = slots.add(field.picks.paths().cloned());
            slots.plain.push(plain(field).map(|grid| (range.start, grid)));
            if field.join.is_some() {
                slots.several.extend(field.picks.paths().cloned());
            }
            slots.fields.push(range);
        }
        slots
    }

    fn add(&mut self, paths: impl Iterator<Item = Path>) -> Range<usize> {
        let start = self.paths.len();
        self.paths.extend(paths);
        start..self.paths.len()
    }
}

impl Plan {
    /// Compiles a checked declaration.
    pub fn new(source: &Source) -> Plan {
        let slots = Slots::new(source);
        let mut item = Node::default();
        for (slot, path) in slots.paths.iter().enumerate().filter(|(_, p)| p.start() == Start::Here)
        {
            item.descend(path.steps()).slots.push(slot);
        }
        item.number(&mut 0);
        let route = match slots.several.is_empty() {
            true => route(source, &slots.paths, &item),
            false => Route::Tree,
        };
        let root = match source.fetch.format.is_lines() {
            true => item,
            false => {
                let mut root = Node::default();
                let at = source.items.at().steps();
                let list = at.split(|step| *step == Step::Each).next().unwrap_or_default();
                root.descend(list).items = Some(Box::new(item));
                root
            }
        };
        Plan { source: source.clone(), root, slots, route }
    }

    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Whether several values may stand at a path.
    pub(super) fn takes_several(&self, path: &Path) -> bool {
        self.slots.several.contains(path)
    }

    /// Whether there are values over all items of an answer.
    pub fn aggregates(&self) -> bool {
        !self.source.aggregates.is_empty()
    }

    /// The slots that hold the same in every item of a snapshot.
    pub(super) fn fixed(&self) -> impl Iterator<Item = (usize, Start)> {
        let starts = self.slots.paths.iter().map(Path::start).enumerate();
        starts.filter(|(_, start)| matches!(start, Start::LoopItem | Start::Source))
    }
}

/// The grid of a number that is taken as it stands at its one place.
fn plain(field: &Field) -> Option<Option<f64>> {
    let Kind::Number(measure) = field.kind else { return None };
    let as_it_stands = matches!(field.picks.0[..], [Pick { capture: None, .. }])
        && field.missing.is_empty()
        && field.steps.is_empty()
        && (field.scale, field.offset) == (1.0, 0.0);
    as_it_stands.then_some(measure.resolution)
}

fn route(source: &Source, paths: &[Path], item: &Node) -> Route {
    let here = |path: &Path| {
        let plain = |step: &Step| matches!(step, Step::Key(_) | Step::Index(_) | Step::Each);
        match path.start() {
            Start::Here => path.steps().iter().all(plain),
            start => matches!(start, Start::LoopItem | Start::Source),
        }
    };
    let at = source.items.at().steps();
    let list = match at.split_last() {
        _ if source.fetch.format.is_lines() => at.is_empty(),
        Some((Step::Each, before)) => {
            before.iter().all(|step| matches!(step, Step::Key(_) | Step::Index(_)))
        }
        _ => false,
    };
    let simple = source.fetch.format.streams && list && paths.iter().all(here) && !item.is_torn();
    if simple { Route::Stream } else { Route::Tree }
}

impl Node {
    /// The node at the end of `steps`, made where it is not there yet.
    fn descend(&mut self, steps: &[Step]) -> &mut Node {
        let Some((step, rest)) = steps.split_first() else {
            return self;
        };
        match step {
            Step::Key(key) => child(&mut self.keys, key.as_str().into()).descend(rest),
            Step::Index(place) => child(&mut self.places, *place).descend(rest),
            Step::Each => self.any.get_or_insert_default().descend(rest),
            Step::Values | Step::Own | Step::Select(_) => self,
        }
    }

    /// Whether an element of a list somewhere below is wanted in two ways, or more keys of an
    /// object than are told apart.
    fn is_torn(&self) -> bool {
        let twice = self.any.is_some() && !self.places.is_empty();
        twice || self.keys.len() > KEYS_MAX || self.below().any(Node::is_torn)
    }

    fn number(&mut self, last: &mut u32) {
        *last += 1;
        self.id = *last;
        let keys = self.keys.iter_mut().map(|(_, node)| node);
        let places = self.places.iter_mut().map(|(_, node)| node);
        keys.chain(places).chain(self.any.as_deref_mut()).for_each(|node| node.number(last));
    }

    fn below(&self) -> impl Iterator<Item = &Node> {
        let keys = self.keys.iter().map(|(_, node)| node);
        keys.chain(self.places.iter().map(|(_, node)| node)).chain(self.any.as_deref())
    }

    /// All slots that stand here or below.
    pub fn all_slots(&self, each: &mut dyn FnMut(usize)) {
        self.slots.iter().for_each(|slot| each(*slot));
        self.below().for_each(|node| node.all_slots(each));
    }

    /// Whether the list of items stands here or below.
    pub fn holds_items(&self) -> bool {
        self.items.is_some() || self.below().any(Node::holds_items)
    }

    pub fn wants_object(&self) -> bool {
        !self.keys.is_empty()
    }

    pub fn wants_list(&self) -> bool {
        self.items.is_some() || self.any.is_some() || !self.places.is_empty()
    }
}

fn child<K: PartialEq>(children: &mut Vec<(K, Node)>, key: K) -> &mut Node {
    let place = children.iter().position(|(name, _)| *name == key).unwrap_or(children.len());
    if place == children.len() {
        children.push((key, Node::default()));
    }
    &mut children[place].1
}
