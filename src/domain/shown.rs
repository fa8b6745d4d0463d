//! Foreign text as it is shown: nothing in it can steer a terminal, hide or reorder what stands
//! around it, or pass for a line of ours.
//!
//! Invariant: what comes out has no control character (but ends of lines and tabs, where they are
//! asked for), no mark of direction and nothing invisible. The escapes are those of JSON, so that
//! inside a text of JSON they still mean what was there.

use std::borrow::Cow;
use std::fmt::Write;

/// On one line: ends of lines and tabs are escaped too.
pub fn line(text: &str) -> Cow<'_, str> {
    escaped(text, is_hidden)
}

/// Over several lines, as our own texts are: ends of lines and tabs stay.
pub fn lines(text: &str) -> Cow<'_, str> {
    escaped(text, |sign| is_hidden(sign) && !matches!(sign, '\n' | '\t'))
}

/// On one line, and at most so many letters of it.
pub fn short(text: &str, letters: usize) -> String {
    let shown = line(text);
    match shown.char_indices().nth(letters) {
        Some((end, _)) => format!("{}...", &shown[..end]),
        None => shown.into_owned(),
    }
}

/// Stands where the end of a text is left out.
pub const CUT: char = '…';

/// The first letters of a text, as they are; [`CUT`] tells that there are more. Who takes secrets
/// out of it later knows by that sign that one may have been cut.
pub fn begun(text: &str, letters: usize) -> String {
    match text.char_indices().nth(letters) {
        Some((end, _)) => format!("{}{CUT}", &text[..end]),
        None => text.into(),
    }
}

/// As it is printed on a page: a space for what ends lines or is no letter, and nothing for what
/// is invisible.
pub fn printed(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let spaced = |sign: char| sign.is_control() || matches!(sign, '\u{2028}' | '\u{2029}');
    let letters = text.chars().map(|sign| if spaced(sign) { ' ' } else { sign });
    Cow::Owned(letters.filter(|sign| !is_hidden(*sign)).collect())
}

/// Begins a name that keeps its own direction, and order, within a sentence.
pub const ISOLATE: char = '\u{2068}';
/// Ends such a name.
pub const ISOLATED: char = '\u{2069}';

/// A foreign name for a sentence of ours: where some of it is written from right to left, it is
/// set apart, so that it draws no neighbour over to its other side.
pub fn apart(name: &str) -> Cow<'_, str> {
    if !name.contains(is_from_right) || name.starts_with(ISOLATE) {
        return Cow::Borrowed(name);
    }
    let inner = name.chars().filter(|sign| ![ISOLATE, ISOLATED].contains(sign));
    Cow::Owned([ISOLATE].into_iter().chain(inner).chain([ISOLATED]).collect())
}

/// Whether a letter is of a script that is written from right to left.
pub fn is_from_right(sign: char) -> bool {
    matches!(sign, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}'
        | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

/// Whether a sign does something else than to be seen in its place.
pub fn is_hidden(sign: char) -> bool {
    sign.is_control()
        || matches!(sign,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

fn escaped(text: &str, hidden: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for sign in text.chars() {
        match sign {
            _ if !hidden(sign) => out.push(sign),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ => sign.encode_utf16(&mut [0; 2]).iter().for_each(|unit| {
                let _ = write!(out, "\\u{unit:04x}");
            }),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_of_any_script_stays() {
        for plain in ["", "a b", "Zürich 北京 Ωμέγα 🚲", "a\\nb", "***"] {
            assert!(matches!(line(plain), Cow::Borrowed(same) if same == plain));
        }
    }

    #[test]
    fn what_steers_or_hides_is_escaped() {
        assert_eq!(line("a\x1b[2Jb\r\n\tc"), "a\\u001b[2Jb\\r\\n\\tc");
        assert_eq!(lines("a\x1b\r\n\tb"), "a\\u001b\\r\n\tb");
        let odd = "\0\x07\x08\x7f\u{85}\u{9b}\u{ad}\u{200b}\u{200e}\u{202e}\u{2028}\u{2029}\u{2066}\
                   \u{feff}\u{e0041}";
        let shown = line(odd);
        assert!(shown.is_ascii(), "{shown}");
        assert!(shown.ends_with("\\ufeff\\udb40\\udc41"), "{shown}");
    }

    #[test]
    fn on_a_page_nothing_is_escaped_and_nothing_hides() {
        let odd = "Sa\u{ad}int\u{200b}-Malo\n\u{202e}Nord\u{2028}1\x1b[2J";
        assert_eq!(printed(odd), "Saint-Malo Nord 1 [2J");
        assert!(matches!(printed("Saint-Malo"), Cow::Borrowed(_)));
    }

    #[test]
    fn inside_json_it_means_the_same() {
        let odd = "a\u{202e}\u{9b}\u{e0041}";
        let json = format!("\"{odd}\"");
        let read: String = serde_json::from_str(&line(&json)).unwrap();
        assert_eq!(read, odd);
    }

    #[test]
    fn names_from_the_right_are_set_apart_in_sentences() {
        assert_eq!(apart("Rue 12"), "Rue 12");
        assert_eq!(apart("東京"), "東京");
        assert_eq!(apart("תחנה 1"), "\u{2068}תחנה 1\u{2069}");
        assert_eq!(apart("\u{2069}תחנה\u{2069} 1"), "\u{2068}תחנה 1\u{2069}");
        assert_eq!(apart(&apart("شارع")), "\u{2068}شارع\u{2069}");
    }

    #[test]
    fn what_is_begun_tells_that_there_is_more() {
        assert_eq!(begun("ébc", 3), "ébc");
        assert_eq!(begun("ébcd", 3), "ébc…");
    }

    #[test]
    fn a_short_text_is_cut_after_it_is_escaped() {
        assert_eq!(short("abc", 3), "abc");
        assert_eq!(short("\x1babc", 7), "\\u001ba...");
    }
}
