//! How full records are: the share of those of the period that state each field.

use super::facts::{Facts, SourceFacts};
use super::records::counted;
use super::show::Show;
use crate::domain::report::figure::{Bar, Bars};
use crate::domain::report::{Block, Caption};
use crate::domain::sheet::Line;
use crate::domain::source::{Field, Figure};

/// So many bars are a long list.
const LONG: usize = 14;

/// A bar for each field, in order of the declaration.
pub fn of_records(
    source: &SourceFacts,
    figure: &Figure,
    facts: &Facts,
    show: &Show,
) -> Option<Block> {
    let all = source.records(&facts.period).len() as u64;
    let bar = |field: &Field| {
        let records = source.stating(&field.name, &facts.period);
        let states = |name: &str| {
            let says = |text: &str| !text.trim().is_empty();
            let is_so = |r: &&Line| r.text(name).is_some_and(says) || r.number(name).is_some();
            records.iter().filter(is_so).count()
        };
        let with = states(&field.name) as u64;
        let share = with as f64 / records.len().max(1) as f64;
        let percent = show.lang.percent(share, usize::from(share < 0.1 && with > 0));
        Bar {
            label: show.pick(&field.title.en, &field.title.fr).into(),
            value: share,
            text: format!("{percent} ({})", show.lang.integer(with)),
            ..Bar::default()
        }
    };
    let items: Vec<Bar> = source.source.fields.iter().take(figure.rows).map(bar).collect();
    let title = show.own_title(figure).unwrap_or_else(|| {
        let said = show.pick("how many state each field", "combien indiquent chaque champ");
        format!("{}{} {said}", show.title(&source.source), show.lang.colon())
    });
    let of = counted(source, all, show);
    let gone = match source.source.withdrawal() {
        None => "",
        Some(_) => show.pick(
            "; of what was withdrawn only what is kept",
            "\u{a0}; des retraits, ce qui en reste",
        ),
    };
    let subtitle = show.lang.pick(
        format!("share of {of} that state it{gone}"),
        format!("part de {of} qui l’indiquent{gone}"),
    );
    let (caption, in_two) = (Caption::new(title, subtitle), items.len() >= LONG);
    let bars = Bars { caption, items, in_two, reach: Some(1.0), ..Bars::default() };
    (all > 0).then_some(Block::Bars(bars))
}
