//! The balance: per source and hour, each snapshot that landed is exactly one of waiting,
//! counted, partial or quarantined. What the journals claim is held against what is found.

use super::name::SourceName;
use super::positions::Missing;
use super::snapshot::SnapshotId;
use super::time::Window;
use std::collections::{BTreeMap, BTreeSet};

/// Snapshots of one source in one hour.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Account {
    /// Claimed by journals.
    pub landed: u64,
    /// In no entry of the ledger yet.
    pub waiting: u64,
    /// Of these, those that are not in this home: another one is to count them.
    pub elsewhere: u64,
    /// Nothing missing.
    pub counted: u64,
    /// Some items missing.
    pub partial: u64,
    /// All items missing.
    pub quarantined: u64,
    /// Claimed, and found nowhere.
    pub lost: u64,
    /// Found, and claimed by no journal.
    pub unclaimed: u64,
}

impl Account {
    pub fn is_balanced(&self) -> bool {
        self.lost == 0 && self.unclaimed == 0
    }

    pub fn add(&mut self, other: &Account) {
        self.landed += other.landed;
        self.waiting += other.waiting;
        self.elsewhere += other.elsewhere;
        self.counted += other.counted;
        self.partial += other.partial;
        self.quarantined += other.quarantined;
        self.lost += other.lost;
        self.unclaimed += other.unclaimed;
    }
}

/// What each snapshot is, by its id.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    pub claimed: BTreeSet<SnapshotId>,
    /// Files in the spool, wherever they stand between landing and emptying.
    pub waiting: BTreeSet<SnapshotId>,
    /// Ids of live entries, with what none of them has counted.
    pub found: BTreeMap<SnapshotId, Missing>,
    /// Claimed ones that may wait in another home.
    pub elsewhere: BTreeSet<SnapshotId>,
    /// Found ones of which another home's journals may yet tell.
    pub untold: BTreeSet<SnapshotId>,
}

/// The accounts, and the ids on which they differ.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Balance {
    pub accounts: BTreeMap<(SourceName, Window), Account>,
    pub lost: Vec<SnapshotId>,
    pub unclaimed: Vec<SnapshotId>,
}

impl Balance {
    /// Holds claims against findings.
    pub fn of(facts: &Facts) -> Balance {
        let mut balance = Balance::default();
        let claimed = |id: &&SnapshotId| facts.claimed.contains(*id);
        let waiting = facts.waiting.iter().filter(|id| !claimed(id));
        let found = facts.found.keys().filter(|id| !claimed(id) && !facts.waiting.contains(*id));
        facts.claimed.iter().chain(waiting).chain(found).for_each(|id| balance.enter(id, facts));
        balance.lost.sort();
        balance.unclaimed.sort();
        balance
    }

    fn enter(&mut self, id: &SnapshotId, facts: &Facts) {
        let account = self.accounts.entry((id.source().clone(), id.window())).or_default();
        let claimed = facts.claimed.contains(id) || facts.untold.contains(id);
        account.landed += u64::from(claimed);
        match facts.found.get(id) {
            Some(Missing::Nothing) => account.counted += 1,
            Some(Missing::Some(_)) => account.partial += 1,
            Some(Missing::All) => account.quarantined += 1,
            None if facts.waiting.contains(id) => account.waiting += 1,
            None if facts.elsewhere.contains(id) => {
                account.waiting += 1;
                account.elsewhere += 1;
            }
            None => {
                account.lost += 1;
                self.lost.push(id.clone());
            }
        }
        if !claimed {
            account.unclaimed += 1;
            self.unclaimed.push(id.clone());
        }
    }

    /// The same, with the accounts of sources under the names that they have now.
    pub fn renamed(self, name: impl Fn(&SourceName) -> SourceName) -> Balance {
        let mut accounts: BTreeMap<(SourceName, Window), Account> = BTreeMap::new();
        for ((source, hour), account) in &self.accounts {
            accounts.entry((name(source), *hour)).or_default().add(account);
        }
        Balance { accounts, ..self }
    }

    /// What it says of some sources.
    pub fn only(mut self, wanted: impl Fn(&SourceName) -> bool) -> Balance {
        self.accounts.retain(|(name, _), _| wanted(name));
        self.lost.retain(|id| wanted(id.source()));
        self.unclaimed.retain(|id| wanted(id.source()));
        self
    }

    /// The same, of the ids on which the accounts differ only so many.
    pub fn brief(mut self, ids: usize) -> Balance {
        for differ in [&mut self.lost, &mut self.unclaimed] {
            differ.truncate(ids);
            differ.shrink_to_fit();
        }
        self
    }

    /// One account over all hours of a source.
    pub fn total(&self, source: &SourceName) -> Account {
        let mut total = Account::default();
        let own = self.accounts.iter().filter(|((name, _), _)| name == source);
        own.for_each(|(_, account)| total.add(account));
        total
    }

    pub fn is_balanced(&self) -> bool {
        self.lost.is_empty() && self.unclaimed.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::positions::Positions;

    fn id(second: u32) -> SnapshotId {
        let name = format!("velib_2026-11-22T02-41-{second:02}Z_a3f9c1_5f0c11ab.json");
        SnapshotId::parse(&name).unwrap()
    }

    #[test]
    fn each_snapshot_is_one_thing() {
        let facts = Facts {
            claimed: (0..5).map(id).collect(),
            waiting: [id(0), id(1)].into(),
            found: [
                (id(1), Missing::Nothing),
                (id(2), Missing::Some(Positions::from_ranges([(1, 1)]))),
                (id(3), Missing::All),
                (id(9), Missing::Nothing),
            ]
            .into(),
            ..Facts::default()
        };
        let balance = Balance::of(&facts);
        let total = balance.total(id(0).source());
        let expected = Account {
            landed: 5,
            waiting: 1,
            elsewhere: 0,
            counted: 2,
            partial: 1,
            quarantined: 1,
            lost: 1,
            unclaimed: 1,
        };
        assert_eq!(total, expected);
        assert_eq!((balance.lost, balance.unclaimed), (vec![id(4)], vec![id(9)]));
    }

    #[test]
    fn what_another_home_has_is_not_lost() {
        let facts = Facts {
            claimed: [id(0), id(1)].into(),
            elsewhere: [id(0)].into(),
            found: [(id(2), Missing::Nothing), (id(3), Missing::Nothing)].into(),
            untold: [id(2)].into(),
            ..Facts::default()
        };
        let balance = Balance::of(&facts);
        let total = balance.total(id(0).source());
        assert_eq!((total.landed, total.waiting, total.elsewhere, total.counted), (3, 1, 1, 2));
        assert_eq!((balance.lost, balance.unclaimed), (vec![id(1)], vec![id(3)]));
    }
}
