//! The keys and texts that are kept of one answer, one behind the other. A text that many items
//! have in common, since it stands around them, is kept once.

use super::value::Span;
use crate::domain::limits::TEXTS;

/// Room that is kept from one answer to the next, in bytes.
const ROOM: usize = 8 << 20;

#[derive(Clone, Debug, Default)]
pub(super) struct Kept {
    text: String,
    full: bool,
    /// Of each slot, whether its text is that of many items.
    shared: Vec<Shared>,
}

/// A text of a slot, over several items.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
enum Shared {
    /// Each item has its own.
    #[default]
    No,
    /// The next ones have the same, which is not kept yet.
    Next,
    Kept(Span),
}

impl Kept {
    pub fn clear(&mut self) {
        self.text.clear();
        self.text.shrink_to(ROOM);
        self.full = false;
        self.shared.clear();
    }

    pub fn start(&mut self, slots: usize) {
        self.shared.resize(slots, Shared::No);
    }

    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// Whether they come to more than is kept.
    pub fn is_full(&self) -> bool {
        self.full
    }

    pub fn text(&self, span: Span) -> &str {
        self.text.get(span.from as usize..span.to as usize).unwrap_or_default()
    }

    pub fn keep(&mut self, text: &str) -> Span {
        if self.text.len() + text.len() > TEXTS {
            self.full = true;
            return Span::default();
        }
        let from = self.text.len() as u32;
        self.text.push_str(text);
        Span { from, to: self.text.len() as u32 }
    }

    /// A slot holds one text for many items, from the next one on.
    pub fn share(&mut self, slot: usize) {
        if let Some(shared) = self.shared.get_mut(slot) {
            *shared = Shared::Next;
        }
    }

    /// Keeps the text of a slot, once for all items that share it.
    pub fn keep_of(&mut self, slot: usize, text: &str) -> Span {
        if let Some(Shared::Kept(span)) = self.shared.get(slot) {
            return *span;
        }
        let span = self.keep(text);
        if let Some(shared @ Shared::Next) = self.shared.get_mut(slot) {
            *shared = Shared::Kept(span);
        }
        span
    }

    /// Forgets all that was kept behind a place.
    pub fn truncate(&mut self, to: usize) {
        self.text.truncate(to);
        for shared in &mut self.shared {
            if matches!(shared, Shared::Kept(span) if span.to as usize > to) {
                *shared = Shared::Next;
            }
        }
    }
}
