//! How a text may spell the same bytes: percent signs, escapes of JSON, HTML and others, several
//! times over; base64 and hex of them. Each byte keeps its place in the text as it was written.

/// A byte, and where in the written text it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sign {
    pub byte: u8,
    pub from: usize,
    pub to: usize,
}

/// How often a text may have been encoded over.
const LAYERS: usize = 8;

/// The text as it is written, and what it spells when it is decoded once, twice...
pub fn layers(text: &[u8]) -> Vec<Vec<Sign>> {
    let written = |(at, byte): (usize, &u8)| Sign { byte: *byte, from: at, to: at + 1 };
    let first: Vec<Sign> = text.iter().enumerate().map(written).collect();
    let mut all = vec![first.clone()];
    // `=3D` is an escape of mail, and most often none.
    for mail in [false, true] {
        let mut last = first.clone();
        for _ in 1..LAYERS {
            let next = decoded(&last, mail);
            if next == last {
                break;
            }
            all.push(next.clone());
            last = next;
        }
    }
    all
}

/// The bytes that are left when nothing more can be decoded.
pub fn deepest(text: &[u8]) -> Vec<u8> {
    let mut last = text.to_vec();
    for _ in 1..LAYERS {
        let written = |(at, byte): (usize, &u8)| Sign { byte: *byte, from: at, to: at + 1 };
        let signs: Vec<Sign> = last.iter().enumerate().map(written).collect();
        last = decoded(&signs, false).iter().map(|sign| sign.byte).collect();
    }
    last
}

fn decoded(layer: &[Sign], mail: bool) -> Vec<Sign> {
    let mut out = Vec::with_capacity(layer.len());
    let mut rest = layer;
    while let Some(first) = rest.first() {
        let window: Vec<u8> = rest.iter().take(12).map(|sign| sign.byte).collect();
        let (bytes, taken) = escape(&window, mail).unwrap_or((vec![first.byte], 1));
        let to = rest.get(taken - 1).map_or(first.to, |last| last.to);
        out.extend(bytes.into_iter().map(|byte| Sign { byte, from: first.from, to }));
        rest = &rest[taken.min(rest.len())..];
    }
    out
}

/// The escape that the bytes begin with: what it stands for, and how many it takes.
fn escape(bytes: &[u8], mail: bool) -> Option<(Vec<u8>, usize)> {
    match *bytes {
        [b'%', b'u' | b'U', ref rest @ ..] => Some((letter(number(rest.get(..4)?, 16)?)?, 6)),
        [b'%', ref rest @ ..] => Some((vec![number(rest.get(..2)?, 16)? as u8], 3)),
        [b'=', ref rest @ ..] if mail => Some((vec![number(rest.get(..2)?, 16)? as u8], 3)),
        [b'\\', ref rest @ ..] => backslash(rest),
        [b'&', b'#', ref rest @ ..] => by_number(rest),
        [b'&', ref rest @ ..] => by_name(rest),
        // The wide forms of the letters of ASCII, as they are typed in the east of Asia.
        [0xef, 0xbc, low @ 0x81..=0xbf, ..] => Some((vec![low - 0x81 + b'!'], 3)),
        [0xef, 0xbd, low @ 0x80..=0x9e, ..] => Some((vec![low - 0x80 + b'`'], 3)),
        _ => None,
    }
}

fn backslash(rest: &[u8]) -> Option<(Vec<u8>, usize)> {
    match *rest {
        [b'u', b'{', ref rest @ ..] => {
            let end = rest.iter().position(|byte| *byte == b'}')?;
            Some((letter(number(&rest[..end], 16)?)?, end + 4))
        }
        [b'u', ref rest @ ..] => {
            let unit = number(rest.get(..4)?, 16)?;
            let second = || match rest.get(4..10)? {
                [b'\\', b'u', low @ ..] => number(low, 16),
                _ => None,
            };
            let pair = second().filter(|_| (0xd800..0xdc00).contains(&unit));
            let both = pair.filter(|low| (0xdc00..0xe000).contains(low));
            match both {
                Some(low) => {
                    let code = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                    Some((letter(code)?, 12))
                }
                None => Some((letter(unit)?, 6)),
            }
        }
        [b'x', ref rest @ ..] => Some((vec![number(rest.get(..2)?, 16)? as u8], 4)),
        [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', ..] => {
            Some((vec![(a - b'0') * 64 + (b - b'0') * 8 + (c - b'0')], 4))
        }
        [sign @ (b'/' | b'\\' | b'"' | b'\'' | b'`'), ..] => Some((vec![sign], 2)),
        [b'n' | b'r' | b't' | b'b' | b'f' | b'0', ..] => Some((vec![0], 2)),
        _ => None,
    }
}

fn by_number(rest: &[u8]) -> Option<(Vec<u8>, usize)> {
    let (radix, digits, lead) = match rest {
        [b'x' | b'X', digits @ ..] => (16, digits, 3),
        digits => (10, digits, 2),
    };
    let is_digit = |byte: &&u8| char::from(**byte).is_digit(radix);
    let count = digits.iter().take_while(is_digit).count();
    let ends = usize::from(digits.get(count) == Some(&b';'));
    Some((letter(number(&digits[..count], radix)?)?, lead + count + ends))
}

