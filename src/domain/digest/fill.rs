//! How full records are: the share of those of the period that state each field.

use super::facts::{Facts, SourceFacts};
use super::records::counted;
use super::show::Show;
use crate::domain::report::figure::{Bar, Bars};
use crate::domain::report::{Block, Caption, Column};
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
    let records = source.records(&facts.period);
    let all = records.len() as u64;
    let bar = |field: &Field| {
        let states = |name: &str| {
            let says = |text: &str| !text.trim().is_empty();
            let is_so = |r: &&Line| r.text(name).is_some_and(says) || r.number(name).is_some();
            records.iter().filter(is_so).count()
        };
        let with = states(&field.name) as u64;
        let share = with as f64 / all.max(1) as f64;
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
        Some(_) => show.pick(", withdrawn ones less", ", celles retirées moins"),
    };
    let subtitle = show.lang.pick(
        format!("share of {of} that state it{gone}"),
        format!("part de {of} qui l’indiquent{gone}"),
    );
    (all > 0).then(|| beside(items, Caption::new(title, subtitle)))
}

/// Many bars stand in two parts, read one after the other.
fn beside(items: Vec<Bar>, caption: Caption) -> Block {
    let bars = |items: &[Bar], caption| {
        Block::Bars(Bars { caption, items: items.to_vec(), reach: Some(1.0), ..Bars::default() })
    };
    if items.len() < LONG {
        return bars(&items, caption);
    }
    // Blank words keep the heads of both parts at one height.
    let blank = Caption::new("\u{a0}", "\u{a0}");
    let parts = items.chunks(items.len().div_ceil(2)).zip([caption, blank]);
    let columns = parts.map(|(part, caption)| Column::new(6, [bars(part, caption)]));
    Block::Columns(columns.collect())
}
