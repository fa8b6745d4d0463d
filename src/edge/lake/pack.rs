//! What is in an object: files packed one behind the other, the same bytes for the same files.

use std::io::{self, Read, Write};
use tar::{Archive, Builder, Header};
use zstd::stream::{Decoder, Encoder};

/// Answers of one hour are much alike: what was said further back than usual is found again.
const LEVEL: i32 = 9;
const WINDOW_LOG: u32 = 26;

/// Packs files in the order in which they come, each with its name and when it is of, in seconds
/// since 1970.
pub fn pack(
    files: &mut dyn Iterator<Item = io::Result<(String, i64, Vec<u8>)>>,
) -> io::Result<Vec<u8>> {
    let mut encoder = Encoder::new(Vec::new(), LEVEL)?;
    encoder.long_distance_matching(true)?;
    encoder.window_log(WINDOW_LOG)?;
    encoder.include_checksum(true)?;
    let mut builder = Builder::new(encoder);
    for file in files {
        let (name, seconds, bytes) = file?;
        let mut header = Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(u64::try_from(seconds).unwrap_or_default());
        builder.append_data(&mut header, name, bytes.as_slice())?;
    }
    let mut encoder = builder.into_inner()?;
    encoder.flush()?;
    encoder.finish()
}

/// Gives the files of an object, one by one; of one that is larger than `most` the start only.
pub fn unpack(
    object: &[u8],
    most: u64,
    each: &mut dyn FnMut(&str, &[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut decoder = Decoder::new(object)?;
    decoder.window_log_max(27)?;
    let mut archive = Archive::new(decoder);
    for entry in archive.entries()? {
        let entry = entry?;
        let Some(name) = entry.path()?.to_str().map(str::to_string) else { continue };
        let mut bytes = Vec::new();
        entry.take(most).read_to_end(&mut bytes)?;
        each(&name, &bytes)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_files_are_the_same_bytes_and_come_back() {
        let names = ["a.json".to_string(), format!("{}.json", "long".repeat(60))];
        let files = || {
            let one = |name: &String| Ok((name.clone(), 1_763_719_500, name.repeat(999).into()));
            names.iter().map(one).collect::<Vec<_>>().into_iter()
        };
        let (first, second) = (pack(&mut files()), pack(&mut files()));
        let first = first.unwrap_or_default();
        assert!(!first.is_empty());
        assert_eq!(first, second.unwrap_or_default());
        let mut found = Vec::new();
        let read = unpack(&first, 1 << 20, &mut |name, bytes| {
            found.push((name.to_string(), bytes.len()));
            Ok(())
        });
        assert!(read.is_ok());
        let whole: Vec<_> = names.iter().map(|name| (name.clone(), name.len() * 999)).collect();
        assert_eq!(found, whole);
        assert!(unpack(b"torn", 9, &mut |_, _| Ok(())).is_err());
    }
}
