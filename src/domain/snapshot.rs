//! Snapshots: the bytes of one answer. A snapshot's identity is its file name, and whatever
//! counting needs stands in that name.

use super::hash::{Digest, is_hex};
use super::name::SourceName;
use super::source::is_item_key;
use super::time::{Day, Instant, Window, parse_stamp, stamp};
use chrono::Duration;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write};

/// The identity of a snapshot; it round-trips through its file name:
/// `<source>_<instant>[_i-<item>][_p2of3][_r<recorded date>]_<declaration>_<hash8>.<ext>`;
/// the digest of the declaration has twelve digits, in older names six.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SnapshotId {
    source: SourceName,
    instant: Instant,
    item: Option<Box<str>>,
    page: Option<(u16, u16)>,
    recorded: Option<Day>,
    declaration: Letters<12>,
    hash: Letters<8>,
    ext: Letters<8>,
}

/// A few ASCII characters, kept in place: months of ids are held at once.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Letters<const MOST: usize>([u8; MOST]);

impl<const MOST: usize> Letters<MOST> {
    /// What is beyond the place there is for it is left out.
    fn new(text: &str) -> Self {
        let mut letters = [0; MOST];
        letters.iter_mut().zip(text.bytes()).for_each(|(letter, byte)| *letter = byte);
        Letters(letters)
    }

    fn as_str(&self) -> &str {
        let end = self.0.iter().position(|letter| *letter == 0).unwrap_or(MOST);
        std::str::from_utf8(&self.0[..end]).unwrap_or_default()
    }
}

impl<const MOST: usize> fmt::Debug for Letters<MOST> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

/// A set of several pages: source, instant, item, recorded date, declaration, how many they are.
pub type PageSet<'a> = (&'a SourceName, Instant, Option<&'a str>, Option<Day>, &'a str, u16);

/// What a new snapshot's name is made of.
#[derive(Clone, Debug)]
pub struct Origin<'a> {
    pub source: &'a SourceName,
    /// Start of the request, UTC; the name keeps whole seconds.
    pub instant: Instant,
    /// Key of the loop's item that was asked for.
    pub item: Option<&'a str>,
    /// Of a set of several pages: its number, from 1, and how many there are. The instant is that
    /// of the first one.
    pub page: Option<(u16, u16)>,
    /// For a recording: the date on which the bytes were recorded.
    pub recorded: Option<Day>,
    /// Digest of the declaration's text.
    pub declaration: Digest,
    pub ext: &'a str,
}

impl SnapshotId {
    /// The identity of `content`, fetched as `origin` says.
    pub fn new(origin: &Origin, content: Digest) -> SnapshotId {
        SnapshotId {
            source: origin.source.clone(),
            instant: super::time::to_second(origin.instant),
            item: origin.item.map(Box::from),
            page: origin.page,
            recorded: origin.recorded,
            declaration: Letters::new(&origin.declaration.short(12)),
            hash: Letters::new(&content.short(8)),
            ext: Letters::new(origin.ext),
        }
    }

    /// Reads a file name; anything that [`fmt::Display`] would not write is no snapshot.
    pub fn parse(name: &str) -> Option<SnapshotId> {
        SnapshotId::parse_near(name, None)
    }

    /// The same, where it is likely of this source, whose name is shared then.
    pub fn parse_near(name: &str, near: Option<&SourceName>) -> Option<SnapshotId> {
        let (stem, ext) = name.rsplit_once('.')?;
        let mut parts = stem.split('_');
        let (source, began) = (parts.next()?, parts.next()?);
        let after = name.get(source.len() + 1 + began.len()..)?;
        let source = match near.filter(|near| near.as_str() == source) {
            Some(near) => near.clone(),
            None => SourceName::parse(source)?,
        };
        let instant = parse_stamp(began)?;
        let hash = Letters::new(parts.next_back().filter(|h| is_hash(h, 8))?);
        let declaration = Letters::new(parts.next_back().filter(|h| is_short(h))?);
        let mut parts = parts.peekable();
        let item = parts.next_if(|p| p.starts_with("i-")).map(|p| parse_item(&p[2..]));
        let page = parts.next_if(|p| p.starts_with('p')).map(|p| parse_page(&p[1..]));
        let recorded = parts.next_if(|p| p.starts_with('r')).map(|p| p[1..].parse::<Day>().ok());
        let known_ext = ext.len() <= 8 && ext.bytes().all(|c| c.is_ascii_alphanumeric());
        if parts.next().is_some() || !known_ext || ext.is_empty() {
            return None;
        }
        let id = SnapshotId {
            source,
            instant,
            item: flatten(item)?,
            page: flatten(page)?,
            recorded: flatten(recorded)?,
            declaration,
            hash,
            ext: Letters::new(ext),
        };
        id.is_written(after).then_some(id)
    }

