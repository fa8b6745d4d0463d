//! A MongoDB server that is not there, stalls, refuses writes, or loses its answers: all real,
//! by fail points of a real server, which heed only the connections of one test.

use super::{Bench, CLOSED, FETCH, LATER};
use crate::sandbox::{Kind, Sandbox, free_port};
use mongodb::bson::{Document, doc};

/// A bench over a database whose connections have a name, and fail points for them.
struct Faulty {
    bench: Bench,
    name: String,
    client: mongodb::Client,
    runtime: tokio::runtime::Runtime,
}

impl Faulty {
    fn new(options: &str) -> Faulty {
        let plain = Sandbox::new(Kind::Server);
        let name = plain.store().rsplit('/').next().unwrap().to_string();
        let store = format!("{}?appName={name}{options}", plain.store());
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let client = mongodb::Client::with_uri_str(plain.store());
        let client = runtime.block_on(client).unwrap();
        let home = Sandbox::within(&std::env::temp_dir(), &store);
        Faulty { bench: Bench::over(home), name, client, runtime }
    }

    /// Lets commands of this test's connections fail as `data` says.
    fn fail(&self, mode: Document, commands: &[&str], data: Document) {
        let mut data = data;
        data.insert("failCommands", commands);
        data.insert("appName", &self.name);
        let point = doc! { "configureFailPoint": "failCommand", "mode": mode, "data": data };
        self.admin(point);
    }

    fn admin(&self, command: Document) {
        let admin = self.client.database("admin");
        self.runtime.block_on(async { admin.run_command(command).await }).unwrap();
    }

    fn mend(&self) {
        self.admin(doc! { "configureFailPoint": "failCommand", "mode": "off" });
    }

    /// Numbers of live entries' rows, of `good`, and of what the journals say.
    fn count(&self, collection: &str, filter: Document) -> u64 {
        let database = self.client.database(&self.name);
        let collection = database.collection::<Document>(collection);
        self.runtime.block_on(async { collection.count_documents(filter).await }).unwrap()
    }

    /// The summarizer fails with these words and nothing is lost; once all is well, it goes on.
    fn fails_and_goes_on(&self, code: i32, words: &str) {
        self.bench.fetch(FETCH).exits(0);
        self.bench.summarize(CLOSED).exits(code).says(words);
        self.mend();
        self.bench.audits();
        self.bench.summarize(LATER).exits(0);
        self.holds_all();
    }

    fn holds_all(&self) {
        assert_eq!(self.count("live_summaries", doc! { "source": "good" }), 2);
        self.bench.is_settled();
    }

    fn failed_outcomes(&self) -> u64 {
        let wanted = doc! { "values.outcome": "failed" };
        self.count("journals", wanted)
    }
}

/// Fail points are one for the whole server: tests that set them take turns.
fn turn() -> std::sync::MutexGuard<'static, ()> {
    static TURN: std::sync::Mutex<()> = std::sync::Mutex::new(());
    TURN.lock().unwrap_or_else(|broken| broken.into_inner())
}

#[test]
fn a_server_that_is_not_there() {
    let bench = Bench::new();
    bench.fetch(FETCH).exits(0);
    let store = format!("mongodb://me:secret@127.0.0.1:{}/daybook", free_port());
    let ran = bench.home.run("summarizer", &["--now", CLOSED, "--store", &store]).exits(2);
    assert!(!ran.stderr.contains("secret"), "{}", ran.stderr);
    ran.says("cannot use the store mongodb://127.0.0.1:")
        .says("hint: does mongod run there? nothing is lost: the next run goes on");
    assert_eq!(bench.home.files("data/good").len(), 1);
    bench.summarize(LATER).exits(0).is_silent();
    let told = bench.told("summarizer", "good");
    assert_eq!(told.outcome, "failed");
    assert!(told.error.contains("cannot use the store mongodb://127.0.0.1:"), "{told:?}");
    assert!(!told.error.contains("secret"), "{told:?}");
    bench.is_settled();
}

#[test]
fn a_server_that_stalls() {
    let _turn = turn();
    let faulty = Faulty::new("&socketTimeoutMS=1500");
    let stall = doc! { "blockConnection": true, "blockTimeMS": 4000 };
    faulty.fail(doc! { "times": 1 }, &["insert"], stall);
    faulty.fails_and_goes_on(1, "did not answer: I/O error: nothing came within 1.5 s");
    assert_eq!(faulty.failed_outcomes(), 1);
}

#[test]
fn a_server_that_is_slow_but_answers() {
    let _turn = turn();
    let faulty = Faulty::new("");
    faulty.bench.fetch(FETCH).exits(0);
    let slow = doc! { "blockConnection": true, "blockTimeMS": 300 };
    faulty.fail(doc! { "times": 5 }, &["insert", "find", "update"], slow);
    faulty.bench.summarize(CLOSED).exits(0).is_silent();
    faulty.mend();
    faulty.holds_all();
}

#[test]
fn a_server_that_refuses_writes() {
    let _turn = turn();
    let faulty = Faulty::new("");
    faulty.fail(doc! { "skip": 0 }, &["insert"], doc! { "errorCode": 13 });
    faulty.fails_and_goes_on(2, "Unauthorized");
    assert_eq!(faulty.failed_outcomes(), 2, "of the source, and of the journals");
}

#[test]
fn a_server_whose_disk_is_full() {
    let _turn = turn();
    let faulty = Faulty::new("");
    faulty.fail(doc! { "skip": 0 }, &["insert"], doc! { "errorCode": 14031 });
    faulty.fails_and_goes_on(2, "hint: the server's disk is full; nothing is lost");
}

#[test]
fn an_acknowledgement_that_is_lost() {
    let _turn = turn();
    for lost in [
        doc! { "writeConcernError": { "code": 64, "errmsg": "waiting timed out" } },
        doc! { "closeConnection": true },
    ] {
        for nth in 0..4 {
            let faulty = Faulty::new("");
            faulty.bench.fetch(FETCH).exits(0);
            let mode = doc! { "skip": nth };
            faulty.fail(mode, &["insert"], lost.clone());
            let ran = faulty.bench.summarize(CLOSED);
            assert!(matches!(ran.code, Some(0..=2)), "{}", ran.stderr);
            faulty.mend();
            faulty.bench.summarize(LATER).exits(0);
            faulty.holds_all();
        }
    }
}

#[test]
fn weak_urls_are_refused_before_anything_moves() {
    let faulty = Faulty::new("&w=1");
    faulty.bench.fetch(FETCH).exits(0);
    let words = "its URL sets w, and only majority is safe\n\
                 hint: leave the option out of the URL";
    faulty.bench.summarize(CLOSED).exits(2).says(words);
    assert_eq!(faulty.bench.home.files("data/good").len(), 1);
}
