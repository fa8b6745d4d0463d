//! The schedules of the model of the protocol, played with the real spool and the real stores:
//! deaths before every step, power cuts that lose any change of a folder that was not synced,
//! operations at the store that are lost, refused, or arrive later while the next run is at work,
//! files that land meanwhile, late, or once more, a second home, mended declarations, replays,
//! recounts. After every step a reader never sees an item twice nor half a batch; at the end each
//! readable item is counted once, the others are in quarantine, and nothing is left.

mod items;
mod platter;
mod reader;
mod schedule;
mod stage;
mod store;
mod world;

use crate::crash::cases::check_all;
use crate::sandbox::Kind;
use std::ops::Range;

/// `DAYBOOK_SEEDS=17..18` plays these instead.
fn seeds(usual: Range<u64>) -> Vec<u64> {
    let Ok(text) = std::env::var("DAYBOOK_SEEDS") else { return usual.collect() };
    let ends = text.split_once("..").and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
    let (first, end): (u64, u64) = ends.expect("DAYBOOK_SEEDS is like 17..18");
    (first..end).collect()
}

fn schedules(kind: Kind, usual: Range<u64>) {
    let name = format!("{kind:?}").to_lowercase();
    check_all(&format!("schedules, {kind:?}"), &seeds(usual), |seed, _| {
        let alone = std::panic::catch_unwind(|| world::play(*seed, kind));
        if let Err(cause) = alone {
            let next = seed + 1;
            eprintln!("DAYBOOK_SEEDS={seed}..{next} cargo test --test it model::all_hold_{name}");
            std::panic::resume_unwind(cause);
        }
    });
}

#[test]
fn all_hold_sqlite() {
    schedules(Kind::Sqlite, 0..170);
}

#[test]
fn all_hold_mongodb() {
    schedules(Kind::MongoDb, 170..200);
}
