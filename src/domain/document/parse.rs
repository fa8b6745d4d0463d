//! A document from the text of its JSON, without a tree of another kind between them.

use super::{Doc, Malformed};
use crate::domain::json::{Cursor, Flaw, Text, Token, Word};
use std::borrow::Cow;

type Read<T> = Result<T, Malformed>;

impl Doc {
    /// Reads JSON as [`Doc::from_json`] understands it.
    pub fn parse(bytes: &[u8]) -> Read<Doc> {
        let mut cursor = Cursor::new(bytes);
        let doc = value(&mut cursor)?;
        cursor.end().map_err(|flaw| odd(flaw, bytes))?;
        Ok(doc)
    }

    /// The same of an object, with an empty list in place of what stands under some of its keys:
    /// that is passed over.
    pub fn parse_without(bytes: &[u8], left_out: &[&str]) -> Read<Doc> {
        let mut cursor = Cursor::new(bytes);
        let flawed = |flaw| odd(flaw, bytes);
        let Token::Object = cursor.token().map_err(flawed)? else { return Doc::parse(bytes) };
        let mut pairs = Vec::new();
        while let Some(key) = cursor.key(pairs.is_empty()).map_err(flawed)? {
            let key = name(key)?;
            let is_left_out = left_out.contains(&&*key);
            pairs.push(match is_left_out {
                true => cursor.skip().map(|()| (key, Doc::List(Vec::new()))).map_err(flawed)?,
                false => (key, value(&mut cursor)?),
            });
        }
        cursor.end().map_err(flawed)?;
        Ok(Doc::Map(ordered(pairs)))
    }
}

/// As deep as the cursor goes.
fn value(cursor: &mut Cursor) -> Read<Doc> {
    let flawed = |flaw, cursor: &Cursor| odd(flaw, cursor.bytes());
    match cursor.token().map_err(|flaw| flawed(flaw, cursor))? {
        Token::Text(read) => Ok(Doc::Text(text(read)?)),
        Token::Word(read) => word(read),
        Token::List => {
            let mut list = Vec::new();
            while cursor.element(list.is_empty()).map_err(|flaw| flawed(flaw, cursor))? {
                list.push(value(cursor)?);
            }
            Ok(Doc::List(list))
        }
        Token::Object => {
            let mut pairs: Vec<(Cow<'static, str>, Doc)> = Vec::new();
            while let Some(key) = cursor.key(pairs.is_empty()).map_err(|f| flawed(f, cursor))? {
                pairs.push((name(key)?, value(cursor)?));
            }
            Ok(Doc::Map(ordered(pairs)))
        }
    }
}

/// By their keys; of equal ones the last counts.
fn ordered(mut pairs: Vec<(Cow<'static, str>, Doc)>) -> Vec<(Cow<'static, str>, Doc)> {
    if !pairs.is_sorted_by(|a, b| a.0 < b.0) {
        pairs.reverse();
        pairs.sort_by(|a, b| a.0.cmp(&b.0));
        pairs.dedup_by(|later, kept| later.0 == kept.0);
    }
    pairs
}

/// Keys that stand beside each snapshot of an entry.
const OFTEN: [&str; 2] = ["id", "missing"];

fn name(key: Text) -> Read<Cow<'static, str>> {
    match OFTEN.into_iter().find(|often| key.is(often)) {
        Some(often) => Ok(Cow::Borrowed(often)),
        None => text(key).map(Cow::Owned),
    }
}

fn text(read: Text) -> Read<String> {
    read.read().map(Cow::into_owned).map_err(|bad| Malformed(bad.words().into()))
}

fn word(word: Word) -> Read<Doc> {
    match word {
        Word::Null => Ok(Doc::Null),
        Word::Bool(flag) => Ok(Doc::Int(flag.into())),
        Word::Number(digits) => match (digits.parse(), digits.parse::<f64>()) {
            (Ok(whole), _) if digits != "-0" => Ok(Doc::Int(whole)),
            (_, Ok(number)) if number.is_finite() => Ok(Doc::Float(number)),
            _ => Err(Malformed(format!("{digits} is beyond every number"))),
        },
        Word::Odd(bytes) => {
            Err(Malformed(format!("{} is no JSON", String::from_utf8_lossy(bytes))))
        }
    }
}

fn odd(flaw: Flaw, bytes: &[u8]) -> Malformed {
    Malformed(flaw.told(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What serde_json makes of it.
    fn theirs(text: &str) -> Option<Doc> {
        serde_json::from_str(text).ok().map(Doc::from_json)
    }

    #[test]
    fn odd_documents_are_read_as_serde_json_does() {
        for text in [
            r#"{"b":1,"a":-0,"b":[true,null,false],"c":{"a":1,"a":2}}"#,
            "-0.0",
            "9223372036854775808",
            "-9223372036854775809",
            "123456789012345678901234567890",
            "0.1",
            "1e400",
            "[1,",
            "{} 1",
            r#""\ud83d""#,
        ] {
            assert_eq!(Doc::parse(text.as_bytes()).ok(), theirs(text), "{text}");
        }
    }

    #[test]
    fn what_is_left_out_is_an_empty_list() {
        let read = |text: &str| Doc::parse_without(text.as_bytes(), &["b"]);
        let doc = read(r#"{"c": 1, "b": [{"b": 2}, "]"], "a": {"b": 3}}"#).unwrap();
        assert_eq!(doc.json(), r#"{"a":{"b":3},"b":[],"c":1}"#);
        assert_eq!(read("[1]"), Doc::parse(b"[1]"));
        for odd in [r#"{"b": [1}"#, r#"{"b": 1} x"#, r#"{"b": [1]"#, ""] {
            assert!(read(odd).is_err(), "{odd}");
        }
    }

    proptest! {
        #[test]
        fn it_reads_what_serde_json_reads(
            text in concat!(
                r#"[\[\]{}:,"\\a0-9.eE+u \-]{0,24}"#,
                r#"|(\[|\{"b":)[0-9ae,.:"{}\-]{0,16}[\]}]"#,
            ),
        ) {
            prop_assert_eq!(Doc::parse(text.as_bytes()).ok(), theirs(&text));
        }

        #[test]
        fn numbers_are_read_alike(number in proptest::num::f64::NORMAL) {
            let text = format!("[{number:?},{number}]");
            prop_assert_eq!(Doc::parse(text.as_bytes()).ok(), theirs(&text));
        }
    }
}
