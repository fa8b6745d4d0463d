//! Side rows: kept, replaced, read by id or all, forgotten; never in a copy.

use super::{Place, at, each, name};
use daybook::domain::gate::Gate;
use daybook::domain::hash::Digest;
use daybook::domain::record::{Scalar, Version};
use daybook::domain::side::Side;
use daybook::edge::store::{self, Reader};
use std::collections::BTreeSet;

fn side(id: &str, town: Option<&str>) -> Side {
    let text = |town: &str| {
        vec![
            ("lat".to_string(), Scalar::Number(48.5)),
            ("town".to_string(), Scalar::Text(town.into())),
        ]
    };
    Side {
        id: id.into(),
        version: Version {
            updated: Some(at("2026-11-20T01:02:03.004Z")),
            instant: at("2026-11-21T10:00:00Z"),
            hash: Digest::of(b"x"),
        },
        values: town.map(text),
        withdrawn: town.is_none().then(|| at("2026-11-22T10:00:00Z")),
    }
}

fn read(store: &dyn Reader, source: &str, ids: Option<&[&str]>) -> Vec<Side> {
    let ids: Option<BTreeSet<String>> =
        ids.map(|ids| ids.iter().map(|id| id.to_string()).collect());
    let mut found = Vec::new();
    store.sides(&name(source), ids.as_ref(), &mut |side| found.push(side)).unwrap();
    found.sort_by(|a, b| a.id.cmp(&b.id));
    found
}

#[test]
fn side_rows_are_read_back_the_same() {
    each(|place: &Place| {
        let store = place.open();
        assert_eq!(read(&*store, "offers", None), []);
        assert_eq!(read(&*store, "offers", Some(&["a"])), []);
        let first = [side("a", Some("Ä \"b\"")), side("b", Some("Bonn")), side("é/$x", None)];
        store.set_sides(&name("offers"), &first).unwrap();
        store.set_sides(&name("others"), &[side("a", Some("Rome"))]).unwrap();
        store.set_sides(&name("others"), &[]).unwrap();
        drop(store);
        let store = place.open();
        assert_eq!(read(&*store, "offers", None), first);
        assert_eq!(read(&*store, "offers", Some(&["é/$x", "b", "c"])), first[1..]);
        store.set_sides(&name("offers"), &[side("b", None), side("c", Some("Cork"))]).unwrap();
        let after = [first[0].clone(), side("b", None), side("c", Some("Cork")), first[2].clone()];
        assert_eq!(read(&*store, "offers", None), after);
        store.forget(&name("offers"), at("2026-11-23T00:00:00Z")).unwrap();
        assert_eq!(read(&*store, "offers", None), []);
        assert_eq!(read(&*store, "others", None).len(), 1);
    });
}

#[test]
fn a_copy_has_nothing_that_may_be_withdrawn() {
    each(|place: &Place| {
        let store = place.open();
        store.set_sides(&name("offers"), &[side("a", Some("a canary"))]).unwrap();
        let folder = crate::sandbox::temporary();
        let copy = folder.path().join("copy");
        std::fs::create_dir(&copy).unwrap();
        store.copy_to(&copy).unwrap();
        for file in walkdir::WalkDir::new(&copy).into_iter().flatten() {
            let bytes = std::fs::read(file.path()).unwrap_or_default();
            assert!(!bytes.windows(8).any(|bytes| bytes == b"a canary"), "{:?}", file.path());
        }
        let other = crate::sandbox::Sandbox::new(place.0.kind());
        store::fill(other.store(), Gate::open(), &copy, "a copy").unwrap();
        let filled = store::open(other.store(), Gate::open()).unwrap();
        assert!(read(&*filled, "offers", None).iter().all(|side| side.values.is_none()));
        // The next answer fills it in again.
        let next = side("a", Some("a canary"));
        let known = read(&*filled, "offers", None);
        assert_eq!(next.clone().after(known.first()), Some(next));
    });
}
