//! Values: the one way to read them. What a number is, whether it equals a marker of `missing`
//! or `where`, and what a flag is, is told here for all formats and all places.

use crate::domain::decimal::{Decimal, Form, is_decimal};
use crate::domain::form::raw::{DOUBT, Raw};
use crate::domain::limits::NUMBER_BYTES;
use crate::domain::quantile::scaled;
use crate::domain::source::{Field, Kind, Marker, Pick, Test};
use std::borrow::Cow;

/// A piece of the text of an [`super::Extraction`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Span {
    pub from: u32,
    pub to: u32,
}

/// The value of a field in one item.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Value {
    Absent,
    /// Finite.
    Number(f64),
    Text(Span),
}

/// The largest magnitude that is taken for a measurement: its square, summed over all that an
/// hour may hold, is still a finite number.
const LARGEST: f64 = 1e140;

/// The largest number of steps of a declared resolution: up to it, whole numbers are exact.
const STEPS: f64 = (1u64 << 53) as f64;

/// How far from its grid a number may lie, in steps, for what scaling and doubles do to it.
const OFF_GRID: f64 = 1e-6;

/// How many decimal digits a double tells for sure.
const DIGITS: usize = 15;

/// A number as a field declares it: scaled and moved; `None` where there is none. One that lies
/// off the declared grid is left in `off`.
pub(super) fn measured(
    raw: &Raw,
    field: &Field,
    resolution: Option<f64>,
    off: &mut Option<f64>,
) -> Result<Option<f64>, String> {
    if raw.is_none() || is_marked(raw, &field.missing, &field.form) {
        return Ok(None);
    }
    let value = number(raw, &field.form).ok_or_else(|| raw.show())?;
    let value = if field.scale == 1.0 { value } else { scaled(value, field.scale) };
    let value = if field.offset == 0.0 { value } else { moved(value, field.offset) };
    if value.abs() > LARGEST {
        return Err(format!("{value:e}, too large to be summed,"));
    }
    if let Some(step) = resolution {
        let steps = value / step;
        if steps.abs() > STEPS {
            return Err(format!("{value:e}, too large for its resolution,"));
        }
        if off.is_none() && !is_on_grid(steps) {
            *off = Some(value);
        }
    }
    Ok(Some(value))
}

/// A number as most are, short and whole and on its grid, of a field with nothing of its own; what
/// [`measured`] gives for it.
#[inline]
pub(super) fn usual(text: &str, resolution: Option<f64>) -> Option<f64> {
    let value = whole(text)?;
    let steps = value / resolution.unwrap_or(1.0);
    (steps.abs() <= STEPS && steps as i64 as f64 == steps).then_some(value)
}

/// A value plus an offset, without the noise that doubles leave in a small sum of greater ones:
/// 282.05 - 273.15 is 8.9.
fn moved(value: f64, offset: f64) -> f64 {
    let sum = value + offset;
    let size = value.abs().max(offset.abs());
    let before = if size < 1.0 { 0 } else { size.log10() as usize + 1 };
    let places = DIGITS.saturating_sub(before);
    format!("{sum:.places$}").parse().map_or(sum, |sum: f64| sum + 0.0)
}

/// Whether a number of steps is a whole one, but for what doubles do to it.
fn is_on_grid(steps: f64) -> bool {
    // Most are, exactly.
    steps as i64 as f64 == steps
        || (steps - steps.round()).abs() <= OFF_GRID + steps.abs() * 4.0 * f64::EPSILON
}

/// A finite number of a size that can be summed, also from a text of this form.
pub(super) fn number(raw: &Raw, form: &Form) -> Option<f64> {
    any_number(raw, form).filter(|value| value.abs() <= LARGEST)
}

/// Whether it is longer than any number is taken to be.
fn is_long(raw: &Raw) -> bool {
    raw.text().is_some_and(|text| text.len() > NUMBER_BYTES)
}

fn any_number(raw: &Raw, form: &Form) -> Option<f64> {
    match raw {
        _ if is_long(raw) => None,
        Raw::Number(text) => double(text),
        Raw::Text(text) => plain(text, form)?.parse().ok(),
        _ => None,
    }
}

