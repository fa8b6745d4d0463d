//! The ledgers of surveys: `.state/surveys/<source>[_i-<item>]/<name>.ndjson`. The first line says
//! what is surveyed, each further one what came of a page; a line is synced before the next page is
//! asked. A line that is torn was never answered for: its page is asked again.

use super::{Asked, Result, Spool};
use crate::domain::document::Doc;
use crate::domain::limits::SURVEY_BYTES;
use crate::edge::disk::Appender;
use std::path::PathBuf;

/// A ledger that lines are appended to.
#[derive(Debug)]
pub struct SurveyLedger(Appender);

impl SurveyLedger {
    /// Makes a line durable.
    pub fn append(&mut self, line: &Doc) -> Result<()> {
        Ok(self.0.append(&format!("{}\n", line.json()))?)
    }
}

impl Spool {
    pub(super) fn survey(&self, asked: Asked, name: &str) -> PathBuf {
        self.state().join("surveys").join(asked.place()).join(format!("{name}.ndjson"))
    }

    /// What a ledger says, line by line; nothing where there is none.
    ///
    /// # Errors
    ///
    /// A whole line cannot be read.
    pub fn survey_lines(&self, asked: Asked, name: &str) -> Result<Vec<Doc>> {
        let path = self.survey(asked, name);
        self.lines_of(&path)
    }

    /// Begins a ledger anew, with these lines.
    pub fn begin_survey(&self, asked: Asked, name: &str, lines: &[Doc]) -> Result<()> {
        let path = self.survey(asked, name);
        self.disk.make_dir(path.parent().unwrap_or(&path))?;
        let text: String = lines.iter().map(|line| format!("{}\n", line.json())).collect();
        Ok(self.disk.replace(&path, text.as_bytes())?)
    }

    /// Opens a ledger to append to it; what was torn at its end is cut off.
    pub fn open_survey(&self, asked: Asked, name: &str) -> Result<SurveyLedger> {
        let path = self.survey(asked, name);
        let text = self.disk.read_at_most(&path, SURVEY_BYTES)?.unwrap_or_default();
        if text.last().is_some_and(|byte| *byte != b'\n') {
            let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
            self.disk.replace(&path, &text[..whole])?;
        }
        Ok(SurveyLedger(self.disk.append_to(&path)?))
    }

    /// Surveys have come to their end, and all that was wanted of them is had: their ledgers are
    /// kept to be read (`<name>.ended.ndjson`), and go on no more.
    pub fn end_surveys(&self, surveys: &[(Asked, &str)]) -> Result<()> {
        let paths: Vec<PathBuf> =
            surveys.iter().map(|(asked, name)| self.survey(*asked, name)).collect();
        for path in &paths {
            self.disk.rename(path, &path.with_extension("ended.ndjson"))?;
            self.disk.sync_dir(path.parent().unwrap_or(path))?;
        }
        for path in &paths {
            self.disk.unlink(&path.with_extension("rows"))?;
        }
        Ok(())
    }

    /// Where the end of some surveys was cut short, none of them has ended yet.
    pub fn reopen_surveys(&self, surveys: &[(Asked, &str)]) -> Result<()> {
        let paths: Vec<PathBuf> =
            surveys.iter().map(|(asked, name)| self.survey(*asked, name)).collect();
        let is_there = |path: &PathBuf| self.disk.inode(path).is_some();
        if !paths.iter().any(is_there) {
            return Ok(());
        }
        for path in paths.iter().filter(|path| !is_there(path)) {
            let ended = path.with_extension("ended.ndjson");
            if is_there(&ended) {
                self.disk.rename(&ended, path)?;
            }
        }
        Ok(())
    }
}
