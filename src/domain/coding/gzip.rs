//! One member of a gzip (RFC 1952).

use super::sink::{Sink, Spoilt, Step};
use flate2::write::GzDecoder;
use std::io::Write;

/// How one begins.
pub const MARK: [u8; 2] = [0x1f, 0x8b];

pub struct Gzip(Box<GzDecoder<Vec<u8>>>);

impl Gzip {
    pub fn new() -> Gzip {
        Gzip(Box::new(GzDecoder::new(Vec::new())))
    }

    pub fn step(&mut self, bytes: &[u8], sink: &mut Sink) -> Result<Step, Spoilt> {
        let taken = self.0.write(bytes).map_err(|_| Spoilt::Damaged)?;
        self.hand_on(sink)?;
        let done = taken == 0 && self.finish(sink)?;
        Ok(Step { taken, more: false, done })
    }

    /// Whether it is whole.
    pub fn finish(&mut self, sink: &mut Sink) -> Result<bool, Spoilt> {
        let whole = self.0.try_finish().is_ok();
        self.hand_on(sink)?;
        if whole { Ok(true) } else { Err(Spoilt::Damaged) }
    }

    fn hand_on(&mut self, sink: &mut Sink) -> Result<(), Spoilt> {
        let plain = self.0.get_mut();
        sink.put(plain)?;
        plain.clear();
        Ok(())
    }
}
