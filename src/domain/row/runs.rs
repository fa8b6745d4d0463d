//! Runs: the lines of a journal as a store keeps them, all of one run in one row. A fetch is one
//! short list; its source, times, status and snapshots stand in it once. What fits no such list
//! is kept as it is. docs/store.md describes the lists.

mod effort;
mod lists;

use crate::domain::document::{Doc, Malformed};
use crate::domain::hash::Digest;
use crate::domain::record::{Fields, Record, Scalar, Version};
use crate::domain::time::{Instant, iso, parse_iso, parse_stamp, stamp, to_second};
use std::collections::BTreeMap;

/// So many lines stand in one row at most: no store takes rows of any size.
const LINES: usize = 1_000;

/// All lines of one run that are told by one copy of its journal.
#[derive(Clone, PartialEq, Debug)]
pub struct Run {
    /// Its name, in which `@` stands for the second in which it began.
    pub run: String,
    /// The time of its first line; instants of its lines are milliseconds after it.
    pub began: Instant,
    /// When its journal landed, and the digest of that.
    pub instant: Instant,
    pub hash: Digest,
    pub lines: Vec<Doc>,
}

/// The runs of some records of journals, and those records that tell of none.
pub fn pack(records: Vec<Record>) -> (Vec<Run>, Vec<Record>) {
    let mut runs: BTreeMap<(String, Instant, Digest), Vec<Record>> = BTreeMap::new();
    let mut others = Vec::new();
    for record in records {
        match place(&record) {
            Some((run, _)) => {
                let key = (run.to_string(), record.version.instant, record.version.hash);
                runs.entry(key).or_default().push(record);
            }
            None => others.push(record),
        }
    }
    let mut packed = Vec::new();
    for ((run, ..), mut lines) in runs {
        lines.sort_by_key(|line| place(line).map(|(_, place)| place));
        for lines in lines.chunks(LINES) {
            match Run::of(&run, lines) {
                Some(run) if run.records().is_ok_and(|read| read == lines) => packed.push(run),
                _ => others.extend_from_slice(lines),
            }
        }
    }
    (packed, others)
}

/// The run of a line and its place there, if it is one that says all that others say.
fn place(record: &Record) -> Option<(&str, i64)> {
    let (run, place) = record.id.rsplit_once('/')?;
    let version = record.version;
    let plain = record.first_seen == version.instant
        && record.last_seen == version.instant
        && version.updated.is_none()
        && record.time.is_some()
        && record.text("run") == Some(run);
    let number: i64 = place.parse().ok().filter(|n: &i64| n.to_string() == place && *n >= 0)?;
    plain.then_some((run, number))
}

impl Run {
    fn of(run: &str, lines: &[Record]) -> Option<Run> {
        let (first, began) = (lines.first()?, lines.iter().filter_map(|line| line.time).min()?);
        let (instant, hash) = (first.version.instant, first.version.hash);
        let name = run.replacen(&stamp(began), "@", 1);
        let of = Times { run, began };
        Some(Run { run: name, began, instant, hash, lines: of.paired(lines) })
    }

    pub fn name(&self) -> String {
        self.run.replacen('@', &stamp(self.began), 1)
    }

    /// The lines as records, in order of their places.
    pub fn records(&self) -> Result<Vec<Record>, Malformed> {
        let name = self.name();
        let of = Times { run: &name, began: self.began };
        let mut found = Vec::new();
        for line in &self.lines {
            of.lines(line.as_list()?, &mut found)?;
        }
        found.sort_by_key(|(place, ..)| *place);
        let record = |(place, time, values): (i64, Instant, Fields)| Record {
            id: format!("{name}/{place}"),
            time: Some(time),
            version: Version { updated: None, instant: self.instant, hash: self.hash },
            first_seen: self.instant,
            last_seen: self.instant,
            values,
        };
        Ok(found.into_iter().map(record).collect())
    }
}

/// What instants and names of a run are counted from.
struct Times<'a> {
    run: &'a str,
    began: Instant,
}

/// Lengths of the lists of a landing, of an outcome, of both; each may have a text more: a landing
/// its effort, or an address. A line as it is has three parts.
const LANDED: usize = 7;
const OUTCOME: usize = 10;
const BOTH: usize = 13;

/// A line in parts.
struct Parts<'a> {
    place: i64,
    at: i64,
    values: BTreeMap<&'a str, &'a Scalar>,
}

impl<'a> Parts<'a> {
    fn text(&self, key: &str) -> Option<&'a str> {
        self.values.get(key).and_then(|value| value.text())
    }

    fn number(&self, key: &str) -> Option<i64> {
        let value = self.values.get(key)?.number()?;
        let whole = value.fract() == 0.0 && value.abs() < 9e15;
        whole.then_some(value as i64)
    }

    fn is(&self, event: &str) -> bool {
        self.text("event") == Some(event)
    }
}

