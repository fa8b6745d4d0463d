//! A line of text as a PDF shows it: glyphs in one font at one height in one go, and beside those
//! that do not mean what they stand for, the letters themselves.

use super::meaning::Meanings;
use super::subset::Numbers;
use crate::domain::page::fonts::{Cluster, Font, Glyph, Part, Run};
use std::collections::BTreeMap;
use unicode_bidi::{BidiClass, bidi_class};

/// A mark of direction, which is no letter.
const RIGHT_TO_LEFT: Option<char> = Some('\u{200f}');

/// What is shown in one go.
pub enum Item {
    /// By their numbers in the font of the file.
    Glyphs(Vec<u16>),
    /// By how much the next glyph stands farther left, in thousandths of an em.
    Kern(f32),
}

/// A step of showing a line.
pub enum Shown {
    /// Glyphs that stand right of and above the begin of the line, in em.
    Glyphs {
        font: Font,
        at: (f32, f32),
        items: Vec<Item>,
    },
    /// What is shown up to the end stands for these letters.
    Instead(String),
    End,
}

/// How glyphs are written.
pub struct Words {
    pub numbers: BTreeMap<Font, Numbers>,
    pub meanings: Meanings,
}

impl Words {
    /// The steps of a line.
    pub fn line(&self, run: &Run) -> Vec<Shown> {
        let mut pen =
            Pen { words: self, shown: vec![], marks: vec![], items: vec![], start: 0.0, at: 0.0 };
        run.parts.iter().for_each(|part| pen.part(part));
        pen.end()
    }
}

struct Pen<'w> {
    words: &'w Words,
    shown: Vec<Shown>,
    /// Marks are drawn last: between letters, who reads the page would see the ends of words.
    marks: Vec<Shown>,
    /// What is to be shown together, from `start`.
    items: Vec<Item>,
    start: f32,
    at: f32,
}

/// Whether a sign only stands on another.
fn is_mark(c: char) -> bool {
    bidi_class(c) == BidiClass::NSM
}

