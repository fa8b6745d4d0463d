//! Again, otherwise, not at all: the archive, replay after a declaration was mended, recount,
//! an empty store built anew, forgetting; and deaths at every step of them.

use crate::crash::cases::check_all;
use crate::crash::scene::at;
use crate::recording::{BIKES, answers, cut, declaration};
use crate::recount::Recount;
use crate::sandbox::{KINDS, Kind, Sandbox};
use crate::served;
use crate::server::{Answer, Server};
use std::fs;

/// A home whose bikes were fetched four times, in two hours.
struct Scene {
    home: Sandbox,
    right: String,
    _server: Server,
}

const TIMES: [&str; 4] = ["10:05", "10:25", "11:15", "11:40"];
/// After both hours have closed.
const LATER: &str = "12:10";
const RANGE: [&str; 4] = ["--from", "2026-11-21", "--to", "2026-11-21"];

impl Scene {
    /// Fetched under the right declaration, or one in which the place of the items is wrong.
    fn new(kind: Kind, drifted: bool, settings: &str) -> Scene {
        let server = Server::start();
        let bodies: Vec<Vec<u8>> = (0..TIMES.len())
            .map(|place| cut(BIKES, &answers(BIKES)[place], 5).to_string().into_bytes())
            .collect();
        for body in &bodies {
            server.on(&format!("/{BIKES}"), Answer::ok(&**body));
        }
        let home = Sandbox::new(kind);
        home.settings("");
        let text = fs::read_to_string(home.path("daybook.toml")).unwrap();
        fs::write(home.path("daybook.toml"), text + settings).unwrap();
        let right = declaration(BIKES, "1m", &server).replace("labels", "# labels");
        let wrong = right.replace("data.stations[*]", "data.station_list[*]");
        home.source(BIKES, if drifted { &wrong } else { &right });
        for time in TIMES {
            home.run("fetcher", &["--now", &at(time)]).exits(0);
        }
        let given = [(BIKES, bodies), (crate::recording::QUAKES, vec![])];
        let mut given: served::Given = given.into();
        given.insert(crate::recording::STATIONS, vec![]);
        assert_eq!(served::keep(&home, &given), TIMES.len());
        Scene { home, right, _server: server }
    }

    fn archived(kind: Kind) -> Scene {
        Scene::new(kind, false, "\n[summarizer]\narchive = \"archive\"\n")
    }

    /// All landed under a wrong declaration, are in quarantine, and the declaration is mended.
    fn mended(kind: Kind) -> Scene {
        let scene = Scene::new(kind, true, "");
        let ran = scene.home.run("summarizer", &["--now", &at(LATER), "run"]).exits(1);
        ran.says("items that could not be read");
        scene.home.source(BIKES, &scene.right);
        scene
    }
}

fn run(home: &Sandbox, arguments: &[&str]) -> crate::sandbox::Ran {
    let now = at(LATER);
    home.run("summarizer", &[&["--now", &now], arguments].concat())
}

/// What is stored is what was served, once; all is accounted for; nothing waits.
fn settled(home: &Sandbox, recount: &mut Recount) {
    run(home, &["audit"]).exits(0).says("the difference is zero");
    let found = recount.differences(&served::folder(home), home.store(), &[]);
    assert_eq!(found, [""; 0], "{}", home.files("").join("\n"));
    for folder in ["data/bikes-baywheels", "data/.batches", "data/.tmp"] {
        assert_eq!(home.files(folder), [""; 0]);
    }
}

fn quarantined(home: &Sandbox) -> Vec<String> {
    home.files(&format!("data/quarantine/{BIKES}"))
}

