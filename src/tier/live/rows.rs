//! Tables of a source: what an export has, some rows at a time, and no more of it in memory than an
//! hour of samples or a day of records.

use super::line::{Ledgers, hours};
use super::scene::Stage;
use super::whole::Whole;
use crate::domain::digest::{Labels, Period};
use crate::domain::doubles::Doubles;
use crate::domain::export::{Table, Value, records, summaries};
use crate::domain::hours::{Hours, Winners};
use crate::domain::measurements;
use crate::domain::screen::{Cursor, DAYS_MOST, RowsAsk, RowsTold, Table as Wanted};
use crate::domain::source::{ALL, Items, Shown, Source};
use crate::domain::time::{Day, Window};
use crate::edge::store::Reader;
use crate::tier::export::{Export, Form, may_leave, sampled};
use crate::tier::labels::labels;
use crate::tier::past::{self, Known, Past};
use anyhow::{Context, Result};
use std::ops::Range;
use std::path::Path;

/// Some rows; none of what is not there, or may not leave.
pub fn rows(
    stage: &Stage,
    whole: &Whole,
    ledgers: &Ledgers,
    sources: &[Source],
    ask: &RowsAsk,
) -> Result<Option<RowsTold>> {
    let past = Past::new(&stage.spool, whole, sources)?;
    let Some(known) = past.named(&ask.source).filter(|known| may_leave(&known.source)) else {
        return Ok(None);
    };
    let is_there = match ask.which {
        Wanted::Hours => known.source.items.series().is_some(),
        Wanted::Records => matches!(known.source.items, Items::Records(_)),
    };
    if !is_there {
        return Ok(None);
    }
    let (first, last) = ends(whole, &known.source)?;
    let (from, to) = (ask.from.max(first), ask.to.min(last));
    // Records have the fields of one declaration, whatever days are asked for.
    let period = Period::between(from, to, stage.settings.report.zone);
    let period = period.filter(|_| from <= to && ask.which == Wanted::Records);
    let then = period.map(|period| past.then(known, &period)).transpose()?;
    let known = then.as_ref().unwrap_or(known);
    Of { stage, whole, ledgers, past: &past, known, ask }.told(from, to).map(Some)
}

/// Whose table it is.
struct Of<'a> {
    stage: &'a Stage,
    whole: &'a Whole,
    ledgers: &'a Ledgers,
    past: &'a Past<'a>,
    known: &'a Known,
    ask: &'a RowsAsk,
}

