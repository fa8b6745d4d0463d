//! A report becomes the bytes of a file: with our own fonts, and with those of the machine where
//! it has letters that ours lack. What no font shows is said on its last pages.

use crate::domain::page::fonts::{Font, Fonts, Stock};
use crate::domain::page::{Document, layout, layout_with};
use crate::domain::report::{Block, Report};
use crate::edge::fonts::Folders;
use crate::edge::pdf::{self, Error};
use crate::edge::picture;
use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Damaged fonts that are passed over, one after the other; then all are.
const DAMAGED_MOST: usize = 8;

/// Pixels a point of the picture of a front page.
const SHARP: f32 = 0.85;

/// A picture of the front page of a report, as it is printed.
pub fn front(report: &Report) -> Option<Vec<u8>> {
    let front = layout(report).pages.into_iter().next()?;
    picture::png(&front.ops, front.width, front.height, SHARP)
}

pub fn printed(report: &Report, folders: &Folders) -> Result<Vec<u8>> {
    let plain = layout(report);
    let printed = match plain.wanted.is_empty() {
        true => pdf::bytes(&plain),
        false => with_fonts(report, &plain, folders),
    };
    printed.context("cannot make the PDF")
}

fn with_fonts(report: &Report, plain: &Document, folders: &Folders) -> Result<Vec<u8>, Error> {
    let mut damaged = BTreeSet::new();
    while damaged.len() < DAMAGED_MOST {
        let stock = folders.find(&plain.wanted, &damaged);
        match pdf::bytes(&paged(report, plain, stock)) {
            Err(Error::Subset { font: Font::Found(_), name, .. }) => damaged.insert(name),
            made => return made,
        };
    }
    pdf::bytes(&paged(report, plain, Stock::default()))
}

fn paged(report: &Report, plain: &Document, stock: Stock) -> Document {
    let unseen = Fonts::new(&stock).unseen(&plain.wanted);
    let Some(words) = unseen.note(report.lang, stock.packages()) else {
        return layout_with(report, Arc::new(stock));
    };
    let mut report = report.clone();
    let last = report.sections.last_mut().map(|section| &mut section.blocks);
    last.unwrap_or(&mut report.front).push(Block::Note(words));
    layout_with(&report, Arc::new(stock))
}
