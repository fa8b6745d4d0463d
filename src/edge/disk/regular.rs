//! Regular files, and nothing else: opening a pipe would wait for its other end, and what a device
//! gives never ends. Both can stand where a file of ours should, by a slip or on purpose.

use super::fault::Result;
use rustix::fs::OFlags;
use std::fs::{self, File, FileType, Metadata, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

/// Bytes that are read at once of a file that need not be in memory.
const PIECE: usize = 1 << 16;

/// A regular file's bytes; more than `most` are an error.
pub fn whole(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let over = || {
        let words =
            format!("it has more than {} MiB, and no more of such a file is read", most >> 20);
        io::Error::new(io::ErrorKind::FileTooLarge, words)
    };
    let file = open(path)?;
    if file.metadata()?.len() > most {
        return Err(over());
    }
    let bytes = first(file, most.saturating_add(1))?;
    if bytes.len() as u64 > most { Err(over()) } else { Ok(bytes) }
}

/// Whether two files have the same bytes, with memory for a piece of each.
pub fn equal(a: &Path, b: &Path) -> io::Result<bool> {
    let mut files = [open(a)?, open(b)?].map(|file| BufReader::with_capacity(PIECE, file));
    loop {
        let [a, b] = &mut files;
        let (x, y) = (a.fill_buf()?, b.fill_buf()?);
        let length = x.len().min(y.len());
        if x.get(..length) != y.get(..length) {
            return Ok(false);
        }
        if length == 0 {
            return Ok(x.len() == y.len());
        }
        a.consume(length);
        b.consume(length);
    }
}

/// Opens a regular file to read it.
pub fn open(path: &Path) -> io::Result<File> {
    open_regular(path, OpenOptions::new().read(true))
}

/// At most so many of a regular file's first bytes.
pub fn first(file: File, most: u64) -> io::Result<Vec<u8>> {
    let length = usize::try_from(file.metadata()?.len().min(most)).unwrap_or(usize::MAX);
    let mut bytes = Vec::new();
    // A file with holes can be said to be larger than any memory.
    bytes.try_reserve_exact(length).map_err(|_| io::ErrorKind::OutOfMemory)?;
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads a regular file to the start of `room`, which grows where that is needed, and gives how
/// many bytes it has; none, and nothing is read, where they are more than `most`.
pub fn into(path: &Path, most: u64, room: &mut Vec<u8>) -> io::Result<Option<usize>> {
    let mut file = open(path)?;
    let Some(length) = Some(file.metadata()?.len()).filter(|length| *length <= most) else {
        return Ok(None);
    };
    let length = usize::try_from(length).map_err(|_| io::ErrorKind::OutOfMemory)?;
    if let Some(more) = length.checked_sub(room.len()) {
        // A file with holes can be said to be larger than any memory.
        room.try_reserve_exact(more).map_err(|_| io::ErrorKind::OutOfMemory)?;
        room.resize(length, 0);
    }
    let mut read = 0;
    while let Some(left) = room.get_mut(read..length).filter(|left| !left.is_empty()) {
        match file.read(left) {
            Ok(0) => break,
            Ok(some) => read += some,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Some(read))
}

/// `None` for what is not there.
pub fn there<T>(read: Result<T>) -> Result<Option<T>> {
    match read {
        Err(error) if error.cause.kind() == io::ErrorKind::NotFound => Ok(None),
        read => read.map(Some),
    }
}

/// What is gone already need not be removed.
pub fn gone(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Locks a file; whether this succeeded, and its name still leads to it, be it by a link: whoever
/// held the lock before may have taken the file away, and another be there by now.
pub fn is_held(file: &File, name: &Path) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(false),
        Err(TryLockError::Error(cause)) => return Err(cause),
    }
    let which = |found: Metadata| (found.dev(), found.ino());
    Ok(fs::metadata(name).map(which).ok() == Some(which(file.metadata()?)))
}

/// Opens a regular file; anything else is an error at once.
pub fn open_regular(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    // A socket cannot be opened, nor a pipe that nobody reads, to write to it.
    let odd = |error: io::Error| match fs::metadata(path) {
        Ok(found) if !found.is_file() => no_regular(found.file_type()),
        _ => error,
    };
    let file = options.custom_flags(OFlags::NONBLOCK.bits() as i32).open(path).map_err(odd)?;
    match file.metadata()?.file_type() {
        kind if kind.is_file() => Ok(file),
        kind => Err(no_regular(kind)),
    }
}

fn no_regular(kind: FileType) -> io::Error {
    let what = match kind {
        kind if kind.is_dir() => "a folder",
        kind if kind.is_fifo() => "a named pipe",
        kind if kind.is_socket() => "a socket",
        _ => "a device",
    };
    io::Error::new(io::ErrorKind::InvalidInput, format!("it is {what}, no regular file"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn room_is_used_again() {
        let folder = tempfile::tempdir().unwrap();
        let (file, mut room) = (folder.path().join("file"), Vec::new());
        for (text, found) in
            [("one", Some(3)), ("longer", Some(6)), ("", Some(0)), ("two", Some(3))]
        {
            fs::write(&file, text).unwrap();
            assert_eq!(into(&file, 6, &mut room).unwrap(), found);
            assert_eq!(&room[..text.len()], text.as_bytes());
        }
        fs::write(&file, "too long").unwrap();
        assert_eq!(into(&file, 7, &mut room).unwrap(), None);
        assert_eq!(room, b"twoger");
        assert!(into(folder.path(), 7, &mut room).is_err());
    }

    #[test]
    fn a_lock_is_held_where_its_name_still_leads_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let [name, moved, link] = ["name", "moved", "link"].map(|name| folder.path().join(name));
        let made = || File::create(&name).unwrap();
        symlink(&name, &link).unwrap();
        let file = made();
        assert!(is_held(&file, &name).unwrap() && is_held(&file, &link).unwrap());
        assert!(!is_held(&open(&name).unwrap(), &name).unwrap(), "it is locked already");
        fs::rename(&name, &moved).unwrap();
        assert!(!is_held(&file, &name).unwrap() && is_held(&file, &moved).unwrap());
        let other = made();
        assert!(!is_held(&file, &name).unwrap() && !is_held(&file, &link).unwrap());
        assert!(is_held(&other, &name).unwrap() && is_held(&other, &link).unwrap());
        fs::remove_file(&name).unwrap();
        fs::hard_link(&moved, &name).unwrap();
        assert!(is_held(&file, &name).unwrap(), "a second name of it");
    }
}
