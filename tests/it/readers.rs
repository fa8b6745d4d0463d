//! Who only reads: a named store that is not there is an error and stays absent; the right to
//! read is enough, in both stores; and who writes at that moment keeps nobody out.

use crate::damage;
use crate::sandbox::{KINDS, Kind, Ran, Sandbox, mongod_with};
use crate::store::views::{database, made};
use mongodb::bson::doc;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
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
            Kind::Server => vec![format!("{}_typo", home.store())],
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
                None => assert_eq!(made(typo), [""; 0]),
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

/// In its settings: then its own first run makes it.
#[test]
fn a_fresh_home_whose_settings_name_a_store_has_an_empty_one() {
    for kind in KINDS {
        let store = Sandbox::new(kind);
        let home = Sandbox::within(&std::env::temp_dir(), "");
        home.settings(&format!("store = \"{}\"\n", store.store()));
        for action in ["status", "audit"] {
            let ran = home.run("summarizer", &["--now", NOW, action]).exits(0);
            ran.says("there is no store at").says("yet");
        }
        home.run("summarizer", &["--now", NOW, "run"]).exits(0);
        let ran = home.run("summarizer", &["--now", NOW, "audit"]).exits(0);
        assert!(!ran.stderr.contains("there is no store"), "{}", ran.about);
    }
}

#[test]
fn a_dry_run_makes_nothing_and_migrates_nothing() {
    let recount = ["recount", "--from", DAY, "--to", DAY, "--dry-run"];
    for arguments in [&["replay", "--dry-run"][..], &recount] {
        let of = |home: &Sandbox, more: &[&str]| {
            home.run("summarizer", &[&["--now", NOW], more, arguments].concat())
        };
        let home = Sandbox::within(&std::env::temp_dir(), "");
        home.settings("");
        home.source(
            "bikes",
            &damage::declaration("bikes", "[samples]\nat = \"[*]\"\nseries = \"id\""),
        );
        let before = home.files("");
        of(&home, &[]).exits(0);
        let typo = format!("sqlite:{}", home.path("typo/x.sqlite").display());
        of(&home, &["--store", &typo]).exits(2).says("there is no store at");
        assert_eq!(home.files(""), before);
        let old = crate::fixture::of_version(1, Kind::Sqlite);
        let store = fs::read(old.path("daybook.sqlite")).unwrap();
        of(&old, &[]);
        assert!(fs::read(old.path("daybook.sqlite")).unwrap() == store);
    }
}

