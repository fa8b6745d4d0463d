//! A request beside those of a source's slots, with its credentials and on its terms: for one of
//! its records, or for a list that belongs to it.

use super::asking::Asking;
use super::budget::Budget;
use super::compose::Composer;
use super::due::Caller;
use super::robots::Rules;
use super::tokens::Tokens;
use super::way::Way;
use crate::domain::request::Request;
use crate::domain::secret::Secrets;
use crate::domain::settings;
use crate::domain::source::{Fetch, Source};
use crate::domain::template::Template;
use crate::domain::time::Instant;
use crate::edge::clock::Clock;
use crate::edge::http::{Bounds, Client, Pace};
use crate::edge::signal;
use crate::edge::spool::Spool;
use anyhow::{Result, anyhow};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// How a source is asked by such requests.
pub struct Single<'a> {
    settings: &'a settings::Fetcher,
    secrets: &'a Secrets,
    now: Instant,
    source: Source,
}

impl<'a> Single<'a> {
    /// For what stands at an address.
    pub fn new(
        settings: &'a settings::Fetcher,
        secrets: &'a Secrets,
        now: Instant,
        source: &Source,
        url: Template,
    ) -> Single<'a> {
        let fetch =
            Fetch { url, params: Vec::new(), payload: None, range: None, ..source.fetch.clone() };
        Single { settings, secrets, now, source: Source { fetch, ..source.clone() } }
    }

    /// The request, with these words in its address.
    pub fn request(&self, columns: &BTreeMap<String, String>) -> Result<Request> {
        let Single { settings, secrets, now, source } = self;
        let (slot, window) = (*now, None);
        let composer = Composer { settings, secrets, source, columns, slot, window };
        let mut request = composer.request().map_err(|why| anyhow!("{}: {why}", source.name))?;
        request.identity = Caller::identity(source).map_err(|why| anyhow!(why))?;
        Ok(request)
    }
}

/// Asks within a budget, one request after the other, for so long.
pub fn asking(
    spool: &Spool,
    clock: Clock,
    (settings, user_agent): (&settings::Fetcher, &str),
    budget: &Arc<Budget>,
    left: Duration,
) -> Asking {
    let pace = Pace { at_once: 1, ..budget.pace(settings) };
    let client = Arc::new(Client::new(user_agent, pace));
    let bounds = Bounds::starting(clock.now(), left, signal::stop());
    let rules = Arc::new(Rules::new(spool, clock));
    let way = Way { client, bounds, budget: budget.clone(), rules };
    Asking { way, tokens: Arc::new(Tokens::new(spool, clock)) }
}
