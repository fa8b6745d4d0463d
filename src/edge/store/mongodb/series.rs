//! The rows of one series in many commits of a MongoDB store. Rows of a commit have ids one behind
//! the other, mostly in the order of their series, and most commits have the same ones: where one
//! commit has it, others most likely have it, too; else it is searched for by halves, in all of
//! them at once. What is not found like that, in a commit that is not known to be in order, is
//! looked for by the server, row by row.

use super::put::{AllFields, IN_ORDER, SHIFT, stored_cells};
use super::{CHUNK, MongoDb};
use crate::edge::store::{Result, Stored};
use mongodb::bson::{Document, doc};
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

const ROWS: &str = "summary_rows";

/// Takes the row of a commit.
type Take<'a> = &'a mut dyn FnMut(i64, &Document);

/// Where in a commit a series may be.
struct Open {
    places: Range<i64>,
    /// Whether it cannot be behind them: a commit may have more rows than another.
    ends: bool,
}

impl Open {
    fn middle(&self) -> i64 {
        self.places.start + (self.places.end - self.places.start) / 2
    }

    /// It is behind a place.
    fn is_after(&mut self, at: i64) {
        self.places.start = at + 1;
        if self.places.is_empty() && !self.ends {
            self.places.end = (2 * self.places.start + 1).min(1 << SHIFT);
        }
    }
}

impl MongoDb {
    pub(super) fn each_of_series(
        &self,
        commits: &[String],
        series: &str,
        each: &mut dyn FnMut(Stored),
    ) -> Result<()> {
        let fields = self.all_fields()?;
        for chunk in commits.chunks(CHUNK) {
            let (mut names, mut disordered) = (HashMap::new(), HashSet::new());
            self.each("commits", doc! { "commit": { "$in": chunk } }, &mut |row| {
                let (name, number) = (row.get_str("commit"), row.get_i64("_id"));
                if !row.get_bool(IN_ORDER).unwrap_or(false) {
                    disordered.extend(number.clone());
                }
                names.extend(number.ok().zip(name.ok().map(str::to_string)));
            })?;
            let mut numbers: Vec<i64> = names.keys().copied().collect();
            numbers.sort_unstable();
            let fields: &AllFields = &fields;
            let mut take = |number: i64, row: &Document| {
                if let Some(name) = names.get(&number) {
                    each(stored_cells(name, row, fields));
                }
            };
            let mut left = self.by_order(numbers, series, &mut take)?;
            // Of one in order, that it has none is known.
            left.retain(|number| disordered.contains(number));
            self.one_by_one(left, series, &mut take)?;
        }
        Ok(())
    }

    /// Takes the rows that are where their order says; gives the commits in which none was found.
    fn by_order(&self, numbers: Vec<i64>, series: &str, take: Take) -> Result<Vec<i64>> {
        let Some(last) = numbers.last() else { return Ok(numbers) };
        let (mut guess, mut places) = (0, 0..self.rows_of(*last)?);
        if let Some(place) = self.place_of(*last, series)? {
            (guess, places) = (place, 0..places.end.max(place + 1));
        }
        self.by_halves(numbers, series, (guess, places), take)
    }

    fn one_by_one(&self, left: Vec<i64>, series: &str, take: Take) -> Result<()> {
        if left.is_empty() {
            return Ok(());
        }
        let filter = doc! { "commit": { "$in": left }, "series": series };
        self.each(ROWS, filter, &mut |row| {
            if let Ok(id) = row.get_i64("_id") {
                take(id >> SHIFT, &row);
            }
        })
    }

    /// How many rows a commit has, or somewhat more.
    fn rows_of(&self, number: i64) -> Result<i64> {
        let all = vec![
            doc! { "$match": { "_id": { "$gte": number << SHIFT, "$lt": (number + 1) << SHIFT } } },
            doc! { "$sort": { "_id": -1 } },
            doc! { "$limit": 1 },
            doc! { "$project": { "_id": 1 } },
        ];
        let mut rows = 0;
        self.aggregate(ROWS, all, &mut |row| {
            rows = row.get_i64("_id").map_or(0, |id| id - (number << SHIFT) + 1);
        })?;
        Ok(rows)
    }

    /// Where in a commit a series is.
    fn place_of(&self, number: i64, series: &str) -> Result<Option<i64>> {
        let found = self.find(ROWS, doc! { "commit": number, "series": series })?;
        let id = found.first().and_then(|row| row.get_i64("_id").ok());
        Ok(id.map(|id| id - (number << SHIFT)))
    }

    /// Looks into all commits at once; those in which nothing was found are left.
    fn by_halves(
        &self,
        numbers: Vec<i64>,
        series: &str,
        (guess, places): (i64, Range<i64>),
        take: Take,
    ) -> Result<Vec<i64>> {
        let (mut left, mut guess) = (Vec::new(), Some(guess));
        let mut open: HashMap<i64, Open> = numbers
            .into_iter()
            .map(|number| (number, Open { places: places.clone(), ends: false }))
            .collect();
        while !open.is_empty() {
            let guessed = guess.take();
            let asked = |open: &Open| guessed.unwrap_or_else(|| open.middle());
            let ids: Vec<i64> =
                open.iter().map(|(number, open)| (number << SHIFT) + asked(open)).collect();
            let mut found: HashMap<i64, Ordering> = HashMap::new();
            self.each_by_id(ROWS, &ids, &mut |row| {
                let Ok(number) = row.get_i64("_id").map(|id| id >> SHIFT) else { return };
                let own = row.get_str("series").unwrap_or_default().cmp(series);
                if own == Ordering::Equal {
                    take(number, &row);
                }
                found.insert(number, own);
            })?;
            open.retain(|number, open| {
                let at = asked(open);
                match found.get(number) {
                    Some(Ordering::Equal) => return false,
                    Some(Ordering::Less) => open.is_after(at),
                    // It is before, or this commit has no row of that number.
                    _ => *open = Open { places: open.places.start..at, ends: true },
                }
                if open.places.is_empty() {
                    left.push(*number);
                }
                !open.places.is_empty()
            });
        }
        Ok(left)
    }
}
