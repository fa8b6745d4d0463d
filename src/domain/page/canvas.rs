//! A canvas collects ops in its own coordinates; whoever made it places them on a page.
//! Text is shaped and measured here, lines are broken and balanced here.

use super::fonts::{Face, Fonts, endings, parts};
use super::op::{Area, Colour, Ink, Op, Pen, Spot, Target, Text};
use std::borrow::Cow;

/// How a line of text is set: face, size in points, colour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Style {
    pub face: Face,
    pub size: f32,
    pub colour: Colour,
}

impl Style {
    pub const fn new(face: Face, size: f32, colour: Colour) -> Style {
        Style { face, size, colour }
    }

    pub const fn colour(self, colour: Colour) -> Style {
        Style { colour, ..self }
    }

    pub const fn size(self, size: f32) -> Style {
        Style { size, ..self }
    }

    pub const fn face(self, face: Face) -> Style {
        Style { face, ..self }
    }
}

/// Which part of a text stands at the given x.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    Left,
    Middle,
    Right,
}

pub struct Canvas<'f> {
    pub fonts: &'f Fonts<'f>,
    pub ops: Vec<Op>,
    /// Where values stand, if it is one plane of time and values.
    pub plane: Option<Planar>,
}

/// Where values stand on a plane, and between which.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Planar {
    /// The whole plane, and that of it on which values stand.
    pub outer: Area,
    pub area: Area,
    pub low: f64,
    pub high: f64,
}