fn by_name(rest: &[u8]) -> Option<(Vec<u8>, usize)> {
    const NAMES: [(&str, u8); 30] = [
        ("amp", b'&'),
        ("apos", b'\''),
        ("ast", b'*'),
        ("bsol", b'\\'),
        ("colon", b':'),
        ("comma", b','),
        ("commat", b'@'),
        ("dollar", b'$'),
        ("equals", b'='),
        ("excl", b'!'),
        ("grave", b'`'),
        ("gt", b'>'),
        ("hat", b'^'),
        ("lbrace", b'{'),
        ("lowbar", b'_'),
        ("lpar", b'('),
        ("lsqb", b'['),
        ("lt", b'<'),
        ("nbsp", b' '),
        ("num", b'#'),
        ("percnt", b'%'),
        ("period", b'.'),
        ("plus", b'+'),
        ("quest", b'?'),
        ("quot", b'"'),
        ("rbrace", b'}'),
        ("rpar", b')'),
        ("rsqb", b']'),
        ("semi", b';'),
        ("sol", b'/'),
    ];
    let named = |(name, sign): &(&str, u8)| {
        let tail = rest.get(..name.len() + 1)?;
        let same = tail[..name.len()].eq_ignore_ascii_case(name.as_bytes());
        (same && tail.ends_with(b";")).then(|| (vec![*sign], name.len() + 2))
    };
    NAMES.iter().find_map(named)
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    let text = std::str::from_utf8(digits).ok()?;
    let all = !text.is_empty() && text.chars().all(|sign| sign.is_digit(radix));
    u32::from_str_radix(text, radix).ok().filter(|_| all)
}

fn letter(code: u32) -> Option<Vec<u8>> {
    Some(char::from_u32(code)?.to_string().into_bytes())
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// What of the base64 of any text around these bytes depends on them alone, when `before` bytes
/// stand before them in their group of three.
pub fn base64_core(bytes: &[u8], before: usize) -> Vec<u8> {
    core(bytes, before, BASE64)
}

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The same of base32, whose groups are of five.
pub fn base32_core(bytes: &[u8], before: usize) -> Vec<u8> {
    core(bytes, before, BASE32)
}

/// The letters of an alphabet, of a power of two of them, that the bits of these bytes fill whole.
fn core(bytes: &[u8], before: usize, alphabet: &[u8]) -> Vec<u8> {
    let width = alphabet.len().ilog2() as usize;
    let bit = |at: usize| {
        at.checked_sub(before * 8)
            .and_then(|at| bytes.get(at / 8).map(|byte| byte >> (7 - at % 8) & 1))
    };
    let group = |at: usize| {
        (0..width).try_fold(0, |sum, k| Some(sum << 1 | usize::from(bit(at * width + k)?)))
    };
    let all = (before * 8 + bytes.len() * 8).div_ceil(width);
    (0..all).filter_map(group).filter_map(|value| alphabet.get(value).copied()).collect()
}

/// The bytes that a base64 of either alphabet stands for.
pub fn from_base64(text: &[u8]) -> Option<Vec<u8>> {
    let plain = |byte: &u8| match byte {
        b'-' => b'+',
        b'_' => b'/',
        other => *other,
    };
    let kept: Vec<u8> = text.iter().map(plain).filter(|byte| *byte != b'=').collect();
    let (mut out, mut bits, mut count) = (Vec::new(), 0u32, 0);
    for byte in kept {
        let value = BASE64.iter().position(|known| *known == byte)?;
        bits = bits << 6 | u32::try_from(value).ok()?;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count & 0xff) as u8);
        }
    }
    Some(out)
}

/// Hex with a sign between the bytes, as of fingerprints and dumps.
pub fn hex_apart(bytes: &[u8], sign: u8) -> Vec<u8> {
    let parts: Vec<Vec<u8>> = bytes.chunks(1).map(hex).collect();
    parts.join(&sign)
}

pub fn hex(bytes: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let two = |byte: &u8| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]];
    bytes.iter().flat_map(two).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone_layer_by_layer() {
        for (text, plain) in [
            ("a%2Fb%2fc", "a/b/c"),
            ("a%252525c", "a%c"),
            ("\\u0061\\x62\\143\\/", "abc/"),
            ("&#97;&#x62;&amp;&#99", "ab&c"),
            ("%26amp%3B", "&"),
            ("\\\\u0061", "a"),
            ("\\ud83d\\udeb2%F0%9F%9A%B2\\u{1f6b2}", "🚲🚲🚲"),
            ("ｋｅｙ％２Ｆ！～", "key/!~"),
            ("100%, \\q &so; %zz =", "100%, \\q &so; %zz ="),
        ] {
            assert_eq!(String::from_utf8_lossy(&deepest(text.as_bytes())), plain, "{text}");
            let last = layers(text.as_bytes());
            assert!(
                last.iter().any(|layer| layer.iter().map(|s| s.byte).eq(plain.bytes())),
                "{text}"
            );
        }
    }

    #[test]
    fn the_core_of_base64_is_in_all_around_it() {
        assert_eq!(base64_core(b"foobar", 0), b"Zm9vYmFy");
        assert_eq!(base64_core(b"foo:bar", 0), b"Zm9vOmJhc");
        // "xfoobarx" and "xxfoobarx"
        assert!(b"eGZvb2Jhcng=".windows(7).any(|part| part == base64_core(b"foobar", 1)));
        assert!(b"eHhmb29iYXJ4".windows(7).any(|part| part == base64_core(b"foobar", 2)));
        assert_eq!(from_base64(b"Zm9vOmJhcg==").as_deref(), Some(&b"foo:bar"[..]));
        assert_eq!(from_base64(b"not base64!"), None);
        assert_eq!(hex(b"k\xff"), b"6bff");
        assert_eq!(hex_apart(b"k\xff", b':'), b"6b:ff");
        assert_eq!(base32_core(b"foobar", 0), b"MZXW6YTBO");
        // "xfoobarx"
        assert!(b"PBTG633CMFZHQ===".windows(9).any(|part| part == base32_core(b"foobar", 1)));
    }
}