impl Times<'_> {
    fn paired(&self, lines: &[Record]) -> Vec<Doc> {
        let parts: Vec<Parts> = lines.iter().filter_map(|line| self.parts(line)).collect();
        let (mut docs, mut done) = (Vec::new(), vec![false; parts.len()]);
        for (at, line) in parts.iter().enumerate() {
            if done[at] {
                continue;
            }
            let partner = self.partner(line, &parts[at..]);
            let pair =
                partner.and_then(|ahead| self.both(line, &parts[at + ahead]).zip(Some(ahead)));
            if let Some((doc, ahead)) = pair {
                done[at + ahead] = true;
                docs.push(doc);
                continue;
            }
            docs.push(
                self.landed(line).or_else(|| self.outcome(line)).unwrap_or_else(|| plain(line)),
            );
        }
        docs
    }

    fn parts<'a>(&self, line: &'a Record) -> Option<Parts<'a>> {
        let (_, place) = place(line)?;
        let own = |(key, _): &&(String, Scalar)| !matches!(key.as_str(), "run" | "tier");
        let values = line.values.iter().filter(own).map(|(key, value)| (key.as_str(), value));
        Some(Parts { place, at: self.ms(line.time?), values: values.collect() })
    }

    fn ms(&self, at: Instant) -> i64 {
        at.millis() - self.began.millis()
    }

    fn since(&self, text: Option<&str>) -> Option<Doc> {
        let at = parse_iso(text?).filter(|at| Some(iso(*at).as_str()) == text)?;
        Some(Doc::Int(self.ms(at)))
    }

    /// How far ahead the outcome of a landing is, if that is the only landing of it.
    fn partner(&self, line: &Parts, ahead: &[Parts]) -> Option<usize> {
        let source = line.text("source").filter(|_| line.is("landed"))?;
        let of_it = |other: &Parts| other.text("source") == Some(source);
        let mut others = ahead.iter().enumerate().skip(1).filter(|(_, other)| of_it(other));
        others.next().filter(|(_, other)| other.is("outcome")).map(|(at, _)| at)
    }

    fn landed(&self, line: &Parts) -> Option<Doc> {
        let (more, known) = effort::written(&line.values)?;
        let wanted = line.is("landed") && line.values.len() == 6 + known;
        let source = line.text("source").filter(|_| wanted)?;
        let mut list = vec![
            Doc::text(source),
            Doc::Int(line.place),
            Doc::Int(line.at),
            self.since(line.text("slot"))?,
            Doc::Int(line.number("status")?),
            Doc::Int(line.number("bytes")?),
            self.ids(source, line.text("snapshots")?),
        ];
        list.extend(more.map(Doc::text));
        Some(Doc::List(list))
    }

    fn outcome(&self, line: &Parts) -> Option<Doc> {
        let wanted = line.is("outcome")
            && line.values.len() == 9 + usize::from(line.text("error").is_some());
        let mut list = vec![
            Doc::text(line.text("source").filter(|_| wanted)?),
            Doc::Int(line.place),
            Doc::Int(line.at),
            self.since(line.text("slot"))?,
            Doc::Int(line.number("every")?),
            self.since(line.text("started"))?,
            self.since(line.text("ended"))?,
            Doc::text(line.text("outcome")?),
            Doc::Int(line.number("status")?),
            Doc::Int(line.number("bytes")?),
        ];
        list.extend(line.text("error").map(Doc::text));
        Some(Doc::List(list))
    }

    /// A landing and its outcome, which say the same of slot, status and bytes.
    fn both(&self, landed: &Parts, outcome: &Parts) -> Option<Doc> {
        let same = ["slot", "status", "bytes"]
            .iter()
            .all(|key| landed.values.get(key) == outcome.values.get(key));
        let (Doc::List(one), Doc::List(other)) = (self.landed(landed)?, self.outcome(outcome)?)
        else {
            return None;
        };
        let (
            [source, place, at, slot, status, bytes, ids, more @ ..],
            [_, place_2, at_2, _, every, started, ended, result, _, _],
        ) = (&one[..], &other[..])
        else {
            return None;
        };
        let at_2 = at_2.as_int().ok()? - ended.as_int().ok()?;
        let list = [
            source,
            place,
            place_2,
            at,
            &Doc::Int(at_2),
            slot,
            every,
            started,
            ended,
            result,
            status,
            bytes,
            ids,
        ];
        same.then(|| Doc::List(list.into_iter().chain(more).cloned().collect()))
    }

    /// Names of snapshots, without their source and with seconds for their stamp; one that is of
    /// another form keeps its own.
    fn ids(&self, source: &str, text: &str) -> Doc {
        let short = |name: &str| {
            let rest = name.strip_prefix(source)?.strip_prefix('_')?;
            let (at, rest) = rest.split_once('_')?;
            let seconds = (parse_stamp(at)?.millis() - to_second(self.began).millis()) / 1000;
            Some(format!("{seconds}_{rest}"))
        };
        let names = text.split(' ').map(|name| short(name).unwrap_or_else(|| format!("={name}")));
        Doc::text(names.collect::<Vec<_>>().join(" "))
    }
}

/// A line as it is: its place, its time, its values.
fn plain(line: &Parts) -> Doc {
    let value = |value: &Scalar| match value {
        Scalar::Number(value) => Doc::number(*value),
        Scalar::Text(text) => Doc::text(&**text),
    };
    let pairs = line.values.iter().map(|(key, v)| (key.to_string().into(), value(v)));
    Doc::List(vec![Doc::Int(line.place), Doc::Int(line.at), Doc::Map(pairs.collect())])
}

#[cfg(test)]
mod tests;
