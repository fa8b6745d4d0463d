//! What only programs merge of the statistics of one field in one hour, in few bytes: when the
//! plain figures were, in which minutes there were values, the second moment, the histogram, the
//! trace. docs/store.md describes each byte; the first one is the version of the form.

use super::bytes::{In, Out, key};
use crate::domain::document::Malformed;
use crate::domain::quantile::{Counts, Dense, Quantiles};
use crate::domain::stats::{Extreme, Numbers, Reading};
use crate::domain::time::{Instant, Window, from_millis};
use crate::domain::trace::{Bin, Trace};

/// The version of the form.
const FORM: u8 = 1;

/// What the second byte says.
const ALL_MINUTES: u8 = 1;
const FEW_MINUTES: u8 = 2;
const WHOLE_SECONDS: u8 = 4;
const MOMENT_FOLLOWS: u8 = 8;
const MIN_AT: u8 = 16;
const MAX_AT: u8 = 32;
const GAPS: u8 = 64;

/// Each minute of an hour.
const MINUTES: u64 = (1 << 60) - 1;
/// So many minutes take less as a list than as bits.
const FEW: u32 = 7;
/// A trace of so many bins says in bits which of them hold values.
const BITS: usize = 64;

/// The figures of a field that stand beside the bytes, for people.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Plain {
    pub sum: f64,
    pub min: f64,
    pub max: f64,
    pub first: f64,
    pub last: f64,
}

/// How the values of a field are told apart: the grid of its histogram, or none, and the seconds
/// of a bin of its trace.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Bins {
    pub step: Option<f64>,
    pub trace: Option<u32>,
}

impl Bins {
    pub fn of(n: &Numbers) -> Bins {
        let step = match &n.quantiles {
            Quantiles::Grid { step, .. } => Some(*step),
            Quantiles::Sketch { .. } | Quantiles::Dropped => None,
        };
        Bins { step, trace: n.trace.as_ref().map(Trace::step) }
    }
}

impl Plain {
    pub fn of(n: &Numbers) -> Plain {
        let (min, max) = n.ends();
        Plain { sum: n.sum, min, max, first: n.first.value, last: n.last.value }
    }
}

/// The bytes of a field beside its plain figures.
pub fn write(n: &Numbers, hour: Window) -> Vec<u8> {
    let (mut out, bins) = (Out(Vec::with_capacity(64)), Bins::of(n));
    let gaps = bins.step.is_some() && is_sparse(&n.quantiles);
    let moments = moment(n) != Some(n.m2);
    let at = Offsets::of(n, hour);
    let minutes = n.presence.count_ones();
    let flag = |holds: bool, flag: u8| if holds { flag } else { 0 };
    out.byte(FORM);
    out.byte(
        flag(n.presence == MINUTES, ALL_MINUTES)
            | flag(is_few(n.presence), FEW_MINUTES)
            | flag(at.unit == 1000, WHOLE_SECONDS)
            | flag(moments, MOMENT_FOLLOWS)
            | flag(n.min.at.is_some(), MIN_AT)
            | flag(n.max.at.is_some(), MAX_AT)
            | flag(gaps, GAPS),
    );
    if is_few(n.presence) {
        out.byte(minutes as u8);
        (0..64).filter(|m| n.presence >> m & 1 == 1).for_each(|m| out.byte(m));
    } else if n.presence != MINUTES {
        out.0.extend(n.presence.to_le_bytes());
    }
    at.write(&mut out);
    if moments {
        out.float(n.m2);
    }
    write_quantiles(&n.quantiles, gaps, &mut out);
    if let Some(trace) = &n.trace {
        write_trace(trace, bins.step, n.min.value, &mut out);
    }
    out.0
}

fn is_few(presence: u64) -> bool {
    presence.count_ones() <= FEW
}

/// Reads the statistics of a field back; without bins, those of a thinned one.
pub fn read(
    (count, plain): (u64, Plain),
    bytes: &[u8],
    bins: Option<Bins>,
    hour: Window,
) -> Result<Numbers, Malformed> {
    let mut bytes = In(bytes);
    let form = bytes.byte()?;
    if form != FORM {
        return Err(Malformed(format!("statistics of form {form}, and {FORM} is known")));
    }
    let flags = bytes.byte()?;
    let has = |flag: u8| flags & flag != 0;
    let presence = read_presence(&mut bytes, flags)?;
    let unit = if has(WHOLE_SECONDS) { 1000 } else { 1 };
    let [first, last, min_at, max_at] = read_instants(&mut bytes, hour, unit, flags)?;
    let m2 = if has(MOMENT_FOLLOWS) { Some(bytes.float()?) } else { None };
    let (quantiles, trace) = match bins {
        Some(bins) => read_bins(&mut bytes, bins, has(GAPS), plain.min)?,
        None => (Quantiles::Dropped, None),
    };
    bytes.end()?;
    let missing = || Malformed("an instant is missing".into());
    let numbers = Numbers {
        count,
        sum: plain.sum,
        min: Extreme { value: plain.min, at: min_at },
        max: Extreme { value: plain.max, at: max_at },
        m2: m2.unwrap_or_default(),
        first: Reading { at: first.ok_or_else(missing)?, value: plain.first },
        last: Reading { at: last.ok_or_else(missing)?, value: plain.last },
        presence,
        quantiles,
        trace,
    };
    let m2 = m2.or_else(|| moment(&numbers)).ok_or_else(|| Malformed("no second moment".into()))?;
    Ok(Numbers { m2, ..numbers })
}

