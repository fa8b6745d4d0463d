//! The units of systemd that run the three programs for one home: a service and a timer for each.

use super::crontab::clock::later;
use super::hash::Digest;
use chrono_tz::Tz;
use std::path::Path;

/// A file of systemd, and whether it is switched on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unit {
    pub name: String,
    pub text: String,
    pub is_on: bool,
}

/// Why no units are written.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{path} cannot stand in a unit of systemd: {why}\n\
     hint: move it to a path without, or use a link to it that has none"
)]
pub struct Refused {
    path: String,
    why: &'static str,
}

/// What is run for a home, and when.
struct Job {
    /// What the unit is called.
    name: &'static str,
    program: &'static str,
    arguments: &'static str,
    is_on: bool,
}

const JOBS: [Job; 5] = [
    Job { name: "fetcher", program: "fetcher", arguments: "run", is_on: true },
    Job { name: "summarizer", program: "summarizer", arguments: "run", is_on: true },
    Job { name: "analyzer", program: "analyzer", arguments: "report", is_on: true },
    Job { name: "week", program: "analyzer", arguments: "report --week", is_on: false },
    Job { name: "month", program: "analyzer", arguments: "report --month", is_on: false },
];

/// What the units need to know: the folder of the programs and the home, both absolute.
#[derive(Clone, Debug)]
pub struct Units {
    programs: String,
    home: String,
}

impl Units {
    pub fn new(programs: &Path, home: &Path) -> Result<Units, Refused> {
        Ok(Units { programs: writable(programs)?, home: writable(home)? })
    }

    /// The first line of each file, by which a home knows its own.
    pub fn mark(&self) -> String {
        format!("# daybook {}: by `fetcher install --systemd`, taken back by --remove", self.home)
    }

    /// The names of all units of this home, whether they are there or not.
    pub fn names(&self) -> Vec<String> {
        let each = JOBS.iter().flat_map(|job| [self.name(job, "service"), self.name(job, "timer")]);
        each.collect()
    }

    /// The units, for reports of the days of `zone`.
    pub fn all(&self, zone: Tz) -> Vec<Unit> {
        JOBS.iter().flat_map(|job| [self.service(job), self.timer(job, zone)]).collect()
    }

    /// Homes have units of their own: their paths are told apart by a hash.
    fn name(&self, job: &Job, kind: &str) -> String {
        format!("daybook-{}-{}.{kind}", Digest::of(self.home.as_bytes()).short(8), job.name)
    }

    fn service(&self, job: &Job) -> Unit {
        let program = quoted(&format!("{}/{}", self.programs, job.program));
        let text = format!(
            "{}\n[Unit]\nDescription=Daybook: {} of {}\n\n[Service]\nType=oneshot\n\
             ExecStart={program} --home {} {}\n",
            self.mark(),
            job.name,
            self.home.replace('%', "%%"),
            quoted(&self.home).replace('$', "$$"),
            job.arguments
        );
        Unit { name: self.name(job, "service"), text, is_on: false }
    }

    fn timer(&self, job: &Job, zone: Tz) -> Unit {
        let (reason, when) = moment(job, zone);
        let text = format!(
            "{}\n[Unit]\nDescription=Daybook: when {} of {} runs\n\n[Timer]\n{reason}\n\
             OnCalendar={when}\nAccuracySec=1s\n\
             # What was missed while this machine was off is run once, when it is on again.\n\
             Persistent=true\n\n[Install]\nWantedBy=timers.target\n",
            self.mark(),
            job.name,
            self.home.replace('%', "%%")
        );
        Unit { name: self.name(job, "timer"), text, is_on: job.is_on }
    }
}

/// When a job runs, and why then.
fn moment(job: &Job, zone: Tz) -> (&'static str, String) {
    // The hour in which its day ends must be counted.
    let at = |minute: i32| {
        let minute = minute + later(zone);
        format!("{:02}:{:02}:00", minute / 60, minute % 60)
    };
    match job.name {
        "fetcher" => (
            "# Each minute is a tick, not a rate: every source has a period of its own.",
            "*-*-* *:*:00 UTC".into(),
        ),
        "summarizer" => (
            "# An hour closes two minutes after its end; at minute 5 it is summarised.",
            "*-*-* *:05:00 UTC".into(),
        ),
        "week" => ("# The report of the week before.", format!("Mon *-*-* {} {zone}", at(20))),
        "month" => ("# The report of the month before.", format!("*-*-01 {} {zone}", at(25))),
        _ => (
            "# Yesterday's report, and any of the last days that is missing or has changed.",
            format!("*-*-* {} {zone}", at(15)),
        ),
    }
}

/// A path as a text that stays on its line.
fn writable(path: &Path) -> Result<String, Refused> {
    let refused = |why| Refused { path: format!("{path:?}"), why };
    let text = path.to_str().ok_or_else(|| refused("it is no UTF-8 text"))?;
    if text.chars().any(char::is_control) {
        return Err(refused("it has a control character, such as the end of a line"));
    }
    Ok(text.into())
}

/// A word of a command line of systemd, with its % signs doubled; in arguments, but not in the
/// name of the program, a $ must be doubled too.
fn quoted(word: &str) -> String {
    let word = word.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%");
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@,=%".contains(c);
    if word.chars().all(plain) { word } else { format!("\"{word}\"") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(home: &str) -> Vec<Unit> {
        let units = Units::new(Path::new("/usr/local/bin"), Path::new(home)).unwrap();
        units.all(chrono_tz::Europe::Paris)
    }

    #[test]
    fn each_program_has_a_service_and_a_timer_that_makes_up_for_what_was_missed() {
        let all = units("/srv/daybook");
        let text = |end: &str| &all.iter().find(|unit| unit.name.ends_with(end)).unwrap().text;
        let start = "ExecStart=/usr/local/bin/fetcher --home /srv/daybook run\n";
        assert!(text("-fetcher.service").contains(start));
        assert!(text("-analyzer.timer").contains("OnCalendar=*-*-* 00:15:00 Europe/Paris\n"));
        let timers: Vec<_> = all.iter().filter(|unit| unit.name.ends_with(".timer")).collect();
        assert!(timers.iter().all(|unit| unit.text.contains("\nPersistent=true\n")));
        assert_eq!(timers.iter().filter(|unit| unit.is_on).count(), 3);
    }

    #[test]
    fn odd_paths_are_quoted_or_refused() {
        let start = r#"--home "/srv/a b\"100%% $$HOME\\" run"#;
        assert!(units("/srv/a b\"100% $HOME\\").iter().any(|unit| unit.text.contains(start)));
        let bad = Units::new(Path::new("/bin"), Path::new("/srv/a\nExecStart=/bin/true"));
        assert!(bad.unwrap_err().to_string().contains("cannot stand in a unit"));
    }
}
