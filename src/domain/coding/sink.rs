//! Where what is undone goes, what a step of it took, and what can be wrong with it.

/// What is wrong with coded bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spoilt {
    /// More comes of them than the cap.
    Over,
    /// They do not begin as this coding does.
    Other,
    Damaged,
    /// What it takes to undo them, which is more than we give.
    Needs(String),
    /// Something follows the end. `padding`: zeros or ends of lines only.
    Trailing {
        bytes: u64,
        padding: bool,
    },
}

/// What a step took of the coded bytes.
pub struct Step {
    pub taken: usize,
    /// More comes of what was taken already.
    pub more: bool,
    /// It is whole; what follows is another one, or something else.
    pub done: bool,
}

/// Takes the result up to a cap; it comes in small pieces, so a bomb bursts here and not in memory.
pub struct Sink {
    plain: Vec<u8>,
    /// Bytes that came before these, and are no more in memory.
    aside: u64,
    cap: u64,
}

impl Sink {
    pub fn new(cap: u64) -> Sink {
        Sink { plain: Vec::new(), aside: 0, cap }
    }

    /// What is in memory of it.
    pub fn plain(&self) -> &[u8] {
        &self.plain
    }

    /// Bytes of memory that are held for it.
    pub fn held(&self) -> u64 {
        self.plain.capacity() as u64
    }

    /// Hands over what is in memory.
    pub fn set_aside(&mut self) -> Vec<u8> {
        self.aside += self.plain.len() as u64;
        std::mem::take(&mut self.plain)
    }

    pub fn put(&mut self, piece: &[u8]) -> Result<(), Spoilt> {
        if self.length() + piece.len() as u64 > self.cap {
            return Err(Spoilt::Over);
        }
        self.plain.extend_from_slice(piece);
        Ok(())
    }

    pub fn length(&self) -> u64 {
        self.aside + self.plain.len() as u64
    }
}

/// Whether bytes begin with a mark, as far as they go.
pub fn begins(bytes: &[u8], mark: &[u8]) -> bool {
    bytes.iter().zip(mark).all(|(one, other)| one == other)
}
