//! Secrets by name: from the environment, a systemd credential, or `secrets.toml` in the home,
//! in this order.

use super::reader::{Faults, Reader};
use crate::domain::secret::{Secret, Secrets};
use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

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
    #[error("cannot read {}: {cause}", .path.display())]
    Unreadable { path: PathBuf, cause: String },
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

/// The variable of the environment that holds a secret.
pub fn variable(name: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    VARIABLE.chars().chain(name.chars().map(letter)).collect()
}

fn credential(name: &str, places: &Places) -> Result<Option<Secret>, Error> {
    let Some(folder) = &places.credentials else { return Ok(None) };
    let path = folder.join(name);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some(Secret::new(text.trim_end()))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::Unreadable { path, cause: error.to_string() }),
    }
}

fn in_file(path: &Path) -> Result<Secrets, Error> {
    let unreadable =
        |error: std::io::Error| Error::Unreadable { path: path.into(), cause: error.to_string() };
    let mode = match fs::metadata(path) {
        Ok(metadata) => metadata.permissions().mode() & 0o777,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Secrets::new()),
        Err(error) => return Err(unreadable(error)),
    };
    if mode & 0o077 != 0 {
        return Err(Error::Open { path: path.into(), mode });
    }
    let text = fs::read_to_string(path).map_err(unreadable)?;
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
