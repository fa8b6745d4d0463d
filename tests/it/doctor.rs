//! `fetcher doctor`: each of its checks failing, with the cure that it names; a home that is well;
//! and that it changes nothing, asks each host once, and shows no secret.

mod machine;
mod network;
mod place;

use crate::declared::declared;
use crate::sandbox::{Ran, Sandbox, temporary};
use crate::server::{Answer, Server};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A home on a disk, a server, and a crontab command that shows a file.
struct Ward {
    home: Sandbox,
    server: Server,
    /// What stands for the machine's PATH and for this user's settings.
    outside: tempfile::TempDir,
}

fn http_date(at: DateTime<Utc>) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// What a host answers whose clock shows this instant.
fn at(instant: DateTime<Utc>) -> Answer {
    Answer::ok("").header("Date", &http_date(instant))
}

/// A source of one value.
fn source(url: &str, more: &str) -> String {
    let items = "[samples]\nat = \"list[*]\"\nseries = \"id\"\n[fields.n]\npath = \"n\"\n";
    declared("json", url, "1m", &format!("{more}\n{items}"))
}

impl Ward {
    fn new() -> Ward {
        let parent = Path::new(env!("CARGO_TARGET_TMPDIR"));
        Ward::over(Sandbox::within(parent, ""))
    }

    fn over(home: Sandbox) -> Ward {
        let (server, outside) = (Server::start(), temporary());
        server.on("/", at(Utc::now()));
        server.on("/a", Answer::ok("{\"list\":[{\"id\":\"x\",\"n\":1}]}"));
        home.settings("");
        home.source("good", &source(&server.url("/a"), ""));
        let ward = Ward { home, server, outside };
        std::fs::create_dir(ward.outside("bin")).unwrap();
        let script = format!("#!/bin/sh\nexec cat '{}'\n", ward.outside("crontab").display());
        std::fs::write(ward.outside("bin/crontab"), script).unwrap();
        let open = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(ward.outside("bin/crontab"), open).unwrap();
        std::fs::write(ward.outside("bin/sendmail"), "").unwrap();
        ward.crontab("");
        ward
    }

    fn outside(&self, name: &str) -> PathBuf {
        self.outside.path().join(name)
    }

    fn crontab(&self, text: &str) {
        std::fs::write(self.outside("crontab"), text).unwrap();
    }

    /// The lines that `install` would write.
    fn installed(&self) -> String {
        self.home.run("fetcher", &["install"]).exits(0).stdout
    }

    /// All three programs ran a moment ago.
    fn at_work(self) -> Ward {
        self.home.run("fetcher", &["run"]).exits(0);
        self.home.run("summarizer", &["run"]).exits(0);
        std::fs::create_dir_all(self.home.path("reports")).unwrap();
        std::fs::write(self.home.path("reports/daybook_2026-11-21.pdf"), "").unwrap();
        self.crontab(&self.installed());
        self
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.home.command("fetcher", &[&["doctor"], arguments].concat());
        let path = format!("{}:/usr/bin:/bin", self.outside("bin").display());
        command.env("PATH", path).env("XDG_CONFIG_HOME", self.outside.path());
        command.env_remove("TZ");
        command
    }

    fn examined_by(&self, mut command: Command) -> Ran {
        Ran::of(command.output().unwrap(), "fetcher", &["doctor"], &self.home)
    }

    fn examined(&self, arguments: &[&str]) -> Ran {
        self.examined_by(self.command(arguments))
    }

    /// Something is wrong of a check: these words are said, with this cure.
    #[track_caller]
    fn is_told(&self, arguments: &[&str], check: &str, said: &str, cure: &str) {
        is_told(self.examined(&[arguments, &["--json"]].concat()), check, said, cure);
    }

    /// Nothing is wrong of a check.
    #[track_caller]
    fn is_well(&self, arguments: &[&str], check: &str) {
        let ran = self.examined(&[arguments, &["--json"]].concat());
        let found = findings(&ran, check);
        let wrong: Vec<_> = found.iter().filter(|one| one["verdict"] != "well").collect();
        assert!(!found.is_empty() && wrong.is_empty(), "{wrong:?}\n{}", ran.about);
    }
}

