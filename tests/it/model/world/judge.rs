//! Judges what became of everything.

use super::super::items::{self, Content, Counts, snapshot};
use super::super::stage::files;
use super::{World, id};
use daybook::domain::positions::Missing;
use daybook::tier::view;
use std::collections::BTreeSet;
use std::fs;

impl World {
    /// What landed is counted whole, or there are its bytes.
    pub(super) fn nothing_is_lost(&self) {
        let found = self.stage.found();
        let roots = [0, 1].map(|home| self.stage.home(home).root.join("data"));
        let held: BTreeSet<_> = roots.iter().flat_map(|root| files(root)).collect();
        let state = self.state.lock().unwrap();
        for content in state.expected.difference(&state.rotten).map(|name| snapshot(name)) {
            let id = id(&content).to_string();
            let is_whole = |path| fs::read(path).is_ok_and(|bytes| bytes == content.bytes);
            let there = held.iter().any(|(name, path)| name.starts_with(&id) && is_whole(path));
            let counted = found.get(&id) == Some(&Missing::Nothing);
            assert!(there || counted, "{} is lost\n{}", content.name, self.stage.told());
        }
    }

    /// Each readable item counts once; what is not counted is in quarantine.
    pub(super) fn judge(&self, is_mended: bool) {
        let hours = view::hours(&**self.stage.store(), &items::name(), &items::hours()).unwrap();
        let counts = items::counts(&hours).unwrap_or_else(|wrong| self.wrong(&wrong));
        let quarantines =
            [0, 1].map(|home| self.stage.home(home).root.join("data/quarantine/model"));
        let held: BTreeSet<String> =
            quarantines.iter().flat_map(|folder| files(folder)).map(|(name, _)| name).collect();
        let state = self.state.lock().unwrap();
        for content in state.expected.iter().map(|name| snapshot(name)) {
            let id = id(&content).to_string();
            // A replay counts what came back while the rotten one was at work.
            let waits = state.was_rotten.contains(content.name);
            let held_so = (held.contains(&id), waits);
            if !self.is_right(&content, &counts, held_so, is_mended) {
                self.wrong(&format!("{}, mended: {is_mended}: {counts:?}", content.name));
            }
            if held.contains(&id) != held.contains(&format!("{id}.reason")) {
                self.wrong(&format!("{id} and its reason are not both in quarantine"));
            }
        }
        self.is_empty();
    }

    fn is_right(
        &self,
        content: &Content,
        counts: &[Counts; 2],
        (held, waits): (bool, bool),
        mended: bool,
    ) -> bool {
        let each = content.items.iter().all(|(item, soon)| match counts[0][*item] {
            0 => held && (waits || !soon) && !mended,
            _ => true,
        });
        let summed: BTreeSet<u8> = content.items.iter().map(|(item, _)| counts[1][*item]).collect();
        let whole = content.items.iter().all(|(item, _)| counts[0][*item] == 1);
        let aggregate = content.is_torn || summed == BTreeSet::from([u8::from(whole)]);
        each && aggregate && (!content.is_torn || held)
    }

    fn is_empty(&self) {
        for home in [0, 1].map(|home| self.stage.home(home)) {
            let mut left = files(&home.root.join("data/model"));
            left.extend(files(&home.root.join("data/.batches")));
            left.extend(files(&home.root.join("data/.tmp")));
            assert!(left.is_empty(), "{left:?} is left\n{}", self.stage.told());
        }
    }

    fn wrong(&self, what: &str) -> ! {
        panic!("{what}\n{}", self.stage.told())
    }
}
