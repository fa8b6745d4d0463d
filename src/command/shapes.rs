//! What people see of the declared sources in a store that gives views of them.

use super::Setup;
use crate::domain::shape::Shape;
use crate::edge::store::{Reader, Writer};
use anyhow::Result;

/// Gives people the views of all sources; the first of which they could not be made.
pub fn describe(setup: &Setup, store: &dyn Writer) -> Result<Option<String>> {
    let mut left = None;
    for source in &setup.sources {
        if !store.describe(&Shape::of(source))? {
            left.get_or_insert(source.name.to_string());
        }
    }
    Ok(left)
}

/// The sources whose views in a store are of another declaration than today's.
pub fn stale(setup: &Setup, store: &dyn Reader) -> Result<Vec<String>> {
    let mut stale = Vec::new();
    for source in &setup.sources {
        if !store.is_described(&Shape::of(source))? {
            stale.push(source.name.to_string());
        }
    }
    Ok(stale)
}