/// The findings of one check.
fn findings(ran: &Ran, check: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.about));
    let all = all["findings"].as_array().unwrap();
    all.iter().filter(|one| one["check"] == check).cloned().collect()
}

#[track_caller]
fn is_told(ran: Ran, check: &str, said: &str, cure: &str) {
    let ran = ran.exits(1);
    let found = findings(&ran, check);
    let has = |one: &Value, key: &str, words: &str| {
        one[key].as_str().is_some_and(|text| text.contains(words))
    };
    let is_it =
        |one: &Value| one["verdict"] == "wrong" && has(one, "said", said) && has(one, "cure", cure);
    assert!(found.iter().any(is_it), "no {said:?} with {cure:?} in {found:#?}\n{}", ran.about);
}

/// All there is of a home: names, bytes and the instants of their last change.
fn picture(home: &Path) -> Vec<(PathBuf, Option<std::time::SystemTime>, Vec<u8>)> {
    let walk = walkdir::WalkDir::new(home).sort_by_file_name().into_iter().flatten();
    // The index of SQLite's log is memory that readers share, and not kept.
    let walk = walk.filter(|entry| !entry.path().to_string_lossy().ends_with("-shm"));
    let each = walk.map(|entry| {
        let changed = entry.metadata().ok().and_then(|found| found.modified().ok());
        let bytes = std::fs::read(entry.path()).unwrap_or_default();
        (entry.path().to_path_buf(), changed, bytes)
    });
    each.collect()
}

#[test]
fn a_home_that_is_well_is_said_to_be_and_nothing_of_it_changes() {
    let ward = Ward::new().at_work();
    let (before, asked) = (picture(ward.home.home()), ward.server.seen().len());
    let ran = ward.examined(&[]).exits(0).says("all is well");
    assert!(!ran.stdout.contains("WRONG") && !ran.stdout.contains("cure"), "{}", ran.about);
    ward.examined(&["--json"]).exits(0).says("\"wrong\":0");
    assert!(picture(ward.home.home()) == before, "{}", ran.about);
    let seen = ward.server.seen().split_off(asked);
    let asked: Vec<_> = seen.iter().map(|seen| (&*seen.method, &*seen.target)).collect();
    assert_eq!(asked, [("HEAD", "/"); 2], "one question in each of two examinations");
    assert!(seen[0].header("user-agent").unwrap().contains("tests@example.org"));
}

/// Three sources of a host and one of another way to write it: one question.
#[test]
fn each_host_is_asked_once_and_offline_nobody_is() {
    let ward = Ward::new();
    ward.home.source("second", &source(&ward.server.url("/b?x=1"), ""));
    ward.home.source("third", &source(&ward.server.url("/c/{item}"), "items = [\"p\", \"q\"]"));
    ward.examined(&["--offline"]).says("not looked at: --offline");
    assert_eq!(ward.server.seen().len(), 0);
    ward.examined(&[]);
    assert_eq!(ward.server.seen().len(), 1);
}

#[test]
fn a_home_without_sources_or_with_faulty_ones_is_told() {
    let ward = Ward::new();
    ward.is_well(&["--offline"], "sources");
    ward.home.source("odd", "title = 1\n");
    ward.is_told(&["--offline"], "sources", "cannot be read as one", "fetcher check");
    std::fs::remove_file(ward.home.path("sources/odd.toml")).unwrap();
    std::fs::remove_file(ward.home.path("sources/good.toml")).unwrap();
    ward.is_told(&["--offline"], "sources", "no source is declared", "docs/sources.md");
}

#[test]
fn a_home_that_is_none_cannot_be_examined() {
    let ward = Ward::new();
    std::fs::write(ward.home.path("daybook.toml"), "stor = 1\n").unwrap();
    ward.examined(&[]).exits(2).says("did you mean store?");
    let mut command = Command::new(env!("CARGO_BIN_EXE_fetcher"));
    command.args(["--home", "/nonexistent", "doctor"]);
    ward.examined_by(command).exits(2).says("hint: fetcher init");
}
