//! A text of JSON: what it spells, or why it cannot be read.

use std::borrow::Cow;
use std::fmt;

/// A text between its quotes, as it stands.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a> {
    pub(super) raw: &'a [u8],
    pub(super) escaped: bool,
    pub(super) control: bool,
}

impl<'a> Text<'a> {
    /// As it stands.
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// Whether it is this text; one that cannot be read is none.
    pub fn is(&self, text: &str) -> bool {
        match self.escaped {
            false => self.raw == text.as_bytes(),
            // An escape takes at most six bytes for each that it spells.
            true if self.raw.len() > 6 * text.len() => false,
            true => self.read().is_ok_and(|read| read == text),
        }
    }

    /// The text that it spells; or what is wrong with it.
    pub fn read(&self) -> Result<Cow<'a, str>, BadText> {
        if self.control {
            return Err(BadText::Control);
        }
        let text = std::str::from_utf8(self.raw).map_err(|_| BadText::Encoding)?;
        if self.escaped { unescaped(text).map(Cow::Owned) } else { Ok(Cow::Borrowed(text)) }
    }
}

/// Why a text cannot be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BadText {
    Encoding,
    Escape,
    Surrogate,
    Control,
}

impl BadText {
    pub fn words(self) -> &'static str {
        match self {
            BadText::Encoding => {
                "a text that is not UTF-8 (is fetch.encoding = \"iso-8859-1\", or another, true?)"
            }
            BadText::Escape => "a text with an escape that JSON does not know",
            BadText::Surrogate => "a text with half of a surrogate pair",
            BadText::Control => "a text with a control character in plain sight",
        }
    }
}

impl fmt::Display for BadText {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.words())
    }
}

/// How many bytes there are before the first that a text must be looked at for: a quote, a
/// backslash, a control character. Eight at a time: "Determine if a word has a byte less than n",
/// from Anderson, "Bit Twiddling Hacks"; the lowest byte that it finds is a true one.
pub fn plain(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let less = |word: u64, than: u64| word.wrapping_sub(ONES * than) & !word & (ONES << 7);
    let mut at = 0;
    while let Some(eight) = bytes.get(at..).and_then(|rest| rest.first_chunk()) {
        let word = u64::from_le_bytes(*eight);
        let (quote, back) = (word ^ (ONES * 0x22), word ^ (ONES * 0x5c));
        let found = less(word, 0x20) | less(quote, 1) | less(back, 1);
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let odd = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(odd).unwrap_or(rest.len())
}

fn unescaped(text: &str) -> Result<String, BadText> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((plain, after)) = rest.split_once('\\') {
        out.push_str(plain);
        let sign = after.chars().next().ok_or(BadText::Escape)?;
        rest = &after[sign.len_utf8()..];
        out.push(match sign {
            '"' | '\\' | '/' => sign,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let (c, after) = by_code(rest)?;
                rest = after;
                c
            }
            _ => return Err(BadText::Escape),
        });
    }
    out.push_str(rest);
    Ok(out)
}

/// The character of a `\u`, one or two of them.
fn by_code(text: &str) -> Result<(char, &str), BadText> {
    let (high, rest) = unit(text)?;
    if !(0xd800..0xe000).contains(&high) {
        return Ok((char::from_u32(high).ok_or(BadText::Escape)?, rest));
    }
    let low = rest.strip_prefix("\\u").ok_or(BadText::Surrogate)?;
    let (low, rest) = unit(low)?;
    if high >= 0xdc00 || !(0xdc00..0xe000).contains(&low) {
        return Err(BadText::Surrogate);
    }
    let code = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
    Ok((char::from_u32(code).ok_or(BadText::Surrogate)?, rest))
}

fn unit(text: &str) -> Result<(u32, &str), BadText> {
    let (digits, rest) = text.split_at_checked(4).ok_or(BadText::Escape)?;
    let plain = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let code = u32::from_str_radix(digits, 16).ok().filter(|_| plain);
    Ok((code.ok_or(BadText::Escape)?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn eight_bytes_at_a_time_are_as_good_as_one(
            bytes in proptest::collection::vec(
                prop_oneof![any::<u8>(), 0x1eu8..0x24, 0x5au8..0x5e], 0..40,
            ),
        ) {
            let odd = |byte: &u8| *byte < 0x20 || *byte == b'"' || *byte == b'\\';
            prop_assert_eq!(plain(&bytes), bytes.iter().position(odd).unwrap_or(bytes.len()));
        }
    }
}
