//! What the values of a dimension are called by their publisher: told before a backfill asks for
//! them, with a warning where whoever declared them takes them for something else.

use super::backfill::Backfill;
use super::budget::Budget;
use super::single::{Single, asking};
use crate::domain::document::Doc;
use crate::domain::shown::short;
use crate::domain::source::{Dimension, Names};
use crate::domain::template::Template;
use anyhow::{Context, Result, anyhow};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// A list of names takes no longer than this.
const LONGEST: Duration = Duration::from_secs(75);

/// Letters of a name that are told.
const NAME: usize = 80;

/// Names that are told one by one.
const TOLD: usize = 20;

impl Backfill<'_> {
    /// The names of all dimensions that have some, in words. Where they cannot be had that is
    /// told, and no more.
    pub(super) async fn tell_names(&self, budget: &Arc<Budget>) -> Vec<String> {
        let mut told = Vec::new();
        let dimensions = self.source.fetch.slices.iter().flat_map(|slices| &slices.dimensions);
        for dimension in dimensions {
            let Some(names) = &dimension.names else { continue };
            match self.names(names, budget).await {
                Ok(known) => told.extend(self.tell(dimension, &known)),
                Err(error) => self.progress.warn(&format!(
                    "{}: what values of {} are called is not known: {error:#}",
                    self.source.name, dimension.param
                )),
            }
        }
        told
    }

    fn tell(&self, dimension: &Dimension, known: &BTreeMap<String, String>) -> Vec<String> {
        let (source, param) = (&self.source.name, &dimension.param);
        let odd = dimension.oddities(known);
        odd.iter().for_each(|odd| self.progress.warn(&format!("{source}: {odd}")));
        let named = dimension.values.iter().filter_map(|value| Some((value, known.get(value)?)));
        let line =
            |(value, name): (&String, &String)| format!("{param} {value}: {}", short(name, NAME));
        named.take(TOLD).map(line).collect()
    }

    async fn names(&self, names: &Names, budget: &Arc<Budget>) -> Result<BTreeMap<String, String>> {
        let url = Template::parse(&names.url).map_err(|why| anyhow!(why))?;
        let now = self.clock.now();
        let single = Single::new(self.settings, self.secrets, now, self.source, url);
        let request = single.request(&BTreeMap::new())?;
        let whom = (self.settings, self.user_agent.as_str());
        let asking = asking(self.spool, self.clock, whom, budget, LONGEST);
        let came = asking.fetch(&request).await.map_err(|failure| anyhow!(failure.explain()))?;
        let known = read(&came.body, names);
        known.with_context(|| {
            format!("the answer is no list of objects with {} and {}", names.code, names.name)
        })
    }
}

fn read(body: &[u8], names: &Names) -> Option<BTreeMap<String, String>> {
    let list = Doc::parse(body).ok()?;
    let text = |one: &Doc, member: &str| one.get(member).as_text().ok().map(str::to_string);
    let one = |one: &Doc| Some((text(one, &names.code)?, text(one, &names.name)?));
    let list = list.as_list().ok().filter(|list| !list.is_empty())?;
    let mut names = BTreeMap::new();
    for pair in list.iter().map(one) {
        let (code, name) = pair?;
        names.entry(code).or_insert(name);
    }
    Some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_names_is_read_or_refused() {
        let names = Names { url: String::new(), code: "code".into(), name: "libelle".into() };
        let told = |body: &str| read(body.as_bytes(), &names);
        let known = told("[{\"code\":\"M1811\",\"libelle\":\"Data engineer\",\"x\":1}]");
        assert_eq!(known, Some([("M1811".to_string(), "Data engineer".to_string())].into()));
        for odd in ["", "[]", "{}", "[1]", "[{\"code\":\"a\"}]", "[{\"code\":1,\"libelle\":\"b\"}]"]
        {
            assert_eq!(told(odd), None, "{odd}");
        }
    }
}
