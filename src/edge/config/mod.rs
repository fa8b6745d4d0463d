//! Declarations and settings: TOML text in, checked domain types out, or all faults at once.

mod fault;
mod formerly;
mod found;
mod key;
mod keys;
mod keys_budget;
mod keys_clean;
mod keys_condition;
mod keys_fetch;
mod keys_figures;
mod keys_pages;
mod keys_request;
mod keys_slices;
mod keys_title;
mod keys_withdrawal;
mod lists;
mod reader;
pub mod reference;
mod schema;
pub mod secrets;
mod settings;
mod source;
mod source_budget;
mod source_clean;
mod source_fetch;
mod source_figures;
mod source_form;
mod source_items;
mod source_pages;
mod source_path;
mod source_place;
mod source_request;
mod source_slices;
mod source_tls;
mod source_window;
mod source_withdrawal;
pub mod starter;
mod values;

pub use fault::{Fault, Faults};
pub use formerly::renamed;
pub use schema::schema;
pub use settings::{is_contact, settings};
pub use source::source;
pub use source_tls::identity;

use crate::domain::hash::Digest;
use crate::domain::limits::{GIVEN_BYTES, LIST_BYTES};
use crate::domain::name::SourceName;
use crate::domain::sketch::Sketch;
use crate::domain::source::Source;
use crate::edge::disk::{self, given_text};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The declaration of the built-in source of the journals.
pub const JOURNALS_TOML: &str = include_str!("journals.toml");

/// The built-in source of the journals.
pub fn journals() -> Result<Source, Faults> {
    source(&SourceName::journals(), "journals.toml (built in)", JOURNALS_TOML)
}

/// Reads all `*.toml` of a folder as sources, in order of their names; and all faults of all
/// other files: one that cannot be read never stops another.
pub fn sources(folder: &Path) -> (Vec<Source>, Faults) {
    let mut faults = Faults::default();
    let mut sources = Vec::new();
    for path in toml_files(folder, &mut faults) {
        match read_source(&path) {
            Ok(source) => sources.push(source),
            Err(more) => faults.extend(more),
        }
    }
    formerly::settle(folder, &mut sources, &mut faults);
    (sources, faults)
}

/// Whether a folder holds the declarations of these sketches, with the same lists, and no others.
pub fn holds(folder: &Path, sketches: &[Sketch]) -> bool {
    let mut faults = Faults::default();
    let paths = toml_files(folder, &mut faults);
    let mut pairs = paths.iter().zip(sketches);
    faults.is_empty()
        && paths.len() == sketches.len()
        && pairs.all(|(path, sketch)| is_of(path, folder, sketch))
}

fn is_of(path: &Path, folder: &Path, sketch: &Sketch) -> bool {
    let is = |path: &Path, most: u64, digest: Digest| {
        given_text(path, most).is_ok_and(|text| Digest::of(text.as_bytes()) == digest)
    };
    let mut lists = sketch.lists.iter();
    path.file_stem().is_some_and(|stem| stem == sketch.name.as_str())
        && is(path, GIVEN_BYTES, sketch.declaration)
        && lists.all(|(file, digest)| is(&folder.join(file), LIST_BYTES, *digest))
}

/// A declaration that a store or a spool has kept, with the lists that are still in a folder; none
/// where this version cannot read it.
pub fn kept(name: &SourceName, text: &str, folder: &Path) -> Option<Source> {
    let mut source = source(name, "a kept declaration", text).ok()?;
    let _ = lists::fill(&mut source, &folder.join(format!("{name}.toml")));
    Some(source)
}

fn toml_files(folder: &Path, faults: &mut Faults) -> Vec<PathBuf> {
    let entries = match fs::read_dir(folder) {
        Ok(listing) => listing.map(|entry| entry.map(|entry| entry.path())).collect(),
        Err(error) => vec![Err(error)],
    };
    let mut paths = Vec::new();
    for entry in entries {
        match entry {
            Ok(path) => paths.push(path),
            Err(cause) => faults.push(unlisted(folder, cause)),
        }
    }
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    paths
}

fn unlisted(folder: &Path, cause: io::Error) -> Fault {
    let file = folder.display().to_string();
    if cause.kind() == io::ErrorKind::NotFound {
        let rule = "a home holds its declarations in sources/";
        return Fault::of_file(&file, "there is no such folder", rule);
    }
    let error = disk::Error { doing: "cannot list", path: folder.into(), cause };
    Fault::unread(&file, "cannot be listed", &error)
}

/// Reads one file as a source, with the lists that it names.
pub fn read_source(path: &Path) -> Result<Source, Faults> {
    let file = path.display().to_string();
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let rule = "a source's file is named like the source: lower case, digits, dashes, at most 64; \
                not daybook, not quarantine";
    let name = SourceName::parse(&stem).filter(|name| !name.is_reserved());
    let name = name.ok_or_else(|| Faults::one(Fault::of_file(&file, "no source's name", rule)))?;
    let text = given_text(path, GIVEN_BYTES)
        .map_err(|error| Faults::one(Fault::unread(&file, "cannot be read", &error)))?;
    let mut source = source(&name, &file, &text)?;
    lists::fill(&mut source, path)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    source.fetch.tls = source.fetch.tls.map(|tls| tls.in_folder(folder));
    Ok(source)
}
