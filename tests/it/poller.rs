//! The fetcher's run over real HTTP: whom it asks, how often, and what it makes of those who do
//! not answer; loops, holds, deaths, many sources at once.

mod deaths;
mod holds;
mod loops;
mod many;
mod rest;
mod silent;

use crate::declared::declared;
use crate::sandbox::{Kind, Ran, Sandbox};
use crate::server::{Answer, Server};

const BODY: &str = r#"{"v":1}"#;

/// A minute of a day.
fn at(minute: u32) -> String {
    format!("2026-11-24T{:02}:{:02}:05Z", 10 + minute / 60, minute % 60)
}

/// A home and a server that it asks.
struct Bench {
    home: Sandbox,
    server: Server,
}

impl Bench {
    /// `more` goes into the fetcher's settings.
    fn new(more: &str) -> Bench {
        let bench = Bench { home: Sandbox::new(Kind::Sqlite), server: Server::start() };
        let retries = if more.contains("retries") { "" } else { "retries = 0\n" };
        let text = format!(
            "contact = \"tests@example.org\"\n[fetcher]\nsplay = \"0s\"\n{retries}\
             reserve = \"1MiB\"\n{more}\n"
        );
        std::fs::write(bench.home.path("daybook.toml"), text).unwrap();
        bench
    }

    /// Declares a source at a path of the server; `more` goes into its `[fetch]`.
    fn source(&self, name: &str, path: &str, every: &str, more: &str) {
        self.source_at(name, &self.server.url(path), every, more);
    }

    fn source_at(&self, name: &str, url: &str, every: &str, more: &str) {
        let items = "[samples]\nat = \"@\"\nseries = \"$source\"\n[fields.v]\npath = \"v\"\n";
        self.home.source(name, &declared("json", url, every, &format!("{more}\n{items}")));
    }

    /// A loop over these items, each at `/KEY` of the server.
    fn looped(&self, name: &str, every: &str, keys: &[&str], more: &str) {
        for key in keys {
            self.server.on(&format!("/{key}"), Answer::ok(BODY));
        }
        let url = format!("http://{}/{{item}}", self.server.addr());
        self.source_at(name, &url, every, &format!("items = {keys:?}\n{more}"));
    }

    fn fetch(&self, minute: u32) -> Ran {
        self.home.run("fetcher", &["--now", &at(minute)])
    }

    /// How often a path was asked for.
    fn asked(&self, path: &str) -> usize {
        self.server.seen().iter().filter(|seen| seen.target == path).count()
    }

    /// How many answers of a source are in plain sight.
    fn landed(&self, source: &str) -> usize {
        self.home.files(&format!("data/{source}")).len()
    }
}
