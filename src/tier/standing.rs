//! How it stands with asking: of each source its last outcome, when it is asked next, and what it
//! waits for.

use super::due::Clockwork;
use crate::domain::document::Doc;
use crate::domain::format::english;
use crate::domain::host::Breaker;
use crate::domain::incident::minute;
use crate::domain::quota::Quota;
use crate::domain::retry::host;
use crate::domain::source::Source;
use crate::domain::time::{Instant, iso};
use crate::edge::spool::{Asked, Last, Spool};
use anyhow::Result;
use std::fmt::Write;
use std::time::Duration;

/// Of one source.
pub struct Standing {
    pub source: String,
    pub last: Option<Last>,
    /// When it is asked next; none where it is not asked any more.
    pub next: Option<Instant>,
    /// Why it waits longer than its slot, or is not asked.
    pub waits: Option<String>,
    /// What is left of its quotas: in words, how much, and of how much.
    pub quotas: Vec<(String, u64, u64)>,
    /// Until when its last answer holds by its publisher's word.
    pub holds_until: Option<Instant>,
    /// Where it is moved for good.
    pub moved_to: Option<String>,
}

/// Of all sources of a home, as far as this user may see it.
pub fn standings(
    spool: &Spool,
    sources: &[Source],
    now: Instant,
    splay: Duration,
) -> Result<Vec<Standing>> {
    let (states, lasts, (hosts, spent, _)) = (spool.states(), spool.last_outcomes(), spool.hosts());
    let mut all = Vec::new();
    for source in sources {
        let asked = Asked { source: &source.name, item: None };
        let known = spool.last_known(asked);
        let state = super::due::state(&states, source);
        let failures = state.map_or(0, |state| state.trouble.failures);
        let name = host(&source.fetch.url.to_string()).unwrap_or_default();
        let open = match hosts.get(&name).map(|host| (host.breaker(now), host)) {
            Some((Breaker::Open(until), host)) => Some((until, host.why.clone())),
            _ => None,
        };
        let items = Clockwork::of(source);
        let held = items.held_until(&states, now);
        let own: Vec<Quota> =
            source.fetch.quotas.iter().map(|quota| quota.of(source.name.as_str())).collect();
        let spent_one = own.iter().find_map(|quota| {
            let (left, end) = spent.left(quota, now);
            (left < quota.cost).then_some((quota, end))
        });
        let open_again = open.as_ref().map(|(until, _)| *until);
        let whole_again = spent_one.map(|(_, end)| end);
        let next = items.next(&states, now, (open_again.max(whole_again), splay))?;
        let gone = items.is_gone(&states);
        let waits = match (gone, &open, held) {
            (true, ..) => Some("gone: its publisher says so; its declaration is as it was".into()),
            (_, Some((until, why)), _) => {
                Some(format!("{name} is left alone until {}: {why}", minute(*until)))
            }
            (_, None, Some(until)) => Some(match (spent_one, failures) {
                (Some((quota, end)), 0) => format!("{} until {}", quota.spent(), minute(end)),
                (_, 0) => format!("left alone until {}", minute(until)),
                (_, row) => {
                    let row = english(row.into(), "failure", "failures");
                    format!("{row} in a row; left alone until {}", minute(until))
                }
            }),
            _ => None,
        };
        let left = |quota: &Quota| (quota.shown(), spent.left(quota, now).0, quota.requests);
        all.push(Standing {
            source: source.name.to_string(),
            last: lasts.get(&source.name).cloned(),
            next: next.filter(|_| !gone),
            waits,
            quotas: own.iter().map(left).collect(),
            holds_until: known
                .as_ref()
                .and_then(|known| known.holds_until(now))
                .filter(|until| *until > now),
            moved_to: known.and_then(|known| known.moved).map(|moved| moved.to),
        });
    }
    Ok(all)
}

impl Standing {
    /// For people.
    pub fn table(all: &[Standing]) -> String {
        let wide = all.iter().map(|one| one.source.len() + 2).fold(28, usize::max);
        let mut out = format!("{:<wide$}{:<26}next, UTC\n", "source", "last outcome");
        let minute = |at: Instant| at.format("%m-%d %H:%M").to_string();
        for one in all {
            let last = one.last.as_ref().map_or("never asked".into(), |last| {
                let status =
                    if last.status > 0 { format!(" {}", last.status) } else { String::new() };
                format!("{} {}{status}", minute(last.at), last.outcome)
            });
            let next = one.next.map_or("never".into(), minute);
            let _ = writeln!(out, "{:<wide$}{last:<26}{next}", one.source);
            for note in one.notes() {
                let _ = writeln!(out, "    {note}");
            }
        }
        out
    }

    /// What is to be known beside that, in words.
    pub fn notes(&self) -> Vec<String> {
        let quotas =
            self.quotas.iter().map(|(quota, left, _)| format!("quota {quota}: {left} left"));
        let holds =
            self.holds_until.map(|at| format!("its last answer holds until {}", minute(at)));
        let moved =
            self.moved_to.as_ref().map(|to| format!("moved for good, to {to}: declare that"));
        let waits =
            self.waits.as_ref().map(|why| why.lines().next().unwrap_or_default().to_string());
        waits.into_iter().chain(quotas).chain(holds).chain(moved).collect()
    }

    pub fn doc(all: &[Standing]) -> Doc {
        let doc = |one: &Standing| {
            let last = |last: &Last| {
                Doc::map([
                    ("at", Doc::text(iso(last.at))),
                    ("outcome", Doc::text(&last.outcome)),
                    ("status", Doc::Int(last.status as i64)),
                    ("error", Doc::option(last.error.as_deref(), Doc::text)),
                ])
            };
            let quota = |(quota, left, of): &(String, u64, u64)| {
                let count = |n: u64| Doc::Int(i64::try_from(n).unwrap_or(i64::MAX));
                Doc::map([("quota", Doc::text(quota)), ("left", count(*left)), ("of", count(*of))])
            };
            Doc::map([
                ("source", Doc::text(&one.source)),
                ("last", Doc::option(one.last.as_ref(), last)),
                ("next", Doc::option(one.next, |at| Doc::text(iso(at)))),
                ("waits", Doc::option(one.waits.as_deref(), Doc::text)),
                ("quotas", Doc::List(one.quotas.iter().map(quota).collect())),
                ("holds_until", Doc::option(one.holds_until, |at| Doc::text(iso(at)))),
                ("moved_to", Doc::option(one.moved_to.as_deref(), Doc::text)),
            ])
        };
        Doc::List(all.iter().map(doc).collect())
    }
}