/// Short whole numbers, the most frequent ones, need no parser of doubles.
fn double(text: &str) -> Option<f64> {
    whole(text).or_else(|| text.parse().ok())
}

#[inline]
fn whole(text: &str) -> Option<f64> {
    let digits = text.as_bytes();
    let is_whole = (1..=15).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    let add = |sum: u64, digit: &u8| sum * 10 + u64::from(digit - b'0');
    is_whole.then(|| digits.iter().fold(0, add) as f64)
}

fn plain<'t>(text: &'t str, form: &Form) -> Option<Cow<'t, str>> {
    let usual = form.decimal == '.' && form.thousands.is_none() && is_decimal(text);
    if usual { Some(Cow::Borrowed(text)) } else { form.plain(text).map(Cow::Owned) }
}

pub(super) fn is_marked(raw: &Raw, markers: &[Marker], form: &Form) -> bool {
    !markers.is_empty() && markers.iter().any(|marker| equals(raw, marker, form))
}

/// Whether an element passes a filter; numbers in it have the form of the feed.
pub(super) fn passes(raw: &Raw, test: &Test, form: &Form) -> bool {
    match test {
        Test::Present(wanted) => raw.is_none() != *wanted,
        Test::Equals(marker) => equals(raw, marker, form),
        Test::Not(marker) => !equals(raw, marker, form),
    }
}

/// Whether it cannot be told if a value is what a filter names.
pub(super) fn is_unclear(raw: &Raw, test: &Test, form: &Form) -> bool {
    match (raw, test) {
        (Raw::Bad(_) | Raw::Several | Raw::Many(_), _) => true,
        (Raw::Nested, Test::Equals(_) | Test::Not(_)) => true,
        (Raw::Odd(_), Test::Equals(marker) | Test::Not(marker)) => !equals(raw, marker, form),
        _ => false,
    }
}

/// Whether a value is what a declaration names. Numbers are equal as exact decimals, however
/// they are spelled; true and false also as texts, and as 1 and 0; texts letter by letter.
fn equals(raw: &Raw, marker: &Marker, form: &Form) -> bool {
    match marker {
        Marker::Flag(wanted) => flag(raw, form) == Some(*wanted),
        Marker::Number(wanted) => match raw {
            Raw::Bool(flag) => wanted.exact.flag() == Some(*flag),
            _ => {
                let near = any_number(raw, form).is_some_and(|value| value == wanted.float);
                near && decimal(raw, form).as_ref() == Some(&wanted.exact)
                    || word_of_flag(raw).is_some() && word_of_flag(raw) == wanted.exact.flag()
            }
        },
        Marker::Text(wanted) => match raw {
            Raw::Bool(flag) => {
                let number = || Decimal::parse(wanted).and_then(|number| number.flag());
                by_word(wanted).or_else(number) == Some(*flag)
            }
            _ if by_word(wanted).is_some() => flag(raw, form) == by_word(wanted),
            Raw::Odd(word) => *word == *wanted,
            _ => raw.text() == Some(wanted.as_str()) || same_number(raw, wanted, form),
        },
    }
}

/// Two numbers in texts, neither of which is a code.
fn same_number(raw: &Raw, wanted: &str, form: &Form) -> bool {
    let coded = matches!(raw, Raw::Text(text) if is_code(text));
    let number = plain(wanted, form).filter(|_| !is_code(wanted) && !wanted.starts_with('+'));
    let number = number.and_then(|plain| Decimal::parse(&plain));
    !coded && number.is_some_and(|wanted| decimal(raw, form) == Some(wanted))
}

