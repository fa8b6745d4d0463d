//! A value as it stands in an answer, of whatever format, before it is known what it is for.

use crate::domain::decimal::Decimal;
use crate::domain::json::{Text, Word};
use crate::domain::limits::NUMBER_BYTES;
use crate::domain::shown::begun;
use std::borrow::Cow;

/// What stands at a declared place of one item.
#[derive(Clone, PartialEq, Debug, Default)]
pub enum Raw<'a> {
    /// No such place.
    #[default]
    Absent,
    /// The place is there, and says that there is nothing.
    Null,
    Bool(bool),
    /// A number of JSON, with all its digits.
    Number(&'a str),
    Text(Cow<'a, str>),
    /// A word that is no JSON value: `NaN`, `007`.
    Odd(Cow<'a, str>),
    /// A text that cannot be read as one, and why.
    Bad(Cow<'a, str>),
    /// An object or a list where a scalar is declared.
    Nested,
    /// More than one value where one is declared.
    Several,
    /// Values of a place where several may stand.
    Many(Vec<Raw<'a>>),
}

/// What two finds for one place come to.
pub type Both<'a> = fn(Raw<'a>, Raw<'a>) -> Raw<'a>;

/// What stands in the text of a page between digits that are no one number: they are on two lines,
/// raised, struck out; or perhaps are none, which nobody can tell. No other text has these signs.
pub const LINE: char = '\u{2029}';
pub const DOUBT: char = '\u{2028}';

/// Longest piece of a value in a message.
const SHOWN: usize = 40;

impl<'a> Raw<'a> {
    pub fn of_word(word: Word<'a>) -> Raw<'a> {
        match word {
            Word::Null => Raw::Null,
            Word::Bool(flag) => Raw::Bool(flag),
            Word::Number(text) => Raw::Number(text),
            Word::Odd(bytes) => Raw::Odd(String::from_utf8_lossy(bytes)),
        }
    }

    /// A text of JSON.
    pub fn of_json(text: &Text<'a>) -> Raw<'a> {
        match text.read() {
            Ok(text) => Raw::Text(text),
            Err(bad) => Raw::Bad(Cow::Borrowed(bad.words())),
        }
    }

    pub fn of_text(text: &str) -> Raw<'_> {
        Raw::Text(Cow::Borrowed(text))
    }

    /// Whether there is nothing.
    pub fn is_none(&self) -> bool {
        matches!(self, Raw::Absent | Raw::Null)
    }

    /// Whether it holds the sign for bytes that mean nothing.
    pub fn is_damaged(&self) -> bool {
        matches!(self, Raw::Text(text) if text.contains(char::REPLACEMENT_CHARACTER))
    }

    /// The same; but a text that holds that sign, where some were put in, cannot be read.
    pub fn undamaged(&self) -> Raw<'a> {
        match self.is_damaged() {
            true => Raw::Bad(Cow::Borrowed("a text with bytes that mean nothing in its encoding")),
            false => self.clone(),
        }
    }

    /// The same for who asks for no number: blanks in the place of [`LINE`] and [`DOUBT`].
    pub fn on_one_line(self) -> Raw<'a> {
        match self {
            Raw::Text(text) if text.contains([LINE, DOUBT]) => {
                Raw::Text(text.replace([LINE, DOUBT], " ").into())
            }
            other => other,
        }
    }

    /// Two finds for one place: one of them that is something, or too many.
    pub fn and(self, other: Raw<'a>) -> Raw<'a> {
        match (self, other) {
            (one, Raw::Absent) | (Raw::Absent | Raw::Null, one) | (one, Raw::Null) => one,
            _ => Raw::Several,
        }
    }

    /// Two finds for one place that takes several: all that are something.
    pub fn with(self, other: Raw<'a>) -> Raw<'a> {
        match (self, other) {
            (one, Raw::Absent | Raw::Null) => one,
            (Raw::Absent | Raw::Null, one) => one,
            (Raw::Many(mut all), Raw::Many(more)) => {
                all.extend(more);
                Raw::Many(all)
            }
            (Raw::Many(mut all), one) => {
                all.push(one);
                Raw::Many(all)
            }
            (one, Raw::Many(more)) => Raw::Many([one].into_iter().chain(more).collect()),
            (one, other) => Raw::Many(vec![one, other]),
        }
    }

    /// Its text, as it was sent; `None` for flags and for what is no single readable value.
    pub fn text(&self) -> Option<&str> {
        match self {
            Raw::Number(text) => Some(text),
            Raw::Text(text) => Some(text),
            _ => None,
        }
    }

    /// As the key of a series or a record: a number in the one way in which it is written out.
    pub fn key(&self) -> Option<Cow<'_, str>> {
        match self {
            Raw::Number(text) if text.len() > NUMBER_BYTES || is_written_out(text) => {
                Some(Cow::Borrowed(text))
            }
            Raw::Number(text) => {
                let plain = Decimal::parse(text).and_then(|number| number.plain());
                Some(plain.map_or(Cow::Borrowed(*text), Cow::Owned))
            }
            Raw::Text(text) => Some(Cow::Borrowed(text)),
            _ => None,
        }
    }

    /// For a message, shortened.
    pub fn show(&self) -> String {
        match self {
            Raw::Absent | Raw::Null => "nothing".into(),
            Raw::Nested => "an object or a list".into(),
            Raw::Several | Raw::Many(_) => "more than one value".into(),
            Raw::Bool(flag) => flag.to_string(),
            Raw::Number(text) => begun(text, SHOWN),
            Raw::Text(text) => {
                format!("{:?}", begun(text, SHOWN).replace([LINE, DOUBT], "\n"))
            }
            Raw::Odd(text) => format!("{}, no JSON value,", begun(text, SHOWN)),
            Raw::Bad(why) => why.to_string(),
        }
    }
}

/// Whole numbers of JSON are, but for minus nothing.
fn is_written_out(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    text != "-0" && digits.bytes().all(|byte| byte.is_ascii_digit())
}
