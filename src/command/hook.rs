//! The hook at the gate, for tests: `kill:N` ends the process by SIGKILL at the N-th step,
//! `fail:N` fails that one, `full:N` fails that one and all later ones as a full disk does, and
//! `hold:N:PATH` makes PATH.held there and waits until PATH exists. Readings, whose names begin
//! with a question mark, are no steps of these; `blind:N` fails the N-th of them. `list:PATH`
//! writes the name of every step into PATH, `looks:PATH` that of every reading. `abort:NAME` aborts
//! the process when a snapshot of which NAME is a part is about to be counted, in a trial too;
//! `slay:NAME` ends it by SIGKILL there, `freeze:NAME` stops it there until it is killed. Several
//! hooks are joined by `+`.

use crate::domain::gate::{Gate, Watch};
use anyhow::{Context, Result, bail};
use rustix::process::{Signal, getpid, kill_process};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How long a held step looks for its file, in tenths of a second.
const HOLD_TENTHS: u32 = 600;

enum Act {
    Kill,
    Fail,
    Blind,
    Full,
    Hold(PathBuf),
}

/// The gate that a test asked for; open when it asked for none.
pub fn gate(step: Option<&str>) -> Result<Gate> {
    let Some(step) = step else { return Ok(Gate::open()) };
    let all: Vec<Arc<Watch>> = step.split('+').map(one).collect::<Result<_>>()?;
    Ok(Gate::watched(Arc::new(move |name: &str| all.iter().try_for_each(|watch| watch(name)))))
}

fn one(step: &str) -> Result<Arc<Watch>> {
    for (deed, signal) in
        [("abort:", Signal::ABORT), ("slay:", Signal::KILL), ("freeze:", Signal::STOP)]
    {
        let Some(part) = step.strip_prefix(deed).map(str::to_string) else { continue };
        return Ok(Arc::new(move |name: &str| {
            if name.starts_with("?count ") && name.contains(&part) && !name.ends_with('!') {
                let _ = kill_process(getpid(), signal);
            }
            Ok(())
        }));
    }
    for (list, looks) in [("list:", false), ("looks:", true)] {
        let Some(path) = step.strip_prefix(list) else { continue };
        let file = OpenOptions::new().append(true).create(true).open(path);
        let file = Mutex::new(file.with_context(|| format!("cannot write {path}"))?);
        let wanted = move |name: &str| name.starts_with('?') == looks;
        return Ok(Arc::new(
            move |name: &str| {
                if wanted(name) { write(&file, name) } else { Ok(()) }
            },
        ));
    }
    let mut parts = step.splitn(3, ':');
    let (act, number, path) = (parts.next(), parts.next(), parts.next());
    let number: u64 = number.and_then(|n| n.parse().ok()).context("a step has a number")?;
    let act = match (act, path) {
        (Some("kill"), None) => Act::Kill,
        (Some("fail"), None) => Act::Fail,
        (Some("blind"), None) => Act::Blind,
        (Some("full"), None) => Act::Full,
        (Some("hold"), Some(path)) => Act::Hold(path.into()),
        _ => bail!("no hook is called {step}"),
    };
    let count = AtomicU64::new(0);
    Ok(Arc::new(move |name: &str| {
        if name.starts_with('?') != matches!(act, Act::Blind) {
            return Ok(());
        }
        let passed = count.fetch_add(1, Ordering::SeqCst) + 1;
        watch(&act, number, passed)
    }))
}

fn watch(act: &Act, number: u64, passed: u64) -> Result<(), String> {
    match act {
        Act::Full if passed >= number => Err("full".into()),
        Act::Fail | Act::Blind if passed == number => Err("failed by a hook".into()),
        Act::Kill if passed == number => {
            let _ = kill_process(getpid(), Signal::KILL);
            Ok(())
        }
        Act::Hold(path) if passed == number => {
            let mut held = path.as_os_str().to_owned();
            held.push(".held");
            let _ = File::create(held);
            for _ in 0..HOLD_TENTHS {
                if path.exists() {
                    break;
                }
                std::thread::sleep(Duration::from_millis(100));
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn write(file: &Mutex<File>, name: &str) -> Result<(), String> {
    let mut file = file.lock().map_err(|error| error.to_string())?;
    writeln!(file, "{name}").map_err(|error| error.to_string())
}
