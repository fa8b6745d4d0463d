//! What others coded, whole, in pieces, cut, spoilt and followed by something.

use super::*;
use crate::domain::limits::WINDOW_BYTES;
use flate2::{Compression, write::GzEncoder};
use std::io::Write;

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!("../../../tests/fixtures/codings/", $name)).as_slice()
    };
}

const CAP: u64 = 1 << 20;

fn plain() -> Vec<u8> {
    (0..100_000u32).map(|n| (n ^ (n >> 5)) as u8).collect()
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).expect("memory");
    encoder.finish().expect("memory")
}

/// The same bytes, coded by others in many ways.
fn coded() -> Vec<(Coding, Vec<u8>)> {
    let (br, zst) = (Coding::Brotli, Coding::Zstd);
    let all = [
        (br, fixture!("plain.br")),
        (br, fixture!("quick.br")),
        (zst, fixture!("plain.zst")),
        (zst, fixture!("stream.zst")),
        (zst, fixture!("unchecked.zst")),
    ];
    let all = all.map(|(coding, bytes)| (coding, bytes.to_vec()));
    all.into_iter().chain([(Coding::Gzip, gzip(&plain()))]).collect()
}

fn read(coding: Coding, bytes: &[u8], step: usize) -> Result<Vec<u8>, Spoilt> {
    read_to(coding, bytes, step, CAP)
}

fn read_to(coding: Coding, bytes: &[u8], step: usize, cap: u64) -> Result<Vec<u8>, Spoilt> {
    let mut undoing = Undoing::new(Some(coding), cap, WINDOW_BYTES);
    for mut piece in bytes.chunks(step) {
        while undoing.step(&mut piece)? {}
    }
    undoing.finish(false)
}

#[test]
fn any_chunking_gives_the_same_bytes() {
    for (coding, bytes) in coded() {
        for step in [1, 2, 7, 1_000, 4_096, usize::MAX >> 1] {
            assert!(read(coding, &bytes, step) == Ok(plain()), "{coding} by {step}");
        }
        assert!(undone(coding, &bytes, CAP, WINDOW_BYTES, false) == Ok(plain()));
    }
}

#[test]
fn nothing_is_nothing() {
    for (coding, bytes) in
        [(Coding::Brotli, fixture!("empty.br")), (Coding::Zstd, fixture!("empty.zst"))]
    {
        assert_eq!(read(coding, bytes, 1), Ok(Vec::new()));
        assert_eq!(read(coding, b"", 1), Ok(Vec::new()));
    }
}

#[test]
fn several_members_and_frames_are_one_and_what_they_skip_is_passed() {
    let wire = [gzip(b"one "), gzip(b""), gzip(b"two")].concat();
    let (zst, empty) = (fixture!("unchecked.zst"), fixture!("empty.zst"));
    let skipped = b"\x53\x2a\x4d\x18\x05\0\0\0hello\x50\x2a\x4d\x18\0\0\0\0";
    let frames = [skipped, zst, empty, skipped, zst, skipped].concat();
    let twice = [plain(), plain()].concat();
    for step in [1, 5, 1_000, 1 << 20] {
        assert_eq!(read(Coding::Gzip, &wire, step), Ok(b"one two".to_vec()));
        assert!(read(Coding::Zstd, &frames, step).as_ref() == Ok(&twice), "{step}");
        assert_eq!(read(Coding::Zstd, skipped, step), Ok(Vec::new()));
        for end in [1, 7, 12, 17] {
            assert_eq!(read(Coding::Zstd, &skipped[..end], step), Err(Spoilt::Damaged), "{end}");
        }
    }
}

#[test]
fn a_bomb_bursts_at_the_cap() {
    let bombs = [
        (Coding::Brotli, fixture!("zeros.br").to_vec()),
        (Coding::Zstd, fixture!("zeros.zst").to_vec()),
        (Coding::Gzip, gzip(&vec![0; 50_000_000])),
    ];
    for (coding, bytes) in bombs {
        let mut undoing = Undoing::new(Some(coding), 4_000_000, WINDOW_BYTES);
        let (mut left, mut most, mut before) = (bytes.as_slice(), 0, 0);
        let burst = loop {
            match undoing.step(&mut left) {
                Ok(more) => assert!(more, "{coding}"),
                Err(spoilt) => break spoilt,
            }
            most = most.max(undoing.waiting() - before);
            before = undoing.waiting();
        };
        assert_eq!(burst, Spoilt::Over, "{coding}");
        assert!(undoing.waiting() <= 4_000_000);
        // Who waits for it can look at it again soon.
        assert!(most <= AT_ONCE + (256 << 10), "{coding} {most}");
    }
}

#[test]
fn a_result_as_large_as_the_cap_is_whole() {
    for (coding, bytes) in coded() {
        for step in [1, 1 << 20] {
            assert!(read_to(coding, &bytes, step, 100_000).is_ok(), "{coding}");
            assert_eq!(read_to(coding, &bytes, step, 99_999), Err(Spoilt::Over), "{coding}");
        }
    }
}

