//! Scalars that are passed without a look at what they say, eight bytes at a time where that goes.
//! Where one ends is what the cursor says, too.

use super::{plain, word};

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = ONES << 7;

/// The end of the text or word that begins at a place; none where there is neither, or where the
/// bytes end with it.
#[inline(always)]
pub fn scalar(bytes: &[u8], at: usize) -> Option<usize> {
    if *bytes.get(at)? == b'"' { text(bytes, at + 1) } else { word(bytes, at) }
}

/// The end of the text whose first byte stands there.
#[inline(always)]
fn text(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += plain(bytes.get(at..)?);
        match *bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

#[inline(always)]
fn word(bytes: &[u8], at: usize) -> Option<usize> {
    let mut end = at + digits(bytes, at);
    if !word::ends(*bytes.get(end)?) {
        end += word::length(bytes.get(end..)?);
    }
    (end > at && end < bytes.len()).then_some(end)
}

/// The end of the number that begins there, where it is written in the usual way: digits, a point
/// and digits, a minus before them; none where it is not, or is no number at all.
#[inline(always)]
pub fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let start = at + usize::from(*bytes.get(at)? == b'-');
    let whole = digits(bytes, start);
    if whole == 0 || (whole > 1 && bytes.get(start) == Some(&b'0')) {
        return None;
    }
    let mut end = start + whole;
    if *bytes.get(end)? == b'.' {
        let places = digits(bytes, end + 1);
        if places == 0 {
            return None;
        }
        end += 1 + places;
    }
    word::ends(*bytes.get(end)?).then_some(end)
}

/// How many digits stand there.
#[inline(always)]
fn digits(bytes: &[u8], at: usize) -> usize {
    let mut end = at;
    while let Some(eight) = bytes.get(end..).and_then(|rest| rest.first_chunk()) {
        let run = run(u64::from_le_bytes(*eight));
        end += run;
        if run < 8 {
            return end - at;
        }
    }
    let rest = bytes.get(end..).unwrap_or_default();
    end + rest.iter().take_while(|byte| byte.is_ascii_digit()).count() - at
}

/// How many of eight bytes, from the first, are digits: those whose distance from `0` is at most
/// nine, for which adding 0x76 does not reach the highest bit.
#[inline(always)]
fn run(word: u64) -> usize {
    let apart = word ^ (ONES * 0x30);
    let odd = (apart | ((apart & !HIGH) + ONES * 0x76)) & HIGH;
    (odd.trailing_zeros() / 8) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::json::{Cursor, Token, Word};
    use proptest::prelude::*;

    fn text() -> impl Strategy<Value = Vec<u8>> {
        let signs = prop_oneof![
            any::<u8>(),
            proptest::sample::select(&b"0123456789-+.eE\"\\,]} {nultrfase"[..])
        ];
        proptest::collection::vec(signs, 0..24)
    }

    proptest! {
        #[test]
        fn a_scalar_ends_where_the_cursor_says(text in text()) {
            let mut cursor = Cursor::new(&text);
            let token = cursor.token();
            let is_scalar = matches!(token, Ok(Token::Text(_) | Token::Word(_)));
            let blank = text.first().is_none_or(|byte| byte.is_ascii_whitespace());
            match scalar(&text, 0) {
                Some(end) => prop_assert!(is_scalar && end == cursor.at(), "{token:?} {end}"),
                None => prop_assert!(!is_scalar || blank || cursor.at() == text.len()),
            }
        }

        #[test]
        fn a_usual_number_is_one(text in text()) {
            let mut cursor = Cursor::new(&text);
            if let Some(end) = number(&text, 0) {
                let is_number = matches!(cursor.token(), Ok(Token::Word(Word::Number(_))));
                prop_assert!(is_number && end == cursor.at());
            }
        }

        #[test]
        fn usual_numbers_are_known(whole in any::<i64>(), places in 0u32..2_000) {
            let text = match places % 2 {
                0 => whole.to_string(),
                _ => format!("{whole}.{places}"),
            };
            prop_assert_eq!(number(format!("{text},").as_bytes(), 0), Some(text.len()));
            prop_assert_eq!(number(text.as_bytes(), 0), None);
        }
    }
}
