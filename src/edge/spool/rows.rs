//! Rows that a survey keeps until all have come: `<name>.rows` beside its ledger, a JSON list of
//! texts a line; and the CSV that is made of them in the end.

use super::{Asked, Error, Result, Spool};
use crate::domain::document::Doc;
use crate::domain::hash::Digest;
use crate::edge::disk::Appender;
use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
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
        let mut writer = Writer {
            paths: paths.into_iter().enumerate().collect(),
            winners,
            open: None,
            bytes: VecDeque::from(record(csv.header)?),
        };
        self.disk.replace_from(to, &mut writer)?;
        Ok(count)
    }
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
        let row = Doc::parse(&self.line).ok().and_then(|doc| {
            let texts = doc.as_list().ok()?.iter().map(|cell| cell.as_text().ok());
            texts.map(|text| text.map(str::to_string)).collect::<Option<Vec<String>>>()
        });
        row.map(|row| Some((at, row))).ok_or_else(|| io::Error::other("a row of it is damaged"))
    }
}

/// Gives the CSV, as much as is read of it.
struct Writer {
    paths: VecDeque<(usize, PathBuf)>,
    winners: Winners,
    open: Option<(usize, Lines)>,
    bytes: VecDeque<u8>,
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

impl Read for Writer {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        if self.bytes.is_empty()
            && let Some(row) = self.next()?
        {
            self.bytes = VecDeque::from(record(&row).map_err(io::Error::other)?);
        }
        self.bytes.read(room)
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
