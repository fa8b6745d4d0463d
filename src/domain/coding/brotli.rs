//! A stream of brotli (RFC 7932).

use super::sink::{Sink, Spoilt, Step};
use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};

/// Bytes that come of one step.
const ROOM: usize = 32 << 10;

pub struct Brotli {
    state: BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>,
    room: Vec<u8>,
}

impl Brotli {
    /// As the RFC has it, with windows up to 16 MiB: the large ones beyond it are allocated by
    /// what its first two bytes say.
    pub fn new() -> Brotli {
        let memory = StandardAlloc::default;
        let state = BrotliState::new_strict(memory(), memory(), memory());
        Brotli { state, room: vec![0; ROOM] }
    }

    pub fn step(&mut self, bytes: &[u8], sink: &mut Sink) -> Result<Step, Spoilt> {
        let (mut left, mut taken) = (bytes.len(), 0);
        let (mut free, mut filled, mut total) = (ROOM, 0, 0);
        let result = BrotliDecompressStream(
            &mut left,
            &mut taken,
            bytes,
            &mut free,
            &mut filled,
            &mut self.room,
            &mut total,
            &mut self.state,
        );
        sink.put(self.room.get(..filled).unwrap_or_default())?;
        match result {
            BrotliResult::ResultFailure => Err(Spoilt::Damaged),
            BrotliResult::ResultSuccess => Ok(Step { taken, more: false, done: true }),
            BrotliResult::NeedsMoreOutput => Ok(Step { taken, more: true, done: false }),
            BrotliResult::NeedsMoreInput => Ok(Step { taken, more: false, done: false }),
        }
    }
}
