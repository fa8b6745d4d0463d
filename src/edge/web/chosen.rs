//! The line of one series on a day, as a figure of its own.

use super::parts::said_with_unit;
use super::view::View;
use crate::domain::format::Lang;
use crate::domain::report::figure::{LineChart, Point, Scale, Series};
use crate::domain::report::{Block, Caption, Origin};
use crate::domain::screen::{Beside, LineAsk, Means, Scene, SourceView, Span};
use anyhow::Result;

/// What tells it from the figures of the report: they are numbered from one.
pub const NUMBER: usize = 0;

/// None of what is not there, or may not be shown by itself.
pub fn block(
    view: &dyn View,
    (scene, lang): (&Scene, Lang),
    source: &SourceView,
    (field, series): (&str, &str),
) -> Result<Option<Block>> {
    let ask = LineAsk {
        source: source.name.clone(),
        field: field.into(),
        series: series.into(),
        span: Span::Day,
        beside: Beside::DayBefore,
        day: Some(scene.period.day),
        is_named: true,
    };
    let line = view.line(&ask)?.filter(|line| !line.values.is_empty());
    let known = source.fields.iter().find(|known| known.name == field);
    let Some((line, known)) = line.zip(known) else { return Ok(None) };
    let points = |means: &Means| -> Vec<Point> {
        means.iter().map(|(at, value)| Point { at: *at, value: *value }).collect()
    };
    let origin = Origin {
        source: source.name.clone(),
        figure: NUMBER,
        field: field.into(),
        series: Some(series.into()),
    };
    let label = lang.pick("the day before", "la veille").to_string();
    let before = line.before.as_ref().filter(|before| before.len() > 1);
    Ok(Some(Block::Line(LineChart {
        caption: Caption {
            origin: Some(origin),
            ..Caption::new(line.name.clone(), said_with_unit(lang, known))
        },
        axis: scene.period.axis(lang),
        scale: Scale::default(),
        series: vec![Series { label: String::new(), points: points(&line.values) }],
        comparison: before.map(|before| Series { label, points: points(before) }),
        ..LineChart::default()
    })))
}
