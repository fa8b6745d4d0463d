//! Bytes that are made piece by piece, as much as is read of them.

use std::collections::VecDeque;
use std::io::{self, Read};

/// Reads what `next` gives, until that is nothing.
pub struct Pieces<F> {
    next: F,
    bytes: VecDeque<u8>,
}

impl<F: FnMut() -> io::Result<Option<Vec<u8>>>> Pieces<F> {
    /// With a first piece, which may be empty.
    pub fn new(first: Vec<u8>, next: F) -> Pieces<F> {
        Pieces { next, bytes: first.into() }
    }
}

impl<F: FnMut() -> io::Result<Option<Vec<u8>>>> Read for Pieces<F> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        if self.bytes.is_empty()
            && let Some(piece) = (self.next)()?
        {
            self.bytes = piece.into();
        }
        self.bytes.read(room)
    }
}
