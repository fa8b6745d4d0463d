//! Codings of bytes: gzip, brotli and zstd, undone piece by piece under a cap.
//!
//! Invariant: any cut of the same bytes into pieces gives the same; what goes over the cap, is cut
//! short, damaged or followed by something else is an error. There is no half result.

mod brotli;
mod gzip;
mod sink;
mod zstd;

pub use sink::Spoilt;

use brotli::Brotli;
use gzip::Gzip;
use sink::{Sink, begins};
use std::fmt;
use zstd::Zstd;

/// How bytes are coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    Gzip,
    Brotli,
    Zstd,
}

/// Bytes of the result between two looks of who waits for it.
const AT_ONCE: u64 = 1 << 20;

/// Coded bytes that are taken in one step.
const TAKEN_AT_ONCE: usize = 1 << 10;

impl Coding {
    pub fn name(self) -> &'static str {
        match self {
            Coding::Gzip => "gzip",
            Coding::Brotli => "brotli",
            Coding::Zstd => "zstd",
        }
    }

    /// Whether bytes begin, as far as they go, as this coding does; brotli has no mark.
    pub fn begins(self, bytes: &[u8]) -> bool {
        match self {
            Coding::Gzip => begins(bytes, &gzip::MARK),
            Coding::Brotli => true,
            Coding::Zstd => zstd::begins(bytes),
        }
    }
}

impl fmt::Display for Coding {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Bytes that are being undone.
pub struct Undoing {
    coding: Option<Coding>,
    state: State,
    sink: Sink,
    /// The most that may be asked for to look back into, of zstd.
    window: u64,
    /// The first bytes: they tell a damaged one from none.
    first: Vec<u8>,
    more: bool,
}

enum State {
    /// Nothing came yet that would begin one.
    Between {
        whole: bool,
    },
    Gzip(Gzip),
    Brotli(Box<Brotli>),
    Zstd(Box<Zstd>),
    After {
        bytes: u64,
        padding: bool,
    },
}

impl Undoing {
    /// Of no coding: bytes are only counted. `window` bounds what zstd may ask for.
    pub fn new(coding: Option<Coding>, cap: u64, window: u64) -> Undoing {
        let sink = Sink::new(cap);
        let state = State::Between { whole: false };
        Undoing { coding, state, sink, window, first: Vec::new(), more: false }
    }

    /// Goes on for a while, and takes what it read from the front of `bytes`; says whether there
    /// was anything to do.
    pub fn step(&mut self, bytes: &mut &[u8]) -> Result<bool, Spoilt> {
        if bytes.is_empty() && !self.more {
            return Ok(false);
        }
        let mut piece = &bytes[..bytes.len().min(TAKEN_AT_ONCE)];
        let lack = piece.len().min(zstd::MARK.saturating_sub(self.first.len()));
        self.first.extend_from_slice(&piece[..lack]);
        let (length, before) = (piece.len(), self.sink.length());
        while (!piece.is_empty() || self.more) && self.sink.length() - before < AT_ONCE {
            piece = &piece[self.take(piece)?..];
        }
        *bytes = &bytes[length - piece.len()..];
        Ok(true)
    }

    /// The result, if that is whole; `padded`: zeros and ends of lines may follow a gzip.
    pub fn finish(mut self, padded: bool) -> Result<Vec<u8>, Spoilt> {
        while self.more {
            self.take(&[])?;
        }
        let whole = match &mut self.state {
            State::Between { .. } => true,
            State::Gzip(gzip) => match gzip.finish(&mut self.sink) {
                Err(Spoilt::Over) => return Err(Spoilt::Over),
                whole => whole.is_ok(),
            },
            State::Brotli(_) | State::Zstd(_) => false,
            State::After { padding: true, .. } if padded => true,
            State::After { bytes, padding } => {
                return Err(Spoilt::Trailing { bytes: *bytes, padding: *padding });
            }
        };
        if whole { Ok(self.sink.set_aside()) } else { Err(self.damaged()) }
    }

    /// Takes the result that is in memory: from now on it is somewhere else.
    pub fn set_aside(&mut self) -> Vec<u8> {
        self.sink.set_aside()
    }

    /// Bytes of the result that are in memory.
    pub fn waiting(&self) -> u64 {
        self.sink.plain().len() as u64
    }

    /// Bytes of memory that the result takes so far.
    pub fn held(&self) -> u64 {
        self.sink.held()
    }

    /// Takes some of the bytes, and says how many; none where it only went on to its next state.
    fn take(&mut self, bytes: &[u8]) -> Result<usize, Spoilt> {
        let Some(coding) = self.coding else {
            self.sink.put(bytes)?;
            return Ok(bytes.len());
        };
        let step = match &mut self.state {
            State::Between { whole } => {
                self.state = match *whole {
                    true if !coding.follows(bytes) => State::After { bytes: 0, padding: true },
                    _ => coding.state(self.window),
                };
                return Ok(0);
            }
            State::Gzip(gzip) => gzip.step(bytes, &mut self.sink),
            State::Brotli(brotli) => brotli.step(bytes, &mut self.sink),
            State::Zstd(zstd) => zstd.step(bytes, &mut self.sink),
            State::After { bytes: sum, padding } => {
                *sum += bytes.len() as u64;
                *padding &= bytes.iter().all(|byte| matches!(byte, 0 | b'\r' | b'\n'));
                return Ok(bytes.len());
            }
        };
        let step = step.map_err(|spoilt| match spoilt {
            Spoilt::Damaged => self.damaged(),
            other => other,
        })?;
        self.more = step.more;
        if step.done {
            self.state = State::Between { whole: true };
        }
        Ok(step.taken)
    }

    fn damaged(&self) -> Spoilt {
        let is_one = self.coding.is_none_or(|coding| coding.begins(&self.first));
        if is_one { Spoilt::Damaged } else { Spoilt::Other }
    }
}

impl Coding {
    fn state(self, window: u64) -> State {
        match self {
            Coding::Gzip => State::Gzip(Gzip::new()),
            Coding::Brotli => State::Brotli(Box::new(Brotli::new())),
            Coding::Zstd => State::Zstd(Box::new(Zstd::new(window))),
        }
    }

    /// Whether what follows a whole one may be another: of gzip and zstd several are one result.
    fn follows(self, bytes: &[u8]) -> bool {
        let first = bytes.first();
        match self {
            Coding::Gzip => first == gzip::MARK.first(),
            Coding::Brotli => false,
            Coding::Zstd => zstd::begins(&bytes[..bytes.len().min(1)]),
        }
    }
}

/// All at once: what coded bytes are.
pub fn undone(
    coding: Coding,
    mut bytes: &[u8],
    cap: u64,
    window: u64,
    padded: bool,
) -> Result<Vec<u8>, Spoilt> {
    let mut undoing = Undoing::new(Some(coding), cap, window);
    while undoing.step(&mut bytes)? {}
    undoing.finish(padded)
}

#[cfg(test)]
mod tests;