/// Who may become another user, and mount: without that nothing is shown.
fn is_root() -> bool {
    let is_root = rustix::process::getuid().is_root();
    if !is_root {
        eprintln!("NOT TESTED: reading as another user, and on a read-only disk, needs root");
    }
    is_root
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// A filled home as the programs of its owner make it; the folder that it lies in is nobody's.
fn shared() -> Sandbox {
    let home = damage::home(Kind::Sqlite);
    mode(home.home(), 0o755);
    home
}

/// Runs a program as somebody else, who owns nothing.
fn as_another(home: &Sandbox, program: &str, arguments: &[String]) -> Ran {
    let mut all = vec!["--now", NOW];
    all.extend(arguments.iter().map(String::as_str));
    let mut command = home.command(program, &all);
    command.uid(65_534).gid(65_534);
    Ran::of(command.output().unwrap(), program, &all, home)
}

/// Runs a program where the home is mounted read-only, for it alone.
fn on_a_still_disk(home: &Sandbox, program: &str, arguments: &[String]) -> Ran {
    let mut all = vec!["--now", NOW];
    all.extend(arguments.iter().map(String::as_str));
    let plain = home.command(program, &all);
    let mount = "mount --bind \"$0\" \"$0\" && mount -o remount,ro,bind \"$0\" && exec \"$@\"";
    let mut command = Command::new("unshare");
    command.args(["-m", "sh", "-c", mount]).arg(home.home());
    command.arg(plain.get_program()).args(plain.get_args());
    Ran::of(command.output().unwrap(), program, &all, home)
}

/// What only reads, of the fetcher too.
fn all_readers(out: &Path) -> Vec<(&'static str, Vec<String>)> {
    let of = |words: &[&str]| words.iter().map(|word| word.to_string()).collect::<Vec<_>>();
    let mut all = readers(out);
    all.push(("summarizer", of(&["run", "--all", "--dry-run"])));
    all.push(("summarizer", of(&["replay", "--dry-run"])));
    let from = ["recount", "--from", "2026-11-20", "--to", "2026-11-21", "--dry-run"];
    all.push(("summarizer", of(&from)));
    all.extend([["check", "quakes"], ["explain", "quakes"]].map(|words| ("fetcher", of(&words))));
    all.push(("fetcher", of(&["sources"])));
    all
}

/// What is in a folder that a report and an export went to.
fn printed(out: &Path) -> Vec<String> {
    let names = fs::read_dir(out).unwrap();
    let mut names: Vec<String> =
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn another_user_reads_a_home_as_its_programs_leave_it() {
    if !is_root() {
        return;
    }
    let home = shared();
    fs::write(home.path("secrets.toml"), "quiet = \"x\"\n").unwrap();
    mode(&home.path("secrets.toml"), 0o600);
    let out = tempfile::tempdir().unwrap();
    mode(out.path(), 0o777);
    let all_read = |home: &Sandbox| {
        for (program, arguments) in all_readers(out.path()) {
            let ran = as_another(home, program, &arguments).exits(0);
            let told = ran.stderr.lines().filter(|line| line.contains("not visible"));
            assert!(told.count() <= 1, "{}", ran.about);
        }
        let audit = as_another(home, "summarizer", &["audit".into()]).exits(0);
        audit.says("the difference is zero").says("data/.state is not visible to this user");
    };
    let before = home.files("");
    all_read(&home);
    let names = printed(out.path());
    assert!(names.contains(&format!("daybook_{DAY}.pdf")), "{names:?}");
    assert!(names.contains(&"datapackage.json".to_string()), "{names:?}");
    let package = fs::read_to_string(out.path().join("datapackage.json")).unwrap();
    let own = home.path("own").display().to_string();
    home.run("analyzer", &["--now", NOW, "export", "--from", DAY, "--out", &own]).exits(0);
    assert_eq!(package, fs::read_to_string(home.path("own/datapackage.json")).unwrap());
    fs::remove_dir_all(home.path("own")).unwrap();
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

/// Of an hour that a killed run left in a sealed batch, with journals that wait.
#[test]
fn another_user_audits_what_waits_and_what_was_lost() {
    if !is_root() {
        return;
    }
    let home = shared();
    damage::answer_more(&home);
    let (audit, status) = (vec!["audit".to_string()], vec!["status".to_string()]);
    as_another(&home, "summarizer", &audit).exits(0).says("the difference is zero");
    let run = ["--now", "2026-11-26T00:15:00Z", "run", "--all"];
    let sealed = |step: &u32| {
        home.run_hooked("summarizer", &run, &format!("kill:{step}"));
        home.files("data/.batches").iter().any(|name| name.contains(".sealed/"))
    };
    assert!((1..200).any(|step| sealed(&step)));
    as_another(&home, "summarizer", &audit).exits(0).says("the difference is zero");
    as_another(&home, "summarizer", &status).exits(0);
    // One that waits is taken away: he sees that as well.
    let waits = home.files("data").into_iter().find(|name| name.contains("12-25-00Z")).unwrap();
    let name = waits.rsplit_once('/').unwrap().1.to_string();
    fs::remove_file(home.path(&format!("data/{waits}"))).unwrap();
    as_another(&home, "summarizer", &audit).exits(1).says(&format!("lost: {name}"));
    // Where he may not see what waits, there is no balance.
    mode(&home.path("data/.batches"), 0o700);
    as_another(&home, "summarizer", &audit).exits(1).says("INCOMPLETE: ");
}

#[test]
fn all_that_reads_works_on_a_read_only_disk() {
    if !is_root() {
        return;
    }
    let home = shared();
    damage::answer_more(&home);
    let out = tempfile::tempdir().unwrap();
    for left in [vec![], vec!["-wal", "-shm"]] {
        for end in left {
            fs::remove_file(home.path(&format!("daybook.sqlite{end}"))).unwrap();
        }
        let before = home.files("");
        for (program, arguments) in all_readers(out.path()) {
            on_a_still_disk(&home, program, &arguments).exits(0);
        }
        assert_eq!(home.files(""), before);
    }
    assert!(printed(out.path()).contains(&format!("daybook_{DAY}.pdf")));
    let ran = on_a_still_disk(&home, "summarizer", &["run".into(), "--all".into()]);
    assert_eq!(ran.code, Some(2), "it is one: {}", ran.about);
}

#[test]
fn a_store_whose_log_was_taken_away_says_what_is_missing() {
    if !is_root() {
        return;
    }
    let home = shared();
    for end in ["-wal", "-shm"] {
        fs::remove_file(home.path(&format!("daybook.sqlite{end}"))).unwrap();
    }
    let ran = as_another(&home, "summarizer", &["audit".into()]);
    ran.exits(2).says("also needs its -wal and -shm");
    home.run("summarizer", &["--now", NOW, "run"]).exits(0);
    as_another(&home, "summarizer", &["audit".into()]).exits(0);
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
fn the_role_read_is_enough_over_server() {
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
