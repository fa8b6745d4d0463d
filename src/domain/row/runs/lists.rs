//! The lists of a run, read back as the lines that they tell.

use super::{BOTH, LANDED, OUTCOME, Times, effort};
use crate::domain::document::{Doc, Malformed};
use crate::domain::record::{Fields, Scalar};
use crate::domain::time::{Instant, iso, stamp, to_second};

impl Times<'_> {
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
    pub(super) fn lines(
        &self,
        list: &[Doc],
        out: &mut Vec<(i64, Instant, Fields)>,
    ) -> Result<(), Malformed> {
        match list {
            [place, at, Doc::Map(pairs)] => {
                let pairs = pairs.iter();
                let values = pairs.map(|(key, value)| Ok((key.to_string(), Scalar::read(value)?)));
                let values = values.collect::<Result<Fields, Malformed>>()?;
                out.push(self.line(place, self.at(at)?, values)?);
            }
            [source, place, at, slot, status, bytes, ids, more @ ..]
                if list.len() <= LANDED + 1 =>
            {
                let values = self.landing((source, slot, status, bytes, ids), more)?;
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
                more @ ..,
            ] if list.len() <= BOTH + 1 => {
                let landed = self.landing((source, slot, status, bytes, ids), more)?;
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
        more: &[Doc],
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
        if let [more] = more {
            effort::read(more.as_text()?, &mut values)?;
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

fn text(key: &str, value: &str) -> (String, Scalar) {
    (key.into(), Scalar::Text(value.into()))
}

fn number(key: &str, value: &Doc) -> Result<(String, Scalar), Malformed> {
    Ok((key.into(), Scalar::Number(value.as_float()?)))
}
