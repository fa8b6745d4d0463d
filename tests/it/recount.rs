//! The independent recount in Python, asked from tests: one process answers many questions.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};

/// A running `tests/recount_many.py`.
pub struct Recount {
    child: Child,
    asks: ChildStdin,
    answers: BufReader<ChildStdout>,
}

fn python(script: &str) -> Command {
    let python = std::env::var("DAYBOOK_PYTHON").unwrap_or_else(|_| "python3".into());
    let mut command = Command::new(python);
    command.arg(format!("{}/tests/{script}", env!("CARGO_MANIFEST_DIR")));
    command
}

/// One recount by the program that people run.
pub fn once(served: &Path, store: &str, more: &[&str]) -> Output {
    let mut command = python("recount.py");
    command.arg("--served").arg(served).args(["--store", store]).args(more);
    command.output().unwrap()
}

/// The records that were exported of a day, held against all answers.
pub fn of_export(served: &Path, folder: &Path, day: &str) -> Output {
    let mut command = python("recount.py");
    command.arg("--served").arg(served).arg("--export").arg(folder).args(["--day", day]);
    command.output().unwrap()
}

impl Recount {
    pub fn start() -> Recount {
        let mut command = python("recount_many.py");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let asks = child.stdin.take().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        Recount { child, asks, answers }
    }

    /// Every difference between what was served and what the store says, and every row that
    /// nothing names. None means equal.
    pub fn differences(&mut self, served: &Path, store: &str, unreadable: &[&str]) -> Vec<String> {
        self.ask(served, store, unreadable, false)
    }

    /// The same, and a database is dropped: hundreds of them would slow down the server.
    pub fn last_differences(
        &mut self,
        served: &Path,
        store: &str,
        unreadable: &[&str],
    ) -> Vec<String> {
        self.ask(served, store, unreadable, true)
    }

    fn ask(&mut self, served: &Path, store: &str, globs: &[&str], drop: bool) -> Vec<String> {
        let served = served.display().to_string();
        let ask = serde_json::json!({
            "served": served, "store": store, "unreadable": globs, "drop": drop
        });
        writeln!(self.asks, "{ask}").unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        let answer: serde_json::Value = serde_json::from_str(&line).expect(&line);
        let mut found: Vec<String> = serde_json::from_value(answer["differences"].clone()).unwrap();
        let dead = answer["dead"].as_object().unwrap();
        found.extend(dead.iter().map(|(source, rows)| format!("{source}: {rows} dead rows")));
        found
    }
}

impl Drop for Recount {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
