//! The dashboard's data in other hands: pandas, R, curl, Prometheus and schemathesis.

use super::board::{Board, day};
use crate::recording::{DAY, DAY_OVER};
use std::process::Command;

#[test]
fn programs_read_what_the_page_of_data_says() {
    let home = day();
    let board = Board::start(&home, &["--now", DAY_OVER]);
    let python = std::env::var("DAYBOOK_PYTHON").unwrap_or_else(|_| "python3".into());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/dashboard_programs.py");
    let base = format!("http://{}", board.address);
    let done = Command::new(python).args([script, &base, DAY]).output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{said}{}", String::from_utf8_lossy(&done.stderr));
    assert!(said.contains("FINE"), "{said}");
    eprintln!("schemathesis: {said}");
}
