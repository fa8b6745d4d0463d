//! Takes secrets out of texts, however they are spelt there.
//!
//! Invariant: what a text spells is compared, not how: each secret is sought in the text as it is
//! written and in what it decodes to, in either case, in both alphabets of base64, as base64
//! (twice, too), base32 and hex of itself, with anything before and behind. A secret of less than
//! four letters is sought only where it stands alone: else each letter of a text would have to go.

use super::spelling::{
    Sign, base32_core, base64_core, deepest, from_base64, hex, hex_apart, layers,
};
use crate::domain::shown::CUT;
use std::collections::BTreeSet;
use std::fmt;

/// What stands in place of a secret.
pub const STARS: &str = "***";

/// Secrets of fewer bytes are sought where they stand alone.
const ALONE_BELOW: usize = 4;

/// How often what lies between finds is looked through again; a part that still spells a secret
/// then goes whole.
const PASSES: usize = 8;

/// Letters of a part of a secret that says something by itself, between signs at which answers are
/// taken apart.
const PART: usize = 6;

/// Letters that a cut may have left of one sign, such as two of `%2F`.
const REST: usize = 9;

/// Knows some secrets, and shows none of them.
#[derive(Clone, Default)]
pub struct Redactor {
    needles: Vec<Needle>,
    /// Those of which folding leaves too little to be sought in every text, as they are.
    whole: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Needle {
    /// Folded: see [`fold`].
    bytes: Vec<u8>,
    alone: bool,
    /// A letter of base64 before it, and one behind it, hold bits of it too.
    ragged: [bool; 2],
}

impl Redactor {
    /// For these secrets.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Redactor {
        let secrets: Vec<&str> = secrets.into_iter().map(str::trim).collect();
        let needles: BTreeSet<Needle> = secrets.iter().flat_map(|s| needles_of(s)).collect();
        let is_short = |s: &str| folded(written(s.as_bytes())).len() < ALONE_BELOW;
        let whole = secrets.into_iter().filter(|s| s.len() >= ALONE_BELOW && is_short(s));
        let whole = whole.map(str::to_string).collect();
        Redactor { needles: needles.into_iter().collect(), whole }
    }

    /// For words that tell of an answer: its parts, so those of a secret too where it holds a sign
    /// at which answers are taken apart.
    pub fn of_words<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Redactor {
        let parts_of = |secret: &'a str| {
            let parts = secret
                .split(|sign: char| !sign.is_alphanumeric() && !"-_+/.~!$%*\\".contains(sign));
            parts.filter(|part| part.len() >= PART).chain([secret])
        };
        Redactor::new(secrets.into_iter().flat_map(parts_of))
    }

    /// Whether a text spells a secret.
    pub fn finds(&self, text: &str) -> bool {
        !self.places(text).is_empty()
    }

    /// The text with stars in place of each secret.
    pub fn redact(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        self.write(text, PASSES, &mut out);
        out
    }

    /// What lies between two finds is a text of its own: a short secret may stand alone only now.
    fn write(&self, text: &str, passes: usize, out: &mut String) {
        let mut places = self.places(text);
        if places.is_empty() {
            return out.push_str(text);
        }
        if passes == 0 {
            return out.push_str(STARS);
        }
        places.sort_unstable();
        let mut end = 0;
        for (from, to) in places {
            // A find can begin or end within a letter only where the letter is not a plain one.
            let (from, to) = (text.floor_char_boundary(from), text.ceil_char_boundary(to));
            // An overlap, or two in one spelling, are one.
            if from >= end {
                self.write(&text[end..from], passes - 1, out);
                out.push_str(STARS);
            }
            end = to.max(end);
        }
        self.write(&text[end..], passes - 1, out);
    }

    fn places(&self, text: &str) -> Vec<(usize, usize)> {
        if self.needles.is_empty() && self.whole.is_empty() {
            return Vec::new();
        }
        let layers = layers(text.as_bytes()).into_iter().map(folded);
        let whole = self.whole.iter().flat_map(|secret| text.match_indices(secret.as_str()));
        let whole = whole.map(|(at, secret)| (at, at + secret.len()));
        layers.flat_map(|layer| self.places_in(&layer)).chain(whole).collect()
    }

    fn places_in(&self, layer: &[Sign]) -> Vec<(usize, usize)> {
        let of = |needle: &Needle| -> Vec<(usize, usize)> {
            let count = needle.bytes.len();
            let windows = layer.windows(count).enumerate();
            let same = windows.filter(|(_, window)| {
                window.iter().map(|sign| sign.byte).eq(needle.bytes.iter().copied())
            });
            let free = same.filter(|(at, _)| !needle.alone || is_alone(layer, *at, *at + count));
            free.map(|(at, _)| place(layer, at, at + count, needle.ragged)).collect()
        };
        self.needles.iter().flat_map(of).chain(self.cut_in(layer)).collect()
    }

    /// The begun secrets that a text breaks off in: half a secret is one too.
    fn cut_in(&self, layer: &[Sign]) -> Vec<(usize, usize)> {
        let mark = CUT.to_string().into_bytes();
        let is_mark = |window: &[Sign]| window.iter().map(|sign| sign.byte).eq(mark.clone());
        let marks = layer.windows(mark.len()).enumerate().filter(|(_, window)| is_mark(window));
        let before = |end: usize| {
            let ends = end.saturating_sub(REST)..=end;
            let begins = ends.filter_map(|end| Some(end - self.begun_at(layer.get(..end)?)?));
            Some((layer.get(begins.min()?)?.from, layer.get(end)?.from))
        };
        marks.filter_map(|(end, _)| before(end)).collect()
    }

    /// How many of the last letters begin a secret; `None` where they are too few to say.
    fn begun_at(&self, text: &[Sign]) -> Option<usize> {
        let ends_in = |begun: &[u8]| {
            let same = text.len().checked_sub(begun.len()).and_then(|from| text.get(from..));
            same.is_some_and(|same| same.iter().map(|sign| sign.byte).eq(begun.iter().copied()))
        };
        let needles = self.needles.iter().filter(|needle| !needle.alone);
        let counts = needles.filter_map(|Needle { bytes, .. }| {
            (ALONE_BELOW..bytes.len()).rev().find(|count| ends_in(&bytes[..*count]))
        });
        counts.max()
    }
}

