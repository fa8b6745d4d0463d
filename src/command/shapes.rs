//! What people see of the declared sources in a store that gives views of them.

use super::Setup;
use crate::domain::shape::{Shape, Units};
use crate::domain::source::{Items, Source};
use crate::edge::config;
use crate::edge::store::{Described, Reader, Writer};
use crate::tier::done::Summary;
use crate::tier::{Progress, labels};
use anyhow::Result;
use std::collections::BTreeMap;

/// Gives people the names of the series that were counted in a run, and the views of all sources:
/// what a program reads is there without either, so that a fault is told, and nothing more.
pub fn show(setup: &Setup, store: &dyn Writer, done: &Summary) {
    if let Err(error) = labels::keep(store, &setup.sources, done) {
        setup.console.warn(&format!("the names of series are not kept: {error:#}"));
    }
    describe(setup, store);
}

/// Gives people the views of all sources, each by itself; the sources of which they could not be
/// made.
pub fn describe(setup: &Setup, store: &dyn Writer) -> Vec<String> {
    let mut left = Vec::new();
    for source in &setup.sources {
        let name = &source.name;
        let described =
            shape(setup, store.as_reader(), source).and_then(|shape| Ok(store.describe(&shape)?));
        match described {
            Ok(Described::AsDeclared) => {}
            Ok(Described::AsBefore) => left.push(name.to_string()),
            Ok(Described::Short(columns)) => setup.console.warn(&format!(
                "{name}: a view of it has no room for {columns} of its columns\n\
                 hint: they are in the views statistics and latest_records"
            )),
            Err(error) => {
                setup.console.warn(&format!("{name}: its views are not made: {error:#}"));
                left.push(name.to_string());
                // One that does not answer keeps nobody waiting once for each source.
                if store.as_reader().id().is_err() {
                    break;
                }
            }
        }
    }
    left
}

/// The sources whose views in a store are not those of today's declaration.
pub fn stale(setup: &Setup, store: &dyn Reader) -> Result<Vec<String>> {
    let mut stale = Vec::new();
    for source in &setup.sources {
        if !store.is_described(&shape(setup, store, source)?)? {
            stale.push(source.name.to_string());
        }
    }
    Ok(stale)
}

/// The shape of a source: what its records say was read under the declarations of their time, and
/// has the units of those.
fn shape(setup: &Setup, store: &dyn Reader, source: &Source) -> Result<Shape> {
    if let Items::Samples(_) = source.items {
        return Ok(Shape::of(source, BTreeMap::new()));
    }
    let folder = setup.home.join("sources");
    let mut read_under: BTreeMap<String, Units> = BTreeMap::new();
    for name in source.names() {
        for hash in store.read_under(&name)? {
            let text = store.declaration(&hash)?;
            let was = text.and_then(|text| config::kept(&name, &text, &folder));
            read_under.extend(was.map(|was| (hash, Shape::units(&was))));
        }
    }
    Ok(Shape::of(source, read_under))
}
