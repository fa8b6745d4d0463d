//! What can be wrong with that which starts the programs.

use super::Ward;
use chrono::{TimeDelta, Utc};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

pub fn mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

const CURE: &str = "fetcher install --yes";

#[test]
fn a_crontab_without_our_lines_is_told() {
    let ward = Ward::new();
    let said = "nothing runs fetcher, summarizer and analyzer for this home";
    ward.is_told(&["--offline"], "cron", said, CURE);
    // Each of them is missed by itself.
    for program in ["fetcher", "summarizer", "analyzer"] {
        let is_other = |line: &&str| !line.contains(&format!("/{program} "));
        let lines: Vec<String> =
            ward.installed().lines().filter(is_other).map(String::from).collect();
        ward.crontab(&lines.join("\n"));
        let said = format!("nothing runs {program} for this home");
        ward.is_told(&["--offline"], "cron", &said, CURE);
    }
    // Lines that are switched off, of another home, or of another program are none of ours.
    let home = ward.home.home().display().to_string();
    let off: String = ward.installed().lines().map(|line| format!("#{line}\n")).collect();
    let others = ward.installed().replace(&home, &format!("{home}2"));
    let backup = format!("0 3 * * * tar -c {home} >/dev/null\n");
    for lines in [off, others, backup] {
        ward.crontab(&lines);
        ward.is_told(&["--offline"], "cron", "nothing runs fetcher", CURE);
    }
    ward.crontab(&ward.installed());
    ward.is_well(&["--offline"], "cron");
    // By hand, as a person would write it.
    let by_hand = |program: &str| format!("*/1 * * * * cd / && nice {program} --home {home}/ -q\n");
    ward.crontab(&["fetcher", "/opt/summarizer", "'/opt/analyzer'"].map(by_hand).concat());
    ward.is_well(&["--offline"], "cron");
}

/// The runs that a new user makes first are no sign that cron is at work.
#[test]
fn runs_by_hand_do_not_stand_for_lines_of_cron() {
    let ward = Ward::new().at_work();
    ward.is_well(&["--offline"], "cron");
    ward.crontab("");
    for program in ["fetcher", "summarizer", "analyzer"] {
        let said = format!("{program}: ran lately, and by no line or timer");
        ward.is_told(&["--offline"], "cron", &said, CURE);
    }
}

#[test]
fn a_cron_that_cannot_mail_is_told() {
    let ward = Ward::new().at_work();
    std::fs::remove_file(ward.outside("bin/sendmail")).unwrap();
    if ["/usr/sbin", "/usr/lib", "/usr/bin"]
        .iter()
        .any(|at| Path::new(at).join("sendmail").exists())
    {
        eprintln!("NOT RUN: this machine has a mail program");
        return;
    }
    ward.examined(&["--offline"]).exits(0).says("no mail program").says("fetcher status");
}

#[test]
fn without_a_crontab_command_it_is_told_as_not_run() {
    let ward = Ward::new();
    let mut command = ward.command(&["--offline", "--json"]);
    command.env("PATH", ward.outside.path());
    super::is_told(ward.examined_by(command), "cron", "nothing runs fetcher", CURE);
}

#[test]
fn a_program_that_never_ran_or_not_for_long_is_told() {
    let ward = Ward::new();
    ward.is_told(
        &["--offline"],
        "runs",
        "no program has run in this home yet",
        "systemctl status cron",
    );
    let ward = ward.at_work();
    ward.is_well(&["--offline"], "runs");
    // The first report comes after the first midnight; of an older home there should be one.
    std::fs::remove_dir_all(ward.home.path("reports")).unwrap();
    ward.examined(&["--offline"]).exits(0).says("the last report: none yet");
    let began = std::fs::File::options().write(true).open(ward.home.path("data/.state/home.json"));
    let before = std::time::SystemTime::now() - std::time::Duration::from_secs(27 * 3_600);
    began.unwrap().set_modified(before).unwrap();
    ward.is_told(&["--offline"], "runs", "the last report: never", "analyzer -v by hand");
    std::fs::create_dir_all(ward.home.path("reports")).unwrap();
    std::fs::write(ward.home.path("reports/daybook_2026-11-21.pdf"), "").unwrap();
    let later = |hours: i64| {
        let later = Utc::now() + TimeDelta::hours(hours);
        later.format("%Y-%m-%dT%H:%M:%SZ").to_string()
    };
    let now = later(1);
    ward.is_told(
        &["--offline", "--now", &now],
        "runs",
        "the last run of the fetcher",
        "fetcher -v by hand",
    );
    let now = later(30);
    ward.is_told(
        &["--offline", "--now", &now],
        "runs",
        "the last run of the summarizer",
        "systemctl",
    );
    ward.is_told(&["--offline", "--now", &now], "runs", "29 hours ago", "analyzer -v by hand");
    let now = later(-2);
    ward.is_told(&["--offline", "--now", &now], "runs", "still to come", "was the clock wrong");
}
