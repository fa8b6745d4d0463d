//! The colours of the pages. They stay apart for readers who confuse red and green: up is orange,
//! down is blue, and neither means good or bad.

use super::op::Colour;
use crate::domain::report::{Direction, Tone};

pub const WHITE: Colour = Colour::hex(0xffffff);
pub const INK: Colour = Colour::hex(0x1b1f24);
pub const TEXT: Colour = Colour::hex(0x33393f);
pub const MUTED: Colour = Colour::hex(0x5b646e);
pub const FAINT: Colour = Colour::hex(0x8d969f);
pub const RULE: Colour = Colour::hex(0xd5dade);
pub const HAIR: Colour = Colour::hex(0xe6e9ec);
pub const BAND: Colour = Colour::hex(0xe7eef5);
pub const USUAL: Colour = Colour::hex(0xf3f5f7);
pub const LAND: Colour = Colour::hex(0xe9e8e3);
pub const BLUE: Colour = Colour::hex(0x005fa8);
pub const PALE_BLUE: Colour = Colour::hex(0x9cb7d0);
/// Pale blue dark enough to be read.
pub const SLATE: Colour = Colour::hex(0x5f7d99);
pub const ORANGE: Colour = Colour::hex(0xc84a0a);
pub const TEAL: Colour = Colour::hex(0x63a39f);
pub const AMBER: Colour = Colour::hex(0xddac4d);
pub const ROSE: Colour = Colour::hex(0x7a4c5b);

pub const ON_TIME: Colour = Colour::hex(0xd6e2ee);
pub const LATE: Colour = Colour::hex(0xf0b429);
pub const MISSING: Colour = Colour::hex(0x9c2f00);
pub const NOT_ASKED: Colour = Colour::hex(0xdcdcd8);
pub const NOTICE: Colour = Colour::hex(0xfdf3dc);

/// Lines of one chart, in order.
pub const SERIES: [Colour; 4] = [BLUE, ORANGE, TEAL, ROSE];

/// The colour of a word with this tone.
pub fn word(tone: Tone) -> Colour {
    match tone {
        Tone::Plain => TEXT,
        Tone::Strong => INK,
        Tone::Muted => MUTED,
        Tone::Main | Tone::Down => BLUE,
        Tone::Up => ORANGE,
        Tone::Alert => MISSING,
    }
}

/// The colour of a mark with this tone.
pub fn mark(tone: Tone) -> Colour {
    match tone {
        Tone::Plain | Tone::Main | Tone::Down => BLUE,
        Tone::Strong => INK,
        Tone::Muted => FAINT,
        Tone::Up => ORANGE,
        Tone::Alert => MISSING,
    }
}

pub fn direction(direction: Direction) -> Colour {
    match direction {
        Direction::Up => ORANGE,
        Direction::Down => BLUE,
        Direction::Level => MUTED,
    }
}

/// The sign that goes with a direction.
pub fn sign(direction: Direction) -> &'static str {
    match direction {
        Direction::Up => "▲",
        Direction::Down => "▼",
        Direction::Level => "●",
    }
}
