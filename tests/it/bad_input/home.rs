//! A home that is not as it should be: settings and declarations with faults, strays, files
//! that were tampered with, and homes and stores that do not belong together.

use super::{Bench, CLOSED, FETCH, GOOD, LATER, stations};
use crate::sandbox::{Kind, Sandbox};
use crate::server::Answer;

#[test]
fn nobody_is_asked_without_a_contact() {
    let bench = Bench::new();
    std::fs::write(bench.home.path("daybook.toml"), "").unwrap();
    let words = "no contact is set, and nobody is asked without one\n\
                 hint: write contact = \"you@example.org\" into daybook.toml, or use --contact";
    bench.fetch(FETCH).exits(2).says(words);
    let odd = bench.home.run("fetcher", &["--now", FETCH, "--contact", "me"]);
    odd.exits(2).says("the contact \"me\" is no mail address and no https:// page");
    assert!(bench.server.seen().is_empty());
    let given = bench.home.run("fetcher", &["--now", FETCH, "--contact", "me@example.org"]);
    given.exits(0).is_silent();
    assert!(bench.server.only().header("user-agent").unwrap().contains("me@example.org"));
}

#[test]
fn malformed_settings_stop_all_programs_before_anything_moves() {
    let bench = Bench::new();
    let text = "contact = \"me@example.org\"\nstor = \"sqlite:x\"\n[fetcher]\nsplay = 15\n";
    std::fs::write(bench.home.path("daybook.toml"), text).unwrap();
    for program in ["fetcher", "summarizer"] {
        let ran = bench.home.run(program, &["--now", FETCH]).exits(2);
        ran.says("daybook.toml:2: unknown key stor; did you mean store?").says(
            "daybook.toml:4: fetcher.splay is 15; allowed: a duration up to 59s, such as 15s",
        );
    }
    assert!(bench.server.seen().is_empty());
    assert!(!bench.home.path("data").exists());
}

#[test]
fn a_malformed_source_does_not_stop_the_others() {
    let bench = Bench::new();
    bench.home.source("bad", &stations("ftp://x", "evry = \"1m\""));
    bench.home.source("Worse", "");
    let words = "bad.toml:13: fetch.url is a text of 7 letters; allowed: a URL that starts with";
    let ran = bench.fetch(FETCH).exits(1).says(words);
    ran.says("bad.toml:16: unknown key fetch.evry; did you mean every?")
        .says("Worse.toml: no source's name");
    bench.summarize(CLOSED).exits(0).says("fetch.evry");
    assert_eq!(bench.counted(), 1);
    bench.home.run("summarizer", &["audit", "--now", LATER]).exits(0);
    std::fs::remove_file(bench.home.path("sources/good.toml")).unwrap();
    bench.fetch("2026-11-21T10:01:00Z").exits(2).says("fetch.evry");
    assert_eq!(bench.server.seen().len(), 1);
}

#[test]
fn strays_in_the_spool_are_left_alone_and_listed() {
    let bench = Bench::new();
    bench.fetch(FETCH).exits(0);
    let strays = ["data/notes.txt", "data/good/readme.txt", "data/good/half.json.tmp~"];
    strays.iter().for_each(|path| std::fs::write(bench.home.path(path), "mine").unwrap());
    let ran = bench.summarize(CLOSED).exits(0);
    ran.says("good: left alone: readme.txt: its name is not a snapshot's")
        .says("good: left alone: half.json.tmp~");
    strays.iter().for_each(|path| assert!(bench.home.path(path).exists(), "{path}"));
    assert_eq!(bench.counted(), 1);
    bench.audits();
}

#[test]
fn a_file_in_the_place_of_a_folder_stops_only_its_source() {
    let bench = Bench::new().bad(Answer::ok(GOOD));
    std::fs::create_dir(bench.home.path("data")).unwrap();
    std::fs::write(bench.home.path("data/bad"), "mine").unwrap();
    bench.fetch(FETCH).exits(1).says("bad: failed").says("cannot make the file").says("data/bad");
    bench.fetch("2026-11-21T10:01:00Z").exits(1).says("an earlier run is not finished");
    std::fs::remove_file(bench.home.path("data/bad")).unwrap();
    bench.fetch("2026-11-21T10:04:00Z").exits(0).is_silent();
    bench.summarize(CLOSED).exits(0).is_silent();
    assert_eq!(bench.counted(), 3);
    let entry = "SELECT sum(json_array_length(entry, '$.snapshots')) FROM ledger \
                 WHERE source = 'bad'";
    let database = bench.database();
    let landed: i64 = database.query_row(entry, [], |row| row.get(0)).unwrap();
    assert_eq!(landed, 3, "what was promised to land has landed");
    bench.is_settled();
}

