//! A face cut down to the glyphs used, as the font of a PDF: a few kilobytes in place of four
//! hundred. Its name begins with a tag made from those glyphs.

use super::error::Error;
use crate::domain::page::fonts::Face;
use printpdf::ParsedFont;
use printpdf::font::{FontMetrics, FontType, PdfFontMetricsStub};
use rustybuzz::ttf_parser::GlyphId;
use std::collections::{BTreeMap, BTreeSet};

/// Numbers of glyphs in the subset, by those in the whole face.
pub type Numbers = BTreeMap<u16, u16>;

pub fn font(face: Face, glyphs: &BTreeSet<u16>) -> Result<(ParsedFont, Numbers), Error> {
    let mut mapper = subsetter::GlyphRemapper::new();
    let numbers: Numbers = glyphs.iter().map(|g| (*g, mapper.remap(*g))).collect();
    let bytes = subsetter::subset(face.bytes(), 0, &mapper)
        .map_err(|e| Error::Subset { face: face.name(), reason: e.to_string() })?;
    let whole = face.parsed();
    let advance = |g: &u16| whole.glyph_hor_advance(GlyphId(*g)).unwrap_or(0);
    let font = ParsedFont {
        original_bytes: bytes,
        font_index: 0,
        font_name: Some(format!("{}+{}", tag(glyphs), face.name())),
        codepoint_to_glyph: characters(&whole, &numbers),
        glyph_widths: numbers.iter().map(|(old, new)| (*new, advance(old))).collect(),
        units_per_em: whole.units_per_em() as u16,
        font_metrics: FontMetrics { ascent: whole.ascender(), descent: whole.descender() },
        font_type: FontType::TrueType,
        pdf_font_metrics: metrics(&whole),
    };
    Ok((font, numbers))
}

fn characters(whole: &rustybuzz::Face, numbers: &Numbers) -> BTreeMap<u32, u16> {
    let tables = whole.tables().cmap.into_iter().flat_map(|cmap| cmap.subtables);
    let mut found = BTreeMap::new();
    for table in tables.filter(|t| t.is_unicode()) {
        table.codepoints(|c| {
            let number = table.glyph_index(c).and_then(|g| numbers.get(&g.0));
            found.extend(number.map(|n| (c, *n)));
        });
    }
    found
}

fn metrics(whole: &rustybuzz::Face) -> PdfFontMetricsStub {
    let bounds = whole.global_bounding_box();
    PdfFontMetricsStub {
        units_per_em: whole.units_per_em() as u16,
        x_min: bounds.x_min,
        y_min: bounds.y_min,
        x_max: bounds.x_max,
        y_max: bounds.y_max,
        caret_slope_rise: 1000,
        caret_slope_run: if whole.is_italic() { 213 } else { 0 },
        us_weight_class: whole.weight().to_number(),
    }
}

/// Six letters that differ where the glyphs differ (FNV-1a).
fn tag(glyphs: &BTreeSet<u16>) -> String {
    let mix = |h: u64, g: &u16| (h ^ u64::from(*g)).wrapping_mul(0x0100_0000_01b3);
    let hash = glyphs.iter().fold(0xcbf2_9ce4_8422_2325, mix);
    (0..6).map(|k| char::from(b'A' + ((hash >> (k * 8)) % 26) as u8)).collect()
}
