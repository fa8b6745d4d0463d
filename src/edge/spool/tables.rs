//! Tables that were made for a person and hold what may be withdrawn: `.state/tables/<source>`,
//! a line for each, those in the home by their place in it. What is withdrawn goes from them, too,
//! as long as they are where they were made.

use super::pieces::Pieces;
use super::rows::{piece, record};
use super::{Error, Result, Spool};
use crate::domain::document::Doc;
use crate::domain::name::SourceName;
use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf, absolute};

impl Spool {
    fn tables(&self, source: &SourceName) -> PathBuf {
        self.state().join("tables").join(source.as_str())
    }

    /// Keeps where a table is, and the names of its columns of what may be withdrawn.
    pub fn note_table(&self, source: &SourceName, table: &Path, columns: &[&str]) -> Result<()> {
        let path = self.tables(source);
        self.disk.make_dir(path.parent().unwrap_or(&path))?;
        let odd = |error: io::Error| Error::Odd(error.to_string());
        let (table, home) = (absolute(table).map_err(odd)?, absolute(self.home()).map_err(odd)?);
        // A table in the home goes where that goes.
        let table = table.strip_prefix(&home).unwrap_or(&table);
        let Some(table) = table.to_str() else { return Ok(()) };
        let columns = columns.iter().map(|name| Doc::text(*name)).collect();
        let line = Doc::map([("path", Doc::text(table)), ("columns", Doc::List(columns))]);
        Ok(self.disk.append_to(&path)?.append(&format!("{}\n", line.json()))?)
    }

    /// Where such tables were made.
    pub fn tables_of(&self, source: &SourceName) -> Result<Vec<PathBuf>> {
        let lines = self.lines_of(&self.tables(source))?;
        Ok(lines.iter().filter_map(|line| self.table(line)).collect())
    }

    fn table(&self, line: &Doc) -> Option<PathBuf> {
        absolute(self.home().join(line.get("path").as_text().ok()?)).ok()
    }

    /// Empties what may be withdrawn of these records in all tables that are still there, none of
    /// which is being written.
    pub fn empty_in_tables(&self, source: &SourceName, ids: &BTreeSet<&str>) -> Result<()> {
        let mut done = BTreeSet::new();
        for line in self.lines_of(&self.tables(source))? {
            let Some(path) = self.table(&line).filter(|path| done.insert(path.clone())) else {
                continue;
            };
            if path.parent().is_some_and(Path::is_dir) {
                self.disk.drop_aside(&path)?;
            }
            if self.disk.inode(&path).is_none() {
                continue;
            }
            let columns = line.get("columns");
            let columns = columns.as_list().unwrap_or_default().iter();
            let names: BTreeSet<&str> = columns.filter_map(|name| name.as_text().ok()).collect();
            let (mut emptied, header) = Emptied::open(&path, ids, &names)?;
            let row = || emptied.next()?.map(|row| piece(&row)).transpose();
            self.disk.replace_from(&path, &mut Pieces::new(header, row))?;
        }
        Ok(())
    }
}

/// Gives the rows of a table without what was withdrawn.
struct Emptied<'a> {
    reader: csv::Reader<File>,
    ids: &'a BTreeSet<&'a str>,
    /// Where what may be withdrawn stands.
    places: Vec<usize>,
}

impl<'a> Emptied<'a> {
    /// With its header, as it is written.
    fn open(
        path: &Path,
        ids: &'a BTreeSet<&'a str>,
        names: &BTreeSet<&str>,
    ) -> Result<(Emptied<'a>, Vec<u8>)> {
        let odd =
            |error: csv::Error| Error::Odd(format!("cannot read {}: {error}", path.display()));
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(path).map_err(odd)?;
        let header: Vec<String> = reader.headers().map_err(odd)?.iter().map(String::from).collect();
        let named = header.iter().enumerate().filter(|(_, name)| names.contains(name.as_str()));
        let places = named.map(|(place, _)| place).collect();
        Ok((Emptied { reader, ids, places }, record(&header)?))
    }

    fn next(&mut self) -> io::Result<Option<Vec<String>>> {
        let mut row = csv::StringRecord::new();
        if !self.reader.read_record(&mut row).map_err(io::Error::other)? {
            return Ok(None);
        }
        let mut cells: Vec<String> = row.iter().map(String::from).collect();
        if cells.first().is_some_and(|id| self.ids.contains(id.as_str())) {
            for place in &self.places {
                cells.get_mut(*place).map(String::clear);
            }
        }
        Ok(Some(cells))
    }
}
