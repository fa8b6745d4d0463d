//! What is no file, under the names of files: pipes, folders, sockets, devices and links. Nothing
//! waits for them or reads through them; they are named where they lie, and all else goes on.

use super::{Bench, CLOSED, FETCH, GOOD, LATER};
use crate::sandbox::Ran;
use crate::server::Answer;
use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

const KINDS: [&str; 7] =
    ["pipe", "folder", "socket", "device", "link to a file", "link to nowhere", "endless link"];

/// A file of somebody else's, to which a link leads.
const THEIRS: &str = "a line, and half a";

/// Makes one of them; a device only where this user may.
fn make(kind: &str, path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let made = |arguments: &[&str]| {
        let _ = Command::new("mknod").arg(path).args(arguments).status().unwrap();
    };
    match kind {
        "pipe" => made(&["p"]),
        "folder" => fs::create_dir(path).unwrap(),
        "socket" => socket(path),
        "device" => made(&["c", "1", "5"]),
        "link to a file" => {
            let file = path.ancestors().find(|folder| folder.join("sources").is_dir()).unwrap();
            fs::write(file.join("theirs"), THEIRS).unwrap();
            symlink(file.join("theirs"), path).unwrap();
        }
        "link to nowhere" => symlink("/nowhere/at/all", path).unwrap(),
        _ => symlink("/dev/zero", path).unwrap(),
    }
}

/// The address of a socket has at most a hundred bytes: it is made elsewhere, and moved.
fn socket(path: &Path) {
    let folder = tempfile::tempdir_in(path.ancestors().nth(1).unwrap()).unwrap();
    let way = tempfile::tempdir().unwrap();
    symlink(folder.path(), way.path().join("way")).unwrap();
    drop(UnixListener::bind(way.path().join("way/s")).unwrap());
    fs::rename(folder.path().join("s"), path).unwrap();
}

/// A home of two sources with an archive, and the name of a snapshot of `bad` that is not there.
fn home() -> (Bench, String) {
    let bench = Bench::new();
    bench.home.settings("[summarizer]\narchive = \"archive\"\n");
    let bench = bench.bad(Answer::ok(GOOD));
    bench.fetch(FETCH).exits(0);
    let name = bench.home.files("data/bad")[0].clone();
    (bench, name.replace("10-00-00Z", "10-07-00Z"))
}

#[track_caller]
fn goes_on(ran: Ran) -> Ran {
    assert!(matches!(ran.code, Some(0..=1)), "{}", ran.about);
    assert!(!ran.stderr.contains("panicked"), "{}", ran.about);
    ran
}

/// All programs, one after the other: the other source is never touched by it.
#[track_caller]
fn all_go_on(bench: &Bench) -> String {
    let day = ["--from", "2026-11-21", "--to", "2026-11-21"];
    let summarized = goes_on(bench.summarize(CLOSED)).stderr;
    goes_on(bench.fetch("2026-11-21T11:06:00Z"));
    goes_on(bench.home.run("summarizer", &["status", "--now", LATER]));
    goes_on(bench.home.run("summarizer", &["replay", "--now", LATER]));
    let recount = [&["recount", "good", "bad", "--now", LATER][..], &day].concat();
    goes_on(bench.home.run("summarizer", &recount));
    goes_on(bench.summarize(LATER));
    bench.audits();
    summarized
}

#[test]
fn among_what_waits_they_are_listed_and_left_alone() {
    for kind in KINDS {
        let (bench, name) = home();
        let journal = name.replace("bad_", "daybook_");
        make(kind, &bench.home.path(&format!("data/bad/{name}")));
        make(kind, &bench.home.path(&format!("data/daybook/{journal}")));
        let said = all_go_on(&bench);
        for (source, name) in [("bad", &name), ("daybook", &journal)] {
            let path = bench.home.path(&format!("data/{source}/{name}"));
            if fs::symlink_metadata(&path).is_ok() {
                let line = format!("{source}: left alone: {name}: it is no regular file");
                assert!(said.contains(&line), "{kind}: {said}");
            } else {
                assert_eq!(kind, "device", "it is left alone");
            }
        }
        assert_eq!(bench.counted(), 2, "{kind}");
    }
}

