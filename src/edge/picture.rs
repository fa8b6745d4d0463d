//! Marks as a picture: a PNG of them, at any size. Letters are drawn by their outlines, so a
//! picture looks the same on every machine.

use crate::domain::page::fonts::{Face, Font};
use crate::domain::page::op::{Area, Colour, Ink, Op, Pen, Spot, Text};
use rustybuzz::ttf_parser::{self, GlyphId, OutlineBuilder};
use tiny_skia::{
    Color, FillRule, LineCap, LineJoin, Mask, Paint, Path, PathBuilder, Pixmap, Rect, Stroke,
    Transform,
};

/// A picture is no larger, in pixels of one side.
const SIDE: f32 = 4000.0;

/// The width of the white edge of words that cross other marks.
const HALO: f32 = 2.4;

/// A PNG of an area of marks, so many pixels a point; none where it would be empty or too large.
pub fn png(ops: &[Op], width: f32, height: f32, scale: f32) -> Option<Vec<u8>> {
    let scale = scale.min(SIDE / width.max(height).max(1.0));
    let size = |length: f32| (length * scale).ceil().clamp(1.0, SIDE) as u32;
    let mut pixels = Pixmap::new(size(width), size(height))?;
    pixels.fill(Color::WHITE);
    let mut painter = Painter { pixels, at: Transform::from_scale(scale, scale), mask: None };
    painter.ops(ops);
    painter.pixels.encode_png().ok()
}

struct Painter {
    pixels: Pixmap,
    at: Transform,
    mask: Option<Mask>,
}

fn paint(Colour(r, g, b): Colour, cover: u8) -> Paint<'static> {
    let mut paint = Paint::default();
    let alpha = (u32::from(cover.min(100)) * 255 / 100) as u8;
    paint.set_color_rgba8(r, g, b, alpha);
    paint.anti_alias = true;
    paint
}

fn stroke(pen: &Pen) -> Stroke {
    let (line_cap, line_join) = match pen.round {
        true => (LineCap::Round, LineJoin::Round),
        false => (LineCap::Butt, LineJoin::Miter),
    };
    Stroke { width: pen.width, line_cap, line_join, ..Stroke::default() }
}

fn line(points: &[Spot], is_closed: bool, path: &mut PathBuilder) {
    for (place, (x, y)) in points.iter().enumerate() {
        if place == 0 { path.move_to(*x, *y) } else { path.line_to(*x, *y) }
    }
    if is_closed {
        path.close();
    }
}

impl Painter {
    fn ops(&mut self, ops: &[Op]) {
        ops.iter().for_each(|op| self.op(op));
    }

    fn op(&mut self, op: &Op) {
        match op {
            Op::Rect { area, fill, pen } => self.rect(area, *fill, *pen),
            Op::Line { points, pen } => {
                let mut path = PathBuilder::new();
                line(points, false, &mut path);
                self.stroke(path.finish(), pen);
            }
            Op::Fill { rings, ink } => {
                let mut path = PathBuilder::new();
                rings.iter().for_each(|ring| line(ring, true, &mut path));
                self.fill(path.finish(), *ink);
            }
            Op::Circle { at, radius, fill, pen } => {
                let path = PathBuilder::from_circle(at.0, at.1, *radius);
                if let Some(ink) = fill {
                    self.fill(path.clone(), *ink);
                }
                if let Some(pen) = pen {
                    self.stroke(path, pen);
                }
            }
            Op::Dots { at, diameter, ink } => {
                for (x, y) in at {
                    self.fill(PathBuilder::from_circle(*x, *y, diameter / 2.0), *ink);
                }
            }
            Op::Text(text) => self.text(text),
            Op::Clip { area, ops } => self.clip(area, ops),
            Op::Link { .. } | Op::Place { .. } => {}
        }
    }

    fn rect(&mut self, area: &Area, fill: Option<Ink>, pen: Option<Pen>) {
        let Some(rect) = Rect::from_xywh(area.x, area.y, area.w, area.h) else { return };
        let path = Some(PathBuilder::from_rect(rect));
        if let Some(ink) = fill {
            self.fill(path.clone(), ink);
        }
        if let Some(pen) = pen {
            self.stroke(path, &pen);
        }
    }

