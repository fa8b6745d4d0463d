//! Records that a complete walk did not see are asked for by themselves: where their publisher says
//! that there is none, they are withdrawn. An error says nothing, and is asked again.

use super::budget::Budget;
use super::fetch::Fetcher;
use super::single::{Single, asking};
use crate::domain::format::english;
use crate::domain::request::Response;
use crate::domain::retry::Failure;
use crate::domain::source::{Gone, Source};
use crate::domain::time::Instant;
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::time::Duration;

/// What was found is kept after so many.
const TOGETHER: usize = 25;
/// After so many records of which nothing helps, no more is asked now.
const ODD: usize = 5;
/// With less time than this nobody is asked any more.
const LEAST: Duration = Duration::from_secs(2);

/// What is said of one record.
enum Said {
    Open,
    Gone,
    /// Nothing that helps, of this one.
    Odd(String),
    /// Nothing that helps; no more is asked now.
    Nothing(String),
}

impl Fetcher<'_> {
    /// Asks for what is absent, as long as there is time.
    pub(super) fn confirm(&self, sources: &[Source]) -> Result<()> {
        for source in sources {
            let Some(gone) = source.withdrawal().and_then(|w| w.gone.as_ref()) else { continue };
            let absent = self.spool.absent(&source.name)?;
            let spent = self.clock.since(self.clock.started());
            let left = self.settings.deadline.saturating_sub(spent);
            if absent.is_empty() || left < LEAST {
                continue;
            }
            self.confirm_one(source, gone, absent, left)?;
        }
        Ok(())
    }

    fn confirm_one(
        &self,
        source: &Source,
        gone: &Gone,
        absent: Vec<String>,
        left: Duration,
    ) -> Result<()> {
        let (settings, now) = (self.settings, self.clock.started());
        let single = Single::new(settings, self.secrets, now, source, gone.url.clone());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .context("cannot start the network runtime")?;
        let found = runtime.block_on(self.ask_each(source, &single, gone, (absent, left)));
        runtime.shutdown_background();
        found
    }

    async fn ask_each(
        &self,
        source: &Source,
        single: &Single<'_>,
        gone: &Gone,
        (mut absent, left): (Vec<String>, Duration),
    ) -> Result<()> {
        let budget = Budget::of_run(self.spool, self.clock);
        let whom = (self.settings, self.user_agent.as_str());
        let asking = asking(self.spool, self.clock, whom, &budget, left);
        let (all, mut withdrawn, mut why) = (absent.len(), 0, None);
        let mut odd: Vec<String> = Vec::new();
        while !absent.is_empty() && why.is_none() {
            let mut found: Vec<(String, Instant)> = Vec::new();
            for _ in 0..TOGETHER {
                let Some(id) = absent.last() else { break };
                let request = single.request(&BTreeMap::from([("id".into(), id.clone())]))?;
                match said(asking.fetch(&request).await, gone) {
                    Said::Open => drop(absent.pop()),
                    Said::Gone => found.extend(absent.pop().map(|id| (id, self.clock.now()))),
                    // What is wrong with one record keeps no other from being asked.
                    Said::Odd(words) if odd.len() < ODD => {
                        self.progress.warn(&format!("{}: {words}", source.name));
                        odd.extend(absent.pop());
                    }
                    Said::Odd(words) | Said::Nothing(words) => {
                        why = Some(words);
                        break;
                    }
                }
            }
            withdrawn += found.len();
            let left: Vec<String> = odd.iter().chain(&absent).cloned().collect();
            self.spool.keep_asked(&source.name, &left, &found)?;
        }
        budget.close()?;
        let asked = english((all - absent.len()) as u64, "record", "records");
        let tail = why.map(|why| format!("; the others follow: {why}")).unwrap_or_default();
        self.progress.tell(&format!(
            "{}: {asked} asked for that the last walk did not see, {withdrawn} withdrawn{tail}",
            source.name
        ));
        Ok(())
    }
}

fn said(came: std::result::Result<Response, Failure>, gone: &Gone) -> Said {
    match came {
        Ok(_) => Said::Open,
        Err(Failure::NoContent { status, .. } | Failure::Permanent { status, .. })
            if status == gone.status =>
        {
            Said::Gone
        }
        Err(failure) if failure.status().is_some_and(|status| status != 401 && status != 429) => {
            Said::Odd(failure.explain())
        }
        Err(failure) => Said::Nothing(failure.explain()),
    }
}
