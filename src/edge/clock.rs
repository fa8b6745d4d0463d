//! The clock and chance. A run reads the wall clock once; later instants are that plus
//! monotonic time, so a clock that jumps during a run moves nothing.

use crate::domain::time::Instant;

/// The time of one run.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    started: Instant,
    since: std::time::Instant,
}

impl Clock {
    /// A clock that shows `started` now. Only binaries know the wall clock.
    pub fn starting(started: Instant) -> Clock {
        Clock { started, since: std::time::Instant::now() }
    }

    /// When the run started.
    pub fn started(&self) -> Instant {
        self.started
    }

    pub fn now(&self) -> Instant {
        self.started.after(chrono::Duration::from_std(self.since.elapsed()).unwrap_or_default())
    }

    /// How long ago an instant of this run is.
    pub fn since(&self, start: Instant) -> std::time::Duration {
        (self.now() - start).to_std().unwrap_or_default()
    }
}

/// Sixty-four bits that no other run has, from the kernel.
pub fn chance() -> u64 {
    let mut bytes = [0; 8];
    match rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty()) {
        Ok(8) => u64::from_ne_bytes(bytes),
        _ => fallback(),
    }
}

/// The hasher of the standard library is seeded by the system, too.
fn fallback() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    let mut hasher = std::hash::RandomState::new().build_hasher();
    hasher.write_u32(std::process::id());
    hasher.finish()
}

/// A number in 0..1.
pub fn fraction() -> f64 {
    (chance() >> 11) as f64 / (1u64 << 53) as f64
}
