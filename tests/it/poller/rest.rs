//! A run in which nothing is due reads no declaration anew, and says of each home what a run says
//! that does.

use super::{BODY, Bench, at};
use crate::sandbox::{Kind, Sandbox};
use crate::server::Answer;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

const SKETCHES: &str = "data/.state/sketches";

const TOMORROW: &str = "2026-11-25T10:00:05Z";

/// A home of three sources that were asked in the first minute: a plain one, one that had another
/// name and needs a secret, and a loop over a list in a file.
fn rested() -> Bench {
    let bench = Bench::new("pace = \"0ms\"");
    bench.server.on("/a", Answer::ok(BODY));
    bench.server.on("/b", Answer::ok(BODY));
    bench.source("a", "/a", "1d", "");
    bench.source("b", "/b", "1d", "headers = { X-Key = \"{secret:KEY}\" }");
    let text = fs::read_to_string(bench.home.path("sources/b.toml")).unwrap();
    bench.home.source("b", &text.replace("topic", "formerly = [\"z\"]\ntopic"));
    write(&bench.home, "secrets.toml", "KEY = \"s3cr3t\"\n", 0o600);
    fs::create_dir(bench.home.path("sources/lists")).unwrap();
    write(&bench.home, "sources/lists/keys.csv", "key\nk\nl\n", 0o644);
    bench.server.on("/k", Answer::ok(BODY));
    bench.server.on("/l", Answer::ok(BODY));
    let url = format!("http://{}/{{item}}", bench.server.addr());
    bench.source_at("c", &url, "1d", "items = { file = \"lists/keys.csv\" }");
    bench.fetch(0).exits(0).is_silent();
    assert_eq!(bench.server.seen().len(), 4);
    assert!(bench.home.path(SKETCHES).exists());
    bench
}

