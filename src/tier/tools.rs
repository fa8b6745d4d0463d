//! What a lander works with.

use super::Progress;
use super::tokens::Tokens;
use crate::domain::secret::Secrets;
use crate::domain::settings;
use crate::domain::source::Declaration;
use crate::edge::clock::Clock;
use crate::edge::spool::Spool;

/// The spool, the clock, and who is told.
#[derive(Clone, Copy)]
pub struct Tools<'a> {
    pub spool: &'a Spool,
    pub clock: Clock,
    pub progress: &'a dyn Progress,
    pub settings: &'a settings::Fetcher,
    pub secrets: &'a Secrets,
    pub journals: &'a Declaration,
    /// What they gave is shown to nobody.
    pub tokens: &'a Tokens,
}

impl Tools<'_> {
    /// Words without secrets, and without tokens.
    pub fn hide(&self, words: &str) -> String {
        self.tokens.hide(&self.spool.hide(words))
    }
}
