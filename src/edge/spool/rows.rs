//! Rows that a survey keeps until all have come: `<name>.rows` beside its ledger, a JSON list of
//! texts a line; and the CSV that is made of them in the end.

use super::pieces::Pieces;
use super::{Asked, Error, Result, Spool};
use crate::domain::document::Doc;
use crate::domain::hash::Digest;
use crate::domain::name::SourceName;
use crate::edge::disk::Appender;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

/// A file that rows are appended to.
#[derive(Debug)]
pub struct RowsFile {
    appender: Appender,
    end: u64,
}

impl RowsFile {
    /// Where it ends.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// Makes rows durable.
    pub fn append(&mut self, text: &str) -> Result<()> {
        self.appender.append(text)?;
        self.end += text.len() as u64;
        Ok(())
    }
}

/// A table in a file, as it is to be.
pub struct Csv<'a> {
    pub header: &'a [String],
    /// Where a row says which of two versions of a record is the later one, if it does.
    pub version: Option<usize>,
    /// The surveys whose rows are its, in this order.
    pub surveys: &'a [(Asked<'a>, &'a str)],
}

impl Spool {
    fn rows(&self, asked: Asked, name: &str) -> PathBuf {
        self.survey(asked, name).with_extension("rows")
    }

    /// Opens a file of rows behind what is kept of it.
    pub fn open_rows(&self, asked: Asked, name: &str, kept: u64) -> Result<RowsFile> {
        let path = self.rows(asked, name);
        self.disk.make_dir(path.parent().unwrap_or(&path))?;
        let appender = self.disk.append_to(&path)?;
        let there = self.disk.bytes(&path);
        if there < kept {
            let why = format!("{} has lost rows: {there} bytes of {kept}", path.display());
            return Err(Error::Odd(why));
        }
        self.disk.truncate(&path, kept)?;
        Ok(RowsFile { appender, end: kept })
    }

    /// Writes the rows of surveys as CSV (RFC 4180, UTF-8), each record once and by its latest
    /// version; whole or not at all. How many records there are.
    pub fn write_csv(&self, csv: &Csv, to: &Path) -> Result<u64> {
        let paths: Vec<PathBuf> =
            csv.surveys.iter().map(|(asked, name)| self.rows(*asked, name)).collect();
        let winners = winners(&paths, csv.version)?;
        let count = winners.len() as u64;
        let mut writer =
            Writer { paths: paths.into_iter().enumerate().collect(), winners, open: None };
        let row = || writer.next()?.map(|row| piece(&row)).transpose();
        self.disk.replace_from(to, &mut Pieces::new(record(csv.header)?, row))?;
        Ok(count)
    }
}

impl Spool {
    /// Empties these places of the rows of some records, in all that surveys of a source keep, none
    /// of which is under way. A row keeps its length, since ledgers name where rows end; what was
    /// torn at the end goes.
    pub fn empty_in_rows(
        &self,
        source: &SourceName,
        ids: &BTreeSet<&str>,
        places: &[usize],
    ) -> Result<()> {
        let surveys = self.state().join("surveys");
        let looped = format!("{source}_i-");
        let is_its = |name: &String| name == source.as_str() || name.starts_with(&looped);
        for folder in self.disk.folders(&surveys)?.into_iter().filter(is_its) {
            let folder = surveys.join(folder);
            let names = self.disk.files(&folder)?.into_iter();
            for path in names.filter(|name| name.ends_with(".rows")).map(|name| folder.join(name)) {
                let lines = BufReader::new(File::open(&path).map_err(|error| odd(&path, &error))?);
                let mut blanked = Blanked { lines, ids, places };
                let mut pieces = Pieces::new(Vec::new(), || blanked.next());
                self.disk.replace_from(&path, &mut pieces)?;
            }
        }
        Ok(())
    }
}

/// Gives rows without what was withdrawn.
struct Blanked<'a> {
    lines: BufReader<File>,
    ids: &'a BTreeSet<&'a str>,
    places: &'a [usize],
}

