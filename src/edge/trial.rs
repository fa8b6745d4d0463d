//! Trials: this program once more, as a child that may die in our place. Only a death that the
//! child met by itself, at a thing that it named before, says anything of that thing: whoever is
//! killed from outside, alone or with its parent, says nothing.

use crate::domain::limits::{COUNT_CPU_S, COUNT_MEMORY, COUNT_MEMORY_LEAST, COUNT_PATIENCE};
use rustix::process::{
    Resource, Rlimit, Signal, getpid, getrlimit, kill_process, set_parent_process_death_signal,
    setrlimit,
};
use std::ffi::OsString;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;

/// How a child is started.
#[derive(Clone, Debug, Default)]
pub struct Trier {
    /// Where this program is; without it there are no trials.
    pub program: Option<PathBuf>,
    pub arguments: Vec<OsString>,
}

/// How a child ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ended {
    /// It went through all that it was given.
    Well,
    /// It died of the thing at this place.
    Died { at: usize, how: String },
    /// It was ended from outside, or did not go on though it did not work either.
    Stopped(String),
    /// There was no child, or it failed as programs do: it says nothing of what it was given.
    Unable(String),
}

impl Trier {
    /// Gives a child a text and some files, one after the other, and looks how it ends.
    pub fn run(&self, text: &str, files: &[&Path]) -> Ended {
        let Some(program) = &self.program else {
            return Ended::Unable("where this program stands is not known".into());
        };
        let mut command = Command::new(program);
        // One thread: each has its stack, which counts against what the child may have.
        command.args(&self.arguments).env("RAYON_NUM_THREADS", "1");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        match command.spawn() {
            Ok(child) => watched(child, message(text, files)),
            Err(error) => Ended::Unable(error.to_string()),
        }
    }
}

fn message(text: &str, files: &[&Path]) -> Vec<u8> {
    let mut message = Vec::new();
    for file in files {
        message.extend_from_slice(file.as_os_str().as_bytes());
        message.push(0);
    }
    message.push(0);
    message.extend_from_slice(text.as_bytes());
    message
}

fn watched(mut child: Child, message: Vec<u8>) -> Ended {
    let (sender, lines) = channel();
    let pipes = child.stdin.take().zip(child.stdout.take());
    let talk = move || {
        let Some((mut to, from)) = pipes else { return };
        // A child that dies early reads no more of it; how it ended is seen below.
        let _ = to.write_all(&message);
        drop(to);
        for line in BufReader::new(from).lines().map_while(io::Result::ok) {
            let _ = sender.send(line);
        }
    };
    let talker = match thread::Builder::new().spawn(talk) {
        Ok(talker) => talker,
        Err(error) => return end(&mut child, Ended::Unable(error.to_string())),
    };
    let ended = match last(&lines) {
        Ok(at) => match child.wait() {
            Ok(status) => judged(status, at),
            Err(error) => Ended::Unable(error.to_string()),
        },
        Err(Silent) => end(&mut child, Ended::Stopped("it stood still".into())),
    };
    let _ = talker.join();
    ended
}

fn end(child: &mut Child, ended: Ended) -> Ended {
    let _ = child.kill();
    let _ = child.wait();
    ended
}

/// A child has said nothing for too long.
struct Silent;

/// The last place that a child named before it ended.
fn last(lines: &Receiver<String>) -> Result<Option<usize>, Silent> {
    let mut at = None;
    loop {
        match lines.recv_timeout(COUNT_PATIENCE) {
            Ok(line) => at = line.parse().ok().or(at),
            Err(RecvTimeoutError::Disconnected) => return Ok(at),
            Err(RecvTimeoutError::Timeout) => return Err(Silent),
        }
    }
}

/// What a panic leaves as its exit code.
const PANICKED: i32 = 101;

fn judged(status: ExitStatus, at: Option<usize>) -> Ended {
    let how = match (status.code(), status.signal().and_then(Signal::from_named_raw)) {
        (Some(0), _) => return Ended::Well,
        (Some(PANICKED), _) => "it panicked".to_string(),
        (_, Some(Signal::XCPU)) => format!("it took more than {COUNT_CPU_S} s of processor time"),
        (_, Some(Signal::ABORT)) => "it aborted, as for want of memory or of stack".to_string(),
        (_, Some(Signal::SEGV | Signal::BUS | Signal::ILL | Signal::FPE | Signal::TRAP)) => {
            format!("it crashed ({status})")
        }
        (Some(_), _) => return Ended::Unable(format!("the trial failed ({status})")),
        _ => return Ended::Stopped(format!("it was ended from outside ({status})")),
    };
    match at {
        Some(at) => Ended::Died { at, how },
        None => Ended::Unable(format!("the trial did not begin: {how}")),
    }
}

/// In a child: takes the limits of a trial, goes when its parent goes, and lets the system take
/// it first when memory is short.
pub fn confine() {
    let _ = set_parent_process_death_signal(Some(Signal::KILL));
    let _ = fs::write("/proc/self/oom_score_adj", "1000");
    lower(Resource::Cpu, COUNT_CPU_S);
    lower(Resource::Data, memory(&fs::read_to_string("/proc/meminfo").unwrap_or_default()));
}