fn read_bins(
    bytes: &mut In,
    bins: Bins,
    gaps: bool,
    least: f64,
) -> Result<(Quantiles, Option<Trace>), Malformed> {
    let quantiles = read_quantiles(bytes, bins.step, gaps)?;
    let trace = bins.trace.map(|seconds| read_trace(bytes, seconds, bins.step, least));
    Ok((quantiles, trace.transpose()?))
}

fn read_presence(bytes: &mut In, flags: u8) -> Result<u64, Malformed> {
    if flags & ALL_MINUTES != 0 {
        return Ok(MINUTES);
    }
    let listed = flags & FEW_MINUTES != 0;
    let mut presence = 0;
    for place in 0..if listed { bytes.byte()? } else { 8 } {
        let byte = u64::from(bytes.byte()?);
        presence |= if listed { 1 << (byte & 63) } else { byte << (8 * place) };
    }
    Ok(presence)
}

/// Instants of a field, in milliseconds or seconds after the start of the hour: the first, then
/// the last and the extremes counted from it.
struct Offsets {
    unit: i64,
    first: i64,
    others: Vec<i64>,
}

impl Offsets {
    fn of(n: &Numbers, hour: Window) -> Offsets {
        let start = hour.start().millis();
        let first = n.first.at.millis() - start;
        let others = [Some(n.last.at), n.min.at, n.max.at].into_iter().flatten();
        let others: Vec<i64> = others.map(|at| at.millis() - start - first).collect();
        let whole = others.iter().chain([&first]).all(|ms| ms % 1000 == 0);
        Offsets { unit: if whole { 1000 } else { 1 }, first, others }
    }

    fn write(&self, out: &mut Out) {
        out.int(self.first / self.unit);
        self.others.iter().for_each(|ms| out.int(ms / self.unit));
    }
}

/// The instants of the first and the last value, of the least and the greatest.
fn read_instants(
    bytes: &mut In,
    hour: Window,
    unit: i64,
    flags: u8,
) -> Result<[Option<Instant>; 4], Malformed> {
    let start = hour.start().millis();
    let first = bytes.int()?.wrapping_mul(unit).wrapping_add(start);
    let mut found = [Some(from_millis(first)), None, None, None];
    for (place, there) in [(1, true), (2, flags & MIN_AT != 0), (3, flags & MAX_AT != 0)] {
        if there {
            let ms = bytes.int()?.wrapping_mul(unit).wrapping_add(first);
            found[place] = Some(from_millis(ms));
        }
    }
    Ok(found)
}

/// Whether a histogram has more points without values between its ends than with some.
fn is_sparse(quantiles: &Quantiles) -> bool {
    let Quantiles::Grid { counts, .. } = quantiles else { return false };
    let (mut points, mut ends) = (0u64, None);
    for (key, _) in counts.iter() {
        points += 1;
        ends = Some((ends.map_or(key, |(first, _)| first), key));
    }
    ends.is_some_and(|(first, last): (i64, i64)| last.abs_diff(first) / 2 >= points)
}

fn write_quantiles(quantiles: &Quantiles, gaps: bool, out: &mut Out) {
    match quantiles {
        Quantiles::Grid { counts, .. } => {
            let pairs: Vec<(i64, u64)> = counts.iter().collect();
            if gaps { write_gaps(&pairs, out) } else { write_row(&pairs, out) }
        }
        Quantiles::Sketch { zero, positive, negative } => {
            out.count(*zero);
            for side in [positive, negative] {
                let pairs: Vec<(i64, u64)> = side.iter().map(|(key, n)| (*key, *n)).collect();
                write_gaps(&pairs, out);
            }
        }
        Quantiles::Dropped => {}
    }
}

/// How many points have values; then for each how far it is from the one before, and its count.
fn write_gaps(pairs: &[(i64, u64)], out: &mut Out) {
    out.count(pairs.len() as u64);
    let mut before = None;
    for (key, count) in pairs {
        match before {
            None => out.int(*key),
            Some(before) => out.count(key.wrapping_sub(before) as u64),
        }
        before = Some(*key);
        out.count(*count);
    }
}

