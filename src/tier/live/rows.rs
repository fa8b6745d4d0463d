//! Tables of a source, day by day, as an export has them.

use super::line::{Ledgers, hours};
use super::scene::Stage;
use super::whole::Whole;
use crate::domain::digest::Period;
use crate::domain::export::{Table, Value, summaries};
use crate::domain::screen::{Cursor, DAYS_MOST, RowsAsk, RowsTold, Table as Wanted};
use crate::domain::source::Source;
use crate::domain::time::{Day, Window};
use crate::edge::store::Reader;
use crate::tier::export::{Export, Form, may_leave};
use crate::tier::labels::labels;
use crate::tier::past::{Known, Past};
use anyhow::{Context, Result};
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
    let is_it = |known: &&Known| known.source.names().iter().any(|n| n.as_str() == ask.source);
    let Some(known) = past.all().iter().find(is_it).filter(|known| may_leave(&known.source)) else {
        return Ok(None);
    };
    let mut told = RowsTold::default();
    let start = ask.cursor.unwrap_or(Cursor { day: ask.from, row: 0 });
    let (mut day, mut skip) = (start.day.max(ask.from), start.row);
    let (first, last) = ends(whole, &known.source)?;
    day = day.max(first);
    let to = ask.to.min(last);
    for _ in 0..DAYS_MOST {
        if day > to {
            return Ok(Some(told));
        }
        let table = of_day(stage, whole, ledgers, &past, known, ask, day)?;
        if let Some(Table { columns, rows, .. }) = table {
            told.columns = columns;
            let left = ask.limit - told.rows.len();
            let all = rows.len();
            told.rows.extend(rows.into_iter().skip(skip).take(left));
            if told.rows.len() >= ask.limit {
                let given = (skip + left).min(all);
                told.next = next(day, given, all, to);
                return Ok(Some(told));
            }
        }
        skip = 0;
        let Some(after) = day.succ_opt() else { break };
        day = after;
    }
    // Days without rows cost something, too.
    told.next = Some(Cursor { day, row: 0 }).filter(|next| next.day <= to);
    Ok(Some(told))
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

fn next(day: Day, given: usize, all: usize, to: Day) -> Option<Cursor> {
    match given < all {
        true => Some(Cursor { day, row: given }),
        false => day.succ_opt().filter(|day| *day <= to).map(|day| Cursor { day, row: 0 }),
    }
}

/// The table of one day.
fn of_day(
    stage: &Stage,
    whole: &Whole,
    ledgers: &Ledgers,
    past: &Past,
    known: &Known,
    ask: &RowsAsk,
    day: Day,
) -> Result<Option<Table>> {
    let zone = stage.settings.report.zone;
    let period = Period::between(day, day, zone);
    let period = period.with_context(|| format!("{day} is no day in the time zone {zone}"))?;
    let then = past.then(known, &period)?;
    let mut table = match (&ask.series, ask.which) {
        // Its own rows and no others are read.
        (Some(series), Wanted::Hours) => {
            let hours = hours(whole, ledgers, &then.source, series, &period.windows())?;
            let labels = labels(whole, &then.source, past.all(), &period)?;
            Some(summaries(&hours, |series| labels.get(series)?.name.as_deref()))
        }
        _ => of_export(stage, whole, past, &then, &period, ask.which)?,
    };
    if let Some(table) = &mut table {
        keep(table, "field", ask.field.as_deref());
        keep(table, "series", ask.series.as_deref());
    }
    Ok(table)
}

fn of_export(
    stage: &Stage,
    whole: &Whole,
    past: &Past,
    known: &Known,
    period: &Period,
    which: Wanted,
) -> Result<Option<Table>> {
    let export = Export {
        spool: &stage.spool,
        store: whole,
        clock: stage.clock,
        form: Form::Csv,
        folder: Path::new(""),
    };
    let tables = export.tables(known, past, period, &export.doubles(past, period)?)?.0;
    let name = match which {
        Wanted::Hours => "summaries",
        Wanted::Records => "records",
    };
    Ok(tables.into_iter().find(|table| table.name == name))
}

/// Only the rows that have this in a column.
fn keep(table: &mut Table, column: &str, wanted: Option<&str>) {
    let place = table.columns.iter().position(|known| known.name == column);
    let Some((place, wanted)) = place.zip(wanted) else { return };
    table.rows.retain(|row| matches!(row.get(place), Some(Value::Text(text)) if text == wanted));
}
