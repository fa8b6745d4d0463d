//! The body as it comes in: counted and decoded piece by piece, never beyond its caps.
//!
//! Invariant: over a cap, cut short or badly encoded is an error; there is no half body.

use crate::domain::coding::{Coding, Spoilt, Undoing};
use crate::domain::limits::WINDOW_BYTES;
use crate::domain::request::Caps;
use crate::domain::retry::{Flaw, Part};

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
    coding: Option<Coding>,
    undoing: Undoing,
    /// Whether zeros and ends of lines may follow a whole gzip.
    padding: bool,
    wire: u64,
    wire_cap: u64,
    plain_cap: u64,
    announced: Option<u64>,
    /// What is beyond a cap is left unread.
    front: bool,
    full: bool,
}

impl Body {
    /// Refuses at once what announces that it will be too large, unless its front is enough.
    pub fn new(coding: Option<Coding>, announced: Option<u64>, caps: &Caps) -> Result<Body, Fault> {
        let over = |part, cap| Fault::Over { part, cap, announced };
        let (wire_cap, plain_cap) = (caps.wire_bytes, caps.plain_bytes);
        let front = caps.front;
        if announced > Some(wire_cap) && !front {
            return Err(over(Part::Wire, wire_cap));
        }
        if coding.is_none() && announced > Some(plain_cap) && !front {
            return Err(over(Part::Plain, plain_cap));
        }
        let undoing = Undoing::new(coding, plain_cap, WINDOW_BYTES);
        let (padding, wire, full) = (false, 0, false);
        Ok(Body { coding, undoing, padding, wire, wire_cap, plain_cap, announced, front, full })
    }

    /// Lets zeros and ends of lines follow a whole gzip.
    pub fn padded(self, padding: bool) -> Body {
        Body { padding: padding && self.coding == Some(Coding::Gzip), ..self }
    }

    /// Goes on for a while, and takes what it read from the front of `bytes`; says whether there
    /// was anything to do. However much comes of them, it makes about 1 MiB at a time.
    pub fn step(&mut self, bytes: &mut &[u8]) -> Result<bool, Fault> {
        if self.wire + bytes.len() as u64 > self.wire_cap {
            return self.over(over(Part::Wire, self.wire_cap));
        }
        let before = bytes.len();
        let gone_on = self.undoing.step(bytes);
        self.wire += (before - bytes.len()) as u64;
        match gone_on {
            Err(Spoilt::Over) => self.over(self.fault(Spoilt::Over)),
            gone_on => gone_on.map_err(|spoilt| self.fault(spoilt)),
        }
    }

    /// There is more than the caps allow.
    fn over(&mut self, fault: Fault) -> Result<bool, Fault> {
        self.full = self.front;
        if self.full { Ok(false) } else { Err(fault) }
    }

    /// Whether no more of it is read.
    pub fn is_full(&self) -> bool {
        self.full
    }

    /// The decoded bytes, if the body is whole, or its front is enough.
    pub fn finish(mut self) -> Result<Vec<u8>, Fault> {
        if self.full {
            return Ok(self.set_aside());
        }
        if self.announced.is_some_and(|announced| announced != self.wire) {
            return Err(Fault::Flaw(self.cut()));
        }
        let (coding, cap) = (self.coding, self.plain_cap);
        self.undoing.finish(self.padding).map_err(|spoilt| fault(coding, spoilt, cap))
    }

    pub fn wire(&self) -> u64 {
        self.wire
    }

    /// Takes the decoded bytes that are in memory: from now on they are somewhere else.
    pub fn set_aside(&mut self) -> Vec<u8> {
        self.undoing.set_aside()
    }

    /// Decoded bytes that are in memory.
    pub fn waiting(&self) -> u64 {
        self.undoing.waiting()
    }

    /// Bytes of memory that the decoded body takes so far.
    pub fn held(&self) -> u64 {
        self.undoing.held()
    }

    pub fn cut(&self) -> Flaw {
        Flaw::Cut { received: self.wire, announced: self.announced }
    }

    fn fault(&self, spoilt: Spoilt) -> Fault {
        fault(self.coding, spoilt, self.plain_cap)
    }
}

fn fault(coding: Option<Coding>, spoilt: Spoilt, plain_cap: u64) -> Fault {
    match (coding, spoilt) {
        (Some(coding), spoilt) if spoilt != Spoilt::Over => {
            Fault::Flaw(Flaw::Coded(coding, spoilt))
        }
        // Bytes that are not coded can only be too many.
        _ => over(Part::Plain, plain_cap),
    }
}

