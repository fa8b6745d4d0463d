//! How it goes, for those who watch over programs (Prometheus text format 0.0.4).

use super::state::Web;
use crate::domain::screen::{HealthRow, Pulse, Scene, SourceView};
use crate::domain::time::Instant;
use std::fmt::Write;

/// The kind of an answer in this format.
pub const KIND: &str = "text/plain; version=0.0.4; charset=utf-8";

pub fn text(web: &Web, scene: Option<&Scene>) -> String {
    let mut out = String::new();
    let streams = web.streams.open() as f64;
    gauge(
        &mut out,
        "event_streams",
        "Pages that are told of what is new.",
        &[(String::new(), streams)],
    );
    let is_up = f64::from(u8::from(scene.is_some_and(|scene| scene.away.is_none())));
    gauge(&mut out, "store_up", "Whether the store can be read.", &[(String::new(), is_up)]);
    if let Some(scene) = scene {
        of_scene(&mut out, scene);
    }
    out
}

fn of_scene(out: &mut String, scene: &Scene) {
    let one = |value: f64| vec![(String::new(), value)];
    gauge(
        out,
        "looked_timestamp_seconds",
        "When the spool was looked at.",
        &one(seconds(scene.looked)),
    );
    gauge(out, "incidents", "What is wrong now.", &one(scene.health.incidents.len() as f64));
    if let Some(bytes) = scene.health.store_bytes {
        gauge(out, "store_bytes", "What the store takes.", &one(bytes as f64));
    }
    let of = |value: &dyn Fn(&SourceView) -> Option<f64>| -> Vec<(String, f64)> {
        scene.sources.iter().filter_map(|s| Some((label("source", &s.name), value(s)?))).collect()
    };
    let last = of(&|source| source.last.map(seconds));
    gauge(out, "source_last_answer_timestamp_seconds", "When a source answered last.", &last);
    let late = of(&|source| {
        Some(f64::from(u8::from(matches!(source.pulse, Pulse::Late | Pulse::Silent))))
    });
    gauge(out, "source_late", "Whether nothing came for longer than planned.", &late);
    let rows = |value: fn(&HealthRow) -> u64| -> Vec<(String, f64)> {
        let rows = scene.health.rows.iter();
        rows.map(|row| (label("source", &row.source), value(row) as f64)).collect()
    };
    gauge(
        out,
        "source_waiting_answers",
        "Answers that are not summarised yet.",
        &rows(|row| row.waiting),
    );
    gauge(
        out,
        "source_quarantined_answers",
        "Answers in quarantine.",
        &rows(|row| row.quarantined),
    );
    let runs = scene.health.programs.iter();
    let runs = runs.filter_map(|(name, at)| Some((label("program", name), seconds((*at)?))));
    let runs: Vec<(String, f64)> = runs.collect();
    gauge(out, "program_last_run_timestamp_seconds", "When a program ran last.", &runs);
}

fn seconds(at: Instant) -> f64 {
    at.millis() as f64 / 1e3
}

fn label(name: &str, value: &str) -> String {
    let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("{{{name}=\"{value}\"}}")
}

fn gauge(out: &mut String, name: &str, help: &str, values: &[(String, f64)]) {
    if values.is_empty() {
        return;
    }
    let _ = writeln!(out, "# HELP daybook_{name} {help}\n# TYPE daybook_{name} gauge");
    for (labels, value) in values {
        let _ = writeln!(out, "daybook_{name}{labels} {value}");
    }
}
