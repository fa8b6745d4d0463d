//! Who only reads: a named store that is not there is an error and stays absent; the right to
//! read is enough, in both stores; and who writes at that moment keeps nobody out.

use crate::damage;
use crate::sandbox::{KINDS, Kind, Ran, Sandbox, mongod_with};
use crate::store::views::database;
use mongodb::bson::doc;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::time::{Duration, Instant};

const DAY: &str = "2026-11-24";
const NOW: &str = "2026-11-25T00:15:00Z";

/// What only reads, with what it prints into a folder.
fn readers(out: &Path) -> Vec<(&'static str, Vec<String>)> {
    let of = |words: &[&str]| words.iter().map(|word| word.to_string()).collect::<Vec<_>>();
    let out = out.to_str().unwrap();
    vec![
        ("summarizer", of(&["status"])),
        ("summarizer", of(&["audit"])),
        ("summarizer", of(&["forget", "bikes"])),
        ("analyzer", of(&["export", "--from", DAY, "--out", out])),
        ("analyzer", of(&["report", "--date", DAY, "--out", out])),
    ]
}

#[test]
fn a_named_store_that_is_not_there_is_an_error_and_stays_absent() {
    for kind in KINDS {
        let home = damage::home(kind);
        home.run("analyzer", &["--now", NOW, "report", "--date", DAY]).exits(0);
        let path = home.path(&format!("reports/daybook_{DAY}.pdf"));
        let good = fs::read(&path).unwrap();
        let typos = match kind {
            Kind::Sqlite => vec![
                format!("sqlite:{}", home.path("typo/x.sqlite").display()),
                format!("sqlite:{}", home.path("daybook.sqlit").display()),
            ],
            Kind::MongoDb => vec![format!("{}_typo", home.store())],
        };
        // A home of its own, that has never fed a store, is told alike.
        let other = Sandbox::within(&std::env::temp_dir(), "");
        other.settings("");
        for (typo, home) in typos.iter().flat_map(|typo| [(typo, &home), (typo, &other)]) {
            let out = home.path("out");
            for (program, arguments) in readers(&out) {
                let mut all = vec!["--now", NOW, "--store", typo];
                all.extend(arguments.iter().map(String::as_str));
                home.run(program, &all).exits(2).says("there is no store at");
            }
            let plain = ["--now", NOW, "--store", typo, "report", "--date", DAY];
            home.run("analyzer", &plain).exits(2).says("there is no store at");
            assert!(!out.exists());
            match typo.strip_prefix("sqlite:") {
                Some(path) => assert!(!Path::new(path).exists()),
                None => database(typo, |database| async move {
                    assert_eq!(database.list_collection_names().await.unwrap(), [""; 0]);
                }),
            }
        }
        assert_eq!(fs::read(&path).unwrap(), good);
    }
}

#[test]
fn a_fresh_home_with_the_store_of_its_own_is_no_error() {
    let home = Sandbox::within(&std::env::temp_dir(), "");
    home.settings("");
    for (program, arguments) in [("summarizer", "status"), ("summarizer", "audit")] {
        home.run(program, &["--now", NOW, arguments]).exits(0);
    }
    assert!(!home.path("daybook.sqlite").exists() && !home.path("data").exists());
}

/// Takes the right to write, to all below a folder.
fn forbid(folder: &Path) {
    for entry in walkdir::WalkDir::new(folder).contents_first(true) {
        let entry = entry.unwrap();
        let mode = if entry.file_type().is_dir() { 0o555 } else { 0o444 };
        fs::set_permissions(entry.path(), fs::Permissions::from_mode(mode)).unwrap();
    }
}

fn allow(folder: &Path) {
    for entry in walkdir::WalkDir::new(folder) {
        fs::set_permissions(entry.unwrap().path(), fs::Permissions::from_mode(0o777)).unwrap();
    }
}

/// Runs a program as somebody else, where that can be: root may write whatever is forbidden.
fn as_another(home: &Sandbox, program: &str, arguments: &[String]) -> Ran {
    let mut all = vec!["--now", NOW];
    all.extend(arguments.iter().map(String::as_str));
    let mut command = home.command(program, &all);
    if rustix::process::getuid().is_root() {
        command.uid(65_534).gid(65_534);
    }
    Ran::of(command.output().unwrap(), program, &all, home)
}

