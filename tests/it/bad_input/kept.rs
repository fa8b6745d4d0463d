//! What is kept beside the answers: the texts of declarations, told apart and compared; the marks
//! of a home that several programs make at once; and files that are damaged and come back.

use super::{Bench, CLOSED, FETCH, GOOD, LATER, stations};
use crate::sandbox::{Kind, Sandbox, wait_until};
use crate::server::Answer;
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Stdio};

fn only(home: &Sandbox, folder: &str) -> String {
    let files = home.files(folder);
    assert_eq!(files.len(), 1, "{files:?}");
    files[0].clone()
}

// --- declarations ---------------------------------------------------------------------------

#[test]
fn a_text_with_the_digits_of_another_stops_its_own_source_only() {
    let bench = Bench::new().bad(Answer::ok(GOOD));
    bench.fetch(FETCH).exits(0);
    let name = only(&bench.home, "data/bad");
    let digits = name.split('_').nth(2).unwrap();
    assert_eq!(digits.len(), 12);
    // Another declaration was kept under the same digits before.
    let kept = bench.home.path(&format!("data/.state/declarations/{digits}.toml"));
    bench.summarize(CLOSED).exits(0);
    fs::write(&kept, stations("http://127.0.0.1:1/elsewhere", "")).unwrap();
    let ran = bench.fetch("2026-11-21T11:06:00Z").exits(1);
    ran.says("holds another text").says("hint: change a comment in the declaration");
    assert_eq!(bench.home.files("data/bad"), [""; 0]);
    only(&bench.home, "data/good");
    assert!(fs::read_to_string(&kept).unwrap().contains("elsewhere"));
    bench.audits();
}

#[test]
fn names_with_six_digits_are_read_as_before() {
    let bench = Bench::new();
    bench.fetch(FETCH).exits(0);
    let name = only(&bench.home, "data/good");
    let digits = name.split('_').nth(2).unwrap();
    let rename = |from: String, to: String| {
        fs::rename(bench.home.path(&from), bench.home.path(&to)).unwrap();
    };
    let texts = "data/.state/declarations";
    rename(format!("{texts}/{digits}.toml"), format!("{texts}/{}.toml", &digits[..6]));
    let old = name.replace(digits, &digits[..6]);
    rename(format!("data/good/{name}"), format!("data/good/{old}"));
    // A batch that an older program was gathering, too.
    let open = format!("data/.batches/good/2026-11-21T10_{}.open", &digits[..6]);
    fs::create_dir_all(bench.home.path(&open)).unwrap();
    bench.fetch("2026-11-21T10:01:00Z").exits(0);
    bench.summarize(CLOSED).exits(0).is_silent();
    assert_eq!(bench.home.files("data/good"), [""; 0]);
    assert_eq!(bench.home.files("data/.batches"), [""; 0]);
    assert_eq!(bench.home.files("data/quarantine"), [""; 0]);
}

/// A home whose only batch is sealed, or committed as well, and then lost its declaration.
fn without_text(is_committed: bool, now: &str) -> (Bench, PathBuf) {
    let bench = Bench::new();
    bench.fetch(FETCH).exits(0);
    let list = bench.home.copy(Kind::Sqlite);
    let steps = list.path("steps");
    list.run_hooked("summarizer", &["--now", now], &format!("list:{}", steps.display()));
    let steps = fs::read_to_string(steps).unwrap();
    let append = steps.lines().zip(1..).filter(|(name, _)| *name == "store.append").last();
    let place = append.unwrap().1 + usize::from(is_committed);
    bench.home.run_hooked("summarizer", &["--now", now], &format!("kill:{place}")).was_killed();
    let batches = bench.home.path("data/.batches/good");
    let sealed = fs::read_dir(batches).unwrap().next().unwrap().unwrap().path();
    assert_eq!(sealed.extension().unwrap(), "sealed");
    (bench, sealed.join("declaration.toml"))
}

#[test]
fn a_sealed_batch_without_its_declaration_is_read_by_the_text_that_is_kept() {
    for is_committed in [false, true] {
        let texts = [None, Some(""), Some("title = \"St"), Some("\u{0}\u{0}\u{0}")];
        for (text, without_kept) in texts.iter().zip([false, false, true, false]) {
            let (bench, declaration) = without_text(is_committed, CLOSED);
            assert_eq!(bench.counted(), i64::from(is_committed));
            match text {
                Some(text) => fs::write(&declaration, text).unwrap(),
                None => fs::remove_file(&declaration).unwrap(),
            }
            let kept = bench.home.path("data/.state/declarations");
            if without_kept && is_committed {
                fs::remove_dir_all(kept).unwrap();
            }
            bench.summarize(LATER).exits(0);
            assert_eq!(bench.counted(), 1);
            bench.is_settled();
            assert_eq!(bench.home.files("data/.batches/good"), [""; 0]);
        }
    }
}

#[test]
fn a_sealed_batch_whose_text_is_nowhere_is_left_alone_and_told() {
    let (bench, declaration) = without_text(false, CLOSED);
    let (text, kept) = (fs::read(&declaration).unwrap(), "data/.state/declarations");
    fs::remove_file(&declaration).unwrap();
    fs::remove_dir_all(bench.home.path(kept)).unwrap();
    bench.summarize(LATER).says("declaration.toml that can be read, and nothing else has its text");
    fs::write(&declaration, text).unwrap();
    bench.summarize(LATER).exits(0);
    assert_eq!(bench.counted(), 1);
}

// --- homes that are made twice at once ------------------------------------------------------

