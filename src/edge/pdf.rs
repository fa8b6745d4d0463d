//! Pages to PDF bytes, by printpdf. The same document gives the same bytes: fonts are subset by
//! the glyphs used, the dates come from the report, and the file's id from its content.

mod catalogue;
mod error;
mod ink;
mod line;
mod meaning;
mod subset;

pub use error::Error;

use crate::domain::page::Document;
use crate::domain::page::op::{Ink, Op};
use meaning::Meanings;
use printpdf::{ExtendedGraphicsState, PdfDocument, PdfFont, PdfPage, PdfSaveOptions, Pt, Rect};
use std::collections::{BTreeMap, BTreeSet};

/// What the pages need of fonts and of see-through inks.
#[derive(Default)]
struct Used {
    meanings: Meanings,
    covers: BTreeSet<u8>,
}

/// The PDF file of a document.
pub fn bytes(document: &Document) -> Result<Vec<u8>, Error> {
    let mut used = Used::default();
    document.pages.iter().for_each(|page| used.collect(&page.ops));
    let mut pdf = PdfDocument::new(&document.meta.title);
    let mut renumbered = BTreeMap::new();
    for (font, glyphs) in used.meanings.glyphs() {
        let (cut, numbers) = subset::font(font, &glyphs, &document.stock, &used.meanings)?;
        pdf.resources.fonts.map.insert(ink::font_id(font), PdfFont::new(cut));
        renumbered.insert(font, numbers);
    }
    let words = line::Words { numbers: renumbered, meanings: used.meanings };
    for cover in used.covers {
        let share = f32::from(cover) / 100.0;
        let state = ExtendedGraphicsState::default();
        let state = state.with_current_fill_alpha(share).with_current_stroke_alpha(share);
        pdf.resources.extgstates.map.insert(ink::cover_id(cover), state);
    }
    pdf.pages = (document.pages.iter())
        .map(|page| sheet(page.width, page.height, ink::carry_out(page, &words)))
        .collect();
    let raw = pdf.to_lopdf_document(&PdfSaveOptions::default(), &mut vec![]);
    catalogue::finish(raw, document)
}

fn sheet(width: f32, height: f32, ops: Vec<printpdf::Op>) -> PdfPage {
    let area = Rect {
        x: Pt(0.0),
        y: Pt(0.0),
        width: Pt(width),
        height: Pt(height),
        mode: None,
        winding_order: None,
    };
    PdfPage { media_box: area.clone(), trim_box: area.clone(), crop_box: area, ops }
}

impl Used {
    fn collect(&mut self, ops: &[Op]) {
        for op in ops {
            match op {
                Op::Text(text) => self.meanings.collect(&text.run),
                Op::Clip { ops, .. } => self.collect(ops),
                Op::Rect { fill, .. } | Op::Circle { fill, .. } => self.cover(fill.as_ref()),
                Op::Fill { ink, .. } | Op::Dots { ink, .. } => self.cover(Some(ink)),
                Op::Line { .. } | Op::Link { .. } => {}
            }
        }
    }

    fn cover(&mut self, ink: Option<&Ink>) {
        if ink.is_some_and(|ink| ink.cover < 100) {
            // The way back to full cover is a state too.
            self.covers.extend(ink.map(|ink| ink.cover).into_iter().chain([100]));
        }
    }
}
