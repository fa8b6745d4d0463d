//! What there is most of inside of an element, for a person who looks for it.

use super::dom::Node;
use crate::domain::shown::begun;
use html5ever::local_name as local;
use std::collections::HashMap;

/// Nodes that are looked at, and letters of a name that are shown.
const LOOKED_AT: usize = 100_000;
const LETTERS: usize = 40;

impl Node<'_> {
    /// Its elements by their names and classes, as selectors: `most` of them, the most frequent
    /// first.
    pub fn outline(self, most: usize) -> String {
        let mut counts: HashMap<String, (usize, usize)> = HashMap::new();
        let nodes = std::iter::successors(self.next_in(self), |node| node.next_in(self));
        let named = nodes.take(LOOKED_AT).filter_map(Node::signature);
        for (place, name) in named.enumerate() {
            counts.entry(name).or_insert((0, place)).0 += 1;
        }
        let mut counts: Vec<(String, (usize, usize))> = counts.into_iter().collect();
        counts.sort_by_key(|(_, (count, place))| (usize::MAX - count, *place));
        let more = if counts.len() > most { ", ..." } else { "" };
        let shown = counts.iter().take(most).map(|(name, (count, _))| format!("{count} {name}"));
        let shown: Vec<String> = shown.collect();
        match shown.is_empty() {
            true => "no elements".into(),
            false => shown.join(", ") + more,
        }
    }

    /// How a selector may name it.
    fn signature(self) -> Option<String> {
        let element = self.element()?;
        let classes = element.attributes.iter().find(|own| own.name == local!("class"));
        let classes = classes.map(|own| &*own.value).unwrap_or_default();
        let mut name = element.name.local.to_string();
        for class in classes.split_ascii_whitespace().take(2) {
            name += &format!(".{class}");
        }
        Some(begun(&name, LETTERS))
    }
}