    fn fill(&mut self, path: Option<Path>, ink: Ink) {
        let Some(path) = path else { return };
        let paint = paint(ink.colour, ink.cover);
        self.pixels.fill_path(&path, &paint, FillRule::EvenOdd, self.at, self.mask.as_ref());
    }

    fn stroke(&mut self, path: Option<Path>, pen: &Pen) {
        let Some(path) = path else { return };
        let paint = paint(pen.colour, 100);
        self.pixels.stroke_path(&path, &paint, &stroke(pen), self.at, self.mask.as_ref());
    }

    fn clip(&mut self, area: &Area, ops: &[Op]) {
        let before = self.mask.clone();
        let rect = Rect::from_xywh(area.x, area.y, area.w, area.h);
        let mask = Mask::new(self.pixels.width(), self.pixels.height());
        if let (Some(rect), Some(mut mask)) = (rect, mask) {
            let path = PathBuilder::from_rect(rect);
            mask.fill_path(&path, FillRule::Winding, true, self.at);
            self.mask = Some(mask);
        }
        self.ops(ops);
        self.mask = before;
    }

    fn text(&mut self, text: &Text) {
        let mut x = text.x;
        for part in &text.run.parts {
            // Fonts of the machine are not at hand here: what they show stays empty.
            let face = match part.font {
                Font::Own(face) => Some(own(face)),
                Font::Found(_) => None,
            };
            for glyph in &part.glyphs {
                let at = (x + glyph.aside.0 * text.size, text.y - glyph.aside.1 * text.size);
                x += glyph.advance * text.size;
                if let Some(path) =
                    face.as_ref().and_then(|face| outline(face, glyph.id, at, text.size))
                {
                    self.glyph(path, text);
                }
            }
        }
    }

    fn glyph(&mut self, path: Path, text: &Text) {
        if text.halo {
            let edge = Pen::round(Colour::hex(0xff_ff_ff), HALO);
            self.stroke(Some(path.clone()), &edge);
        }
        let paint = paint(text.colour, 100);
        self.pixels.fill_path(&path, &paint, FillRule::Winding, self.at, self.mask.as_ref());
    }
}

fn own(face: Face) -> rustybuzz::Face<'static> {
    face.parsed()
}

/// A glyph's outline at a place, its lengths in points.
struct Outline {
    path: PathBuilder,
    at: Spot,
    scale: f32,
}

fn outline(face: &ttf_parser::Face, id: u16, at: Spot, size: f32) -> Option<Path> {
    let scale = size / f32::from(face.units_per_em());
    let mut outline = Outline { path: PathBuilder::new(), at, scale };
    face.outline_glyph(GlyphId(id), &mut outline)?;
    outline.path.finish()
}

impl Outline {
    fn spot(&self, x: f32, y: f32) -> Spot {
        (self.at.0 + x * self.scale, self.at.1 - y * self.scale)
    }
}

impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.spot(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.spot(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.spot(x1, y1), self.spot(x, y));
        self.path.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) = (self.spot(x1, y1), self.spot(x2, y2), self.spot(x, y));
        self.path.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::format::Lang;
    use crate::domain::page::drawing;
    use crate::domain::report::figure::{Bar, Bars};
    use crate::domain::report::{Block, Caption};

    #[test]
    fn a_picture_has_the_size_of_its_marks_and_ink_on_it() {
        let items = vec![Bar { label: "a".into(), value: 3.0, text: "3".into(), ..Bar::default() }];
        let bars = Bars { caption: Caption::new("Title", ""), items, ..Bars::default() };
        let drawing = drawing(&Block::Bars(bars), Lang::En, 200.0, 0.0, false);
        let bytes = png(&drawing.ops, drawing.width, drawing.height, 2.0).unwrap();
        let pixels = Pixmap::decode_png(&bytes).unwrap();
        assert_eq!(pixels.width(), 400);
        let dark = pixels.pixels().iter().filter(|pixel| pixel.red() < 128).count();
        assert!((100..20_000).contains(&dark), "{dark}");
        assert!(png(&[], 1e9, 10.0, 1.0).is_some());
    }
}