/// No secret is shown, however it is looked at.
impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(STARS)
    }
}

/// Where a find stands in the written text, with the padding of a base64 behind it.
fn place(layer: &[Sign], at: usize, end: usize, ragged: [bool; 2]) -> (usize, usize) {
    let is_letter = |sign: &Sign| sign.byte.is_ascii_alphanumeric() || b" /".contains(&sign.byte);
    let [before, behind] = ragged;
    let at = at.checked_sub(1).filter(|at| before && is_letter(&layer[*at])).unwrap_or(at);
    let end = end + usize::from(behind && layer.get(end).is_some_and(is_letter));
    let padding = layer[end..].iter().take(6).take_while(|sign| sign.byte == b'=').count();
    (layer[at].from, layer[end + padding - 1].to)
}

fn is_alone(layer: &[Sign], at: usize, end: usize) -> bool {
    let is_word = |sign: Option<&Sign>| sign.is_some_and(|sign| sign.byte.is_ascii_alphanumeric());
    !is_word(at.checked_sub(1).and_then(|before| layer.get(before))) && !is_word(layer.get(end))
}

/// Letters that stand for each other in one spelling or another are one: both cases, both
/// alphabets of base64, the plus of a form for a space, the backslash that becomes a slash in an
/// address; what is not printed is nothing.
fn fold(byte: u8) -> Option<u8> {
    match byte {
        b'-' | b'+' | b' ' => Some(b' '),
        b'_' | b'/' | b'\\' => Some(b'/'),
        0..b' ' | 0x7f => None,
        _ => Some(byte.to_ascii_lowercase()),
    }
}

fn folded(layer: Vec<Sign>) -> Vec<Sign> {
    let fold = |sign: Sign| fold(sign.byte).map(|byte| Sign { byte, ..sign });
    let mut out: Vec<Sign> = Vec::with_capacity(layer.len());
    for sign in layer.into_iter().filter_map(fold) {
        match out.last_mut() {
            // In an address an escaped slash becomes two, and two mean one.
            Some(last) if (last.byte, sign.byte) == (b'/', b'/') => last.to = sign.to,
            _ => out.push(sign),
        }
    }
    out
}

/// Letters outside of ASCII are not folded, so a secret is known in its other cases too.
fn needles_of(secret: &str) -> Vec<Needle> {
    let cases = [secret.to_string(), secret.to_lowercase(), secret.to_uppercase()];
    let several = if secret.is_ascii() { &cases[..1] } else { &cases[..] };
    several.iter().flat_map(|secret| needles_in_case(secret)).collect()
}

