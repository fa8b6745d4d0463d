//! Lists of series that are kept as they were read: words, orders, pages and times of the day are
//! asked of what is there.

use super::list::Listed;
use crate::domain::time::Day;
use anyhow::Result;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Lists that are kept: some megabytes each, where a source has thousands of series.
const LISTS: usize = 4;

/// A source, a field, a day.
pub type Key = (String, Option<String>, Day);

type Slot = Arc<Mutex<Option<Arc<Option<Listed>>>>>;

/// Those of one version of what is shown.
#[derive(Default)]
pub struct Lists(Mutex<(u64, HashMap<Key, Slot>)>);

impl Lists {
    /// A list; who asks while it is read waits for it.
    pub fn get(
        &self,
        version: u64,
        key: Key,
        read: impl FnOnce() -> Result<Option<Listed>>,
    ) -> Result<Arc<Option<Listed>>> {
        let slot = self.slot(version, key);
        let mut kept = slot.lock().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            Some(listed) => Ok(listed.clone()),
            None => Ok(kept.insert(Arc::new(read()?)).clone()),
        }
    }

    fn slot(&self, version: u64, key: Key) -> Slot {
        let mut lists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (of, slots) = &mut *lists;
        if *of != version || (slots.len() >= LISTS && !slots.contains_key(&key)) {
            (*of, *slots) = (version, HashMap::new());
        }
        slots.entry(key).or_default().clone()
    }
}
