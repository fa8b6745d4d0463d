//! Lines of runs, packed and read back.

use super::*;
use crate::domain::time::from_millis;

const RUN: &str = "fetcher-2026-11-22T02-41-00Z-0011aabb";

fn record(place: u32, ms: i64, values: &[(&str, &str)]) -> Record {
    let instant = parse_iso("2026-11-22T02:41:00Z").unwrap();
    let began = instant.millis() + 212;
    let value = |text: &str| match text.parse() {
        Ok(number) => Scalar::Number(number),
        Err(_) => Scalar::Text(text.into()),
    };
    let own = [("run", RUN), ("tier", "fetcher")];
    let pairs = own.iter().chain(values).map(|(key, text)| (key.to_string(), value(text)));
    let mut values: Fields = pairs.collect();
    values.sort_by(|(a, _), (b, _)| a.cmp(b));
    Record {
        id: format!("{RUN}/{place}"),
        time: Some(from_millis(began + ms)),
        version: Version { updated: None, instant, hash: Digest::of(b"x") },
        first_seen: instant,
        last_seen: instant,
        values,
    }
}

const IDS: &str = "velib_2026-11-22T02-41-00Z_a3f9c1a3f9c1_5f0c11ab.json";

fn landed(place: u32, source: &str, ids: &str) -> Record {
    let slot = ("slot", "2026-11-22T02:40:48.000Z");
    let (status, bytes) = (("status", "200"), ("bytes", "34567"));
    record(
        place,
        350,
        &[("event", "landed"), ("source", source), slot, status, bytes, ("snapshots", ids)],
    )
}

fn outcome(place: u32, source: &str, bytes: &str) -> Record {
    let values = [
        ("event", "outcome"),
        ("source", source),
        ("slot", "2026-11-22T02:40:48.000Z"),
        ("every", "60"),
        ("started", "2026-11-22T02:41:00.252Z"),
        ("ended", "2026-11-22T02:41:00.990Z"),
        ("outcome", "landed"),
        ("status", "200"),
        ("bytes", bytes),
    ];
    record(place, 779, &values)
}

fn with(mut record: Record, key: &str, value: &str) -> Record {
    record.values.push((key.into(), Scalar::Text(value.into())));
    record.values.sort_by(|(a, _), (b, _)| a.cmp(b));
    record
}

fn counted(mut record: Record, values: &[(&str, f64)]) -> Record {
    let values = values.iter().map(|(key, value)| (key.to_string(), Scalar::Number(*value)));
    record.values.extend(values);
    record.values.sort_by(|(a, _), (b, _)| a.cmp(b));
    record
}

#[test]
fn a_fetch_is_one_short_list() {
    let lines = vec![
        record(0, 0, &[("event", "started")]),
        counted(landed(1, "velib", IDS), &[("took", 231.0), ("wire", 8_123.0)]),
        outcome(2, "velib", "34567"),
        record(3, 790, &[("event", "ended")]),
    ];
    let (runs, others) = pack(lines.clone());
    assert!(others.is_empty());
    assert_eq!(runs[0].records(), Ok(lines));
    assert_eq!(runs[0].run, "fetcher-@-0011aabb");
    let texts: Vec<String> = runs[0].lines.iter().map(Doc::json).collect();
    let fetch = [
        r#"["velib",1,2,350,1,-12212,60,40,778,"landed",200,34567,"#,
        r#""0_a3f9c1a3f9c1_5f0c11ab.json","231,8123"]"#,
    ]
    .concat();
    assert_eq!(texts, [r#"[0,0,{"event":"started"}]"#, &*fetch, r#"[3,790,{"event":"ended"}]"#]);
}

#[test]
fn lines_of_any_form_read_back_the_same() {
    let two = format!("{IDS} velib_2026-11-22T02-40-59Z_i-a.b_p2of3_a3f9c1_5f0c11ab.json");
    let lines = vec![
        landed(1, "velib", &two),
        landed(2, "zoo", "zoo_x another.json velib_2026-11-22T02-41-00Z_a_b"),
        with(landed(3, "other", IDS), "url", "https://example.org/?a=1"),
        outcome(4, "other", "1"),
        outcome(5, "velib", "70000"),
        with(outcome(6, "failing", "0"), "error", "it said \"no\""),
        with(record(7, 5, &[("event", "told")]), "why", "new"),
        with(landed(9, "zoo", IDS), "more", "than known"),
        record(
            11,
            9,
            &[
                ("event", "landed"),
                ("source", "x"),
                ("slot", "soon"),
                ("status", "1.5"),
                ("bytes", "1e300"),
                ("snapshots", ""),
            ],
        ),
        counted(landed(31, "velib", IDS), &[("took", 231.0)]),
        counted(landed(32, "velib", IDS), &[("took", 0.0), ("wire", 0.0)]),
        counted(landed(33, "velib", IDS), &[("took", 231.0), ("tries", 2.0)]),
        counted(landed(34, "velib", IDS), &[("took", 1.0), ("wire", 8.0), ("tries", 3.0)]),
        counted(landed(35, "velib", IDS), &[("wire", 8.0)]),
        counted(landed(36, "velib", IDS), &[("took", -1.0)]),
        counted(landed(37, "velib", IDS), &[("took", 1.5)]),
        counted(landed(38, "velib", IDS), &[("took", 1e300)]),
        with(landed(39, "velib", IDS), "took", "231"),
        with(landed(40, "velib", IDS), "url", "231"),
        counted(with(landed(41, "velib", IDS), "url", "https://e.org"), &[("took", 1.0)]),
    ];
    let (runs, others) = pack(lines.clone());
    assert!(others.is_empty());
    assert_eq!(runs[0].records(), Ok(lines.clone()));
    let json = Doc::List(runs[0].lines.clone()).json();
    let Doc::List(again) = Doc::from_json(serde_json::from_str(&json).unwrap()) else { panic!() };
    assert_eq!(Run { lines: again, ..runs[0].clone() }.records(), Ok(lines));
}

#[test]
fn a_long_run_is_in_several_rows() {
    let lines: Vec<Record> = (0..2_500).map(|place| landed(place, "velib", IDS)).collect();
    let (runs, others) = pack(lines.clone());
    assert_eq!((runs.len(), others.len()), (3, 0));
    let read: Vec<Record> = runs.iter().flat_map(|run| run.records().unwrap()).collect();
    assert_eq!(read, lines);
}

#[test]
fn what_tells_of_no_run_stays_a_record() {
    let mut odd = vec![landed(1, "velib", IDS), landed(1, "velib", IDS), landed(1, "velib", IDS)];
    odd[0].id = "no place".into();
    odd[1].last_seen = from_millis(0);
    odd[2].id = format!("{RUN}/01");
    assert_eq!(pack(odd.clone()), (Vec::new(), odd));
    let twice = vec![landed(1, "velib", IDS), outcome(1, "velib", "34567")];
    let (runs, others) = pack(twice.clone());
    let mut all: Vec<Record> = runs.iter().flat_map(|run| run.records().unwrap()).collect();
    all.extend(others);
    assert_eq!(all, twice);
}

#[test]
fn lists_of_no_known_form_are_told() {
    let (runs, _) = pack(vec![landed(1, "velib", IDS)]);
    for lines in ["[[]]", "[1]", "[[1,2,3]]", "[[\"a\",0,0,0,0,0,\"x\"]]", "[[9,9,9,9,9,9,9,9,9]]"]
    {
        let Doc::List(lines) = Doc::from_json(serde_json::from_str(lines).unwrap()) else {
            panic!()
        };
        assert!(Run { lines, ..runs[0].clone() }.records().is_err());
    }
}
