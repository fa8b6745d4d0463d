//! Batches: a frozen set of snapshots of one source, hour and declaration; the unit of
//! "exactly once". Its id is fixed by its content, so that a run after a death finds it again.

use super::extract::REVISION;
use super::hash::Digest;
use super::ledger::Kind;
use super::name::SourceName;
use super::snapshot::SnapshotId;
use super::time::Window;

/// The id of a batch: hash of source, hour, declaration, extraction revision, number of the
/// hour's last replacing entry, the sorted snapshot ids, and `again`: what tells a further try of
/// some of them from an earlier one, nothing at the first. Sixteen hexadecimal digits.
pub fn id(
    source: &SourceName,
    hour: Window,
    declaration: Digest,
    last_replacing: u64,
    snapshots: &[SnapshotId],
    again: &[String],
) -> String {
    hashed(
        [
            source.to_string(),
            hour.to_string(),
            declaration.hex(),
            REVISION.to_string(),
            last_replacing.to_string(),
        ],
        snapshots,
        again,
    )
}

/// The id of a recount: also of its kind, and instead of the last replacing entry of the hour,
/// of the last of all that it read; so each recount has its own, unless the one before died.
pub fn recount_id(
    source: &SourceName,
    hour: Window,
    declaration: Digest,
    last: u64,
    snapshots: &[SnapshotId],
) -> String {
    hashed(
        [
            Kind::Recount.name().to_string(),
            source.to_string(),
            hour.to_string(),
            declaration.hex(),
            REVISION.to_string(),
            last.to_string(),
        ],
        snapshots,
        &[],
    )
}

/// The id of an hour's expiry or thinning: of its kind, and of the last entry that it read.
pub fn aged_id(kind: Kind, source: &SourceName, hour: Window, last: u64) -> String {
    hashed([kind.name().into(), source.to_string(), hour.to_string(), last.to_string()], &[], &[])
}

fn hashed<const N: usize>(head: [String; N], snapshots: &[SnapshotId], again: &[String]) -> String {
    let mut names: Vec<String> = snapshots.iter().map(SnapshotId::to_string).collect();
    names.extend_from_slice(again);
    names.sort_unstable();
    Digest::of_parts(head.iter().chain(&names).map(String::as_str)).short(16)
}

/// A fresh commit id for a batch; `chance` makes it differ from every earlier attempt.
pub fn commit_id(batch: &str, chance: u64) -> String {
    format!("{batch}-{chance:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_tells_batches_apart() {
        let source = SourceName::parse("velib").unwrap();
        let hour = Window::parse("2026-11-22T02").unwrap();
        let [a, b] = [1, 2].map(|n| {
            SnapshotId::parse(&format!("velib_2026-11-22T02-4{n}-00Z_a3f9c1_5f0c11ab.json"))
        });
        let [a, b] = [a.unwrap(), b.unwrap()];
        let (old, new) = (Digest::of(b"old"), Digest::of(b"new"));
        let both = [a.clone(), b.clone()];
        let swapped = [b, a.clone()];
        assert_eq!(id(&source, hour, old, 0, &both, &[]), id(&source, hour, old, 0, &swapped, &[]));
        let mut ids = vec![
            id(&source, hour, old, 0, &both, &[]),
            id(&source, hour, old, 0, std::slice::from_ref(&a), &[]),
            id(&source, hour, old, 0, &both, &["a".into()]),
            id(&source, hour, new, 0, &both, &[]),
            id(&source, hour, old, 3, &both, &[]),
            id(&source, hour.next(), old, 0, &both, &[]),
            recount_id(&source, hour, old, 0, &both),
            recount_id(&source, hour, old, 1, &both),
            recount_id(&source, hour, new, 0, &both),
            aged_id(Kind::Expiry, &source, hour, 0),
            aged_id(Kind::Thinning, &source, hour, 0),
            aged_id(Kind::Thinning, &source, hour, 1),
        ];
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 12);
    }
}
