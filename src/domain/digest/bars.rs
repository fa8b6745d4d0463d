//! Bars: how many records of the period have each text of a field.

use super::facts::{Facts, SourceFacts, clipped};
use super::records::counted;
use super::show::Show;
use crate::domain::report::figure::{Bar, Bars};
use crate::domain::report::{Block, Caption};
use crate::domain::source::{Figure, Rank};
use std::collections::BTreeMap;

/// The most, the middling or the least frequent texts.
pub fn of_records(
    source: &SourceFacts,
    figure: &Figure,
    facts: &Facts,
    show: &Show,
) -> Option<Block> {
    let records = source.stating(&figure.field, &facts.period);
    let (mut counts, mut with): (BTreeMap<&str, u64>, u64) = Default::default();
    for text in records.iter().filter_map(|record| record.text(&figure.field)) {
        let parts =
            figure.split.as_ref().map_or(vec![text], |by| text.split(by.as_str()).collect());
        let mut parts: Vec<&str> = parts.into_iter().map(str::trim).collect();
        // What a record names twice it has once.
        parts.sort_unstable();
        parts.dedup();
        parts.retain(|part| !part.is_empty());
        with += u64::from(!parts.is_empty());
        parts.into_iter().for_each(|part| {
            *counts.entry(part).or_default() += 1;
        });
    }
    let kinds = counts.len();
    // Whichever ranks are drawn, their bars can be compared.
    let reach = counts.values().max().map(|most| *most as f64);
    let least = source.least(&figure.field);
    let mut ranked: Vec<(&str, u64)> = counts.into_iter().filter(|(_, n)| *n >= least).collect();
    ranked.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    let few = kinds - ranked.len();
    // Where the first ones are all there are, they are in no middle and no end.
    if figure.rank != Rank::Top && ranked.len() <= figure.rows {
        return None;
    }
    let (from, to) = range(figure.rank, figure.rows, ranked.len());
    let bar = |(text, n): &(&str, u64)| Bar {
        label: clipped(text),
        value: *n as f64,
        text: show.lang.integer(*n),
        ..Bar::default()
    };
    let items: Vec<Bar> = ranked.get(from..to)?.iter().map(bar).collect();
    let measure = show.measure(&source.source, &figure.field);
    let head = show.titled(&source.source, &measure);
    let title = show.own_title(figure).unwrap_or_else(|| titled(&head, figure.rank, show));
    let mut subtitle = said(source, (with, records.len() as u64), kinds as u64, show);
    if figure.rank == Rank::Middle && kinds > items.len() {
        let (from, to) = (show.lang.integer(from as u64 + 1), show.lang.integer(to as u64));
        subtitle += &show
            .lang
            .pick(format!("; ranks {from} to {to}"), format!("\u{a0}; rangs {from} à {to}"));
    }
    if few > 0 {
        let few = show.lang.integer(few as u64);
        subtitle += &show.lang.pick(
            format!("; {few} with fewer than {least} are not printed"),
            format!("\u{a0}; {few} de moins de {least} non imprimées"),
        );
    }
    let caption = Caption::new(title, subtitle);
    // Where all are of too few records that is what there is to say.
    (kinds > 0).then(|| Block::Bars(Bars { caption, items, reach, ..Bars::default() }))
}

/// Which ranks are shown, of so many.
fn range(rank: Rank, rows: usize, all: usize) -> (usize, usize) {
    let rows = rows.min(all);
    let from = match rank {
        Rank::Top => 0,
        Rank::Middle => (all - rows) / 2,
        Rank::Bottom => all - rows,
    };
    (from, from + rows)
}

fn titled(head: &str, rank: Rank, show: &Show) -> String {
    let rank = match rank {
        Rank::Top => show.pick("most often", "les plus fréquents"),
        Rank::Middle => show.pick("in the middle", "au milieu"),
        Rank::Bottom => show.pick("least often", "les moins fréquents"),
    };
    format!("{head}{} {rank}", show.lang.colon())
}

/// `98 different, stated by 1,200 of 2,000 job offers`.
fn said(source: &SourceFacts, (with, all): (u64, u64), kinds: u64, show: &Show) -> String {
    let (number, with) = (show.lang.integer(kinds), show.lang.integer(with));
    let of = counted(source, all, show);
    let french =
        show.lang.plural(kinds, "valeur distincte, indiquée", "valeurs distinctes, indiquées");
    show.lang.pick(
        format!("{number} different, stated by {with} of {of}"),
        format!("{number} {french} par {with} sur {of}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_lie_within_all_there_are() {
        assert_eq!(range(Rank::Top, 10, 4), (0, 4));
        assert_eq!(range(Rank::Top, 10, 40), (0, 10));
        assert_eq!(range(Rank::Middle, 10, 41), (15, 25));
        assert_eq!(range(Rank::Bottom, 10, 41), (31, 41));
        assert_eq!(range(Rank::Middle, 10, 0), (0, 0));
    }
}
