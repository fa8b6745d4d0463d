//! What the network heard of one request, and what is known of it before it lands.

use super::answer::Staged;
use super::tally::{Landed, Trouble};
use crate::domain::request::{Request, Response};
use crate::domain::retry::Failure;
use crate::domain::time::Instant;

/// What came of one request.
pub struct Heard {
    /// Which source, and which of its requests.
    pub place: (usize, usize),
    /// When the request began.
    pub started: Instant,
    pub word: Word,
    /// Of a page of a set: who is told what to ask next.
    pub reply: Option<Reply>,
}

/// Takes the request for the next page; when it is dropped, there is none.
pub type Reply = tokio::sync::oneshot::Sender<Box<Request>>;

pub enum Word {
    Came(Box<Result<Response, Failure>>),
    /// It was not asked, because of this.
    Later(String),
}

/// What is known of a request of a group before the group lands.
pub enum Stage {
    Staged(Box<Staged>),
    Settled(Landed),
    /// A page of a survey: when it has landed, the next one is asked.
    Passed(Box<Staged>),
    /// A page: the next one is asked.
    Turned,
}

impl Stage {
    pub fn lost() -> Stage {
        Stage::Settled(Err(Trouble::Later("nobody asked".into())))
    }
}
