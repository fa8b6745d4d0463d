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
    /// Whether it is this text; one that cannot be read is none.
    pub fn is(&self, text: &str) -> bool {
        match self.escaped {
            false => self.raw == text.as_bytes(),
            true => self.read().is_ok_and(|read| read == text),
        }
    }

    /// The text that it spells; or what is wrong with it.
    pub fn read(&self) -> std::result::Result<Cow<'a, str>, BadText> {
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

impl fmt::Display for BadText {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            BadText::Encoding => {
                "a text that is not UTF-8 (is fetch.encoding = \"iso-8859-1\", or another, true?)"
            }
            BadText::Escape => "a text with an escape that JSON does not know",
            BadText::Surrogate => "a text with half of a surrogate pair",
            BadText::Control => "a text with a control character in plain sight",
        })
    }
}

fn unescaped(text: &str) -> std::result::Result<String, BadText> {
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
fn by_code(text: &str) -> std::result::Result<(char, &str), BadText> {
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

fn unit(text: &str) -> std::result::Result<(u32, &str), BadText> {
    let (digits, rest) = text.split_at_checked(4).ok_or(BadText::Escape)?;
    let plain = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let code = u32::from_str_radix(digits, 16).ok().filter(|_| plain);
    Ok((code.ok_or(BadText::Escape)?, rest))
}
