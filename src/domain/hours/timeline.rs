//! Values by the hour, one behind the other: months of hours of many series take a third of the
//! room of a tree.

use crate::domain::time::Window;

/// Values in order of their hours; each hour has one.
#[derive(Clone, PartialEq, Debug)]
pub struct Timeline<T>(Vec<(Window, T)>);

impl<T> Default for Timeline<T> {
    fn default() -> Timeline<T> {
        Timeline(Vec::new())
    }
}

impl<T> Timeline<T> {
    /// The value of an hour, or where it would stand. Hours mostly come in their order.
    fn place(&self, hour: Window) -> Result<usize, usize> {
        match self.0.last() {
            Some((last, _)) if *last >= hour => self.0.binary_search_by_key(&hour, |(at, _)| *at),
            _ => Err(self.0.len()),
        }
    }

    pub fn get_mut(&mut self, hour: Window) -> Option<&mut T> {
        let place = self.place(hour).ok()?;
        self.0.get_mut(place).map(|(_, value)| value)
    }

    /// Puts a value in the place of its hour.
    pub fn insert(&mut self, hour: Window, value: T) {
        match self.place(hour) {
            Ok(place) => self.0[place] = (hour, value),
            Err(place) => self.0.insert(place, (hour, value)),
        }
    }

    pub fn last(&self) -> Option<(Window, &T)> {
        self.0.last().map(|(hour, value)| (*hour, value))
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn retain(&mut self, keep: impl Fn(Window, &T) -> bool) {
        self.0.retain(|(hour, value)| keep(*hour, value));
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Window, &T)> {
        self.0.iter().map(|(hour, value)| (*hour, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn it_is_a_map(hours in proptest::collection::vec((0i64..20, 0u8..9), 0..30)) {
            let window = |hour| Window::of(crate::domain::time::from_millis(hour * 3_600_000));
            let (mut timeline, mut map) = (Timeline::default(), BTreeMap::new());
            for (hour, value) in hours {
                let hour = window(hour);
                prop_assert_eq!(timeline.get_mut(hour), map.get_mut(&hour));
                timeline.insert(hour, value);
                map.insert(hour, value);
            }
            timeline.retain(|_, value| *value > 2);
            map.retain(|_, value| *value > 2);
            prop_assert!(timeline.iter().eq(map.iter().map(|(hour, value)| (*hour, value))));
            prop_assert_eq!(timeline.len(), map.len());
            prop_assert_eq!(timeline.last().map(|(hour, _)| hour), map.keys().last().copied());
        }
    }
}
