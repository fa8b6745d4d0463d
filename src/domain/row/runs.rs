//! Runs: the lines of a journal as a store keeps them, all of one run in one row. A fetch is one
//! short list; its source, times, status and snapshots stand in it once. What fits no such list
//! is kept as it is. docs/store.md describes the lists.

use crate::domain::document::{Doc, Malformed};
use crate::domain::hash::Digest;
use crate::domain::record::{Fields, Record, Scalar, Version};
use crate::domain::time::{Instant, iso, parse_iso, parse_stamp, stamp, to_second};
use std::collections::BTreeMap;

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
        match Run::of(&run, &lines) {
            Some(run) if run.records().as_ref() == Ok(&lines) => packed.push(run),
            _ => others.extend(lines),
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

    /// How many lines they are.
    pub fn len(&self) -> usize {
        let of = |line: &Doc| if is_pair(line) { 2 } else { 1 };
        self.lines.iter().map(of).sum()
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

/// Lengths of the lists of a landing, of an outcome, of both; each may have a text more. A line as
/// it is has three parts.
const LANDED: usize = 7;
const OUTCOME: usize = 10;
const BOTH: usize = 13;

fn is_pair(line: &Doc) -> bool {
    line.as_list().is_ok_and(|list| list.len() >= BOTH)
}

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
        let wanted =
            line.is("landed") && line.values.len() == 6 + usize::from(line.text("url").is_some());
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
        list.extend(line.text("url").map(Doc::text));
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
            [source, place, at, slot, status, bytes, ids, url @ ..],
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
        same.then(|| Doc::List(list.into_iter().chain(url).cloned().collect()))
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

    fn names(&self, source: &str, text: &str) -> Result<String, Malformed> {
        let long = |name: &str| {
            if let Some(own) = name.strip_prefix('=') {
                return Some(own.to_string());
            }
            let (seconds, rest) = name.split_once('_')?;
            let seconds: i64 = seconds.parse().ok()?;
            let at = to_second(self.began).after(chrono::Duration::try_seconds(seconds)?);
            Some(format!("{source}_{}_{rest}", stamp(at)))
        };
        let names: Option<Vec<String>> = text.split(' ').map(long).collect();
        Ok(names.ok_or_else(|| Malformed(format!("no snapshots: {text}")))?.join(" "))
    }

    fn at(&self, ms: &Doc) -> Result<Instant, Malformed> {
        let at = ms.as_int()?.checked_add(self.began.millis()).and_then(Instant::from_millis);
        at.ok_or_else(|| Malformed(format!("{} is no instant of a run", ms.json())))
    }

    /// The lines of one list, each with its place and time.
    fn lines(&self, list: &[Doc], out: &mut Vec<(i64, Instant, Fields)>) -> Result<(), Malformed> {
        match list {
            [place, at, Doc::Map(pairs)] => {
                let pairs = pairs.iter();
                let values = pairs.map(|(key, value)| Ok((key.to_string(), Scalar::read(value)?)));
                let values = values.collect::<Result<Fields, Malformed>>()?;
                out.push(self.line(place, self.at(at)?, values)?);
            }
            [source, place, at, slot, status, bytes, ids, url @ ..] if list.len() <= LANDED + 1 => {
                let values = self.landing((source, slot, status, bytes, ids), url)?;
                out.push(self.line(place, self.at(at)?, values)?);
            }
            [source, place, at, slot, every, started, ended, result, status, bytes, error @ ..]
                if list.len() <= OUTCOME + 1 =>
            {
                let times = (slot, every, started, ended);
                let values = self.outcoming(source, times, (result, status, bytes), error)?;
                out.push(self.line(place, self.at(at)?, values)?);
            }
            [
                source,
                place,
                place_2,
                at,
                at_2,
                slot,
                every,
                started,
                ended,
                result,
                status,
                bytes,
                ids,
                url @ ..,
            ] if list.len() <= BOTH + 1 => {
                let landed = self.landing((source, slot, status, bytes, ids), url)?;
                out.push(self.line(place, self.at(at)?, landed)?);
                let times = (slot, every, started, ended);
                let values = self.outcoming(source, times, (result, status, bytes), &[])?;
                let later = Doc::Int(at_2.as_int()?.saturating_add(ended.as_int()?));
                out.push(self.line(place_2, self.at(&later)?, values)?);
            }
            _ => return Err(Malformed(format!("a line of a run has {} parts", list.len()))),
        }
        Ok(())
    }

    fn landing(
        &self,
        (source, slot, status, bytes, ids): (&Doc, &Doc, &Doc, &Doc, &Doc),
        url: &[Doc],
    ) -> Result<Fields, Malformed> {
        let source = source.as_text()?;
        let mut values = vec![
            text("event", "landed"),
            text("source", source),
            text("slot", &iso(self.at(slot)?)),
            number("status", status)?,
            number("bytes", bytes)?,
            text("snapshots", &self.names(source, ids.as_text()?)?),
        ];
        if let [url] = url {
            values.push(text("url", url.as_text()?));
        }
        Ok(values)
    }

    fn outcoming(
        &self,
        source: &Doc,
        (slot, every, started, ended): (&Doc, &Doc, &Doc, &Doc),
        (result, status, bytes): (&Doc, &Doc, &Doc),
        error: &[Doc],
    ) -> Result<Fields, Malformed> {
        let mut values = vec![
            text("event", "outcome"),
            text("source", source.as_text()?),
            text("slot", &iso(self.at(slot)?)),
            number("every", every)?,
            text("started", &iso(self.at(started)?)),
            text("ended", &iso(self.at(ended)?)),
            text("outcome", result.as_text()?),
            number("status", status)?,
            number("bytes", bytes)?,
        ];
        if let [error] = error {
            values.push(text("error", error.as_text()?));
        }
        Ok(values)
    }

    fn line(
        &self,
        place: &Doc,
        at: Instant,
        mut values: Fields,
    ) -> Result<(i64, Instant, Fields), Malformed> {
        values.push(text("run", self.run));
        let tier = self.run.split('-').next().unwrap_or_default();
        values.push(text("tier", tier));
        values.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok((place.as_int()?, at, values))
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

fn text(key: &str, value: &str) -> (String, Scalar) {
    (key.into(), Scalar::Text(value.into()))
}

fn number(key: &str, value: &Doc) -> Result<(String, Scalar), Malformed> {
    Ok((key.into(), Scalar::Number(value.as_float()?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::from_millis;

    const RUN: &str = "fetcher-2026-11-22T02-41-00Z-0011aabb";

    fn record(place: u32, ms: i64, values: &[(&str, &str)]) -> Record {
        let instant = parse_iso("2026-11-22T02:41:00Z").unwrap();
        let began = instant.millis() + 212;
        let value = |text: &str| match text.parse() {
            Ok(number) => Scalar::Number(number),
            Err(_) => Scalar::Text(text.into()),
        };
        let own = [("run", RUN), ("tier", "fetcher")];
        let pairs = own.iter().chain(values).map(|(key, text)| (key.to_string(), value(text)));
        let mut values: Fields = pairs.collect();
        values.sort_by(|(a, _), (b, _)| a.cmp(b));
        Record {
            id: format!("{RUN}/{place}"),
            time: Some(from_millis(began + ms)),
            version: Version { updated: None, instant, hash: Digest::of(b"x") },
            first_seen: instant,
            last_seen: instant,
            values,
        }
    }

    const IDS: &str = "velib_2026-11-22T02-41-00Z_a3f9c1a3f9c1_5f0c11ab.json";

    fn landed(place: u32, source: &str, ids: &str) -> Record {
        let slot = ("slot", "2026-11-22T02:40:48.000Z");
        let (status, bytes) = (("status", "200"), ("bytes", "34567"));
        record(
            place,
            350,
            &[("event", "landed"), ("source", source), slot, status, bytes, ("snapshots", ids)],
        )
    }

    fn outcome(place: u32, source: &str, bytes: &str) -> Record {
        let values = [
            ("event", "outcome"),
            ("source", source),
            ("slot", "2026-11-22T02:40:48.000Z"),
            ("every", "60"),
            ("started", "2026-11-22T02:41:00.252Z"),
            ("ended", "2026-11-22T02:41:00.990Z"),
            ("outcome", "landed"),
            ("status", "200"),
            ("bytes", bytes),
        ];
        record(place, 779, &values)
    }

    fn with(mut record: Record, key: &str, value: &str) -> Record {
        record.values.push((key.into(), Scalar::Text(value.into())));
        record.values.sort_by(|(a, _), (b, _)| a.cmp(b));
        record
    }

    #[test]
    fn a_fetch_is_one_short_list() {
        let lines = vec![
            record(0, 0, &[("event", "started")]),
            landed(1, "velib", IDS),
            outcome(2, "velib", "34567"),
            record(3, 790, &[("event", "ended")]),
        ];
        let (runs, others) = pack(lines.clone());
        assert!(others.is_empty());
        assert_eq!(runs[0].records(), Ok(lines));
        assert_eq!((runs[0].run.as_str(), runs[0].len()), ("fetcher-@-0011aabb", 4));
        let texts: Vec<String> = runs[0].lines.iter().map(Doc::json).collect();
        let fetch = r#"["velib",1,2,350,1,-12212,60,40,778,"landed",200,34567,"0_a3f9c1a3f9c1_5f0c11ab.json"]"#;
        assert_eq!(texts, [r#"[0,0,{"event":"started"}]"#, fetch, r#"[3,790,{"event":"ended"}]"#]);
    }

    #[test]
    fn lines_of_any_form_read_back_the_same() {
        let two = format!("{IDS} velib_2026-11-22T02-40-59Z_i-a.b_p2of3_a3f9c1_5f0c11ab.json");
        let lines = vec![
            landed(1, "velib", &two),
            landed(2, "zoo", "zoo_x another.json velib_2026-11-22T02-41-00Z_a_b"),
            with(landed(3, "other", IDS), "url", "https://example.org/?a=1"),
            outcome(4, "other", "1"),
            outcome(5, "velib", "70000"),
            with(outcome(6, "failing", "0"), "error", "it said \"no\""),
            with(record(7, 5, &[("event", "told")]), "why", "new"),
            with(landed(9, "zoo", IDS), "more", "than known"),
            record(
                11,
                9,
                &[
                    ("event", "landed"),
                    ("source", "x"),
                    ("slot", "soon"),
                    ("status", "1.5"),
                    ("bytes", "1e300"),
                    ("snapshots", ""),
                ],
            ),
        ];
        let (runs, others) = pack(lines.clone());
        assert!(others.is_empty());
        assert_eq!(runs[0].records(), Ok(lines.clone()));
        assert_eq!(runs[0].len(), lines.len());
        let json = Doc::List(runs[0].lines.clone()).json();
        let Doc::List(again) = Doc::from_json(serde_json::from_str(&json).unwrap()) else {
            panic!()
        };
        assert_eq!(Run { lines: again, ..runs[0].clone() }.records(), Ok(lines));
    }

    #[test]
    fn what_tells_of_no_run_stays_a_record() {
        let mut odd =
            vec![landed(1, "velib", IDS), landed(1, "velib", IDS), landed(1, "velib", IDS)];
        odd[0].id = "no place".into();
        odd[1].last_seen = from_millis(0);
        odd[2].id = format!("{RUN}/01");
        assert_eq!(pack(odd.clone()), (Vec::new(), odd));
        let twice = vec![landed(1, "velib", IDS), outcome(1, "velib", "34567")];
        let (runs, others) = pack(twice.clone());
        let mut all: Vec<Record> = runs.iter().flat_map(|run| run.records().unwrap()).collect();
        all.extend(others);
        assert_eq!(all, twice);
    }

    #[test]
    fn lists_of_no_known_form_are_told() {
        let (runs, _) = pack(vec![landed(1, "velib", IDS)]);
        for lines in
            ["[[]]", "[1]", "[[1,2,3]]", "[[\"a\",0,0,0,0,0,\"x\"]]", "[[9,9,9,9,9,9,9,9,9]]"]
        {
            let Doc::List(lines) = Doc::from_json(serde_json::from_str(lines).unwrap()) else {
                panic!()
            };
            assert!(Run { lines, ..runs[0].clone() }.records().is_err());
        }
    }
}
