//! Fonts of the machine, chosen and read for one report.

use super::wanted::{Kind, Offer, Variety, Wanted, choose};
use std::collections::{BTreeMap, BTreeSet};

/// A font file of the machine, or one of the fonts in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// As PostScript names it.
    pub name: String,
    /// The whole file.
    pub bytes: Vec<u8>,
    /// The place of the font in a file of several.
    pub index: u32,
}

/// The fonts that show what our own faces lack; empty as long as nothing is lacking.
#[derive(Clone, Debug, Default)]
pub struct Stock {
    pub fonts: Vec<Found>,
    /// Which of them to try, in this order.
    lists: BTreeMap<Kind, Vec<usize>>,
    han: Option<Variety>,
    had: BTreeSet<&'static str>,
}

impl Stock {
    pub const fn empty() -> Stock {
        Stock { fonts: Vec::new(), lists: BTreeMap::new(), han: None, had: BTreeSet::new() }
    }

    /// The best of the offers for what is wanted. `read` gives a font that was offered, by its
    /// place; one that cannot be read is done without.
    pub fn of(wanted: &Wanted, offers: &[Offer], read: impl Fn(usize) -> Option<Found>) -> Stock {
        let lists = choose(wanted, offers);
        let places: BTreeSet<usize> = lists.values().flatten().copied().collect();
        let (mut fonts, mut at) = (Vec::new(), BTreeMap::new());
        for place in places {
            if let Some(found) = read(place).filter(|f| f.face().is_some()) {
                at.insert(place, fonts.len());
                fonts.push(found);
            }
        }
        let lists = lists.into_iter().map(|(kind, places)| {
            (kind, places.iter().filter_map(|place| at.get(place).copied()).collect())
        });
        let had = offers.iter().filter_map(|offer| package_of(&offer.name)).collect();
        Stock { lists: lists.collect(), fonts, han: Some(wanted.han()), had }
    }

    /// The fonts to try for letters of a kind; all, where nobody foresaw them.
    pub fn list(&self, kind: &Kind) -> Vec<usize> {
        self.lists.get(kind).cloned().unwrap_or_else(|| (0..self.fonts.len()).collect())
    }

    /// What Han is where a text does not tell.
    pub fn han(&self) -> Variety {
        self.han.unwrap_or(Variety::Simplified)
    }

    /// The Debian packages of which fonts are here.
    pub fn packages(&self) -> &BTreeSet<&'static str> {
        &self.had
    }
}

impl Found {
    /// The font, unless it is damaged.
    pub fn face(&self) -> Option<rustybuzz::Face<'_>> {
        rustybuzz::Face::from_slice(&self.bytes, self.index)
    }
}

fn package_of(name: &str) -> Option<&'static str> {
    match name {
        name if name.starts_with("NotoSansCJK") => Some("fonts-noto-cjk"),
        name if name.starts_with("NotoSansSymbols2") => Some("fonts-noto-core"),
        name if name.starts_with("Symbola") => Some("fonts-symbola"),
        _ => None,
    }
}
