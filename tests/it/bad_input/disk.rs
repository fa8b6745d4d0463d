//! A full disk: the fetcher stops first, at its reserve; the summarizer never does. Shown on
//! small real disks, and at each step by the hook. What somebody else filled is in `filled`.

mod filled;

use super::{Bench, CLOSED, FETCH, GOOD, LATER, stations};
use crate::sandbox::{Kind, Ran, Sandbox};
use crate::server::Answer;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A disk of its own, of one megabyte; it ends with this value.
pub struct Disk(PathBuf, #[allow(dead_code, reason = "holds the folder")] tempfile::TempDir);

impl Disk {
    /// `None`, and loudly so, where the tests may not mount.
    fn mount() -> Option<Disk> {
        Disk::of("size=1m")
    }

    pub fn of(options: &str) -> Option<Disk> {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().to_path_buf();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", options, "tmpfs"])
            .arg(&place)
            .stderr(std::process::Stdio::null())
            .status()
            .is_ok_and(|status| status.success());
        if !mounted {
            eprintln!("SKIPPED: no real full disk was tested: mounting one takes root");
            return None;
        }
        Some(Disk(place, folder))
    }

    /// Fills it, but for some pages of 4 KiB.
    pub fn fill(&self, free: usize) {
        let path = self.0.join("ballast");
        let _ = std::fs::remove_file(&path);
        let stat = rustix::fs::statvfs(&self.0).unwrap();
        let pages = stat.f_bavail as usize * stat.f_frsize as usize / 4096;
        std::fs::write(path, vec![0; pages.saturating_sub(free) * 4096]).unwrap();
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn relieve(&self) {
        std::fs::remove_file(self.0.join("ballast")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

fn reserve(home: &Sandbox, size: &str) {
    let text = std::fs::read_to_string(home.path("daybook.toml")).unwrap();
    let text = text.replace("reserve = \"1MiB\"", &format!("reserve = \"{size}\""));
    std::fs::write(home.path("daybook.toml"), text).unwrap();
}

#[test]
fn the_fetcher_stops_at_its_reserve() {
    let bench = Bench::new();
    reserve(&bench.home, "1000000GiB");
    let ran = bench.fetch(FETCH).exits(2).says("MiB left, less than the reserve of 1024000000 MiB");
    ran.says("nothing is fetched\nhint: the summarizer goes on, and empties the spool");
    assert!(bench.server.seen().is_empty());
    reserve_is_back(&bench);
    bench.fetch(FETCH).exits(0).is_silent();
}

fn reserve_is_back(bench: &Bench) {
    bench.home.settings("");
}

#[test]
fn on_a_real_disk_the_summarizer_goes_on_where_the_fetcher_stopped() {
    let Some(disk) = Disk::mount() else { return };
    let elsewhere = Sandbox::new(Kind::Server);
    let bench = Bench::over(Sandbox::within(&disk.0, elsewhere.store()));
    reserve(&bench.home, "512KiB");
    bench.fetch(FETCH).exits(0);
    disk.fill(16);
    bench.fetch("2026-11-21T10:01:00Z").exits(2).says("0 MiB left, less than the reserve of");
    bench.home.run("summarizer", &["run", "--now", CLOSED]).exits(0).is_silent();
    bench.is_settled();
    disk.relieve();
    bench.fetch("2026-11-21T11:20:00Z").exits(0).is_silent();
}

/// With room for so many pages only, all goes as far as it goes; with room again, all is right.
#[test]
fn a_real_disk_that_is_full_after_so_many_pages() {
    let mut failed = [0, 0];
    for pages in 0..24 {
        let Some(disk) = Disk::mount() else { return };
        let bench = Bench::over(Sandbox::within(&disk.0, &elsewhere_sqlite(&disk.0)));
        reserve(&bench.home, "0B");
        (0..6).for_each(|n| {
            let url = bench.server.url("/good");
            bench.home.source(&format!("more-{n}"), &stations(&url, ""));
        });
        disk.fill(pages);
        failed[0] += usize::from(survives(bench.fetch(FETCH)));
        disk.relieve();
        bench.fetch("2026-11-21T10:01:00Z").exits(0).is_silent();
        disk.fill(pages);
        failed[1] += usize::from(survives(bench.summarize(CLOSED)));
        disk.relieve();
        bench.summarize(CLOSED).exits(0);
        bench.summarize(LATER).exits(0).is_silent();
        bench.is_settled();
        let landed = bench.counted();
        assert!((1..=2).contains(&landed), "{pages} pages: {landed}");
    }
    assert!(failed[0] > 2 && failed[1] > 2, "{failed:?}");
}

/// The store on the same disk: it may be full as well.
fn elsewhere_sqlite(disk: &Path) -> String {
    format!("sqlite:{}", disk.join("store.sqlite").display())
}

/// A run on a full disk says so; whether it was one.
#[track_caller]
fn survives(ran: Ran) -> bool {
    let failed = ran.code != Some(0);
    assert!(matches!(ran.code, Some(0..=2)), "{}", ran.stderr);
    let said = ["hint: the disk is full: make room", "the disk is full"];
    let told = said.iter().any(|words| ran.stderr.contains(words));
    assert!(!failed || told, "{}", ran.stderr);
    assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
    failed
}

/// How many steps a program takes.
fn steps(home: &Sandbox, program: &str, now: &str) -> usize {
    let list = home.path("steps");
    home.run_hooked(program, &["--now", now], &format!("list:{}", list.display()));
    let text = std::fs::read_to_string(&list).unwrap();
    std::fs::remove_file(list).unwrap();
    text.lines().count()
}

fn half() -> Bench {
    Bench::new().bad(Answer::ok(&GOOD[..40]))
}

/// At each step: whatever is done from there on fails as on a full disk.
#[test]
fn a_disk_that_is_full_from_any_step_of_the_fetcher_on() {
    let last = steps(&half().home, "fetcher", FETCH);
    assert!(last > 40, "{last}");
    for step in 1..=last {
        let bench = half();
        full_at(&bench, "fetcher", FETCH, step);
        bench.fetch("2026-11-21T10:01:00Z").exits(0).is_silent();
        reads(bench.summarize(CLOSED));
        assert!((1..=2).contains(&bench.counted()), "step {step}");
        bench.is_settled();
    }
}

#[test]
fn a_disk_that_is_full_from_any_step_of_the_summarizer_on() {
    let dry = half();
    dry.fetch(FETCH).exits(0);
    let last = steps(&dry.home, "summarizer", CLOSED);
    assert!(last > 80, "{last}");
    for step in 1..=last {
        let bench = half();
        bench.fetch(FETCH).exits(0);
        full_at(&bench, "summarizer", CLOSED, step);
        reads(bench.summarize(LATER));
        assert_eq!(bench.counted(), 1, "step {step}");
        assert_eq!(bench.home.files("data/quarantine/bad").len(), 2, "step {step}");
        bench.is_settled();
    }
}

/// All is done, but for what cannot be read.
#[track_caller]
fn reads(ran: Ran) {
    let unread = ran.stderr.contains("items that could not be read");
    ran.exits(i32::from(unread));
}

fn full_at(bench: &Bench, program: &str, now: &str, step: usize) {
    let ran = bench.home.run_hooked(program, &["--now", now], &format!("full:{step}"));
    assert!(matches!(ran.code, Some(0..=2)), "step {step}: {}", ran.stderr);
    let told = ran.stderr.contains("the disk is full") || ran.stderr.contains("full");
    assert!(ran.code == Some(0) || told, "step {step}: {:?} {}", ran.code, ran.stderr);
}

/// A full disk takes a part of a line; nothing may follow it, so that it stays a torn tail, which
/// the next run cuts.
#[test]
fn nothing_follows_a_torn_line() {
    let Some(disk) = Disk::mount() else { return };
    disk.fill(2);
    let path = disk.0.join("journal");
    let door = daybook::edge::disk::Disk::new(daybook::domain::gate::Gate::open());
    let mut journal = door.append_to(&path).unwrap();
    let line = format!("{}\n", "x".repeat(2999));
    let whole = (0..9).take_while(|_| journal.append(&line).is_ok()).count();
    disk.relieve();
    let failed = journal.append("last\n").unwrap_err();
    assert!(failed.is_full() && failed.to_string().contains("hint: the disk is full"), "{failed}");
    let text = std::fs::read_to_string(path).unwrap();
    let torn = text.strip_prefix(&line.repeat(whole)).unwrap();
    assert!(whole > 0 && !torn.is_empty() && torn.bytes().all(|byte| byte == b'x'), "{torn:?}");
}
