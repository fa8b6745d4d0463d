//! JSON, token by token. The structure of a text is read by the book (RFC 8259); what stands in
//! it is handed over as bytes, so that one bad text or number costs what it belongs to, and a
//! number keeps all its digits until it is known what it is for. Nothing here recurses.

mod flaw;
mod scalar;
#[cfg(test)]
mod strict;
mod text;
mod word;

pub use flaw::{Flaw, FlawKind, Result};
pub use scalar::{number, scalar};
pub use text::{BadText, Text, plain};
pub use word::Word;

pub use super::limits::JSON_DEPTH as DEPTH_MAX;

/// The start of a value. Of a list or an object only the opening sign is taken.
#[derive(Clone, Copy, Debug)]
pub enum Token<'a> {
    Object,
    List,
    Text(Text<'a>),
    Word(Word<'a>),
}

/// A place in a JSON text.
pub struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: usize,
}

impl<'a> Cursor<'a> {
    pub fn new(bytes: &'a [u8]) -> Cursor<'a> {
        Cursor { bytes, at: 0, depth: 0 }
    }

    fn flaw<T>(&self, what: &'static str) -> Result<T> {
        let kind = if self.at < self.bytes.len() { FlawKind::Wanted(what) } else { FlawKind::End };
        Err(Flaw { at: self.at, kind })
    }

    /// The next byte that is no blank.
    pub fn peek(&mut self) -> Option<u8> {
        while let Some(byte) = self.bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(*byte);
            }
            self.at += 1;
        }
        None
    }

    fn open(&mut self) -> Result<()> {
        self.at += 1;
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(Flaw { at: self.at, kind: FlawKind::Deep });
        }
        Ok(())
    }

    fn close(&mut self) {
        self.at += 1;
        self.depth -= 1;
    }

    /// Takes a scalar whole, or the sign that opens a list or an object.
    pub fn token(&mut self) -> Result<Token<'a>> {
        match self.peek() {
            Some(b'{') => self.open().map(|()| Token::Object),
            Some(b'[') => self.open().map(|()| Token::List),
            Some(b'"') => self.text().map(Token::Text),
            _ => self.word().map(Token::Word),
        }
    }

    fn text(&mut self) -> Result<Text<'a>> {
        let start = self.at + 1;
        let (mut at, mut escaped, mut control) = (start, false, false);
        loop {
            let rest = self.bytes.get(at..).unwrap_or_default();
            let plain = plain(rest);
            at += plain;
            match rest.get(plain) {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    at += 2;
                }
                Some(_) => {
                    control = true;
                    at += 1;
                }
                None => return Err(Flaw { at: self.bytes.len(), kind: FlawKind::End }),
            }
        }
        self.at = at + 1;
        Ok(Text { raw: &self.bytes[start..at], escaped, control })
    }

    fn word(&mut self) -> Result<Word<'a>> {
        let rest = &self.bytes[self.at..];
        let length = word::length(rest);
        if length == 0 {
            return self.flaw("a value");
        }
        // A text that is cut in a word may mean something else than it says.
        self.at += length;
        if self.at == self.bytes.len() && self.depth > 0 {
            return self.flaw("a value");
        }
        Ok(Word::of(&rest[..length]))
    }

    /// In an object: the next key, with the colon behind it; `None` at its end, which is taken.
    pub fn key(&mut self, first: bool) -> Result<Option<Text<'a>>> {
        match self.peek() {
            Some(b'}') => {
                self.close();
                return Ok(None);
            }
            Some(b',') if !first => {
                self.at += 1;
                self.peek();
            }
            Some(_) if first => {}
            _ => return self.flaw("a comma or a }"),
        }
        if self.bytes.get(self.at) != Some(&b'"') {
            return self.flaw("a key in quotes");
        }
        let key = self.text()?;
        if self.peek() != Some(b':') {
            return self.flaw("a colon");
        }
        self.at += 1;
        Ok(Some(key))
    }

    /// In a list: whether one more value stands there; its end is taken.
    pub fn element(&mut self, first: bool) -> Result<bool> {
        match self.peek() {
            Some(b']') => {
                self.close();
                Ok(false)
            }
            Some(b',') if !first => {
                self.at += 1;
                Ok(true)
            }
            Some(_) if first => Ok(true),
            _ => self.flaw("a comma or a ]"),
        }
    }

    /// Passes one value, whatever it is.
    pub fn skip(&mut self) -> Result<()> {
        let outside = self.depth;
        let mut objects = [0u64; DEPTH_MAX / 64 + 1];
        let mut first = self.pass(&mut objects)?;
        while self.depth > outside {
            first = self.next_inside(&objects, first)? && self.pass(&mut objects)?;
        }
        Ok(())
    }

    /// Passes a scalar, or the sign that opens a list or an object; whether it opened one.
    fn pass(&mut self, objects: &mut [u64]) -> Result<bool> {
        let token = self.token()?;
        let bit = 1 << (self.depth % 64);
        match token {
            Token::Object => objects[self.depth / 64] |= bit,
            Token::List => objects[self.depth / 64] &= !bit,
            Token::Text(_) | Token::Word(_) => return Ok(false),
        }
        Ok(true)
    }

    /// Whether one more value stands in what was opened last; its key is passed.
    fn next_inside(&mut self, objects: &[u64], first: bool) -> Result<bool> {
        match objects[self.depth / 64] >> (self.depth % 64) & 1 {
            1 => Ok(self.key(first)?.is_some()),
            _ => self.element(first),
        }
    }

    /// Nothing but blanks is left.
    pub fn end(&mut self) -> Result<()> {
        match self.peek() {
            None => Ok(()),
            Some(_) => self.flaw("the end of the text"),
        }
    }

    /// How many bytes are passed.
    pub fn at(&self) -> usize {
        self.at
    }

    /// The whole text.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Goes on behind a value that somebody else has passed.
    pub fn go_to(&mut self, at: usize) {
        self.at = at;
    }
}

