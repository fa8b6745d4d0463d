//! Faces, shaping and widths. The same characters in the same face always give the same run.
//! Plans and runs are kept, since making a plan costs far more than shaping with it.
//! What our own faces lack is taken from the machine's fonts, each letter from the first that has
//! it, and else told by its code points.

mod face;
mod letters;
mod shape;
mod stock;
mod unseen;
mod wanted;

pub use face::Face;
pub use letters::parts;
pub use shape::{Cluster, Glyph};
pub use stock::{Found, Stock};
pub use unseen::Unseen;
pub use wanted::{Offer, Wanted};

use crate::domain::shown::ISOLATE;
use letters::{Letter, clean, is_from_right, seen};
use shape::{Set, Way};
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use unicode_bidi::{Level, ParagraphBidiInfo};
use unicode_segmentation::UnicodeSegmentation;
use wanted::{Kind, Variety};

/// Of which font a glyph is: of our own faces, or by its place in the stock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Font {
    Own(Face),
    Found(usize),
}

/// Glyphs of one font, from left to right.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    pub font: Font,
    pub glyphs: Vec<Glyph>,
    /// The letters for which the glyphs stand, where these are code points in their place.
    pub stands_for: Option<String>,
    /// Its letters are read from the right.
    pub from_right: bool,
}

/// A shaped line of text.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    pub text: String,
    pub parts: Vec<Part>,
    /// In em.
    pub width: f32,
    /// Our own faces lack some of it.
    is_foreign: bool,
}

/// The faces with what was shaped so far.
pub struct Fonts<'s> {
    own: [Set<'static>; Face::ALL.len()],
    found: Vec<Option<Set<'s>>>,
    stock: &'s Stock,
    runs: [RefCell<HashMap<String, Arc<Run>>>; Face::ALL.len()],
    wanted: RefCell<Wanted>,
}

/// No fonts but our own.
static NO_STOCK: Stock = Stock::empty();

impl Default for Fonts<'static> {
    fn default() -> Fonts<'static> {
        Fonts::new(&NO_STOCK)
    }
}

/// Where a letter gets its glyphs from; `None` where no font has it.
type Source = Option<Font>;

