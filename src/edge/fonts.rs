//! Fonts of the machine: which there are, what they show, and the files of those that are chosen.
//! Only the lists in a font are read to choose; a whole file only where it is used.

mod tables;

use crate::domain::limits::{FONT_BYTES, FONT_FILES};
use crate::domain::page::fonts::{Found, Offer, Stock, Wanted};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// Names the folders of fonts, in place of the usual ones.
pub const FOLDERS: &str = "DAYBOOK_FONTS";
/// How deep folders of fonts lie in each other.
const DEPTH: usize = 8;

/// Where fonts are looked for.
#[derive(Clone, Debug, Default)]
pub struct Folders(Vec<PathBuf>);

/// A font that is offered, and where it is.
struct Shelf {
    path: PathBuf,
    index: u32,
    offer: Offer,
}

impl Folders {
    /// The folders that [`FOLDERS`] names, else those of the user and of the system, as `var`
    /// gives the variables of the environment.
    pub fn new(var: impl Fn(&str) -> Option<OsString>) -> Folders {
        if let Some(named) = var(FOLDERS) {
            let named = std::env::split_paths(&named).filter(|path| !path.as_os_str().is_empty());
            return Folders(named.collect());
        }
        let home = var("HOME").map(PathBuf::from);
        let own = var("XDG_DATA_HOME").map(PathBuf::from);
        let own = own.or_else(|| home.as_ref().map(|home| home.join(".local/share")));
        let shared = var("XDG_DATA_DIRS").filter(|dirs| !dirs.is_empty());
        let shared = shared.unwrap_or_else(|| "/usr/local/share:/usr/share".into());
        let data = own.into_iter().chain(std::env::split_paths(&shared));
        let old = home.map(|home| home.join(".fonts"));
        Folders(data.map(|folder| folder.join("fonts")).chain(old).collect())
    }

    /// The fonts for what is wanted, each the best that is here. What cannot be read is passed
    /// over, as are the fonts that are named in `without`.
    pub fn find(&self, wanted: &Wanted, without: &BTreeSet<String>) -> Stock {
        let signs = wanted.signs();
        let files = self.files().into_iter();
        let shelves = files.flat_map(|path| {
            let faces = tables::offers(&path, &signs).into_iter();
            faces.map(move |(index, offer)| Shelf { path: path.clone(), index, offer })
        });
        let shelves: Vec<Shelf> =
            shelves.filter(|shelf| !without.contains(&shelf.offer.name)).collect();
        let offers: Vec<Offer> = shelves.iter().map(|shelf| shelf.offer.clone()).collect();
        Stock::of(wanted, &offers, |place| shelves.get(place).and_then(Shelf::read))
    }

    /// The font files, in order, each once.
    fn files(&self) -> BTreeSet<PathBuf> {
        let walk = |folder: &PathBuf| WalkDir::new(folder).max_depth(DEPTH).follow_links(true);
        let entries = self.0.iter().flat_map(|folder| walk(folder).sort_by_file_name());
        let files = entries.filter_map(Result::ok).filter(|entry| entry.file_type().is_file());
        let paths = files.map(|entry| entry.into_path()).filter(|path| is_font(path));
        paths.take(FONT_FILES).collect()
    }
}

fn is_font(path: &Path) -> bool {
    let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    ["ttf", "otf", "ttc", "otc"].contains(&ending.as_str())
}

impl Shelf {
    fn read(&self) -> Option<Found> {
        let is_small = fs::metadata(&self.path).is_ok_and(|about| about.len() <= FONT_BYTES);
        let bytes = if is_small { fs::read(&self.path).ok()? } else { return None };
        Some(Found { name: self.offer.name.clone(), bytes, index: self.index })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(vars: &[(&str, &str)]) -> Vec<String> {
        let var = |name: &str| vars.iter().find(|v| v.0 == name).map(|v| OsString::from(v.1));
        Folders::new(var).0.iter().map(|path| path.display().to_string()).collect()
    }

    #[test]
    fn fonts_are_where_the_desktop_looks_for_them_or_where_they_are_said_to_be() {
        let usual = ["/h/.local/share/fonts", "/usr/local/share/fonts", "/usr/share/fonts"];
        assert_eq!(folders(&[("HOME", "/h")]), [&usual[..], &["/h/.fonts"]].concat());
        let own = [("XDG_DATA_HOME", "/d"), ("XDG_DATA_DIRS", "/e:/f")];
        assert_eq!(folders(&own), ["/d/fonts", "/e/fonts", "/f/fonts"]);
        assert_eq!(folders(&[("HOME", "/h"), (FOLDERS, "/a:/b")]), ["/a", "/b"]);
        assert!(folders(&[("HOME", "/h"), (FOLDERS, "")]).is_empty());
    }
}
