//! The body as it comes in: counted and decoded chunk by chunk, never beyond its caps.
//!
//! Invariant: over a cap, cut short or badly encoded is an error; there is no half body.

use std::io::{self, Write};

use flate2::write::GzDecoder;

use super::coding::Encoding;
use crate::domain::request::Caps;
use crate::domain::retry::{Flaw, Part};

/// How a member of a gzip begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// What is wrong with a body.
#[derive(Debug, PartialEq, Eq)]
pub enum Fault {
    Over {
        part: Part,
        cap: u64,
        announced: Option<u64>,
    },
    Flaw(Flaw),
    /// There is no place where it could be put.
    Lack(String),
}

/// A body that is being received.
pub struct Body {
    decoder: Decoder,
    /// Whether zeros and ends of lines may follow a whole gzip.
    padding: bool,
    wire: u64,
    wire_cap: u64,
    announced: Option<u64>,
    /// The first bytes as sent: they tell a damaged gzip from none.
    first: [u8; 2],
}

enum Decoder {
    Identity(Sink),
    Gzip(Box<GzDecoder<Sink>>),
    /// A member of a gzip is whole; another one, or something else, may follow.
    Between(Sink),
    After {
        sink: Sink,
        bytes: u64,
        padding: bool,
    },
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
        let (plain, cap) = (Vec::new(), caps.plain_bytes);
        let sink = Sink { plain, aside: 0, cap, over: false };
        let decoder = match encoding {
            Encoding::Identity => Decoder::Identity(sink),
            Encoding::Gzip => Decoder::Gzip(Box::new(GzDecoder::new(sink))),
        };
        let (wire_cap, first) = (caps.wire_bytes, [0; 2]);
        Ok(Body { decoder, padding: false, wire: 0, wire_cap, announced, first })
    }

    /// Lets zeros and ends of lines follow a whole gzip.
    pub fn padded(self, padding: bool) -> Body {
        Body { padding, ..self }
    }

    pub fn push(&mut self, mut chunk: &[u8]) -> Result<(), Fault> {
        for (place, byte) in (self.wire..2).zip(chunk) {
            self.first[place as usize] = *byte;
        }
        self.wire += chunk.len() as u64;
        if self.wire > self.wire_cap {
            return Err(self.over(Part::Wire, self.wire_cap));
        }
        while !chunk.is_empty() {
            let taken = self.decoder.take(chunk).map_err(|_| self.fault())?;
            chunk = &chunk[taken..];
        }
        Ok(())
    }

    /// The decoded bytes, if the body is whole.
    pub fn finish(mut self) -> Result<Vec<u8>, Fault> {
        if self.announced.is_some_and(|announced| announced != self.wire) {
            return Err(Fault::Flaw(self.cut()));
        }
        match &mut self.decoder {
            // An empty body needs no gzip frame to be what it is.
            Decoder::Gzip(decoder) if self.wire > 0 => {
                decoder.try_finish().map_err(|_| self.fault())?;
            }
            Decoder::After { bytes, padding, .. } if !(self.padding && *padding) => {
                let (bytes, padding) = (*bytes, *padding);
                return Err(Fault::Flaw(Flaw::Trailing { bytes, padding }));
            }
            _ => {}
        }
        Ok(std::mem::take(&mut self.decoder.sink().plain))
    }

    pub fn wire(&self) -> u64 {
        self.wire
    }

    /// Takes the decoded bytes that are in memory: from now on they are somewhere else.
    pub fn set_aside(&mut self) -> Vec<u8> {
        let sink = self.decoder.sink();
        sink.aside += sink.plain.len() as u64;
        std::mem::take(&mut sink.plain)
    }

    /// Decoded bytes that are in memory.
    pub fn waiting(&mut self) -> u64 {
        self.decoder.sink().plain.len() as u64
    }

    /// Bytes of memory that the decoded body takes so far.
    pub fn held(&mut self) -> u64 {
        self.decoder.sink().plain.capacity() as u64
    }

    pub fn cut(&self) -> Flaw {
        Flaw::Cut { received: self.wire, announced: self.announced }
    }

    fn fault(&mut self) -> Fault {
        let begins = GZIP.iter().zip(self.first).take(self.wire as usize).all(|(a, b)| *a == b);
        let sink = self.decoder.sink();
        match (sink.over, sink.cap) {
            (true, cap) => self.over(Part::Plain, cap),
            (false, _) if begins => Fault::Flaw(Flaw::Gzip),
            (false, _) => Fault::Flaw(Flaw::NotGzip),
        }
    }

    fn over(&self, part: Part, cap: u64) -> Fault {
        Fault::Over { part, cap, announced: None }
    }
}

