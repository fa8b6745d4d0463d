//! Figures and sentences about records: earthquakes, offers, things with a time of their own.

use super::classes::Classes;
use super::facts::{Content, Facts, SourceFacts, clip, clipped, place};
use super::maps;
use super::measure::Measure;
use super::show::Show;
use super::{presence, texts};
use crate::domain::format::{capital, headed, inside};
use crate::domain::report::figure::Place;
use crate::domain::report::table::{Cell, Table, TableColumn};
use crate::domain::report::{Block, Caption, Tone};
use crate::domain::sheet::Line;
use crate::domain::shown::apart;
use crate::domain::source::{Field, Figure, FigureKind, Kind};
use std::borrow::Cow;

/// The records of the period that have the field, greatest first; of equals the earlier.
pub fn ranked<'a>(source: &'a SourceFacts, field: &str, facts: &Facts) -> Vec<(Line<'a>, f64)> {
    let records = source.records(&facts.period).into_iter();
    let mut ranked: Vec<(Line, f64)> =
        records.filter_map(|record| Some((record, record.number(field)?))).collect();
    ranked.sort_by(|a, b| {
        let earlier = || a.0.time().cmp(&b.0.time()).then_with(|| a.0.id().cmp(b.0.id()));
        b.1.total_cmp(&a.1).then_with(earlier)
    });
    ranked
}

/// The field that ranks a source's records: that of its first table of numbers.
pub fn ranking(source: &SourceFacts) -> Option<&Figure> {
    let is_shown = |field: &str| !is_place(field) && !source.source.may_withdraw(field);
    let ranks = |figure: &&Figure| {
        figure.kind == FigureKind::Table && !is_text(source, figure) && is_shown(&figure.field)
    };
    source.source.figures.iter().find(ranks)
}

/// Whether a field is a coordinate: it says where, never how much.
pub fn is_place(field: &str) -> bool {
    matches!(field, "lat" | "lon")
}

fn is_text(source: &SourceFacts, figure: &Figure) -> bool {
    let mut fields = source.source.fields.iter();
    fields.any(|field| field.name == figure.field && field.kind == Kind::Text)
}

/// The source of records that leads: the first, or one of the same measure with a greater value.
pub fn leading<'a>(
    sources: impl IntoIterator<Item = &'a SourceFacts>,
    facts: &Facts,
) -> Option<&'a SourceFacts> {
    let greatest = |source: &SourceFacts| {
        let field = &ranking(source)?.field;
        Some(ranked(source, field, facts).first()?.1)
    };
    let measure = |source: &SourceFacts| {
        let field = ranking(source)?.field.clone();
        let unit = source.source.described(&field)?.0.map(str::to_string);
        Some((field, unit))
    };
    let led = sources.into_iter().filter_map(|source| Some((source, greatest(source)?)));
    let led: Vec<(&SourceFacts, f64)> = led.collect();
    let (first, _) = led.first()?;
    let alike = led.iter().filter(|(source, _)| measure(source) == measure(first));
    alike.min_by(|a, b| b.1.total_cmp(&a.1)).map(|(source, _)| *source)
}

/// Fields that say best what a record is.
const TELLING: [&str; 3] = ["place", "title", "name"];

/// A record in a few words: the text field that says best what it is, else the first.
pub fn words<'a>(source: &SourceFacts, record: Line<'a>) -> Option<Cow<'a, str>> {
    let texts = || {
        let fields = source.source.fields.iter().filter(|field| field.kind == Kind::Text);
        fields.filter(|field| !source.source.may_withdraw(&field.name))
    };
    let telling = texts().find(|field| TELLING.contains(&field.name.as_str()));
    record.text(&telling.or_else(|| texts().next())?.name).map(|text| apart(clip(text)))
}

