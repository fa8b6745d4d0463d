//! Fields of texts: the words that come most often, as a sentence and as a table.

use super::facts::{Content, Facts, SourceFacts, clipped};
use super::range::short;
use super::show::Show;
use crate::domain::hours::{Hours, Timeline};
use crate::domain::report::Caption;
use crate::domain::report::table::{Cell, Table, TableColumn};
use crate::domain::source::{ALL, Field, Figure, Kind};
use crate::domain::stats::Values;
use crate::domain::texts::Texts;

/// Texts that are told one by one, and the least share that is told as it is.
const FEW: u64 = 3;
const LEAST: f64 = 0.001;

/// Field names that tell things apart and repeat for other reasons.
const NAMES: [&str; 4] = ["name", "id", "title", "url"];

/// How often each text of a field came.
pub struct Counts {
    /// Most often first; of equals by the text.
    counts: Vec<(String, u64)>,
    /// Of values that are not told one by one.
    other: u64,
}

impl Counts {
    fn of(texts: &Texts) -> Counts {
        let mut counts: Vec<(String, u64)> =
            texts.iter().map(|(text, times)| (text.to_string(), times)).collect();
        counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        Counts { counts, other: texts.other }
    }

    fn total(&self) -> u64 {
        self.other + self.counts.iter().map(|(_, times)| times).sum::<u64>()
    }

    /// From a rank on, each with its number: `“open” (3)`.
    fn told(&self, from: usize, show: &Show) -> String {
        let told =
            self.counts.iter().skip(from).map(|(text, times)| {
                format!("{} ({})", quoted(text, show), show.lang.integer(*times))
            });
        show.lang.list(&told.collect::<Vec<_>>())
    }

    /// The one that came more often than any other, and than all that are not told.
    fn most(&self) -> Option<(&str, u64)> {
        let (text, times) = self.counts.first()?;
        let next = self.counts.get(1).map_or(0, |(_, times)| *times).max(self.other);
        (*times > next && (*times > 1 || self.total() == 1)).then_some((text, *times))
    }
}

/// The counts of a field over all series of samples.
fn in_samples(hours: &Hours, field: &str) -> Counts {
    let mut texts = Texts::default();
    let own = hours.series.iter().filter(|(name, _)| *name != ALL);
    for (_, fields) in own {
        for stats in fields.get(field).into_iter().flat_map(Timeline::iter).map(|(_, stats)| stats)
        {
            if let Values::Texts(more) = &stats.values {
                texts.absorb(more);
            }
        }
    }
    Counts::of(&texts)
}

/// The counts of a field over the records of the period.
pub fn in_records(source: &SourceFacts, field: &str, facts: &Facts) -> Counts {
    let mut texts = Texts::default();
    for record in source.records(&facts.period) {
        if let Some(text) = record.text(field) {
            texts.add(text, 1);
        }
    }
    Counts::of(&texts)
}

/// What a field of samples says most often: `State: “open” in 97% of 1,234 values`.
pub fn of_samples(source: &SourceFacts, hours: &Hours, field: &str, show: &Show) -> Option<String> {
    let counts = in_samples(hours, field);
    let total = counts.total();
    let title = show.titled(&source.source, &show.measure(&source.source, field));
    let head = format!("{title}{}", show.lang.colon());
    let of = show.lang.count(total, show.pick("value", "valeur"), show.pick("values", "valeurs"));
    let few = counts.counts.len() as u64 <= FEW && counts.other == 0;
    match counts.most() {
        _ if total == 0 => None,
        Some((text, 1)) => Some(format!("{head} {}", quoted(text, show))),
        Some((text, times)) if times == total => {
            let text = quoted(text, show);
            Some(show.lang.pick(
                format!("{head} {text} in all of {of}"),
                format!("{head} {text} pour l’ensemble de {of}"),
            ))
        }
        Some((text, times)) => {
            let share = show.lang.percent(times as f64 / total as f64, 0);
            let text = quoted(text, show);
            let rest = if few { counts.told(1, show) } else { String::new() };
            let rest = if rest.is_empty() {
                rest
            } else {
                show.lang.pick(format!(", else {rest}"), format!(", sinon {rest}"))
            };
            Some(show.lang.pick(
                format!("{head} {text} in {share} of {of}{rest}"),
                format!("{head} {text} pour {share} de {of}{rest}"),
            ))
        }
        None if few => Some(format!("{head} {}", counts.told(0, show))),
        None => {
            let kinds = counts.counts.len() as u64;
            let more = if counts.other > 0 { show.pick("more than ", "plus de ") } else { "" };
            let kinds = show.lang.integer(kinds);
            Some(show.lang.pick(
                format!("{head} {more}{kinds} different texts in {of}"),
                format!("{head} {more}{kinds} textes différents pour {of}"),
            ))
        }
    }
}

