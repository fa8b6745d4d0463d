//! The body as it comes in: counted and decoded chunk by chunk, never beyond its caps.
//!
//! Invariant: over a cap, cut short or badly encoded is an error; there is no half body.

use std::io::{self, Write};

use flate2::write::MultiGzDecoder;

use crate::domain::request::Caps;
use crate::domain::retry::{Flaw, Part};

/// What is wrong with a body.
#[derive(Debug, PartialEq, Eq)]
pub enum Fault {
    Over { part: Part, cap: u64, announced: Option<u64> },
    Flaw(Flaw),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Identity,
    Gzip,
}

impl Encoding {
    /// Reads `Content-Encoding`; only what was asked for will do.
    pub fn parse(header: Option<&str>) -> Result<Encoding, Fault> {
        match header.map(|text| text.trim().to_ascii_lowercase()).as_deref() {
            None | Some("" | "identity") => Ok(Encoding::Identity),
            Some("gzip" | "x-gzip") => Ok(Encoding::Gzip),
            Some(other) => {
                let shown = other.chars().take(40).collect();
                Err(Fault::Flaw(Flaw::Encoding(shown)))
            }
        }
    }
}

/// A body that is being received.
pub struct Body {
    decoder: Decoder,
    wire: u64,
    wire_cap: u64,
    announced: Option<u64>,
}

enum Decoder {
    Identity(Sink),
    Gzip(Box<MultiGzDecoder<Sink>>),
}

impl Body {
    /// Refuses at once what announces that it will be too large.
    pub fn new(encoding: Encoding, announced: Option<u64>, caps: &Caps) -> Result<Body, Fault> {
        let over = |part, cap| Fault::Over { part, cap, announced };
        if announced > Some(caps.wire_bytes) {
            return Err(over(Part::Wire, caps.wire_bytes));
        }
        if encoding == Encoding::Identity && announced > Some(caps.plain_bytes) {
            return Err(over(Part::Plain, caps.plain_bytes));
        }
        let sink = Sink { plain: Vec::new(), cap: caps.plain_bytes, over: false };
        let decoder = match encoding {
            Encoding::Identity => Decoder::Identity(sink),
            Encoding::Gzip => Decoder::Gzip(Box::new(MultiGzDecoder::new(sink))),
        };
        Ok(Body { decoder, wire: 0, wire_cap: caps.wire_bytes, announced })
    }

    pub fn push(&mut self, chunk: &[u8]) -> Result<(), Fault> {
        self.wire += chunk.len() as u64;
        if self.wire > self.wire_cap {
            return Err(self.over(Part::Wire, self.wire_cap));
        }
        let written = match &mut self.decoder {
            Decoder::Identity(sink) => sink.write_all(chunk),
            Decoder::Gzip(decoder) => decoder.write_all(chunk),
        };
        written.map_err(|_| self.fault())
    }

    /// The decoded bytes, if the body is whole.
    pub fn finish(mut self) -> Result<Vec<u8>, Fault> {
        if self.announced.is_some_and(|announced| announced != self.wire) {
            return Err(self.cut());
        }
        let finished = match &mut self.decoder {
            // An empty body needs no gzip frame to be what it is.
            Decoder::Gzip(decoder) if self.wire > 0 => decoder.try_finish(),
            _ => Ok(()),
        };
        finished.map_err(|_| self.fault())?;
        Ok(std::mem::take(&mut self.sink().plain))
    }

    pub fn wire(&self) -> u64 {
        self.wire
    }

    pub fn cut(&self) -> Fault {
        Fault::Flaw(Flaw::Cut { received: self.wire, announced: self.announced })
    }

    fn fault(&mut self) -> Fault {
        let sink = self.sink();
        match (sink.over, sink.cap) {
            (true, cap) => self.over(Part::Plain, cap),
            (false, _) => Fault::Flaw(Flaw::Gzip),
        }
    }

    fn over(&self, part: Part, cap: u64) -> Fault {
        Fault::Over { part, cap, announced: None }
    }

    fn sink(&mut self) -> &mut Sink {
        match &mut self.decoder {
            Decoder::Identity(sink) => sink,
            Decoder::Gzip(decoder) => decoder.get_mut(),
        }
    }
}

/// Takes decoded bytes up to a cap; the decoder hands them over in small pieces, so a bomb
/// bursts here and not in memory.
struct Sink {
    plain: Vec<u8>,
    cap: u64,
    over: bool,
}