fn needles_in_case(secret: &str) -> Vec<Needle> {
    let secret = secret.trim();
    let alone = secret.len() < ALONE_BELOW;
    let mut out = Vec::new();
    for bytes in same_as(secret) {
        let core = |before: usize| {
            let behind = !(before + bytes.len()).is_multiple_of(3);
            (base64_core(&bytes, before), [before > 0, behind])
        };
        let of_hex = [hex(&bytes), hex_apart(&bytes, b':'), hex_apart(&bytes, b' ')];
        let plain = [bytes.clone()].into_iter().chain(of_hex).map(|bytes| (bytes, [false; 2]));
        let plain = plain.chain([core(0)]);
        let of_five = (0..5).map(|before| (base32_core(&bytes, before), [before > 0, true]));
        // Base64 of what is base64 already, as in a header within a header.
        let twice = (0..9).map(|n| (base64_core(&core(n / 3).0, n % 3), [n > 0, true]));
        let inside = [core(1), core(2)].into_iter().chain(of_five).chain(twice);
        out.extend(plain.chain(inside.filter(|_| !alone)).map(|(bytes, ragged)| {
            let signs = folded(written(&bytes));
            Needle { bytes: signs.iter().map(|sign| sign.byte).collect(), alone, ragged }
        }));
    }
    out.retain(|needle| !needle.bytes.is_empty());
    // What is left of a longer one must not be sought in every text.
    out.iter_mut().for_each(|needle| needle.alone |= needle.bytes.len() < ALONE_BELOW);
    out
}

fn written(bytes: &[u8]) -> Vec<Sign> {
    bytes.iter().map(|byte| Sign { byte: *byte, from: 0, to: 0 }).collect()
}

/// The bytes that a secret is known by.
fn same_as(secret: &str) -> Vec<Vec<u8>> {
    let bytes = secret.as_bytes().to_vec();
    let bare = secret.trim_end_matches('=').as_bytes().to_vec();
    let latin = secret.chars().map(|sign| u8::try_from(u32::from(sign)).ok()).collect();
    let latin: Option<Vec<u8>> = latin;
    let wide: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let meant = from_base64(secret.as_bytes()).filter(|meant| is_text(meant));
    let password = meant.as_ref().and_then(|meant| {
        let at = meant.iter().position(|byte| *byte == b':')?;
        Some(meant[at + 1..].to_vec()).filter(|password| password.len() >= ALONE_BELOW)
    });
    let mut all = vec![deepest(&bytes), bytes, bare, wide];
    all.extend(latin.into_iter().chain(meant).chain(password));
    all.sort_unstable();
    all.dedup();
    all
}

