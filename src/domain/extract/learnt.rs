//! What the items of one plan have looked like: a graph of the bytes that stand between their
//! scalars. An item that takes known ways only is read by comparing these bytes, without a look at
//! structure and keys. The reader of [`super::stream`] stays the judge: it reads every item for
//! which there is no way, and only what it could read is learnt.
//!
//! A state is all that this reader holds behind a scalar: the lists and objects that are open,
//! what is wanted of each, which wanted keys it has passed. So the same bytes lead from the same
//! state to the same scalar, with the same slots, and then to the same state.

use super::plan::Plan;
use crate::domain::form::raw::Raw;
use crate::domain::json::{Cursor, Token, number, scalar};
use crate::domain::limits::LEARNT_BYTES;
use crate::domain::path::Path;
use std::collections::HashMap;
use std::fmt;
use std::hash::BuildHasher;

/// Ways of one plan, as [`LEARNT_BYTES`] says, and ways out of one state.
const WAYS: usize = LEARNT_BYTES / 8;
const WAYS_OUT: usize = 16;

/// How much is risked on items that find no way, and what each of them costs; a found one gives
/// one back. Where it is used up, one item in so many is tried.
const CREDIT: u32 = 2_048;
const COST: u32 = 4;
const RARELY: u32 = 64;

const NONE: u32 = u32::MAX;

/// What an open list or object is to the reader.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Level {
    pub is_object: bool,
    /// The node of the plan that stands here; 0 where nothing is wanted.
    pub node: u32,
    /// Wanted keys that were passed.
    pub seen: u128,
    /// Of a list of which single places are wanted, the next of them; of an object, a hash of the
    /// last key, which tells the usual order of keys and is not needed.
    pub place: u64,
}

/// From one scalar to the next.
#[derive(Clone)]
struct Way {
    /// The bytes before the scalar.
    from: u32,
    to: u32,
    /// The slots that take the scalar; no scalar where the item ends.
    slots: (u32, u32),
    /// The state behind it, [`NONE`] at the end of the item.
    next: u32,
    /// Another way out of the same state.
    other: u32,
}

#[derive(Clone, Default)]
pub(super) struct Learnt {
    /// Whether it never learns.
    plain: bool,
    /// What it is about: all that a plan's tree of an item is made of, and how deep it stands.
    paths: Vec<Path>,
    at: Option<Path>,
    bytes: Vec<u8>,
    slots: Vec<usize>,
    ways: Vec<Way>,
    /// The first way out of each state; the first state is that before an item.
    states: Vec<u32>,
    names: HashMap<Box<[Level]>, u32>,
    credit: u32,
    tries: u32,
}

/// How an item was tried.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tried {
    Not,
    Failed,
    Read,
}

impl Learnt {
    pub fn new() -> Learnt {
        Learnt { states: vec![NONE], credit: CREDIT, ..Learnt::default() }
    }

    /// It never learns: the reader reads each item by the book.
    pub fn plain() -> Learnt {
        Learnt { plain: true, ..Learnt::default() }
    }

    /// Forgets what is about another plan.
    pub fn start(&mut self, plan: &Plan) {
        let at = plan.source.items.at();
        if self.at.as_ref() != Some(at) || self.paths != plan.slots.paths {
            *self = Learnt {
                plain: self.plain,
                paths: plan.slots.paths.clone(),
                at: Some(at.clone()),
                ..Learnt::new()
            };
        }
    }

    /// Reads the item at the cursor, if it takes known ways only. Else the cursor has not moved,
    /// but some of the item may have been put already.
    pub fn read<'b>(
        &mut self,
        cursor: &mut Cursor<'b>,
        put: impl FnMut(&[usize], Raw<'b>),
    ) -> Tried {
        self.tries = self.tries.wrapping_add(1);
        if self.plain || self.credit == 0 && !self.tries.is_multiple_of(RARELY) {
            return Tried::Not;
        }
        match self.follow(cursor, put) {
            Some(end) => {
                cursor.go_to(end);
                self.credit = (self.credit + 1).min(CREDIT);
                Tried::Read
            }
            None => {
                self.credit = self.credit.saturating_sub(COST);
                Tried::Failed
            }
        }
    }