impl Write for Sink {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.over |= (self.plain.len() + piece.len()) as u64 > self.cap;
        if self.over {
            return Err(io::Error::other("over the cap"));
        }
        self.plain.extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(plain).expect("memory");
        encoder.finish().expect("memory")
    }

    fn caps(wire_bytes: u64, plain_bytes: u64) -> Caps {
        Caps { wire_bytes, plain_bytes, ..Caps::default() }
    }

    fn read(encoding: Encoding, wire: &[u8], step: usize, caps: &Caps) -> Result<Vec<u8>, Fault> {
        let mut body = Body::new(encoding, None, caps)?;
        wire.chunks(step).try_for_each(|chunk| body.push(chunk))?;
        body.finish()
    }

    fn over(part: Part, cap: u64) -> Fault {
        Fault::Over { part, cap, announced: None }
    }

    #[test]
    fn any_chunking_gives_the_same_bytes() {
        let plain: Vec<u8> = (0..100_000u32).map(|n| (n ^ (n >> 5)) as u8).collect();
        let wire = gzip(&plain);
        for step in [1, 2, 7, 4_096, usize::MAX >> 1] {
            let caps = Caps::default();
            assert_eq!(read(Encoding::Gzip, &wire, step, &caps).as_ref(), Ok(&plain));
            assert_eq!(read(Encoding::Identity, &plain, step, &caps).as_ref(), Ok(&plain));
        }
    }

    #[test]
    fn several_members_are_one_body() {
        let wire = [gzip(b"one "), gzip(b"two")].concat();
        for step in [1, 5, 1_000] {
            let read = read(Encoding::Gzip, &wire, step, &Caps::default());
            assert_eq!(read, Ok(b"one two".to_vec()));
        }
    }

    #[test]
    fn a_bomb_bursts_at_the_plain_cap() {
        let wire = gzip(&vec![0; 50_000_000]);
        let caps = caps(1 << 20, 1_000_000);
        let mut body = Body::new(Encoding::Gzip, None, &caps).expect("small");
        assert_eq!(body.push(&wire), Err(over(Part::Plain, 1_000_000)));
        assert!(body.sink().plain.len() <= 1_000_000);
    }

    #[test]
    fn caps_are_inclusive() {
        let plain = [7; 1_000];
        assert!(read(Encoding::Identity, &plain, 10, &caps(1_000, 1_000)).is_ok());
        let wire_over = read(Encoding::Identity, &plain, 10, &caps(999, 1_000));
        assert_eq!(wire_over, Err(over(Part::Wire, 999)));
        let plain_over = read(Encoding::Gzip, &gzip(&plain), 10, &caps(1_000, 999));
        assert_eq!(plain_over, Err(over(Part::Plain, 999)));
        assert!(read(Encoding::Gzip, &gzip(&plain), 10, &caps(1_000, 1_000)).is_ok());
    }

    #[test]
    fn what_announces_too_much_is_refused_unread() {
        let new = |encoding, announced| Body::new(encoding, Some(announced), &caps(100, 50)).err();
        let refused = |part, cap, n| Some(Fault::Over { part, cap, announced: Some(n) });
        assert_eq!(new(Encoding::Gzip, 101), refused(Part::Wire, 100, 101));
        assert_eq!(new(Encoding::Identity, 51), refused(Part::Plain, 50, 51));
        assert_eq!(new(Encoding::Gzip, 100), None);
    }

    #[test]
    fn a_short_or_spoilt_body_is_no_body() {
        let whole = gzip(b"some bytes that matter");
        let gzip_of = |wire: &[u8]| read(Encoding::Gzip, wire, 5, &Caps::default());
        for end in 1..whole.len() {
            assert_eq!(gzip_of(&whole[..end]), Err(Fault::Flaw(Flaw::Gzip)), "cut at {end}");
        }
        let mut spoilt = whole.clone();
        spoilt[whole.len() - 6] ^= 1;
        assert_eq!(gzip_of(&spoilt), Err(Fault::Flaw(Flaw::Gzip)));
        assert_eq!(gzip_of(b"<html>"), Err(Fault::Flaw(Flaw::Gzip)));
        assert_eq!(gzip_of(&[whole, b"trailing".to_vec()].concat()), Err(Fault::Flaw(Flaw::Gzip)));

        let mut body = Body::new(Encoding::Identity, Some(9), &Caps::default()).expect("small");
        body.push(b"12345").expect("room");
        let cut = Flaw::Cut { received: 5, announced: Some(9) };
        assert_eq!(body.finish(), Err(Fault::Flaw(cut)));
    }

    #[test]
    fn only_gzip_is_decoded() {
        assert_eq!(Encoding::parse(None), Ok(Encoding::Identity));
        assert_eq!(Encoding::parse(Some(" GZip ")), Ok(Encoding::Gzip));
        for odd in ["br", "gzip, gzip", "deflate"] {
            let flaw = Flaw::Encoding(odd.into());
            assert_eq!(Encoding::parse(Some(odd)), Err(Fault::Flaw(flaw)));
        }
    }
}
