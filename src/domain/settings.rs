//! Settings: how this home runs. What is collected stands in the sources, not here.

use super::bucket::Server;
use super::format::Lang;
use super::ping::Pings;
use super::source::Title;
use chrono_tz::Tz;
use std::collections::BTreeMap;
use std::time::Duration;

/// The checked content of `daybook.toml`; every key has a default.
#[derive(Clone, PartialEq, Debug)]
pub struct Settings {
    /// URL of the store; none means the embedded one, `daybook.sqlite` in the home.
    pub store: Option<String>,
    /// Who answers for the requests: a mail address or a URL, sent in the User-Agent.
    pub contact: Option<String>,
    pub fetcher: Fetcher,
    pub summarizer: Summarizer,
    pub report: Report,
    pub ping: Pings,
    /// Of the server of an archive in a bucket.
    pub archive: Server,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Fetcher {
    /// A run ends before the next one.
    pub deadline: Duration,
    /// How far requests are spread inside a minute under cron.
    pub splay: Duration,
    /// Least time between two requests to one host.
    pub pace: Duration,
    /// Requests to one host at once.
    pub per_host: usize,
    /// Hosts with a pace of their own, and how many requests at once.
    pub hosts: BTreeMap<String, (Duration, usize)>,
    /// Further attempts after a failure that may pass.
    pub retries: u32,
    pub redirects: u32,
    /// Bytes that must stay free on the disk of `data/`.
    pub reserve: u64,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Summarizer {
    /// How long after its end an hour closes.
    pub close_after: Duration,
    /// The folder that keeps what was counted, from the home, or a bucket, `s3://NAME/PREFIX`; none
    /// keeps nothing.
    pub archive: Option<String>,
    /// How long the journals of this home are kept in the store.
    pub keep_journals: Duration,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Report {
    /// The name that stands at the head of each page.
    pub title: String,
    pub language: Lang,
    /// Whose civil days and clock the pages show.
    pub zone: Tz,
    pub study: Study,
}

/// What the written report says of its purpose, in its owner's words.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Study {
    /// What is looked at, and why.
    pub subject: Option<Title>,
    /// How.
    pub approach: Option<Title>,
    /// What shall be done with the data.
    pub analyses: Vec<Title>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            store: None,
            contact: None,
            fetcher: Fetcher {
                deadline: Duration::from_secs(50),
                splay: Duration::from_secs(15),
                pace: Duration::from_millis(500),
                per_host: 2,
                hosts: BTreeMap::new(),
                retries: 2,
                redirects: 4,
                reserve: 256 << 20,
            },
            summarizer: Summarizer {
                close_after: Duration::from_secs(120),
                archive: None,
                keep_journals: Duration::from_secs(400 * 86_400),
            },
            report: Report {
                title: "Daybook".into(),
                language: Lang::En,
                zone: Tz::UTC,
                study: Study::default(),
            },
            ping: Pings {
                fetcher: None,
                summarizer: None,
                analyzer: None,
                every: Duration::from_secs(300),
            },
            archive: Server::default(),
        }
    }
}
