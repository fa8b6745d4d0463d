//! Pages to PDF bytes: fonts, links and pages by printpdf, what they show by `ink`. The same
//! document gives the same bytes: fonts are subset by the glyphs used, the dates come from the
//! report, and the file's id from its content.

mod catalogue;
mod content;
mod error;
mod ink;
mod line;
mod meaning;
mod subset;

pub use error::Error;

use crate::domain::page::Document;
use crate::domain::page::op::{Ink, Op};
use ink::Drawn;
use meaning::Meanings;
use printpdf::{
    Codepoint, ExtendedGraphicsState, LinkAnnotation, Op as Pdf, PdfDocument, PdfFont,
    PdfFontHandle, PdfPage, PdfSaveOptions, Pt, Rect, TextItem,
};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
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
    let pages = document.pages.par_iter().map(|page| ink::carry_out(page, &words));
    let pages: Vec<Drawn> = pages.collect();
    pdf.pages = (document.pages.iter().zip(&pages))
        .map(|(page, drawn)| sheet(page.width, page.height, &drawn.links))
        .collect();
    if let Some(first) = pdf.pages.first_mut() {
        first.ops.extend(known(&words));
    }
    let raw = pdf.to_lopdf_document(&PdfSaveOptions::default(), &mut vec![]);
    let contents = pages.into_iter().map(|page| page.content);
    catalogue::finish(raw, document, contents)
}

/// A page without anything but its links: printpdf writes what it shows three times as slowly.
fn sheet(width: f32, height: f32, links: &[LinkAnnotation]) -> PdfPage {
    let area = Rect {
        x: Pt(0.0),
        y: Pt(0.0),
        width: Pt(width),
        height: Pt(height),
        mode: None,
        winding_order: None,
    };
    let ops = links.iter().map(|link| Pdf::LinkAnnotation { link: link.clone() }).collect();
    PdfPage { media_box: area.clone(), trim_box: area.clone(), crop_box: area, ops }
}

/// All glyphs with their meanings, shown once: so printpdf learns which fonts the file has, and
/// what their glyphs stand for.
fn known(words: &line::Words) -> Vec<Pdf> {
    let shown = words.numbers.iter().flat_map(|(font, numbers)| {
        let meaning = |(glyph, number): (&u16, &u16)| {
            Codepoint::with_cid(*number, 0.0, words.meanings.of(*font, *glyph).to_string())
        };
        let items = vec![TextItem::GlyphIds(numbers.iter().map(meaning).collect())];
        let font = PdfFontHandle::External(ink::font_id(*font));
        [Pdf::SetFont { font, size: Pt(1.0) }, Pdf::ShowText { items }]
    });
    shown.collect()
}

impl Used {
    fn collect(&mut self, ops: &[Op]) {
        for op in ops {
            match op {
                Op::Text(text) => self.meanings.collect(&text.run),
                Op::Clip { ops, .. } => self.collect(ops),
                Op::Rect { fill, .. } | Op::Circle { fill, .. } => self.cover(fill.as_ref()),
                Op::Fill { ink, .. } | Op::Dots { ink, .. } => self.cover(Some(ink)),
                Op::Line { .. } | Op::Link { .. } | Op::Place { .. } => {}
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
