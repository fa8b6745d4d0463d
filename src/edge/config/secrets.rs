//! Secrets by name: from the environment, a systemd credential, or `secrets.toml` in the home,
//! in this order.

use super::fault::Faults;
use super::reader::Reader;
use crate::domain::limits::GIVEN_BYTES;
use crate::domain::ping::{Address, Pings, words};
use crate::domain::secret::{Secret, Secrets};
use crate::domain::template::{Filling, Template};
use crate::edge::disk::{self, Given, given_text, there};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use toml::de::DeTable;

/// What a variable of the environment that holds a secret begins with.
pub const VARIABLE: &str = "DAYBOOK_SECRET_";

const ALLOWED: &str = "allowed: NAME = \"a text\"";

/// Where secrets may come from.
#[derive(Clone, Default)]
pub struct Places {
    /// The variables of the environment that begin with [`VARIABLE`].
    pub variables: Vec<(String, Secret)>,
    /// The folder of credentials that systemd gives to a service.
    pub credentials: Option<PathBuf>,
}

impl Places {
    /// From what a program was started with.
    pub fn new(
        variables: impl Iterator<Item = (String, String)>,
        credentials: Option<std::ffi::OsString>,
    ) -> Places {
        let own = variables.filter(|(name, _)| name.starts_with(VARIABLE));
        Places {
            variables: own.map(|(name, text)| (name, Secret::new(text))).collect(),
            credentials: credentials.map(PathBuf::from),
        }
    }
}

/// What can go wrong with secrets.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Unread(#[from] disk::Error),
    #[error("{0} can be read by others (mode {mode:03o})\nhint: chmod 600 {0}", .path.display())]
    Open { path: PathBuf, mode: u32 },
    #[error("{0}")]
    Faults(#[from] Faults),
}

/// Those of the wanted secrets that are there. A file that others can read is refused.
pub fn secrets(file: &Path, places: &Places, wanted: &BTreeSet<String>) -> Result<Secrets, Error> {
    let mut found = in_file(file)?;
    found.retain(|name, _| wanted.contains(name));
    for name in wanted {
        if let Some(secret) = credential(name, places)? {
            found.insert(name.clone(), secret);
        }
        let variable = variable(name);
        if let Some((_, secret)) = places.variables.iter().find(|(known, _)| *known == variable) {
            found.insert(name.clone(), secret.clone());
        }
    }
    Ok(found)
}

/// All secrets that can be read, wanted or not, to keep them out of words. Who only counts need not
/// have any: what cannot be read is passed over.
pub fn visible(file: &Path, places: &Places, wanted: &BTreeSet<String>) -> Vec<Secret> {
    let text = given_text(file, GIVEN_BYTES).unwrap_or_default();
    let mut found = texts(&text);
    found.extend(wanted.iter().filter_map(|name| credential(name, places).ok().flatten()));
    found.extend(places.variables.iter().map(|(_, secret)| secret.clone()));
    found
}

/// What of the addresses of checks must stand in no words, as far as it can be read.
pub fn of_checks(file: &Path, places: &Places, pings: &Pings) -> Vec<String> {
    let found = |address: &Address| {
        let names = address.secrets().map(str::to_string).collect();
        address.filled(&secrets(file, places, &names).unwrap_or_default()).ok()
    };
    pings.all().filter_map(found).flat_map(|check| words(&check)).collect()
}

/// The address of a store with the secrets that it names, written as addresses have them. Where one
/// cannot be read the address stays as it is, and whoever opens the store says so.
pub fn in_address(url: &str, file: &Path, places: &Places) -> String {
    let Some(template) = Some(url).filter(|url| url.contains("{secret:")) else {
        return url.into();
    };
    let encoded = |secret: &str| -> String {
        let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        form.replace('+', "%20")
    };
    let fill = || {
        let template = Template::parse(template).ok()?;
        let names = template.secrets().map(str::to_string).collect();
        let secrets = secrets(file, places, &names).ok()?;
        let columns = Default::default();
        template.fill(&Filling { columns: &columns, secrets: &secrets, range: None }, encoded).ok()
    };
    fill().unwrap_or_else(|| url.into())
}

/// What stands as text in a file of secrets, also in one with faults.
fn texts(file: &str) -> Vec<Secret> {
    let (top, _) = DeTable::parse_recoverable(file);
    let texts = top.get_ref().values().filter_map(|value| value.get_ref().as_str());
    texts.map(Secret::new).collect()
}

/// The variable of the environment that holds a secret.
pub fn variable(name: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    VARIABLE.chars().chain(name.chars().map(letter)).collect()
}

fn credential(name: &str, places: &Places) -> Result<Option<Secret>, Error> {
    let Some(folder) = &places.credentials else { return Ok(None) };
    let path = folder.join(name);
    match there(given_text(&path, GIVEN_BYTES))? {
        Some(text) => Ok(Some(Secret::new(text.trim_end()))),
        None => Ok(None),
    }
}

fn in_file(path: &Path) -> Result<Secrets, Error> {
    let Some(file) = there(Given::open(path))? else { return Ok(Secrets::new()) };
    if file.mode & 0o077 != 0 {
        return Err(Error::Open { path: path.into(), mode: file.mode });
    }
    let text = file.text(path, GIVEN_BYTES)?;
    Ok(Reader::new(&path.display().to_string(), &text).finish(|top| {
        let mut secrets = Secrets::new();
        for (name, value) in top.scalars() {
            match value.text().filter(|text| !text.is_empty()) {
                Some(text) => drop(secrets.insert(name.into(), Secret::new(text))),
                // Not the name: somebody may have written the secret there.
                None => top.nameless(value, "what stands here is no secret", ALLOWED),
            }
        }
        Some(secrets)
    })?)
}
