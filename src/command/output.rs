//! Standard output and standard error: either can be closed, or on a full disk.
//!
//! Invariant: what is written here steers no terminal and shows no login of an address, whatever
//! it was made of. Results are for people, or JSON, which keeps its meaning.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

use crate::domain::{address, shown};
use anyhow::{Context, Result};

/// Writes a result to standard output. A reader that went away (`| head`) has seen enough.
///
/// # Errors
///
/// Anything else that keeps the result from being written, such as a full disk.
pub fn print(text: impl Display) -> Result<()> {
    let (text, mut out) = (text.to_string(), io::stdout().lock());
    match out.write_all(shown::lines(&text).as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("cannot write the result to standard output")
        }
        _ => Ok(()),
    }
}

/// Like [`print`], and ends the line.
pub fn print_line(line: impl Display) -> Result<()> {
    print(format_args!("{line}\n"))
}

/// Writes a line for people to standard error. The work goes on when nobody can read it.
pub fn tell(line: impl Display) {
    let line = address::in_text(&line.to_string());
    let _ = writeln!(io::stderr(), "{}", shown::lines(&line));
}
