//! What an examination of a home finds, in words: of each check whether all is well, what is wrong
//! with its cure, or why nobody can tell.

pub mod hosts;

use super::document::Doc;
use super::format::english;
use super::time::Instant;
use std::fmt::Write;
use std::time::Duration;

/// How long all hosts together, and then the store, may take to answer: a person waits.
pub const PATIENCE: Duration = Duration::from_secs(15);

/// How long ago the last run of each program may be, in minutes. Cron starts a fetcher each minute,
/// a summarizer each hour, which may last fifty minutes, and a report each day, which may have an
/// hour more where clocks change.
const FETCHER_SILENT: i64 = 5;
const SUMMARIZER_SILENT: i64 = 130;
const REPORT_SILENT: i64 = 26 * 60;

/// What is looked at, in the order in which it is told.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Check {
    Sources,
    Contact,
    Dns,
    Tls,
    Hosts,
    Clock,
    Disk,
    Permissions,
    Secrets,
    Store,
    Archive,
    Cron,
    Runs,
}

impl Check {
    pub fn name(self) -> &'static str {
        match self {
            Check::Sources => "sources",
            Check::Contact => "contact",
            Check::Dns => "dns",
            Check::Tls => "tls",
            Check::Hosts => "hosts",
            Check::Clock => "clock",
            Check::Disk => "disk",
            Check::Permissions => "permissions",
            Check::Secrets => "secrets",
            Check::Store => "store",
            Check::Archive => "archive",
            Check::Cron => "cron",
            Check::Runs => "runs",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    Well,
    Wrong,
    /// Nobody can tell here and now.
    Unknown,
}

impl Verdict {
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Well => "well",
            Verdict::Wrong => "wrong",
            Verdict::Unknown => "unknown",
        }
    }
}

/// What one check found of one thing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    pub check: Check,
    pub verdict: Verdict,
    pub said: String,
    /// What mends it, or lets one tell.
    pub cure: Option<String>,
}

impl Finding {
    pub fn well(check: Check, said: impl Into<String>) -> Finding {
        Finding { check, verdict: Verdict::Well, said: said.into(), cure: None }
    }

    pub fn wrong(check: Check, said: impl Into<String>, cure: impl Into<String>) -> Finding {
        let cure = Some(cure.into());
        Finding { check, verdict: Verdict::Wrong, said: said.into(), cure }
    }

    pub fn unknown(check: Check, said: impl Into<String>) -> Finding {
        Finding { check, verdict: Verdict::Unknown, said: said.into(), cure: None }
    }

    /// Of an error for people: a line of it that is a hint is the cure, else `cure` is.
    pub fn of_words(check: Check, words: &str, cure: &str) -> Finding {
        let (said, hint) = words.split_once("\nhint: ").unwrap_or((words, cure));
        Finding::wrong(check, said, hint.replace("\nhint: ", "; "))
    }

    fn line(&self) -> String {
        let mark = match self.verdict {
            Verdict::Well => "ok   ",
            Verdict::Wrong => "WRONG",
            Verdict::Unknown => "?    ",
        };
        let said = self.said.replace('\n', "\n                     ");
        let mut out = format!("{mark}  {:<12}  {said}\n", self.check.name());
        if let Some(cure) = &self.cure {
            let _ = writeln!(out, "                     cure: {cure}");
        }
        out
    }

    fn doc(&self) -> Doc {
        Doc::map([
            ("check", Doc::text(self.check.name())),
            ("verdict", Doc::text(self.verdict.name())),
            ("said", Doc::text(&*self.said)),
            ("cure", Doc::option(self.cure.as_deref(), Doc::text)),
        ])
    }
}

/// How many of these are wrong.
pub fn wrong(findings: &[Finding]) -> usize {
    findings.iter().filter(|finding| finding.verdict == Verdict::Wrong).count()
}

/// For people: a line for each finding, and the sum.
pub fn lines(findings: &[Finding]) -> String {
    let wrong = wrong(findings) as u64;
    let unknown = findings.iter().filter(|one| one.verdict == Verdict::Unknown).count() as u64;
    let mut out: String = findings.iter().map(Finding::line).collect();
    out += &match (wrong, unknown) {
        (0, 0) => "all is well\n".to_string(),
        (0, some) => {
            format!("nothing is wrong; {} not be told\n", english(some, "thing can", "things can"))
        }
        (some, _) => format!("{} wrong\n", english(some, "thing is", "things are")),
    };
    out
}

