//! Faces, shaping and widths. The same characters in the same face always give the same run.
//! Plans and runs are kept, since making a plan costs far more than shaping with it.

use crate::domain::shown;
use rustybuzz::ttf_parser::{GlyphId, Tag};
use rustybuzz::{Feature, ShapePlan, UnicodeBuffer, script};
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Face {
    Sans,
    Semibold,
    Italic,
    Light,
    Display,
    Serif,
}

impl Face {
    pub const ALL: [Face; 6] =
        [Face::Sans, Face::Semibold, Face::Italic, Face::Light, Face::Display, Face::Serif];

    /// The font file, unmodified.
    pub fn bytes(self) -> &'static [u8] {
        match self {
            Face::Sans => include_bytes!("../../../assets/fonts/SourceSans3-Regular.ttf"),
            Face::Semibold => include_bytes!("../../../assets/fonts/SourceSans3-Semibold.ttf"),
            Face::Italic => include_bytes!("../../../assets/fonts/SourceSans3-It.ttf"),
            Face::Light => include_bytes!("../../../assets/fonts/SourceSans3-Light.ttf"),
            Face::Display => {
                include_bytes!("../../../assets/fonts/SourceSerif4Display-Semibold.ttf")
            }
            Face::Serif => include_bytes!("../../../assets/fonts/SourceSerif4-Regular.ttf"),
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Face::Sans => "SourceSans3-Regular",
            Face::Semibold => "SourceSans3-Semibold",
            Face::Italic => "SourceSans3-It",
            Face::Light => "SourceSans3-Light",
            Face::Display => "SourceSerif4Display-Semibold",
            Face::Serif => "SourceSerif4-Regular",
        }
    }

    /// The parsed font file.
    #[expect(clippy::expect_used, reason = "the fonts are part of this crate, and tested")]
    pub fn parsed(self) -> rustybuzz::Face<'static> {
        rustybuzz::Face::from_slice(self.bytes(), 0).expect("fonts of this crate parse")
    }
}

/// A shaped glyph; lengths in em.
#[derive(Clone, Debug, PartialEq)]
pub struct Glyph {
    pub id: u16,
    /// The advance the font gives, before kerning.
    pub nominal: f32,
    pub advance: f32,
    /// The characters it stands for.
    pub text: String,
    /// Set when this glyph is simply that of one character.
    pub direct: Option<char>,
}

/// A shaped line of text.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    pub text: String,
    pub glyphs: Vec<Glyph>,
    /// In em.
    pub width: f32,
}

/// The faces with what was shaped so far.
pub struct Fonts {
    faces: [Set; Face::ALL.len()],
}

struct Set {
    face: rustybuzz::Face<'static>,
    plan: ShapePlan,
    runs: RefCell<HashMap<String, Arc<Run>>>,
}

impl Default for Fonts {
    fn default() -> Fonts {
        Fonts { faces: Face::ALL.map(Set::new) }
    }
}

impl Fonts {
    pub fn shape(&self, face: Face, text: &str) -> Arc<Run> {
        let set = &self.faces[face as usize];
        if let Some(run) = set.runs.borrow().get(text) {
            return run.clone();
        }
        let run = Arc::new(set.shape(text));
        set.runs.borrow_mut().insert(text.to_string(), run.clone());
        run
    }

    /// The width of a line of text, in points.
    pub fn width(&self, face: Face, size: f32, text: &str) -> f32 {
        self.shape(face, text).width * size
    }
}

impl Set {
    fn new(face: Face) -> Set {
        let face = face.parsed();
        let features = [Feature::new(Tag::from_bytes(b"liga"), 0, ..)];
        let direction = rustybuzz::Direction::LeftToRight;
        let plan = ShapePlan::new(&face, direction, Some(script::LATIN), None, &features);
        Set { face, plan, runs: RefCell::default() }
    }

    fn shape(&self, text: &str) -> Run {
        // A line break inside a line would be drawn as a box.
        let text = shown::printed(text).into_owned();
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(&text);
        buffer.set_direction(rustybuzz::Direction::LeftToRight);
        buffer.set_script(script::LATIN);
        let shaped = rustybuzz::shape_with_plan(&self.face, &self.plan, buffer);
        let infos = shaped.glyph_infos();
        let ends = infos.iter().skip(1).map(|g| g.cluster as usize).chain([text.len()]);
        let glyphs: Vec<Glyph> = (infos.iter().zip(ends).zip(shaped.glyph_positions()))
            .map(|((info, end), position)| {
                let start = info.cluster as usize;
                self.glyph(info.glyph_id as u16, position.x_advance, &text[start..end.max(start)])
            })
            .collect();
        let width = glyphs.iter().map(|g| g.advance).sum();
        Run { text, glyphs, width }
    }

    fn glyph(&self, id: u16, advance: i32, text: &str) -> Glyph {
        let em = self.face.units_per_em() as f32;
        let mut chars = text.chars();
        let first = chars.next().filter(|_| chars.next().is_none());
        let own = |c: &char| self.face.glyph_index(*c) == Some(GlyphId(id));
        let nominal = self.face.glyph_hor_advance(GlyphId(id)).unwrap_or(0);
        // A PDF keeps one meaning for each glyph, and both spaces share one.
        let text = if text == "\u{a0}" { " " } else { text };
        Glyph {
            id,
            nominal: f32::from(nominal) / em,
            advance: advance as f32 / em,
            text: text.to_string(),
            direct: first.filter(own).map(|c| if c == '\u{a0}' { ' ' } else { c }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_as_wide_as_each_other_and_marks_exist() {
        let fonts = Fonts::default();
        let width = |text: &str| fonts.width(Face::Sans, 10.0, text);
        assert_eq!(width("111"), width("808"));
        let run = fonts.shape(Face::Sans, "€ ° µ ₂ ⁴ − \u{202f} ▲ ▼ ● × –");
        assert!(run.glyphs.iter().all(|g| g.id != 0), "{run:?}");
    }

    #[test]
    fn every_face_has_whole_thousands_per_em() {
        // The widths a PDF holds are thousandths of an em, cut off: other fonts would drift.
        assert!(Face::ALL.iter().all(|f| f.parsed().units_per_em() == 1000));
    }
}