/// A text of the data as a sentence has room for it.
fn quoted(text: &str, show: &Show) -> String {
    match text.trim().is_empty() {
        true => show.pick("(empty)", "(vide)").into(),
        false => show.quoted(&short(&clipped(text))),
    }
}

/// A text as a row of a table has it.
fn listed(text: &str, show: &Show) -> String {
    if text.trim().is_empty() { quoted(text, show) } else { clipped(text) }
}

/// The field of texts that says what kind of thing a record is: the first that repeats.
pub fn of_records(source: &SourceFacts, facts: &Facts, show: &Show) -> Option<String> {
    let fields = source.source.fields.iter().filter(|field| field.kind == Kind::Text);
    let telling = fields.filter(|field| {
        !NAMES.contains(&field.name.as_str()) && !source.source.may_withdraw(&field.name)
    });
    telling.filter_map(|field| most_often(source, field, facts, show)).next()
}

fn most_often(source: &SourceFacts, field: &Field, facts: &Facts, show: &Show) -> Option<String> {
    let counts = in_records(source, &field.name, facts);
    let least = source.least(&field.name).max(2);
    let (text, times) = counts.most().filter(|(_, times)| *times >= least)?;
    let (text, times) = (quoted(text, show), show.lang.integer(times));
    Some(
        show.lang.pick(
            format!("most often {text} ({times})"),
            format!("le plus souvent {text} ({times})"),
        ),
    )
}

/// The texts of a field of samples, most often first.
pub fn table(source: &SourceFacts, figure: &Figure, show: &Show) -> Option<Table> {
    let Content::Samples { hours, .. } = &source.content else { return None };
    let counts = in_samples(hours, &figure.field);
    let total = counts.total();
    let share = |times: u64| match times as f64 / total as f64 {
        share if share < LEAST => format!("<\u{a0}{}", show.lang.percent(LEAST, 1)),
        share => show.lang.percent(share, 1),
    };
    let row = |(text, times): &(String, u64)| {
        let count = Cell::strong(show.lang.integer(*times));
        vec![Cell::text(listed(text, show)), count, Cell::text(share(*times))]
    };
    let rows: Vec<Vec<Cell>> = counts.counts.iter().take(figure.rows).map(row).collect();
    let columns = vec![
        TableColumn::left(show.pick("Text", "Texte")),
        TableColumn::right(show.pick("Times", "Fois")),
        TableColumn::right(show.pick("Share", "Part")),
    ];
    let title = show.titled(&source.source, &show.measure(&source.source, &figure.field));
    let title = show.own_title(figure).unwrap_or(title);
    let of = show.lang.count(total, show.pick("value", "valeur"), show.pick("values", "valeurs"));
    let subtitle = match counts.other {
        0 => {
            show.lang.pick(format!("most often first, of {of}"), format!("par fréquence, sur {of}"))
        }
        // Any text that is not told may have come more often than those that are.
        n => {
            let n = show.lang.integer(n);
            show.lang.pick(
                format!(
                    "some of the texts, of {of}; {n} are of texts that are not told one by one"
                ),
                format!("une partie des textes, sur {of}\u{a0}; {n} en ont d’autres"),
            )
        }
    };
    let caption = Caption::new(title, subtitle);
    (!rows.is_empty()).then_some(Table { caption, columns, rows })
}