impl<'s> Fonts<'s> {
    pub fn new(stock: &'s Stock) -> Fonts<'s> {
        Fonts {
            own: Face::ALL.map(|face| Set::new(face.parsed())),
            found: stock.fonts.iter().map(|found| found.face().map(Set::new)).collect(),
            stock,
            runs: Default::default(),
            wanted: RefCell::default(),
        }
    }

    pub fn shape(&self, face: Face, text: &str) -> Arc<Run> {
        let run = self.kept(face, text);
        self.want(face, &run, false);
        run
    }

    /// The width of a line of text, in points.
    pub fn width(&self, face: Face, size: f32, text: &str) -> f32 {
        self.kept(face, text).width * size
    }

    /// Whether our own faces lack some of a text.
    pub fn is_foreign(&self, face: Face, text: &str) -> bool {
        !text.is_ascii() && self.kept(face, text).is_foreign
    }

    /// Enters a whole text, which may be cut before it is drawn, among what is wanted.
    pub fn note(&self, face: Face, text: &str) {
        if !text.is_ascii() {
            self.want(face, &self.kept(face, text), true);
        }
    }

    /// The letters of all texts so far that our own faces lack.
    pub fn wanted(&self) -> Wanted {
        self.wanted.borrow().clone()
    }

    fn want(&self, face: Face, run: &Run, whole: bool) {
        if run.is_foreign {
            let lacks = |letter: &str| !self.own[face as usize].draws(letter);
            self.wanted.borrow_mut().add(&run.text, face.is_heavy(), whole, lacks);
        }
    }

    fn kept(&self, face: Face, text: &str) -> Arc<Run> {
        let runs = &self.runs[face as usize];
        if let Some(run) = runs.borrow().get(text) {
            return run.clone();
        }
        let run = Arc::new(self.run(face, text));
        runs.borrow_mut().insert(text.to_string(), run.clone());
        run
    }

    fn run(&self, face: Face, text: &str) -> Run {
        let text = clean(text).into_owned();
        let glyphs = self.own[face as usize].shape(&text, Way::LATIN);
        if glyphs.iter().all(|glyph| glyph.id != 0) {
            let parts =
                vec![Part { font: Font::Own(face), glyphs, stands_for: None, from_right: false }];
            return Run::new(text, parts, false);
        }
        let parts = lines_up(&text).into_iter().flat_map(|run| self.parts(face, &text, run));
        let parts = parts.collect();
        Run::new(text, parts, true)
    }

    /// The glyphs of a stretch of one direction, from left to right.
    fn parts(&self, face: Face, text: &str, (stretch, level): (Range<usize>, Level)) -> Vec<Part> {
        let variety = Variety::of(text);
        let kind = |letter: &Letter| Kind::of(letter, variety, face.is_heavy());
        let mut pieces: Vec<(Range<usize>, Source, Kind)> = Vec::new();
        for letter in
            letters::letters(text).into_iter().filter(|l| stretch.contains(&l.range.start))
        {
            let signs = seen(&text[letter.range.clone()]);
            if signs.is_empty() {
                continue;
            }
            let before = pieces.last().and_then(|(_, source, _)| *source);
            let source = self.source(face, &letter, &signs, before, (&kind(&letter), level));
            match pieces.last_mut() {
                Some((range, last, of))
                    if *last == source
                        && range.end == letter.range.start
                        && (of.script == letter.script || is_one_way(source, level)) =>
                {
                    range.end = letter.range.end;
                }
                _ => pieces.push((letter.range.clone(), source, kind(&letter))),
            }
        }
        if level.is_rtl() {
            pieces.reverse();
        }
        let part = |(range, source, kind)| self.part(face, &text[range], source, (kind, level));
        pieces.into_iter().map(part).collect()
    }

    /// Signs of no script, in what is written from the right, stay in the font of their neighbour.
    fn source(
        &self,
        face: Face,
        letter: &Letter,
        signs: &str,
        before: Source,
        (kind, level): (&Kind, Level),
    ) -> Source {
        let has = |place: &usize| self.found[*place].as_ref().is_some_and(|set| set.has(signs));
        if let Some(Font::Found(place)) = before
            && letter.is_common
            && level.is_rtl()
            && has(&place)
        {
            return before;
        }
        if self.own[face as usize].draws(signs) {
            return Some(Font::Own(face));
        }
        self.stock.list(kind).into_iter().find(has).map(Font::Found)
    }

    fn part(&self, face: Face, text: &str, source: Source, (kind, level): (Kind, Level)) -> Part {
        let own = &self.own[face as usize];
        let from_right = level.is_rtl();
        let language = wanted::is_east_asian(kind.script)
            .then(|| kind.variety.unwrap_or(self.stock.han()).language());
        let way = Way { script: kind.script, from_right, language };
        let set = match source {
            Some(Font::Found(place)) => self.found[place].as_ref(),
            _ => None,
        };
        let (glyphs, stands_for) = match (source, set) {
            (Some(Font::Own(_)), _) if !from_right => (own.shape(text, Way::LATIN), None),
            (Some(Font::Own(_)), _) => (own.shape(text, way), None),
            (_, Some(set)) => (set.shape(text, way), None),
            _ => (own.shape(&unseen::told(text), Way::LATIN), Some(text.to_string())),
        };
        let font = source.filter(|_| stands_for.is_none()).unwrap_or(Font::Own(face));
        Part { font, glyphs, stands_for, from_right }
    }

    /// What of the wanted letters stays without a font.
    pub fn unseen(&self, wanted: &Wanted) -> Unseen {
        let has = |letter: &str| self.found.iter().flatten().any(|set| set.has(letter));
        Unseen::of(wanted, has)
    }
}

/// Whether scripts make no difference: for code points, and for our own faces.
fn is_one_way(source: Source, level: Level) -> bool {
    match source {
        None => true,
        Some(Font::Own(_)) => level.is_ltr(),
        Some(Font::Found(_)) => false,
    }
}

impl Run {
    fn new(text: String, parts: Vec<Part>, is_foreign: bool) -> Run {
        let width = parts.iter().flat_map(|part| &part.glyphs).map(|g| g.advance).sum();
        Run { text, parts, width, is_foreign }
    }
}

/// The stretches of one direction, from left to right. The page reads from the left; a text that
/// is all of a foreign name, and begins from the right, is ordered from there.
fn lines_up(text: &str) -> Vec<(Range<usize>, Level)> {
    if !is_from_right(text) {
        return vec![(0..text.len(), Level::ltr())];
    }
    let isolated = text.contains(ISOLATE);
    let base = if isolated { Some(Level::ltr()) } else { None };
    let order = ParagraphBidiInfo::new(text, base);
    let (levels, runs) = order.visual_runs(0..text.len());
    runs.into_iter().map(|run| (run.clone(), levels[run.start])).collect()
}

/// How many bytes of a text each of its beginnings takes that ends with a whole letter.
pub fn endings(text: &str) -> Vec<usize> {
    text.grapheme_indices(true).map(|(at, letter)| at + letter.len()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_as_wide_as_each_other_and_marks_exist() {
        let fonts = Fonts::default();
        let width = |text: &str| fonts.width(Face::Sans, 10.0, text);
        assert_eq!(width("111"), width("808"));
        let run = fonts.shape(Face::Sans, "€ ° µ ₂ ⁴ − \u{202f} ▲ ▼ ● × – ‹U+1F6B2›");
        assert!(run.parts.iter().flat_map(|p| &p.glyphs).all(|g| g.id != 0), "{run:?}");
    }
}
