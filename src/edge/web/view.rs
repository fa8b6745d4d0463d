//! Where the dashboard has its data from.

use crate::domain::format::Lang;
use crate::domain::page::Drawing;
use crate::domain::record::Record;
use crate::domain::screen::{
    LineAsk, LineTold, ListAsk, ListTold, RecordTold, RowsAsk, RowsTold, Scene, SeriesRow,
};
use crate::domain::time::Day;
use anyhow::Result;
use std::sync::Arc;
use tokio::sync::watch;

/// What can be asked of the data; each answer is one of a moment.
pub trait View: Send + Sync + 'static {
    /// The day that is shown where none is asked for; none before the first look.
    fn now(&self) -> Option<Arc<Scene>>;
    /// Why there is none yet, if that is known.
    fn trouble(&self) -> Option<String>;
    /// Another day.
    fn day(&self, day: Day) -> Result<Arc<Scene>>;
    /// The language of the report.
    fn language(&self) -> Lang;
    /// A line; none of what is not there, or may not be shown.
    fn line(&self, ask: &LineAsk) -> Result<Option<LineTold>>;
    /// The series of a source; none of what is not there, or may not be shown.
    fn series(&self, ask: &ListAsk) -> Result<Option<ListTold<SeriesRow>>>;
    /// The records of a source; the same.
    fn records(&self, ask: &ListAsk) -> Result<Option<ListTold<Record>>>;
    /// A record of a source, and its versions.
    fn record(&self, source: &str, id: &str) -> Result<Option<RecordTold>>;
    /// Rows of a table; none of what is not there, or may not leave.
    fn rows(&self, ask: &RowsAsk) -> Result<Option<RowsTold>>;
    /// A finished report.
    fn edition(&self, stem: &str) -> Result<Option<Vec<u8>>>;
    /// A picture of its front page, if it was made with one.
    fn picture(&self, stem: &str) -> Result<Option<Vec<u8>>>;
    /// Marks as a PNG, so many pixels a point.
    fn painted(&self, drawing: &Drawing, sharp: f32) -> Option<Vec<u8>>;
    /// Rings with the version of each new scene.
    fn bell(&self) -> &Bell;
}

/// Rings when there is something new.
pub struct Bell(watch::Sender<u64>);

impl Default for Bell {
    fn default() -> Bell {
        Bell(watch::Sender::new(0))
    }
}

impl Bell {
    pub fn ring(&self, version: u64) {
        self.0.send_replace(version);
    }

    pub(super) fn heard(&self) -> watch::Receiver<u64> {
        self.0.subscribe()
    }
}
