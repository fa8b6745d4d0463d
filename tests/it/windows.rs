//! Windows of time: they follow from the slot, share their ends, and those that were missed are
//! made up for as declared.

use crate::declared::declared;
use crate::sandbox::{Kind, Ran, Sandbox};
use crate::server::{Answer, Server};

const ITEMS: &str = "[records]\nat = \"items[*]\"\nid = \"id\"\n[fields.v]\npath = \"v\"\n";

struct Bench {
    home: Sandbox,
    server: Server,
}

impl Bench {
    fn new(every: &str, rest: &str) -> Bench {
        let bench = Bench { home: Sandbox::new(Kind::Sqlite), server: Server::start() };
        bench.home.settings("");
        let url = bench.server.url("/w?from={from:%H:%M:%S}&to={to:%H:%M:%S}");
        bench.home.source("w", &declared("json", &url, every, &format!("{rest}\n{ITEMS}")));
        bench.server.on("/w", Answer::ok("{\"items\":[{\"id\":\"a\",\"v\":1}]}"));
        bench
    }

    fn fetch(&self, time: &str) -> Ran {
        self.home.run("fetcher", &["--now", &format!("2026-11-24T{time}Z"), "--verbose"])
    }

    /// The windows that were asked for.
    fn asked(&self) -> Vec<(String, String)> {
        let seen = self.server.seen().into_iter();
        let ends = |target: &str| {
            let target = target.replace("%3A", ":");
            let (from, to) = target.split_once("from=")?.1.split_once("&to=")?;
            Some((from.to_string(), to.to_string()))
        };
        seen.filter_map(|seen| ends(&seen.target)).collect()
    }
}

#[test]
fn all_missed_windows_are_made_up_for_in_order_and_none_is_left_between() {
    let bench = Bench::new("1h", "range = \"1h\"\ncatch_up = \"all\"");
    bench.fetch("02:30:00").exits(0);
    bench.fetch("09:30:00").exits(0);
    let asked = bench.asked();
    assert_eq!(asked.len(), 8, "{asked:?}");
    assert!(asked.windows(2).all(|pair| pair[0].1 == pair[1].0), "{asked:?}");
    bench.fetch("09:40:00").exits(0);
    assert_eq!(bench.asked().len(), 8);
    // Each slot has an outcome of its own.
    let run = bench.home.run("summarizer", &["--now", "2026-11-24T23:05:00Z"]);
    run.exits(0);
    bench.home.run("summarizer", &["audit"]).exits(0).says("difference is zero");
}

#[test]
fn a_window_that_failed_is_asked_again_before_the_next() {
    let bench = Bench::new("1h", "range = \"1h\"\ncatch_up = \"all\"");
    let good = Answer::ok("{\"items\":[]}");
    let failing = Server::start();
    failing.on("/w", good.clone()).on("/w", Answer::status(503)).on("/w", good);
    let url = failing.url("/w?from={from:%H:%M:%S}&to={to:%H:%M:%S}");
    let rest = format!("range = \"1h\"\ncatch_up = \"all\"\n{ITEMS}");
    bench.home.source("w", &declared("json", &url, "1h", &rest));
    bench.fetch("02:30:00").exits(0);
    bench.fetch("04:30:00").exits(2);
    bench.fetch("04:40:00").exits(0);
    let targets: Vec<String> = failing.seen().into_iter().map(|seen| seen.target).collect();
    assert_eq!(targets.len(), 4);
    assert_eq!(targets[1], targets[2], "the window that failed");
    assert_ne!(targets[2], targets[3]);
}

#[test]
fn latest_asks_for_the_window_that_is_now_and_none_for_none_that_is_late() {
    let latest = Bench::new("1h", "range = \"1h\"");
    latest.fetch("02:30:00").exits(0);
    latest.fetch("09:30:00").exits(0);
    assert_eq!(latest.asked().len(), 2);
    let none = Bench::new("1m", "range = \"1h\"\ncatch_up = \"none\"");
    none.fetch("02:30:05").exits(0);
    none.fetch("09:30:05").exits(0);
    assert_eq!(none.asked().len(), 2);
    let hourly = Bench::new("1h", "range = \"1h\"\ncatch_up = \"none\"");
    let in_time = (0..60).filter(|minute| {
        hourly.fetch(&format!("02:{minute:02}:05"));
        hourly.asked().len() == 1
    });
    assert!(in_time.count() > 0);
    assert_eq!(hourly.asked().len(), 1);
}

#[test]
fn ends_reach_as_far_as_the_publishers_clock_needs() {
    let range =
        "range = { span = \"1h\", granularity = \"1h\", range_end = \"open\", lag = \"30m\" }";
    let bench = Bench::new("1h", range);
    bench.fetch("09:30:00").exits(0);
    let (from, to) = &bench.asked()[0];
    assert!(from.ends_with(":00:00") && to.ends_with(":00:00"), "{from} {to}");
    let hour = |text: &str| text[..2].parse::<u32>().unwrap();
    assert!(hour(to) - hour(from) >= 3, "{from} {to}");
}