/// The greatest record of the period, as a sentence; of several that are alike how many they are.
pub fn greatest(source: &SourceFacts, facts: &Facts, show: &Show) -> Option<String> {
    let figure = ranking(source)?;
    let ranked = ranked(source, &figure.field, facts);
    let (record, value) = *ranked.first()?;
    let alike = ranked.iter().take_while(|(_, other)| *other == value).count() as u64;
    let measure = show.measure(&source.source, &figure.field);
    let (what, value) = (inside(measure.title), show.extreme(&measure, value));
    let words = words(source, record).map(|words| format!(", {words}")).unwrap_or_default();
    Some(match (source.source.noun(), alike) {
        (Some(noun), 1) => {
            let one = capital(show.pick(&noun.one.en, &noun.one.fr));
            format!("{one} {}{what} {value}{words}", show.of_a(&what))
        }
        (Some(noun), n) => {
            let many = show.pick(&noun.many.en, &noun.many.fr);
            format!("{} {many} {}{what} {value}", show.lang.integer(n), show.of_a(&what))
        }
        (None, 1) => format!("{}{} {what} {value}{words}", title(source, show), show.lang.colon()),
        (None, n) => {
            let (n, all) = (show.lang.integer(n), show.lang.integer(ranked.len() as u64));
            let title = title(source, show);
            show.lang.pick(
                format!("{title}: {what} {value} at most, in {n} of {all}"),
                format!("{title}\u{a0}: {what} {value} au plus, pour {n} sur {all}"),
            )
        }
    })
}

fn title(source: &SourceFacts, show: &Show) -> String {
    headed(&show.named(&source.source))
}

/// "in the day"; of what was not heard of to its end "in the day, as of 13:50".
pub fn span(source: &SourceFacts, facts: &Facts, show: &Show) -> String {
    match presence::heard_until(source, facts) {
        Some(last) => format!("{}, {}", show.inside(), show.as_of(last)),
        None => show.inside().into(),
    }
}

/// How many records the period has, and what they are most often.
pub fn count(source: &SourceFacts, facts: &Facts, show: &Show) -> Option<String> {
    let n = source.records(&facts.period).len() as u64;
    let often = texts::of_records(source, facts, show).map(|often| format!(", {often}"));
    let often = often.unwrap_or_default();
    if n > 0 && source.is_timeless() {
        let until = presence::heard_until(source, facts).map(|last| show.as_of(last));
        let until = until.map(|until| format!(", {until}")).unwrap_or_default();
        return Some(listed(source, n, show) + &until);
    }
    let span = span(source, facts, show);
    let withdrawn = withdrawn(source, show).unwrap_or_default();
    (n > 0).then(|| match show.own_noun(&source.source) {
        Some(_) => format!("{} {span}{often}{withdrawn}", counted(source, n, show)),
        None => {
            let (head, colon) = (title(source, show), show.lang.colon());
            format!("{head}{colon} {} {span}{often}{withdrawn}", show.lang.integer(n))
        }
    })
}

/// How many were found to be withdrawn meanwhile, of whatever age.
fn withdrawn(source: &SourceFacts, show: &Show) -> Option<String> {
    let n = Some(source.sides.withdrawn).filter(|n| *n > 0)?;
    let number = show.lang.integer(n);
    let french = show.lang.plural(n, "retrait", "retraits");
    Some(show.lang.pick(format!(", and {number} withdrawn"), format!(", et {number} {french}")))
}

/// That a source answered, and had no record of the period.
pub fn none(source: &SourceFacts, facts: &Facts, show: &Show) -> Option<String> {
    let timed = matches!(source.content, Content::Records { .. }) && !source.is_timeless();
    let answered = source.snapshots().iter().any(|id| !source.useless.contains(id));
    let kept = source.aged.expired.is_empty();
    let shown = !source.is_withheld();
    let without = shown && timed && answered && kept && source.records(&facts.period).is_empty();
    let span = span(source, facts, show);
    (without && list(source, show).is_none()).then(|| match show.own_noun(&source.source) {
        Some(noun) => show
            .lang
            .pick(format!("No {} {span}", noun.many.en), format!("0 {} {span}", noun.one.fr)),
        None => format!("{}{} 0 {span}", title(source, show), show.lang.colon()),
    })
}

/// How many records without a time some answers of the period held.
pub fn list(source: &SourceFacts, show: &Show) -> Option<String> {
    let Content::Records { sheet, .. } = &source.content else { return None };
    let timeless = sheet.lines().filter(|line| line.time().is_none()).count() as u64;
    (timeless > 0).then(|| listed(source, timeless, show))
}

