//! The crontab of this user, through crontab(1), which checks what it is given.

use chrono_tz::Tz;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Why a crontab could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("cannot {doing} the crontab: {cause}")]
pub struct Error {
    doing: &'static str,
    cause: String,
}

/// The zones in which this machine's cron may read its lines: that of the machine, UTC where
/// nothing says another; and one that the environment names, where cron may have started with it.
pub fn zones(named: Option<&str>) -> Vec<Tz> {
    let machine = machine_zone();
    let named = named.and_then(|name| name.trim_start_matches(':').parse().ok());
    let other = named.filter(|named| *named != machine);
    [machine].into_iter().chain(other).collect()
}

fn machine_zone() -> Tz {
    let linked = std::fs::canonicalize("/etc/localtime").unwrap_or_default();
    let linked = linked.to_string_lossy().into_owned();
    let linked = linked.split_once("/zoneinfo/").map(|(_, name)| name.to_string());
    let named = || std::fs::read_to_string("/etc/timezone").ok();
    let of = |name: String| name.trim().parse().ok();
    linked.and_then(of).or_else(|| named().and_then(of)).unwrap_or(Tz::UTC)
}

/// Where daemons of cron are: cronie's is the second one.
const DAEMONS: [&str; 4] = ["/usr/sbin/cron", "/usr/sbin/crond", "/sbin/crond", "/usr/bin/crond"];

/// Whether this machine's cron reads lines in the zone that a line before them names: cronie does,
/// and knows the name of the variable; Debian's own does not. Where there are several, all must.
pub fn takes_zone() -> bool {
    let name = b"CRON_TZ";
    let knows = |bytes: Vec<u8>| bytes.windows(name.len()).any(|part| part == name);
    let daemons: Vec<bool> =
        DAEMONS.iter().filter_map(|path| std::fs::read(path).ok()).map(knows).collect();
    !daemons.is_empty() && daemons.iter().all(|knows| *knows)
}

/// Where a mail program is besides the folders of programs: cron knows the first two itself.
const MAILERS: [&str; 2] = ["/usr/sbin", "/usr/lib"];

/// Whether there is a program by which cron can mail what a run says: one of these folders, or of
/// those where it stands, has `sendmail`.
pub fn has_mailer(folders: &[PathBuf]) -> bool {
    let own = MAILERS.iter().map(PathBuf::from);
    own.chain(folders.iter().cloned()).any(|folder| folder.join("sendmail").is_file())
}

/// The crontab of this user; empty when there is none yet.
pub fn read() -> Result<Vec<u8>, Error> {
    let error = |cause: String| Error { doing: "read", cause };
    let output = Command::new("crontab")
        .arg("-l")
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output()
        .map_err(|cause| error(missing(&cause)))?;
    let said = String::from_utf8_lossy(&output.stderr).trim().to_string();
    if output.status.success() {
        return Ok(output.stdout);
    }
    if said.contains("no crontab for") { Ok(Vec::new()) } else { Err(error(said)) }
}

/// The machine's own crontabs that may be read, by their paths.
pub fn system() -> Vec<(PathBuf, String)> {
    let folder = std::fs::read_dir("/etc/cron.d").into_iter().flatten().flatten();
    let paths = folder.map(|entry| entry.path()).chain([PathBuf::from("/etc/crontab")]);
    let texts = paths.filter(|path| path.is_file());
    texts.filter_map(|path| Some((path.clone(), std::fs::read_to_string(&path).ok()?))).collect()
}

/// Puts a text in place of the crontab of this user, and reads it again: another program that
/// wrote at the same time would have lost its lines, or ours.
pub fn write(text: &[u8]) -> Result<(), Error> {
    let error = |cause: String| Error { doing: "write", cause };
    let mut child = Command::new("crontab")
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|cause| error(missing(&cause)))?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(text).map_err(|cause| error(cause.to_string()))?;
    }
    let output = child.wait_with_output().map_err(|cause| error(cause.to_string()))?;
    if !output.status.success() {
        return Err(error(String::from_utf8_lossy(&output.stderr).trim().to_string()));
    }
    if read()? != text {
        return Err(error("another program writes it too\nhint: try again".into()));
    }
    Ok(())
}

fn missing(cause: &std::io::Error) -> String {
    match cause.kind() {
        std::io::ErrorKind::NotFound => {
            "there is no crontab command\nhint: install cron, or use systemd timers".into()
        }
        _ => cause.to_string(),
    }
}
