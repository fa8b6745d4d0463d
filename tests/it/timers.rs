//! `fetcher install`: timers of systemd, and the lines of a crontab by its daemon's zone.

use crate::sandbox::{Ran, Sandbox, temporary};
use std::fs::{read_to_string, write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A home whose path is odd, and a folder of settings.
struct Bench {
    home: Sandbox,
    outside: tempfile::TempDir,
    _parent: tempfile::TempDir,
}

impl Bench {
    fn new(settings: &str) -> Bench {
        let (parent, outside) = (temporary(), temporary());
        let odd = parent.path().join("day \"book\" 100% $HOME \\");
        std::fs::create_dir(&odd).unwrap();
        let home = Sandbox::within(&odd, "");
        home.settings(settings);
        let bench = Bench { home, outside, _parent: parent };
        bench.script("crontab", "cat \"$(dirname \"$0\")/lines\" 2>/dev/null");
        bench
    }

    fn script(&self, name: &str, text: &str) {
        let path = self.outside.path().join(name);
        write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn units(&self) -> PathBuf {
        self.outside.path().join("systemd/user")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.home.command("fetcher", &[&["install"], arguments].concat());
        let path = format!("{}:/usr/bin:/bin", self.outside.path().display());
        command.env("PATH", path).env("XDG_CONFIG_HOME", self.outside.path()).env_remove("TZ");
        command
    }

    fn ran(&self, mut command: Command) -> Ran {
        Ran::of(command.output().unwrap(), "fetcher", &["install"], &self.home)
    }

    fn install(&self, arguments: &[&str]) -> Ran {
        self.ran(self.command(arguments))
    }

    /// The files in the folder of units, by the ends of their names.
    fn files(&self) -> Vec<String> {
        let walk = walkdir::WalkDir::new(self.units()).sort_by_file_name().into_iter().flatten();
        let files = walk.filter(|entry| !entry.file_type().is_dir());
        files.map(|entry| entry.path().display().to_string()).collect()
    }
}

fn has_systemd() -> bool {
    let there = Path::new("/usr/bin/systemd-analyze").exists();
    if !there {
        eprintln!("NOT RUN: there is no systemd-analyze to check units");
    }
    there
}

#[test]
fn timers_are_shown_written_switched_on_and_taken_back() {
    let bench = Bench::new("[report]\nzone = \"Europe/Paris\"\n");
    for shown in [&["--systemd"][..], &["--systemd", "--dry-run"]] {
        let ran = bench.install(shown).exits(0).says("OnCalendar=*-*-* 00:15:00 Europe/Paris");
        ran.says("Persistent=true");
        assert!(!bench.units().exists());
    }
    let ran = bench.install(&["--systemd", "--yes"]).exits(0);
    assert!(!ran.stderr.contains("systemd says"), "{}", ran.about);
    let all = bench.files();
    let links = all.iter().filter(|path| path.contains("timers.target.wants")).count();
    assert_eq!((all.len(), links), (13, 3), "{all:#?}");
    if has_systemd() {
        let units: Vec<&String> = all.iter().filter(|path| !path.contains("wants")).collect();
        let verified = Command::new("systemd-analyze").arg("verify").args(&units).output().unwrap();
        let said = String::from_utf8_lossy(&verified.stderr);
        assert!(verified.status.success() && said.is_empty(), "{said}");
    }
    // Written again nothing changes; a weekly report that a person switched on stays so.
    let week = all.iter().find(|path| path.ends_with("-week.timer")).unwrap();
    let wants =
        bench.units().join("timers.target.wants").join(Path::new(week).file_name().unwrap());
    std::os::unix::fs::symlink(week, &wants).unwrap();
    bench.install(&["--systemd", "--yes"]).exits(0);
    assert_eq!(bench.files().len(), 14);
    let foreign = bench.units().join("mine.timer");
    write(&foreign, "[Timer]\n").unwrap();
    bench.install(&["--systemd", "--remove"]).exits(0);
    assert_eq!(bench.files(), [foreign.display().to_string()]);
    bench.install(&["--systemd", "--remove", "-v"]).exits(0).says("has no timers of systemd");
}

#[test]
fn files_of_others_are_left_alone_and_so_is_a_home_that_cron_runs() {
    let bench = Bench::new("");
    bench.install(&["--systemd", "--yes"]).exits(0);
    let service = bench.files().into_iter().find(|path| path.ends_with("-fetcher.service"));
    let service = service.unwrap();
    std::fs::copy(&service, bench.units().join("kept")).unwrap();
    write(&service, "[Service]\nExecStart=/bin/true\n").unwrap();
    for arguments in [["--systemd", "--yes"], ["--systemd", "--remove"]] {
        bench.install(&arguments).exits(2).says("was not written by `fetcher install`");
    }
    assert_eq!(read_to_string(&service).unwrap(), "[Service]\nExecStart=/bin/true\n");
    assert_eq!(bench.files().len(), 14);
    write(&service, read_to_string(bench.units().join("kept")).unwrap()).unwrap();
    bench.install(&["--yes"]).exits(2).says("timers of systemd run this home already");
    std::fs::remove_dir_all(bench.units()).unwrap();
    let lines = bench.install(&[]).exits(0).stdout;
    write(bench.outside.path().join("lines"), lines).unwrap();
    bench.install(&["--systemd", "--yes"]).exits(2).says("your crontab runs this home already");
    assert!(!bench.units().exists());
}

#[test]
fn units_that_systemd_refuses_are_told() {
    let bench = Bench::new("");
    bench.script("systemd-analyze", "test \"$1\" != verify || { echo 'bad unit' >&2; exit 1; }");
    bench.install(&["--systemd", "--yes"]).exits(1).says("bad unit");
    bench.script("systemd-analyze", "exit 1");
    bench.install(&["--systemd", "--yes"]).exits(2).says("does not take the zone UTC");
    let mut command = bench.command(&["--systemd", "--yes"]);
    command.env_remove("XDG_CONFIG_HOME").env_remove("HOME");
    bench.script("systemd-analyze", "exit 0");
    bench.ran(command).exits(2).says("hint: set HOME");
}

/// Where cron may have been started with another zone than the machine's, its line is late enough
/// for both.
#[test]
fn the_zone_of_the_environment_is_heeded() {
    let bench = Bench::new("[report]\nzone = \"UTC\"\n");
    let line = |zone: &str| {
        let mut command = bench.command(&[]);
        command.env("TZ", zone);
        bench.ran(command).exits(0).stdout
    };
    let (plain, moved) = (line(""), line(":Asia/Kolkata"));
    assert!(!plain.contains("Kolkata"), "{plain}");
    assert!(moved.contains("Asia/Kolkata: there") && moved.contains("\n45 5 * * * "), "{moved}");
    assert_eq!(line("no zone at all"), plain);
}

/// A daemon that knows the name of the variable is told the zone; Debian's own does not, and the
/// line is moved. The daemon is put in place in a namespace of its own.
#[test]
fn a_daemon_that_takes_a_zone_is_told_it() {
    let bench = Bench::new("[report]\nzone = \"Asia/Kolkata\"\n");
    if !rustix::process::geteuid().is_root() || !Path::new("/usr/sbin/cron").exists() {
        eprintln!("NOT RUN: another daemon needs root and the place of one");
        return;
    }
    let with = |daemon: &str| {
        write(bench.outside.path().join("daemon"), daemon).unwrap();
        let plain = bench.command(&[]);
        let mut command = Command::new("unshare");
        let script = "mount --bind \"$DAEMON\" /usr/sbin/cron && exec \"$0\" \"$@\"";
        command.args(["--mount", "sh", "-c", script]).arg(plain.get_program());
        command.args(plain.get_args()).env("DAEMON", bench.outside.path().join("daemon"));
        let path = format!("{}:/usr/bin:/bin", bench.outside.path().display());
        command.env("PATH", path);
        bench.ran(command).exits(0).stdout
    };
    let plain = with("\x7fELF MAILTO SHELL HOME");
    assert!(!plain.contains("CRON_TZ") && plain.contains(" of Asia/Kolkata is "), "{plain}");
    let zoned = with("\x7fELF MAILTO CRON_TZ SHELL");
    assert!(zoned.contains("\nCRON_TZ=Asia/Kolkata\n45 0 * * * "), "{zoned}");
    assert!(zoned.contains("\nCRON_TZ=\"\"\n# <<< daybook"), "{zoned}");
}
