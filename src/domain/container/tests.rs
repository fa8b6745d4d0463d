//! Archives as Python makes them, cut and spoilt at each byte. What other archives give is held by
//! `tests/it/containers.rs`.

use super::*;

const ZIP: &[u8] = include_bytes!("../../../tests/fixtures/containers/folder.zip");
const TGZ: &[u8] = include_bytes!("../../../tests/fixtures/containers/folder.tgz");
const ROWS: &[u8] = b"id,v\na,1\nb,2\n";

const BOUNDS: Bounds = Bounds { bytes: 1 << 20, padded: false };

fn unpack(pack: Pack, member: &str) -> Unpack {
    Unpack { pack, member: Pattern::parse(member) }
}

#[test]
fn what_is_cut_gives_nothing() {
    for (bytes, pack) in [(ZIP, Pack::Zip), (TGZ, Pack::TarGz)] {
        let unpack = unpack(pack, "x/rows*");
        assert_eq!(unpack.open(bytes, BOUNDS).as_deref(), Ok(ROWS));
        for end in 0..bytes.len() {
            assert!(unpack.open(&bytes[..end], BOUNDS).is_err(), "{pack:?} cut at {end}");
        }
    }
    let tar = unpacked(Coding::Gzip, TGZ, BOUNDS).unwrap();
    let unpack = unpack(Pack::Tar, "x/rows*");
    // Two blocks of zeros are its end; one is enough to know it.
    let end = tar.iter().rposition(|byte| *byte != 0).unwrap().next_multiple_of(512) + 512;
    for cut in (0..tar.len()).step_by(37) {
        assert_eq!(unpack.open(&tar[..cut], BOUNDS).is_ok(), cut >= end, "cut at {cut}");
    }
}

#[test]
fn what_is_spoilt_gives_the_same_or_nothing() {
    for (bytes, pack) in [(ZIP, Pack::Zip), (TGZ, Pack::TarGz)] {
        let unpack = unpack(pack, "x/rows.csv");
        let mut refused = 0;
        for (at, bit) in (0..bytes.len()).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
            let mut spoilt = bytes.to_vec();
            spoilt[at] ^= 1 << bit;
            match unpack.open(&spoilt, BOUNDS) {
                Ok(plain) => assert_eq!(&*plain, ROWS, "{pack:?} {at} {bit}"),
                Err(_) => refused += 1,
            }
        }
        assert!(refused > bytes.len() * 8 / 4, "{pack:?} {refused}");
    }
}

#[test]
fn bytes_are_known_by_their_first_signs() {
    let what = |bytes: &[u8]| seen(bytes).map(|seen| seen.what);
    assert_eq!(what(ZIP), Some("a zip archive"));
    assert_eq!(what(b"PK\x05\x06"), Some("a zip archive"));
    assert_eq!(what(TGZ), Some("gzip"));
    let tar = unpacked(Coding::Gzip, TGZ, BOUNDS).unwrap();
    assert_eq!(what(&tar), Some("a tar archive"));
    assert_eq!(what(b"\x28\xb5\x2f\xfd\x20"), Some("zstd"));
    assert_eq!(what(b"BZh91AY&SY"), Some("bzip2"));
    for text in [&b""[..], b"P", b"PKs,v", b"(", b"BZh,a", b"[]", &[0; 512]] {
        assert_eq!(what(text), None, "{text:?}");
    }
}

#[test]
fn each_kind_has_a_name_and_an_ending_of_its_own() {
    let endings: std::collections::BTreeSet<_> =
        Pack::ALL.iter().map(|(_, pack)| pack.ending()).collect();
    assert_eq!(endings.len(), Pack::ALL.len());
    // As names of snapshots have them.
    assert!(endings.iter().all(|ending| ending.bytes().all(|byte| byte.is_ascii_lowercase())));
    assert!(Pack::ALL.iter().all(|(name, pack)| pack.name() == *name));
}