#[test]
fn the_right_to_read_is_enough_over_sqlite() {
    let home = damage::home(Kind::Sqlite);
    let out = tempfile::tempdir().unwrap();
    allow(out.path());
    let all_read = |home: &Sandbox| {
        forbid(home.home());
        for (program, arguments) in readers(out.path()) {
            as_another(home, program, &arguments).exits(0);
        }
        allow(home.home());
    };
    let before = home.files("");
    all_read(&home);
    let names: Vec<String> = fs::read_dir(out.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(names.contains(&format!("daybook_{DAY}.pdf")), "{names:?}");
    assert!(names.contains(&"datapackage.json".to_string()), "{names:?}");
    // While a writer is at work, and with rows in its log only.
    let writer = rusqlite::Connection::open(home.path("daybook.sqlite")).unwrap();
    // It ends as if killed.
    let writer = std::mem::ManuallyDrop::new(writer);
    writer.execute_batch("BEGIN IMMEDIATE; INSERT INTO declarations VALUES ('x', 'y')").unwrap();
    all_read(&home);
    writer.execute_batch("COMMIT").unwrap();
    all_read(&home);
    assert_eq!(home.files(""), before, "who reads leaves nothing behind");
}

#[test]
fn a_store_whose_log_was_taken_away_says_what_is_missing() {
    let home = damage::home(Kind::Sqlite);
    for end in ["-wal", "-shm"] {
        fs::remove_file(home.path(&format!("daybook.sqlite{end}"))).unwrap();
    }
    forbid(home.home());
    let ran = as_another(&home, "summarizer", &["audit".into()]);
    ran.exits(2).says("also needs its -wal and -shm");
    allow(home.home());
    home.run("summarizer", &["--now", NOW, "run"]).exits(0);
    forbid(home.home());
    as_another(&home, "summarizer", &["audit".into()]).exits(0);
    allow(home.home());
}

#[test]
fn who_writes_keeps_no_reader_out() {
    let home = damage::home(Kind::Sqlite);
    let path = home.path("daybook.sqlite");
    let writer = rusqlite::Connection::open(&path).unwrap();
    writer.execute_batch("BEGIN IMMEDIATE").unwrap();
    let started = Instant::now();
    for (program, arguments) in readers(&home.path("out")) {
        let mut all = vec!["--now", NOW];
        all.extend(arguments.iter().map(String::as_str));
        home.run(program, &all).exits(0);
    }
    assert!(started.elapsed() < Duration::from_secs(25), "{:?}", started.elapsed());
    writer.execute_batch("COMMIT").unwrap();
    // One that is no program of ours may lock the whole file; that is told as what it is.
    writer.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE").unwrap();
    writer.execute_batch("CREATE TABLE x (y); COMMIT").unwrap();
    let locked =
        writer.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get::<_, String>(0));
    assert_eq!(locked.unwrap(), "delete");
    writer.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let started = Instant::now();
    let ran = home.run("summarizer", &["--now", NOW, "status"]).exits(2);
    ran.says("another program holds it");
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
}

#[test]
fn the_role_read_is_enough_over_mongodb() {
    let server = mongod_with("--auth");
    let plain = format!("mongodb://127.0.0.1:{}", server.port());
    let grant = |url: &str, name: &'static str, role: &'static str, on: &'static str| {
        database(url, move |database| async move {
            let roles = doc! { "role": role, "db": on };
            let user = doc! { "createUser": name, "pwd": "secret-word", "roles": [roles] };
            database.run_command(user).await.unwrap();
        });
    };
    grant(&format!("{plain}/admin"), "root", "root", "admin");
    let of = |user: &str, db: &str, auth: &str| {
        let port = server.port();
        format!("mongodb://{user}:secret-word@127.0.0.1:{port}/{db}?authSource={auth}")
    };
    let root = of("root", "book", "admin");
    grant(&root, "looker", "read", "book");
    let home = Sandbox::within(&std::env::temp_dir(), &root);
    damage::fill(&home);
    let url = of("looker", "book", "book");
    for (program, arguments) in readers(&home.path("out")) {
        let mut all = vec!["--now", NOW, "--store", &url];
        all.extend(arguments.iter().map(String::as_str));
        home.run(program, &all).exits(0);
    }
    let ran = home.run("summarizer", &["--now", NOW, "--store", &url, "audit"]).exits(0);
    ran.says("the difference is zero");
    // It reads an absent store as absent, and may write to none.
    let absent = of("looker", "other", "book");
    let ran = home.run("summarizer", &["--now", NOW, "--store", &absent, "status"]).exits(2);
    ran.says("may this user read there?");
    let now = "2026-11-26T00:15:00Z";
    let ran = home.run("summarizer", &["--now", now, "--store", &url, "run", "--all"]).exits(2);
    assert!(!ran.stderr.contains("secret-word"), "{}", ran.about);
}
