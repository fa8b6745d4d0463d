//! Foreign text taken apart: what of it is printed, its letters as people see them, the script of
//! each, and where a line may break.

use crate::domain::limits::MARKS_ON_A_LETTER;
use crate::domain::shown;
use std::borrow::Cow;
use std::ops::Range;
use unicode_script::{Script, UnicodeScript};
use unicode_segmentation::UnicodeSegmentation;

/// Begins and ends a name that is ordered on its own, whatever stands beside it.
const ISOLATES: [char; 2] = [shown::ISOLATE, shown::ISOLATED];

/// The text as it is set on a page: spaces for ends of lines, nothing for what is hidden, but for
/// what shapes letters of other scripts (joiners) and orders names written from the right.
pub fn clean(text: &str) -> Cow<'_, str> {
    if !text.contains(shown::is_hidden) && text.chars().all(|c| c < '\u{300}') {
        return Cow::Borrowed(text);
    }
    let from_right = is_from_right(text);
    let (mut out, mut marks) = (String::with_capacity(text.len()), 0);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let joins = is_joiner(c)
            && out.chars().next_back().is_some_and(is_shaped)
            && rest.peek().is_some_and(|next| is_shaped(*next));
        marks = if is_mark(c) { marks + 1 } else { 0 };
        if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') {
            out.push(' ');
        } else if marks > MARKS_ON_A_LETTER {
            continue;
        } else if !shown::is_hidden(c) || joins || (from_right && ISOLATES.contains(&c)) {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// Whether joiners may do something to it.
fn is_shaped(c: char) -> bool {
    c >= '\u{590}' && !is_joiner(c)
}

/// A mark that any letter may carry.
fn is_mark(c: char) -> bool {
    c.script() == Script::Inherited && !is_unseen(c)
}

/// Whether a sign has no shape of its own, whatever the font.
pub fn is_unseen(c: char) -> bool {
    shown::is_hidden(c) || matches!(c, '\u{fe00}'..='\u{fe0f}')
}

/// Whether some of it is written from right to left.
pub fn is_from_right(text: &str) -> bool {
    text.chars().any(shown::is_from_right)
}

/// A letter as people see it: a sign with its marks, a syllable of Hangul, a flag.
#[derive(Clone, Debug, PartialEq)]
pub struct Letter {
    pub range: Range<usize>,
    /// Of itself, or of its neighbours where it belongs to none.
    pub script: Script,
    /// It belongs to no script: a digit, a space, a stop.
    pub is_common: bool,
}

/// The letters of a text, in the order of the text.
pub fn letters(text: &str) -> Vec<Letter> {
    let mut found: Vec<Letter> = Vec::new();
    for (start, letter) in text.grapheme_indices(true) {
        let own = letter.chars().map(|c| c.script());
        let own = own.into_iter().find(|s| !matches!(s, Script::Common | Script::Inherited));
        let before = found.last().map_or(Script::Common, |last| last.script);
        let range = start..start + letter.len();
        found.push(Letter { range, script: own.unwrap_or(before), is_common: own.is_none() });
    }
    let first = found.iter().find(|l| !l.is_common).map_or(Script::Common, |l| l.script);
    found.iter_mut().take_while(|l| l.is_common).for_each(|l| l.script = first);
    found
}

/// The signs of a letter that a font has to have.
pub fn seen(letter: &str) -> String {
    letter.chars().filter(|c| !is_unseen(*c)).collect()
}

/// The parts of a word, between which a line may break: Chinese and Japanese have no spaces.
pub fn parts(word: &str) -> Vec<&str> {
    if word.chars().all(|c| c < '\u{2e80}') {
        return vec![word];
    }
    let mut parts = Vec::new();
    let (mut start, mut before) = (0, None);
    for (at, letter) in word.grapheme_indices(true) {
        let Some(next) = letter.chars().next() else { continue };
        if before.is_some_and(|before| may_break(before, next)) {
            parts.push(&word[start..at]);
            start = at;
        }
        before = letter.chars().next();
    }
    parts.push(&word[start..]);
    parts
}

fn may_break(before: char, next: char) -> bool {
    let opens = "([{（［｛「『【〈《〔“‘";
    let closes = ")]}）］｝」』】〉》〕、。，．・：；！？!?,.:;…ー々〻ゝゞヽヾ％%”’\
                  ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ\u{fe0f}\u{200d}";
    (is_wide(before) || is_wide(next)) && !opens.contains(before) && !closes.contains(next)
}

/// Han, kana, and the signs that go with them.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{a4cf}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}'
        | '\u{1f000}'..='\u{1faff}' | '\u{20000}'..='\u{3ffff}')
        && c != '\u{3000}'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shapes_letters_stays_and_what_hides_goes() {
        for (text, cleaned) in [
            ("a\u{200d}b\u{200b}c", "abc"),
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
            ("क्\u{200d}ष", "क्\u{200d}ष"),
            ("abc\u{202e}def", "abcdef"),
            ("\u{2068}abc\u{2069}", "abc"),
            ("\u{2068}תחנה\u{2069}", "\u{2068}תחנה\u{2069}"),
            ("bell\u{7}\nline", "bell  line"),
            ("Z\u{300}\u{301}\u{302}\u{303}\u{304}\u{305}", "Z\u{300}\u{301}\u{302}\u{303}"),
        ] {
            assert_eq!(clean(text), cleaned, "{text:?}");
        }
    }

    #[test]
    fn letters_are_whole_and_lend_their_script() {
        let of = |text: &str| {
            let told = |l: &Letter| format!("{}:{}", &text[l.range.clone()], l.script.short_name());
            letters(text).iter().map(told).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(of("東京、x"), "東:Hani 京:Hani 、:Hani x:Latn");
        assert_eq!(of("(שלום)"), "(:Hebr ש:Hebr ל:Hebr ו:Hebr ם:Hebr ):Hebr");
        assert_eq!(letters("👨\u{200d}👩\u{200d}👧🇫🇷e\u{301}").len(), 3);
    }

    #[test]
    fn lines_break_between_letters_of_wide_scripts_only() {
        assert_eq!(parts("Station"), ["Station"]);
        assert_eq!(parts("東京、京都"), ["東", "京、", "京", "都"]);
        assert_eq!(parts("「東京」駅"), ["「東", "京」", "駅"]);
        assert_eq!(parts("서울역"), ["서울역"]);
        assert_eq!(parts("グループ12"), ["グ", "ルー", "プ", "12"]);
    }
}
