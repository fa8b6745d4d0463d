//! What an item is about: the series of a sample, the id and the times of a record.

use super::item::Extraction;
use super::moment::instant;
use super::plan::Slots;
use super::value::{Span, captured};
use crate::domain::decimal::Form;
use crate::domain::form::raw::Raw;
use crate::domain::limits::KEY_BYTES;
use crate::domain::source::{ALL, Identity, Pick, Picks, Records, TimePath};
use crate::domain::time::{from_millis, iso_seconds};
use std::ops::Range;

/// What tells an item apart, and when it happened; `None` for one without its time.
pub(super) type Identified = Option<(Span, Option<i64>, Option<i64>)>;

impl Extraction {
    pub(super) fn identity(
        &mut self,
        records: &Records,
        (slots, form): (&Slots, &Form),
        raws: &[Raw],
    ) -> Result<Identified, String> {
        let read = |path: &TimePath, slots: Range<usize>| instant(&raws[slots], path, form);
        let time = records.time.as_ref().map(|path| read(path, slots.time.clone()));
        let updated = records.updated.as_ref().map(|path| read(path, slots.updated.clone()));
        let (time, updated) = (time.transpose()?.flatten(), updated.transpose()?.flatten());
        self.timed |= raws[slots.time.clone()].iter().any(|raw| *raw != Raw::Absent);
        if records.time.is_some() && time.is_none() {
            return Ok(None);
        }
        let keys = &raws[slots.key.clone()];
        let id = match &records.id {
            Identity::Own(ids) => self.id(ids, keys)?,
            Identity::Measurement(series) => {
                let series = self.series(series, keys)?;
                // The id of a measurement: its series and its time, to the second.
                let at = iso_seconds(from_millis(time.unwrap_or_default()));
                let id = format!("{} {at}", self.text(series));
                self.keep(&id)
            }
        };
        Ok(Some((id, time, updated)))
    }

    pub(super) fn series(&mut self, picks: &Picks, raws: &[Raw]) -> Result<Span, String> {
        if let [raw] = raws
            && let [Pick { capture: None, .. }] = picks.0[..]
        {
            if let Raw::Number(text) = raw
                && (1..=KEY_BYTES).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_digit())
            {
                return Ok(self.keep(text));
            }
            return match raw.key() {
                Some(key) if is_key(&key) => Ok(self.keep(&key)),
                _ if raw.is_none() => Err("it has no series".into()),
                _ => Err(format!("the series {} is no key", raw.show())),
            };
        }
        self.first_key(picks, raws)?.ok_or_else(|| format!("no series found at {picks}"))
    }

    fn id(&mut self, picks: &Picks, raws: &[Raw]) -> Result<Span, String> {
        self.first_key(picks, raws)?.ok_or_else(|| format!("no id found at {picks}"))
    }

    /// Of alternatives, the first that gives a key; before it none may be there and be no key.
    fn first_key(&mut self, picks: &Picks, raws: &[Raw]) -> Result<Option<Span>, String> {
        for (pick, raw) in picks.0.iter().zip(raws) {
            if raw.is_none() {
                continue;
            }
            if pick.capture.is_some() {
                self.budget.work(raw.text().map_or(0, str::len));
            }
            let no_key = || format!("{} is no key, at {}", raw.show(), pick.path);
            let Some(key) = captured(pick, raw.key().ok_or_else(no_key)?) else { continue };
            if is_key(&key) {
                return Ok(Some(self.keep(&key)));
            }
            if !key.is_empty() {
                return Err(no_key());
            }
        }
        Ok(None)
    }
}

fn is_key(key: &str) -> bool {
    let control = match key.is_ascii() {
        true => key.bytes().any(|byte| byte.is_ascii_control()),
        false => key.contains(char::is_control),
    };
    (1..=KEY_BYTES).contains(&key.len()) && key != ALL && !control
}
