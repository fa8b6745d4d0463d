//! The journal of one run: what it did, line by line. A line that names a set of snapshots is
//! the point of no return of their landing. A journal lands itself, as a snapshot of the
//! built-in source, whose records are these lines.

use super::document::{Doc, Malformed};
use super::name::SourceName;
use super::shown;
use super::snapshot::SnapshotId;
use super::time::Instant;
use std::time::Duration;

/// One line.
#[derive(Clone, PartialEq, Debug)]
pub struct Line {
    /// The run, `<tier>-<stamp>-<chance>`; with the line's place it is the record's id.
    pub run: String,
    pub place: u32,
    pub at: Instant,
    pub event: Event,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Event {
    Started,
    Landed(Landing),
    Outcome(Outcome),
    Removed(Removal),
    Ended,
    /// Written by a later run, for one that did not end.
    Died,
}

/// A set of snapshots that lands whole or not at all.
#[derive(Clone, PartialEq, Debug)]
pub struct Landing {
    pub source: SourceName,
    /// Start of the slot that was due.
    pub slot: Instant,
    pub snapshots: Vec<SnapshotId>,
    /// Without secrets.
    pub url: String,
    /// HTTP status, 0 where there is none.
    pub status: u16,
    pub bytes: u64,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    pub effort: Effort,
}

/// What it took to get a set of snapshots; nothing of it is known of what nobody asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Effort {
    /// Requests that were made for it, redirects aside.
    pub tries: u32,
    /// From the start of the last request of each page to its whole body, all pages together.
    pub took: Option<Duration>,
    /// Bytes of the bodies on their way, before anything is undone.
    pub wire: Option<u64>,
}

impl Effort {
    /// Of two pages together.
    pub fn and(self, other: Effort) -> Effort {
        let both = |one: Option<u64>, other: Option<u64>| Some(one?.saturating_add(other?));
        Effort {
            tries: self.tries.saturating_add(other.tries),
            took: self.took.zip(other.took).map(|(one, other)| one.saturating_add(other)),
            wire: both(self.wire, other.wire),
        }
    }

    /// The milliseconds that it took, and the bytes.
    fn numbers(self) -> (Doc, Doc) {
        let whole = |number: u64| Doc::Int(i64::try_from(number).unwrap_or(i64::MAX));
        let took = self.took.map(|took| u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
        (Doc::option(took, whole), Doc::option(self.wire, whole))
    }

    /// As a set of pages on its way keeps it.
    pub fn doc(self) -> Doc {
        let (took, wire) = self.numbers();
        Doc::List(vec![Doc::Int(self.tries.into()), took, wire])
    }

    /// Read back; what was kept before this was known knows nothing.
    pub fn read(doc: &Doc) -> Effort {
        let Ok([tries, took, wire]) = doc.as_list() else { return Effort::default() };
        Effort {
            tries: tries.as_count().ok().and_then(|n| n.try_into().ok()).unwrap_or_default(),
            took: took.as_count().ok().map(Duration::from_millis),
            wire: wire.as_count().ok(),
        }
    }

    /// What is not as a rule: further tries, and other bytes on the way than those that landed.
    fn pairs(self, bytes: u64) -> Vec<(&'static str, Doc)> {
        let known = Effort { wire: self.wire.filter(|wire| *wire != bytes), ..self };
        let (took, wire) = known.numbers();
        let tries = Some(self.tries).filter(|tries| *tries > 1);
        vec![
            ("took", took),
            ("wire", wire),
            ("tries", Doc::option(tries, |tries| Doc::Int(tries.into()))),
        ]
    }
}

/// Raw answers that go, since their time is over by what their source declares.
#[derive(Clone, PartialEq, Debug)]
pub struct Removal {
    pub source: SourceName,
    /// Those that were asked for before this.
    pub before: Instant,
    pub files: u64,
    pub bytes: u64,
}

/// What one run did with one due source.
#[derive(Clone, PartialEq, Debug)]
pub struct Outcome {
    pub source: SourceName,
    pub slot: Instant,
    pub every: Duration,
    pub started: Instant,
    pub ended: Instant,
    pub result: Verdict,
    pub status: u16,
    pub bytes: u64,
    pub error: Option<String>,
}

/// The kinds of outcomes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// New bytes landed.
    Landed,
    /// The answer was the same as before (a 304, or equal bytes); it landed again.
    Unchanged,
    /// The source said that there is nothing now: its slot is served, and no fault.
    Nothing,
    /// Nothing landed.
    Failed,
    /// The run ended before its turn came, or that of all items of its loop.
    Deferred,
    /// Of a summarizer: batches were committed.
    Committed,
    /// Of an analyzer: a report was printed.
    Printed,
}

