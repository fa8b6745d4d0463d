//! A plotters backend that records onto a canvas. plotters maps values to places and draws
//! series; ticks, grid and labels are ours. Its coordinates are whole numbers, so that a point
//! is cut into `UNIT` parts.

use super::canvas::{Anchor, Canvas, Style};
use super::fonts::Face;
use super::op::{Area, Colour, Ink, Pen, Spot};
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
};
use std::convert::Infallible;

/// Backend units in a point.
pub const UNIT: f32 = 20.0;

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

/// Draws into one area of a canvas.
pub struct Recorder<'c, 'f> {
    pub canvas: &'c mut Canvas<'f>,
    pub area: Area,
}

impl Recorder<'_, '_> {
    fn spot(&self, at: BackendCoord) -> Spot {
        (self.area.x + at.0 as f32 / UNIT, self.area.y + at.1 as f32 / UNIT)
    }
}

fn colour(from: BackendColor) -> Colour {
    Colour(from.rgb.0, from.rgb.1, from.rgb.2)
}

fn ink(from: BackendColor) -> Ink {
    Ink { colour: colour(from), cover: (from.alpha * 100.0).round() as u8 }
}

fn pen<S: BackendStyle>(style: &S) -> Pen {
    Pen::round(colour(style.color()), style.stroke_width() as f32 / UNIT)
}

fn unseen<S: BackendStyle>(style: &S) -> bool {
    style.color().alpha == 0.0
}

impl DrawingBackend for Recorder<'_, '_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        ((self.area.w * UNIT) as u32, (self.area.h * UNIT) as u32)
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, at: BackendCoord, color: BackendColor) -> Drawn {
        let (x, y) = self.spot(at);
        self.canvas.rect(Area::new(x, y, 1.0 / UNIT, 1.0 / UNIT), ink(color));
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, a: BackendCoord, b: BackendCoord, s: &S) -> Drawn {
        if !unseen(s) {
            self.canvas.line(self.spot(a), self.spot(b), pen(s));
        }
        Ok(())
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        a: BackendCoord,
        b: BackendCoord,
        s: &S,
        fill: bool,
    ) -> Drawn {
        if unseen(s) {
            return Ok(());
        }
        let (a, b) = (self.spot(a), self.spot(b));
        let (w, h) = ((b.0 - a.0).abs(), (b.1 - a.1).abs());
        let area = Area::new(a.0.min(b.0), a.1.min(b.1), w, h);
        match fill {
            true => self.canvas.rect(area, ink(s.color())),
            false => self.canvas.frame(area, pen(s)),
        }
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        s: &S,
    ) -> Drawn {
        if !unseen(s) {
            let points = path.into_iter().map(|p| self.spot(p)).collect();
            self.canvas.polyline(points, pen(s));
        }
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        at: BackendCoord,
        radius: u32,
        s: &S,
        fill: bool,
    ) -> Drawn {
        if unseen(s) {
            return Ok(());
        }
        let (at, radius) = (self.spot(at), radius as f32 / UNIT);
        match fill {
            true => self.canvas.dots(vec![at], radius * 2.0, ink(s.color())),
            false => self.canvas.circle(at, radius, None, Some(pen(s))),
        }
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        ring: I,
        s: &S,
    ) -> Drawn {
        if !unseen(s) {
            let ring = ring.into_iter().map(|p| self.spot(p)).collect();
            self.canvas.fill(vec![ring], ink(s.color()));
        }
        Ok(())
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        s: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let size = s.size() as f32;
        Ok((self.canvas.fonts.width(Face::Sans, size, text).ceil() as u32, (size * 0.7) as u32))
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, s: &S, at: BackendCoord) -> Drawn {
        let size = s.size() as f32 / UNIT;
        let (x, y) = self.spot(at);
        let drop = match s.anchor().v_pos {
            VPos::Top => 0.66,
            VPos::Center => 0.33,
            VPos::Bottom => 0.0,
        };
        let anchor = match s.anchor().h_pos {
            HPos::Left => Anchor::Left,
            HPos::Center => Anchor::Middle,
            HPos::Right => Anchor::Right,
        };
        let style = Style::new(Face::Sans, size, colour(s.color()));
        self.canvas.text(x, y + drop * size, style, anchor, text);
        Ok(())
    }
}