#[test]
fn in_quarantine_batches_and_the_archive_they_are_in_nobodys_way() {
    for kind in KINDS {
        let (bench, name) = home();
        let digits = name.split('_').nth(2).unwrap();
        let open = format!("data/.batches/bad/2026-11-21T09_{digits}.open");
        let sealed = "data/.batches/bad/2026-11-21T08_0123456789abcdef.sealed";
        for folder in ["data/quarantine/bad", "archive/bad/2026/11/21", &open, sealed] {
            make(kind, &bench.home.path(&format!("{folder}/{name}")));
        }
        make(kind, &bench.home.path(&format!("data/quarantine/bad/{name}.reason")));
        all_go_on(&bench);
        assert_eq!(bench.counted(), 2, "{kind}");
    }
}

/// Whatever an editor, a file system or a person leaves where the programs have folders.
#[test]
fn in_the_place_of_folders_they_are_in_nobodys_way() {
    for kind in KINDS.into_iter().chain(["file"]) {
        let (bench, name) = home();
        let digits = name.split('_').nth(2).unwrap();
        let open = format!("data/.batches/bad/2026-11-21T09_{digits}.open");
        for place in [
            "data/.tmp/junk",
            "data/.tmp/fetcher-2026-11-21T10-00-00Z-0123abcd",
            &open,
            "data/.batches/bad/2026-11-21T08_0123456789abcdef.sealed",
            "data/.batches/daybook/2026-11-21T08_0123456789abcdef.sealed",
            "data/.batches/other",
            "data/quarantine/other",
            "data/other",
            "archive/other",
            "archive/bad/2025",
        ] {
            match kind {
                "file" => {
                    let path = bench.home.path(place);
                    fs::create_dir_all(path.parent().unwrap()).unwrap();
                    fs::write(path, "x").unwrap();
                }
                _ => make(kind, &bench.home.path(place)),
            }
        }
        let said = all_go_on(&bench);
        if !matches!(kind, "folder" | "device") {
            let line = format!("bad: left alone: .batches: 2026-11-21T09_{digits}.open: it is no");
            assert!(said.contains(&line), "{kind}: {said}");
        }
        bench.home.run("fetcher", &["explain", "bad", "--now", LATER]).exits(0);
        let report = ["report", "--date", "2026-11-21", "--now", "2026-11-22T01:00:00Z"];
        bench.home.run("analyzer", &report).exits(0);
        assert_eq!(bench.counted(), 2, "{kind}");
    }
}

#[test]
fn as_the_journal_of_a_dead_run_they_are_told_of() {
    for kind in KINDS.into_iter().filter(|kind| *kind != "device") {
        let (bench, _) = home();
        let run = "data/.tmp/fetcher-2026-11-21T10-00-00Z-0123abcd";
        make(kind, &bench.home.path(&format!("{run}/journal")));
        let said = all_go_on(&bench);
        assert!(said.contains("an earlier run is not finished"), "{kind}: {said}");
        if kind == "link to a file" {
            assert_eq!(fs::read_to_string(bench.home.path("theirs")).unwrap(), THEIRS);
        }
        assert_eq!(bench.counted(), 2, "{kind}");
    }
}

/// Far more than anything of ours has, without taking a block of the disk.
const GIANT: u64 = 8 << 30;

/// Address space of a program, in KiB: some of them must be able to hold 1 GiB, none 8.
const MEMORY: &str = "ulimit -v 3000000; exec \"$@\"";

fn giant(path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let _ = fs::remove_file(path);
    fs::File::create(path).unwrap().set_len(GIANT).unwrap();
}

fn bounded(bench: &Bench, program: &str, arguments: &[&str]) -> Ran {
    let command = bench.home.command(program, arguments);
    let mut shell = Command::new("sh");
    shell.args(["-c", MEMORY, "sh"]).arg(command.get_program()).args(command.get_args());
    Ran::of(shell.output().unwrap(), program, arguments, &bench.home)
}

/// All programs with little memory, one after the other; what they said.
#[track_caller]
fn all_go_on_bounded(bench: &Bench, place: &str) -> String {
    let commands: [(&str, &[&str]); 10] = [
        ("summarizer", &["status", "--now", CLOSED]),
        ("summarizer", &["audit", "--now", CLOSED]),
        ("fetcher", &["explain", "good", "--now", CLOSED]),
        ("summarizer", &["--now", CLOSED]),
        ("fetcher", &["--now", "2026-11-21T11:06:00Z"]),
        ("summarizer", &["replay", "--now", LATER]),
        ("summarizer", &["recount", "good", "bad", "--from", "2026-11-21", "--to", "2026-11-21"]),
        ("summarizer", &["--now", LATER]),
        ("summarizer", &["status", "--now", LATER]),
        ("analyzer", &["report", "--date", "2026-11-21", "--now", "2026-11-22T01:00:00Z"]),
    ];
    let mut said = String::new();
    for (program, arguments) in commands {
        let ran = bounded(bench, program, arguments);
        assert!(!ran.stderr.contains("memory"), "{place}: {}", ran.about);
        said += &goes_on(ran).about;
    }
    said
}