fn lower(resource: Resource, to: u64) {
    let Rlimit { current, maximum } = getrlimit(resource);
    let current = Some(current.map_or(to, |known| known.min(to)));
    let _ = setrlimit(resource, Rlimit { current, maximum });
}

/// What a trial may have: half of what the machine has to give, within bounds.
fn memory(meminfo: &str) -> u64 {
    let available = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    let kilobytes = available.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok());
    let half = |kilobytes: u64| kilobytes.saturating_mul(1024) / 2;
    kilobytes.map_or(COUNT_MEMORY, half).clamp(COUNT_MEMORY_LEAST, COUNT_MEMORY)
}

/// In a child: the text and the files that it was given.
pub fn given() -> io::Result<(String, Vec<PathBuf>)> {
    let mut message = Vec::new();
    io::stdin().read_to_end(&mut message)?;
    let odd = || io::Error::other("a trial is given files and a text, by the program itself");
    let end = match message.first() {
        Some(0) => 0,
        _ => message.windows(2).position(|two| two == [0, 0]).ok_or_else(odd)? + 1,
    };
    let (files, text) = (message.get(..end), message.get(end + 1..));
    let files = files.unwrap_or_default().split(|byte| *byte == 0).filter(|file| !file.is_empty());
    let files = files.map(|file| PathBuf::from(OsString::from_vec(file.to_vec()))).collect();
    let text = String::from_utf8(text.unwrap_or_default().to_vec()).map_err(io::Error::other)?;
    Ok((text, files))
}

/// A watch over work that may hang: unless it is told of progress in time, it aborts the process.
#[derive(Debug)]
pub struct Alarm {
    progress: Arc<AtomicU64>,
    /// The watch ends with it.
    _watched: Sender<()>,
}

/// How often a watch looks within [`COUNT_PATIENCE`].
const LOOKS: u32 = 20;

impl Alarm {
    /// A watch from now on; it ends with this value. `None` when there can be none.
    pub fn set() -> Option<Alarm> {
        let (sender, ended) = channel::<()>();
        let progress = Arc::new(AtomicU64::new(0));
        let seen = Arc::clone(&progress);
        let watch = move || {
            let (mut known, mut still) = (0, 0);
            while ended.recv_timeout(COUNT_PATIENCE / LOOKS) == Err(RecvTimeoutError::Timeout) {
                let now = seen.load(Ordering::Relaxed);
                still = if now == known { still + 1 } else { 0 };
                known = now;
                if still >= LOOKS {
                    let _ = kill_process(getpid(), Signal::ABORT);
                }
            }
        };
        let alarm = Alarm { progress, _watched: sender };
        thread::Builder::new().spawn(watch).ok().map(|_| alarm)
    }

    /// Something was done.
    pub fn again(&self) {
        self.progress.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trier(script: &str) -> Trier {
        let arguments = ["-c", script].map(OsString::from).to_vec();
        Trier { program: Some("/bin/sh".into()), arguments }
    }

    fn ended(script: &str) -> Ended {
        trier(script).run("text", &[Path::new("/a/b"), Path::new("/c")])
    }

    #[test]
    fn only_a_death_of_its_own_says_something() {
        assert_eq!(ended("cat >/dev/null"), Ended::Well);
        for own in ["ABRT", "SEGV", "BUS", "XCPU"] {
            let at_one = ended(&format!("cat >/dev/null; echo 0; echo 1; kill -{own} $$"));
            assert!(matches!(at_one, Ended::Died { at: 1, .. }), "{own}: {at_one:?}");
            let before = ended(&format!("kill -{own} $$"));
            assert!(matches!(before, Ended::Unable(_)), "{own}: {before:?}");
        }
        for outside in ["KILL", "TERM"] {
            let at_one = ended(&format!("echo 1; kill -{outside} $$"));
            assert!(matches!(at_one, Ended::Stopped(_)), "{outside}: {at_one:?}");
        }
        assert!(matches!(ended("echo 1; exit 101"), Ended::Died { at: 1, .. }));
        assert!(matches!(ended("echo 1; exit 2"), Ended::Unable(_)));
    }

    #[test]
    fn a_child_that_cannot_be_started_says_nothing() {
        let nowhere = Trier { program: Some("/nowhere/at/all".into()), arguments: Vec::new() };
        assert!(matches!(nowhere.run("", &[]), Ended::Unable(_)));
        assert!(matches!(Trier::default().run("", &[]), Ended::Unable(_)));
    }

    #[test]
    fn a_trial_may_have_half_of_what_there_is_within_bounds() {
        assert_eq!(memory(""), COUNT_MEMORY);
        assert_eq!(memory("MemAvailable:    1048576 kB\n"), 512 << 20);
        assert_eq!(memory("MemAvailable:   99999999 kB\n"), COUNT_MEMORY);
        assert_eq!(memory("MemFree: 1 kB\nMemAvailable: 1024 kB\n"), COUNT_MEMORY_LEAST);
    }
}
