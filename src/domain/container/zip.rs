//! Zip archives (PKWARE's APPNOTE): what the directory at the end says, held against what stands
//! before the file, and its sum.

use super::member::Search;
use super::words::over;
use flate2::Crc;
use flate2::bufread::DeflateDecoder;
use rawzip::{CompressionMethod, ZipArchive, ZipFileHeaderRecord, ZipSliceArchive};
use std::borrow::Cow;
use std::io::Read;

type Archive<'b> = ZipSliceArchive<&'b [u8]>;
type Found<'a, 'p> = Search<'p, ZipFileHeaderRecord<'a>>;

/// The one file that is meant. Sums and sizes are those of the directory; of a file that is written
/// in one go, no others are known before it.
pub fn open<'b>(bytes: &'b [u8], search: Found, most: u64) -> Result<Cow<'b, [u8]>, String> {
    let archive = ZipArchive::from_slice(bytes)
        .map_err(|_| "it is cut: the directory at the end of the archive is missing")?;
    let (name, record) = find(&archive, search)?;
    let of_it = |why: String| format!("the file {name} in it {why}");
    openable(&record).map_err(of_it)?;
    if record.uncompressed_size_hint() > most {
        return Err(over(most));
    }
    let packed = packed(&archive, bytes, &record).map_err(of_it)?;
    let plain = plain(packed, &record).map_err(of_it)?;
    let mut sum = Crc::new();
    sum.update(&plain);
    let whole =
        plain.len() as u64 == record.uncompressed_size_hint() && sum.sum() == record.crc32();
    if whole { Ok(plain) } else { Err(of_it(DAMAGED.into())) }
}

const DAMAGED: &str = "is damaged: it has not the size or the sum that the directory says";

fn find<'a>(
    archive: &'a Archive,
    mut search: Search<'_, ZipFileHeaderRecord<'a>>,
) -> Result<(String, ZipFileHeaderRecord<'a>), String> {
    let (mut entries, mut count) = (archive.entries(), 0);
    let damaged = "the directory at the end of the archive is damaged";
    while let Some(record) = entries.next_entry().map_err(|_| damaged)? {
        count += 1;
        search.pass()?;
        if !record.is_dir() {
            search.look(record.file_path().as_bytes(), record);
        }
    }
    let said = archive.entries_hint();
    if count != said {
        return Err(format!("{damaged}: it says that it has {said} entries, and has {count}"));
    }
    search.one()
}

/// Whether we can read it at all.
fn openable(record: &ZipFileHeaderRecord) -> Result<(), String> {
    let (flags, method) = (record.flags(), record.compression_method());
    if flags.is_encrypted() || flags.has_strong_encryption() || flags.is_masked() {
        return Err("is encrypted, and there is no password for it".into());
    }
    if [CompressionMethod::STORE, CompressionMethod::DEFLATE].contains(&method) {
        return Ok(());
    }
    let number = method.as_u16();
    let name = method.name().map(|name| format!(", {name}")).unwrap_or_default();
    Err(format!("is packed by method {number}{name}: only stored and deflate are read"))
}

/// Its bytes as they are packed, once what stands before them says the same as the directory.
fn packed<'b>(
    archive: &Archive<'b>,
    bytes: &'b [u8],
    record: &ZipFileHeaderRecord,
) -> Result<&'b [u8], String> {
    let cut = "is not where the directory says, or it is cut";
    let entry = archive.get_entry(record.wayfinder()).map_err(|_| cut)?;
    let local = entry.local_header();
    let other = |what: &str| {
        Err(format!("has one {what} in the directory at the end, and another before its bytes"))
    };
    if local.file_path().as_bytes() != record.file_path().as_bytes() {
        return other("name");
    }
    if local.compression_method() != record.compression_method()
        || local.flags().is_encrypted() != record.flags().is_encrypted()
    {
        return other("method");
    }
    // What is written in one go has them behind it only.
    if !local.flags().has_data_descriptor() && local.crc32() != record.crc32() {
        return other("sum");
    }
    let (from, to) = entry.compressed_data_range();
    let range = usize::try_from(from).ok().zip(usize::try_from(to).ok());
    range.and_then(|(from, to)| bytes.get(from..to)).ok_or_else(|| cut.into())
}

/// No more than one byte beyond the size that the directory says.
fn plain<'b>(packed: &'b [u8], record: &ZipFileHeaderRecord) -> Result<Cow<'b, [u8]>, String> {
    if record.compression_method() == CompressionMethod::STORE {
        return Ok(Cow::Borrowed(packed));
    }
    let mut plain = Vec::new();
    let size = record.uncompressed_size_hint();
    let mut inflated = DeflateDecoder::new(packed).take(size.saturating_add(1));
    inflated.read_to_end(&mut plain).map_err(|_| DAMAGED)?;
    Ok(Cow::Owned(plain))
}