impl Verdict {
    const NAMES: [(Verdict, &str); 7] = [
        (Verdict::Landed, "landed"),
        (Verdict::Unchanged, "unchanged"),
        (Verdict::Nothing, "nothing"),
        (Verdict::Failed, "failed"),
        (Verdict::Deferred, "deferred"),
        (Verdict::Committed, "committed"),
        (Verdict::Printed, "printed"),
    ];

    pub fn by_name(name: &str) -> Option<Verdict> {
        Self::NAMES.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }

    /// Whether the source gave an answer.
    pub fn is_answer(self) -> bool {
        matches!(self, Verdict::Landed | Verdict::Unchanged | Verdict::Nothing)
    }

    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }
}

impl Line {
    /// The line as JSON, with its line break.
    pub fn json(&self) -> String {
        let tier = self.run.split('-').next().unwrap_or_default();
        let mut pairs = vec![
            ("id", Doc::text(format!("{}/{}", self.run, self.place))),
            ("run", Doc::text(&*self.run)),
            ("tier", Doc::text(tier)),
            ("at", Doc::Instant(self.at)),
        ];
        pairs.extend(self.event.pairs());
        let pairs = pairs.into_iter().filter(|(_, value)| !value.is_null());
        let mut json = Doc::Map(pairs.map(|(key, value)| (key.into(), value)).collect()).json();
        json.push('\n');
        json
    }
}

impl Event {
    fn pairs(&self) -> Vec<(&'static str, Doc)> {
        match self {
            Event::Started => vec![("event", Doc::text("started"))],
            Event::Ended => vec![("event", Doc::text("ended"))],
            Event::Died => vec![("event", Doc::text("died"))],
            Event::Landed(landing) => landing.pairs(),
            Event::Outcome(outcome) => outcome.pairs(),
            Event::Removed(removal) => removal.pairs(),
        }
    }
}

impl Removal {
    fn pairs(&self) -> Vec<(&'static str, Doc)> {
        let whole = |number: u64| Doc::Int(i64::try_from(number).unwrap_or(i64::MAX));
        vec![
            ("event", Doc::text("removed")),
            ("source", Doc::text(self.source.as_str())),
            ("before", Doc::Instant(self.before)),
            ("files", whole(self.files)),
            ("bytes", whole(self.bytes)),
        ]
    }
}

impl Landing {
    fn pairs(&self) -> Vec<(&'static str, Doc)> {
        let modified = self.last_modified.as_deref().map(shown::line);
        let mut pairs = vec![
            ("event", Doc::text("landed")),
            ("source", Doc::text(self.source.as_str())),
            ("slot", Doc::Instant(self.slot)),
            ("url", Doc::text(&*self.url)),
            ("status", Doc::Int(self.status.into())),
            ("bytes", Doc::Int(self.bytes as i64)),
            ("etag", Doc::option(self.etag.as_deref().map(shown::line).as_deref(), Doc::text)),
            ("last_modified", Doc::option(modified.as_deref(), Doc::text)),
            ("snapshots", Doc::text(join(&self.snapshots))),
        ];
        pairs.extend(self.effort.pairs(self.bytes));
        pairs
    }
}

impl Outcome {
    /// Whether a loop got answers, and goes on in the next run: no fault.
    pub fn goes_on(&self) -> bool {
        self.result == Verdict::Deferred && self.status != 0
    }

    fn pairs(&self) -> Vec<(&'static str, Doc)> {
        vec![
            ("event", Doc::text("outcome")),
            ("source", Doc::text(self.source.as_str())),
            ("slot", Doc::Instant(self.slot)),
            ("every", Doc::Int(self.every.as_secs() as i64)),
            ("started", Doc::Instant(self.started)),
            ("ended", Doc::Instant(self.ended)),
            ("outcome", Doc::text(self.result.name())),
            ("status", Doc::Int(self.status.into())),
            ("bytes", Doc::Int(self.bytes as i64)),
            ("error", Doc::option(self.error.as_deref().map(shown::lines).as_deref(), Doc::text)),
        ]
    }
}

fn join(ids: &[SnapshotId]) -> String {
    let names: Vec<String> = ids.iter().map(SnapshotId::to_string).collect();
    names.join(" ")
}

/// The snapshot ids of a `snapshots` text: names, with single spaces between.
pub fn claimed(text: &str) -> impl Iterator<Item = SnapshotId> + '_ {
    let mut near = None;
    text.split(' ').filter_map(move |name| {
        let id = SnapshotId::parse_near(name, near.as_ref())?;
        near = Some(id.source().clone());
        Some(id)
    })
}

