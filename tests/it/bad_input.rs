//! Bad input over the real binaries and real HTTP: a clear message, an outcome in the journal,
//! the right exit code, and nothing lost. Beside each bad source there is a good one, which
//! must never notice.

mod answers;
pub mod disk;
mod home;
mod kept;
mod mongodb;
mod oddities;
mod output;
mod rows;
mod state;
mod turns;
mod waiting;
mod whose;

use crate::declared::declared;
use crate::sandbox::{Kind, Ran, Sandbox};
use crate::server::{Answer, Server};

/// The hour in which these tests fetch, and two hours in which they summarise.
const FETCH: &str = "2026-11-21T10:00:00Z";
const CLOSED: &str = "2026-11-21T11:05:00Z";
const LATER: &str = "2026-11-21T12:05:00Z";

const GOOD: &str = r#"{"data":{"stations":[{"id":"a","bikes":3},{"id":"b","bikes":0}]}}"#;

/// A declaration of samples of stations; `more` goes into its `[fetch]`.
pub fn stations(url: &str, more: &str) -> String {
    let items = "[samples]\nat = \"data.stations[*]\"\nseries = \"id\"\n\
                 [fields.bikes]\npath = \"bikes\"\nresolution = 1\n";
    declared("json", url, "1m", &format!("{more}\n{items}"))
}

/// A home with a source `bad`, and a source `good` that answers as it should.
struct Bench {
    home: Sandbox,
    server: Server,
}

/// What the last journal says of a source.
#[derive(Debug)]
struct Told {
    outcome: String,
    status: f64,
    error: String,
}

impl Bench {
    fn new() -> Bench {
        Bench::over(Sandbox::new(Kind::Sqlite))
    }

    fn over(home: Sandbox) -> Bench {
        let server = Server::start();
        server.on("/good", Answer::ok(GOOD));
        home.settings("");
        home.source("good", &stations(&server.url("/good"), ""));
        Bench { home, server }
    }

    /// Declares `bad`, at an address of the server.
    fn bad(self, answer: Answer) -> Bench {
        self.server.on("/bad", answer);
        let url = self.server.url("/bad");
        self.bad_at(&url, "timeout = \"1s\"\nmax_bytes = \"64KiB\"")
    }

    fn bad_at(self, url: &str, more: &str) -> Bench {
        self.home.source("bad", &stations(url, more));
        self
    }

    fn fetch(&self, now: &str) -> Ran {
        self.home.run("fetcher", &["--now", now])
    }

    fn summarize(&self, now: &str) -> Ran {
        self.home.run("summarizer", &["--now", now])
    }

    /// All that has landed is in the store or in quarantine, and the books are in order.
    #[track_caller]
    fn is_settled(&self) {
        self.audits();
        let waiting = self.home.files("data").into_iter();
        let waiting = waiting.filter(|path| path.starts_with("good/") || path.starts_with("bad/"));
        assert_eq!(waiting.collect::<Vec<_>>(), [""; 0]);
    }

    #[track_caller]
    fn audits(&self) {
        let audit = self.home.run("summarizer", &["audit", "--now", LATER]).exits(0);
        audit.says("the difference is zero");
    }

    /// The only file of a source in quarantine, and its reason.
    #[track_caller]
    fn quarantined(&self, source: &str) -> String {
        let files = self.home.files(&format!("data/quarantine/{source}"));
        assert_eq!(files.len(), 2, "{files:?}");
        assert_eq!(files[1], format!("{}.reason", files[0]));
        let path = self.home.path(&format!("data/quarantine/{source}/{}", files[1]));
        std::fs::read_to_string(path).unwrap()
    }

    /// The last outcome of a source that the store has; the journals must be summarised.
    #[track_caller]
    fn told(&self, tier: &str, source: &str) -> Told {
        let database = self.database();
        let sql = "SELECT json_extract(body, '$.values.outcome'), \
                          json_extract(body, '$.values.status'), \
                          coalesce(json_extract(body, '$.values.error'), '') \
                   FROM journals WHERE json_extract(body, '$.values.event') = 'outcome' \
                   AND json_extract(body, '$.values.tier') = ?1 \
                   AND json_extract(body, '$.values.source') = ?2 ORDER BY time DESC LIMIT 1";
        let told = |row: &rusqlite::Row| {
            Ok(Told { outcome: row.get(0)?, status: row.get(1)?, error: row.get(2)? })
        };
        let found = database.query_row(sql, [tier, source], told);
        found.unwrap_or_else(|error| panic!("no outcome of {source} by the {tier}: {error}"))
    }

    fn database(&self) -> rusqlite::Connection {
        let path = self.home.store().strip_prefix("sqlite:").unwrap();
        rusqlite::Connection::open(path).unwrap()
    }

    /// How many answers of `good` the store has counted.
    #[track_caller]
    fn counted(&self) -> i64 {
        let database = self.database();
        let sql = "SELECT coalesce(sum(json_extract(body, '$.fields.bikes.count')), 0) \
                   FROM live_summaries WHERE source = 'good' AND series = 'a'";
        database.query_row(sql, [], |row| row.get(0)).unwrap()
    }
}
