//! What people must know of a source: what it is, how it is had, and under which terms.

use super::Title;
use std::time::Duration;

/// What people must know of a source: it travels with every output.
#[derive(Clone, Debug)]
pub struct About {
    pub content: String,
    pub zone: String,
    /// How often the publisher refreshes.
    pub period: Duration,
    pub access: Access,
    pub token: Token,
    pub licence: Licence,
    pub share: Share,
    /// What everyone must know who reads figures of it.
    pub caveat: Option<Title>,
    pub attribution: String,
    pub homepage: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    Api,
    Download,
    Scrape,
    Database,
    File,
}

impl Access {
    pub const ALL: [(&'static str, Access); 5] = [
        ("api", Access::Api),
        ("download", Access::Download),
        ("scrape", Access::Scrape),
        ("database", Access::Database),
        ("file", Access::File),
    ];

    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, access)| *access == self).map_or("", |(name, _)| name)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Token {
    None,
    Optional,
    Required,
}

impl Token {
    pub const ALL: [(&'static str, Token); 3] =
        [("none", Token::None), ("optional", Token::Optional), ("required", Token::Required)];

    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, token)| *token == self).map_or("", |(name, _)| name)
    }
}

#[derive(Clone, Debug)]
pub struct Licence {
    pub name: String,
    pub url: String,
    pub reuse: Reuse,
}

impl Licence {
    /// Its name and its address.
    pub fn line(&self) -> String {
        format!("{} ({})", self.name, self.url)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reuse {
    Free,
    Conditions,
    Forbidden,
    Unknown,
}

impl Reuse {
    pub const ALL: [(&'static str, Reuse); 4] = [
        ("free", Reuse::Free),
        ("conditions", Reuse::Conditions),
        ("forbidden", Reuse::Forbidden),
        ("unknown", Reuse::Unknown),
    ];

    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, reuse)| *reuse == self).map_or("", |(name, _)| name)
    }
}

/// How much of a source its terms let go to others: it binds what leaves the store, whichever way.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Share {
    /// Nothing, no figure either: its data are kept for whoever collects them.
    None,
    /// Figures over many items, and no item by itself.
    Aggregates,
    #[default]
    All,
}

impl Share {
    pub const ALL: [(&'static str, Share); 3] =
        [("none", Share::None), ("aggregates", Share::Aggregates), ("all", Share::All)];

    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, share)| *share == self).map_or("", |(name, _)| name)
    }

    pub fn by_name(name: &str) -> Option<Share> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, share)| *share)
    }

    /// What is left out by it, in words of the terms; none where nothing is.
    pub fn terms(self) -> Option<&'static str> {
        match self {
            Share::None => {
                Some("its terms let nothing of it be shown or passed on, no figure either")
            }
            Share::Aggregates => {
                Some("its terms let figures of it be shown, and no record passed on")
            }
            Share::All => None,
        }
    }
}