#[test]
fn what_drifted_is_told_in_words_and_counted_after_the_declaration_is_mended() {
    let mut recount = Recount::start();
    for kind in KINDS {
        let scene = Scene::mended(kind);
        let home = &scene.home;
        let files = quarantined(home);
        assert_eq!(files.len(), 2 * TIMES.len(), "{files:?}");
        let reason = files.iter().find(|name| name.ends_with(".reason")).unwrap();
        let reason = home.path(&format!("data/quarantine/{BIKES}/{reason}"));
        let reason = fs::read_to_string(reason).unwrap();
        for words in ["no list of items at data.station_list[*]", "found: at data, an object"] {
            assert!(reason.contains(words), "{reason}");
        }
        run(home, &["audit"]).exits(0);
        run(home, &["replay", "--dry-run"]).exits(0).says("4 snapshots in 2 batches are due");
        assert_eq!(quarantined(home).len(), 2 * TIMES.len());
        run(home, &["replay"]).exits(0);
        assert_eq!(quarantined(home), [""; 0]);
        settled(home, &mut recount);
        // Once more changes nothing.
        run(home, &["replay"]).exits(0);
        settled(home, &mut recount);
    }
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

/// Hooks that kill at each step of a command.
fn kills(home: &Sandbox, kind: Kind, arguments: &[&str]) -> Vec<String> {
    let home = home.copy(kind);
    let path = home.path("steps");
    let now = at(LATER);
    let all = [&["--now", &now], arguments].concat();
    let ran = home.run_hooked("summarizer", &all, &format!("list:{}", path.display()));
    assert!(matches!(ran.code, Some(0 | 1)), "{}", ran.about);
    let steps = fs::read_to_string(path).unwrap();
    (1..=steps.lines().count()).map(|number| format!("kill:{number}")).collect()
}

/// Dies at each step of a command; then the command, and a run, to their ends.
fn may_die(name: &str, home: &Sandbox, arguments: &[&str], check: impl Fn(&Sandbox) + Sync) {
    let kind = Kind::Sqlite;
    let hooks = kills(home, kind, arguments);
    assert!(hooks.len() > 20, "{name}: {} steps", hooks.len());
    let now = at(LATER);
    check_all(&format!("{name}, {} steps", hooks.len()), &hooks, |hook, recount| {
        let home = copy(home, kind);
        let all = [&["--now", &now], arguments].concat();
        home.run_hooked("summarizer", &all, hook).was_killed();
        run(&home, &["run"]);
        run(&home, arguments).exits(0);
        check(&home);
        settled(&home, recount);
    });
}

/// With its store, which stands in the home.
fn copy(home: &Sandbox, kind: Kind) -> Sandbox {
    home.copy(kind)
}

#[test]
fn a_replay_may_die_anywhere() {
    let scene = Scene::mended(Kind::Sqlite);
    may_die("replay", &scene.home, &["replay"], |home| {
        assert_eq!(quarantined(home), [""; 0]);
    });
}

#[test]
fn a_recount_may_die_anywhere() {
    let scene = Scene::archived(Kind::Sqlite);
    run(&scene.home, &["run"]).exits(0);
    may_die("recount", &scene.home, &[&["recount"], &RANGE[..]].concat(), |home| {
        assert_eq!(home.files(&format!("archive/{BIKES}/2026/11/21")).len(), TIMES.len());
    });
}

#[test]
fn archiving_may_die_anywhere() {
    let scene = Scene::archived(Kind::Sqlite);
    may_die("archiving", &scene.home, &["run"], |home| {
        assert_eq!(home.files(&format!("archive/{BIKES}/2026/11/21")).len(), TIMES.len());
    });
}

#[test]
fn an_empty_store_is_built_anew_from_the_archive() {
    let mut recount = Recount::start();
    let scene = Scene::archived(Kind::Sqlite);
    run(&scene.home, &["run"]).exits(0);
    settled(&scene.home, &mut recount);
    for kind in KINDS {
        let anew = scene.home.copy(kind);
        for file in ["daybook.sqlite", "daybook.sqlite-wal", "daybook.sqlite-shm"] {
            let _ = fs::remove_file(anew.path(file));
        }
        let all = [&["recount"], &RANGE[..]].concat();
        run(&anew, &all).exits(2).says("--adopt");
        let dry = [&all[..], &["--dry-run"]].concat();
        run(&anew, &dry).exits(0).says("0 -> 4").says("nothing was written");
        run(&anew, &[&all[..], &["--adopt"]].concat()).exits(0).says("0 -> 4");
        settled(&anew, &mut recount);
        // A second recount replaces the first.
        run(&anew, &all).exits(0).says("4 -> 4");
        settled(&anew, &mut recount);
    }
}

#[test]
fn a_recount_counts_under_todays_declaration() {
    let scene = Scene::archived(Kind::Sqlite);
    run(&scene.home, &["run"]).exits(0);
    let more = "\n[fields.stamp]\npath = \"last_reported\"\nunit = \"s\"\n\n[[figures]]";
    scene.home.source(BIKES, &scene.right.replacen("\n[[figures]]", more, 1));
    run(&scene.home, &[&["recount"], &RANGE[..]].concat()).exits(0);
    let store = rusqlite::Connection::open(scene.home.path("daybook.sqlite")).unwrap();
    let sql = "SELECT count(*) FROM live_summaries WHERE body LIKE '%\"stamp\"%'";
    let rows: i64 = store.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 10);
}

