//! One font: what it has, and glyphs for texts of one script and direction.

use rustybuzz::ttf_parser::{GlyphId, Tag};
use rustybuzz::{BufferFlags, Feature, Language, ShapePlan, UnicodeBuffer, script};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::str::FromStr;
use unicode_script::Script;

/// A shaped glyph; lengths in em.
#[derive(Clone, Debug, PartialEq)]
pub struct Glyph {
    pub id: u16,
    /// The advance that a PDF holds of it.
    pub nominal: f32,
    pub advance: f32,
    /// How far it stands right of and above its place on the line.
    pub aside: (f32, f32),
    /// The characters it stands for, with the glyphs after it that open nothing.
    pub text: String,
    /// It is the first, from the left, of its letter.
    pub opens: bool,
    /// The character of its letter of which this is simply the glyph.
    pub direct: Option<char>,
}

/// Glyphs that stand for some characters together.
pub struct Cluster<'g> {
    pub text: &'g str,
    pub glyphs: &'g [Glyph],
}

impl<'g> Cluster<'g> {
    /// The clusters of glyphs, from the left.
    pub fn all(glyphs: &'g [Glyph]) -> impl Iterator<Item = Cluster<'g>> {
        let groups = glyphs.chunk_by(|_, next| !next.opens);
        groups.map(|glyphs| Cluster { text: glyphs.first().map_or("", |g| &g.text), glyphs })
    }
}

/// How a text is shaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Way {
    pub script: Script,
    pub from_right: bool,
    /// By its BCP 47 tag.
    pub language: Option<&'static str>,
}

impl Way {
    pub const LATIN: Way = Way { script: Script::Latin, from_right: false, language: None };

    fn script(&self) -> rustybuzz::Script {
        let tag = Tag(self.script.as_iso15924_tag());
        rustybuzz::Script::from_iso15924_tag(tag).unwrap_or(script::UNKNOWN)
    }

    fn direction(&self) -> rustybuzz::Direction {
        match self.from_right {
            true => rustybuzz::Direction::RightToLeft,
            false => rustybuzz::Direction::LeftToRight,
        }
    }

    fn language(&self) -> Option<Language> {
        self.language.and_then(|tag| Language::from_str(tag).ok())
    }
}

pub struct Set<'f> {
    face: rustybuzz::Face<'f>,
    plans: RefCell<HashMap<Way, Rc<ShapePlan>>>,
}

impl<'f> Set<'f> {
    pub fn new(face: rustybuzz::Face<'f>) -> Set<'f> {
        Set { face, plans: RefCell::default() }
    }

    /// Whether a letter comes out whole: some signs are made of others, as spaces are of spaces.
    pub fn draws(&self, letter: &str) -> bool {
        self.shape(letter, Way::LATIN).iter().all(|glyph| glyph.id != 0)
    }

    /// Whether there are glyphs, with ink, for all signs of a letter.
    pub fn has(&self, letter: &str) -> bool {
        let inked = |glyph: GlyphId| self.face.glyph_bounding_box(glyph).is_some();
        letter.chars().all(|c| {
            let glyph = self.face.glyph_index(c).filter(|glyph| glyph.0 != 0);
            glyph.is_some_and(|glyph| c.is_whitespace() || inked(glyph))
        })
    }

    /// The glyphs of a text, from left to right.
    pub fn shape(&self, text: &str, way: Way) -> Vec<Glyph> {
        let plan = self.plan(way);
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.set_direction(way.direction());
        buffer.set_script(way.script());
        if let Some(language) = way.language() {
            buffer.set_language(language);
        }
        buffer.set_flags(BufferFlags::REMOVE_DEFAULT_IGNORABLES);
        let shaped = rustybuzz::shape_with_plan(&self.face, &plan, buffer);
        let mut starts: Vec<usize> =
            shaped.glyph_infos().iter().map(|g| g.cluster as usize).collect();
        let clusters = starts.clone();
        starts.push(text.len());
        starts.sort_unstable();
        let mut before = None;
        let glyphs = shaped.glyph_infos().iter().zip(shaped.glyph_positions()).zip(clusters);
        let glyphs = glyphs.map(|((info, position), start)| {
            let end = starts[starts.partition_point(|s| *s <= start).min(starts.len() - 1)];
            let opens = before.replace(start) != Some(start);
            self.glyph(info.glyph_id as u16, position, &text[start..end], opens)
        });
        glyphs.collect()
    }

    fn plan(&self, way: Way) -> Rc<ShapePlan> {
        let make = || {
            let features = [Feature::new(Tag::from_bytes(b"liga"), 0, ..)];
            // Latin ligatures are not wanted; other scripts are nothing without theirs.
            let features = if way.script == Script::Latin { &features[..] } else { &[] };
            let (direction, script) = (way.direction(), Some(way.script()));
            let language = way.language();
            ShapePlan::new(&self.face, direction, script, language.as_ref(), features)
        };
        self.plans.borrow_mut().entry(way).or_insert_with(|| Rc::new(make())).clone()
    }

    fn glyph(
        &self,
        id: u16,
        position: &rustybuzz::GlyphPosition,
        text: &str,
        opens: bool,
    ) -> Glyph {
        let em = self.face.units_per_em() as f32;
        let own = |c: &char| self.face.glyph_index(*c) == Some(GlyphId(id));
        let width = self.face.glyph_hor_advance(GlyphId(id)).unwrap_or(0);
        // A PDF keeps one meaning for each glyph, and both spaces share one.
        let text = text.replace('\u{a0}', " ");
        Glyph {
            id,
            nominal: (f32::from(width) * 1000.0 / em).trunc() / 1000.0,
            advance: position.x_advance as f32 / em,
            aside: (position.x_offset as f32 / em, position.y_offset as f32 / em),
            direct: text.chars().find(own),
            text: if opens { text } else { String::new() },
            opens,
        }
    }
}
