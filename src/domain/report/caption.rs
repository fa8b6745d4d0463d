//! Words that figures and tables share: what stands above them, what a colour and an arrow mean.

/// The words above a figure or a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Caption {
    /// States the finding.
    pub title: String,
    /// Unit, step, what the band is.
    pub subtitle: String,
}

impl Caption {
    pub fn new(title: impl Into<String>, subtitle: impl Into<String>) -> Caption {
        Caption { title: title.into(), subtitle: subtitle.into() }
    }
}

/// What a colour means. Marks alone never tell it: a word or a place does too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    #[default]
    Plain,
    Strong,
    Muted,
    /// The series a figure is about.
    Main,
    /// Above what was, or worth the eye.
    Up,
    /// Below what was.
    Down,
    /// Something is wrong or missing.
    Alert,
}

/// Where a value went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    Up,
    Down,
    #[default]
    Level,
}

impl Direction {
    /// The way a change points; nothing below `least` in size is a change.
    pub fn of(change: f64, least: f64) -> Direction {
        match change {
            c if !c.is_finite() || c == 0.0 || c.abs() < least => Direction::Level,
            c if c > 0.0 => Direction::Up,
            _ => Direction::Down,
        }
    }
}