#[test]
fn a_recount_refuses_where_snapshots_are_gone() {
    let mut recount = Recount::start();
    let scene = Scene::new(Kind::Sqlite, false, "");
    run(&scene.home, &["run"]).exits(0);
    let ran = run(&scene.home, &[&["recount"], &RANGE[..]].concat()).exits(2);
    ran.says("neither in an archive nor in quarantine").says("summarizer.archive");
    settled(&scene.home, &mut recount);
}

#[test]
fn a_forgotten_source_is_gone_and_stays_gone() {
    for kind in KINDS {
        let scene = Scene::archived(kind);
        let home = &scene.home;
        let late = home.files(&format!("data/{BIKES}"))[0].clone();
        let path = home.path(&format!("data/{BIKES}/{late}"));
        let bytes = fs::read(&path).unwrap();
        run(home, &["run"]).exits(0);
        run(home, &["forget", "bikes-baywheel", "--yes"]).exits(2).says("nothing is known of");
        let shown = run(home, &["forget", BIKES]).exits(0);
        shown.says("12 rows in 2 entries").says("4 in the archive").says("nothing was removed");
        run(home, &["forget", BIKES, "--yes"]).exits(0).says("is still declared");
        assert_eq!(home.files(&format!("archive/{BIKES}")), [""; 0]);
        // A file of before turns up again: it is turned away, and not counted.
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        run(home, &["run"]).says("is forgotten through");
        assert_eq!(quarantined(home).len(), 2);
        run(home, &["replay"]).says("its source was forgotten after it");
        run(home, &["audit"]).exits(0).says("the difference is zero");
        run(home, &["forget", BIKES]).exits(0).says("0 rows in 0 entries");
    }
}

#[test]
fn forgetting_may_die_anywhere() {
    let scene = Scene::archived(Kind::Sqlite);
    run(&scene.home, &["run"]).exits(0);
    let hooks = kills(&scene.home, Kind::Sqlite, &["forget", BIKES, "--yes"]);
    check_all(&format!("forget, {} steps", hooks.len()), &hooks, |hook, _| {
        let home = copy(&scene.home, Kind::Sqlite);
        let now = at(LATER);
        let forget = ["--now", &now, "forget", BIKES, "--yes"];
        home.run_hooked("summarizer", &forget, hook).was_killed();
        run(&home, &["run"]);
        run(&home, &["audit"]).exits(0);
        run(&home, &["forget", BIKES, "--yes"]).exits(0);
        run(&home, &["forget", BIKES]).says("0 rows in 0 entries").says("0 in the archive");
        run(&home, &["audit"]).exits(0);
    });
}
