//! What glyphs mean. A PDF keeps one meaning for each glyph of a font; where a glyph stands for
//! something else, its place says what.

use crate::domain::page::fonts::{Cluster, Face, Font, Glyph, Run};
use std::collections::BTreeMap;

/// The meanings of the glyphs used.
#[derive(Default)]
pub struct Meanings(BTreeMap<(Font, u16), Meaning>);

#[derive(Default)]
struct Meaning {
    /// A glyph of its own letter goes before one that stands for several.
    weight: u8,
    text: String,
}

impl Meanings {
    /// A glyph without ink or width, that of U+200B.
    pub const EMPTY: (Font, u16) = (Font::Own(Face::Sans), 2456);

    /// Enters the glyphs of a line; of equal meanings the first stays.
    pub fn collect(&mut self, run: &Run) {
        for part in &run.parts {
            if part.from_right {
                self.0.entry(Meanings::EMPTY).or_default();
            }
            for cluster in Cluster::all(&part.glyphs) {
                let alone = cluster.glyphs.len() == 1;
                for glyph in cluster.glyphs {
                    let (weight, text) = match glyph.direct {
                        Some(c) => (2, c.to_string()),
                        None if alone => (1, cluster.text.to_string()),
                        None => (0, String::new()),
                    };
                    let known = self.0.entry((part.font, glyph.id)).or_default();
                    if weight > known.weight {
                        *known = Meaning { weight, text };
                    }
                }
            }
        }
    }

    pub fn of(&self, font: Font, glyph: u16) -> &str {
        self.0.get(&(font, glyph)).map_or("", |meaning| &meaning.text)
    }

    /// Whether glyphs mean, one after the other, what they stand for.
    pub fn is_plain(&self, font: Font, glyphs: &[&Glyph], text: &str) -> bool {
        glyphs.iter().flat_map(|glyph| self.of(font, glyph.id).chars()).eq(text.chars())
    }

    /// The characters of a font that can be written as such, with their glyphs.
    pub fn characters(&self, font: Font) -> impl Iterator<Item = (char, u16)> {
        let own = self.0.iter().filter(move |((of, _), meaning)| *of == font && meaning.weight > 1);
        own.filter_map(|((_, glyph), meaning)| Some((meaning.text.chars().next()?, *glyph)))
    }

    /// All glyphs used, by their fonts.
    pub fn glyphs(&self) -> BTreeMap<Font, Vec<u16>> {
        let mut glyphs: BTreeMap<Font, Vec<u16>> = BTreeMap::new();
        for (font, glyph) in self.0.keys() {
            glyphs.entry(*font).or_default().push(*glyph);
        }
        glyphs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_glyph_has_neither_width_nor_ink() {
        let face = Face::Sans.parsed();
        let glyph = face.glyph_index('\u{200b}').unwrap();
        assert_eq!(Meanings::EMPTY, (Font::Own(Face::Sans), glyph.0));
        assert_eq!(face.glyph_hor_advance(glyph), Some(0));
        assert_eq!(face.glyph_bounding_box(glyph), None);
    }
}