    fn follow<'b>(
        &self,
        cursor: &Cursor<'b>,
        mut put: impl FnMut(&[usize], Raw<'b>),
    ) -> Option<usize> {
        let bytes = cursor.bytes();
        let (mut at, mut state) = (cursor.at(), 0);
        'next: loop {
            let mut way = *self.states.get(state)?;
            loop {
                let Way { from, to, slots, next, other } = self.ways.get(way as usize)?;
                let known = self.bytes.get(*from as usize..*to as usize)?;
                let begin = at + known.len();
                if bytes.get(at..begin).is_some_and(|found| same(found, known)) {
                    if *next == NONE {
                        return Some(begin);
                    }
                    let end = match slots.0 == slots.1 {
                        true => scalar(bytes, begin),
                        false => {
                            let slots = self.slots.get(slots.0 as usize..slots.1 as usize)?;
                            wanted(bytes, begin, |raw| put(slots, raw))
                        }
                    };
                    if let Some(end) = end {
                        (at, state) = (end, *next as usize);
                        continue 'next;
                    }
                }
                way = *other;
            }
        }
    }

    /// A hash of a key that no answer can foresee.
    pub fn hash(&self, key: &[u8]) -> u64 {
        self.names.hasher().hash_one(key)
    }

    /// Whether any more can be learnt.
    pub fn is_full(&self) -> bool {
        self.bytes.len() >= LEARNT_BYTES || self.ways.len() >= WAYS
    }

    /// The way from a state over these bytes to a scalar, or to the end of the item: new or not.
    /// Gives the state behind it.
    pub fn way(
        &mut self,
        state: u32,
        bytes: &[u8],
        to: Option<(&[usize], &[Level])>,
    ) -> Option<u32> {
        let mut last = NONE;
        let mut way = *self.states.get(state as usize)?;
        let mut count = 0;
        while let Some(known) = self.ways.get(way as usize) {
            let ends = known.next == NONE;
            if self.bytes.get(known.from as usize..known.to as usize)? == bytes
                && ends == to.is_none()
            {
                return Some(known.next);
            }
            (last, way, count) = (way, known.other, count + 1);
        }
        if count >= WAYS_OUT || self.is_full() {
            return None;
        }
        let way = self.new_way(bytes, to);
        let place = self.ways.len() as u32;
        let next = way.next;
        self.ways.push(way);
        match self.ways.get_mut(last as usize) {
            Some(last) => last.other = place,
            None => *self.states.get_mut(state as usize)? = place,
        }
        Some(next)
    }

    fn new_way(&mut self, bytes: &[u8], to: Option<(&[usize], &[Level])>) -> Way {
        let from = self.bytes.len() as u32;
        self.bytes.extend_from_slice(bytes);
        let first = self.slots.len() as u32;
        self.slots.extend_from_slice(to.map_or(&[], |(slots, _)| slots));
        let slots = (first, self.slots.len() as u32);
        let next = to.map_or(NONE, |(_, levels)| self.state(levels));
        Way { from, to: self.bytes.len() as u32, slots, next, other: NONE }
    }

    fn state(&mut self, levels: &[Level]) -> u32 {
        if let Some(known) = self.names.get(levels) {
            return *known;
        }
        let state = self.states.len() as u32;
        self.states.push(NONE);
        self.names.insert(levels.into(), state);
        state
    }
}

/// What is learnt is no part of what was read.
impl fmt::Debug for Learnt {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("..")
    }
}

/// Hands over the scalar that begins there, and gives its end.
#[inline(always)]
fn wanted<'b>(bytes: &'b [u8], at: usize, put: impl FnOnce(Raw<'b>)) -> Option<usize> {
    if let Some(end) = number(bytes, at) {
        let text = std::str::from_utf8(bytes.get(at..end)?).ok()?;
        put(Raw::Number(text));
        return Some(end);
    }
    unusual(bytes, at, put)
}

fn unusual<'b>(bytes: &'b [u8], at: usize, put: impl FnOnce(Raw<'b>)) -> Option<usize> {
    let mut cursor = Cursor::new(bytes);
    cursor.go_to(at);
    let raw = match cursor.token().ok()? {
        Token::Text(text) => Raw::of_json(&text),
        Token::Word(word) => Raw::of_word(word),
        Token::Object | Token::List => return None,
    };
    put(raw);
    Some(cursor.at())
}

/// Whether two slices of one length are the same; most are short, so this makes no call.
#[inline(always)]
fn same(a: &[u8], b: &[u8]) -> bool {
    if let (Some(x), Some(y)) = (a.last_chunk::<16>(), b.last_chunk::<16>()) {
        let pairs = a.as_chunks::<16>().0.iter().zip(b.as_chunks::<16>().0);
        return pairs.fold(x == y, |all, (p, q)| all & (p == q));
    }
    if let (Some(x), Some(y)) = (a.last_chunk::<8>(), b.last_chunk::<8>())
        && let (Some(p), Some(q)) = (a.first_chunk::<8>(), b.first_chunk::<8>())
    {
        return (x == y) & (p == q);
    }
    a == b
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn slices_are_the_same_when_they_are_equal(
            a in proptest::collection::vec(0u8..3, 0..40), at in any::<proptest::sample::Index>(),
        ) {
            let mut b = a.clone();
            prop_assert!(same(&a, &b));
            if !b.is_empty() {
                b[at.index(a.len())] ^= 1;
                prop_assert!(!same(&a, &b));
            }
        }
    }
}
