//! Looks at a finished PDF as a reader would. `pdftotext -bbox` tells where each word stands;
//! the pages' own operators tell the size of each line of text, and what was drawn twice.
//! No text comes near the edge, lies on another, is turned, or is too small to read.

use lopdf::content::{Content, Operation};
use lopdf::{Dictionary, Document, Object};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

const SIZE_MIN: f32 = 6.0;
/// Printers leave this much of each edge blank.
const MARGIN: f32 = 20.0;
/// How far the ink of capitals and of descenders reaches, in ems.
const ABOVE: f32 = 0.66;
const BELOW: f32 = 0.16;

/// A word as `pdftotext` finds it.
#[derive(Clone, Debug)]
pub struct Word {
    pub page: usize,
    pub left: f32,
    pub top: f32,
    pub right: f32,
    pub bottom: f32,
    pub text: String,
}

/// A line of text as it was drawn, with its height above the lower edge.
#[derive(Clone, Debug)]
pub struct Line {
    pub page: usize,
    pub left: f32,
    pub right: f32,
    pub base: f32,
    pub size: f32,
    pub upright: bool,
    /// How many characters the font has no glyph for.
    pub boxes: usize,
}

#[derive(Debug, Default)]
pub struct Found {
    pub words: Vec<Word>,
    pub lines: Vec<Line>,
    /// Widths and heights.
    pub pages: Vec<(f32, f32)>,
}

/// What stands in a file.
pub fn read(pdf: &Path) -> Found {
    let run = Command::new("pdftotext").args(["-bbox"]).arg(pdf).arg("-").output();
    let run = run.expect("pdftotext is needed: Debian package poppler-utils");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let mut found = parse(&String::from_utf8_lossy(&run.stdout));
    found.lines = lines(&Document::load(pdf).expect("a PDF that can be read"));
    assert!(!found.words.is_empty() && !found.lines.is_empty(), "{} is blank", pdf.display());
    found
}

fn parse(html: &str) -> Found {
    let mut found = Found::default();
    for line in html.lines().map(str::trim) {
        let number = |key: &str| attribute(line, key).expect("a number");
        if line.starts_with("<page ") {
            found.pages.push((number("width"), number("height")));
        } else if line.starts_with("<word ") {
            let text = line.split_once('>').and_then(|(_, rest)| rest.rsplit_once("</word>"));
            found.words.push(Word {
                page: found.pages.len() - 1,
                left: number("xMin"),
                top: number("yMin"),
                right: number("xMax"),
                bottom: number("yMax"),
                text: text.map(|t| t.0.to_string()).unwrap_or_default(),
            });
        }
    }
    found
}

fn attribute(line: &str, key: &str) -> Option<f32> {
    let (_, rest) = line.split_once(&format!("{key}=\""))?;
    rest.split_once('"')?.0.parse().ok()
}

/// The widths of the glyphs of a font, in ems; without an entry, one em.
type Widths = BTreeMap<u16, f32>;

fn lines(pdf: &Document) -> Vec<Line> {
    let mut lines = vec![];
    for (page, id) in pdf.page_iter().enumerate() {
        let fonts = pdf.get_page_fonts(id).expect("the fonts of a page");
        let fonts = fonts.into_iter().map(|(name, font)| (name, widths(pdf, font))).collect();
        let content = Content::decode(&pdf.get_page_content(id)).expect("operators of a page");
        let mut pen = Pen::new(page, &fonts);
        lines.extend(content.operations.iter().filter_map(|op| pen.follow(op)));
    }
    lines
}

/// From `/W [first [w w w] first last w ...]` of the font below the composite one.
fn widths(pdf: &Document, font: &Dictionary) -> Widths {
    let below = font.get_deref(b"DescendantFonts", pdf).and_then(Object::as_array);
    let below = &below.expect("a composite font")[0];
    let below = pdf.dereference(below).and_then(|(_, font)| font.as_dict()).expect("a font");
    let entries = below.get_deref(b"W", pdf).and_then(Object::as_array).expect("widths");
    let em = |width: &Object| number(width) / 1000.0;
    let (mut widths, mut rest) = (Widths::new(), &entries[..]);
    while let [first, next, more @ ..] = rest {
        let first = number(first) as u16;
        rest = match (next, more) {
            (Object::Array(list), _) => {
                widths.extend((first..).zip(list.iter().map(em)));
                more
            }
            (last, [width, more @ ..]) => {
                widths.extend((first..=number(last) as u16).map(|glyph| (glyph, em(width))));
                more
            }
            _ => panic!("widths that end early"),
        };
    }
    widths
}

fn number(object: &Object) -> f32 {
    object.as_float().expect("a number")
}

/// What the operators have set so far.
struct Pen<'a> {
    page: usize,
    fonts: &'a BTreeMap<Vec<u8>, Widths>,
    font: Vec<u8>,
    size: f32,
    mode: f32,
    matrix: [f32; 6],
}

