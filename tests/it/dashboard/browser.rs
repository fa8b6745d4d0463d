//! The dashboard in a real browser: each page in both themes at three widths, what is new without
//! another loading, tabs that sleep, a program that begins again, a line that answers.

use super::board::{Board, day};
use crate::declared::declared;
use crate::recording::DAY_OVER;
use crate::sandbox::{Kind, Sandbox, free_port};
use crate::server::{Answer, Server};
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

/// A browser at work.
struct Look {
    child: Child,
    said: BufReader<ChildStdout>,
}

impl Look {
    fn begin(arguments: &[&str]) -> Look {
        let root = env!("CARGO_MANIFEST_DIR");
        let needs = std::env::var("DAYBOOK_BROWSER");
        let needs = needs.unwrap_or_else(|_| format!("{root}/target/test-needs/browser"));
        let mut command = Command::new("node");
        command.arg(format!("{root}/tests/browser/look.mjs")).args(arguments);
        command.env("DAYBOOK_BROWSER", needs).stdout(Stdio::piped());
        let mut child = command.spawn().expect("node is there: scripts/test_needs.sh");
        let said = BufReader::new(child.stdout.take().unwrap());
        Look { child, said }
    }

    /// What it says next.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        line.trim_end().to_string()
    }

    /// Waits for a word; what stands behind it.
    fn hears(&mut self, word: &str) -> String {
        loop {
            let line = self.line();
            assert!(!line.is_empty() && !line.starts_with("FAULT"), "waiting for {word}: {line}");
            if let Some(rest) = line.strip_prefix(word) {
                return rest.trim().to_string();
            }
        }
    }

    fn ends_well(mut self) {
        let rest: Vec<String> = (&mut self.said).lines().map_while(Result::ok).collect();
        let ended = self.child.wait().unwrap();
        assert!(ended.success(), "{}", rest.join("\n"));
        assert_eq!(rest.last().map(String::as_str), Some("FINE"), "{rest:?}");
    }
}

impl Drop for Look {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `DAYBOOK_SHOTS=FOLDER` keeps their pictures there.
#[test]
fn each_page_is_sound_in_both_themes_at_three_widths() {
    let home = day();
    let board = Board::start(&home, &["--now", DAY_OVER]);
    let shots = std::env::var("DAYBOOK_SHOTS").unwrap_or_default();
    let paths = [
        "/en/",
        "/en/topic/bikes",
        "/fr/topic/electricity",
        "/en/topic/earth",
        "/en/topic/brief",
        "/en/map",
        "/en/records/earthquakes-usgs",
        "/fr/series/bikes-oslo?at=18:00",
        "/en/sources",
        "/fr/health",
        "/en/reports",
        "/en/data",
    ];
    let base = format!("http://{}", board.address);
    Look::begin(&["pages", &base, &shots, &paths.join(",")]).ends_well();
}

#[test]
fn a_line_answers_and_its_address_keeps_the_choice() {
    let home = day();
    let board = Board::start(&home, &["--now", DAY_OVER]);
    let base = format!("http://{}", board.address);
    Look::begin(&["chart", &base, "/en/topic/bikes"]).ends_well();
}

#[test]
fn a_reader_elsewhere_has_the_own_clock() {
    let home = day();
    let board = Board::start(&home, &["--now", DAY_OVER]);
    let base = format!("http://{}", board.address);
    Look::begin(&["clock", &base, "/en/health"]).ends_well();
}

#[test]
fn what_is_new_comes_without_another_loading() {
    let server = Server::start();
    let home = Sandbox::new(Kind::Sqlite);
    home.settings("");
    for value in 41..60 {
        server.on("/v", Answer::ok(format!("{{\"v\":{value}}}")));
    }
    let items = "[samples]\nat = \"@\"\nseries = \"$source\"\n[fields.v]\npath = \"v\"\n\
                 [[figures]]\nkind = \"line\"\nfield = \"v\"\n";
    home.source("meter", &declared("json", &server.url("/v"), "1m", items));
    let fetch = |minute: u32| {
        home.run("fetcher", &["--now", &format!("2026-11-24T10:{minute:02}:05Z")]).exits(0);
    };
    fetch(1);
    fetch(2);
    let listen = format!("127.0.0.1:{}", free_port());
    let options = ["--now", "2026-11-24T10:03:00Z"];
    let board = Board::start_at(&home, &listen, &options);
    let mut look = Look::begin(&["live", &format!("http://{listen}")]);
    assert_eq!(look.hears("ready"), "42");
    fetch(3);
    assert_eq!(look.hears("changed"), "43");
    look.hears("asleep");
    fetch(4);
    assert_eq!(look.hears("awake"), "44");
    look.hears("end");
    assert!(board.end().success());
    assert!(look.hears("alone").contains("The connection is lost"));
    fetch(5);
    let _board = Board::start_at(&home, &listen, &options);
    assert_eq!(look.hears("recovered"), "45");
    look.ends_well();
}
