//! The tables of a font file that tell what it shows: a few kilobytes of files of up to 30 MB.

use crate::domain::limits::{FONT_BYTES, FONT_FILES};
use crate::domain::page::fonts::Offer;
use rustybuzz::ttf_parser::{cmap, name};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Embedding is forbidden, or nothing but the whole font or its bitmaps may be embedded.
const RESTRICTED: u16 = 0x0002;
const NO_SUBSET: u16 = 0x0300;
/// Glyphs in these are coloured, or pictures, and what is beside them may be empty.
const COLOURED: [&[u8; 4]; 4] = [b"CBDT", b"COLR", b"sbix", b"SVG "];

/// The fonts of a file that have some of the signs and may be used, with their places in it.
pub fn offers(path: &Path, signs: &BTreeSet<char>) -> Vec<(u32, Offer)> {
    let Ok(file) = File::open(path) else { return Vec::new() };
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let mut known = BTreeMap::new();
    let faces = starts(&file).into_iter().enumerate();
    let offer = |(index, start)| {
        let font = Font::read(&file, start)?;
        Some((index as u32, font.offer(signs, &stem, &mut known)?))
    };
    faces.filter_map(offer).collect()
}

/// Where the fonts of a file begin.
fn starts(file: &File) -> Vec<u64> {
    let Some(head) = bytes(file, 0, 12) else { return Vec::new() };
    if &head[..4] != b"ttcf" {
        return vec![0];
    }
    let count = u32_at(&head, 8).unwrap_or(0).min(FONT_FILES as u32);
    let list = bytes(file, 12, count * 4).unwrap_or_default();
    list.chunks_exact(4).filter_map(|four| u32_at(four, 0)).map(u64::from).collect()
}

fn bytes(file: &File, at: u64, length: u32) -> Option<Vec<u8>> {
    let end = file.metadata().ok()?.len().min(FONT_BYTES);
    if at + u64::from(length) > end {
        return None;
    }
    let mut found = vec![0; length as usize];
    file.read_exact_at(&mut found, at).ok()?;
    Some(found)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// A font by the list of its tables.
struct Font<'f> {
    file: &'f File,
    tables: BTreeMap<Vec<u8>, (u32, u32)>,
}

impl Font<'_> {
    fn read(file: &File, start: u64) -> Option<Font<'_>> {
        let head = bytes(file, start, 12)?;
        let magic = [&[0, 1, 0, 0][..], b"OTTO", b"true"];
        let count = u16_at(&head, 4).filter(|_| magic.contains(&&head[..4]))?;
        let list = bytes(file, start + 12, u32::from(count) * 16)?;
        let entry = |e: &[u8]| Some((e[..4].to_vec(), (u32_at(e, 8)?, u32_at(e, 12)?)));
        Some(Font { file, tables: list.chunks_exact(16).filter_map(entry).collect() })
    }

    fn has(&self, table: &[u8; 4]) -> bool {
        self.tables.contains_key(&table[..])
    }

    fn table(&self, table: &[u8; 4]) -> Option<Vec<u8>> {
        let (at, length) = self.tables.get(&table[..])?;
        bytes(self.file, u64::from(*at), *length)
    }

    /// `known` are the signs by place of the list: the fonts of one file often share it.
    fn offer(
        &self,
        signs: &BTreeSet<char>,
        stem: &str,
        known: &mut BTreeMap<u32, BTreeSet<char>>,
    ) -> Option<Offer> {
        let is_drawn = self.has(b"glyf") || self.has(b"CFF ");
        if !is_drawn || COLOURED.iter().any(|table| self.has(table)) {
            return None;
        }
        let place = self.tables.get(&b"cmap"[..])?.0;
        let shown = match known.get(&place) {
            Some(shown) => shown.clone(),
            None => known.entry(place).or_insert(self.shown(signs)?).clone(),
        };
        let about = self.table(b"OS/2").unwrap_or_default();
        let rights = u16_at(&about, 8).unwrap_or(0);
        if shown.is_empty() || rights & 0xf == RESTRICTED || rights & NO_SUBSET != 0 {
            return None;
        }
        Some(Offer {
            name: self.name().unwrap_or_else(|| plain(stem)),
            weight: u16_at(&about, 4).unwrap_or(400),
            slanted: u16_at(&about, 62).unwrap_or(0) & 0x201 != 0,
            signs: shown,
        })
    }

    /// The signs that it has a glyph for.
    fn shown(&self, signs: &BTreeSet<char>) -> Option<BTreeSet<char>> {
        let list = self.table(b"cmap")?;
        let list = cmap::Table::parse(&list)?;
        let has = |sign: &&char| {
            let tables = list.subtables.into_iter().filter(|table| table.is_unicode());
            let mut glyphs = tables.filter_map(|table| table.glyph_index(u32::from(**sign)));
            glyphs.any(|glyph| glyph.0 != 0)
        };
        Some(signs.iter().filter(has).copied().collect())
    }

    /// As PostScript names it.
    fn name(&self) -> Option<String> {
        const POSTSCRIPT: u16 = 6;
        let list = self.table(b"name")?;
        let names = name::Table::parse(&list)?.names;
        let named = names.into_iter().filter(|name| name.name_id == POSTSCRIPT);
        let mut named = named.filter_map(|name| name.to_string()).map(|name| plain(&name));
        named.find(|name| !name.is_empty())
    }
}

/// What may stand in a name of a PDF.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')).collect()
}