/// Zeros in front of other digits make a number a code: 007 is not 7.
fn is_code(text: &str) -> bool {
    let digits = text.trim().trim_start_matches('-');
    digits.strip_prefix('0').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

fn decimal(raw: &Raw, form: &Form) -> Option<Decimal> {
    match raw {
        _ if is_long(raw) => None,
        Raw::Number(text) => Decimal::parse(text),
        Raw::Text(text) => Decimal::parse(&plain(text, form)?),
        _ => None,
    }
}

fn flag(raw: &Raw, form: &Form) -> Option<bool> {
    match raw {
        Raw::Bool(flag) => Some(*flag),
        _ => word_of_flag(raw).or_else(|| decimal(raw, form)?.flag()),
    }
}

fn word_of_flag(raw: &Raw) -> Option<bool> {
    match raw {
        Raw::Text(text) => by_word(text),
        _ => None,
    }
}

fn by_word(text: &str) -> Option<bool> {
    let text = text.trim();
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    if is("true") { Some(true) } else { is("false").then_some(false) }
}

/// Whether a text field can be kept.
pub(super) fn is_within(field: &Field, raw: &Raw, most: usize) -> Result<(), String> {
    let bytes = raw.text().map_or(0, str::len);
    if field.kind != Kind::Text || bytes <= most {
        return Ok(());
    }
    let (name, picks) = (&field.name, &field.picks);
    Err(format!("{name}: a text of {bytes} bytes at {picks}, of which at most {most} are kept"))
}

/// What a capture cuts out of a text; the text where there is none. It cuts nothing out of what
/// may be one number.
pub(super) fn captured<'t>(pick: &Pick, text: Cow<'t, str>) -> Option<Cow<'t, str>> {
    let Some(regex) = &pick.capture else { return Some(text) };
    let range = regex.captures(&text)?.get(1)?.range();
    let blank = |c: char| c.is_whitespace() && c != DOUBT;
    let (before, behind) = (text.get(..range.start)?, text.get(range.end..)?);
    let is_torn = before.trim_end_matches(blank).ends_with(DOUBT)
        || behind.trim_start_matches(blank).starts_with(DOUBT);
    if is_torn {
        return None;
    }
    Some(match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.get(range)?),
        Cow::Owned(text) => Cow::Owned(text.get(range)?.to_string()),
    })
}

/// What a capture cuts out; `None` where there is none, and an error where it does not match.
pub(super) fn cut<'t>(pick: &Pick, raw: &'t Raw) -> Result<Option<Raw<'t>>, ()> {
    let (Some(_), Some(text)) = (&pick.capture, raw.text()) else { return Ok(None) };
    captured(pick, Cow::Borrowed(text)).map(|text| Some(Raw::Text(text))).ok_or(())
}