fn listed(source: &SourceFacts, n: u64, show: &Show) -> String {
    let n = counted(source, n, show);
    let said = show.lang.pick(format!("{n} listed"), format!("liste de {n}"));
    match source.source.noun() {
        Some(_) => said,
        None => format!("{}{} {said}", title(source, show), show.lang.colon()),
    }
}

/// `312 earthquakes`; of what has no name of its own `312 records`.
pub fn counted(source: &SourceFacts, n: u64, show: &Show) -> String {
    let plain = (show.pick("record", "relevé"), show.pick("records", "relevés"));
    let (one, many) = source.source.noun().map_or(plain, |noun| {
        (show.pick(&noun.one.en, &noun.one.fr), show.pick(&noun.many.en, &noun.many.fr))
    });
    show.lang.count(n, one, many)
}

/// The records of a table: by a number the greatest first, by a text the latest.
fn in_order<'a>(source: &'a SourceFacts, figure: &Figure, facts: &Facts) -> Vec<Line<'a>> {
    if !is_text(source, figure) && !is_place(&figure.field) {
        return ranked(source, &figure.field, facts)
            .into_iter()
            .map(|(record, _)| record)
            .collect();
    }
    let mut records = source.records(&facts.period);
    records.sort_by(|a, b| b.time().cmp(&a.time()).then_with(|| a.id().cmp(b.id())));
    records
}

/// The strongest records, or the latest, one in a row.
pub fn table(source: &SourceFacts, figure: &Figure, facts: &Facts, show: &Show) -> Option<Block> {
    let ordered = in_order(source, figure, facts);
    let (first, rest): (Vec<&Field>, Vec<&Field>) =
        shown_fields(source).into_iter().partition(|field| field.name == figure.field);
    let mut fields: Vec<&Field> = first.into_iter().chain(rest).collect();
    let clocks = show.of_source(&source.source);
    let timed = ordered.iter().any(|record| record.time().is_some());
    if !timed {
        // A row begins with words: when, or else what.
        fields.sort_by_key(|field| field.kind != Kind::Text);
    }
    let time = timed.then(|| TableColumn::left(show.pick("Time", "Heure")));
    let columns = time.into_iter().chain(fields.iter().map(|field| head(field, show))).collect();
    let row = |record: &Line| {
        let time = record.time().map(|time| clocks.clock(time)).unwrap_or_default();
        let time = timed.then(|| Cell::text(time));
        let cells = fields.iter().map(|field| {
            let strong = field.name == figure.field;
            cell(*record, field, strong, &show.measure(&source.source, &field.name), show)
        });
        time.into_iter().chain(cells).collect()
    };
    let rows: Vec<Vec<Cell>> = ordered.iter().take(figure.rows).map(row).collect();
    let all = source.records(&facts.period).len() as u64;
    let title = show
        .own_title(figure)
        .unwrap_or_else(|| table_title(source, figure, (rows.len(), ordered.len()), show));
    let of = counted(source, all, show);
    let mut subtitle =
        show.lang.pick(format!("of {of} in the period"), format!("{of} sur la période"));
    if let Some(last) = presence::heard_until(source, facts).filter(|_| timed) {
        subtitle += &format!(", {}", show.as_of(last));
    }
    let without = all - (ordered.len() as u64).min(all);
    if without > 0 {
        let n = show.lang.integer(without);
        subtitle += &show.lang.pick(format!("; {n} without it"), format!("\u{a0}; {n} sans elle"));
    }
    let caption = Caption::new(title, subtitle);
    (!rows.is_empty()).then_some(Block::Table(Table { caption, columns, rows }))
}

fn table_title(
    source: &SourceFacts,
    figure: &Figure,
    (shown, all): (usize, usize),
    show: &Show,
) -> String {
    if is_text(source, figure) || is_place(&figure.field) {
        let title = title(source, show);
        return match shown < all {
            true => show.lang.pick(
                format!("{title}: the latest {shown}"),
                format!("{title}\u{a0}: les {shown} plus récents"),
            ),
            false => title,
        };
    }
    let title = show.titled(&source.source, &show.measure(&source.source, &figure.field));
    match shown < all {
        true => show.lang.pick(
            format!("{title}: the {shown} greatest"),
            format!("{title}\u{a0}: les {shown} valeurs les plus hautes"),
        ),
        false => show.lang.pick(
            format!("{title}, from the greatest down"),
            format!("{title}, par ordre décroissant"),
        ),
    }
}

