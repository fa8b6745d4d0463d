//! What a report says about its own data: what came and when, the balance, the sources.

use super::caption::Caption;
use crate::domain::format::Lang;

/// What came of the minutes of a day, one panel for each source.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Presence {
    pub caption: Caption,
    pub legend: Legend,
    pub panels: Vec<PresencePanel>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct PresencePanel {
    pub name: String,
    /// What share came: `98.6%`.
    pub share: String,
    /// The share is low enough to stand out.
    pub low: bool,
    /// An hour each, 24 on most days; its slots run from top to bottom, at most 60.
    pub columns: Vec<Vec<Slot>>,
    /// Labels at the left edges of columns; `columns.len()` is the right end.
    pub ticks: Vec<(usize, String)>,
}

/// What became of one planned moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Slot {
    OnTime,
    Late,
    Missing,
    /// Nobody was asked, as its publisher wishes.
    NotAsked,
    #[default]
    NotScheduled,
}

/// What the colours of slots are called.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Legend {
    pub on_time: String,
    pub late: String,
    pub missing: String,
    pub not_asked: String,
    pub not_scheduled: String,
}

impl Legend {
    pub fn plain(lang: Lang) -> Legend {
        let [on_time, late, missing, not_asked, not_scheduled] = lang
            .pick(
                ["on time", "late", "missing or unusable", "not asked", "not scheduled"],
                ["à temps", "en retard", "absent ou inutilisable", "non demandé", "non prévu"],
            )
            .map(String::from);
        Legend { on_time, late, missing, not_asked, not_scheduled }
    }
}

/// Each snapshot that landed is one of waiting, counted, partial or quarantined.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Balance {
    pub caption: Caption,
    pub rows: Vec<BalanceRow>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct BalanceRow {
    pub source: String,
    pub landed: u64,
    pub waiting: u64,
    pub counted: u64,
    pub partial: u64,
    pub quarantined: u64,
}

impl BalanceRow {
    /// Zero when nothing was lost and nothing came from nowhere.
    pub fn difference(&self) -> i128 {
        let found = [self.waiting, self.counted, self.partial, self.quarantined];
        i128::from(self.landed) - found.iter().map(|n| i128::from(*n)).sum::<i128>()
    }

    /// All rows added up, under a name for the whole.
    pub fn total(name: impl Into<String>, rows: &[BalanceRow]) -> BalanceRow {
        let sum = |of: fn(&BalanceRow) -> u64| rows.iter().map(of).fold(0, u64::saturating_add);
        BalanceRow {
            source: name.into(),
            landed: sum(|r| r.landed),
            waiting: sum(|r| r.waiting),
            counted: sum(|r| r.counted),
            partial: sum(|r| r.partial),
            quarantined: sum(|r| r.quarantined),
        }
    }
}

/// Where data comes from and on what terms.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SourceCard {
    pub name: String,
    pub homepage: String,
    /// What it holds, in a sentence.
    pub content: String,
    pub licence: String,
    pub licence_url: Option<String>,
    /// How often the publisher refreshes it.
    pub period: String,
    /// How it is reached, and whether that takes a key.
    pub access: String,
    /// The words its licence asks for.
    pub attribution: String,
    /// The last success, how complete the last month was; may be empty.
    pub state: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_balance_shows_what_is_lost_and_what_is_too_many() {
        let row = BalanceRow { landed: 10, counted: 7, partial: 1, ..Default::default() };
        assert_eq!(row.difference(), 2);
        let extra = BalanceRow { counted: 3, ..Default::default() };
        assert_eq!(extra.difference(), -3);
        assert_eq!(BalanceRow::total("all", &[row, extra]).difference(), -1);
    }
}
