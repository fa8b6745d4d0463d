//! A value of JSON without quotes, and the grammar of numbers.

/// A value without quotes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Word<'a> {
    Null,
    Bool(bool),
    /// By the grammar of JSON, of any size.
    Number(&'a str),
    /// Nothing that JSON knows: `NaN`, `007`, `.5`.
    Odd(&'a [u8]),
}

/// Which bytes end a word.
const ENDS_WORD: [bool; 256] = ends_word();

const fn ends_word() -> [bool; 256] {
    let mut ends = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        ends[byte] = matches!(
            byte as u8,
            b',' | b']' | b'}' | b':' | b'"' | b'[' | b'{' | b' ' | b'\n' | b'\r' | b'\t'
        );
        byte += 1;
    }
    ends
}

/// Whether a byte ends a word.
pub(super) fn ends(byte: u8) -> bool {
    ENDS_WORD[usize::from(byte)]
}

/// How many bytes the word at the start of these has.
pub(super) fn length(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| ends(*byte)).unwrap_or(bytes.len())
}

impl<'a> Word<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Word<'a> {
        match bytes {
            b"null" => Word::Null,
            b"true" => Word::Bool(true),
            b"false" => Word::Bool(false),
            _ => match std::str::from_utf8(bytes) {
                Ok(text) if is_number(bytes) => Word::Number(text),
                _ => Word::Odd(bytes),
            },
        }
    }
}

/// The grammar of numbers, RFC 8259 section 6.
fn is_number(bytes: &[u8]) -> bool {
    let digits = |bytes: &[u8]| bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = bytes.strip_prefix(b"-").unwrap_or(bytes);
    let whole = digits(rest);
    if whole == 0 || (whole > 1 && rest[0] == b'0') {
        return false;
    }
    let mut rest = &rest[whole..];
    if let Some(fraction) = rest.strip_prefix(b".") {
        let places = digits(fraction);
        if places == 0 {
            return false;
        }
        rest = &fraction[places..];
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        let plain = match exponent {
            [b'+' | b'-', plain @ ..] => plain,
            plain => plain,
        };
        let places = digits(plain);
        return places > 0 && places == plain.len();
    }
    rest.is_empty()
}
