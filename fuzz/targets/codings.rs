//! Codings of a transfer: the same in pieces as at once, and never beyond the cap. The first byte
//! says which coding, the second how long the pieces are.
#![no_main]

use daybook::domain::coding::{Coding, Spoilt, Undoing, undone};
use daybook::domain::limits::WINDOW_BYTES;
use libfuzzer_sys::fuzz_target;

const CAP: u64 = 1 << 20;

fn in_pieces(coding: Coding, bytes: &[u8], length: usize) -> Result<Vec<u8>, Spoilt> {
    let mut undoing = Undoing::new(Some(coding), CAP, WINDOW_BYTES);
    for mut piece in bytes.chunks(length) {
        while undoing.step(&mut piece)? {
            assert!(undoing.waiting() <= CAP);
        }
    }
    undoing.finish(false)
}

fuzz_target!(|input: &[u8]| {
    let [coding, length, bytes @ ..] = input else { return };
    let coding = [Coding::Gzip, Coding::Brotli, Coding::Zstd][usize::from(*coding) % 3];
    let whole = undone(coding, bytes, CAP, WINDOW_BYTES, false);
    let pieces = in_pieces(coding, bytes, usize::from(*length) + 1);
    assert_eq!(whole.ok(), pieces.ok());
});
