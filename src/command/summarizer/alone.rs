//! A trial: the program's own child counts snapshots one by one, for nothing. It names each
//! before it begins, so that its parent knows at which it died.

use crate::command::{Exit, World, hook, output};
use crate::edge::spool::Spool;
use crate::edge::trial;
use crate::tier::careful;
use anyhow::Result;
use std::path::Path;

/// Counts what is given on the standard input.
pub fn alone(home: &Path, world: &World) -> Result<Exit> {
    trial::confine();
    let (text, files) = trial::given()?;
    let spool = Spool::new(home, hook::gate(world.step.as_deref())?);
    careful::alone(&spool, &text, &files, output::print_line)?;
    Ok(Exit::AllDone)
}
