//! What is counted: snapshots with a few items each, whose values are powers of sixteen. So a
//! sum over rows, in whatever order they were written, says how often each item is in it.

use crate::declared::declared;
use daybook::domain::hours::Hours;
use daybook::domain::name::SourceName;
use daybook::domain::source::Source;
use daybook::domain::time::{Instant, Window, parse_iso};
use daybook::edge::config;
use std::ops::Range;

/// Snapshots: name, minute of the day, and per item the declaration from which on it is readable.
const SNAPSHOTS: [(&str, u16, &[u8]); 9] = [
    ("a", 605, &[1, 1]),
    ("b", 610, &[1]),
    ("partial", 615, &[1, 2, 1, 2]),
    ("broken", 620, &[2]),
    ("torn", 625, &[]),
    ("late", 630, &[1]),
    ("mid", 635, &[1]),
    ("else", 640, &[1]),
    ("next", 665, &[1, 2]),
];

/// All items of all snapshots: sixteen to this power still fits a double.
pub const ITEMS: usize = 13;

/// How often each item counts.
pub type Counts = [u8; ITEMS];

/// Whether a declaration, of four, reads items of the second kind. The last two have other keys of
/// series than the first two.
pub fn reads_more(version: u8) -> bool {
    matches!(version, 2 | 3)
}

/// Of one snapshot: whether its bytes are cut off, and its items, as places in [`Counts`], each
/// with whether the first declaration reads it.
pub struct Content {
    pub name: &'static str,
    pub instant: Instant,
    pub is_torn: bool,
    pub items: Vec<(usize, bool)>,
    pub bytes: Vec<u8>,
}

pub fn snapshot(name: &str) -> Content {
    let place = SNAPSHOTS.iter().position(|(known, ..)| *known == name).unwrap();
    let (name, minute, levels) = SNAPSHOTS[place];
    let first: usize = SNAPSHOTS[..place].iter().map(|(.., levels)| levels.len()).sum();
    let items = levels.iter().zip(first..).map(|(level, item)| (item, *level == 1)).collect();
    let element = |(at, level): (usize, &u8)| {
        let value = 16u64.pow((first + at) as u32);
        let read = if *level == 1 { value.to_string() } else { "\"odd\"".into() };
        format!(r#"{{"s":"s{}","t":"t{at}","v":{read},"w":{value}}}"#, at % 2)
    };
    let elements: Vec<String> = levels.iter().enumerate().map(element).collect();
    let is_torn = levels.is_empty();
    let text = if is_torn { "[{\"s\":".into() } else { format!("[{}]", elements.join(",")) };
    let time = format!("2026-11-21T{:02}:{:02}:00Z", minute / 60, minute % 60);
    let instant = parse_iso(&time).unwrap();
    Content { name, instant, is_torn, items, bytes: text.into_bytes() }
}

pub fn name() -> SourceName {
    SourceName::parse("model").unwrap()
}

/// The hours in which they are.
pub fn hours() -> Range<Window> {
    Window::parse("2026-11-21T10").unwrap()..Window::parse("2026-11-21T12").unwrap()
}

pub fn source(version: u8) -> Source {
    let value = if reads_more(version) { "w" } else { "v" };
    let series = if matches!(version, 3 | 4) { "t" } else { "s" };
    let rest = format!(
        "[samples]\nat = \"[*]\"\nseries = \"{series}\"\nmay_repeat = true\n\
         [fields.n]\npath = \"{value}\"\n[aggregates.all]\nsum = \"n\"\n"
    );
    let text = declared("json", "https://example.org/feed", "1m", &rest);
    config::source(&name(), "model.toml", &text).unwrap()
}

/// How often each item counts by itself, and how often in an aggregate.
pub fn counts(hours: &Hours) -> Result<[Counts; 2], String> {
    if !hours.damaged.is_empty() {
        return Err(format!("half a batch is visible: {:?}", hours.damaged));
    }
    let mut sums = [0, 0];
    for (name, field) in hours.series.values().flatten() {
        for (_, stats) in field.iter() {
            let numbers = stats.numbers().ok_or("a row without numbers")?;
            if numbers.sum.fract() != 0.0 || numbers.sum < 0.0 {
                return Err(format!("a sum is {}", numbers.sum));
            }
            sums[usize::from(name == "all")] += numbers.sum as u64;
        }
    }
    let digits = |sum: u64| std::array::from_fn(|place| (sum >> (4 * place) & 15) as u8);
    let counts = sums.map(digits);
    match counts.iter().flatten().all(|count| *count < 2) {
        true => Ok(counts),
        false => Err(format!("counted twice: {counts:?}")),
    }
}
