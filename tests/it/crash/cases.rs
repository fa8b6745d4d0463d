//! Many cases at once: each gets a recount to ask, and a failure names its case.

use crate::recount::Recount;
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Processes wait for one another and for syncs more than they compute.
const AT_ONCE: usize = 4;

/// Checks all cases; fails with the list of those that failed.
pub fn check_all<C: Debug + Sync>(
    what: &str,
    cases: &[C],
    check: impl Fn(&C, &mut Recount) + Sync,
) {
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let started = std::time::Instant::now();
    let work = || {
        let mut recount = Recount::start();
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::SeqCst)) {
            if catch_unwind(AssertUnwindSafe(|| check(case, &mut recount))).is_err() {
                failed.lock().unwrap().push(format!("{case:?}"));
                recount = Recount::start();
            }
        }
    };
    thread::scope(|scope| (0..AT_ONCE).for_each(|_| drop(scope.spawn(work))));
    let mut failed = failed.into_inner().unwrap();
    failed.sort();
    assert!(!cases.is_empty(), "{what}: no cases");
    assert!(failed.is_empty(), "{what}: {} of {} failed: {failed:#?}", failed.len(), cases.len());
    println!("{what}: {} cases in {:.1} s", cases.len(), started.elapsed().as_secs_f64());
}

/// A small generator of numbers below a bound, the same for one seed.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, bound: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }
}
