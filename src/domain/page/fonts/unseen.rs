//! Letters that no font here shows: as code points on the page, and where to get a font.

use super::wanted::{Kind, Wanted, is_east_asian};
use crate::domain::format::Lang;
use crate::domain::limits::CODE_POINTS;
use std::collections::{BTreeMap, BTreeSet};
use unicode_script::{Script, UnicodeScript};

/// Letters in a row as their code points: ‹U+6771 U+4EAC›; of many the first, and how many more.
pub fn told(letters: &str) -> String {
    let signs: Vec<char> = letters.chars().filter(|c| !super::letters::is_unseen(*c)).collect();
    let shown = if signs.len() > CODE_POINTS { CODE_POINTS - 1 } else { signs.len() };
    let mut words: Vec<String> =
        signs.iter().take(shown).map(|c| format!("U+{:04X}", u32::from(*c))).collect();
    if shown < signs.len() {
        words.push(format!("+{}", signs.len() - shown));
    }
    format!("‹{}›", words.join("\u{a0}"))
}

/// What is left to show.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Unseen {
    pub words: BTreeSet<String>,
    pub letters: BTreeMap<Kind, BTreeSet<String>>,
}

/// The Debian package that has a font for a letter, as far as one is known.
fn package(letter: &str) -> Option<&'static str> {
    let first = letter.chars().next()?;
    match first.script() {
        Script::Unknown => None,
        script if is_east_asian(script) => (first < '\u{20000}').then_some("fonts-noto-cjk"),
        Script::Common | Script::Inherited => match first {
            '\u{2e80}'..='\u{33ff}' | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ffef}' => {
                Some("fonts-noto-cjk")
            }
            '\u{1f000}'..='\u{1faff}' => Some("fonts-symbola"),
            _ => Some("fonts-noto-core"),
        },
        _ => Some("fonts-noto-core"),
    }
}

impl Unseen {
    /// What of `wanted` is not `shown` by the fonts there are.
    pub fn of(wanted: &Wanted, shown: impl Fn(&str) -> bool) -> Unseen {
        let lacking = |letters: &BTreeSet<String>| -> BTreeSet<String> {
            letters.iter().filter(|letter| !shown(letter)).cloned().collect()
        };
        let letters = wanted.letters.iter().map(|(kind, letters)| (*kind, lacking(letters)));
        let letters: BTreeMap<_, _> = letters.filter(|(_, letters)| !letters.is_empty()).collect();
        let all: BTreeSet<&String> = letters.values().flatten().collect();
        let has = |word: &&String| {
            let parts = super::letters::letters(word);
            parts.iter().any(|l| all.contains(&super::letters::seen(&word[l.range.clone()])))
        };
        let words = wanted.words.iter().filter(has).cloned().collect();
        Unseen { words, letters }
    }

    /// A note for the page about the data, unless all is shown. `had` are the packages whose
    /// fonts are here already: they would not help.
    pub fn note(&self, lang: Lang, had: &BTreeSet<&'static str>) -> Option<String> {
        let first = self.letters.values().flatten().next()?;
        let count = self.words.len().max(1);
        let packages: BTreeSet<&str> = self
            .letters
            .values()
            .flatten()
            .filter_map(|l| package(l))
            .filter(|package| !had.contains(package))
            .collect();
        let packages: Vec<&str> = packages.into_iter().collect();
        let (number, example) = (lang.integer(count as u64), told(first));
        let said = match (lang, count) {
            (Lang::En, 1) => format!(
                "One word has letters that no font on this machine shows; their code points stand \
                 for them, such as {example}, and are copied as the letters."
            ),
            (Lang::En, _) => format!(
                "{number} words have letters that no font on this machine shows; their code points \
                 stand for them, such as {example}, and are copied as the letters."
            ),
            (Lang::Fr, 1) => format!(
                "Un mot a des lettres qu’aucune police de cette machine n’affiche ; leurs points \
                 de code les remplacent, comme {example}, et se copient comme ces lettres."
            ),
            (Lang::Fr, _) => format!(
                "{number} mots ont des lettres qu’aucune police de cette machine n’affiche ; leurs \
                 points de code les remplacent, comme {example}, et se copient comme ces lettres."
            ),
        };
        let (last, others) = match packages.split_last() {
            None => return Some(said),
            Some((last, others)) => (last, others.join(", ")),
        };
        Some(match (others.is_empty(), lang) {
            (true, Lang::En) => format!("{said} The Debian package {last} has fonts for them."),
            (true, Lang::Fr) => format!("{said} Le paquet Debian {last} en a les polices."),
            (false, Lang::En) => {
                format!("{said} The Debian packages {others} and {last} have fonts for them.")
            }
            (false, Lang::Fr) => {
                format!("{said} Les paquets Debian {others} et {last} en ont les polices.")
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_letters_are_few_code_points() {
        for (letters, shown) in [
            ("東", "‹U+6771›"),
            ("東京駅", "‹U+6771\u{a0}U+4EAC\u{a0}U+99C5›"),
            ("東京駅前", "‹U+6771\u{a0}U+4EAC\u{a0}+2›"),
            ("🚲\u{fe0f}", "‹U+1F6B2›"),
            ("👨\u{200d}👩", "‹U+1F468\u{a0}U+1F469›"),
        ] {
            assert_eq!(told(letters), shown);
        }
    }

    #[test]
    fn the_note_names_the_packages_that_would_help() {
        let mut wanted = Wanted::default();
        for text in ["東京 ไทย", "(東京), \u{e000}"] {
            wanted.add(text, false, true, |letter| letter.chars().any(|c| c > '\u{24f}'));
        }
        let unseen = Unseen::of(&wanted, |_| false);
        let note = unseen.note(Lang::En, &BTreeSet::new()).unwrap();
        assert!(note.starts_with("3 words have letters"), "{note}");
        assert!(note.ends_with("packages fonts-noto-cjk and fonts-noto-core have fonts for them."));
        let note = unseen.note(Lang::Fr, &["fonts-noto-cjk"].into()).unwrap();
        assert!(note.starts_with("3 mots"), "{note}");
        assert!(note.ends_with("Le paquet Debian fonts-noto-core en a les polices."), "{note}");
        let core = |letter: &str| letter.chars().all(|c| c != '\u{e000}');
        let note = Unseen::of(&wanted, core).note(Lang::En, &BTreeSet::new()).unwrap();
        assert!(note.starts_with("One word") && note.ends_with("copied as the letters."), "{note}");
        assert_eq!(Unseen::of(&wanted, |_| true).note(Lang::En, &BTreeSet::new()), None);
    }
}