/// How many points there are from the first with values to the last, the first, each one's count.
fn write_row(pairs: &[(i64, u64)], out: &mut Out) {
    let (Some((first, _)), Some((last, _))) = (pairs.first(), pairs.last()) else {
        return out.count(0);
    };
    out.count(last.abs_diff(*first) + 1);
    out.int(*first);
    let mut at = *first;
    for (key, count) in pairs {
        (at..*key).for_each(|_| out.count(0));
        out.count(*count);
        at = key.wrapping_add(1);
    }
}

fn read_quantiles(bytes: &mut In, step: Option<f64>, gaps: bool) -> Result<Quantiles, Malformed> {
    let Some(step) = step else {
        let zero = bytes.count()?;
        let sides = [read_gaps(bytes)?, read_gaps(bytes)?];
        let [positive, negative] = sides.map(|side| side.into_iter().collect::<Counts>());
        return Ok(Quantiles::Sketch { zero, positive, negative });
    };
    let mut counts = Dense::default();
    let pairs = if gaps { read_gaps(bytes)? } else { read_row(bytes)? };
    for (key, times) in pairs {
        counts.add(key, times);
    }
    Ok(Quantiles::Grid { step, counts })
}

fn read_gaps(bytes: &mut In) -> Result<Vec<(i64, u64)>, Malformed> {
    let mut pairs: Vec<(i64, u64)> = Vec::new();
    for place in 0..bytes.length()? {
        let key = match place {
            0 => bytes.int()?,
            _ => pairs[place - 1].0.wrapping_add(bytes.count()? as i64),
        };
        pairs.push((key, bytes.count()?));
    }
    Ok(pairs)
}

fn read_row(bytes: &mut In) -> Result<Vec<(i64, u64)>, Malformed> {
    let points = bytes.length()?;
    let mut pairs = Vec::new();
    let first = if points > 0 { bytes.int()? } else { 0 };
    for place in 0..points {
        let count = bytes.count()?;
        if count > 0 {
            pairs.push((first.wrapping_add(place as i64), count));
        }
    }
    Ok(pairs)
}

/// Which bins hold values; then for each twice its count, and one more where all its values are
/// equal; its least value, and unless they are equal, its greatest value and its sum.
fn write_trace(trace: &Trace, step: Option<f64>, least: f64, out: &mut Out) {
    let bins: Vec<(usize, &Bin)> = trace.bins().collect();
    if trace.room() <= BITS {
        let bits = bins.iter().fold(0u64, |bits, (place, _)| bits | 1 << place);
        out.0.extend(&bits.to_le_bytes()[..trace.room().div_ceil(8)]);
    } else {
        let places: Vec<(i64, u64)> = bins.iter().map(|(place, _)| (*place as i64, 1)).collect();
        write_gaps(&places, out);
    }
    let base = step.map_or(0, |step| key(least, step));
    for (_, bin) in bins {
        let equal = bin.min == bin.max && bin.sum() == bin.min * bin.count as f64;
        out.count(bin.count << 1 | u64::from(equal));
        let value = |value: f64, base: i64, out: &mut Out| match step {
            Some(step) => out.on_grid(value, step, base),
            None => out.float(value),
        };
        value(bin.min, base, out);
        if !equal {
            value(bin.max, base, out);
            value(bin.sum(), sum_base(bin.count, bin.min, step), out);
        }
    }
}

/// The least sum that so many values can have, as a place of the grid.
fn sum_base(count: u64, least: f64, step: Option<f64>) -> i64 {
    step.map_or(0, |step| key(least, step).wrapping_mul(count as i64))
}

fn read_trace(
    bytes: &mut In,
    seconds: u32,
    step: Option<f64>,
    least: f64,
) -> Result<Trace, Malformed> {
    let mut trace = Trace::new(seconds);
    let mut places = Vec::new();
    if trace.room() <= BITS {
        for byte in 0..trace.room().div_ceil(8) {
            let bits = bytes.byte()?;
            places.extend((0..8).filter(|bit| bits >> bit & 1 == 1).map(|bit| byte * 8 + bit));
        }
    } else {
        places = read_gaps(bytes)?.into_iter().map(|(place, _)| place as usize).collect();
    }
    let base = step.map_or(0, |step| key(least, step));
    for place in places {
        let twice = bytes.count()?;
        let count = twice >> 1;
        let mut value = |base: i64| match step {
            Some(step) => bytes.on_grid(step, base),
            None => bytes.float(),
        };
        let min = value(base)?;
        let (max, sum) = match twice & 1 {
            1 => (min, min * count as f64),
            _ => (value(base)?, value(sum_base(count, min, step))?),
        };
        trace.put(place, &Bin::new(count, sum, min, max));
    }
    Ok(trace)
}

/// The second moment as the rest tells it: of equal values zero, else what the histogram tells.
/// `None` where that does not.
fn moment(n: &Numbers) -> Option<f64> {
    if n.min.value == n.max.value { Some(0.0) } else { n.quantiles.moment() }
}
