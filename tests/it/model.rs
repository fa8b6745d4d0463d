//! The schedules of the model of the protocol, played with the real spool and the real stores:
//! deaths before every step, power cuts that lose any change of a folder that was not synced,
//! operations at the store that are lost, refused, or arrive later while the next run is at work,
//! files that land meanwhile, late, or once more, a second home, mended declarations, replays,
//! recounts. After every step a reader never sees an item twice nor half a batch; at the end each
//! readable item is counted once, the others are in quarantine, and nothing is left. In some runs
//! hours thin.

mod items;
mod platter;
mod reader;
mod schedule;
mod stage;
mod store;
mod world;

use crate::crash::cases::check_seeds;
use crate::sandbox::Kind;
use std::sync::atomic::Ordering;

#[test]
fn all_hold_sqlite() {
    check_seeds("model::all_hold_sqlite", 0..170, |seed, _| world::play(seed, Kind::Sqlite));
    assert!(world::THINNED.load(Ordering::SeqCst) > 0, "no hour ever thinned");
}

#[test]
fn all_hold_server() {
    check_seeds("model::all_hold_server", 170..200, |seed, _| world::play(seed, Kind::Server));
}
