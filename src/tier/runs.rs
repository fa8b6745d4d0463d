//! When the three programs ran last, as they have left traces in the home.

use super::agenda::job;
use crate::domain::document::Doc;
use crate::domain::name::SourceName;
use crate::domain::time::{Instant, from_millis, iso};
use crate::edge::spool::Spool;
use anyhow::Result;

/// The last run of each program.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Runs {
    /// `None` where it never ran, or this user may not see that.
    pub fetcher: Option<Instant>,
    pub summarizer: Option<Instant>,
    /// The newest report, and when it was written.
    pub report: Option<(String, Instant)>,
}

impl Runs {
    pub fn of(spool: &Spool) -> Result<Runs> {
        Ok(Runs {
            fetcher: held_at(spool, "fetcher"),
            summarizer: held_at(spool, &job(&SourceName::journals())),
            report: spool.newest_report()?,
        })
    }

    /// A line for each program.
    pub fn lines(&self) -> String {
        let at = |at: Option<Instant>| {
            at.map_or("never".into(), |at| at.format("%Y-%m-%d %H:%M UTC").to_string())
        };
        let report = self.report.as_ref().map_or("no report yet".into(), |(name, written)| {
            format!("last report {} ({name})", at(Some(*written)))
        });
        format!(
            "fetcher     last run {}\nsummarizer  last run {}\nanalyzer    {report}\n",
            at(self.fetcher),
            at(self.summarizer)
        )
    }

    pub fn doc(&self) -> Doc {
        let at = |at: Option<Instant>| Doc::option(at, |at| Doc::text(iso(at)));
        Doc::map([
            ("fetcher", at(self.fetcher)),
            ("summarizer", at(self.summarizer)),
            ("report", at(self.report.as_ref().map(|(_, written)| *written))),
        ])
    }
}

/// Who takes a lock writes its process and the second into it; both stay.
fn held_at(spool: &Spool, job: &str) -> Option<Instant> {
    let holder = spool.holder(job)?;
    let seconds: i64 = holder.split_whitespace().nth(1)?.parse().ok()?;
    Some(from_millis(seconds.checked_mul(1_000)?))
}
