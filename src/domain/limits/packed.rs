//! The limits of what comes coded or packed.

use super::form::Limit;

limits! {
    /// Bytes to look back into that a body in zstd may ask for: as many as browsers give
    /// (RFC 9659).
    WINDOW_BYTES: u64 = 8 << 20, "8 MiB (zstd), 16 MiB (brotli)";
    "memory to look back into that a body's coding may ask for";
    "its head alone says how much, up to many GiB; no browser gives more";
    "the request failed: its body needs more";

    /// Bytes to look back into that a packed answer in zstd may ask for: as many as its own program
    /// gives unasked.
    UNPACK_WINDOW_BYTES: u64 = 128 << 20, "128 MiB";
    "memory to look back into that an answer packed by zstd may ask for";
    "its head alone says how much; the zstd program gives no more unasked";
    "a fault of the answer: it goes to quarantine";

    /// Files and folders of an archive that are looked at.
    MEMBERS: usize = 10_000, "10,000";
    "files and folders of an archive in which one is sought";
    "the name of each is compared; bulk downloads have a few hundred";
    "a fault of the answer: it goes to quarantine";
}