    /// Whether this is how the id is written after its source and its instant, which are read in
    /// one form only.
    fn is_written(&self, parts: &str) -> bool {
        let mut left = Left(parts);
        self.write_parts(&mut left).is_ok() && left.0.is_empty()
    }

    /// All that stands after source and instant.
    fn write_parts(&self, f: &mut impl Write) -> fmt::Result {
        if let Some(item) = &self.item {
            write!(f, "_i-{item}")?;
        }
        if let Some((number, total)) = self.page {
            write!(f, "_p{number}of{total}")?;
        }
        if let Some(day) = self.recorded {
            write!(f, "_r{day}")?;
        }
        let [declaration, hash, ext] =
            [self.declaration.as_str(), self.hash.as_str(), self.ext.as_str()];
        write!(f, "_{declaration}_{hash}.{ext}")
    }

    pub fn source(&self) -> &SourceName {
        &self.source
    }

    /// The instant of the fetch (in a recording: moved onto the day that is replayed).
    pub fn instant(&self) -> Instant {
        self.instant
    }

    /// The hour to which the snapshot belongs.
    pub fn window(&self) -> Window {
        Window::of(self.instant)
    }

    /// First hexadecimal digits of the digest of the declaration it was fetched under.
    pub fn declaration(&self) -> &str {
        self.declaration.as_str()
    }

    /// Key of the loop's item that was asked for.
    pub fn item(&self) -> Option<&str> {
        self.item.as_deref()
    }

    /// Of a set of several pages: its number, from 1, and how many there are.
    pub fn page(&self) -> Option<(u16, u16)> {
        self.page
    }

    /// What the pages of one set have in common, and no other snapshot.
    pub fn set(&self) -> Option<PageSet<'_>> {
        let (_, pages) = self.page?;
        let declaration = self.declaration.as_str();
        Some((&self.source, self.instant, self.item(), self.recorded, declaration, pages))
    }

    /// Whether the name belongs to bytes of this digest.
    pub fn is_of(&self, content: Digest) -> bool {
        content.short(8) == self.hash.as_str()
    }

    /// By how much instants inside the bytes are moved: whole days, zero for a live snapshot.
    pub fn shift(&self) -> Duration {
        match self.recorded {
            Some(day) => self.instant.date_naive() - day,
            None => Duration::zero(),
        }
    }

    pub fn recorded(&self) -> Option<Day> {
        self.recorded
    }
}

/// `Some(None)` marks a part that is there but unreadable.
fn flatten<T>(part: Option<Option<T>>) -> Option<Option<T>> {
    match part {
        None => Some(None),
        Some(None) => None,
        Some(value) => Some(value),
    }
}

/// Takes out of some snapshots the pages of sets of which not all pages are among them, or among
/// those `known` otherwise.
pub fn take_torn(ids: &mut Vec<SnapshotId>, known: &[SnapshotId]) -> Vec<SnapshotId> {
    let mut sets: BTreeMap<PageSet, BTreeSet<u16>> = BTreeMap::new();
    for id in ids.iter().chain(known) {
        let (Some(set), Some((number, _))) = (id.set(), id.page) else { continue };
        sets.entry(set).or_default().insert(number);
    }
    let is_torn = |id: &SnapshotId| {
        let known = id.set().and_then(|set| sets.get(&set));
        known.is_some_and(|known| id.page.is_some_and(|(_, all)| known.len() < usize::from(all)))
    };
    let torn: Vec<bool> = ids.iter().map(is_torn).collect();
    drop(sets);
    let (mut left, mut place) = (Vec::new(), torn.into_iter());
    ids.retain(|id| {
        let stays = !place.next().unwrap_or_default();
        if !stays {
            left.push(id.clone());
        }
        stays
    });
    left
}

/// How many digits of a declaration's digest names have: new ones, and older ones.
pub const SHORTS: [usize; 2] = [12, 6];

/// Whether this is the start of a declaration's digest, as names have it.
pub fn is_short(text: &str) -> bool {
    SHORTS.iter().any(|digits| is_hash(text, *digits))
}

