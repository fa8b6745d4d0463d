//! Places at a host: whoever is on its way already comes before whoever begins.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// How somebody comes to a host.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Comes {
    First,
    /// By a redirect: what was done for it would else be in vain.
    Led,
}

/// So many places.
pub struct Places(Arc<Mutex<Line>>);

struct Line {
    free: usize,
    led: VecDeque<oneshot::Sender<Place>>,
    first: VecDeque<oneshot::Sender<Place>>,
}

/// One of them; dropped, it is the next one's.
pub struct Place(Arc<Mutex<Line>>);

impl Places {
    pub fn new(count: usize) -> Places {
        let line = Line { free: count, led: VecDeque::new(), first: VecDeque::new() };
        Places(Arc::new(Mutex::new(line)))
    }

    /// Waits for a place.
    pub async fn take(&self, comes: Comes) -> Place {
        loop {
            let turn = {
                let mut line = locked(&self.0);
                if line.free > 0 {
                    line.free -= 1;
                    return Place(self.0.clone());
                }
                let (called, turn) = oneshot::channel();
                match comes {
                    Comes::First => line.first.push_back(called),
                    Comes::Led => line.led.push_back(called),
                }
                turn
            };
            if let Ok(place) = turn.await {
                return place;
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let next = {
            let mut line = locked(&self.0);
            let waits = |called: &oneshot::Sender<Place>| !called.is_closed();
            line.led.retain(waits);
            let next = line.led.pop_front().or_else(|| {
                line.first.retain(waits);
                line.first.pop_front()
            });
            line.free += usize::from(next.is_none());
            next
        };
        // Who went away meanwhile drops it, for the next one.
        if let Some(next) = next {
            let _ = next.send(Place(self.0.clone()));
        }
    }
}

fn locked(line: &Mutex<Line>) -> MutexGuard<'_, Line> {
    line.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    #[test]
    fn who_is_led_here_comes_first_and_who_went_away_takes_none() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let (places, order) = (Places::new(1), RefCell::new(Vec::new()));
            let held = places.take(Comes::First).await;
            let come = async |name, comes| {
                let place = places.take(comes).await;
                order.borrow_mut().push(name);
                drop(place);
            };
            let mut gone = Box::pin(places.take(Comes::Led));
            let begun = std::future::poll_fn(|context| {
                assert!(gone.as_mut().poll(context).is_pending());
                std::task::Poll::Ready(())
            });
            begun.await;
            drop(gone);
            let free = async { drop(held) };
            let (a, b) = (come("a", Comes::First), come("b", Comes::First));
            let (c, d) = (come("c", Comes::Led), come("d", Comes::Led));
            tokio::join!(a, b, c, d, free);
            assert_eq!(*order.borrow(), ["c", "d", "a", "b"]);
            assert_eq!(locked(&places.0).free, 1);
        });
    }
}