#[test]
fn what_is_cut_is_not_whole() {
    for (coding, bytes) in coded() {
        for end in (1..bytes.len()).filter(|end| end % 7 == 1 || bytes.len() - end < 30) {
            let read = read(coding, &bytes[..end], 1_000);
            assert_eq!(read, Err(Spoilt::Damaged), "{coding} cut at {end}");
        }
    }
}

/// All but brotli, and zstd where its writer left it out, have a sum of what they hold.
#[test]
fn what_is_spoilt_is_found_where_there_is_a_sum_of_it() {
    for (coding, bytes) in coded() {
        let summed = coding != Coding::Brotli && bytes != fixture!("unchecked.zst");
        for at in (0..bytes.len()).step_by(3) {
            let mut spoilt = bytes.clone();
            spoilt[at] ^= 1 << (at % 8);
            let read = read(coding, &spoilt, 1_000);
            // Of the head of a gzip, most says nothing of what it holds.
            let is_head = coding == Coding::Gzip && at < 10;
            assert!(!summed || is_head || read != Ok(plain()) || at < 6, "{coding} {at}");
            assert!(!summed || read.is_err() || read == Ok(plain()), "{coding} {at}");
        }
    }
}

/// A decoder of before took it or not, by the pieces in which it came.
#[test]
fn what_is_spoilt_is_so_in_any_pieces() {
    let bytes = fixture!("beyond.br");
    for step in 1..bytes.len() {
        assert_eq!(read(Coding::Brotli, bytes, step), Err(Spoilt::Damaged), "{step}");
    }
}

#[test]
fn what_is_none_is_told() {
    for text in [&b"<html>"[..], b"{}", b"[1,2]", b"\x1f{}", b"(\xb5/", b"PK\x03\x04", b"\x50{}"] {
        for step in [1, 100] {
            let gzip = read(Coding::Gzip, text, step);
            assert_eq!(gzip, Err(Spoilt::Other), "{text:?}");
            let is_cut = zstd::begins(text);
            let zstd = read(Coding::Zstd, text, step);
            assert_eq!(zstd, Err(if is_cut { Spoilt::Damaged } else { Spoilt::Other }), "{text:?}");
            assert!(read(Coding::Brotli, text, step).is_err(), "{text:?}");
        }
    }
}

#[test]
fn what_follows_the_end_is_told_or_taken_for_padding() {
    let trailing = |bytes, padding| Err(Spoilt::Trailing { bytes, padding });
    let whole = [gzip(b"one "), gzip(b"two")].concat();
    let padded = |tail: &[u8]| {
        let bytes = [whole.as_slice(), tail].concat();
        undone(Coding::Gzip, &bytes, CAP, WINDOW_BYTES, true)
    };
    for tail in [&[0; 512][..], b"\r\n", b"\0\0\n"] {
        assert_eq!(padded(tail), Ok(b"one two".to_vec()));
    }
    assert_eq!(padded(b"\0\0junk"), trailing(6, false));
    assert_eq!(padded(&gzip(b"!")[..15]), Err(Spoilt::Damaged));
    for (coding, bytes) in coded() {
        for step in [1, 3, bytes.len(), 10_000] {
            let follow = |tail: &[u8]| read(coding, &[&bytes, tail].concat(), step);
            assert_eq!(follow(b"\0\r\n"), trailing(3, true), "{coding}");
            assert_eq!(follow(b"junk"), trailing(4, false), "{coding}");
        }
    }
    let brotli = fixture!("plain.br");
    let twice = read(Coding::Brotli, &[brotli, brotli].concat(), 100);
    assert_eq!(twice, trailing(brotli.len() as u64, false));
}

#[test]
fn what_takes_more_than_is_given_is_refused_by_its_head() {
    let needs = |what: &str| Err(Spoilt::Needs(what.into()));
    let window = read(Coding::Zstd, fixture!("window.zst"), 3);
    assert_eq!(window, needs("a window of 128 MiB, where 8 MiB are allowed"));
    let given = undone(Coding::Zstd, fixture!("window.zst"), CAP, 128 << 20, false);
    assert!(given == Ok(plain()));
    let dictionary = read(Coding::Zstd, fixture!("dictionary.zst"), 3);
    assert_eq!(dictionary, needs("a dictionary, and there is none"));
    let greatest = read(Coding::Zstd, b"\x28\xb5\x2f\xfd\0\xff", 3);
    assert_eq!(greatest, needs("a window of more than 8 MiB"));
    // A large window of brotli, beyond its RFC: 1 GiB.
    assert_eq!(read(Coding::Brotli, b"\x11\x1e\x00\x00\x00", 3), Err(Spoilt::Damaged));
}