fn is_hash(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(is_hex)
}

fn parse_item(text: &str) -> Option<Box<str>> {
    is_item_key(text).then(|| text.into())
}

fn parse_page(text: &str) -> Option<(u16, u16)> {
    let (number, total) = text.split_once("of")?;
    let (number, total) = (number.parse().ok()?, total.parse().ok()?);
    (1..=total).contains(&number).then_some((number, total))
}

impl fmt::Display for SnapshotId {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}_{}", self.source, stamp(self.instant))?;
        self.write_parts(f)
    }
}

/// What is left of a text after all that was written stood at its beginning.
struct Left<'a>(&'a str);

impl Write for Left<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 = self.0.strip_prefix(text).ok_or(fmt::Error)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_as_designed() {
        for name in [
            "velib_2026-11-22T02-41-00Z_a3f9c1_5f0c11ab.json",
            "velib_2026-11-22T02-41-00Z_a3f9c10b77de_5f0c11ab.json",
            "weather_2026-11-22T02-41-00Z_i-48.85-2.35_a3f9c1_5f0c11ab.json",
            "jobs_2026-11-22T02-41-00Z_p2of3_a3f9c1_5f0c11ab.json",
            "bikes_2026-11-21T19-07-02Z_r2023-07-18_a3f9c1_5f0c11ab.json",
            "x_2026-11-22T02-41-00Z_i-a_p1of1_r2023-07-18_a3f9c1_5f0c11ab.csv",
        ] {
            assert_eq!(SnapshotId::parse(name).map(|id| id.to_string()).as_deref(), Some(name));
        }
    }

    #[test]
    fn other_names_are_no_snapshots() {
        for name in [
            "",
            "velib.json",
            "velib_2026-11-22T02-41-00Z_5f0c11ab.json",
            "velib_2026-11-22T02:41:00Z_a3f9c1_5f0c11ab.json",
            "velib_2026-11-22T02-41-00Z_A3F9C1_5f0c11ab.json",
            "velib_2026-11-22T02-41-00Z_a3f9c10b_5f0c11ab.json",
            "velib_2026-11-22T02-41-00Z_p3of2_a3f9c1_5f0c11ab.json",
            "velib_2026-11-22T02-41-00Z_p01of2_a3f9c1_5f0c11ab.json",
            "velib_2026-11-22T02-41-00Z_r2023-13-18_a3f9c1_5f0c11ab.json",
            "velib_2026-11-22T02-41-00Z_a3f9c1_5f0c11ab.json.tmp~",
            "velib_2026-11-22T02-41-00Z_a3f9c1_5f0c11ab",
        ] {
            assert_eq!(SnapshotId::parse(name), None, "{name}");
        }
    }

    #[test]
    fn pages_of_sets_that_are_not_whole_are_taken_out() {
        let id = |name: &str| SnapshotId::parse(&format!("{name}_a3f9c1_5f0c11ab.json")).unwrap();
        let whole = ["a_2026-11-22T02-41-00Z_p1of2", "a_2026-11-22T02-41-00Z_p2of2"];
        let single = "a_2026-11-22T02-41-00Z";
        let torn = ["a_2026-11-22T02-42-00Z_p1of2", "a_2026-11-22T02-41-00Z_i-x_p2of2"];
        let all = [torn[0], whole[0], single, torn[1], whole[1]];
        let mut ids: Vec<SnapshotId> = all.iter().map(|name| id(name)).collect();
        assert_eq!(take_torn(&mut ids, &[id("a_2026-11-22T02-43-00Z_p1of2")]), torn.map(id));
        assert_eq!(ids, [whole[0], single, whole[1]].map(id));
        let mut rest = vec![id(whole[1])];
        assert_eq!(take_torn(&mut rest, &[id(whole[0])]), []);
    }

    #[test]
    fn a_recording_is_shifted_by_whole_days() {
        let id = SnapshotId::parse("b_2026-11-21T19-07-02Z_r2023-07-18_a3f9c1_5f0c11ab.json");
        assert_eq!(id.unwrap().shift(), Duration::days(1222));
    }

    proptest! {
        #[test]
        fn parsing_never_fails_oddly(text in "\\PC{0,80}") {
            if let Some(id) = SnapshotId::parse(&text) {
                prop_assert_eq!(id.to_string(), text);
            }
        }
    }
}
