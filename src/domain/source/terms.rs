//! What a walk through the windows of a source may count on, and how it is narrowed.

use super::fetch::Fetch;
use super::pages::By;
use crate::domain::survey::Terms;
use crate::domain::template::Template;

impl Fetch {
    /// The same with pages of at most so many items, and for these words only.
    ///
    /// # Errors
    ///
    /// Nothing is declared that takes such words, or that many items.
    pub fn narrowed(mut self, limit: Option<u32>, words: Option<&str>) -> Result<Fetch, String> {
        if let Some(wanted) = limit {
            let by = self.pages.as_mut().map(|pages| &mut pages.by);
            let limit = match by {
                Some(By::Range { limit, .. }) => limit,
                Some(By::Offset { limit: Some((_, limit)), .. }) => limit,
                _ => return Err("its pages are not asked for by how many items they have".into()),
            };
            if wanted > *limit {
                return Err(format!("a page of it has {limit} items at most"));
            }
            *limit = wanted;
        }
        if let Some(words) = words {
            let name = self.slices.as_ref().and_then(|slices| slices.search.clone());
            let name =
                name.ok_or("fetch.slices.search_param, which takes them, is not declared")?;
            let literal = words.replace('{', "{{").replace('}', "}}");
            self.params.push((name, Template::parse(&literal)?));
        }
        Ok(self)
    }

    /// What a walk through its windows may count on.
    pub fn terms(&self) -> Terms {
        let (limit, most) = match self.pages.as_ref().map(|pages| &pages.by) {
            Some(By::Range { limit, most, .. }) => (u64::from(*limit), *most),
            Some(By::Offset { limit: Some((_, limit)), end, .. }) => (u64::from(*limit), end.most),
            _ => (0, None),
        };
        let grain = self.range.map_or(1, |range| range.granularity.as_secs().max(1));
        let slices = self.slices.as_ref();
        let overlap = slices.map_or(0, |slices| u64::from(slices.overlap));
        let dimensions = slices.map_or(&[][..], |slices| &slices.dimensions);
        Terms {
            // The last page begins just before.
            ceiling: most.map(|most| most.saturating_sub(1).saturating_add(limit)),
            limit,
            overlap: overlap.min(limit.saturating_sub(1)),
            grain: i64::try_from(grain).unwrap_or(i64::MAX),
            dimensions: dimensions.iter().map(|dimension| dimension.values.len()).collect(),
        }
    }
}