/// Whether bytes are a text that somebody wrote, and not a chance of decoding.
fn is_text(bytes: &[u8]) -> bool {
    bytes.len() >= 6 && bytes.iter().all(|byte| (b' '..=b'~').contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(secret: &str, text: &str, expected: &str) {
        assert_eq!(Redactor::new([secret]).redact(text), expected, "{secret} in {text}");
    }

    #[test]
    fn every_spelling_of_a_base64_key_goes() {
        let key = "Zm9v/YmF+cg==";
        for text in [
            "Zm9v/YmF+cg==",
            "Zm9v/YmF%2Bcg%3D%3D",
            "Zm9v%2fYmF%2bcg%3d%3d",
            "Zm9v%252FYmF%252Bcg%253D%253D",
            "Zm9v_YmF-cg",
            "Zm9v_YmF-cg%3D%3D",
            "Zm9v/YmF cg==",
            "ZM9V/YMF+CG==",
            "Zm9v\\/YmF+cg\\u003d\\u003D",
            "Zm9v&#x2F;YmF&#43;cg&equals;&#61;",
            "\\u005am9v\\/YmF\\u002bcg==",
            "%5Am9v/%59mF+c%67==",
            "Zm9v/\tYm\0F+cg==",
            "Zm9v//YmF+cg==",
            "Zm9v\\YmF+cg==",
            "Zm9v\\\\/YmF+cg==",
            "Zm9v%5C%2FYmF%2Bcg==",
            "Zm9v///YmF%2Bcg==",
            "5A6D39762F596D462B63673D3D",
            "Wm05di9ZbUYrY2c9PQ==",
        ] {
            check(key, &format!("k={text}&x=1"), "k=***&x=1");
        }
    }

    #[test]
    fn a_secret_goes_out_of_what_is_made_of_it() {
        check("hunter2x", "Basic bWU6aHVudGVyMng=", "Basic bWU6***");
        check("s3cr3t pass", "a?q=s3cr3t+pass;s3cr3t%20pass", "a?q=***;***");
        check("bWU6aHVudGVyMng=", "hello me:hunter2x, or hunter2x", "hello ***, or ***");
        check("pässword", "p%E4ssword p%C3%A4ssword P\\u00e4ssword PÄSSWORD", "*** *** *** ***");
        check("k%2Fey1", "k%2Fey1 k/ey1 k%252Fey1", "*** *** ***");
        check("//a//b_c", "a /a/b/c //a\\/b__c", "a *** ***");
        check("longer", "a longerlonger b", "a ****** b");
        check("s3cr3t!", "73:33:63:72:33:74:21 73-33-63-72-33-74-21", "*** ***");
        check("s3cr3t!", "a OMZWG4RTOQQQ==== b", "a *** b");
        // "user:s3cr3t!x" in base64, and that again.
        check("s3cr3t!", "k=ZFhObGNqcHpNMk55TTNRaGVBPT0=;", "k=ZFhObGNqc***VBPT0=;");
        check("s3cr3t!", "ｓ３ｃｒ３ｔ！ and s３cr3t!", "*** and ***");
        check("s3cr3t", "s%00%33%00c\0r\x003%00t", "***");
    }

    #[test]
    fn other_text_stays() {
        let text = "get http://e.org/a%20b?x=1&y=%C3%A9: 100% of 5+5, é\\n";
        assert_eq!(Redactor::new(["s3cr3t", "Zm9v/YmF+cg==", "", " "]).redact(text), text);
        assert_eq!(Redactor::default().redact(text), text);
    }

    #[test]
    fn a_very_short_secret_goes_where_it_stands_alone() {
        check("abc", "k=abc&x=abcd/abc", "k=***&x=abcd/***");
        check("7", "a=7 b=77 c=%37", "a=*** b=77 c=***");
        check("5//e", "http5//e.org 5/e/ 15//en", "http***.org ***/ 1***n");
    }

    #[test]
    fn what_stands_alone_only_after_a_find_goes_too() {
        check("\0mF\0", "\0mF\0mF=%[", "******%[");
    }

    #[test]
    fn what_a_cut_left_of_a_secret_goes_too() {
        let key = "plainSECRETkey12345";
        for begun in
            ["plai", "plainSECRETkey1234", "%70%6cainS%4", "\\u0070lain\\u{5", "cGxhaW5TRUNS"]
        {
            check(key, &format!("a \"{begun}…\" b"), "a \"***…\" b");
        }
        check(key, "a pla… b", "a pla… b");
        check(key, "a plain b", "a plain b");
    }

    #[test]
    fn in_words_the_parts_of_a_secret_go_too() {
        let redactor = Redactor::of_words(["hunter,secret;ab"]);
        assert_eq!(redactor.redact("a secret, hunter or ab"), "a ***, *** or ab");
        assert_eq!(redactor.redact("x=hunter,secret;ab"), "x=***");
        assert_eq!(format!("{redactor:?}"), STARS);
    }

    fn encoded(text: &str, how: usize) -> String {
        match how {
            0 => text.bytes().map(|byte| format!("%{byte:02x}")).collect(),
            1 => url::form_urlencoded::byte_serialize(text.as_bytes()).collect(),
            2 => text.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect(),
            3 => text.chars().map(|sign| format!("&#{};", u32::from(sign))).collect(),
            4 => String::from_utf8_lossy(&hex(text.as_bytes())).to_uppercase(),
            5 => String::from_utf8_lossy(&base64_core(text.as_bytes(), 0)).into_owned(),
            6 => text.to_uppercase(),
            _ => text.to_string(),
        }
    }

    proptest! {
        #[test]
        fn no_spelling_of_a_spelling_survives(
            secret in "[!-~]{4,24}", first in 0..8usize, second in 0..4usize, tail in "[ -~]{0,9}",
        ) {
            // Twice, of which the inner one is no base64 or hex: those are sought once.
            let spelt = encoded(&encoded(&secret, first), second);
            let redactor = Redactor::new([secret.as_str()]);
            let shown = redactor.redact(&format!("a {spelt} {tail}"));
            prop_assert!(shown.starts_with("a ***"), "{} as {}: {}", secret, spelt, shown);
            let rest = shown.replace(STARS, "\u{e000}");
            prop_assert!(!redactor.finds(&rest));
        }
    }
}