/// All fields but the coordinates, which a map shows, and what may be withdrawn: what is printed
/// cannot be taken back.
fn shown_fields(source: &SourceFacts) -> Vec<&Field> {
    let fields = source.source.fields.iter();
    let is_shown =
        |field: &&Field| !is_place(&field.name) && !source.source.may_withdraw(&field.name);
    fields.filter(is_shown).collect()
}

fn head(field: &Field, show: &Show) -> TableColumn {
    let title = show.pick(&field.title.en, &field.title.fr);
    match (field.kind, &field.unit) {
        (Kind::Text, _) => TableColumn::left(title),
        (_, Some(unit)) => TableColumn::right(format!("{title}, {unit}")),
        (_, None) => TableColumn::right(title),
    }
}

fn cell(record: Line, field: &Field, strong: bool, measure: &Measure, show: &Show) -> Cell {
    let text = match field.kind {
        Kind::Text => record.text(&field.name).map(clipped),
        Kind::Number(_) => record.number(&field.name).map(|x| show.extreme_number(measure, x)),
    };
    let text = text.unwrap_or_else(|| crate::domain::format::ABSENT.into());
    if strong { Cell::strong(text) } else { Cell::text(text) }
}

/// The greatest in few columns: value, words, time.
pub fn short_list(source: &SourceFacts, rows: usize, facts: &Facts, show: &Show) -> Option<Block> {
    let figure = ranking(source)?;
    let measure = show.measure(&source.source, &figure.field);
    let clocks = show.of_source(&source.source);
    let ranked = ranked(source, &figure.field, facts);
    let row = |(record, value): &(Line, f64)| {
        vec![
            Cell::toned(show.extreme_number(&measure, *value), Tone::Up),
            Cell::text(words(source, *record).unwrap_or_else(|| apart(record.id()))),
            Cell::toned(record.time().map(|t| clocks.clock(t)).unwrap_or_default(), Tone::Muted),
        ]
    };
    let rows: Vec<Vec<Cell>> = ranked.iter().take(rows).map(row).collect();
    let columns = vec![TableColumn::left(""), TableColumn::left(""), TableColumn::right("")];
    (!rows.is_empty()).then_some(Block::Table(Table { caption: Caption::default(), columns, rows }))
}

/// Where the records happened; the greatest carry their value.
pub fn map(source: &SourceFacts, figure: &Figure, facts: &Facts, show: &Show) -> Option<Block> {
    if ["lat", &*figure.field].iter().any(|field| source.source.may_withdraw(field)) {
        return None;
    }
    let ranked = ranked(source, &figure.field, facts);
    let measure = show.measure(&source.source, &figure.field);
    let scale = Classes::of(ranked.iter().map(|(_, value)| *value))?;
    // At 0, 0 is what has no place.
    let located =
        ranked.iter().filter_map(|(record, value)| Some((place(*record)?, record, *value)));
    let located = located.filter(|(place, ..)| *place != (0.0, 0.0));
    let points: Vec<Place> = located
        .map(|((lon, lat), record, value)| {
            let (size, tone) = scale.mark(value);
            let (named, label) = (value == ranked[0].1, show.extreme(&measure, value));
            let words = words(source, *record).map(|words| format!(", {words}"));
            let told = format!("{label}{}", words.unwrap_or_default());
            let (key, label) = (record.id().to_string(), Some(label));
            Place { lon, lat, size, tone, label, named, key, told }
        })
        .collect();
    let title = show.own_title(figure).unwrap_or_else(|| {
        let (title, n) = (title(source, show), points.len() as u64);
        let n = match show.own_noun(&source.source) {
            Some(_) => counted(source, n, show),
            None => format!("{title}{} {}", show.lang.colon(), show.lang.integer(n)),
        };
        show.lang.pick(format!("{n} on the map"), format!("{n} sur la carte"))
    });
    let caption = Caption::new(title, headed(measure.title));
    maps::block(caption, points, scale.key(&measure, show), show)
}