/// For programs.
pub fn doc(findings: &[Finding]) -> Doc {
    Doc::map([
        ("wrong", Doc::Int(wrong(findings) as i64)),
        ("findings", Doc::List(findings.iter().map(Finding::doc).collect())),
    ])
}

/// A disk in figures.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Room {
    /// Bytes that may still be written.
    pub free: u64,
    /// Bytes of the settings' reserve.
    pub reserve: u64,
    /// Whether a few more files may be made.
    pub has_files: bool,
}

/// The room on the disk of `place`.
pub fn room(place: &str, room: Room) -> Vec<Finding> {
    let (free, reserve) = (room.free >> 20, room.reserve >> 20);
    let mut found = Vec::new();
    if room.free < room.reserve {
        let said = format!(
            "{free} MiB are free on the disk of {place}, less than the reserve of {reserve} MiB: \
             nothing is fetched"
        );
        let cure = "make room on it, or lower fetcher.reserve in daybook.toml";
        found.push(Finding::wrong(Check::Disk, said, cure));
    } else {
        let said = format!("{free} MiB are free on the disk of {place}; {reserve} MiB must be");
        found.push(Finding::well(Check::Disk, said));
    }
    if !room.has_files {
        let said = format!("the disk of {place} can hold no more files (its inodes are used up)");
        found.push(Finding::wrong(Check::Disk, said, "remove small files: `df -i` shows where"));
    }
    found
}

/// When the three programs ran last.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LastRuns {
    pub fetcher: Option<Instant>,
    pub summarizer: Option<Instant>,
    pub report: Option<Instant>,
    /// When the home began, as far as that is known.
    pub began: Option<Instant>,
}

impl LastRuns {
    /// What each program did, its name, its last run, and how many minutes ago that may be.
    fn each(self) -> [(&'static str, &'static str, Option<Instant>, i64); 3] {
        [
            ("the last run of the fetcher", "fetcher", self.fetcher, FETCHER_SILENT),
            ("the last run of the summarizer", "summarizer", self.summarizer, SUMMARIZER_SILENT),
            ("the last report", "analyzer", self.report, REPORT_SILENT),
        ]
    }

    /// Whether a program ran when it should have.
    pub fn is_fresh(self, program: &str, now: Instant) -> bool {
        let mut each = self.each().into_iter().filter(|(_, name, ..)| *name == program);
        each.any(|(_, _, last, most)| last.is_some_and(|last| (now - last).num_minutes() <= most))
    }
}

/// The last run of each program, where each should be at work.
pub fn runs(runs: LastRuns, now: Instant) -> Vec<Finding> {
    if runs.each().iter().all(|(_, _, last, _)| last.is_none()) {
        let cure = "is cron at work (systemctl status cron; of timers systemctl --user \
                    list-timers)? by hand: fetcher -v";
        return vec![Finding::wrong(Check::Runs, "no program has run in this home yet", cure)];
    }
    let each = runs.each().into_iter();
    let is_young = |most: i64| runs.began.is_some_and(|at| (now - at).num_minutes() <= most);
    let found = each.map(|(what, program, last, most)| match last {
        None if is_young(most) => Finding::unknown(Check::Runs, format!("{what}: none yet")),
        _ => of_run(what, program, last, most, now),
    });
    found.collect()
}

fn of_run(what: &str, program: &str, last: Option<Instant>, most: i64, now: Instant) -> Finding {
    let cure = format!(
        "is cron at work (systemctl status cron; of timers systemctl --user list-timers)? its mail \
         tells why a run fails, and so does {program} -v by hand"
    );
    let Some(last) = last else {
        return Finding::wrong(Check::Runs, format!("{what}: never"), cure);
    };
    let minutes = (now - last).num_minutes();
    let said = format!("{what}: {}", last.format("%Y-%m-%d %H:%M UTC"));
    match minutes {
        _ if minutes > most => {
            let ago = if minutes < 180 {
                english(minutes.unsigned_abs(), "minute", "minutes")
            } else {
                english(minutes.unsigned_abs() / 60, "hour", "hours")
            };
            Finding::wrong(Check::Runs, format!("{said}, {ago} ago"), cure)
        }
        // A run may have begun since.
        i64::MIN..=-10 => {
            let cure = "was the clock wrong then, or is it now?";
            Finding::wrong(Check::Runs, format!("{said}, which is still to come"), cure)
        }
        _ => Finding::well(Check::Runs, said),
    }
}
