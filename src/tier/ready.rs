//! Whether a home may be fetched into: it is live, and its disk has room.

use crate::domain::settings;
use crate::edge::clock::chance;
use crate::edge::spool::Spool;
use anyhow::{Result, bail};

/// Before anything is fetched: this is a live home, and the disk has its reserve.
pub fn ready(spool: &Spool, settings: &settings::Fetcher) -> Result<()> {
    if spool.settle(false, chance())?.recorded {
        bail!(
            "{} holds a recording, and a home is live or recorded, never both\n\
             hint: fetch live into another home",
            spool.home().display()
        );
    }
    let (free, reserve) = (spool.free()?, settings.reserve);
    if free < reserve {
        bail!(
            "the disk of {} has {} MiB left, less than the reserve of {} MiB: nothing is \
             fetched\nhint: the summarizer goes on, and empties the spool",
            spool.home().display(),
            free >> 20,
            reserve >> 20
        );
    }
    Ok(())
}