fn write(home: &Sandbox, inside: &str, text: &str, mode: u32) {
    let path = home.path(inside);
    fs::write(&path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// How a run in a copy of a home ends, and what it asks, in words without the copy's place.
fn run(bench: &Bench, home: &Sandbox, now: &str) -> String {
    let before = bench.server.seen().len();
    let ran = home.run("fetcher", &["--now", now]);
    let seen = bench.server.seen();
    let mut asked: Vec<&String> = seen[before..].iter().map(|seen| &seen.target).collect();
    asked.sort();
    let place = home.home().display().to_string();
    let words = format!("{:?} {}{} {asked:?}", ran.code, ran.stdout, ran.stderr);
    words.replace(&place, "HOME")
}

/// A run says the same with sketches of before a change as without any; what it says.
#[track_caller]
fn alike(bench: &Bench, minute: u32, change: impl Fn(&Sandbox)) -> String {
    alike_at(bench, &at(minute), change)
}

#[track_caller]
fn alike_at(bench: &Bench, now: &str, change: impl Fn(&Sandbox)) -> String {
    let copies = [bench.home.copy(Kind::Sqlite), bench.home.copy(Kind::Sqlite)];
    fs::remove_file(copies[1].path(SKETCHES)).unwrap();
    let [with, without] = copies.map(|home| {
        change(&home);
        run(bench, &home, now)
    });
    assert_eq!(with, without);
    with
}

fn append(home: &Sandbox, inside: &str, text: &str) {
    let path = home.path(inside);
    let before = fs::read_to_string(&path).unwrap();
    fs::write(path, before + text).unwrap();
}

/// All files of `data/` with their bytes and when they were written, but for who holds the lock.
fn data(home: &Path) -> BTreeMap<String, (Vec<u8>, i64, i64)> {
    let walk = walkdir::WalkDir::new(home.join("data")).into_iter().flatten();
    let files = walk.filter(|entry| entry.file_type().is_file());
    let file = |entry: walkdir::DirEntry| {
        let meta = entry.metadata().unwrap();
        let when = (meta.mtime(), meta.mtime_nsec());
        (entry.path().display().to_string(), (fs::read(entry.path()).unwrap(), when.0, when.1))
    };
    files.map(file).filter(|(name, _)| !name.ends_with("locks/fetcher.lock")).collect()
}

#[test]
fn a_run_with_nothing_due_writes_nothing_but_when_it_was() {
    let bench = rested();
    let (before, lock) =
        (data(bench.home.home()), bench.home.path("data/.state/locks/fetcher.lock"));
    let held = fs::read_to_string(&lock).unwrap();
    bench.fetch(1).exits(0).is_silent();
    assert_eq!(data(bench.home.home()), before);
    assert_ne!(fs::read_to_string(&lock).unwrap(), held);
    assert_eq!(bench.server.seen().len(), 4);
    bench.home.run("fetcher", &["--now", &at(1), "--verbose"]).exits(0).says("nothing is due");
}

#[test]
fn declarations_are_not_read_anew_while_they_are_the_same() {
    let bench = rested();
    // What it kept says so, rightly or not: of a declaration that was made one of a long period.
    let path = bench.home.path(SKETCHES);
    let text = fs::read_to_string(&path).unwrap();
    let json = text.split_once('\n').unwrap().1.trim_end().replace("86400", "8640000");
    let digest = daybook::domain::hash::Digest::of(json.as_bytes());
    fs::write(&path, format!("{digest}\n{json}\n")).unwrap();
    bench.home.run("fetcher", &["--now", TOMORROW]).exits(0).is_silent();
    assert_eq!(bench.server.seen().len(), 4);
    fs::write(&path, text).unwrap();
    bench.home.run("fetcher", &["--now", TOMORROW]).exits(0).is_silent();
    assert_eq!(bench.server.seen().len(), 8);
}

#[test]
fn whatever_changes_in_a_home_is_seen_at_once() {
    let bench = rested();
    let nothing = "Some(0)  []";
    assert_eq!(alike(&bench, 1, |_| {}), nothing);
    assert_eq!(alike(&bench, 1, |home| append(home, "sources/a.toml", "# a remark\n")), nothing);
    let every = |home: &Sandbox| {
        let text = fs::read_to_string(home.path("sources/a.toml")).unwrap();
        home.source("a", &text.replace("\"1d\"", "\"1m\""));
    };
    assert_eq!(alike(&bench, 2, every), "Some(0)  [\"/a\"]");
    let add = |home: &Sandbox| append(home, "sources/lists/keys.csv", "k\n");
    assert!(alike(&bench, 1, add).contains("sources/lists/keys.csv:4: a key of 1 letters"));
    let fresh = |home: &Sandbox| {
        fs::copy(home.path("sources/a.toml"), home.path("sources/d.toml")).unwrap();
    };
    assert_eq!(alike(&bench, 1, fresh), "Some(0)  [\"/a\"]");
    let gone = |home: &Sandbox| fs::remove_file(home.path("sources/a.toml")).unwrap();
    assert_eq!(alike(&bench, 1, gone), nothing);
    let faulty = |home: &Sandbox| append(home, "sources/a.toml", "odd = 1\n");
    assert!(alike(&bench, 1, faulty).contains("unknown key"));
    let rename = |home: &Sandbox| {
        fs::rename(home.path("sources/a.toml"), home.path("sources/e.toml")).unwrap();
    };
    assert_eq!(alike(&bench, 1, rename), "Some(0)  [\"/a\"]");
    let no_list = |home: &Sandbox| fs::remove_file(home.path("sources/lists/keys.csv")).unwrap();
    assert!(alike(&bench, 1, no_list).contains("cannot be read"));
    let dead = |home: &Sandbox| fs::create_dir_all(home.path("data/.tmp/fetcher-x")).unwrap();
    assert_eq!(alike(&bench, 1, dead), nothing);
    let states = |home: &Sandbox| write(home, "data/.state/fetch.json", "{", 0o600);
    assert_eq!(alike(&bench, 1, states), "Some(0)  [\"/a\", \"/b\", \"/k\", \"/l\"]");
    assert_eq!(alike_at(&bench, TOMORROW, |_| {}), "Some(0)  [\"/a\", \"/b\", \"/k\", \"/l\"]");
}

#[test]
fn what_a_run_needs_beside_the_declarations_is_looked_at_each_time() {
    let bench = rested();
    let open = |home: &Sandbox| write(home, "secrets.toml", "KEY = \"s3cr3t\"\n", 0o644);
    assert!(alike(&bench, 1, open).contains("can be read by others"));
    let odd = |home: &Sandbox| write(home, "secrets.toml", "KEY = 1\n", 0o600);
    assert!(alike(&bench, 1, odd).contains("what stands here is no secret"));
    let nobody = |home: &Sandbox| write(home, "daybook.toml", "", 0o644);
    assert!(alike(&bench, 1, nobody).contains("no contact is set"));
    let wrong = |home: &Sandbox| append(home, "daybook.toml", "odd = 1\n");
    assert!(alike(&bench, 1, wrong).contains("unknown key"));
    let begun = |home: &Sandbox| write(home, "daybook.toml.unfinished", "", 0o644);
    assert!(alike(&bench, 1, begun).contains("is not whole"));
    let archive =
        |home: &Sandbox| append(home, "daybook.toml", "[summarizer]\narchive = \"data/x\"\n");
    assert!(alike(&bench, 1, archive).contains("is a folder in data/"));
}

#[test]
fn damaged_sketches_cost_time_and_nothing_else() {
    let bench = rested();
    let path = bench.home.path(SKETCHES);
    let sound = fs::read(&path).unwrap();
    for place in (0..sound.len()).step_by(97) {
        let mut damaged = sound.clone();
        damaged[place] ^= 1;
        for text in [&damaged[..], &sound[..place]] {
            fs::write(&path, text).unwrap();
            bench.fetch(1).exits(0).is_silent();
            assert_eq!(fs::read(&path).unwrap(), sound, "at {place}: they are made again");
        }
    }
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    bench.fetch(1).exits(0).is_silent();
    assert_eq!(bench.server.seen().len(), 4);
}

#[test]
fn a_run_that_has_something_to_tell_is_a_whole_one() {
    let bench = rested();
    let told = bench.home.path("data/.state/told.json");
    let faulty = fs::read_to_string(bench.home.path("sources/a.toml")).unwrap() + "odd = 1\n";
    let sound = fs::read(bench.home.path("sources/a.toml")).unwrap();
    bench.home.source("a", &faulty);
    bench.home.run_again("fetcher", &["--now", &at(1)]).exits(2).says("unknown key");
    fs::write(bench.home.path("sources/a.toml"), sound).unwrap();
    let wrong = fs::read_to_string(&told).unwrap();
    assert!(wrong.contains("a.toml"));
    // That it is over is noted by a run that has nothing else to do.
    bench.home.run_again("fetcher", &["--now", &at(2)]).exits(0).is_silent();
    assert_ne!(fs::read_to_string(&told).unwrap(), wrong);
}
