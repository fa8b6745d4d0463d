//! A frame of zstd (RFC 8878): cut into its header and blocks by us, so that it works in pieces;
//! 128 KiB come of a block at the most.

use super::sink::{Sink, Spoilt, Step, begins as is_begun};
use ruzstd::decoding::errors::FrameDecoderError;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use std::io::Read;

/// Bytes of the mark with which a frame begins.
pub const MARK: usize = 4;
const FRAME: [u8; MARK] = [0x28, 0xb5, 0x2f, 0xfd];
/// A frame that holds nothing for us begins with 0x50 to 0x5f, and with these.
const SKIPPED: [u8; 3] = [0x2a, 0x4d, 0x18];
/// Bytes of the mark and the length of such a frame.
const SKIPPED_HEAD: usize = 8;

/// Bytes of a block's header, and of the checksum behind the last block.
const BLOCK_HEAD: usize = 3;
const CHECKSUM: usize = 4;
/// The most bytes of a block (RFC 8878, 3.1.1.2.4).
const BLOCK: usize = 128 << 10;

pub struct Zstd {
    decoder: FrameDecoder,
    part: Part,
    /// What came of the part at hand.
    held: Vec<u8>,
    window: u64,
    /// Bytes that came of the frame.
    plain: u64,
}

/// Which part is at hand.
#[derive(Clone, Copy)]
enum Part {
    Head,
    /// Bytes that are left of what says nothing to us.
    Skipped(u64),
    Block(Head),
}

/// What a frame's header says.
#[derive(Clone, Copy)]
struct Head {
    length: usize,
    /// Bytes that come of the frame, where it says so.
    plain: Option<u64>,
    checksum: bool,
}

/// Whether bytes begin, as far as they go, as a frame does.
pub fn begins(bytes: &[u8]) -> bool {
    let skipped = bytes.first().is_none_or(|byte| (0x50..=0x5f).contains(byte));
    is_begun(bytes, &FRAME) || (skipped && is_begun(bytes.get(1..).unwrap_or_default(), &SKIPPED))
}

impl Zstd {
    pub fn new(window: u64) -> Zstd {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(window);
        Zstd { decoder, part: Part::Head, held: Vec::new(), window, plain: 0 }
    }

    pub fn step(&mut self, bytes: &[u8], sink: &mut Sink) -> Result<Step, Spoilt> {
        if let Part::Skipped(left) = &mut self.part {
            let taken = bytes.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
            *left -= taken as u64;
            return Ok(Step { taken, more: false, done: *left == 0 });
        }
        let wanted = self.wanted()?;
        let taken = bytes.len().min(wanted.saturating_sub(self.held.len()));
        self.held.extend_from_slice(&bytes[..taken]);
        let mut done = false;
        // What is there may say that more is wanted.
        if self.held.len() >= self.wanted()? {
            done = match self.part {
                Part::Block(head) => self.block(head, sink)?,
                Part::Head | Part::Skipped(_) => self.begin()?,
            };
            self.held.clear();
        }
        Ok(Step { taken, more: false, done })
    }

    /// Bytes of the part at hand, as far as those that came tell.
    fn wanted(&self) -> Result<usize, Spoilt> {
        let Part::Block(frame) = self.part else {
            return match self.held.first_chunk::<MARK>() {
                None if begins(&self.held) => Ok(MARK),
                Some(mark) if begins(mark) && *mark != FRAME => Ok(SKIPPED_HEAD),
                Some(&FRAME) => Ok(head(&self.held).map_or(MARK + 1, |head| head.length)),
                _ => Err(Spoilt::Damaged),
            };
        };
        let Some(&[a, b, c]) = self.held.first_chunk::<BLOCK_HEAD>() else { return Ok(BLOCK_HEAD) };
        let said = u32::from_le_bytes([a, b, c, 0]);
        let (last, kind, size) = (said & 1 == 1, (said >> 1) & 3, (said >> 3) as usize);
        let content = match kind {
            // One byte that stands so many times.
            1 => 1,
            0 | 2 if size <= BLOCK => size,
            _ => return Err(Spoilt::Damaged),
        };
        let checksum = if last && frame.checksum { CHECKSUM } else { 0 };
        Ok(BLOCK_HEAD + content + checksum)
    }

    /// Reads the header; whether the frame is at its end already.
    fn begin(&mut self) -> Result<bool, Spoilt> {
        if let (false, Some(length)) = (self.held.starts_with(&FRAME), self.held.last_chunk()) {
            let length = u64::from(u32::from_le_bytes(*length));
            self.part = Part::Skipped(length);
            return Ok(length == 0);
        }
        let head = head(&self.held).ok_or(Spoilt::Damaged)?;
        self.decoder.reset(self.held.as_slice()).map_err(|error| self.needs(&error))?;
        self.part = Part::Block(head);
        Ok(false)
    }

    fn needs(&self, error: &FrameDecoderError) -> Spoilt {
        let size = |bytes: u64| format!("{} MiB", bytes >> 20);
        let most = size(self.window);
        match error {
            FrameDecoderError::WindowSizeTooBig { requested, .. } => {
                Spoilt::Needs(format!("a window of {}, where {most} are allowed", size(*requested)))
            }
            FrameDecoderError::ReadFrameHeaderError(_) => Spoilt::Damaged,
            FrameDecoderError::DictNotProvided { .. } => {
                Spoilt::Needs("a dictionary, and there is none".into())
            }
            // Beyond all windows that there are.
            _ => Spoilt::Needs(format!("a window of more than {most}")),
        }
    }

    /// Reads a block; whether it was the last one, and the frame is whole.
    fn block(&mut self, head: Head, sink: &mut Sink) -> Result<bool, Spoilt> {
        let one = BlockDecodingStrategy::UptoBlocks(1);
        let mut bytes = self.held.as_slice();
        self.decoder.decode_blocks(&mut bytes, one).map_err(|_| Spoilt::Damaged)?;
        let mut piece = [0; 16 << 10];
        while self.decoder.can_collect() > 0 {
            let filled = self.decoder.read(&mut piece).map_err(|_| Spoilt::Damaged)?;
            self.plain += filled as u64;
            sink.put(piece.get(..filled).unwrap_or_default())?;
        }
        if !self.decoder.is_finished() {
            return Ok(false);
        }
        let told = self.decoder.get_checksum_from_data();
        let sums = told.is_none_or(|sum| Some(sum) == self.decoder.get_calculated_checksum());
        let whole = head.plain.is_none_or(|plain| plain == self.plain);
        if sums && whole { Ok(true) } else { Err(Spoilt::Damaged) }
    }
}

/// What the header of a frame says, once enough of it is there to tell how long it is.
fn head(bytes: &[u8]) -> Option<Head> {
    let flags = *bytes.get(MARK)?;
    let single = flags & 0x20 != 0;
    let dictionary = [0, 1, 2, 4].get(usize::from(flags & 3)).copied()?;
    let size = match flags >> 6 {
        0 => usize::from(single),
        other => 1 << other,
    };
    let at = MARK + 1 + usize::from(!single) + dictionary;
    let mut plain = [0; 8];
    let told = bytes.get(at..at + size).unwrap_or_default();
    plain.get_mut(..told.len())?.copy_from_slice(told);
    // Two bytes count from 256 on.
    let plain = u64::from_le_bytes(plain).saturating_add(if size == 2 { 256 } else { 0 });
    let plain = (size > 0).then_some(plain);
    Some(Head { length: at + size, plain, checksum: flags & 4 != 0 })
}
