//! A probe: one request of a source, now, of which nothing lands and nothing is remembered.

use super::answer::other_letters;
use super::asking::Asking;
use super::budget::Budget;
use super::due::Caller;
use super::robots::Rules;
use super::tokens::Tokens;
use super::way::Way;
use crate::domain::request::Response;
use crate::domain::schedule::Schedule;
use crate::domain::source::Source;
use crate::edge::clock::Clock;
use crate::edge::http::{Bounds, Client, Pace};
use crate::edge::signal;
use anyhow::{Context, Result, anyhow, bail};
use std::sync::Arc;
use std::time::Duration;

/// Asks a source once: of a loop, one item. Gives the answer as it would land, and the item.
pub fn probe(
    caller: &Caller,
    source: &Source,
    item: Option<&str>,
    clock: Clock,
    user_agent: &str,
) -> Result<(Response, Option<String>)> {
    let schedule = Schedule::new(source.first_name(), source.fetch.every, Duration::ZERO)?;
    let calls = caller.calls(source, schedule.slot_at(clock.started())).map_err(|e| anyhow!(e))?;
    let wanted = |of: Option<&str>| item.is_none() || of == item;
    let Some(mut call) = calls.into_iter().find(|call| wanted(call.item.as_deref())) else {
        bail!("{} has no item {:?} in its loop", source.name, item.unwrap_or_default());
    };
    (call.request.validators, call.request.holds_until) = (None, None);
    let pace = Pace { gap: caller.settings.pace, ..Pace::default() };
    let client = Client::new(user_agent, pace);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the network runtime")?;
    let budget = Arc::new(Budget::open(caller.spool, clock));
    let result = runtime.block_on(async {
        let bounds = Bounds::starting(clock.now(), caller.settings.deadline, signal::stop());
        let (client, tokens) = (Arc::new(client), Arc::new(Tokens::new(caller.spool, clock)));
        let rules = Arc::new(Rules::new(caller.spool, clock));
        let way = Way { client, bounds, budget: budget.clone(), rules };
        Asking { way, tokens }.fetch(&call.request).await
    });
    runtime.shutdown_background();
    budget.close()?;
    let mut response =
        result.map_err(|failure| anyhow!("{}: {}", source.name, failure.explain()))?;
    if let Some(why) = other_letters(source, &response) {
        bail!("{}: {why}", source.name);
    }
    let redacted = source.fetch.redacted(response.body);
    response.body = redacted.map_err(|why| anyhow!("{}: {why}", source.name))?;
    Ok((response, call.item))
}
