//! Ops of a page to what a PDF shows. PDF counts upwards from the lower left corner and
//! keeps colours, widths and fonts until they change, so what is unchanged is not written again.
//! Coordinates are rounded to hundredths of a point.

use super::content::Content;
use super::line::{Item, Shown, Words};
use crate::domain::page::Page;
use crate::domain::page::fonts::{Face, Font};
use crate::domain::page::op::{Area, Colour, Ink, Op, Pen, Spot, Target, Text};
use crate::domain::page::palette::WHITE;
use printpdf::{
    Actions, BorderArray, ColorArray, Destination, ExtendedGraphicsStateId, FontId,
    HighlightingMode, LinkAnnotation, Pt, Rect,
};

/// How wide the white edge of a halo is, on both sides together.
const HALO: f32 = 2.6;
/// Dots are strokes of this length with round ends: true points are dropped by some viewers.
const SPECK: f32 = 0.02;
/// How far a quarter of a circle's handles reach, by its radius.
const ROUND: f32 = 0.5523;

/// The name of a see-through state, by its cover in per cent.
pub fn cover_id(cover: u8) -> ExtendedGraphicsStateId {
    ExtendedGraphicsStateId(format!("A{cover}"))
}

/// The name of a font in the file. F1 to F14 are taken by the built-in fonts.
pub fn font_id(font: Font) -> FontId {
    let name = match font {
        Font::Own(Face::Sans) => "SaR",
        Font::Own(Face::Semibold) => "SaS",
        Font::Own(Face::Italic) => "SaI",
        Font::Own(Face::Light) => "SaL",
        Font::Own(Face::Display) => "SeD",
        Font::Own(Face::Serif) => "SeR",
        Font::Found(place) => return FontId(format!("X{place}")),
    };
    FontId(name.into())
}

/// A page: what it shows, and what of it leads elsewhere.
pub struct Drawn {
    pub content: Vec<u8>,
    pub links: Vec<LinkAnnotation>,
}

pub fn carry_out(page: &Page, words: &Words) -> Drawn {
    let (content, state) = (Content::default(), State::default());
    let mut writer = Writer { content, links: vec![], height: page.height, state, words };
    writer.all(&page.ops);
    Drawn { content: writer.content.bytes, links: writer.links }
}

/// How a path is painted.
#[derive(Clone, Copy)]
enum Paint {
    Fill,
    Stroke,
    Both,
}

/// What the file has been told last.
#[derive(Clone, Default)]
struct State {
    fill: Option<Colour>,
    stroke: Option<Colour>,
    width: Option<f32>,
    round: Option<bool>,
    font: Option<(Font, f32)>,
    cover: Option<u8>,
}

struct Writer<'a> {
    content: Content,
    links: Vec<LinkAnnotation>,
    height: f32,
    state: State,
    words: &'a Words,
}

fn rounded(v: f32) -> f32 {
    (v * 100.0).round() / 100.0 + 0.0
}

