//! Many cases at once: each gets a recount to ask, and a failure names its case.

use crate::recount::Recount;
use std::fmt::Debug;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
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

/// Of many steps each so manieth: a long proof has a short part in the suite.
/// `DAYBOOK_STEPS=all`, which `make prove` sets, asks for all of them.
pub fn each<S>(many: usize, steps: Vec<S>) -> Vec<S> {
    let all = std::env::var("DAYBOOK_STEPS").is_ok_and(|asked| asked == "all");
    steps.into_iter().step_by(if all { 1 } else { many }).collect()
}

/// Checks what each seed makes. A failure says how to see it alone; `DAYBOOK_SEEDS=17..18` asks
/// for other seeds than the usual ones.
pub fn check_seeds(test: &str, usual: Range<u64>, check: impl Fn(u64, &mut Recount) + Sync) {
    let asked = std::env::var("DAYBOOK_SEEDS").ok();
    let seeds: Vec<u64> = asked.map_or(usual, |text| range(&text)).collect();
    check_all(test, &seeds, |seed, recount| {
        if let Err(cause) = catch_unwind(AssertUnwindSafe(|| check(*seed, recount))) {
            let next = seed + 1;
            eprintln!("to see it alone: DAYBOOK_SEEDS={seed}..{next} cargo test --test it {test}");
            resume_unwind(cause);
        }
    });
}

fn range(text: &str) -> Range<u64> {
    let ends = text.split_once("..").and_then(|(a, b)| Some(a.parse().ok()?..b.parse().ok()?));
    ends.expect("DAYBOOK_SEEDS is like 17..18")
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