impl Blanked<'_> {
    fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        self.lines.read_until(b'\n', &mut line)?;
        if line.pop() != Some(b'\n') {
            return Ok(None);
        }
        let mut row = texts(&line).ok_or_else(damaged)?;
        if row.first().is_some_and(|id| self.ids.contains(id.as_str())) {
            for place in self.places {
                row.get_mut(*place).map(String::clear);
            }
            let mut blank = Doc::List(row.into_iter().map(Doc::text).collect()).json().into_bytes();
            blank.resize(line.len().max(blank.len()), b' ');
            line = blank;
        }
        line.push(b'\n');
        Ok(Some(line))
    }
}

/// The cells of a row.
fn texts(line: &[u8]) -> Option<Vec<String>> {
    let doc = Doc::parse(line).ok()?;
    let cells = doc.as_list().ok()?.iter();
    cells.map(|cell| cell.as_text().ok().map(str::to_string)).collect()
}

fn damaged() -> io::Error {
    io::Error::other("a row of it is damaged")
}

/// Which row of each record counts: the file, and where it begins.
type Winners = HashMap<u64, (String, (usize, u64))>;

fn winners(paths: &[PathBuf], version: Option<usize>) -> Result<Winners> {
    let mut winners = Winners::new();
    for (number, path) in paths.iter().enumerate() {
        let mut rows = Lines::open(path)?;
        while let Some((at, row)) = rows.next().map_err(|error| odd(path, &error))? {
            let id = row.first().map_or(0, |id| Digest::of(id.as_bytes()).number());
            let of = version.and_then(|place| row.get(place)).cloned().unwrap_or_default();
            let later = winners.get(&id).is_none_or(|(before, _)| *before <= of);
            if later {
                winners.insert(id, (of, (number, at)));
            }
        }
    }
    Ok(winners)
}

fn odd(path: &Path, error: &io::Error) -> Error {
    Error::Odd(format!("cannot read {}: {error}", path.display()))
}

/// The rows of a file, one after the other.
struct Lines {
    file: BufReader<File>,
    at: u64,
    line: Vec<u8>,
}

impl Lines {
    fn open(path: &Path) -> Result<Lines> {
        let file = File::open(path).map_err(|error| odd(path, &error))?;
        Ok(Lines { file: BufReader::new(file), at: 0, line: Vec::new() })
    }

    /// The next row, and where it begins.
    fn next(&mut self) -> io::Result<Option<(u64, Vec<String>)>> {
        self.line.clear();
        let read = self.file.read_until(b'\n', &mut self.line)?;
        if read == 0 {
            return Ok(None);
        }
        let at = self.at;
        self.at += read as u64;
        texts(&self.line).map(|row| Some((at, row))).ok_or_else(damaged)
    }
}

/// Gives the rows of the CSV.
struct Writer {
    paths: VecDeque<(usize, PathBuf)>,
    winners: Winners,
    open: Option<(usize, Lines)>,
}

impl Writer {
    /// The next row that counts; none at the end.
    fn next(&mut self) -> io::Result<Option<Vec<String>>> {
        loop {
            let Some((number, lines)) = &mut self.open else {
                let Some((number, path)) = self.paths.pop_front() else { return Ok(None) };
                let lines = Lines::open(&path).map_err(io::Error::other)?;
                self.open = Some((number, lines));
                continue;
            };
            let Some((at, row)) = lines.next()? else {
                self.open = None;
                continue;
            };
            let id = row.first().map_or(0, |id| Digest::of(id.as_bytes()).number());
            if self.winners.get(&id).is_some_and(|(_, place)| *place == (*number, at)) {
                return Ok(Some(row));
            }
        }
    }
}

/// A record of CSV.
pub(super) fn record(cells: &[String]) -> Result<Vec<u8>> {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    // Readers of CSV stop at it.
    let cells = cells.iter().map(|cell| cell.replace('\0', "\u{fffd}"));
    let written = writer.write_record(cells);
    written.map_err(|error| Error::Odd(error.to_string()))?;
    writer.into_inner().map_err(|error| Error::Odd(error.to_string()))
}

/// The same, of one of many that are read.
pub(super) fn piece(cells: &[String]) -> io::Result<Vec<u8>> {
    record(cells).map_err(io::Error::other)
}
