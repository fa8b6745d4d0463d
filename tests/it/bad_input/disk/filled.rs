//! A disk that somebody else filled to the last page, or the last file: with what the summarizer
//! has set aside it empties `data/`, wherever its store is.

use super::super::{Bench, CLOSED, FETCH, LATER};
use super::{Disk, elsewhere_sqlite, reserve};
use crate::sandbox::Sandbox;
use std::path::{Path, PathBuf};

const NEXT: &str = "2026-11-21T10:01:00Z";
const PLACES: [bool; 2] = [true, false];

/// A home on a disk of eight megabytes, and where its store is.
struct Filled {
    bench: Bench,
    disk: Disk,
    elsewhere: tempfile::TempDir,
}

impl Filled {
    /// A home of which the store is there already, with two answers that wait.
    fn new(store_too: bool) -> Option<Filled> {
        let disk = Disk::of("size=8m,nr_inodes=400")?;
        let elsewhere = tempfile::tempdir().unwrap();
        let place = if store_too { &disk.0 } else { elsewhere.path() };
        let bench = Bench::over(Sandbox::within(&disk.0, &elsewhere_sqlite(place)));
        reserve(&bench.home, "0B");
        bench.summarize(FETCH).exits(0);
        bench.fetch(FETCH).exits(0).is_silent();
        bench.fetch(NEXT).exits(0).is_silent();
        assert_eq!(bench.home.files("data/.state/reserve").len(), 16);
        Some(Filled { bench, disk, elsewhere })
    }

    fn full(store_too: bool) -> Option<Filled> {
        let filled = Filled::new(store_too)?;
        filled.disk.fill(0);
        Some(filled)
    }

    /// Takes the last file that the disk can name.
    fn without_names(&self) -> usize {
        let name = |n: &usize| self.disk.0.join(format!("name-{n}"));
        let made = (0..).take_while(|n| std::fs::write(name(n), "").is_ok()).count();
        assert!(made > 100, "{made}");
        made
    }

    /// Nothing is left of runs and batches but a journal in its place.
    #[track_caller]
    fn is_emptied(&self) {
        self.bench.is_settled();
        assert_eq!(self.bench.counted(), 2);
        for folder in ["data/.tmp", "data/.batches/good", "data/.batches/daybook"] {
            let folder = std::fs::read_dir(self.bench.home.path(folder)).unwrap();
            assert_eq!(folder.count(), 0);
        }
    }

    /// With room again all is as before.
    #[track_caller]
    fn recovers(&self) {
        self.disk.relieve();
        self.bench.summarize(LATER).exits(0);
        self.is_emptied();
        assert_eq!(self.bench.home.files("data/.state/reserve").len(), 16);
        assert!(self.elsewhere.path().exists());
    }

    /// The steps of a summarizer, written down elsewhere.
    fn steps(&self) -> Vec<String> {
        let list = self.elsewhere.path().join("steps");
        let hook = format!("list:{}", list.display());
        self.bench.home.run_hooked("summarizer", &["--now", CLOSED], &hook);
        std::fs::read_to_string(list).unwrap().lines().map(str::to_string).collect()
    }
}

#[test]
fn a_disk_without_a_page_is_emptied() {
    for store_too in PLACES {
        let Some(filled) = Filled::full(store_too) else { return };
        let (bench, asked) = (&filled.bench, filled.bench.server.seen().len());
        let full = bench.fetch("2026-11-21T10:02:00Z").exits(2);
        full.says("nothing is fetched").says("hint: the disk is full");
        assert_eq!(bench.server.seen().len(), asked);
        bench.home.run("summarizer", &["status", "--now", CLOSED]).exits(0);
        bench.audits();
        bench.summarize(CLOSED).exits(0).is_silent();
        filled.is_emptied();
        filled.recovers();
    }
}

#[test]
fn a_disk_that_can_name_no_file_is_emptied() {
    for store_too in PLACES {
        let Some(filled) = Filled::new(store_too) else { return };
        let made = filled.without_names();
        filled.bench.summarize(CLOSED).exits(0).is_silent();
        filled.is_emptied();
        for n in 0..made {
            std::fs::remove_file(filled.disk.0.join(format!("name-{n}"))).unwrap();
        }
        filled.disk.fill(4000);
        filled.recovers();
    }
}

