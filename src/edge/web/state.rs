//! What all answers share.

use super::guard::Door;
use super::shelf::Shelf;
use super::view::View;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::{Semaphore, watch};

/// Answers that are made at once.
const DESKS: usize = 3;

/// All that answers share.
pub struct Web {
    pub view: Arc<dyn View>,
    pub door: Door,
    pub shelf: Shelf,
    pub streams: Streams,
    /// Turns for what takes time and memory: whoever finds none waits.
    pub desks: Arc<Semaphore>,
    /// Says true once the program ends.
    pub closing: watch::Receiver<bool>,
}

impl Web {
    pub fn new(view: Arc<dyn View>, door: Door, closing: watch::Receiver<bool>) -> Web {
        Web {
            view,
            door,
            shelf: Shelf::default(),
            streams: Streams::default(),
            desks: Arc::new(Semaphore::new(DESKS)),
            closing,
        }
    }
}

/// How many streams of events are open.
#[derive(Default)]
pub struct Streams(AtomicUsize);

impl Streams {
    pub fn open(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    /// One more; how many there were.
    pub fn begin(&self) -> usize {
        self.0.fetch_add(1, Ordering::SeqCst)
    }

    /// One less.
    pub fn end(&self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