impl Pen<'_> {
    fn part(&mut self, part: &Part) {
        let font = part.font;
        self.start = self.at;
        match &part.stands_for {
            Some(letters) if part.from_right => self.code_points(font, letters, &part.glyphs),
            Some(letters) => self.instead(font, letters, &part.glyphs.iter().collect::<Vec<_>>()),
            None => {
                for (place, cluster) in Cluster::all(&part.glyphs).enumerate() {
                    self.cluster(font, cluster, (part.from_right, place == 0));
                }
            }
        }
        self.flush(font);
    }

    /// Who reads a page from the glyphs turns what is written from the right around: so each glyph
    /// there has one letter, and those of one glyph stand before it, the last one first.
    fn cluster(&mut self, font: Font, cluster: Cluster, (from_right, is_first): (bool, bool)) {
        let (mut marks, mut bases, mut pen) = (vec![], vec![], self.at);
        for glyph in cluster.glyphs {
            match glyph.advance == 0.0 && glyph.aside != (0.0, 0.0) {
                true => marks.push(self.alone(font, glyph, pen)),
                false => bases.push(glyph),
            }
            pen += glyph.advance;
        }
        match bases.is_empty() {
            true => bases = cluster.glyphs.iter().collect(),
            false => self.marks.append(&mut marks),
        }
        let mut text = cluster.text;
        if from_right && text.chars().count() > 1 {
            let first = text.chars().next().map_or(0, char::len_utf8);
            self.flush(font);
            let at = self.at + bases.first().map_or(0.0, |glyph| glyph.aside.0);
            let ends_in_mark = text.chars().next_back().is_some_and(is_mark);
            // A mark at the left end would be taken for one of what stands left of it.
            let guard = RIGHT_TO_LEFT.filter(|_| ends_in_mark && is_first);
            guard.into_iter().chain(text[first..].chars().rev()).for_each(|c| self.carry(c, at));
            text = &text[..first];
        }
        match self.words.meanings.is_plain(font, &bases, text) {
            true => bases.iter().for_each(|glyph| self.glyph(font, glyph)),
            false => self.instead(font, text, &bases),
        }
    }

    /// Code points in place of letters that are written from the right: each letter has its share.
    fn code_points(&mut self, font: Font, letters: &str, glyphs: &[Glyph]) {
        let letters: Vec<char> = letters.chars().rev().collect();
        let guard = RIGHT_TO_LEFT.filter(|_| letters.first().copied().is_some_and(is_mark));
        guard.into_iter().for_each(|c| self.carry(c, self.at));
        let count = letters.len().min(glyphs.len()).max(1);
        for place in 0..count {
            let share = |all: usize| all * place / count..all * (place + 1) / count;
            let glyphs: Vec<&Glyph> = glyphs[share(glyphs.len())].iter().collect();
            let text: String = letters[share(letters.len())].iter().collect();
            self.instead(font, &text, &glyphs);
        }
    }

    /// A letter that has no glyph of its own.
    fn carry(&mut self, letter: char, at: f32) {
        let (font, id) = Meanings::EMPTY;
        let items = vec![Item::Glyphs(vec![self.number(font, id)])];
        self.shown.push(Shown::Instead(letter.to_string()));
        self.shown.push(Shown::Glyphs { font, at: (at, 0.0), items });
        self.shown.push(Shown::End);
    }

    fn instead(&mut self, font: Font, letters: &str, glyphs: &[&Glyph]) {
        self.flush(font);
        self.shown.push(Shown::Instead(letters.to_string()));
        glyphs.iter().for_each(|glyph| self.glyph(font, glyph));
        self.flush(font);
        self.shown.push(Shown::End);
    }

    fn glyph(&mut self, font: Font, glyph: &Glyph) {
        if glyph.aside == (0.0, 0.0) {
            return self.plain(font, glyph);
        }
        self.flush(font);
        let shown = self.alone(font, glyph, self.at);
        self.shown.push(shown);
        self.at += glyph.advance;
        self.start = self.at;
    }

    fn alone(&self, font: Font, glyph: &Glyph, from: f32) -> Shown {
        let at = (from + glyph.aside.0, glyph.aside.1);
        Shown::Glyphs { font, at, items: vec![Item::Glyphs(vec![self.number(font, glyph.id)])] }
    }

    /// The marks mean nothing: their letters have told them.
    fn end(mut self) -> Vec<Shown> {
        if !self.marks.is_empty() {
            self.shown.push(Shown::Instead(String::new()));
            self.shown.append(&mut self.marks);
            self.shown.push(Shown::End);
        }
        self.shown
    }

    fn plain(&mut self, font: Font, glyph: &Glyph) {
        let number = self.number(font, glyph.id);
        match self.items.last_mut() {
            Some(Item::Glyphs(glyphs)) => glyphs.push(number),
            _ => self.items.push(Item::Glyphs(vec![number])),
        }
        let kerning = ((glyph.nominal - glyph.advance) * 1000.0).round();
        if kerning != 0.0 {
            self.items.push(Item::Kern(kerning));
        }
        self.at += glyph.advance;
    }

    /// The number of a glyph in the font of the file.
    fn number(&self, font: Font, glyph: u16) -> u16 {
        let numbers = self.words.numbers.get(&font);
        numbers.and_then(|numbers| numbers.get(&glyph)).copied().unwrap_or(0)
    }

    fn flush(&mut self, font: Font) {
        // Nothing follows the last kerning.
        if matches!(self.items.last(), Some(Item::Kern(_))) {
            self.items.pop();
        }
        if !self.items.is_empty() {
            let (at, items) = ((self.start, 0.0), std::mem::take(&mut self.items));
            self.shown.push(Shown::Glyphs { font, at, items });
        }
        self.start = self.at;
    }
}
