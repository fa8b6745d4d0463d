//! How much of a source may be shown, by its terms and by what its items are.

use super::{Items, Share, Source};

/// What of a source leaves the store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shown {
    /// Each item by itself.
    Each,
    /// Figures over many items: of samples their aggregates, of records counts and distributions.
    Together,
    /// A measurement is one item, and stands by itself in any figure.
    Nothing,
}

impl Source {
    pub fn shown(&self) -> Shown {
        shown(self.about.share, &self.items)
    }
}

/// The same, before there is a source.
pub fn shown(share: Share, items: &Items) -> Shown {
    let is_measured = matches!(items, Items::Records(_)) && items.series().is_some();
    match share {
        Share::All => Shown::Each,
        Share::Aggregates if !is_measured => Shown::Together,
        Share::Aggregates | Share::None => Shown::Nothing,
    }
}
