//! What is told of containers in more than one place.

use crate::domain::format::Size;

pub const PADDED: &str = "\nhint: if that is padding, declare gzip_padding = true in [fetch]";

/// More comes of it than may.
pub fn over(cap: u64) -> String {
    format!(
        "unpacked it is over the cap of {}\nhint: if that size is right, raise fetch.max_bytes",
        Size(cap)
    )
}
