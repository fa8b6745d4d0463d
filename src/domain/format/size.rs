//! Sizes in messages: binary units, whole numbers, bytes while they are few.

use super::english;
use std::fmt;

/// A number of bytes.
pub struct Size(pub u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            n if n < 10 << 10 => f.write_str(&english(n, "byte", "bytes")),
            n if n < 10 << 20 && n % (1 << 20) != 0 => write!(f, "{} KiB", n >> 10),
            n => write!(f, "{} MiB", n >> 20),
        }
    }
}
