//! Answers that were made already, until there is something new.

use super::reply::Reply;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What is kept weighs no more than this.
const BYTES: usize = 48 << 20;

#[derive(Default)]
pub struct Shelf(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    version: u64,
    bytes: usize,
    replies: HashMap<String, Arc<Reply>>,
}

impl Shelf {
    /// What was made under a key, of this version.
    pub fn find(&self, version: u64, key: &str) -> Option<Arc<Reply>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.replies.get(key).filter(|_| kept.version == version).cloned()
    }

    /// Keeps an answer of a version; those of others go.
    pub fn put(&self, version: u64, key: String, reply: &Arc<Reply>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.version != version || kept.bytes + reply.weight() > BYTES {
            *kept = Kept { version, ..Kept::default() };
        }
        kept.bytes += reply.weight();
        kept.replies.insert(key, reply.clone());
    }
}