/// Starts a program that stops before it writes its n-th file, until let go.
fn held(home: &Sandbox, program: &str, now: &str, writes: usize) -> Child {
    let copy = home.copy(Kind::Sqlite);
    let list = copy.path("steps");
    copy.run_hooked(program, &["--now", now], &format!("list:{}", list.display()));
    let steps = fs::read_to_string(list).unwrap();
    let writes_one = |step: &str| matches!(step, "disk.write" | "disk.draft");
    let mut numbers = steps.lines().zip(1..).filter(|(step, _)| writes_one(step));
    let step = numbers.nth(writes).unwrap().1;
    let hook = format!("hold:{step}:{}", home.path("go").display());
    let mut command = home.command(program, &["--now", now]);
    command.env("DAYBOOK_STEP", hook).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    wait_until("a held run", || home.path("go.held").exists());
    child
}

#[test]
fn two_first_runs_make_one_home() {
    for (first, second) in [("fetcher", "summarizer"), ("summarizer", "fetcher")] {
        // Before the marks, and before the first text of a declaration.
        for writes in [0, 1] {
            let bench = Bench::new();
            let child = held(&bench.home, first, FETCH, writes);
            bench.home.run(second, &["--now", FETCH]).exits(0);
            let made = fs::read(bench.home.path("data/.state/home.json")).unwrap();
            fs::write(bench.home.path("go"), "").unwrap();
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{first}, {writes}: {output:?}");
            let id = |bytes: &[u8]| {
                let json: serde_json::Value = serde_json::from_slice(bytes).unwrap();
                json["id"].clone()
            };
            let now = fs::read(bench.home.path("data/.state/home.json")).unwrap();
            assert_eq!(id(&made), id(&now), "{first}, {writes}");
            bench.fetch("2026-11-21T10:01:00Z").exits(0);
            bench.summarize(CLOSED).exits(0).is_silent();
            bench.is_settled();
            let left = bench.home.files("data/.state");
            assert!(left.iter().all(|name| !name.contains(".new~")), "{left:?}");
        }
    }
}

#[test]
fn what_a_dead_run_was_writing_is_in_nobodys_way() {
    let bench = Bench::new();
    fs::create_dir_all(bench.home.path("data/.state")).unwrap();
    let left = bench.home.path("data/.state/home.json.new~");
    fs::write(&left, "{\"id\":\"ha").unwrap();
    bench.fetch(FETCH).exits(0).is_silent();
    assert!(!left.exists());
    // A run that died between the two names of its marks: the second one is not written to.
    let marks = bench.home.path("data/.state/home.json");
    let before = fs::read(&marks).unwrap();
    fs::hard_link(&marks, &left).unwrap();
    bench.summarize(CLOSED).exits(0).is_silent();
    let after = fs::read_to_string(&marks).unwrap();
    assert!(after.starts_with(std::str::from_utf8(&before).unwrap().split(',').next().unwrap()));
    bench.is_settled();
}

// --- damaged, and restored ------------------------------------------------------------------

/// A home in which the only answer of an hour was damaged, and counted as it was.
fn damaged() -> (Bench, String, Vec<u8>) {
    let bench = Bench::new();
    bench.fetch(FETCH).exits(0);
    let name = only(&bench.home, "data/good");
    let path = bench.home.path(&format!("data/good/{name}"));
    let good = fs::read(&path).unwrap();
    let mut bad = good.clone();
    bad[12] ^= 1;
    // The fetcher keeps the body under a second name.
    fs::remove_file(&path).unwrap();
    fs::write(&path, bad).unwrap();
    bench.summarize(CLOSED).exits(1).says("1 of 1 snapshot has items that could not be read");
    bench.audits();
    (bench, name, good)
}

/// How many rows of the good source there are in a table or view.
fn number(bench: &Bench, of: &str) -> i64 {
    let ask = format!("select count(*) from {of} where source = 'good'");
    bench.database().query_row(&ask, [], |row| row.get(0)).unwrap()
}

fn counted(bench: &Bench) -> i64 {
    number(bench, "live_summaries")
}

#[test]
fn a_damaged_answer_that_is_restored_counts_by_a_run() {
    let (bench, name, good) = damaged();
    assert_eq!(counted(&bench), 0);
    fs::write(bench.home.path(&format!("data/good/{name}")), &good).unwrap();
    bench.summarize(LATER).exits(0);
    assert_eq!(counted(&bench), 2);
    bench.is_settled();
    // Once more: all of it is counted.
    fs::write(bench.home.path(&format!("data/good/{name}")), &good).unwrap();
    bench.summarize(LATER).exits(0);
    assert_eq!(counted(&bench), 2);
    bench.is_settled();
}

#[test]
fn a_damaged_answer_that_is_restored_counts_by_a_replay() {
    let (bench, name, good) = damaged();
    let replay = || bench.home.run("summarizer", &["replay", "--now", LATER]);
    let entries = || number(&bench, "ledger");
    // The same bytes again and again are one more try, not many.
    (0..3).for_each(|_| drop(replay().exits(1)));
    assert_eq!((counted(&bench), entries()), (0, 2));
    let held = bench.home.path(&format!("data/quarantine/good/{name}"));
    // Other bytes, as bad.
    fs::write(&held, &good[1..]).unwrap();
    (0..2).for_each(|_| drop(replay().exits(1)));
    assert_eq!((counted(&bench), entries()), (0, 3));
    fs::write(&held, &good).unwrap();
    replay().exits(0);
    assert_eq!(counted(&bench), 2);
    assert_eq!(bench.home.files("data/quarantine"), [""; 0]);
    bench.is_settled();
}
