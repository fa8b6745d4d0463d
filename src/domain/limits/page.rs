//! The limits as a page, for people.

use super::{ALL, Limit, asking, html, packed};
use std::fmt::Write;

/// The page `docs/limits.md`.
pub fn page() -> String {
    let mut out = String::from(
        "# Limits\n\nWhat one input may cost, and what happens beyond. Generated from the program; \
         a test holds it.\n\n| what | limit | why | beyond it |\n|---|---|---|---|\n",
    );
    let all = ALL.iter().chain(html::ALL).chain(asking::ALL).chain(packed::ALL);
    for Limit { what, value, reason, beyond } in all {
        let _ = writeln!(out, "| {what} | {value} | {reason} | {beyond} |");
    }
    out
}
