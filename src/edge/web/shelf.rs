//! Answers that were made already, until there is something new. Who asks for one that is being
//! made waits for it: it is made once.

use super::reply::Reply;
use axum::http::StatusCode;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// What is kept weighs no more than this, or so; and no more answers are kept.
const BYTES: usize = 48 << 20;
const REPLIES: usize = 4096;

#[derive(Default)]
pub struct Shelf(Mutex<Kept>);

type Slot = Arc<OnceCell<Arc<Reply>>>;

#[derive(Default)]
struct Kept {
    version: u64,
    bytes: usize,
    replies: HashMap<String, Slot>,
}

impl Shelf {
    /// The answer of a version under a key; made where there is none, and kept where it is one that
    /// says what was asked for.
    pub async fn get(
        &self,
        version: u64,
        key: String,
        make: impl AsyncFnOnce() -> Reply,
    ) -> Arc<Reply> {
        let slot = self.slot(version, &key);
        let mut is_new = false;
        let reply = slot
            .get_or_init(async || {
                is_new = true;
                Arc::new(make().await)
            })
            .await
            .clone();
        if is_new {
            self.settle(version, &key, &reply);
        }
        reply
    }

    fn slot(&self, version: u64, key: &str) -> Slot {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = kept.bytes > BYTES || kept.replies.len() >= REPLIES;
        if kept.version != version || is_full {
            *kept = Kept { version, ..Kept::default() };
        }
        kept.replies.entry(key.into()).or_default().clone()
    }

    fn settle(&self, version: u64, key: &str, reply: &Reply) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.version != version {
            return;
        }
        match reply.status {
            StatusCode::OK => kept.bytes += reply.weight(),
            _ => drop(kept.replies.remove(key)),
        }
    }
}
