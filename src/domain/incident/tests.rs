//! Which runs say a word of what.

use super::*;
use crate::domain::document::Doc;
use crate::domain::time::parse_iso;

fn at(minute: i64) -> Instant {
    parse_iso("2026-11-24T01:00:00Z").unwrap().after(TimeDelta::minutes(minute))
}

fn source(name: &str, text: &str) -> Complaint {
    let key = format!("fetcher/source/{name}/");
    Complaint { key, text: text.into(), ..Complaint::default() }
}

fn well(prefix: &str) -> Well {
    Well { prefix: prefix.into(), ..Well::default() }
}

/// One source over some minutes: where it fails, in which of them something is said.
fn told(minutes: std::ops::Range<i64>, fails: impl Fn(i64) -> bool) -> Vec<i64> {
    let (mut known, mut told) = (Incidents::default(), Vec::new());
    for minute in minutes {
        let bad: Vec<Complaint> = fails(minute).then(|| source("a", "no")).into_iter().collect();
        let said = known.judge("fetcher", at(minute), &bad, &[well("fetcher/source/")]);
        known = Incidents::of(&known.doc());
        told.extend((!said.lines.is_empty()).then_some(minute));
    }
    told
}

#[test]
fn what_lasts_is_told_once_and_then_once_a_day() {
    assert_eq!(told(0..3 * 1_440, |_| true), [0, 1_440, 2_880]);
    assert_eq!(told(0..240, |_| true), [0]);
    assert_eq!(told(0..240, |_| false), [0; 0]);
}

#[test]
fn what_comes_back_soon_is_the_same_and_later_another() {
    assert_eq!(told(0..1_000, |minute| minute % 7 == 0), [0]);
    assert_eq!(told(0..140, |minute| !(60..=90).contains(&minute)), [0]);
    // Back for an hour it is more than a further blip.
    assert_eq!(told(0..1_000, |minute| !(60..=90).contains(&minute)), [0, 151]);
    assert_eq!(told(0..1_000, |minute| !(60..=180).contains(&minute)), [0, 181]);
}

#[test]
fn what_comes_back_often_is_told_less_and_less_often() {
    let each_two_hours = told(0..3 * 1_440, |minute| minute % 120 == 0);
    assert!(each_two_hours.len() <= 6, "{each_two_hours:?}");
    let hourly = told(0..1_440, |minute| minute % 60 < 2);
    assert_eq!(hourly, [0]);
}

#[test]
fn a_file_with_another_fault_is_another_incident_and_mended_it_is_over() {
    let mut known = Incidents::default();
    let file = |text: &str| {
        vec![Complaint { exact: true, ..Complaint { key: "file/x/".into(), ..source("", text) } }]
    };
    let mut said = |minute, bad: &[Complaint]| {
        known.judge("fetcher", at(minute), bad, &[well("file/")]).lines.len()
    };
    let times = [(0, file("a")), (1, file("a")), (2, file("b")), (3, vec![]), (4, file("b"))];
    assert_eq!(times.map(|(minute, bad)| said(minute, &bad)), [1, 0, 2, 0, 2]);
}

#[test]
fn one_host_is_one_incident_and_a_consequence_of_it_none() {
    let mut known = Incidents::default();
    let down = |name| Complaint { cause: Some("e.org".into()), ..source(name, "503") };
    let mut judge = |minute, bad: &[Complaint], wells: &[Well]| {
        known.judge("fetcher", at(minute), bad, wells).lines
    };
    assert_eq!(judge(0, &[down("a")], &[]).len(), 1);
    assert_eq!(judge(1, &[down("a"), down("b")], &[]).len(), 0);
    // The first is well again, the second is not: now that one is told.
    let lines = judge(2, &[down("b")], &[well("fetcher/source/a/")]);
    assert!(lines[0].starts_with("503\nsince 2026-11-24 01:01 UTC"), "{lines:?}");
    assert!(lines[1].starts_with("over, 2026-11-24 01:00 UTC to 2026-11-24 01:02 UTC: 503"));
    let page = Complaint { cause: Some(format!("{UNUSABLE}x")), ..source("c", "a page") };
    assert_eq!(judge(3, &[page], &[]).len(), 1);
    let after = |of: &str| {
        let (under, key) = (Some(format!("fetcher/source/{of}/")), format!("summarizer/{of}/"));
        Complaint { under, key, ..source("", "unread") }
    };
    assert_eq!(judge(4, &[after("c")], &[]).len(), 0);
    assert_eq!(judge(400, &[after("c")], &[]).len(), 1);
    // What was told of b was no page.
    let page = Complaint { cause: Some(format!("{UNUSABLE}y")), ..source("b", "a page") };
    assert_eq!(judge(401, &[page], &[]).len(), 0);
    assert_eq!(judge(402, &[after("b")], &[]).len(), 1);
}

