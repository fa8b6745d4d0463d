//! The rows of one series in many commits of a MongoDB store. Rows of a commit have ids one behind
//! the other, mostly in the order of their series, and most commits have the same ones: where one
//! commit has it, others most likely have it, too; else it is searched for by halves, in all of
//! them at once. What is not found like that is looked for by the server, row by row.

use super::mongodb::{CHUNK, MongoDb};
use super::mongodb_put::{AllFields, SHIFT, stored_cells};
use super::{Result, Stored};
use mongodb::bson::{Document, doc};
use std::cmp::Ordering;
use std::collections::HashMap;
use std::ops::Range;

const ROWS: &str = "summary_rows";

/// Takes the row of a commit.
type Take<'a> = &'a mut dyn FnMut(i64, &Document);

impl MongoDb {
    pub(super) fn each_of_series(
        &self,
        commits: &[String],
        series: &str,
        each: &mut dyn FnMut(Stored),
    ) -> Result<()> {
        let fields = self.all_fields()?;
        for chunk in commits.chunks(CHUNK) {
            let numbers = self.numbers_of(chunk)?;
            let names: HashMap<i64, &String> =
                numbers.iter().map(|(name, number)| (*number, name)).collect();
            let mut numbers: Vec<i64> = names.keys().copied().collect();
            numbers.sort_unstable();
            let fields: &AllFields = &fields;
            self.of_series(numbers, series, &mut |number, row| {
                if let Some(name) = names.get(&number) {
                    each(stored_cells(name, row, fields));
                }
            })?;
        }
        Ok(())
    }

    fn of_series(&self, numbers: Vec<i64>, series: &str, take: Take) -> Result<()> {
        let Some(last) = numbers.last() else { return Ok(()) };
        let (mut guess, mut places) = (0, 0..self.rows_of(*last)?);
        if let Some(place) = self.place_of(*last, series)? {
            (guess, places) = (place, 0..places.end.max(place + 1));
        }
        let left = self.by_halves(numbers, series, (guess, places), take)?;
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
        let mut open: HashMap<i64, Range<i64>> =
            numbers.into_iter().map(|number| (number, places.clone())).collect();
        while !open.is_empty() {
            let guessed = guess.take();
            let asked = |range: &Range<i64>| {
                guessed.unwrap_or_else(|| range.start + (range.end - range.start) / 2)
            };
            let ids: Vec<i64> =
                open.iter().map(|(number, range)| (number << SHIFT) + asked(range)).collect();
            let mut found: HashMap<i64, Ordering> = HashMap::new();
            self.each(ROWS, doc! { "_id": { "$in": ids } }, &mut |row| {
                let Ok(number) = row.get_i64("_id").map(|id| id >> SHIFT) else { return };
                let own = row.get_str("series").unwrap_or_default().cmp(series);
                if own == Ordering::Equal {
                    take(number, &row);
                }
                found.insert(number, own);
            })?;
            open.retain(|number, range| {
                let at = asked(range);
                match found.get(number) {
                    Some(Ordering::Equal) => return false,
                    Some(Ordering::Less) => range.start = at + 1,
                    // It is before, or this commit has no row of that number.
                    _ => range.end = at,
                }
                if range.is_empty() {
                    left.push(*number);
                }
                !range.is_empty()
            });
        }
        Ok(left)
    }
}
