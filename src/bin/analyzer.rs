//! Reads argv, environment and clock, and nothing else does; the rest is in the library.

use daybook::command::{Folders, Machine, Mail, Ping, Places, STEP, World, analyzer};
use daybook::domain::time::from_millis;
use std::io::IsTerminal;
use std::process::ExitCode;

fn main() -> ExitCode {
    analyzer::main(World {
        args: std::env::args_os().collect(),
        program: std::env::current_exe().ok(),
        watched: std::io::stderr().is_terminal(),
        step: std::env::var(STEP).ok(),
        secrets: Places::new(std::env::vars(), std::env::var_os("CREDENTIALS_DIRECTORY")),
        machine: Machine::new(|name| std::env::var_os(name)),
        fonts: Folders::new(|name| std::env::var_os(name)),
        now: from_millis(chrono::Utc::now().timestamp_millis()),
        mail: Mail::default(),
        ping: Ping::default(),
    })
}