#[test]
fn bytes_that_do_not_match_their_name_go_to_quarantine() {
    let bench = Bench::new().bad(Answer::ok(GOOD));
    bench.fetch(FETCH).exits(0);
    let name = bench.home.files("data/bad").remove(0);
    let path = bench.home.path(&format!("data/bad/{name}"));
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, GOOD.replace('3', "4")).unwrap();
    bench.summarize(CLOSED).exits(1).says("bad: 1 of 1 snapshot has");
    let reason = bench.quarantined("bad");
    assert!(reason.contains("its bytes have the hash 42cc56c1, not that of its name"), "{reason}");
    bench.is_settled();
}

#[test]
fn a_file_of_the_future_waits() {
    let bench = Bench::new();
    bench.fetch(FETCH).exits(0);
    let name = bench.home.files("data/good").remove(0);
    let future = name.replace("2026-11-21", "2027-01-01");
    let path = |name: &str| bench.home.path(&format!("data/good/{name}"));
    std::fs::copy(path(&name), path(&future)).unwrap();
    for arguments in [&["--now", CLOSED][..], &["run", "--all", "--now", LATER]] {
        let words = format!("good: left alone: {future}: of an hour that has not begun");
        bench.home.run("summarizer", arguments).exits(0).says(&words);
    }
    assert_eq!(bench.home.files("data/good"), [future]);
    bench.audits();
}

