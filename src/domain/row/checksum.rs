//! The checksum of a commit's rows, whatever their order: SHA-256 over the sorted digests of them.
//! Of a row it is taken over its cells as they stand in every store; in entries of before version
//! 4, and of records, over its canonical JSON.

use super::Row;
use super::bytes::Out;
use super::canon::record_doc;
use super::cell::{Figures, Form};
use super::kept::{Cells, Kept};
use crate::domain::document::{Doc, Malformed};
use crate::domain::hash::Digest;
use crate::domain::time::Window;

/// What a digest of a row is taken over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Checksum {
    Json,
    Cells,
}

/// How a checksum over cells begins.
const CELLS: &str = "2/";

impl Checksum {
    /// Of which kind a checksum is that an entry holds.
    pub fn kind(text: &str) -> Checksum {
        if text.starts_with(CELLS) { Checksum::Cells } else { Checksum::Json }
    }

    /// The digest of one row of a commit of this hour.
    pub fn of(self, kept: &Kept, hour: Window) -> Result<Digest, Malformed> {
        match (self, kept) {
            (Checksum::Cells, Kept::Summary(cells)) => Ok(of_cells(cells)),
            (Checksum::Json, cells @ Kept::Summary(_)) => {
                Ok(of_json(&Row::Summary(cells.summary(hour)?).doc()))
            }
            (_, Kept::Record(record)) => Ok(of_json(&record_doc(record))),
        }
    }

    /// The checksum over the digests of all rows, as an entry holds it.
    pub fn all(self, mut digests: Vec<Digest>) -> String {
        digests.sort_unstable();
        let hex: Vec<String> = digests.into_iter().map(Digest::hex).collect();
        let sum = Digest::of_parts(hex.iter().map(String::as_str)).hex();
        match self {
            Checksum::Json => sum,
            Checksum::Cells => format!("{CELLS}{sum}"),
        }
    }
}

fn of_json(doc: &Doc) -> Digest {
    Digest::of(doc.json().as_bytes())
}

/// Each text and each run of bytes stands behind its length.
fn of_cells(cells: &Cells) -> Digest {
    let mut out = Out(Vec::with_capacity(256));
    text(&cells.series, &mut out);
    for (name, measure, cell) in &cells.fields {
        text(name, &mut out);
        out.byte(measure.unit.is_some().into());
        text(measure.unit.as_deref().unwrap_or_default(), &mut out);
        form(&measure.form, &mut out);
        out.count(cell.count);
        figures(&cell.figures, &mut out);
    }
    Digest::of(&out.0)
}

fn text(text: &str, out: &mut Out) {
    out.count(text.len() as u64);
    out.0.extend(text.as_bytes());
}

fn form(form: &Form, out: &mut Out) {
    text(form.word(), out);
    out.float(form.step().unwrap_or_default());
    out.count(form.trace().unwrap_or_default().into());
}

fn figures(figures: &Figures, out: &mut Out) {
    match figures {
        Figures::Numbers(plain, bytes) => {
            let plain = [plain.sum, plain.min, plain.max, plain.first, plain.last];
            plain.iter().for_each(|value| out.float(*value));
            out.count(bytes.len() as u64);
            out.0.extend(bytes);
        }
        Figures::Texts(doc) => text(&doc.json(), out),
    }
}
