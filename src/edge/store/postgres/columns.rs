//! The columns of the views for people: which a shape has, and how each is called there for good.

use crate::domain::hash::Digest;
use crate::domain::shape::{Column, Shape};
use std::collections::BTreeSet;

/// What a part begins with that stands beside its record, since it may be withdrawn.
pub(super) const SIDE: &str = "side_";
/// A view has no more columns than these.
pub(super) const COLUMNS: usize = 1_600;
/// Names of PostgreSQL are cut behind so many bytes.
const NAME_BYTES: usize = 63;

/// Which of the two views of a source.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum View {
    Hours,
    Records,
}

/// A column of a view: what it is of, and how it is called there for good.
#[derive(Clone)]
pub(super) struct Made {
    pub name: String,
    pub field: String,
    /// mean, min, max, count; number, text; side_number, side_text.
    pub part: String,
    pub unit: Option<String>,
    pub title: String,
}

impl View {
    fn word(self) -> &'static str {
        match self {
            View::Hours => "hours",
            View::Records => "records",
        }
    }

    /// The columns that each such view has before those of fields, with what they say.
    pub fn fixed(self) -> &'static [(&'static str, &'static str)] {
        match self {
            View::Hours => &[
                ("hour_at", "Start of the hour, UTC"),
                ("series", "Key of the series; * is all of them together"),
                ("label", "Name of the series, where it is known"),
            ],
            View::Records => &[
                ("id", "What tells the record apart"),
                ("occurred_at", "Its own time, UTC; NULL where it has none"),
                ("updated_at", "When its publisher changed it last, where it says so"),
                ("first_seen_at", "When an answer had it for the first time"),
                ("last_seen_at", "When an answer had it for the last time"),
            ],
        }
    }

    pub fn columns(self, shape: &Shape) -> &[Column] {
        match self {
            View::Hours => &shape.hours,
            View::Records => &shape.records,
        }
    }

    /// What a field becomes: the ends of names, and which part of it that is.
    fn parts(self, column: &Column) -> &'static [(&'static str, &'static str)] {
        match (self, column.is_number, column.may_go) {
            (View::Hours, true, _) => {
                &[("", "mean"), ("_min", "min"), ("_max", "max"), ("_count", "count")]
            }
            (View::Hours, false, _) => &[("_count", "count")],
            (View::Records, true, false) => &[("", "number")],
            (View::Records, false, false) => &[("", "text")],
            (View::Records, true, true) => &[("", "side_number")],
            (View::Records, false, true) => &[("", "side_text")],
        }
    }
}

/// What is known stays in its place; what is new comes behind it, under a name that is free.
pub(super) fn merged(view: View, columns: &[Column], known: Vec<Made>) -> Vec<Made> {
    let mut made = known;
    let fixed = view.fixed().iter().map(|(name, _)| (*name).to_string());
    let mut taken: BTreeSet<String> = fixed.collect();
    taken.extend(made.iter().map(|made| made.name.clone()));
    for column in columns {
        for (end, part) in view.parts(column) {
            let is_it =
                |made: &&mut Made| made.field == column.field && plain(&made.part) == plain(part);
            if let Some(known) = made.iter_mut().find(is_it) {
                if part.starts_with(SIDE) {
                    known.part = (*part).to_string();
                }
                known.unit.clone_from(&column.unit);
                known.title.clone_from(&column.title);
                continue;
            }
            let name = free(&format!("{}{end}", column.field), &taken);
            taken.insert(name.clone());
            let Column { field, unit, title, .. } = column.clone();
            made.push(Made { name, field, part: (*part).to_string(), unit, title });
        }
    }
    made
}

/// What a part is, wherever it stands.
fn plain(part: &str) -> &str {
    part.strip_prefix(SIDE).unwrap_or(part)
}

fn free(wish: &str, taken: &BTreeSet<String>) -> String {
    let mut name = wish.to_string();
    let mut number = 2;
    while taken.contains(&name) {
        name = format!("{wish}_{number}");
        number += 1;
    }
    name
}

/// The name of a view of a source; a long one is cut, and told apart by its digest.
pub(super) fn name(view: View, source: &str) -> String {
    let whole = format!("{}_{}", view.word(), source.replace('-', "_"));
    if whole.len() <= NAME_BYTES {
        return whole;
    }
    let digest = Digest::of(source.as_bytes()).short(8);
    let cut: String = whole.chars().take(NAME_BYTES - digest.len() - 1).collect();
    format!("{cut}_{digest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(field: &str, unit: Option<&str>) -> Column {
        let unit = unit.map(str::to_string);
        Column { field: field.into(), title: field.into(), unit, is_number: true, may_go: false }
    }

    fn names(made: &[Made]) -> Vec<&str> {
        made.iter().map(|made| made.name.as_str()).collect()
    }

    #[test]
    fn columns_keep_their_places_and_their_names() {
        let first = merged(View::Hours, &[number("heat", Some("K")), number("rain", None)], vec![]);
        let heat = ["heat", "heat_min", "heat_max", "heat_count"];
        assert_eq!(names(&first)[..4], heat);
        // One goes, one has another unit, one takes the name of a part, one that of the hour.
        let columns =
            [number("heat", Some("°C")), number("heat_min", None), number("series", None)];
        let second = merged(View::Hours, &columns, first.clone());
        assert_eq!(names(&second)[..8], names(&first));
        assert_eq!(second[0].unit.as_deref(), Some("°C"));
        let more = ["heat_min_2", "heat_min_min", "heat_min_max", "heat_min_count", "series_2"];
        assert_eq!(names(&second)[8..13], more);
    }

    #[test]
    fn a_field_that_becomes_a_text_has_a_column_of_its_own() {
        let first = merged(View::Records, &[number("pay", None)], Vec::new());
        let text = Column { is_number: false, ..number("pay", None) };
        assert_eq!(names(&merged(View::Records, &[text], first)), ["pay", "pay_2"]);
    }

    #[test]
    fn long_names_are_told_apart_and_fit() {
        let [one, other] = ["a", "b"].map(|end| format!("{}{end}", "x".repeat(63)));
        assert_eq!(name(View::Hours, &one).len(), NAME_BYTES);
        assert_ne!(name(View::Hours, &one), name(View::Hours, &other));
        assert_eq!(name(View::Records, "bikes-oslo"), "records_bikes_oslo");
    }
}
