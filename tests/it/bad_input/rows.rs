//! What would make a row that a store does not take: it is missing with its reason, and all else
//! is counted, in either store.

use super::{Bench, LATER};
use crate::declared::declared;
use crate::sandbox::{KINDS, Kind, Sandbox};
use crate::server::Answer;

/// A source `bad` with other items and fields, in a home over a store.
fn bench(kind: Kind, items: &str) -> Bench {
    let bench = Bench::over(Sandbox::new(kind));
    bench.home.source("bad", &declared("json", &bench.server.url("/bad"), "1m", items));
    bench
}

/// Fetches answers with these items, one a minute.
fn answers(bench: &Bench, answers: &[Vec<String>]) {
    for items in answers {
        let body = format!("{{\"a\":[{}]}}", items.join(","));
        bench.server.on("/bad", Answer::ok(body));
    }
    let minutes = ["2026-11-21T10:00:00Z", "2026-11-21T10:01:00Z", "2026-11-21T10:02:00Z"];
    for now in minutes.iter().take(answers.len()) {
        bench.fetch(now).exits(0);
    }
}

#[test]
fn a_text_of_17_megabytes_costs_its_item() {
    let items = "[records]\nat = \"a[*]\"\nid = \"id\"\n\
                 [fields.t]\npath = \"t\"\nkind = \"text\"\n";
    for kind in KINDS {
        let bench = bench(kind, items);
        let item =
            |id: &str, bytes: usize| format!("{{\"id\":\"{id}\",\"t\":\"{}\"}}", "y".repeat(bytes));
        answers(&bench, &[vec![item("x", 50_000), item("y", 17_000_000), item("z", 1)]]);
        bench.summarize(LATER).exits(1);
        let reason = "1 of 3 items is not counted, nor is any aggregate over them all\n\
                      item 1: t: a text of 17000000 bytes at t, of which at most 1048576 are kept";
        assert!(bench.quarantined("bad").contains(reason), "{}", bench.quarantined("bad"));
        bench.is_settled();
    }
}

#[test]
fn answers_that_would_make_a_row_too_large_wait() {
    let fields: String =
        (0..6).map(|n| format!("[fields.t{n}]\npath = \"t\"\nkind = \"text\"\n")).collect();
    let items = format!("[samples]\nat = \"a[*]\"\nseries = \"id\"\nmay_repeat = true\n{fields}");
    for kind in KINDS {
        let bench = bench(kind, &items);
        let texts = |from: usize, to: usize| -> Vec<String> {
            let text = |n: usize| format!("{n}{}", "y".repeat(4_000));
            (from..to).map(|n| format!("{{\"id\":\"x\",\"t\":\"{}\"}}", text(n))).collect()
        };
        answers(&bench, &[texts(0, 200), texts(200, 400), texts(0, 1)]);
        bench.summarize(LATER).exits(1);
        let reason = bench.quarantined("bad");
        assert!(reason.starts_with("bad_2026-11-21T10-01-00Z"), "{reason}");
        assert!(reason.contains("it can be read, but with it the rows of its source"), "{reason}");
        bench.is_settled();
        bench.home.run("summarizer", &["replay", "--now", LATER]).exits(0);
        assert_eq!(bench.home.files("data/quarantine/bad"), [""; 0]);
        bench.is_settled();
    }
}