impl Writer<'_> {
    fn all(&mut self, ops: &[Op]) {
        for op in ops {
            self.one(op);
        }
    }

    fn one(&mut self, op: &Op) {
        match op {
            Op::Rect { area, fill, pen } => self.rect(area, fill.as_ref(), pen.as_ref()),
            Op::Line { points, pen } => self.line(points, pen),
            Op::Fill { rings, ink } => {
                self.fill(ink);
                let rings = rings.iter().filter(|r| r.len() > 2);
                let rings: Vec<&[Spot]> = rings.map(Vec::as_slice).collect();
                self.polygon(&rings, Paint::Fill);
            }
            Op::Circle { at, radius, fill, pen } => {
                let paint = self.paint(fill.as_ref(), pen.as_ref());
                self.circle(*at, *radius);
                self.closed(paint);
            }
            Op::Dots { at, diameter, ink } => self.dots(at, *diameter, ink),
            Op::Text(text) => self.text(text),
            Op::Clip { area, ops } => self.clip(area, ops),
            Op::Link { area, to } => self.link(area, to),
            Op::Place { .. } => {}
        }
    }

    /// Hundredths, counted from the lower left corner.
    fn point(&self, at: Spot) -> Spot {
        (rounded(at.0), rounded(self.height - at.1))
    }

    fn path(&mut self, points: impl IntoIterator<Item = Spot>) {
        for (place, (x, y)) in points.into_iter().enumerate() {
            self.content.op(&[x, y], if place == 0 { "m" } else { "l" });
        }
    }

    /// Left, foot, width and height.
    fn area(&self, area: &Area) -> [f32; 4] {
        let (x, y) = self.point((area.x, area.bottom()));
        [x, y, rounded(area.w), rounded(area.h)]
    }

    fn rect(&mut self, area: &Area, fill: Option<&Ink>, pen: Option<&Pen>) {
        let paint = self.paint(fill, pen);
        let area = self.area(area);
        self.content.op(&area, "re");
        self.content.end(match paint {
            Paint::Fill => "f",
            Paint::Stroke => "S",
            Paint::Both => "B",
        });
    }

    fn line(&mut self, points: &[Spot], pen: &Pen) {
        self.stroke(pen);
        let mut points: Vec<Spot> = points.iter().map(|p| self.point(*p)).collect();
        points.dedup();
        if let [only] = points[..] {
            points.push(only);
        }
        if !points.is_empty() {
            self.path(points);
            self.content.end("S");
        }
    }

    fn polygon(&mut self, rings: &[&[Spot]], paint: Paint) {
        for ring in rings {
            let points: Vec<Spot> = ring.iter().map(|p| self.point(*p)).collect();
            self.path(points);
        }
        if !rings.is_empty() {
            self.closed(paint);
        }
    }

    /// Closes a path and paints it.
    fn closed(&mut self, paint: Paint) {
        self.content.end("h");
        self.content.end(match paint {
            Paint::Fill => "f",
            Paint::Stroke => "S",
            Paint::Both => "b",
        });
    }

    /// Four quarters, from the right.
    fn circle(&mut self, (x, y): Spot, r: f32) {
        let k = ROUND * r;
        let (from_x, from_y) = self.point((x + r, y));
        self.content.op(&[from_x, from_y], "m");
        for quarter in [
            [(r, k), (k, r), (0.0, r)],
            [(-k, r), (-r, k), (-r, 0.0)],
            [(-r, -k), (-k, -r), (0.0, -r)],
            [(k, -r), (r, -k), (r, 0.0)],
        ] {
            let [a, b, c] = quarter.map(|(dx, dy)| self.point((x + dx, y + dy)));
            self.content.op(&[a.0, a.1, b.0, b.1, c.0, c.1], "c");
        }
    }

    fn dots(&mut self, at: &[Spot], diameter: f32, ink: &Ink) {
        self.cover(ink.cover);
        self.stroke_only(&Pen::round(ink.colour, diameter));
        let dots: Vec<[Spot; 2]> = at.iter().map(|&(x, y)| [(x, y), (x + SPECK, y)]).collect();
        let dots: Vec<&[Spot]> = dots.iter().map(|dot| &dot[..]).collect();
        self.polygon(&dots, Paint::Stroke);
    }

    fn clip(&mut self, area: &Area, ops: &[Op]) {
        let before = self.state.clone();
        self.content.end("q");
        let area = self.area(area);
        self.content.op(&area, "re");
        self.content.end("W");
        self.content.end("n");
        self.all(ops);
        self.content.end("Q");
        self.state = before;
    }

    fn paint(&mut self, fill: Option<&Ink>, pen: Option<&Pen>) -> Paint {
        if let Some(pen) = pen {
            self.stroke(pen);
        }
        if let Some(ink) = fill {
            self.fill(ink);
        }
        match (fill, pen) {
            (Some(_), Some(_)) => Paint::Both,
            (Some(_), None) => Paint::Fill,
            _ => Paint::Stroke,
        }
    }

    fn fill(&mut self, ink: &Ink) {
        self.cover(ink.cover);
        self.fill_colour(ink.colour);
    }

    fn fill_colour(&mut self, colour: Colour) {
        if self.state.fill.replace(colour) != Some(colour) {
            self.colour(colour, ["g", "rg"]);
        }
    }

    /// Grey, or red, green and blue, in thousandths.
    fn colour(&mut self, Colour(r, g, b): Colour, [grey, coloured]: [&str; 2]) {
        let share = |v: u8| (f32::from(v) / 255.0 * 1000.0).round() / 1000.0;
        match r == g && g == b {
            true => self.content.exact(&[share(r)], grey),
            false => self.content.exact(&[r, g, b].map(share), coloured),
        }
    }

    fn stroke(&mut self, pen: &Pen) {
        self.cover(100);
        self.stroke_only(pen);
    }

    fn stroke_only(&mut self, pen: &Pen) {
        if self.state.stroke.replace(pen.colour) != Some(pen.colour) {
            self.colour(pen.colour, ["G", "RG"]);
        }
        let width = rounded(pen.width);
        if self.state.width.replace(width) != Some(width) {
            self.content.op(&[width], "w");
        }
        if self.state.round.replace(pen.round) != Some(pen.round) {
            let style = if pen.round { 1.0 } else { 0.0 };
            self.content.op(&[style], "J");
            self.content.op(&[style], "j");
        }
    }

    fn cover(&mut self, cover: u8) {
        if self.state.cover.replace(cover).unwrap_or(100) != cover {
            self.content.named(&cover_id(cover).0, "gs");
        }
    }

    fn text(&mut self, text: &Text) {
        self.cover(100);
        if text.halo {
            self.stroke_only(&Pen::round(WHITE, HALO));
            self.content.op(&[1.0], "Tr");
            // The edge says nothing: who copies the label would have it twice.
            self.content.instead("");
            self.show(text, false);
            self.content.end("EMC");
            self.content.op(&[0.0], "Tr");
        }
        self.show(text, true);
    }

    /// Draws a line; it says what its glyphs do not mean, if it `speaks`.
    fn show(&mut self, text: &Text, speaks: bool) {
        self.fill_colour(text.colour);
        for shown in self.words.line(&text.run) {
            match shown {
                Shown::Glyphs { font, at, items } => self.glyphs(text, font, at, &items),
                Shown::Instead(letters) if speaks => self.content.instead(&letters),
                Shown::End if speaks => self.content.end("EMC"),
                Shown::Instead(_) | Shown::End => {}
            }
        }
    }

    fn glyphs(&mut self, text: &Text, of: Font, at: Spot, items: &[Item]) {
        self.content.end("BT");
        let font = (of, text.size);
        if self.state.font.replace(font) != Some(font) {
            self.content.name(&font_id(of).0);
            self.content.exact(&[text.size], "Tf");
        }
        let x = rounded(text.x + at.0 * text.size);
        let y = rounded(self.height - text.y + at.1 * text.size);
        self.content.op(&[1.0, 0.0, 0.0, 1.0, x, y], "Tm");
        self.content.glyphs(items);
        self.content.end("ET");
    }

    fn link(&mut self, area: &Area, to: &Target) {
        let actions = match to {
            Target::Url(url) => Actions::uri(encoded(url)),
            Target::Page(page, y) => Actions::go_to(Destination::Xyz {
                page: page + 1,
                left: None,
                top: Some((self.height - y + 12.0).min(self.height).round()),
                zoom: None,
            }),
        };
        let [x, y, width, height] = self.area(area).map(Pt);
        let rect = Rect { x, y, width, height, mode: None, winding_order: None };
        self.links.push(LinkAnnotation::new(
            rect,
            actions,
            Some(BorderArray::Solid([0.0; 3])),
            Some(ColorArray::Transparent),
            Some(HighlightingMode::None),
        ));
    }
}

/// A URI holds ASCII only; what is percent-encoded already stays.
fn encoded(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    for byte in url.bytes() {
        match byte {
            b'!'..=b'~' if !b"<>\"\\^`{|}".contains(&byte) => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_ascii() {
        assert_eq!(encoded("https://exemple.fr/é a?b=%20"), "https://exemple.fr/%C3%A9%20a?b=%20");
    }
}
