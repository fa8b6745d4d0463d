//! Facts. Pure: no files, sockets, environment, clock or logs in here, and no serde derives.
//! `now`, randomness and bytes come in as arguments; values go out.

pub mod balance;
pub mod batch;
pub mod crontab;
pub mod digest;
pub mod document;
pub mod extract;
pub mod fold;
pub mod format;
pub mod gate;
pub mod hash;
pub mod hours;
pub mod journal;
pub mod ledger;
pub mod name;
pub mod outcomes;
pub mod page;
pub mod path;
pub mod positions;
pub mod quantile;
pub mod record;
pub mod report;
pub mod request;
pub mod retry;
pub mod row;
pub mod schedule;
pub mod settings;
pub mod snapshot;
pub mod source;
pub mod stats;
pub mod sum;
pub mod texts;
pub mod time;
pub mod trace;
