//! Room in memory for the answers of all hosts together.
//!
//! Invariants: what is held is at most the budget, and one answer beyond it; of those who wait one
//! can always go on, so they never wait for each other.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::domain::request::Room;

/// What is taken at once.
const PIECE: u64 = 64 << 10;

/// The budget of a run.
pub struct Rooms {
    common: Arc<Semaphore>,
    /// For one answer that goes on when all else is taken.
    last: Arc<Semaphore>,
}

/// The share of one answer.
pub struct Share<'a> {
    rooms: &'a Rooms,
    common: Option<OwnedSemaphorePermit>,
    last: Option<OwnedSemaphorePermit>,
    bytes: u64,
}

impl Rooms {
    pub fn new(bytes: u64) -> Rooms {
        let pieces = usize::try_from(bytes / PIECE).unwrap_or(Semaphore::MAX_PERMITS);
        Rooms { common: Arc::new(Semaphore::new(pieces)), last: Arc::new(Semaphore::new(1)) }
    }

    pub fn share(&self) -> Share<'_> {
        Share { rooms: self, common: None, last: None, bytes: 0 }
    }
}

impl Share<'_> {
    /// Waits until there is room for so many bytes of this answer; meanwhile `waits` is not 0.
    pub async fn grow(&mut self, bytes: u64, waits: &AtomicU64) {
        while self.bytes < bytes && self.last.is_none() {
            let (common, last) = (self.rooms.common.clone(), self.rooms.last.clone());
            waits.store(1, Ordering::Relaxed);
            tokio::select! {
                biased;
                Ok(piece) = common.acquire_owned() => self.take(piece),
                Ok(last) = last.acquire_owned() => self.last = Some(last),
            }
        }
        waits.store(0, Ordering::Relaxed);
    }

    fn take(&mut self, piece: OwnedSemaphorePermit) {
        self.bytes += PIECE;
        match &mut self.common {
            Some(common) => common.merge(piece),
            None => self.common = Some(piece),
        }
    }

    /// What holds the room from now on.
    pub fn keep(self) -> Room {
        Room::of((self.common, self.last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    fn now<F: Future>(future: F) -> Option<F::Output> {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(done) => Some(done),
            Poll::Pending => None,
        }
    }

    #[test]
    fn of_all_that_want_more_than_there_is_one_goes_on() {
        let (rooms, waits) = (Rooms::new(4 * PIECE), AtomicU64::new(0));
        let mut shares: Vec<Share> = (0..3).map(|_| rooms.share()).collect();
        let mut grow =
            |share: usize, pieces: u64| now(shares[share].grow(pieces * PIECE, &waits)).is_some();
        assert!(grow(0, 2) && grow(1, 2));
        assert!(grow(0, 9), "beyond the budget, as the last");
        assert!(!grow(1, 3) && waits.load(Ordering::Relaxed) == 1);
        assert!(!grow(2, 1));
        drop(shares.remove(0).keep());
        assert!(now(shares[0].grow(3 * PIECE, &waits)).is_some());
        assert_eq!(waits.load(Ordering::Relaxed), 0);
        assert!(now(shares[1].grow(PIECE, &waits)).is_some());
    }
}