impl Decoder {
    /// Takes some of the bytes, and says how many; none where it only went on to its next state.
    fn take(&mut self, chunk: &[u8]) -> io::Result<usize> {
        match self {
            Decoder::Identity(sink) => sink.write_all(chunk).map(|()| chunk.len()),
            Decoder::Gzip(decoder) => {
                let taken = decoder.write(chunk)?;
                if taken == 0 {
                    decoder.try_finish()?;
                    *self = Decoder::Between(decoder.get_mut().handed_on());
                }
                Ok(taken)
            }
            Decoder::Between(sink) => {
                let sink = sink.handed_on();
                *self = match chunk.first() {
                    Some(byte) if *byte == GZIP[0] => Decoder::Gzip(Box::new(GzDecoder::new(sink))),
                    _ => Decoder::After { sink, bytes: 0, padding: true },
                };
                Ok(0)
            }
            Decoder::After { bytes, padding, .. } => {
                *bytes += chunk.len() as u64;
                *padding &= chunk.iter().all(|byte| matches!(byte, 0 | b'\r' | b'\n'));
                Ok(chunk.len())
            }
        }
    }

    fn sink(&mut self) -> &mut Sink {
        match self {
            Decoder::Identity(sink) | Decoder::Between(sink) => sink,
            Decoder::Gzip(decoder) => decoder.get_mut(),
            Decoder::After { sink, .. } => sink,
        }
    }
}

/// Takes decoded bytes up to a cap; the decoder hands them over in small pieces, so a bomb
/// bursts here and not in memory.
struct Sink {
    plain: Vec<u8>,
    /// Bytes that came before these, and are no more in memory.
    aside: u64,
    cap: u64,
    over: bool,
}

impl Sink {
    /// The same sink, for who goes on.
    fn handed_on(&mut self) -> Sink {
        Sink { plain: std::mem::take(&mut self.plain), ..*self }
    }
}

impl Write for Sink {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.over |= self.aside + (self.plain.len() + piece.len()) as u64 > self.cap;
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
        assert!(body.decoder.sink().plain.len() <= 1_000_000);
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
        for plain in [&b"<html>"[..], b"\x1f{}", b"{", b"[1,2]"] {
            assert_eq!(gzip_of(plain), Err(Fault::Flaw(Flaw::NotGzip)), "{plain:?}");
        }

        let mut body = Body::new(Encoding::Identity, Some(9), &Caps::default()).expect("small");
        body.push(b"12345").expect("room");
        let cut = Flaw::Cut { received: 5, announced: Some(9) };
        assert_eq!(body.finish(), Err(Fault::Flaw(cut)));
    }

    #[test]
    fn what_follows_a_whole_gzip_is_told_or_taken_for_padding() {
        let whole = [gzip(b"one "), gzip(b"two")].concat();
        let read = |tail: &[u8], step: usize, padded: bool| {
            let body = Body::new(Encoding::Gzip, None, &Caps::default()).expect("small");
            let (mut body, wire) = (body.padded(padded), [&whole, tail].concat());
            wire.chunks(step).try_for_each(|chunk| body.push(chunk))?;
            body.finish()
        };
        let trailing = |bytes, padding| Err(Fault::Flaw(Flaw::Trailing { bytes, padding }));
        for step in [1, 3, whole.len(), 1_000] {
            for padding in [&[0; 512][..], b"\r\n", b"\0\0\n"] {
                let count = padding.len() as u64;
                assert_eq!(read(padding, step, true), Ok(b"one two".to_vec()));
                assert_eq!(read(padding, step, false), trailing(count, true));
            }
            assert_eq!(read(b"junk", step, true), trailing(4, false));
            assert_eq!(read(b"\0\0junk", step, true), trailing(6, false));
            assert_eq!(read(&gzip(b"!")[..15], step, true), Err(Fault::Flaw(Flaw::Gzip)));
        }
    }
}