impl<'f> Canvas<'f> {
    pub fn new(fonts: &'f Fonts<'f>) -> Canvas<'f> {
        Canvas { fonts, ops: vec![], plane: None }
    }

    pub fn rect(&mut self, area: Area, ink: impl Into<Ink>) {
        self.ops.push(Op::Rect { area, fill: Some(ink.into()), pen: None });
    }

    pub fn frame(&mut self, area: Area, pen: Pen) {
        self.ops.push(Op::Rect { area, fill: None, pen: Some(pen) });
    }

    pub fn line(&mut self, from: Spot, to: Spot, pen: Pen) {
        self.ops.push(Op::Line { points: vec![from, to], pen });
    }

    /// A level line.
    pub fn rule(&mut self, x: f32, y: f32, width: f32, pen: Pen) {
        self.line((x, y), (x + width, y), pen);
    }

    pub fn polyline(&mut self, points: Vec<Spot>, pen: Pen) {
        if points.len() > 1 {
            self.ops.push(Op::Line { points, pen });
        }
    }

    pub fn fill(&mut self, rings: Vec<Vec<Spot>>, ink: impl Into<Ink>) {
        self.ops.push(Op::Fill { rings, ink: ink.into() });
    }

    pub fn circle(&mut self, at: Spot, radius: f32, fill: Option<Ink>, pen: Option<Pen>) {
        self.ops.push(Op::Circle { at, radius, fill, pen });
    }

    pub fn dots(&mut self, at: Vec<Spot>, diameter: f32, ink: impl Into<Ink>) {
        if !at.is_empty() {
            self.ops.push(Op::Dots { at, diameter, ink: ink.into() });
        }
    }

    pub fn link(&mut self, area: Area, to: Target) {
        self.ops.push(Op::Link { area, to });
    }

    /// Draws a line of text and returns its width.
    pub fn text(&mut self, x: f32, y: f32, style: Style, anchor: Anchor, text: &str) -> f32 {
        self.set(x, y, style, anchor, text, false)
    }

    /// As [`Canvas::text`], with a white edge.
    pub fn halo(&mut self, x: f32, y: f32, style: Style, anchor: Anchor, text: &str) -> f32 {
        self.set(x, y, style, anchor, text, true)
    }

    /// Text that leads somewhere.
    pub fn linked(&mut self, x: f32, y: f32, style: Style, text: &str, to: Target) -> f32 {
        let width = self.text(x, y, style, Anchor::Left, text);
        let area = Area::new(x, y - style.size, width, style.size * 1.3);
        self.link(area, to);
        width
    }

    fn set(&mut self, x: f32, y: f32, style: Style, to: Anchor, text: &str, halo: bool) -> f32 {
        if text.is_empty() {
            return 0.0;
        }
        let run = self.fonts.shape(style.face, text);
        let width = run.width * style.size;
        let x = match to {
            Anchor::Left => x,
            Anchor::Middle => x - width / 2.0,
            Anchor::Right => x - width,
        };
        let Style { face, size, colour } = style;
        self.ops.push(Op::Text(Text { x, y, face, size, colour, halo, run }));
        width
    }

    pub fn width(&self, style: Style, text: &str) -> f32 {
        self.fonts.note(style.face, text);
        self.wide(style, text)
    }

    /// The width of what may be a piece of a text.
    fn wide(&self, style: Style, text: &str) -> f32 {
        self.fonts.width(style.face, style.size, text)
    }

    /// The text, or as many whole letters of its beginning as fit, with an ellipsis.
    pub fn fit(&self, style: Style, width: f32, text: &str) -> String {
        if self.width(style, text) <= width + 0.01 {
            return text.to_string();
        }
        // Letters of some scripts are narrower together than alone, so beginnings are measured.
        let cut = |end: usize| format!("{}…", text[..end].trim_end());
        let ends = endings(text);
        let fits = |end: &usize| self.wide(style, &cut(*end)) <= width + 0.01;
        let kept = ends.partition_point(fits);
        cut(kept.checked_sub(1).map_or(0, |last| ends[last]))
    }

    /// Lines no wider than `width`, broken at spaces and between letters of scripts that have
    /// none, and within a word only where one is too long for a line.
    pub fn wrap(&self, style: Style, width: f32, text: &str) -> Vec<String> {
        let text = &*dotted(text);
        self.fonts.note(style.face, text);
        let space = self.wide(style, " ");
        let is_foreign = self.fonts.is_foreign(style.face, text);
        // What is read from the right may be set otherwise beside other words: measured together.
        let joined = |line: &str, used: f32, gap: &str, more: &str| match is_foreign {
            true => self.wide(style, &format!("{line}{gap}{more}")),
            false => used + gap.len() as f32 * space + self.wide(style, more),
        };
        let (mut lines, mut line, mut used) = (vec![], String::new(), 0.0);
        for word in text.split([' ', '\n']).filter(|w| !w.is_empty()) {
            let mut gap = if line.is_empty() { "" } else { " " };
            let fits = joined(&line, used, gap, word) <= width;
            let pieces = if fits { vec![word] } else { parts(word) };
            for piece in pieces.into_iter().flat_map(|part| self.parts(style, width, part)) {
                let whole = joined(&line, used, gap, &piece);
                if !line.is_empty() && whole > width {
                    lines.push(std::mem::take(&mut line));
                    (used, gap) = (self.wide(style, &piece), "");
                } else {
                    used = whole;
                }
                line.push_str(gap);
                line.push_str(&piece);
                gap = "";
            }
        }
        if !line.is_empty() {
            lines.push(line);
        }
        lines
    }

    /// At most so many lines; the last one ends in an ellipsis where there is more.
    pub fn wrap_to(&self, style: Style, width: f32, text: &str, most: usize) -> Vec<String> {
        let text = dotted(text);
        let mut lines = self.wrap(style, width, &text);
        if lines.len() > most {
            lines.truncate(most.saturating_sub(1));
            lines.push(self.fit(style, width, after(&text, &lines)));
        }
        lines
    }

    /// A word in pieces that fit; an address breaks behind a slash where it can.
    fn parts(&self, style: Style, width: f32, word: &str) -> Vec<String> {
        if self.wide(style, word) <= width {
            return vec![word.to_string()];
        }
        let (mut parts, mut start, mut end) = (vec![], 0, 0);
        for next in endings(word) {
            if end > start && self.wide(style, &word[start..next]) > width {
                let least = |cut: &usize| self.wide(style, &word[start..*cut]) > width * SEGMENT;
                let cut = segment(word, start, end).filter(least).unwrap_or(end);
                parts.push(word[start..cut].to_string());
                start = cut;
            }
            end = next;
        }
        parts.push(word[start..].to_string());
        parts
    }

    /// As few lines as [`Canvas::wrap`] gives, but of like length: no word left alone.
    pub fn balance(&self, style: Style, width: f32, text: &str) -> Vec<String> {
        let count = self.wrap(style, width, text).len();
        let (mut low, mut high) = (width * 0.4, width);
        for _ in 0..12 {
            let middle = (low + high) / 2.0;
            match self.wrap(style, middle, text).len() <= count {
                true => high = middle,
                false => low = middle,
            }
        }
        self.wrap(style, high, text)
    }

    /// Draws lines one below the other and returns the baseline after the last.
    pub fn lines(&mut self, x: f32, y: f32, style: Style, leading: f32, lines: &[String]) -> f32 {
        let mut y = y;
        for line in lines {
            self.text(x, y, style, Anchor::Left, line);
            y += leading;
        }
        y
    }

    /// What is drawn by `draw` is seen only inside the area.
    pub fn clip(&mut self, area: Area, draw: impl FnOnce(&mut Canvas)) {
        let mut inner = Canvas::new(self.fonts);
        draw(&mut inner);
        self.ops.push(Op::Clip { area, ops: inner.ops });
    }
}

