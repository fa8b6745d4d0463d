//! The fetcher's most frequent run: nothing is due, and that is seen before any declaration is
//! parsed, and before anything is made that only asking needs.

use super::contact::user_agent;
use super::globals::{Ground, SECRETS};
use super::{Globals, Setup, World};
use crate::domain::sketch::Sketch;
use crate::edge::config;
use crate::edge::disk::Disk;
use crate::edge::spool::Spool;
use crate::tier::rest::may_rest;
use std::collections::BTreeSet;

/// Whether a run has nothing to do and nothing to say, by the sketches that an earlier one kept.
/// Whatever is odd, wrong or unknown is left to the whole run, which tells of it.
pub(super) fn rests(
    globals: &Globals,
    ground: &Ground,
    contact: Option<&str>,
    world: &World,
) -> bool {
    if world.watched || globals.verbose || globals.json {
        return false;
    }
    let spool = Spool::new(&globals.home, ground.gate.clone());
    let Some(sketches) = spool.sketches(&program(world)) else { return false };
    let wanted: BTreeSet<String> =
        sketches.iter().flat_map(|sketch| sketch.secrets.iter().cloned()).collect();
    let secrets = globals.home.join(SECRETS);
    user_agent(contact.or(ground.settings.contact.as_deref())).is_ok()
        && config::secrets::secrets(&secrets, &world.secrets, &wanted).is_ok()
        && config::holds(&globals.home.join("sources"), &sketches)
        && may_rest(&spool, &sketches, ground.now, ground.settings.fetcher.splay)
}

/// Keeps the sketches of sound declarations for the next run.
pub(super) fn keep_sketches(setup: &Setup, world: &World) {
    if !setup.faulty {
        let sketches: Vec<Sketch> = setup.sources.iter().map(Sketch::of).collect();
        setup.spool.keep_sketches(&program(world), &sketches);
    }
}

/// What tells this program from any other, which may read declarations otherwise.
fn program(world: &World) -> String {
    let disk = Disk::new(crate::domain::gate::Gate::open());
    let file = world.program.as_ref().map(|path| (disk.inode(path), disk.written(path)));
    format!("{} {file:?}", env!("CARGO_PKG_VERSION"))
}
