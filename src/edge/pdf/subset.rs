//! A font cut down to the glyphs used, as the font of a PDF: a few kilobytes in place of four
//! hundred, or of twenty thousand. Its name begins with a tag made from those glyphs.

use super::error::Error;
use super::meaning::Meanings;
use crate::domain::page::fonts::{Font, Stock};
use printpdf::ParsedFont;
use printpdf::font::{FontMetrics, FontType, PdfFontMetricsStub};
use rustybuzz::Face;
use rustybuzz::ttf_parser::GlyphId;
use std::collections::BTreeMap;

/// Numbers of glyphs in the subset, by those in the whole face.
pub type Numbers = BTreeMap<u16, u16>;

/// A whole font.
struct Whole<'f> {
    name: &'f str,
    bytes: &'f [u8],
    index: u32,
    face: Face<'f>,
}

impl<'f> Whole<'f> {
    fn of(font: Font, stock: &'f Stock) -> Option<Whole<'f>> {
        match font {
            Font::Own(own) => {
                let (name, bytes, face) = (own.name(), own.bytes(), own.parsed());
                Some(Whole { name, bytes, index: 0, face })
            }
            Font::Found(place) => {
                let found = stock.fonts.get(place)?;
                let (name, bytes, index) = (&found.name, &found.bytes, found.index);
                Some(Whole { name, bytes, index, face: found.face()? })
            }
        }
    }
}

pub fn font(
    font: Font,
    glyphs: &[u16],
    stock: &Stock,
    meanings: &Meanings,
) -> Result<(ParsedFont, Numbers), Error> {
    let failed = |name: &str, reason: String| Error::Subset { font, name: name.into(), reason };
    let whole = Whole::of(font, stock).ok_or_else(|| failed("?", "it is gone".into()))?;
    let mut mapper = subsetter::GlyphRemapper::new();
    let numbers: Numbers = glyphs.iter().map(|g| (*g, mapper.remap(*g))).collect();
    let bytes = subsetter::subset(whole.bytes, whole.index, &mapper)
        .map_err(|e| failed(whole.name, e.to_string()))?;
    let advance = |g: &u16| whole.face.glyph_hor_advance(GlyphId(*g)).unwrap_or(0);
    let characters = meanings.characters(font);
    let font = ParsedFont {
        original_bytes: bytes,
        font_index: 0,
        font_name: Some(format!("{}+{}", tag(glyphs), whole.name)),
        codepoint_to_glyph: characters.map(|(c, g)| (u32::from(c), numbers[&g])).collect(),
        glyph_widths: numbers.iter().map(|(old, new)| (*new, advance(old))).collect(),
        units_per_em: whole.face.units_per_em() as u16,
        font_metrics: FontMetrics {
            ascent: whole.face.ascender(),
            descent: whole.face.descender(),
        },
        font_type: FontType::TrueType,
        pdf_font_metrics: metrics(&whole.face),
    };
    Ok((font, numbers))
}

fn metrics(whole: &Face) -> PdfFontMetricsStub {
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
fn tag(glyphs: &[u16]) -> String {
    let mix = |h: u64, g: &u16| (h ^ u64::from(*g)).wrapping_mul(0x0100_0000_01b3);
    let hash = glyphs.iter().fold(0xcbf2_9ce4_8422_2325, mix);
    (0..6).map(|k| char::from(b'A' + ((hash >> (k * 8)) % 26) as u8)).collect()
}
