//! What is drawn: marks in points from the top left corner of a page.
//! Each op says all it needs, so that a PDF, an SVG or a test can carry it out on its own.

use super::fonts::{Face, Run};
use std::sync::Arc;

/// A place on a page, in points, x to the right and y down.
pub type Spot = (f32, f32);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(pub u8, pub u8, pub u8);

impl Colour {
    pub const fn hex(rgb: u32) -> Colour {
        Colour((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8)
    }
}

/// A colour, and how much of it covers what lies below, in per cent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ink {
    pub colour: Colour,
    pub cover: u8,
}

impl From<Colour> for Ink {
    fn from(colour: Colour) -> Ink {
        Ink { colour, cover: 100 }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pen {
    pub colour: Colour,
    pub width: f32,
    /// Ends and corners are round; else they are cut square.
    pub round: bool,
}

impl Pen {
    pub const fn flat(colour: Colour, width: f32) -> Pen {
        Pen { colour, width, round: false }
    }

    pub const fn round(colour: Colour, width: f32) -> Pen {
        Pen { colour, width, round: true }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Area {
    pub x: f32,
    pub y: f32,
    pub w: f32,
    pub h: f32,
}

impl Area {
    pub const fn new(x: f32, y: f32, w: f32, h: f32) -> Area {
        Area { x, y, w, h }
    }

    pub fn right(&self) -> f32 {
        self.x + self.w
    }

    pub fn bottom(&self) -> f32 {
        self.y + self.h
    }

    /// Whether two areas share more than an edge.
    pub fn meets(&self, other: &Area) -> bool {
        self.x < other.right()
            && other.x < self.right()
            && self.y < other.bottom()
            && other.y < self.bottom()
    }
}

/// One line of text, shaped; x is its left end, y its baseline.
#[derive(Clone, Debug)]
pub struct Text {
    pub x: f32,
    pub y: f32,
    pub face: Face,
    pub size: f32,
    pub colour: Colour,
    /// A white edge, for labels that cross other marks.
    pub halo: bool,
    pub run: Arc<Run>,
}

impl Text {
    pub fn width(&self) -> f32 {
        self.run.width * self.size
    }

    /// The box from cap height to just below the baseline.
    pub fn area(&self) -> Area {
        Area::new(self.x, self.y - 0.7 * self.size, self.width(), 0.9 * self.size)
    }
}

/// Where a link leads.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    Url(String),
    /// A page, counted from zero, and a height on it.
    Page(usize, f32),
}

#[derive(Clone, Debug)]
pub enum Op {
    Rect {
        area: Area,
        fill: Option<Ink>,
        pen: Option<Pen>,
    },
    Line {
        points: Vec<Spot>,
        pen: Pen,
    },
    Fill {
        rings: Vec<Vec<Spot>>,
        ink: Ink,
    },
    Circle {
        at: Spot,
        radius: f32,
        fill: Option<Ink>,
        pen: Option<Pen>,
    },
    /// Many dots of one size and colour.
    Dots {
        at: Vec<Spot>,
        diameter: f32,
        ink: Ink,
    },
    Text(Text),
    /// Marks of which only what lies in the area is seen.
    Clip {
        area: Area,
        ops: Vec<Op>,
    },
    Link {
        area: Area,
        to: Target,
    },
    /// Here stands a place of a map, by its number there; nothing is seen of it.
    Place {
        at: Spot,
        radius: f32,
        number: usize,
    },
}

impl Op {
    /// Moves the mark right and down.
    pub fn shift(&mut self, dx: f32, dy: f32) {
        let move_spot = |p: &mut Spot| *p = (p.0 + dx, p.1 + dy);
        match self {
            Op::Rect { area, .. } | Op::Link { area, .. } => area.shift(dx, dy),
            Op::Line { points: at, .. } | Op::Dots { at, .. } => at.iter_mut().for_each(move_spot),
            Op::Fill { rings, .. } => rings.iter_mut().flatten().for_each(move_spot),
            Op::Circle { at, .. } | Op::Place { at, .. } => move_spot(at),
            Op::Text(text) => (text.x, text.y) = (text.x + dx, text.y + dy),
            Op::Clip { area, ops } => {
                area.shift(dx, dy);
                ops.iter_mut().for_each(|op| op.shift(dx, dy));
            }
        }
    }
}

impl Area {
    fn shift(&mut self, dx: f32, dy: f32) {
        (self.x, self.y) = (self.x + dx, self.y + dy);
    }
}

/// All text of a list of ops, in order, with what is clipped.
pub fn texts(ops: &[Op]) -> Vec<&Text> {
    let mut found = vec![];
    for op in ops {
        match op {
            Op::Text(text) => found.push(text),
            Op::Clip { ops, .. } => found.extend(texts(ops)),
            _ => {}
        }
    }
    found
}
