//! Units of systemd: the files of a user's folder and those of the machine, and systemd itself as
//! far as it is there.

use crate::domain::units::Unit;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where a machine keeps the units of its own.
const OF_MACHINE: &str = "/etc/systemd/system";

/// The folder, in that of units, of links to the timers that are switched on.
const WANTED: &str = "timers.target.wants";

/// What went wrong with a file of systemd.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot {doing} {}: {cause}", path.display())]
    Disk { doing: &'static str, path: PathBuf, cause: io::Error },
    #[error(
        "{} was not written by `fetcher install`: nothing was changed\n\
         hint: move it away", .0.display()
    )]
    Foreign(PathBuf),
}

/// A timer that is switched on, and the text of the service that it starts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Timer {
    pub path: PathBuf,
    pub service: String,
}

/// The timers that are switched on, of a user's folder and of the machine.
pub fn timers(own: Option<&Path>) -> Vec<Timer> {
    let folders = own.into_iter().chain([Path::new(OF_MACHINE)]);
    folders.flat_map(switched_on).collect()
}

fn switched_on(folder: &Path) -> Vec<Timer> {
    let wanted = fs::read_dir(folder.join(WANTED)).into_iter().flatten();
    let names = wanted.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let timer = |name: String| {
        let (path, service) = (folder.join(&name), name.strip_suffix(".timer")?.to_string());
        let service = fs::read_to_string(folder.join(service + ".service")).ok()?;
        path.is_file().then_some(Timer { path, service })
    };
    names.filter_map(timer).collect()
}

/// Writes units and switches on those that are to be; one that a person switched on stays so.
/// Files whose first line is not `mark` belong to others: then nothing is written.
pub fn write(folder: &Path, units: &[Unit], mark: &str) -> Result<(), Error> {
    for unit in units {
        is_own(&folder.join(&unit.name), mark)?;
    }
    let wanted = folder.join(WANTED);
    done("make", &wanted, fs::create_dir_all(&wanted))?;
    for unit in units {
        let (path, fresh) = (folder.join(&unit.name), folder.join(format!(".{}", unit.name)));
        let written = fs::write(&fresh, &unit.text).and_then(|()| fs::rename(&fresh, &path));
        done("write", &path, written)?;
        let link = wanted.join(&unit.name);
        if unit.is_on && fs::symlink_metadata(&link).is_err() {
            done("make", &link, std::os::unix::fs::symlink(&path, &link))?;
        }
    }
    Ok(())
}

/// Switches units off and takes their files away; whether there was one.
pub fn remove(folder: &Path, names: &[String], mark: &str) -> Result<bool, Error> {
    let mut there = Vec::new();
    for name in names {
        if is_own(&folder.join(name), mark)? {
            there.push(name);
        }
    }
    for name in &there {
        for path in [folder.join(WANTED).join(name), folder.join(name)] {
            match fs::remove_file(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                removed => done("remove", &path, removed)?,
            }
        }
    }
    Ok(!there.is_empty())
}

/// Whether a file of ours is there; an error for one of others.
fn is_own(path: &Path, mark: &str) -> Result<bool, Error> {
    match fs::read_to_string(path) {
        Ok(text) if text.lines().next() == Some(mark) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) if error.kind() != io::ErrorKind::InvalidData => done("read", path, Err(error)),
        _ => Err(Error::Foreign(path.into())),
    }
}

fn done<T>(doing: &'static str, path: &Path, result: io::Result<T>) -> Result<T, Error> {
    result.map_err(|cause| Error::Disk { doing, path: path.into(), cause })
}

/// Whether systemd takes an instant of a timer; `None` where it cannot be asked.
pub fn takes(calendar: &str) -> Option<bool> {
    said("systemd-analyze", &["calendar", calendar]).map(|said| said.is_ok())
}

/// What systemd says against units in a folder; `None` where it cannot be asked.
pub fn verified(folder: &Path, names: &[String]) -> Option<Result<(), String>> {
    let paths = names.iter().map(|name| folder.join(name).to_string_lossy().into_owned());
    let paths: Vec<String> = paths.collect();
    let words = ["verify"].into_iter().chain(paths.iter().map(String::as_str));
    said("systemd-analyze", &words.collect::<Vec<_>>())
}

/// Has this user's systemd do something; `None` where there is none.
pub fn tell(words: &[&str]) -> Option<Result<(), String>> {
    said("systemctl", &[&["--user"], words].concat())
}

/// Runs a program: nothing, or what it says when it fails.
fn said(program: &str, words: &[&str]) -> Option<Result<(), String>> {
    let mut command = Command::new(program);
    let output = command.args(words).env("LC_ALL", "C").stdin(Stdio::null()).output().ok()?;
    let told = String::from_utf8_lossy(&output.stderr).trim().to_string();
    Some(if output.status.success() { Ok(()) } else { Err(told) })
}
