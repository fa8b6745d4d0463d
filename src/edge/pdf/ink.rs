//! Ops of a page to operators of printpdf. PDF counts upwards from the lower left corner and
//! keeps colours, widths and fonts until they change, so what is unchanged is not written again.
//! Coordinates are rounded to hundredths of a point.

use super::line::{Shown, Words};
use crate::domain::page::Page;
use crate::domain::page::fonts::{Face, Font};
use crate::domain::page::op::{Area, Colour, Ink, Op, Pen, Spot, Target, Text};
use crate::domain::page::palette::WHITE;
use printpdf::{
    Actions, BorderArray, Color, ColorArray, Destination, DictItem, ExtendedGraphicsStateId,
    FontId, Greyscale, HighlightingMode, Line, LineCapStyle, LineJoinStyle, LinePoint,
    LinkAnnotation, Op as Pdf, PaintMode, PdfFontHandle, Point, Polygon, PolygonRing, Pt, Rect,
    Rgb, TextItem, TextMatrix, TextRenderingMode, WindingOrder,
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

/// The operators of a page.
pub fn carry_out(page: &Page, words: &Words) -> Vec<Pdf> {
    let mut writer = Writer { ops: vec![], height: page.height, state: State::default(), words };
    writer.all(&page.ops);
    writer.ops
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
    ops: Vec<Pdf>,
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
                let rings = rings.iter().filter(|r| r.len() > 2).map(|r| self.ring(r)).collect();
                self.polygon(rings, PaintMode::Fill);
            }
            Op::Circle { at, radius, fill, pen } => {
                let mode = self.paint(fill.as_ref(), pen.as_ref());
                let ring = self.circle(*at, *radius);
                self.polygon(vec![ring], mode);
            }
            Op::Dots { at, diameter, ink } => self.dots(at, *diameter, ink),
            Op::Text(text) => self.text(text),
            Op::Clip { area, ops } => self.clip(area, ops),
            Op::Link { area, to } => self.link(area, to),
        }
    }

    fn point(&self, at: Spot, bezier: bool) -> LinePoint {
        let p = Point { x: Pt(rounded(at.0)), y: Pt(rounded(self.height - at.1)) };
        LinePoint { p, bezier }
    }

    fn ring(&self, points: &[Spot]) -> PolygonRing {
        PolygonRing { points: points.iter().map(|p| self.point(*p, false)).collect() }
    }

    fn area(&self, area: &Area, mode: Option<PaintMode>) -> Rect {
        Rect {
            x: Pt(rounded(area.x)),
            y: Pt(rounded(self.height - area.bottom())),
            width: Pt(rounded(area.w)),
            height: Pt(rounded(area.h)),
            mode,
            winding_order: Some(WindingOrder::NonZero),
        }
    }

    fn rect(&mut self, area: &Area, fill: Option<&Ink>, pen: Option<&Pen>) {
        let mode = self.paint(fill, pen);
        let rectangle = self.area(area, Some(mode));
        self.ops.push(Pdf::DrawRectangle { rectangle });
    }

    fn line(&mut self, points: &[Spot], pen: &Pen) {
        self.stroke(pen);
        let mut points: Vec<LinePoint> = points.iter().map(|p| self.point(*p, false)).collect();
        points.dedup_by(|a, b| a.p == b.p);
        if let [only] = &points[..] {
            points = vec![only.clone(), only.clone()];
        }
        self.ops.push(Pdf::DrawLine { line: Line { points, is_closed: false } });
    }

    fn polygon(&mut self, rings: Vec<PolygonRing>, mode: PaintMode) {
        if !rings.is_empty() {
            let polygon = Polygon { rings, mode, winding_order: WindingOrder::NonZero };
            self.ops.push(Pdf::DrawPolygon { polygon });
        }
    }

    fn circle(&self, (x, y): Spot, r: f32) -> PolygonRing {
        let k = ROUND * r;
        let corner = |dx, dy| self.point((x + dx, y + dy), false);
        let handle = |dx, dy| self.point((x + dx, y + dy), true);
        let points = vec![
            corner(r, 0.0),
            handle(r, k),
            handle(k, r),
            corner(0.0, r),
            handle(-k, r),
            handle(-r, k),
            corner(-r, 0.0),
            handle(-r, -k),
            handle(-k, -r),
            corner(0.0, -r),
            handle(k, -r),
            handle(r, -k),
            corner(r, 0.0),
        ];
        PolygonRing { points }
    }

    fn dots(&mut self, at: &[Spot], diameter: f32, ink: &Ink) {
        self.cover(ink.cover);
        self.stroke_only(&Pen::round(ink.colour, diameter));
        let dot = |&(x, y): &Spot| self.ring(&[(x, y), (x + SPECK, y)]);
        let rings = at.iter().map(dot).collect();
        self.polygon(rings, PaintMode::Stroke);
    }

    fn clip(&mut self, area: &Area, ops: &[Op]) {
        let before = self.state.clone();
        self.ops.push(Pdf::SaveGraphicsState);
        let rectangle = self.area(area, Some(PaintMode::Clip));
        self.ops.push(Pdf::DrawRectangle { rectangle });
        self.all(ops);
        self.ops.push(Pdf::RestoreGraphicsState);
        self.state = before;
        // printpdf follows fonts without regard to saved states.
        self.state.font = None;
    }

    fn paint(&mut self, fill: Option<&Ink>, pen: Option<&Pen>) -> PaintMode {
        if let Some(pen) = pen {
            self.stroke(pen);
        }
        if let Some(ink) = fill {
            self.fill(ink);
        }
        match (fill, pen) {
            (Some(_), Some(_)) => PaintMode::FillStroke,
            (Some(_), None) => PaintMode::Fill,
            _ => PaintMode::Stroke,
        }
    }

    fn fill(&mut self, ink: &Ink) {
        self.cover(ink.cover);
        self.fill_colour(ink.colour);
    }

    fn fill_colour(&mut self, colour: Colour) {
        if self.state.fill.replace(colour) != Some(colour) {
            self.ops.push(Pdf::SetFillColor { col: pdf_colour(colour) });
        }
    }

    fn stroke(&mut self, pen: &Pen) {
        self.cover(100);
        self.stroke_only(pen);
    }

    fn stroke_only(&mut self, pen: &Pen) {
        if self.state.stroke.replace(pen.colour) != Some(pen.colour) {
            self.ops.push(Pdf::SetOutlineColor { col: pdf_colour(pen.colour) });
        }
        let width = rounded(pen.width);
        if self.state.width.replace(width) != Some(width) {
            self.ops.push(Pdf::SetOutlineThickness { pt: Pt(width) });
        }
        if self.state.round.replace(pen.round) != Some(pen.round) {
            let (cap, join) = match pen.round {
                true => (LineCapStyle::Round, LineJoinStyle::Round),
                false => (LineCapStyle::Butt, LineJoinStyle::Miter),
            };
            self.ops.push(Pdf::SetLineCapStyle { cap });
            self.ops.push(Pdf::SetLineJoinStyle { join });
        }
    }

    fn cover(&mut self, cover: u8) {
        if self.state.cover.replace(cover).unwrap_or(100) != cover {
            self.ops.push(Pdf::LoadGraphicsState { gs: cover_id(cover) });
        }
    }

    fn text(&mut self, text: &Text) {
        self.cover(100);
        if text.halo {
            self.stroke_only(&Pen::round(WHITE, HALO));
            self.ops.push(Pdf::SetTextRenderingMode { mode: TextRenderingMode::Stroke });
            // The edge says nothing: who copies the label would have it twice.
            self.instead("");
            self.show(text, false);
            self.ops.push(Pdf::EndMarkedContent);
            self.ops.push(Pdf::SetTextRenderingMode { mode: TextRenderingMode::Fill });
        }
        self.show(text, true);
    }

    /// Draws a line; it says what its glyphs do not mean, if it `speaks`.
    fn show(&mut self, text: &Text, speaks: bool) {
        self.fill_colour(text.colour);
        for shown in self.words.line(&text.run) {
            match shown {
                Shown::Glyphs { font, at, items } => self.glyphs(text, font, at, items),
                Shown::Instead(letters) if speaks => self.instead(&letters),
                Shown::End if speaks => self.ops.push(Pdf::EndMarkedContent),
                Shown::Instead(_) | Shown::End => {}
            }
        }
    }

    /// What follows, up to the end of the mark, stands for these letters.
    fn instead(&mut self, letters: &str) {
        let units = letters.encode_utf16().flat_map(u16::to_be_bytes);
        let data = [0xFE, 0xFF].into_iter().chain(units).collect();
        let said = DictItem::String { data, literal: false };
        let map = [("ActualText".to_string(), said)].into();
        let (tag, properties) = ("Span".into(), DictItem::Dict { map });
        self.ops.push(Pdf::BeginMarkedContentWithProperties { tag, properties });
    }

    fn glyphs(&mut self, text: &Text, of: Font, at: Spot, items: Vec<TextItem>) {
        self.ops.push(Pdf::StartTextSection);
        let font = (of, text.size);
        if self.state.font.replace(font) != Some(font) {
            let font = PdfFontHandle::External(font_id(of));
            self.ops.push(Pdf::SetFont { font, size: Pt(text.size) });
        }
        let x = rounded(text.x + at.0 * text.size);
        let y = rounded(self.height - text.y + at.1 * text.size);
        let matrix = TextMatrix::Raw([1.0, 0.0, 0.0, 1.0, x, y]);
        self.ops.push(Pdf::SetTextMatrix { matrix });
        self.ops.push(Pdf::ShowText { items });
        self.ops.push(Pdf::EndTextSection);
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
        let link = LinkAnnotation::new(
            self.area(area, None),
            actions,
            Some(BorderArray::Solid([0.0; 3])),
            Some(ColorArray::Transparent),
            Some(HighlightingMode::None),
        );
        self.ops.push(Pdf::LinkAnnotation { link });
    }
}

fn pdf_colour(Colour(r, g, b): Colour) -> Color {
    let share = |v: u8| (f32::from(v) / 255.0 * 1000.0).round() / 1000.0;
    match r == g && g == b {
        true => Color::Greyscale(Greyscale::new(share(r), None)),
        false => Color::Rgb(Rgb::new(share(r), share(g), share(b), None)),
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
