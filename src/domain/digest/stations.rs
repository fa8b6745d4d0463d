//! Series side by side in a table: the lowest first, with the day of each as a line where a day
//! was seen.

use super::course::{self, subtitle};
use super::facts::SourceFacts;
use super::measure::Measure;
use super::show::Show;
use crate::domain::hours::{Hours, Plain};
use crate::domain::report::Caption;
use crate::domain::report::figure::{Point, Sparkline};
use crate::domain::report::table::{Cell, Table, TableColumn};
use crate::domain::source::Figure;

/// A series with its values over time, and all of them as one.
struct Row<'a> {
    name: &'a str,
    points: Vec<Point>,
    whole: Plain,
    /// In how many hours it was seen.
    hours: usize,
}

impl Row<'_> {
    fn moved(&self) -> bool {
        self.whole.min < self.whole.max
    }

    /// Whether it could have moved, and did not.
    fn stood(&self) -> bool {
        !self.moved() && self.whole.first < self.whole.last
    }
}

/// The series with the least of a field. Those that never changed say little, and are left out
/// where others did.
pub fn table(source: &SourceFacts, figure: &Figure, hours: &Hours, show: &Show) -> Option<Table> {
    let measure = show.measure(&source.source, &figure.field);
    let names = hours.own_series();
    let rows = names.filter_map(|name| {
        let whole = hours.plain(name, &figure.field)?;
        let hours = hours.numbers(name, &figure.field).count();
        Some(Row { name, points: Vec::new(), whole, hours })
    });
    let (still, mut rows): (Vec<Row>, Vec<Row>) = rows.partition(Row::stood);
    // Where none moved, all that stood are shown.
    let moved = rows.iter().any(Row::moved);
    let left_out = if moved { still.len() as u64 } else { 0 };
    if !moved {
        rows.extend(still);
    }
    let most = rows.iter().map(|row| row.hours).max().unwrap_or_default();
    rows.sort_by(|a, b| a.whole.mean().total_cmp(&b.whole.mean()).then_with(|| a.name.cmp(b.name)));
    let all = rows.len() <= figure.rows.max(1);
    rows.truncate(figure.rows.max(1));
    for row in &mut rows {
        row.points = course::points(source, hours, (row.name, &figure.field), show);
    }
    let title = show.own_title(figure).unwrap_or_else(|| {
        let what = show.titled(&source.source, &measure);
        title(what, all.then_some(rows.len()), show)
    });
    let step = subtitle(source, &figure.field, &measure, show);
    let parts = Parts::of(&rows, &measure);
    let subtitle = match parts.one() {
        true => once(&rows, &measure, &show.of_source(&source.source)),
        false => step + &unmoved(left_out, show),
    };
    let caption = Caption::new(title, subtitle);
    let digits = measure.column_decimals(rows.iter().map(|row| row.whole.mean()));
    let cells = rows
        .iter()
        .map(|row| parts.row(row, called(row, most, source, show), &measure, digits, show))
        .collect();
    (!rows.is_empty()).then(|| Table { caption, columns: parts.columns(show), rows: cells })
}

/// The name of a row; of one that was seen in less than three quarters of the hours of others it
/// says so, for its mean is of another stretch of time.
fn called(row: &Row, most: usize, source: &SourceFacts, show: &Show) -> String {
    let name = source.name_of(row.name);
    if row.hours * 4 >= most * 3 {
        return name.into_owned();
    }
    let (n, of) = (show.lang.integer(row.hours as u64), show.lang.integer(most as u64));
    show.lang.pick(format!("{name} ({n} of {of} h)"), format!("{name} ({n} h sur {of})"))
}

/// The unit, and when the values were seen that are all there is.
fn once(rows: &[Row], measure: &Measure, show: &Show) -> String {
    let first = rows.iter().map(|row| row.whole.first).min();
    let last = rows.iter().map(|row| row.whole.last).max();
    let when = first.zip(last).map(|(first, last)| show.during(first, last)).unwrap_or_default();
    match measure.unit {
        "" => when,
        unit if when.is_empty() => unit.into(),
        unit => format!("{unit}, {when}"),
    }
}

fn title(title: String, all: Option<usize>, show: &Show) -> String {
    match all {
        Some(1) => title,
        Some(_) => show
            .lang
            .pick(format!("{title}, from the lowest up"), format!("{title}, par ordre croissant")),
        None => show
            .lang
            .pick(format!("{title}: the lowest"), format!("{title}\u{a0}: les plus bas niveaux")),
    }
}

fn unmoved(n: u64, show: &Show) -> String {
    let number = show.lang.integer(n);
    match n {
        0 => String::new(),
        1 => show.pick("; without 1 that never changed", "\u{a0}; sans 1 qui n’a pas varié").into(),
        _ => show.lang.pick(
            format!("; without {number} that never changed"),
            format!("\u{a0}; sans {number} qui n’ont pas varié"),
        ),
    }
}

/// The columns that say something.
struct Parts {
    /// Some series has two points to join.
    course: bool,
    /// Some series has more than one value.
    spread: bool,
    /// The decimals of a value that stands alone.
    listed: Box<dyn Fn(f64) -> usize>,
}

impl Parts {
    fn of(rows: &[Row], measure: &Measure) -> Parts {
        let values: Vec<f64> = rows.iter().map(|row| row.whole.min).collect();
        Parts {
            listed: Box::new(measure.listed_decimals(&values)),
            course: rows.iter().any(|row| row.points.len() > 1 && row.moved()),
            spread: rows.iter().any(Row::moved),
        }
    }

    /// Only the name and a number.
    fn one(&self) -> bool {
        !self.course && !self.spread
    }

    fn columns(&self, show: &Show) -> Vec<TableColumn> {
        let mut columns = vec![TableColumn::left(show.pick("Name", "Nom"))];
        columns.extend(self.course.then(|| TableColumn::left(show.course())));
        if self.spread {
            let mean = show.pick("Mean", "Moy.");
            columns.extend(["Min.", mean, "Max."].map(TableColumn::right));
        } else {
            columns.push(TableColumn::right(show.pick("Value", "Valeur")));
        }
        columns
    }

    fn row(
        &self,
        row: &Row,
        name: String,
        measure: &Measure,
        digits: usize,
        show: &Show,
    ) -> Vec<Cell> {
        let mut cells = vec![Cell::text(name)];
        if self.course {
            cells.push(Cell::Spark(Sparkline::over(&show.axis, row.points.clone())));
        }
        let (low, high) = (row.whole.min, row.whole.max);
        if self.spread {
            let mean = Cell::strong(show.lang.number(row.whole.mean(), digits));
            let aligned = |end| show.lang.number(end, measure.aligned_decimals(end));
            let [low, high] = [low, high].map(|end| Cell::text(aligned(end)));
            cells.extend([low, mean, high]);
        } else {
            cells.push(Cell::strong(show.lang.number(low, (self.listed)(low))));
        }
        cells
    }
}