#[cfg(test)]
mod tests {
    use super::strict::check;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn structure_is_read_by_the_book() {
        for good in
            ["[]", " {\"a\" : [1, {\"b\":null}], \"c\":\"\\u00e9\"} ", "0", "\"\"", "[[[]]]"]
        {
            assert_eq!(check(good.as_bytes()), Ok(()), "{good}");
        }
        for bad in [
            "",
            "[",
            "[1,]",
            "[,1]",
            "{\"a\"}",
            "{\"a\":}",
            "{a:1}",
            "{\"a\":1,}",
            "[1 2]",
            "]",
            "1 2",
            "[1}",
            "{\"a\":1]",
            "\"",
            "[\"a",
            "[nul]",
            "[NaN]",
            "[007]",
            "[.5]",
            "[1.]",
            "[+1]",
            "[\"\\x\"]",
            "[\"\\ud83d\"]",
            "[\"\t\"]",
            "{\"\\ud83d\":1}",
            "[1",
            "{,}",
            "{\"a\" 1}",
        ] {
            assert!(check(bad.as_bytes()).is_err(), "{bad}");
        }
        let deep = |n: usize| "[".repeat(n) + &"]".repeat(n);
        assert_eq!(check(deep(DEPTH_MAX).as_bytes()), Ok(()));
        assert!(check(deep(DEPTH_MAX + 1).as_bytes()).unwrap_err().contains("deep"));
        assert!(check("[".repeat(100_000).as_bytes()).is_err());
    }

    #[test]
    fn a_bad_text_is_told_when_it_is_read() {
        let text = |json: &'static [u8]| match Cursor::new(json).token() {
            Ok(Token::Text(text)) => text.read().map(|read| read.into_owned()),
            other => panic!("{other:?}"),
        };
        assert_eq!(text(br#""\ud83d\ude00\n\/""#), Ok("\u{1f600}\n/".into()));
        assert_eq!(text(br#""Quai \ud83d""#), Err(BadText::Surrogate));
        assert_eq!(text(br#""\ude00\ud83d""#), Err(BadText::Surrogate));
        assert_eq!(text(b"\"r\xe9duit\""), Err(BadText::Encoding));
        assert_eq!(text(br#""\u12g4""#), Err(BadText::Escape));
    }

    #[test]
    fn flaws_say_where() {
        let told = |text: &str| check(text.as_bytes()).unwrap_err();
        assert_eq!(told("[1,\n 2 3]"), "it is not JSON: a comma or a ] was due at line 2 column 4");
        assert_eq!(told("[1,"), "it is not complete JSON: it ends too early, after 3 bytes");
    }

    fn json() -> impl Strategy<Value = String> {
        proptest::string::string_regex("[\\[\\]{}:,\"\\\\a0-9.eE+u \\-]{0,24}").unwrap()
    }

    proptest! {
        #[test]
        fn it_reads_what_serde_json_reads(text in json()) {
            let theirs = serde_json::from_str::<serde_json::Value>(&text);
            let ours = check(text.as_bytes());
            // Numbers that no double holds are numbers all the same.
            let error = theirs.as_ref().err().map(ToString::to_string).unwrap_or_default();
            let large = error.contains("out of range");
            prop_assert!(large || theirs.is_ok() == ours.is_ok(), "{theirs:?} {ours:?}");
        }

        #[test]
        fn what_is_skipped_is_what_is_walked(text in json()) {
            let mut cursor = Cursor::new(text.as_bytes());
            let skipped = cursor.skip().and_then(|()| cursor.end());
            prop_assert!(check(text.as_bytes()).is_err() || skipped.is_ok());
        }
    }
}
