//! What the answers of a source do not say: the remarks of its last counted hours.

use super::view;
use crate::domain::name::SourceName;
use crate::domain::silence::{self, Told};
use crate::domain::time::Window;
use crate::edge::store::Reader;
use anyhow::Result;
use chrono::Duration;

/// How far back a silence is followed.
const BACK_DAYS: i64 = 2;

/// The remarks of the last counted hour before `until`, and how long they have lasted.
pub fn told(store: &dyn Reader, source: &SourceName, until: Window) -> Result<Vec<Told>> {
    let from = Window::of(until.start().before(Duration::days(BACK_DAYS)));
    Ok(silence::told(view::live(store, source, &(from..until))?.entries.iter()))
}
