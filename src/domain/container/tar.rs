//! Tar archives: ustar, and what GNU and pax made of it. Of the file that is meant only its place
//! is sought.

use super::member::Search;
use std::io::{Cursor, Seek};
use std::ops::Range;

const BLOCK: usize = 512;
/// Where the mark of ustar and its followers stands, and the sum of a header.
const MARK: Range<usize> = 257..262;
const SUM: Range<usize> = 148..156;

pub const CUT: &str = "its tar archive is cut";
const DAMAGED: &str = "its tar archive is damaged";

/// Whether bytes have the mark of newer ones.
pub fn is_marked(bytes: &[u8]) -> bool {
    bytes.get(MARK) == Some(b"ustar") && begins(bytes)
}

/// Whether bytes begin with a header, which has a sum of itself, or as an archive of nothing.
pub fn begins(bytes: &[u8]) -> bool {
    let Some(header) = bytes.first_chunk::<BLOCK>() else { return false };
    let said = header.get(SUM).unwrap_or_default();
    let digits: Vec<u8> = said.iter().copied().filter(|byte| !matches!(byte, b' ' | 0)).collect();
    let said = std::str::from_utf8(&digits).ok();
    let said = said.and_then(|digits| u32::from_str_radix(digits, 8).ok());
    // The sum is taken with blanks in its own place.
    let place = |(at, byte): (usize, &u8)| u32::from(if SUM.contains(&at) { b' ' } else { *byte });
    said == Some(header.iter().enumerate().map(place).sum()) || header == &[0; BLOCK]
}

/// Where the one file that is meant stands.
pub fn find(bytes: &[u8], mut search: Search<Range<usize>>) -> Result<Range<usize>, String> {
    let mut archive = tar::Archive::new(Cursor::new(bytes));
    let entries = archive.entries_with_seek().map_err(|_| DAMAGED)?;
    let mut end = 0;
    for entry in entries {
        let mut entry = entry.map_err(|_| DAMAGED)?;
        search.pass()?;
        let range = place(entry.raw_file_position(), entry.size()).filter(|r| r.end <= bytes.len());
        let range = range.ok_or(CUT)?;
        end = range.end.next_multiple_of(BLOCK);
        let kind = entry.header().entry_type();
        let name = entry.path_bytes().into_owned();
        if kind.is_gnu_sparse() || is_sparse(&mut entry)? {
            let name = String::from_utf8_lossy(&name).into_owned();
            return Err(format!("the file {name} in it has holes (sparse), which is not read"));
        }
        if (kind.is_file() || kind.is_contiguous()) && !name.ends_with(b"/") {
            search.look(&name, range);
        }
    }
    // Without its end, a file may be missing that is meant too.
    let ends = bytes.get(end..end + BLOCK).is_some_and(|block| block.iter().all(|b| *b == 0));
    if !ends {
        return Err(format!("{CUT}: its end is missing"));
    }
    search.one().map(|(_, range)| range)
}

fn place(from: u64, size: u64) -> Option<Range<usize>> {
    let from = usize::try_from(from).ok()?;
    Some(from..from.checked_add(usize::try_from(size).ok()?)?)
}

/// Whether its bytes are those of a file with holes, and a list of these in front, as pax has it.
fn is_sparse<R: std::io::Read + Seek>(entry: &mut tar::Entry<R>) -> Result<bool, String> {
    let Some(extensions) = entry.pax_extensions().map_err(|_| DAMAGED)? else { return Ok(false) };
    let mut sparse = false;
    for extension in extensions {
        sparse |= extension.map_err(|_| DAMAGED)?.key_bytes().starts_with(b"GNU.sparse.");
    }
    Ok(sparse)
}