#[test]
fn giants_take_no_memory_and_stop_nothing() {
    let folder = "2026-11-21T08_0123456789abcdef.sealed";
    for (place, told) in [
        ("data/.state/last/bad.body", None),
        ("data/.state/fetch.json", None),
        ("data/.state/fetch.log", None),
        ("data/quarantine/bad/NAME.reason", None),
        ("data/quarantine/bad/NAME", Some("could not be read")),
        ("data/bad/NAME", Some("could not be read")),
        ("data/daybook/JOURNAL", Some("so what it claims is not known")),
        (&format!("data/.batches/daybook/{folder}/JOURNAL"), Some("what it claims is not known")),
        (
            "data/.tmp/fetcher-2026-11-21T10-00-00Z-0123abcd/journal",
            Some("an earlier run is not finished: cannot read"),
        ),
        ("archive/bad/2026/11/21/NAME", None),
        ("reports/2026-11-21.digest", None),
    ] {
        let (bench, name) = home();
        let journal = bench.home.files("data/daybook")[0].replace("10-00-00Z", "10-07-00Z");
        let place = place.replace("NAME", &name).replace("JOURNAL", &journal);
        giant(&bench.home.path(&place));
        if place.ends_with(".reason") {
            fs::write(bench.home.path(place.trim_end_matches(".reason")), "x").unwrap();
        }
        let said = all_go_on_bounded(&bench, &place);
        if let Some(words) = told {
            assert!(said.contains(words), "{place}: {words}\n{said}");
        }
        assert_eq!(bench.counted(), 2, "{place}: {said}");
    }
}

#[test]
fn a_giant_journal_is_named_until_it_is_in_quarantine() {
    let (bench, _) = home();
    let journal = bench.home.files("data/daybook")[0].replace("10-00-00Z", "10-07-00Z");
    let place = bench.home.path(&format!("data/daybook/{journal}"));
    giant(&place);
    let named = format!("{} has more than 1024 MiB", place.display());
    bounded(&bench, "summarizer", &["audit", "--now", CLOSED]).exits(1).says(&named);
    bounded(&bench, "summarizer", &["--now", CLOSED]).exits(1).says("daybook: 1 of");
    let kept = bench.home.path(&format!("data/quarantine/daybook/{journal}"));
    assert_eq!(fs::metadata(&kept).unwrap().len(), GIANT);
    let reason = fs::read_to_string(format!("{}.reason", kept.display())).unwrap();
    assert!(reason.contains("the answer is larger than 1 GiB"), "{reason}");
    let audit = bounded(&bench, "summarizer", &["audit", "--now", CLOSED]);
    assert!(!audit.stderr.contains("has more than"), "{}", audit.about);
}

/// What is no reason stands beside what is in quarantine.
#[test]
fn in_the_place_of_a_reason_they_stop_nothing() {
    for kind in KINDS {
        let bench =
            Bench::new().bad(Answer::ok("{\"data\":{\"stations\":[{\"id\":1,\"bikes\":\"x\"}]}}"));
        bench.fetch(FETCH).exits(0);
        bench.summarize(CLOSED).exits(1);
        let names = bench.home.files("data/quarantine/bad");
        let reason = names.iter().find(|name| name.ends_with(".reason")).unwrap();
        let reason = bench.home.path(&format!("data/quarantine/bad/{reason}"));
        fs::remove_file(&reason).unwrap();
        make(kind, &reason);
        let status = bench.home.run("summarizer", &["status", "--now", LATER]).exits(0);
        assert!(status.stdout.lines().any(|line| line.starts_with("bad") && line.contains(" 1 ")));
        goes_on(bench.home.run("summarizer", &["replay", "--now", LATER]));
        // A folder stays, and the reason is beside it.
        let told = bench.home.files("data/quarantine/bad");
        let reasons = told.iter().filter(|name| name.contains(".reason")).count();
        assert_eq!(reasons, 1, "{kind}: {told:?}");
    }
}