impl Of<'_> {
    fn told(&self, from: Day, to: Day) -> Result<RowsTold> {
        let mut told = RowsTold { columns: self.empty().columns, ..RowsTold::default() };
        let cursor = self.ask.cursor.clone();
        let mut at = cursor.filter(|at| at.day >= from).unwrap_or(Cursor::at(from));
        for _ in 0..DAYS_MOST {
            if at.day > to {
                return Ok(told);
            }
            if let Some(next) = self.day(&at, &mut told)? {
                told.next = Some(next);
                return Ok(told);
            }
            let Some(after) = at.day.succ_opt() else { return Ok(told) };
            at = Cursor::at(after);
        }
        // Days without rows cost something, too.
        told.next = Some(at).filter(|next| next.day <= to);
        Ok(told)
    }

    /// The rows of a day from somewhere on; where the next ones begin, if there is no room for all.
    fn day(&self, from: &Cursor, told: &mut RowsTold) -> Result<Option<Cursor>> {
        let (day, zone) = (from.day, self.stage.settings.report.zone);
        let period = Period::between(day, day, zone);
        let period = period.with_context(|| format!("{day} is no day in the time zone {zone}"))?;
        let labels = labels(self.whole, &self.known.source, self.past.all(), &period)?;
        let parts = self.parts(&period).into_iter().enumerate().skip(from.part);
        for (part, windows) in parts {
            let table = self.table(&period, &windows, &labels)?;
            let mut after = from.after.clone().filter(|_| part == from.part);
            let rows = table.rows.into_iter().map(|row| (self.key(&row), row));
            let begun = after.clone();
            for (key, row) in rows.filter(|(key, _)| begun.as_ref().is_none_or(|b| key > b)) {
                if told.rows.len() >= self.ask.limit {
                    return Ok(Some(Cursor { day, part, after }));
                }
                told.rows.push(row);
                after = Some(key);
            }
        }
        Ok(None)
    }

    /// What orders the rows of a part, and tells them apart.
    fn key(&self, row: &[Value]) -> String {
        let places: &[usize] = match self.ask.which {
            // Series, field, hour.
            Wanted::Hours => &[1, 3, 0],
            Wanted::Records => &[0],
        };
        let texts = places.iter().map(|place| match row.get(*place) {
            Some(Value::Text(text)) => text.as_str(),
            _ => "",
        });
        texts.collect::<Vec<_>>().join("\u{1f}")
    }

    /// Hours of samples one by one, else the day.
    fn parts(&self, period: &Period) -> Vec<Range<Window>> {
        match (self.ask.which, &self.known.source.items, &self.ask.series) {
            (Wanted::Hours, Items::Samples(_), None) => {
                let windows = Window::between(period.from, period.to);
                windows.map(|hour| hour..hour.next()).collect()
            }
            _ => vec![period.windows()],
        }
    }

    fn table(&self, period: &Period, windows: &Range<Window>, labels: &Labels) -> Result<Table> {
        let source = &self.known.source;
        let label = |series: &str| labels.get(series)?.name.as_deref();
        let mut table = match (self.ask.which, &source.items, &self.ask.series) {
            (Wanted::Records, ..) => self.records(period)?,
            (Wanted::Hours, Items::Records(_), _) => {
                // Each row has the unit of its time.
                let then = self.past.then(self.known, period)?;
                let found = past::records(self.whole, &then, &period.times(), windows)?;
                summaries(&measurements::hours(&then.source.fields, &found, windows), label)
            }
            (_, _, Some(series)) if series != ALL && source.shown() == Shown::Together => {
                self.empty()
            }
            // Its own rows and no others are read.
            (Wanted::Hours, _, Some(series)) => {
                summaries(&hours(self.whole, self.ledgers, source, series, windows)?, label)
            }
            (Wanted::Hours, ..) => summaries(&sampled(self.whole, source, windows)?.0, label),
        };
        keep(&mut table, "field", self.ask.field.as_deref());
        keep(&mut table, "series", self.ask.series.as_deref());
        Ok(table)
    }

    fn records(&self, period: &Period) -> Result<Table> {
        let export = Export {
            spool: &self.stage.spool,
            store: self.whole,
            clock: self.stage.clock,
            form: Form::Csv,
            folder: Path::new(""),
        };
        let doubles = export.doubles(self.past, period)?;
        let tables = export.tables(self.known, self.past, period, &doubles)?.0;
        Ok(tables.into_iter().find(|table| table.name == "records").unwrap_or(self.empty()))
    }

    fn empty(&self) -> Table {
        match self.ask.which {
            Wanted::Hours => summaries(&Hours::default(), |_| None),
            Wanted::Records => {
                let none = Winners::default();
                records(&self.known.source, &none, |_| false, &Doubles::default())
            }
        }
    }
}

/// The days between which there is anything, and one more at each end: in another zone a day begins
/// earlier, or ends later.
fn ends(store: &dyn Reader, source: &Source) -> Result<(Day, Day)> {
    let mut days: Vec<Day> = Vec::new();
    for name in source.names() {
        let landed = store.end_days(&name, &(Day::MIN..=Day::MAX))?;
        days.extend(landed.iter().flat_map(|(first, last)| [*first, *last]));
        let own = store.end_times(&name)?;
        days.extend(
            own.iter().flat_map(|(first, last)| [*first, *last]).map(|at| Window::of(at).day()),
        );
    }
    let first = days.iter().min().and_then(|day| day.pred_opt());
    let last = days.iter().max().and_then(|day| day.succ_opt());
    Ok((first.unwrap_or(Day::MAX), last.unwrap_or(Day::MIN)))
}

/// Only the rows that have this in a column.
fn keep(table: &mut Table, column: &str, wanted: Option<&str>) {
    let place = table.columns.iter().position(|known| known.name == column);
    let Some((place, wanted)) = place.zip(wanted) else { return };
    table.rows.retain(|row| matches!(row.get(place), Some(Value::Text(text)) if text == wanted));
}
