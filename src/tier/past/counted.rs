//! What counts in the days of ledgers, each read once, however many periods ask for it.

use crate::domain::ledger::Kind;
use crate::domain::name::SourceName;
use crate::domain::time::{Day, Window};
use crate::edge::store::Reader;
use crate::tier::view::{self, Live};
use anyhow::Result;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::rc::Rc;

/// What counts in a day of a ledger: the hour, the commit and the kind of each entry.
pub struct Counted {
    pub entries: Vec<(Window, String, Kind)>,
    pub damaged: BTreeSet<Window>,
}

/// The ledgers of a store, as they were when they were first asked for.
pub struct Ledgers<'a> {
    store: &'a dyn Reader,
    growth: RefCell<BTreeMap<SourceName, Rc<BTreeMap<Day, u64>>>>,
    counted: RefCell<BTreeMap<(SourceName, Day), Rc<Counted>>>,
}

impl<'a> Ledgers<'a> {
    pub fn new(store: &'a dyn Reader) -> Ledgers<'a> {
        Ledgers { store, growth: RefCell::default(), counted: RefCell::default() }
    }

    /// How far the ledger of a name had grown when it was first asked for, by days.
    pub fn growth(&self, name: &SourceName) -> Result<Rc<BTreeMap<Day, u64>>> {
        if let Some(growth) = self.growth.borrow().get(name) {
            return Ok(growth.clone());
        }
        let growth = Rc::new(self.store.growth(name, &(Day::MIN..=Day::MAX))?);
        self.growth.borrow_mut().insert(name.clone(), growth.clone());
        Ok(growth)
    }

    /// What counts of a name in some days, each read once.
    pub fn counted(
        &self,
        name: &SourceName,
        days: RangeInclusive<Day>,
    ) -> Result<Vec<Rc<Counted>>> {
        let growth = self.growth(name)?;
        growth.range(days).map(|(day, _)| self.counted_on(name, *day)).collect()
    }

    fn counted_on(&self, name: &SourceName, day: Day) -> Result<Rc<Counted>> {
        let key = (name.clone(), day);
        if let Some(counted) = self.counted.borrow().get(&key) {
            return Ok(counted.clone());
        }
        let hours = view::hours_of(day);
        let live = hours.map(|hours| view::outlines(self.store, name, &hours)).transpose()?;
        let Live { entries, damaged, .. } = live.unwrap_or_default();
        let entries = entries.into_iter().map(|entry| (entry.hour, entry.commit, entry.kind));
        let counted = Rc::new(Counted { entries: entries.collect(), damaged });
        self.counted.borrow_mut().insert(key, counted.clone());
        Ok(counted)
    }
}