#[test]
fn snapshots_whose_declaration_is_gone_wait_for_it() {
    let bench = Bench::new().bad(Answer::ok(GOOD));
    bench.fetch(FETCH).exits(0);
    let name = bench.home.files("data/bad").remove(0);
    let short = name.split('_').nth(2).unwrap().to_string();
    let path = bench.home.path(&format!("data/.state/declarations/{short}.toml"));
    let text = std::fs::read(&path).unwrap();
    for damaged in [None, Some("title = \"another\"")] {
        std::fs::remove_file(&path).unwrap();
        damaged.iter().for_each(|text| std::fs::write(&path, text).unwrap());
        let look = bench.home.run("summarizer", &["run", "--dry-run", "--now", CLOSED]).exits(0);
        look.says(&format!(
            "bad: left alone: {name}: the text of its declaration is gone; put it back as \
             data/.state/declarations/{short}.toml"
        ));
        bench.summarize(CLOSED).exits(1).says(&format!(
            "bad: hour 2026-11-21T10: the text of declaration {short} is gone; 1 snapshot of it \
             is left alone\nhint: put that text back as data/.state/declarations/{short}.toml"
        ));
        assert_eq!(closed_through(&bench, "bad"), "2026-11-21T10:00:00.000Z");
        assert_eq!(closed_through(&bench, "good"), "2026-11-21T11:00:00.000Z");
        assert_eq!(bench.home.files("data/bad").len(), 1);
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(bench.counted(), 1);
    bench.summarize(LATER).exits(0).is_silent();
    assert_eq!(closed_through(&bench, "bad"), "2026-11-21T12:00:00.000Z");
    let told = bench.told("summarizer", "bad");
    assert_eq!(told.outcome, "failed");
    assert!(told.error.contains("the text of declaration"), "{told:?}");
    bench.is_settled();
}

fn closed_through(bench: &Bench, source: &str) -> String {
    let sql = "SELECT closed_through FROM sources WHERE source = ?1";
    bench.database().query_row(sql, [source], |row| row.get(0)).unwrap()
}

#[test]
fn another_store_than_before_is_refused_until_told() {
    let bench = Bench::new();
    bench.fetch(FETCH).exits(0);
    bench.summarize(CLOSED).exits(0);
    bench.fetch("2026-11-21T11:10:00Z").exits(0);
    let other = format!("sqlite:{}", bench.home.path("other.sqlite").display());
    let swapped = |now: &str, more: &[&str]| {
        let arguments = [&["run", "--now", now, "--store", &other], more].concat();
        bench.home.run("summarizer", &arguments)
    };
    let words = format!(
        "there is no store at {other}, and this home has fed one\n\
         hint: to start with this one, run once with --adopt"
    );
    swapped("2026-11-21T12:03:00Z", &[]).exits(2).says(&words);
    assert!(!bench.home.path("other.sqlite").exists());
    let second = Bench::new();
    second.fetch(FETCH).exits(0);
    second.summarize(CLOSED).exits(0);
    std::fs::copy(second.home.path("daybook.sqlite"), bench.home.path("other.sqlite")).unwrap();
    let words = format!("this home has fed another store than {other}");
    swapped("2026-11-21T12:03:00Z", &[]).exits(2).says(&words).says("run once with --adopt");
    assert_eq!(bench.home.files("data/good").len(), 1, "nothing moved");
    bench.summarize("2026-11-21T13:05:00Z").exits(0).is_silent();
    let told = bench.told("summarizer", "good");
    assert_eq!(told.outcome, "failed");
    assert!(told.error.contains("this home has fed"), "{told:?}");
    bench.is_settled();
    bench.fetch("2026-11-21T13:10:00Z").exits(0);
    swapped("2026-11-21T13:20:00Z", &["--all", "--adopt"]).exits(0);
    assert_eq!(bench.home.files("data/good"), [""; 0]);
}

#[test]
fn a_second_home_cannot_feed_the_same_source() {
    let (first, second) = (Bench::new(), Bench::new());
    first.fetch(FETCH).exits(0);
    first.summarize(CLOSED).exits(0);
    second.fetch(FETCH).exits(0);
    let arguments = ["run", "--now", CLOSED, "--store", first.home.store()];
    let ran = second.home.run("summarizer", &arguments).exits(1);
    ran.says("good in sqlite:").says("is fed by another home (").says("run once with --adopt");
    assert_eq!(second.home.files("data/good").len(), 1, "nothing moved");
    first.audits();
}

#[test]
fn a_home_is_live_or_recorded_never_both() {
    let live = Bench::new();
    live.fetch(FETCH).exits(0);
    let recording = live.home.path("recording/good");
    std::fs::create_dir_all(&recording).unwrap();
    std::fs::write(recording.join("good_2023-07-18T10-00-00Z.json"), GOOD).unwrap();
    let folder = live.home.path("recording").display().to_string();
    let replay = ["run", "--replay", &folder, "--now", CLOSED];
    let words = "is a live home, and a home is live or recorded, never both\n\
                 hint: replay into another home";
    live.home.run("fetcher", &replay).exits(2).says(words);
    let recorded = Bench::over(Sandbox::new(Kind::Sqlite));
    recorded.home.run("fetcher", &replay).exits(0);
    let words = "holds a recording, and a home is live or recorded, never both\n\
                 hint: fetch live into another home";
    recorded.fetch(LATER).exits(2).says(words);
    assert!(recorded.server.seen().is_empty());
}

#[test]
fn arguments_that_lead_nowhere() {
    let bench = Bench::new();
    let now = bench.home.run("fetcher", &["--now", "yesterday"]);
    now.exits(2).says("--now is \"yesterday\", not an instant such as 2026-11-22T02:41:00Z");
    let config = bench.home.run("summarizer", &["--config", "/nowhere.toml"]);
    config.exits(2).says("there are no settings at /nowhere.toml\nhint: is the name after");
    let home = bench.home.run("summarizer", &["-v", "--home", "/nowhere"]);
    home.exits(2).says("the home /nowhere is no folder");
    let scheme = bench.home.run("summarizer", &["--store", "redis://h/d"]);
    scheme.exits(2).says("hint: sqlite:PATH, mongodb://HOST/DATABASE and postgres:");
    std::fs::remove_dir_all(bench.home.path("sources")).unwrap();
    let sources = bench.home.run("fetcher", &["--now", FETCH]);
    sources.exits(2).says("sources: there is no such folder; a home holds its declarations in");
}
