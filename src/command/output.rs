//! Standard output and standard error: either can be closed, or on a full disk.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

use anyhow::{Context, Result};

/// Writes a result to standard output. A reader that went away (`| head`) has seen enough.
///
/// # Errors
///
/// Anything else that keeps the result from being written, such as a full disk.
pub fn print(text: impl Display) -> Result<()> {
    let mut out = io::stdout().lock();
    match write!(out, "{text}").and_then(|()| out.flush()) {
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
    let _ = writeln!(io::stderr(), "{line}");
}