/// The whole lines of a journal's text.
pub fn lines(text: &[u8]) -> impl Iterator<Item = Result<Doc, Malformed>> {
    let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let lines = text[..whole].split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| {
        let odd = |Malformed(why)| Malformed(format!("a line of a journal cannot be read: {why}"));
        Doc::parse(line).map_err(odd)
    })
}

/// What a journal's text says of landings.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Landings {
    /// The sets that its lines claim.
    pub sets: Vec<Vec<SnapshotId>>,
    /// How many of its bytes are whole lines. What comes after was never synced, so nothing rests
    /// on it.
    pub whole: usize,
    /// Whole lines that cannot be read: what they claimed nobody knows.
    pub odd: usize,
}

/// The landings of a journal's text. A line that cannot be read takes nothing from the others.
pub fn landings(text: &[u8]) -> Landings {
    let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let mut found = Landings { whole, ..Landings::default() };
    for line in lines(&text[..whole]) {
        match line.and_then(|line| claim(&line)) {
            Ok(set) => found.sets.extend(set),
            Err(_) => found.odd += 1,
        }
    }
    found
}

fn claim(line: &Doc) -> Result<Option<Vec<SnapshotId>>, Malformed> {
    Ok(match line.get("event").as_text()? {
        "landed" => Some(claimed(line.get("snapshots").as_text()?).collect()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::parse_iso;
    use expect_test::expect;

    fn landing() -> Line {
        let at = parse_iso("2026-11-22T02:41:00Z").unwrap();
        let id = SnapshotId::parse("velib_2026-11-22T02-41-00Z_a3f9c1_5f0c11ab.json").unwrap();
        Line {
            run: "fetcher-2026-11-22T02-41-00Z-0011aabb".into(),
            place: 1,
            at,
            event: Event::Landed(Landing {
                source: SourceName::parse("velib").unwrap(),
                slot: at,
                snapshots: vec![id],
                url: "https://example.org/x?key=***".into(),
                status: 200,
                bytes: 12,
                etag: Some("W/\"a\"".into()),
                last_modified: None,
                effort: Effort::default(),
            }),
        }
    }

    #[test]
    fn a_line_is_one_line_of_json() {
        expect![[r#"
            {"id":"fetcher-2026-11-22T02-41-00Z-0011aabb/1","run":"fetcher-2026-11-22T02-41-00Z-0011aabb","tier":"fetcher","at":"2026-11-22T02:41:00.000Z","event":"landed","source":"velib","slot":"2026-11-22T02:41:00.000Z","url":"https://example.org/x?key=***","status":200,"bytes":12,"etag":"W/\"a\"","snapshots":"velib_2026-11-22T02-41-00Z_a3f9c1_5f0c11ab.json"}
        "#]]
        .assert_eq(&landing().json());
    }

    #[test]
    fn effort_is_told_where_it_is_not_as_a_rule() {
        let line = |tries, took: u64, wire| {
            let effort = Effort { tries, took: Some(Duration::from_millis(took)), wire };
            let Event::Landed(known) = landing().event else { panic!("it landed") };
            let line = Line { event: Event::Landed(Landing { effort, ..known }), ..landing() };
            let json = line.json();
            json.split_once("5f0c11ab.json\"").unwrap().1.trim_end().to_string()
        };
        assert_eq!(line(1, 231, Some(12)), ",\"took\":231}");
        assert_eq!(line(1, 231, Some(0)), ",\"took\":231,\"wire\":0}");
        assert_eq!(line(3, 0, None), ",\"took\":0,\"tries\":3}");
        let page = |wire| Effort { tries: 1, took: Some(Duration::from_millis(5)), wire };
        let known = Effort { tries: 2, took: Some(Duration::from_millis(10)), wire: Some(7) };
        assert_eq!(page(Some(3)).and(page(Some(4))), known);
        assert_eq!(page(Some(3)).and(page(None)), Effort { wire: None, ..known });
        assert_eq!(Effort::read(&known.doc()), known);
        assert_eq!(Effort::read(&Doc::Null), Effort::default());
    }

    #[test]
    fn a_torn_tail_claims_nothing() {
        let line = landing().json();
        let torn = format!("{line}{}", &line[..40]);
        let found = landings(torn.as_bytes());
        assert_eq!((found.sets.len(), found.whole, found.odd), (1, line.len(), 0));
        assert_eq!(landings(b""), Landings::default());
    }

    #[test]
    fn a_line_that_cannot_be_read_takes_nothing_from_the_others() {
        let line = landing().json();
        for odd in ["rubbish", "\0\u{1}", "null", "[1]", "1e999", "{\"event\":3}", &line[..40]] {
            let text = format!("{line}{odd}\n{line}");
            let found = landings(text.as_bytes());
            assert_eq!((found.sets.len(), found.whole, found.odd), (2, text.len(), 1), "{odd}");
        }
    }
}
