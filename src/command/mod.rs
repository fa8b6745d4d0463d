//! What the three binaries share: arguments, settings, messages and exit codes. The binaries
//! alone read argv, environment and clock; they hand them over as a [`World`].

pub mod analyzer;
mod backfill;
mod busy;
mod check;
mod console;
mod contact;
mod doctor;
pub mod fetcher;
mod globals;
mod hook;
mod init;
mod install;
mod mail;
mod opened;
mod output;
mod ping;
mod rename;
mod rest;
mod serve;
mod shapes;
mod sources;
mod status;
pub mod summarizer;
mod timers;

pub use crate::edge::config::secrets::Places;
pub use crate::edge::fonts::Folders;
pub use console::Console;
pub use globals::{Globals, Setup};
pub use mail::Mail;
pub use ping::Ping;

use crate::domain::time::Instant;
use anyhow::Result;
use clap::Parser;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

/// What a binary read of the world, once.
pub struct World {
    pub args: Vec<OsString>,
    /// The path of the program itself.
    pub program: Option<PathBuf>,
    /// Whether a person watches the error output.
    pub watched: bool,
    /// The environment variable [`STEP`], for tests.
    pub step: Option<String>,
    /// Where secrets may come from.
    pub secrets: Places,
    /// Where fonts may be.
    pub fonts: Folders,
    /// What starts the programs here.
    pub machine: Machine,
    pub now: Instant,
    /// Where a run puts what it has to say, when cron started it.
    pub mail: Mail,
    /// Who watches over a run, and is told.
    pub ping: Ping,
}

/// What the environment says of this user's cron and of systemd.
#[derive(Clone, Debug, Default)]
pub struct Machine {
    /// The zone of the environment, `TZ`.
    pub zone: Option<String>,
    /// The folder of this user's units of systemd.
    pub units: Option<PathBuf>,
    /// The folders of programs, `PATH`.
    pub programs: Vec<PathBuf>,
}

impl Machine {
    /// From variables of the environment, by their names.
    pub fn new(variable: impl Fn(&str) -> Option<OsString>) -> Machine {
        let given = |name: &str| variable(name).filter(|text| !text.is_empty());
        let settings = given("XDG_CONFIG_HOME").map(PathBuf::from);
        let settings = settings.or_else(|| Some(PathBuf::from(given("HOME")?).join(".config")));
        Machine {
            zone: given("TZ").and_then(|text| text.into_string().ok()),
            units: settings.map(|folder| folder.join("systemd/user")),
            programs: given("PATH")
                .map(|paths| std::env::split_paths(&paths).collect())
                .unwrap_or_default(),
        }
    }
}

/// The arguments of a program.
trait Program: Parser {
    const NAME: &'static str;

    fn globals(&self) -> &Globals;

    /// Whether this is what cron runs: the next run says again what this one has to say.
    fn is_for_cron(&self) -> bool;
}

/// Stops, fails or holds the program at one of its steps: a hook for tests.
pub const STEP: &str = "DAYBOOK_STEP";

/// How much of its work a program did; also its exit code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    AllDone = 0,
    InPart = 1,
    NothingDone = 2,
}

impl Exit {
    /// From numbers of things done and of things failed.
    pub fn of(done: usize, failed: usize) -> Exit {
        match (done, failed) {
            (_, 0) => Exit::AllDone,
            (0, _) => Exit::NothingDone,
            _ => Exit::InPart,
        }
    }
}

/// Parses arguments, runs, and turns errors into messages and an exit code.
fn run<A: Program>(mut world: World, act: impl FnOnce(A, &World) -> Result<Exit>) -> ExitCode {
    let arguments = match A::try_parse_from(&world.args) {
        Ok(arguments) => arguments,
        // Help is ours; a wrong argument may be an address with a password.
        Err(error) if !error.use_stderr() => error.exit(),
        Err(error) => {
            output::tell(error.render().to_string().trim_end());
            return ExitCode::from(Exit::NothingDone as u8);
        }
    };
    let globals = arguments.globals().clone();
    let speaks = world.watched || globals.verbose;
    world.mail = Mail::new(A::NAME, arguments.is_for_cron(), speaks);
    let ended = act(arguments, &world);
    world.mail.send(&globals.home, globals.now(&world).unwrap_or(world.now), ended.as_ref().err());
    let code = ended.unwrap_or(Exit::NothingDone) as u8;
    for why in world.ping.end(code, &world.mail.said()) {
        if globals.verbose {
            output::tell(why);
        }
    }
    ExitCode::from(code)
}

/// An error for people: its causes on one line, hints on their own lines after it.
pub fn told(error: &anyhow::Error) -> String {
    let (mut causes, mut hints): (Vec<String>, Vec<String>) = Default::default();
    for cause in error.chain() {
        let text = cause.to_string();
        let (said, hint) = match text.split_once("\nhint: ") {
            Some((said, hint)) => (said.to_string(), Some(hint.to_string())),
            None => (text, None),
        };
        if !causes.last().is_some_and(|last| last.ends_with(&said)) {
            causes.push(said);
        }
        hints.extend(hint);
    }
    hints.dedup();
    let hints = hints.into_iter().map(|hint| format!("\nhint: {hint}"));
    causes.join(": ") + &hints.collect::<String>()
}
