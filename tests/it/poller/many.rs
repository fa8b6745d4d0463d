//! Many sources at once: few descriptors, and a cost of each answer that does not grow with the
//! number of sources.

use super::{BODY, Bench, at};
use crate::server::{Answer, Hold};

fn declare(bench: &Bench, count: usize) {
    bench.server.on("/a", Answer::ok(BODY));
    for n in 0..count {
        let url = format!("http://127.0.1.{}:{}/a", n + 1, bench.server.addr().port());
        bench.source_at(&format!("s{n:03}"), &url, "1m", "");
    }
}

fn landed(bench: &Bench, count: usize) -> usize {
    (0..count).map(|n| bench.landed(&format!("s{n:03}"))).sum()
}

/// Two runs under a limit of open files, both soft and hard.
fn with_few_descriptors(limit: u32, count: usize, body: &str) {
    let bench = Bench { server: crate::server::Server::start_everywhere(), ..Bench::new("") };
    declare(&bench, count);
    bench.server.on("/a", Answer::ok(body));
    for minute in 0..2 {
        let program = env!("CARGO_BIN_EXE_fetcher");
        let home = bench.home.home().display();
        let line = format!("ulimit -n {limit}; exec {program} --home {home} --now {}", at(minute));
        let ran = std::process::Command::new("sh").args(["-c", &line]).output().unwrap();
        assert_eq!(ran.status.code(), Some(0), "{}", String::from_utf8_lossy(&ran.stderr));
    }
    assert_eq!(landed(&bench, count), 2 * count);
}

#[test]
fn few_descriptors_make_a_run_slower_and_lose_nothing() {
    with_few_descriptors(64, 80, BODY);
}

/// Each of these answers waits in a file.
#[test]
fn few_descriptors_suffice_for_large_answers() {
    let body = format!("{{\"v\":1,\"fill\":\"{}\"}}", "x".repeat(200 << 10));
    with_few_descriptors(64, 80, &body);
}

#[test]
fn more_sources_than_descriptors_all_land() {
    with_few_descriptors(100, 240, BODY);
}

/// Lists of folders in a run that asks all of so many sources for the second time.
fn lists(count: usize) -> usize {
    let bench = Bench { server: crate::server::Server::start_everywhere(), ..Bench::new("") };
    declare(&bench, count);
    bench.fetch(0).exits(0);
    let path = bench.home.path("looks");
    let hook = format!("looks:{}", path.display());
    bench.home.run_hooked("fetcher", &["--now", &at(1)], &hook).exits(0);
    let steps = std::fs::read_to_string(path).unwrap();
    steps.lines().filter(|step| step.starts_with("?disk.list")).count()
}

#[test]
fn an_answer_costs_the_same_however_many_sources_there_are() {
    assert_eq!(lists(3), lists(40));
}

/// What one silent source takes is not taken from the others.
#[test]
fn a_slow_disk_or_a_silent_source_makes_no_other_fail() {
    let hold = Hold::default();
    let bench = Bench {
        server: crate::server::Server::start_everywhere(),
        ..Bench::new("deadline = \"2s\"")
    };
    declare(&bench, 40);
    bench.server.on("/silent", Answer::ok(BODY).held(&hold));
    bench.source("silent", "/silent", "1m", "");
    bench.fetch(0).exits(1).says("silent: failed");
    assert_eq!(landed(&bench, 40), 40);
    hold.release();
}

/// Large answers wait in files without names: they land as they were sent, and nothing else stays.
#[test]
fn large_answers_land_as_they_were_sent() {
    let bench = Bench { server: crate::server::Server::start_everywhere(), ..Bench::new("") };
    for n in 0..4_usize {
        let body = format!("{{\"v\":{n},\"fill\":\"{}\"}}", "x".repeat(n * (2 << 20)));
        let url = format!("http://127.0.1.{}:{}/{n}", n + 1, bench.server.addr().port());
        bench.server.on(&format!("/{n}"), Answer::ok(&*body));
        bench.source_at(&format!("s{n}"), &url, "1m", "");
    }
    for minute in 0..2 {
        bench.fetch(minute).exits(0).is_silent();
    }
    for n in 0..4_usize {
        let files = bench.home.files(&format!("data/s{n}"));
        assert_eq!(files.len(), 2);
        for file in files {
            let text =
                std::fs::read_to_string(bench.home.path(&format!("data/s{n}/{file}"))).unwrap();
            let sent = format!("{{\"v\":{n},\"fill\":\"{}\"}}", "x".repeat(n * (2 << 20)));
            assert!(text == sent, "s{n}");
        }
    }
    assert_eq!(bench.home.files("data/.tmp").len(), 0);
}