pub(super) fn unread(field: &Field, raw: &Raw, found: &str, how: &str) -> String {
    let hint = match (raw, field.kind) {
        (Raw::Bool(_), Kind::Number(_)) => "; true and false are kind = \"text\"",
        _ => "",
    };
    format!("{}: {found} cannot be read at {}{how}{hint}", field.name, field.picks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::source::Number;
    use proptest::prelude::*;
    use proptest::sample::select;

    fn read(text: &str) -> Option<f64> {
        number(&Raw::of_text(text), &Form::default())
    }

    #[test]
    fn numbers_in_texts_are_plain_decimals() {
        assert_eq!(read("-12.5"), Some(-12.5));
        assert_eq!(read(" 1e3 "), Some(1000.0));
        assert_eq!(read("-1e140"), Some(-1e140));
        for bad in ["1e141", "", "ND", "nan", "inf", "1 000", "0x10", "1e999", "-", "e", "1,5"] {
            assert!(read(bad).is_none(), "{bad}");
        }
        assert_eq!(number(&Raw::Number("1e400"), &Form::default()), None);
        assert_eq!(number(&Raw::Number("328"), &Form::default()), Some(328.0));
    }

    fn field() -> Field {
        Field {
            name: "x".into(),
            picks: crate::domain::source::Picks(Vec::new()),
            unit: None,
            title: Default::default(),
            kind: Kind::Number(Default::default()),
            missing: Vec::new(),
            scale: 1.0,
            offset: 0.0,
            form: Form::default(),
            steps: Vec::new(),
            join: None,
            required: false,
            optional: false,
        }
    }

    proptest! {
        #[test]
        fn what_is_usual_is_measured_the_same(
            text in prop_oneof!["[0-9]{1,17}", "-?[0-9]{0,3}\\.?[0-9]{0,3}(e[0-9])?"],
            step in select(vec![None, Some(1.0), Some(0.1), Some(7.0), Some(1e-3)]),
        ) {
            let mut off = None;
            let judged = measured(&Raw::Number(&text), &field(), step, &mut off);
            if let Some(value) = usual(&text, step) {
                prop_assert_eq!((judged, off), (Ok(Some(value)), None));
            }
        }
    }

    #[test]
    fn scales_do_not_add_noise() {
        assert_eq!(scaled(3.0, 0.1), 0.3);
        assert_eq!(scaled(-2067.0, 0.001), -2.067);
        assert_eq!(scaled(2.0, 1000.0), 2000.0);
        assert_eq!(scaled(7.0, 1.0), 7.0);
    }

    #[test]
    fn offsets_do_not_add_noise() {
        assert_eq!(moved(282.05, -273.15), 8.9);
        assert_eq!(moved(273.15, -273.15).to_string(), "0");
        assert_eq!(moved(270.95, -273.15), -2.2);
        assert_eq!(moved(0.1, 0.2), 0.3);
        assert_eq!(moved(1e20, -273.15), 1e20 - 273.15);
        assert_eq!(moved(9_007_199_254_740_991.0, 1.0), 9_007_199_254_740_992.0);
    }

    #[test]
    fn doubles_lie_on_their_grid_and_other_values_do_not() {
        for (value, step) in [(0.1 + 0.2, 0.1), (1e15, 1.0), (-2067.3, 0.1), (0.89028, 0.00001)] {
            assert!(is_on_grid(value / step), "{value} {step}");
        }
        for (value, step) in [(0.4, 1.0), (2.5, 1.0), (12.34, 0.1), (0.89028, 0.0001)] {
            assert!(!is_on_grid(value / step), "{value} {step}");
        }
    }

    #[test]
    fn markers_are_found_however_they_are_spelled() {
        let point = Form::default();
        let comma = Form { decimal: ',', ..Form::default() };
        let is = |raw: &Raw, marker: &Marker, form: &Form| equals(raw, marker, form);
        let wanted = |text: &str| Marker::Number(Number::parse(text).unwrap());
        let word = |text: &str| Marker::Text(text.into());
        let text = Raw::of_text;
        for (raw, marker, form) in [
            (text("-9999,0"), wanted("-9999"), &comma),
            (text("-9999.00"), word("-9999"), &point),
            (Raw::Number("-9999.0"), word("-9999"), &point),
            (text("0,5"), wanted("0.5"), &comma),
            (text("-99,90"), word("-99,9"), &comma),
            (Raw::Number("-99.9"), word("-99,9"), &comma),
            (Raw::Bool(true), wanted("1"), &point),
            (Raw::Bool(true), word("true"), &point),
            (Raw::Bool(true), word("1"), &point),
            (Raw::Number("1"), word("true"), &point),
            (text("TRUE"), word("true"), &point),
            (Raw::Bool(false), wanted("0.0"), &point),
            (Raw::Number("1"), Marker::Flag(true), &point),
            (text("true"), Marker::Flag(true), &point),
            (text("False"), Marker::Flag(false), &point),
            (text("1"), Marker::Flag(true), &point),
            (text("true"), wanted("1"), &point),
            (Raw::Odd("NaN".into()), word("NaN"), &point),
            (text("007"), word("007"), &point),
        ] {
            assert!(is(&raw, &marker, form), "{raw:?} {marker:?}");
        }
        for (raw, marker) in [
            (text("-9999,0"), wanted("-9999")),
            (text("7"), word("007")),
            (text("007"), word("7")),
            (text(" 007"), word("7")),
            (text("ND"), wanted("0")),
            (Raw::Bool(true), wanted("2")),
            (Raw::Bool(false), Marker::Flag(true)),
            (Raw::Null, Marker::Flag(false)),
            (Raw::Number("18446744073709551615"), wanted("18446744073709551614")),
        ] {
            assert!(!is(&raw, &marker, &point), "{raw:?} {marker:?}");
        }
    }
}
