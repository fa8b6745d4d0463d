//! What is known of records that may have been withdrawn, in `.state/open/`:
//!
//! - `<source>[_i-<item>].seen`: which records the last complete walk saw;
//! - `<source>.absent`: ids that are kept, and were not in it: they are asked for by themselves;
//! - `<source>.gone`: those of which it was said that there is none, and when; `<source>.taken`:
//!   the same, on their way out of the store.

use super::{Asked, Error, Result, Spool};
use crate::domain::document::Doc;
use crate::domain::limits::SURVEY_BYTES;
use crate::domain::name::SourceName;
use crate::domain::time::{Instant, from_millis};
use std::collections::HashSet;
use std::path::PathBuf;

/// What a complete walk saw.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seen {
    pub began: Instant,
    /// Of ids, in short.
    pub ids: HashSet<u64>,
}

impl Spool {
    fn open_file(&self, name: &str, kind: &str) -> PathBuf {
        self.state().join("open").join(format!("{name}.{kind}"))
    }

    /// Keeps what a complete walk saw.
    pub fn keep_seen(&self, asked: Asked, seen: &Seen) -> Result<()> {
        let numbers = seen.ids.iter().flat_map(|id| id.to_le_bytes());
        let bytes: Vec<u8> = seen.began.millis().to_le_bytes().into_iter().chain(numbers).collect();
        let path = self.open_file(&asked.place(), "seen");
        self.disk.make_dir(path.parent().unwrap_or(&path))?;
        Ok(self.disk.replace(&path, &bytes)?)
    }

    /// What the last complete walk saw; none where there was none.
    pub fn seen(&self, asked: Asked) -> Result<Option<Seen>> {
        let path = self.open_file(&asked.place(), "seen");
        let Some(bytes) = self.disk.read_at_most(&path, SURVEY_BYTES)? else { return Ok(None) };
        let mut numbers = bytes
            .chunks_exact(8)
            .map(|eight| eight.try_into().map(u64::from_le_bytes).unwrap_or_default());
        let Some(began) = numbers.next() else { return Ok(None) };
        Ok(Some(Seen { began: from_millis(began.cast_signed()), ids: numbers.collect() }))
    }

    /// When the walks began that were looked through for what is absent.
    pub fn looked_through(&self, source: &SourceName) -> String {
        let bytes = self.disk.read_small(&self.open_file(source.as_str(), "looked"));
        bytes.ok().flatten().and_then(|b| String::from_utf8(b).ok()).unwrap_or_default()
    }

    /// Keeps which ids are absent from walks that began then.
    pub fn keep_absent(&self, source: &SourceName, walks: &str, ids: &[String]) -> Result<()> {
        let lines: String = ids.iter().map(|id| format!("{}\n", Doc::text(id).json())).collect();
        let path = self.open_file(source.as_str(), "absent");
        self.disk.make_dir(path.parent().unwrap_or(&path))?;
        match ids.is_empty() {
            true => self.disk.unlink(&path)?,
            false => self.disk.replace(&path, lines.as_bytes())?,
        }
        Ok(self.disk.replace(&self.open_file(source.as_str(), "looked"), walks.as_bytes())?)
    }

    /// Which ids are to be asked for by themselves.
    pub fn absent(&self, source: &SourceName) -> Result<Vec<String>> {
        let lines = self.lines_of(&self.open_file(source.as_str(), "absent"))?;
        let id = |line: &Doc| line.as_text().ok().map(str::to_string);
        lines.iter().map(id).collect::<Option<_>>().ok_or_else(|| odd(source))
    }

    /// These ids were asked for: `gone` are those of which there is none any more.
    pub fn keep_asked(
        &self,
        source: &SourceName,
        left: &[String],
        gone: &[(String, Instant)],
    ) -> Result<()> {
        let Some(_lock) = self.lock_soon("withdrawn", None)? else { return Ok(()) };
        let line = |(id, at): &(String, Instant)| {
            let pair = Doc::map([("id", Doc::text(id)), ("at", Doc::Instant(*at))]);
            format!("{}\n", pair.json())
        };
        if !gone.is_empty() {
            let text: String = gone.iter().map(line).collect();
            self.disk.append_to(&self.open_file(source.as_str(), "gone"))?.append(&text)?;
        }
        let walks = self.looked_through(source);
        self.keep_absent(source, &walks, left)
    }

    /// What was found to be withdrawn, and is still to go; it stays until it is said to be done.
    pub fn withdrawn(&self, source: &SourceName) -> Result<Vec<(String, Instant)>> {
        let taken = self.open_file(source.as_str(), "taken");
        if self.disk.inode(&taken).is_none() {
            let Some(_lock) = self.lock_soon("withdrawn", None)? else { return Ok(Vec::new()) };
            let gone = self.open_file(source.as_str(), "gone");
            if self.disk.inode(&gone).is_none() {
                return Ok(Vec::new());
            }
            self.disk.rename(&gone, &taken)?;
            self.disk.sync_dir(taken.parent().unwrap_or(&taken))?;
        }
        let lines = self.lines_of(&taken)?;
        let pair = |line: &Doc| {
            let id = line.get("id").as_text().ok()?.to_string();
            Some((id, line.get("at").as_instant().ok()?))
        };
        lines.iter().map(pair).collect::<Option<_>>().ok_or_else(|| odd(source))
    }

    /// It has gone.
    pub fn withdrawals_done(&self, source: &SourceName) -> Result<()> {
        Ok(self.disk.unlink(&self.open_file(source.as_str(), "taken"))?)
    }

    /// The whole lines of a file; what is torn at its end was never answered for.
    pub(super) fn lines_of(&self, path: &std::path::Path) -> Result<Vec<Doc>> {
        let text = self.disk.read_at_most(path, SURVEY_BYTES)?.unwrap_or_default();
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let lines = text.get(..whole).unwrap_or_default().split(|byte| *byte == b'\n');
        let lines = lines.filter(|line| !line.is_empty()).map(Doc::parse);
        let lines: std::result::Result<Vec<Doc>, _> = lines.collect();
        lines.map_err(|_| Error::Odd(format!("a line of {} cannot be read", path.display())))
    }

    /// Whether some source has ids that are to be asked for by themselves.
    pub fn has_absent(&self) -> bool {
        let files = self.disk.files(&self.state().join("open")).unwrap_or_default();
        files.iter().any(|name| name.ends_with(".absent"))
    }
}

fn odd(source: &SourceName) -> Error {
    Error::Odd(format!("what is known of withdrawals of {source} cannot be read"))
}
