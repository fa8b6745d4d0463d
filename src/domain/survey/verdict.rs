//! What a survey came to, for people: slice by slice what was announced and what was seen.

use super::{End, Entry, SLACK_LEAST, SLACK_PART, Slice, Survey};
use crate::domain::format::english;
use crate::domain::source::Fetch;
use crate::domain::time::{from_millis, iso_seconds};
use std::fmt::Write as _;

/// The slices that were walked, in the order of their times, and a verdict.
pub fn report(survey: &Survey, fetch: &Fetch) -> String {
    let mut out = String::new();
    let mut walked: Vec<&Entry> = survey.ended().iter().collect();
    walked.retain(|entry| !matches!(entry.end, End::Cut(_)));
    walked.sort_by(|a, b| (a.slice.from, &a.slice.values).cmp(&(b.slice.from, &b.slice.values)));
    let _ = writeln!(
        out,
        "  {:<20}  {:<20}  {:>9}  {:>7}  {:>5}",
        "from", "to (without)", "announced", "seen", "pages"
    );
    for entry in &walked {
        let at = |seconds: i64| iso_seconds(from_millis(seconds.saturating_mul(1_000)));
        let announced = entry.announced.map_or("-".into(), |total| total.to_string());
        let _ = writeln!(
            out,
            "  {:<20}  {:<20}  {announced:>9}  {:>7}  {:>5}{}{}",
            at(entry.slice.from),
            at(entry.slice.to),
            entry.unique,
            entry.pages,
            chosen(&entry.slice, fetch),
            end(entry),
        );
    }
    out + &verdict(survey, walked.len() as u64)
}

/// The values by which a slice is cut.
fn chosen(slice: &Slice, fetch: &Fetch) -> String {
    let dimensions = fetch.slices.iter().flat_map(|slices| &slices.dimensions);
    let pairs = dimensions.zip(&slice.values).map(|(dimension, value)| {
        format!("  {}={}", dimension.param, dimension.values.get(*value).map_or("", |v| v))
    });
    pairs.collect()
}

fn end(entry: &Entry) -> String {
    let mut told = match &entry.end {
        End::Whole | End::Cut(_) => String::new(),
        End::Over => "  more than can be had: the first ones only".into(),
        End::Short => "  fewer than announced, twice".into(),
        End::Failed(why) => format!("  failed: {}", why.lines().next().unwrap_or_default()),
    };
    if entry.unread > 0 {
        let _ = write!(told, "  {} cannot be read", english(entry.unread, "item", "items"));
    }
    told
}

fn verdict(survey: &Survey, walked: u64) -> String {
    let mut out = format!(
        "  {} in {} and {}",
        english(survey.unique(), "record", "records"),
        english(walked, "slice", "slices"),
        english(survey.pages(), "page", "pages"),
    );
    let count =
        |is: fn(&End) -> bool| survey.ended().iter().filter(|entry| is(&entry.end)).count() as u64;
    let lacking = [
        (count(|end| matches!(end, End::Over)), "with more than can be had"),
        (count(|end| matches!(end, End::Short)), "with fewer than announced"),
        (count(|end| matches!(end, End::Failed(_))), "failed"),
        (survey.left() as u64, "still to be asked"),
    ];
    let lacking = lacking.iter().filter(|(count, _)| *count > 0);
    let mut lacking: Vec<String> = lacking
        .map(|(count, what)| format!("{} {what}", english(*count, "slice", "slices")))
        .collect();
    let without: u64 = survey.without().iter().map(|(_, count)| count).sum();
    if without > 0 {
        // Windows may overlap: then what is of two is counted twice.
        lacking.push(format!(
            "up to {} of no declared value of a dimension",
            english(without, "record", "records")
        ));
    }
    // Where nothing is there nothing is announced.
    let is_mute =
        |entry: &&Entry| entry.announced.is_none() && entry.unique > 0 && entry.end == End::Whole;
    let mute = survey.ended().iter().filter(is_mute).count() as u64;
    out += &match lacking.is_empty() {
        true if mute > 0 => format!(
            ": all pages were asked; of {} no total is announced to hold them against\n",
            english(mute, "slice", "slices")
        ),
        true => format!(
            ": complete, each slice within {SLACK_LEAST} or {} % of what is announced\n",
            100 / SLACK_PART
        ),
        false => format!(": not complete: {}\n", lacking.join(", ")),
    };
    out
}