impl Pen<'_> {
    fn new(page: usize, fonts: &BTreeMap<Vec<u8>, Widths>) -> Pen<'_> {
        Pen { page, fonts, font: vec![], size: 0.0, mode: 0.0, matrix: [0.0; 6] }
    }

    /// The line of text that an operator fills; its white edge is no line of its own.
    fn follow(&mut self, op: &Operation) -> Option<Line> {
        let values = &op.operands;
        match op.operator.as_str() {
            "Tf" => {
                self.font = values[0].as_name().expect("the name of a font").to_vec();
                self.size = number(&values[1]);
            }
            "Tr" => self.mode = number(&values[0]),
            "Tm" => self.matrix = [0, 1, 2, 3, 4, 5].map(|k| number(&values[k])),
            "Tj" | "TJ" if self.mode == 0.0 => return Some(self.line(&values[0])),
            // Nothing else moves or scales text in our files; if it does, this has to learn it.
            "cm" | "Td" | "TD" | "T*" | "Tz" | "Ts" | "Tc" | "Tw" | "'" | "\"" | "Do" => {
                panic!("the operator {} is not understood here", op.operator)
            }
            _ => {}
        }
        None
    }

    fn line(&self, shown: &Object) -> Line {
        let [a, b, c, d, left, base] = self.matrix;
        let (width, boxes) = self.measure(shown);
        let right = left + width * self.size * a;
        let (size, upright) = (self.size * d, b == 0.0 && c == 0.0);
        Line { page: self.page, left, right, base, size, upright, boxes }
    }

    /// The width in ems, and the characters without a glyph.
    fn measure(&self, shown: &Object) -> (f32, usize) {
        match shown {
            Object::Array(parts) => parts
                .iter()
                .map(|part| self.measure(part))
                .fold((0.0, 0), |sum, part| (sum.0 + part.0, sum.1 + part.1)),
            Object::String(bytes, _) => {
                let glyphs = bytes.chunks_exact(2).map(|b| u16::from_be_bytes([b[0], b[1]]));
                let widths = &self.fonts[&self.font];
                let wide = |glyph: u16| widths.get(&glyph).copied().unwrap_or(1.0);
                let boxes = glyphs.clone().filter(|glyph| *glyph == 0).count();
                (glyphs.map(wide).sum(), boxes)
            }
            kerning => (number(kerning) / -1000.0, 0),
        }
    }
}

/// All that is wrong, one line each.
pub fn faults(found: &Found) -> Vec<String> {
    let mut faults = vec![];
    for (page, size) in found.pages.iter().enumerate() {
        let words: Vec<&Word> = found.words.iter().filter(|w| w.page == page).collect();
        let lines: Vec<&Line> = found.lines.iter().filter(|l| l.page == page).collect();
        let mut fault = |what: String| faults.push(format!("page {}: {what}", page + 1));
        words.iter().filter(|w| leaves(w, *size)).for_each(|word| {
            fault(format!("{:?} is within {MARGIN} pt of the edge", word.text));
        });
        for (place, word) in words.iter().enumerate() {
            for other in words[place + 1..].iter().filter(|o| overlap(word, o)) {
                fault(format!("{:?} lies on {:?}", word.text, other.text));
            }
        }
        for (place, line) in lines.iter().enumerate() {
            if line.size < SIZE_MIN - 0.001 {
                fault(format!("{} is of {} pt", told(line, &words, size.1), line.size));
            }
            if !line.upright {
                fault(format!("{} is turned", told(line, &words, size.1)));
            }
            for other in lines[place + 1..].iter().filter(|o| meet(line, o)) {
                let [one, two] = [line, other].map(|line| told(line, &words, size.1));
                fault(format!("{one} meets {two}"));
            }
        }
    }
    faults
}

/// The lines with characters that the fonts have no glyph for: they are drawn as boxes.
pub fn boxes(found: &Found) -> Vec<String> {
    let boxed = found.lines.iter().filter(|line| line.boxes > 0);
    let told = |line: &Line| {
        let words: Vec<&Word> = found.words.iter().filter(|w| w.page == line.page).collect();
        format!("page {}: {}", line.page + 1, told(line, &words, found.pages[line.page].1))
    };
    boxed.map(told).collect()
}

/// A line by its words, as far as they can be found again.
fn told(line: &Line, words: &[&Word], height: f32) -> String {
    let y = height - line.base;
    let inside = |w: &&&Word| {
        w.top < y && y < w.bottom && w.left > line.left - 1.0 && w.right < line.right + 1.0
    };
    let words: Vec<&str> = words.iter().filter(inside).map(|w| w.text.as_str()).collect();
    format!("{:?} at {:.0}, {y:.0}", words.join(" "), line.left)
}

fn leaves(word: &Word, (width, height): (f32, f32)) -> bool {
    let right = word.right > width - MARGIN || word.bottom > height - MARGIN;
    word.left < MARGIN || word.top < MARGIN || right
}

/// Whether the ink may touch: boxes reach from ascender to descender and a bit beyond.
fn overlap(a: &Word, b: &Word) -> bool {
    let inner = |w: &Word| {
        let height = w.bottom - w.top;
        (w.top + 0.22 * height, w.bottom - 0.24 * height)
    };
    let (a_y, b_y) = (inner(a), inner(b));
    let across = a.right.min(b.right) - a.left.max(b.left);
    let down = a_y.1.min(b_y.1) - a_y.0.max(b_y.0);
    across > 0.3 && down > 0.3
}

fn meet(a: &Line, b: &Line) -> bool {
    let low = |l: &Line| l.base - BELOW * l.size;
    let high = |l: &Line| l.base + ABOVE * l.size;
    let across = a.right.min(b.right) - a.left.max(b.left);
    let up = high(a).min(high(b)) - low(a).max(low(b));
    across > 0.3 && up > 0.3
}

/// Fails with all faults of a file.
pub fn assert_sound(pdf: &Path) -> Found {
    let found = read(pdf);
    let faults = faults(&found);
    assert!(faults.is_empty(), "{}:\n{}", pdf.display(), faults.join("\n"));
    found
}
