//! A feed that changed its shape, end to end: the Kp index, recorded in both shapes.

use crate::crash::scene::at;
use crate::recording::declaration;
use crate::sandbox::{KINDS, Sandbox};
use crate::server::{Answer, Server};
use std::fs;

const LATER: &str = "12:10";

fn run(home: &Sandbox, arguments: &[&str]) -> crate::sandbox::Ran {
    let now = at(LATER);
    home.run("summarizer", &[&["--now", &now], arguments].concat())
}

/// The Kp feed as it was before its shape changed, read by the shipped declaration: told in
/// words; with a declaration for that shape, counted.
#[test]
fn the_kp_feed_that_changed_its_shape() {
    let cases = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/extract/kp-arrays");
    let body = fs::read(format!("{cases}/body.json")).unwrap();
    let server = Server::start();
    server.on("/space-kp", Answer::ok(body));
    for kind in KINDS {
        let home = Sandbox::new(kind);
        home.settings("");
        home.source("space-kp", &declaration("space-kp", "1h", &server));
        home.run("fetcher", &["--now", &at("10:05")]).exits(0);
        run(&home, &["run"]).exits(1).says("items that could not be read");
        let folder = "data/quarantine/space-kp";
        let files = home.files(folder);
        assert_eq!(files.len(), 2, "{files:?}");
        let reason = fs::read_to_string(home.path(&format!("{folder}/{}", files[1]))).unwrap();
        for words in [
            "declared: items at [*], objects with keys Kp, station_count, time_tag",
            "found: at the top, a list of 63; one is a list of 4: \"time_tag\", \"Kp\"",
        ] {
            assert!(reason.contains(words), "{reason}");
        }
        let mended = fs::read_to_string(format!("{cases}/source.toml")).unwrap();
        home.source("space-kp", &mended);
        let sample = home.path(&format!("{folder}/{}", files[0])).display().to_string();
        home.run("fetcher", &["try", "space-kp", "--sample", &sample]).exits(0).says("62 readable");
        run(&home, &["replay"]).exits(0);
        assert_eq!(home.files(folder), [""; 0]);
        run(&home, &["audit"]).exits(0);
    }
}