#[test]
fn a_run_that_is_killed_on_a_full_disk_leaves_enough_to_the_next() {
    let mut kills = 0;
    for store_too in PLACES {
        let Some(filled) = Filled::full(store_too) else { return };
        let steps = filled.steps();
        let gives_up = steps.iter().position(|step| step == "disk.give-up").unwrap() + 1;
        let near = gives_up.saturating_sub(2)..gives_up + 6;
        for step in near.chain((gives_up + 6..=steps.len()).step_by(9)) {
            let Some(filled) = Filled::full(store_too) else { return };
            let hook = format!("kill:{step}");
            let killed = filled.bench.home.run_hooked("summarizer", &["--now", CLOSED], &hook);
            kills += usize::from(killed.code.is_none());
            filled.bench.audits();
            filled.bench.summarize(CLOSED).exits(0);
            filled.bench.summarize(LATER).exits(0);
            filled.recovers();
        }
    }
    // The last steps come only where there was room.
    assert!(kills > 20, "{kills}");
}

#[test]
fn a_reserve_that_was_given_up_in_part_is_used_and_then_made_whole() {
    for store_too in PLACES {
        let Some(filled) = Filled::new(store_too) else { return };
        for n in [0, 3, 7, 15] {
            let path = filled.bench.home.path(&format!("data/.state/reserve/{n}"));
            std::fs::remove_file(path).unwrap();
        }
        filled.disk.fill(0);
        filled.bench.summarize(CLOSED).exits(0).is_silent();
        filled.is_emptied();
        filled.recovers();
    }
}

/// Without a reserve nothing can be done: each try says so, and leaves nothing of its own.
#[test]
fn tries_on_a_full_disk_leave_nothing_behind() {
    for store_too in PLACES {
        let Some(filled) = Filled::new(store_too) else { return };
        std::fs::remove_dir_all(filled.bench.home.path("data/.state/reserve")).unwrap();
        filled.disk.fill(0);
        let everything = || -> Vec<PathBuf> {
            let walk = walkdir::WalkDir::new(filled.bench.home.path("data")).sort_by_file_name();
            let paths = walk.into_iter().map(|entry| entry.unwrap().into_path());
            paths.filter(|path| !path.ends_with("fetch.log")).collect()
        };
        filled.bench.summarize(CLOSED);
        let before = everything();
        for _ in 0..3 {
            let ran = filled.bench.summarize(CLOSED);
            assert!(matches!(ran.code, Some(1..=2)), "{}", ran.about);
            ran.says("disk is full");
        }
        assert_eq!(everything(), before);
        filled.bench.fetch("2026-11-21T11:06:00Z").exits(2).says("the disk is full");
        assert_eq!(everything(), before);
        filled.bench.audits();
        filled.recovers();
    }
}

/// A run whose journal cannot be written says so, and does its work.
#[test]
fn without_a_journal_the_sources_are_emptied() {
    let dry = Bench::new();
    dry.fetch(FETCH).exits(0);
    let list = dry.home.path("steps");
    dry.home.run_hooked("summarizer", &["--now", CLOSED], &format!("list:{}", list.display()));
    let steps = std::fs::read_to_string(list).unwrap();
    let of = |name: &str| steps.lines().zip(1..).find(|(step, _)| *step == name).unwrap().1;
    for step in [of("disk.create"), of("disk.append"), of("disk.append-sync")] {
        let bench = Bench::new();
        bench.fetch(FETCH).exits(0);
        let ran = bench.home.run_hooked("summarizer", &["--now", CLOSED], &format!("fail:{step}"));
        ran.exits(1).says("the journal of this run is not whole");
        assert!(is_bare(bench.home.home()));
        bench.is_settled();
        assert_eq!(bench.counted(), 1);
        bench.summarize(LATER).exits(0).is_silent();
    }
}

/// Whether no run has left a folder.
fn is_bare(home: &Path) -> bool {
    std::fs::read_dir(home.join("data/.tmp")).unwrap().count() == 0
}
