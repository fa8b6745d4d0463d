//! The limits as a page, for people.

use super::{ALL, Limit, asking};
use std::fmt::Write;

/// The page `docs/limits.md`.
pub fn page() -> String {
    let mut out = String::from(
        "# Limits\n\nWhat one input may cost, and what happens beyond. Generated from the program; \
         a test holds it.\n\n| what | limit | why | beyond it |\n|---|---|---|---|\n",
    );
    for Limit { what, value, reason, beyond } in ALL.iter().chain(asking::ALL) {
        let _ = writeln!(out, "| {what} | {value} | {reason} | {beyond} |");
    }
    out
}
