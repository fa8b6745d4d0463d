//! What is due: a source whose slot has come, and the requests that ask for it, one for each
//! item of its loop.

use crate::domain::hash::Digest;
use crate::domain::request::{Caps, Request, Validators};
use crate::domain::schedule::Slot;
use crate::domain::secret::Secrets;
use crate::domain::settings;
use crate::domain::source::Source;
use crate::domain::template::Filling;
use crate::edge::spool::{Remembered, Spool};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A source whose turn has come.
pub struct Due<'a> {
    pub source: &'a Source,
    pub slot: Slot,
    /// What is asked; or why nothing can be.
    pub calls: Result<Vec<Call>, String>,
}

/// One request.
pub struct Call {
    /// Key of the loop's item.
    pub item: Option<String>,
    pub request: Request,
    pub known: Option<(Remembered, PathBuf)>,
}

/// Makes the requests of due sources.
pub struct Caller<'a> {
    pub spool: &'a Spool,
    pub settings: &'a settings::Fetcher,
    pub secrets: &'a Secrets,
}

impl Caller<'_> {
    pub fn due<'s>(&self, source: &'s Source, slot: Slot) -> Due<'s> {
        Due { source, slot, calls: self.calls(source, slot) }
    }

    /// The requests of one slot, in the order of the loop.
    pub fn calls(&self, source: &Source, slot: Slot) -> Result<Vec<Call>, String> {
        let Some(items) = &source.fetch.items else {
            return Ok(vec![self.call(source, slot, None, &BTreeMap::new())?]);
        };
        let call = |row: &crate::domain::source::Listed| {
            let mut columns = row.columns.clone();
            columns.insert("item".into(), row.key.clone());
            self.call(source, slot, Some(row.key.clone()), &columns)
        };
        items.rows().iter().map(call).collect()
    }

    fn call(
        &self,
        source: &Source,
        slot: Slot,
        item: Option<String>,
        columns: &BTreeMap<String, String>,
    ) -> Result<Call, String> {
        let ends = source.fetch.range.and_then(|range| chrono::Duration::from_std(range).ok());
        let range = ends.map(|range| (slot.start.before(range), slot.start));
        let filling = Filling { columns, secrets: self.secrets, range };
        let mut request = Request::new(source.fetch.url.fill(&filling, encoded).map_err(hinted)?);
        for (name, template) in &source.fetch.headers {
            let value = template.fill(&filling, str::to_string).map_err(hinted)?;
            match template.secrets().next() {
                Some(_) => request.credentials.push((name.clone(), value)),
                None => request.headers.push((name.clone(), value)),
            }
        }
        request.secrets = self.told(source);
        request.gzip_padding = source.fetch.gzip_padding;
        request.caps = Caps {
            wire_bytes: source.fetch.max_bytes,
            plain_bytes: source.fetch.max_bytes,
            redirects: self.settings.redirects,
            timeout: source.fetch.timeout,
            retries: self.settings.retries,
        };
        let (digest, declaration) = (digest(&request), source.declaration.digest.hex());
        let known = self.spool.remembered(&source.name, item.as_deref(), &digest, &declaration);
        request.validators = known.as_ref().map(|(known, _)| Validators {
            etag: known.etag.clone(),
            last_modified: known.last_modified.clone(),
        });
        Ok(Call { item, request, known })
    }

    /// The secrets that the requests of a source carry.
    fn told(&self, source: &Source) -> Vec<String> {
        let names = source.secrets();
        names.filter_map(|name| Some(self.secrets.get(name)?.expose().to_string())).collect()
    }
}

fn encoded(value: &str) -> String {
    let form: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
    form.replace('+', "%20")
}

fn hinted(why: String) -> String {
    let hint = "write NAME = \"...\" into secrets.toml in the home, readable by you alone";
    if why.starts_with("the secret") { format!("{why}\nhint: {hint}") } else { why }
}

/// What makes a request the same as an earlier one.
pub fn digest(request: &Request) -> String {
    let headers = request.headers.iter().flat_map(|(name, value)| [name.as_str(), value]);
    Digest::of_parts([request.url.as_str()].into_iter().chain(headers)).hex()
}
