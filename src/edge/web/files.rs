//! One figure as a file: its data, its picture.

use super::chosen;
use super::lines::Get;
use super::reply::{CSV, PNG, Reply, SVG};
use super::svg;
use super::view::View;
use crate::domain::document::Doc;
use crate::domain::format::Lang;
use crate::domain::page::{Drawing, drawing};
use crate::domain::report::data::{Grid, data};
use crate::domain::report::{Block, Report};
use crate::domain::screen::Scene;
use crate::domain::source::Shown;

/// The width of a figure that is a file, in points: that of a page.
const WIDTH: f32 = 510.0;
/// Pixels a point: sharp on screens that show two for one.
const SHARP: f32 = 3.0;

/// How a figure is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    Csv,
    Svg,
    Png,
}

impl Form {
    pub const ALL: [(&'static str, Form); 3] =
        [("csv", Form::Csv), ("svg", Form::Svg), ("png", Form::Png)];
}

/// The number of a figure and its form, by the name of the file: `bikes-oslo.1.csv`.
pub fn named(file: &str) -> Option<(&str, Form)> {
    let (id, ending) = file.rsplit_once('.')?;
    let form = Form::ALL.iter().find(|(name, _)| *name == ending)?.1;
    Some((id, form))
}

/// All of a report that a figure of this id is drawn as: towns far apart are maps of their own.
fn found<'a>(report: &'a Report, id: &str) -> Vec<&'a Block> {
    let blocks = report.sections.iter().flat_map(|section| &section.blocks).flat_map(Block::all);
    let is_it = |block: &&Block| {
        let origin = block.caption().and_then(|caption| caption.origin.as_ref());
        origin.is_some_and(|origin| origin.figure > 0 && origin.id() == id)
    };
    let mut found: Vec<&Block> = blocks.filter(is_it).collect();
    if found.is_empty() {
        found.extend(report.front.iter().flat_map(Block::all).filter(is_it));
    }
    found
}

/// A figure as a file; none where there is no such one. That of one series is asked for with its
/// field and its key.
pub fn file(
    view: &dyn View,
    (scene, lang): (&Scene, Lang),
    (id, form): (&str, Form),
    get: &Get,
) -> Option<Reply> {
    let (source, number) = id.rsplit_once('.')?;
    let shown = scene.sources.iter().find(|known| known.name == source)?;
    if shown.shown == Shown::Nothing {
        return None;
    }
    let name = format!("{id}_{}", scene.period.day);
    if number.parse() == Ok(chosen::NUMBER) {
        let of = (get("field")?, get("series")?);
        let block = chosen::block(view, (scene, lang), shown, of).ok()??;
        return made(view, &[&block], lang, (&name, form));
    }
    made(view, &found(scene.report.get(lang), id), lang, (&name, form))
}

fn made(
    view: &dyn View,
    blocks: &[&Block],
    lang: Lang,
    (name, form): (&str, Form),
) -> Option<Reply> {
    let first = blocks.first()?;
    match form {
        Form::Csv => {
            let grids = blocks.iter().filter_map(|block| data(block, lang));
            let grid = grids.reduce(|mut all, more| {
                all.rows.extend(more.rows);
                all
            })?;
            Some(Reply::new(CSV, csv(&grid)).named(format!("{name}.csv")))
        }
        Form::Svg => {
            let title = first.caption().map_or("", |caption| &caption.title);
            let drawing = whole(blocks, lang);
            Some(Reply::new(SVG, svg::alone(&drawing, title)).named(format!("{name}.svg")))
        }
        Form::Png => {
            let png = view.painted(&whole(blocks, lang), SHARP)?;
            Some(Reply::new(PNG, png).named(format!("{name}.png")))
        }
    }
}

/// All parts of a figure, one below the other.
fn whole(blocks: &[&Block], lang: Lang) -> Drawing {
    const GAP: f32 = 12.0;
    let mut whole = Drawing { width: WIDTH, ..Drawing::default() };
    for block in blocks {
        let part = drawing(block, lang, WIDTH, 0.0, false);
        let down = if whole.ops.is_empty() { 0.0 } else { whole.height + GAP };
        whole.ops.extend(part.ops.into_iter().map(|mut op| {
            op.shift(0.0, down);
            op
        }));
        whole.height = down + part.height;
    }
    whole.height += 4.0;
    whole
}

/// RFC 4180.
fn csv(grid: &Grid) -> Vec<u8> {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    // Writing into memory never fails.
    let _ = writer.write_record(&grid.columns);
    for row in &grid.rows {
        let _ = writer.write_record(row.iter().map(spelled));
    }
    writer.into_inner().unwrap_or_default()
}

pub fn spelled(value: &Doc) -> String {
    match value {
        Doc::Null => String::new(),
        Doc::Text(text) => text.clone(),
        // The shortest that reads back the same, as in an export.
        Doc::Float(number) => number.to_string(),
        other => other.json(),
    }
}
