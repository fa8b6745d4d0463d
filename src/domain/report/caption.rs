//! Words that figures and tables share: what stands above them, what a colour and an arrow mean.

/// The words above a figure or a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Caption {
    /// States the finding.
    pub title: String,
    /// Unit, step, what the band is.
    pub subtitle: String,
    /// What it is made of; paper does not show it.
    pub origin: Option<Origin>,
}

/// The declared figure that something shows, for who wants its data or more of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    pub source: String,
    /// Its place among the figures of its source, from 1; zero: it is none of them.
    pub figure: usize,
    pub field: String,
    /// The one series that it shows.
    pub series: Option<String>,
}

impl Origin {
    /// What tells it apart in addresses: `bikes-baywheels.2`.
    pub fn id(&self) -> String {
        format!("{}.{}", self.source, self.figure)
    }
}

impl Caption {
    pub fn new(title: impl Into<String>, subtitle: impl Into<String>) -> Caption {
        Caption { title: title.into(), subtitle: subtitle.into(), origin: None }
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
