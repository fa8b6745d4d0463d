//! Texts in plain letters, to compare what people write in several ways.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// In lower case, without accents (NFKD, <https://unicode.org/reports/tr15/>) and points; what is
/// no letter or digit is one blank, but for signs behind a letter (`C++`, `C#`).
pub fn plain(text: &str) -> String {
    let letters = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    let mut out = String::new();
    for letter in letters {
        match letter {
            // `S.A.` is a word.
            '.' => {}
            // Two letters in one.
            'œ' => out.push_str("oe"),
            'æ' => out.push_str("ae"),
            'ß' => out.push_str("ss"),
            'ø' => out.push('o'),
            'ł' => out.push('l'),
            // `C++` and `C#` are no `C`.
            '+' if out.ends_with(char::is_alphanumeric) => out.push_str("plus"),
            '#' if out.ends_with(char::is_alphanumeric) => out.push_str("sharp"),
            letter if letter.is_alphanumeric() => out.push(letter),
            _ => out.push(' '),
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether all words of one text stand in another one, in plain letters.
pub fn says_no_more(text: &str, other: &str) -> bool {
    let (text, other) = (plain(text), plain(other));
    let words: Vec<&str> = other.split(' ').collect();
    text.split(' ').all(|word| words.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_otherwise_is_the_same() {
        assert_eq!(plain("  Société Générale, S.A. "), "societe generale sa");
        assert_eq!(plain("De\u{301}le\u{301}gué/e n°2"), "delegue e n 2");
        assert_eq!(plain("Œuvre, Groß, Łódź"), "oeuvre gross lodz");
        let coders = ["C", "C++", "C#", "C + +"].map(plain);
        assert_eq!(coders, ["c", "cplusplus", "csharp", "c"]);
        assert_eq!(plain("…"), "");
    }

    #[test]
    fn a_label_may_be_shorter_and_says_nothing_else() {
        let own = "Délégué / Déléguée à la protection des données - Data Protection Officer";
        assert!(says_no_more("Délégué à la protection des données", own));
        assert!(says_no_more("data protection officer", own));
        assert!(!says_no_more("Data engineer", own));
    }
}
