//! Where the body of an answer waits: in memory while it is small, else in a file that whoever
//! works with us gives for it. Files are written on threads of their own, so that a slow disk
//! keeps nobody else waiting.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use super::body::Body;
use super::room::{Rooms, Share};
use crate::domain::limits::ANSWER_IN_MEMORY;
use crate::domain::request::{Aside, Room};

/// Gives new files to write to and to read, which nobody else has.
#[derive(Clone)]
pub struct Shelf(Arc<dyn Fn() -> io::Result<File> + Send + Sync>);

impl Shelf {
    pub fn new(make: impl Fn() -> io::Result<File> + Send + Sync + 'static) -> Shelf {
        Shelf(Arc::new(make))
    }
}

impl fmt::Debug for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("Shelf")
    }
}

/// The place of one body.
pub struct Place<'a> {
    shelf: Option<&'a Shelf>,
    share: Share<'a>,
    /// From the first byte that went there on.
    file: Option<File>,
    bytes: u64,
}

impl<'a> Place<'a> {
    /// On this shelf, if there is one, which has so much room for all.
    pub fn new(shelf: Option<&'a Shelf>, rooms: &'a Rooms) -> Place<'a> {
        Place { shelf, share: rooms.share(), file: None, bytes: 0 }
    }

    /// Puts what came of a large body into its file; meanwhile, if it must wait for room there,
    /// `waits` is not 0.
    pub async fn relieve(&mut self, body: &mut Body, waits: &AtomicU64) -> Result<(), String> {
        if self.shelf.is_none() || body.waiting() < ANSWER_IN_MEMORY {
            return Ok(());
        }
        let piece = body.set_aside();
        self.share.grow(self.bytes + piece.len() as u64, waits).await;
        self.put(piece).await
    }

    async fn put(&mut self, piece: Vec<u8>) -> Result<(), String> {
        let (file, shelf) = (self.file.take(), self.shelf.cloned());
        self.bytes += piece.len() as u64;
        let write = move || {
            let mut file = match (file, shelf) {
                (Some(file), _) => file,
                (None, Some(shelf)) => shelf.0()?,
                (None, None) => return Err(io::Error::other("there is no shelf")),
            };
            file.write_all(&piece).map(|()| file)
        };
        let written = tokio::task::spawn_blocking(write).await.map_err(io::Error::other);
        self.file = Some(written.flatten().map_err(|error| lacks(&error))?);
        Ok(())
    }

    /// The whole body, of which `rest` is still in memory: there, or aside.
    pub async fn whole(mut self, rest: Vec<u8>) -> Result<(Vec<u8>, Aside), String> {
        if self.file.is_none() {
            return Ok((rest, Aside::default()));
        }
        self.put(rest).await?;
        let Place { file, bytes, share, .. } = self;
        let room: Room = share.keep();
        let read = move || {
            let (Some(mut file), _) = (file.as_ref(), &room) else { return Ok(Vec::new()) };
            let read = whole(&mut file, bytes);
            read.map_err(|error| format!("a large answer that waited cannot be read: {error}"))
        };
        Ok((Vec::new(), Aside::of(read)))
    }
}

fn lacks(error: &io::Error) -> String {
    format!("a large answer cannot wait in data/: {error}")
}

fn whole(file: &mut &File, bytes: u64) -> io::Result<Vec<u8>> {
    let mut read = Vec::new();
    read.try_reserve_exact(usize::try_from(bytes).unwrap_or(usize::MAX))
        .map_err(|_| io::ErrorKind::OutOfMemory)?;
    file.seek(SeekFrom::Start(0))?;
    file.take(bytes).read_to_end(&mut read)?;
    if read.len() as u64 == bytes { Ok(read) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}