fn over(part: Part, cap: u64) -> Fault {
    Fault::Over { part, cap, announced: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    const GZIP: Option<Coding> = Some(Coding::Gzip);

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(plain).expect("memory");
        encoder.finish().expect("memory")
    }

    fn caps(wire_bytes: u64, plain_bytes: u64) -> Caps {
        Caps { wire_bytes, plain_bytes, ..Caps::default() }
    }

    fn push(body: &mut Body, mut bytes: &[u8]) -> Result<(), Fault> {
        while body.step(&mut bytes)? {}
        Ok(())
    }

    fn read(
        coding: Option<Coding>,
        wire: &[u8],
        step: usize,
        caps: &Caps,
    ) -> Result<Vec<u8>, Fault> {
        let mut body = Body::new(coding, None, caps)?;
        wire.chunks(step).try_for_each(|chunk| push(&mut body, chunk))?;
        body.finish()
    }

    #[test]
    fn any_chunking_gives_the_same_bytes() {
        let plain: Vec<u8> = (0..100_000u32).map(|n| (n ^ (n >> 5)) as u8).collect();
        let wire = gzip(&plain);
        for step in [1, 2, 7, 4_096, usize::MAX >> 1] {
            let caps = Caps::default();
            assert_eq!(read(GZIP, &wire, step, &caps).as_ref(), Ok(&plain));
            assert_eq!(read(None, &plain, step, &caps).as_ref(), Ok(&plain));
        }
    }

    #[test]
    fn a_bomb_bursts_at_the_plain_cap() {
        let wire = gzip(&vec![0; 50_000_000]);
        let caps = caps(1 << 20, 1_000_000);
        let mut body = Body::new(GZIP, None, &caps).expect("small");
        assert_eq!(push(&mut body, &wire), Err(over(Part::Plain, 1_000_000)));
        assert!(body.waiting() <= 1_000_000);
    }

    #[test]
    fn a_front_is_as_much_as_the_caps_allow() {
        let plain: Vec<u8> = (0..3_000u32).map(|n| n as u8).collect();
        let front = |wire, plain| Caps { front: true, ..caps(wire, plain) };
        let begins = |body: Result<Vec<u8>, Fault>, least: usize| {
            body.is_ok_and(|body| body.len() >= least && plain.starts_with(&body))
        };
        assert!(begins(read(None, &plain, 10, &front(1_000, 2_000)), 990));
        assert!(begins(read(None, &plain, 10, &front(2_000, 1_000)), 990));
        assert!(begins(read(GZIP, &gzip(&plain), 10, &front(9_000, 1_000)), 0));
        assert_eq!(read(GZIP, &gzip(&plain), 10, &front(9_000, 3_000)).as_ref(), Ok(&plain));
        assert!(Body::new(None, Some(9_999), &front(100, 50)).is_ok());
    }

    #[test]
    fn caps_are_inclusive() {
        let plain = [7; 1_000];
        assert!(read(None, &plain, 10, &caps(1_000, 1_000)).is_ok());
        let wire_over = read(None, &plain, 10, &caps(999, 1_000));
        assert_eq!(wire_over, Err(over(Part::Wire, 999)));
        let plain_over = read(GZIP, &gzip(&plain), 10, &caps(1_000, 999));
        assert_eq!(plain_over, Err(over(Part::Plain, 999)));
        assert!(read(GZIP, &gzip(&plain), 10, &caps(1_000, 1_000)).is_ok());
    }

    #[test]
    fn what_announces_too_much_is_refused_unread() {
        let new = |coding, announced| Body::new(coding, Some(announced), &caps(100, 50)).err();
        let refused = |part, cap, n| Some(Fault::Over { part, cap, announced: Some(n) });
        assert_eq!(new(GZIP, 101), refused(Part::Wire, 100, 101));
        assert_eq!(new(None, 51), refused(Part::Plain, 50, 51));
        assert_eq!(new(GZIP, 100), None);
    }

    #[test]
    fn a_short_body_is_no_body() {
        let mut body = Body::new(None, Some(9), &Caps::default()).expect("small");
        push(&mut body, b"12345").expect("room");
        let cut = Flaw::Cut { received: 5, announced: Some(9) };
        assert_eq!(body.finish(), Err(Fault::Flaw(cut)));
        let flaw = |wire: &[u8]| read(GZIP, wire, 5, &Caps::default());
        let coded = |spoilt| Err(Fault::Flaw(Flaw::Coded(Coding::Gzip, spoilt)));
        assert_eq!(flaw(&gzip(b"some bytes")[..20]), coded(Spoilt::Damaged));
        assert_eq!(flaw(b"<html>"), coded(Spoilt::Other));
    }

    #[test]
    fn padding_may_follow_a_gzip_where_that_is_declared_and_nothing_else() {
        let read = |coding, padded| {
            let body = Body::new(Some(coding), None, &Caps::default()).expect("small");
            let mut body = body.padded(padded);
            let whole = if coding == Coding::Gzip { gzip(b"a") } else { vec![0x3b] };
            push(&mut body, &[&whole[..], b"\0\n"].concat())?;
            body.finish()
        };
        assert_eq!(read(Coding::Gzip, true), Ok(b"a".to_vec()));
        let trailing = |coding| {
            let trailing = Spoilt::Trailing { bytes: 2, padding: true };
            Err(Fault::Flaw(Flaw::Coded(coding, trailing)))
        };
        assert_eq!(read(Coding::Gzip, false), trailing(Coding::Gzip));
        assert_eq!(read(Coding::Brotli, true), trailing(Coding::Brotli));
    }
}