/// A dot between two things never begins or ends a line.
fn dotted(text: &str) -> Cow<'_, str> {
    match text.contains(" · ") {
        true => Cow::Owned(text.replace(" · ", "\u{a0}·\u{a0}")),
        false => Cow::Borrowed(text),
    }
}

/// Of the width of a line, how much of an address stands on it at least.
const SEGMENT: f32 = 0.25;

/// Where an address may break: behind its last slash, else behind its last sign between words.
fn segment(word: &str, start: usize, end: usize) -> Option<usize> {
    let behind = |signs: &[char]| word[start..end].rfind(signs).map(|at| start + at + 1);
    let after = &word[end..];
    // What ends right before a slash is whole already.
    if after.starts_with('/') || !word.contains("://") {
        return None;
    }
    behind(&['/']).or_else(|| behind(&['?', '&', '=', '-', '_', '.', ',', ';']))
}

/// What of a text is not in these lines of it.
fn after<'t>(text: &'t str, lines: &[String]) -> &'t str {
    let is_gap = |c: &char| matches!(c, ' ' | '\n');
    let set = lines.iter().flat_map(|line| line.chars()).filter(|c| !is_gap(c)).count();
    let mut signs = text.char_indices().filter(|(_, c)| !is_gap(c));
    signs.nth(set).map_or("", |(at, _)| &text[at..])
}

#[cfg(test)]
mod tests {
    use super::super::palette::INK;
    use super::*;

    const STYLE: Style = Style::new(Face::Sans, 10.0, INK);

    fn check(width: f32, text: &str, expected: &[&str]) {
        let fonts = Fonts::default();
        assert_eq!(Canvas::new(&fonts).wrap(STYLE, width, text), expected);
    }

    #[test]
    fn lines_break_at_spaces_but_not_at_the_other_kind() {
        check(60.0, "a temperature of 12\u{a0}°C", &["a temperature", "of 12\u{a0}°C"]);
        check(500.0, "  one   line\nonly ", &["one line only"]);
        check(500.0, "", &[]);
    }

    #[test]
    fn a_word_too_long_for_a_line_is_broken() {
        check(25.0, "aaaaaaaaaa", &["aaaa", "aaaa", "aa"]);
    }

    #[test]
    fn an_address_breaks_behind_a_slash() {
        check(
            90.0,
            "see https://example.org/open/index.en.html",
            &["see", "https://example.org/", "open/index.en.html"],
        );
        check(
            90.0,
            "https://example.org/a-very-long-name-without-any-slash",
            &["https://example.org/", "a-very-long-name-", "without-any-slash"],
        );
        check(60.0, "https://example.org", &["https://", "example.org"]);
    }

    #[test]
    fn a_dot_between_two_things_never_begins_or_ends_a_line() {
        for width in [40.0, 60.0, 80.0, 100.0] {
            let fonts = Fonts::default();
            let lines = Canvas::new(&fonts).wrap(STYLE, width, "each hour · API, no key · last");
            let ends = |line: &String| line.starts_with('·') || line.ends_with('·');
            assert!(!lines.iter().any(ends), "{lines:?} at {width}");
        }
    }

    #[test]
    fn what_does_not_fit_ends_in_an_ellipsis() {
        let fonts = Fonts::default();
        let canvas = Canvas::new(&fonts);
        let short = canvas.fit(STYLE, 40.0, "Marseille-Marignane");
        assert!(short.ends_with('…') && canvas.width(STYLE, &short) <= 40.0, "{short}");
        assert_eq!(canvas.fit(STYLE, 400.0, "Lyon"), "Lyon");
        assert_eq!(canvas.fit(STYLE, 0.0, "Lyon"), "…");
    }

    #[test]
    fn words_that_are_set_otherwise_together_fit_too() {
        let fonts = Fonts::default();
        let canvas = Canvas::new(&fonts);
        for text in ["ԱA ⑀\u{16af0}𐫀ࡰ", "a0 (שלום) b (עולם) 12 (ים)", "￼\u{2000}"]
        {
            for width in [58.0, 120.0, 157.4, 190.0] {
                let lines = canvas.wrap(STYLE, width, text);
                let fits = |l: &String| canvas.width(STYLE, l) <= width || endings(l).len() == 1;
                assert!(lines.iter().all(fits), "{lines:?} at {width}");
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_wrapped_within_its_width(text: String, width in 12f32..300.0) {
            let fonts = Fonts::default();
            let canvas = Canvas::new(&fonts);
            for line in canvas.wrap(STYLE, width, &text) {
                let wide = canvas.width(STYLE, &line);
                // Kerning between words may take a hair more than words and spaces alone.
                assert!(wide <= width + 1.0 || endings(&line).len() == 1, "{line:?} is {wide}");
            }
            assert!(canvas.width(STYLE, &canvas.fit(STYLE, width, &text)) <= width + 1.0);
        }
    }
}