#[test]
fn another_kind_of_fault_is_told_in_the_next_letter_once() {
    let mut known = Incidents::default();
    let fails = |name: &str, kind: &str| Complaint { kind: kind.into(), ..source(name, kind) };
    let mut judge = |minute, bad: &[Complaint]| {
        let lines = known.judge("fetcher", at(minute), bad, &[]).lines;
        known = Incidents::of(&known.doc());
        lines
    };
    assert_eq!(judge(0, &[fails("a", "500")]).len(), 1);
    for (minute, kind) in [(1, "page"), (2, "404"), (3, "500"), (4, "404")] {
        assert_eq!(judge(minute, &[fails("a", kind)]).len(), 0);
    }
    let lines = judge(5, &[fails("a", "404"), fails("b", "500")]);
    let page = "since 2026-11-24 01:00 UTC, from 2026-11-24 01:01 UTC on otherwise: page";
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert_eq!(lines[1], page);
    assert!(lines[2].ends_with("from 2026-11-24 01:02 UTC on otherwise: 404"), "{lines:?}");
    assert_eq!(judge(6, &[fails("a", "404"), fails("c", "500")]).len(), 1);
}

#[test]
fn an_end_is_told_though_another_incident_follows_or_it_was_named_with_others() {
    let mut known = Incidents::default();
    let down = |name| Complaint { cause: Some("e.org".into()), ..source(name, name) };
    let all = [well("fetcher/source/")];
    let mut judge = |minute, bad: &[Complaint]| {
        let lines = known.judge("fetcher", at(minute), bad, &all).lines;
        known = Incidents::of(&known.doc());
        lines
    };
    assert_eq!(judge(0, &[down("a"), down("b")]).len(), 2);
    assert_eq!(judge(10, &[]).len(), 0);
    let lines = judge(2_000, &[down("a")]);
    let over = |name| format!("over, 2026-11-24 01:00 UTC to 2026-11-24 01:10 UTC: {name}");
    assert_eq!(lines[1..], [over("a"), over("b")], "{lines:?}");
    assert_eq!(judge(2_010, &[]).len(), 0);
    let lines = judge(4_000, &[source("z", "z")]);
    assert_eq!(lines.len(), 2, "{lines:?}");
}

#[test]
fn lines_that_only_move_in_a_file_make_no_other_incident() {
    let mut known = Incidents::default();
    let mut said = |minute, text: &str| {
        let bad = Complaint { exact: true, key: "file/x/".into(), ..source("", text) };
        known.judge("fetcher", at(minute), &[bad], &[well("file/")]).lines.len()
    };
    assert_eq!(said(0, "/x.toml:3: bad\n/x.toml:12: n is 7"), 1);
    assert_eq!(said(1, "/x.toml:5: bad\n/x.toml:140: n is 7"), 0);
    assert_eq!(said(2, "/x.toml:5: bad\n/x.toml:140: n is 8"), 2);
    assert_eq!(said(3, "/x.toml: bad"), 2);
}

#[test]
fn who_reads_at_once_leaves_the_mail_to_others_and_ends_what_is_over() {
    let mut known = Incidents::default();
    known.note(at(0), &[source("a", "no")], &[]);
    assert_eq!(known.open().count(), 1);
    assert_eq!(known.judge("fetcher", at(5), &[source("a", "no")], &[]).lines.len(), 1);
    known.note(at(6), &[], &[well("fetcher/source/")]);
    assert_eq!(known.open().count(), 0);
}

#[test]
fn a_lost_or_foreign_memory_costs_a_mail_and_a_wrong_clock_no_silence() {
    for odd in ["{}", "[]", "{\"fetcher/source/a/\":3}", "{\"a\":{\"since\":\"x\"}}"] {
        let doc = Doc::from_json(serde_json::from_str(odd).unwrap());
        let mut known = Incidents::of(&doc);
        assert_eq!(known.judge("fetcher", at(0), &[source("a", "no")], &[]).lines.len(), 1);
    }
    let mut known = Incidents::default();
    known.judge("fetcher", at(10_000), &[source("a", "no")], &[]);
    assert_eq!(known.judge("fetcher", at(0), &[source("a", "no")], &[]).lines.len(), 1);
    assert_eq!(known.judge("fetcher", at(1), &[source("a", "no")], &[]).lines.len(), 0);
}

#[test]
fn numbers_and_names_of_files_make_no_other_message() {
    let of = |text: &str| shape(text);
    assert_eq!(of("a: 3 of 60 snapshots are bad"), of("a: 4 of 9 snapshots are bad\nhint"));
    assert_eq!(of("a: left alone: a_2026-1.json: x"), of("a: left alone: b_7.json: x"));
    assert_ne!(of("a: bad"), of("b: bad"));
}
