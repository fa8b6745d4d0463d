//! Which letters of a report our own faces lack, and which fonts of a machine show them: the list
//! of wishes, what a font offers, and the choice, always the same for the same fonts.

use super::letters::{Letter, is_unseen, letters, seen};
use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet};
use unicode_script::{Script, UnicodeScript};

/// Fonts that are chosen for one script: the second is for what the first lacks.
const FONTS_OF_A_SCRIPT: usize = 6;

/// Chinese, Japanese and Korean share letters, and draw them otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Variety {
    Simplified,
    Traditional,
    Japanese,
    Korean,
}

impl Variety {
    /// By the letters of a text that only one of them has.
    pub fn of(text: &str) -> Option<Variety> {
        text.chars().find_map(|c| match c.script() {
            // The middle dot between words, the sign of a long vowel.
            _ if matches!(c, '\u{30fb}' | '\u{30fc}') => Some(Variety::Japanese),
            Script::Hiragana | Script::Katakana => Some(Variety::Japanese),
            Script::Hangul => Some(Variety::Korean),
            Script::Bopomofo => Some(Variety::Traditional),
            _ => None,
        })
    }

    /// How names of fonts end.
    fn endings(self) -> [&'static str; 2] {
        match self {
            Variety::Simplified => ["cjksc", "sanssc"],
            Variety::Traditional => ["cjktc", "sanstc"],
            Variety::Japanese => ["cjkjp", "sansjp"],
            Variety::Korean => ["cjkkr", "sanskr"],
        }
    }

    pub fn language(self) -> &'static str {
        match self {
            Variety::Simplified => "zh-Hans",
            Variety::Traditional => "zh-Hant",
            Variety::Japanese => "ja",
            Variety::Korean => "ko",
        }
    }
}

/// What letters are set alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    pub script: Script,
    /// Of the scripts of East Asia, where the text itself tells.
    pub variety: Option<Variety>,
    /// Among stout letters.
    pub heavy: bool,
}

impl Kind {
    pub fn of(letter: &Letter, variety: Option<Variety>, heavy: bool) -> Kind {
        let variety = variety.filter(|_| is_east_asian(letter.script));
        Kind { script: letter.script, variety, heavy }
    }
}

impl Ord for Kind {
    fn cmp(&self, other: &Kind) -> Ordering {
        let key = |kind: &Kind| (kind.script.as_iso15924_tag(), kind.variety, kind.heavy);
        key(self).cmp(&key(other))
    }
}

impl PartialOrd for Kind {
    fn partial_cmp(&self, other: &Kind) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Whether a script is one of China, Japan and Korea.
pub fn is_east_asian(script: Script) -> bool {
    use Script::{Bopomofo, Han, Hangul, Hiragana, Katakana};
    matches!(script, Han | Hiragana | Katakana | Hangul | Bopomofo)
}

/// The letters of a report that our own faces lack.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wanted {
    pub letters: BTreeMap<Kind, BTreeSet<String>>,
    /// The words in which they stand.
    pub words: BTreeSet<String>,
}

impl Wanted {
    pub fn is_empty(&self) -> bool {
        self.letters.is_empty()
    }

    /// Enters what of a text `lacks`; `whole` texts tell its words too.
    pub fn add(&mut self, text: &str, heavy: bool, whole: bool, lacks: impl Fn(&str) -> bool) {
        let variety = Variety::of(text);
        let mut is_new = false;
        for letter in letters(text) {
            let signs = seen(&text[letter.range.clone()]);
            if !signs.is_empty() && lacks(&signs) {
                let kind = Kind::of(&letter, variety, heavy);
                is_new |= self.letters.entry(kind).or_default().insert(signs);
            }
        }
        if whole || is_new {
            let words = text.split_whitespace().filter_map(|word| core(word, &lacks));
            self.words.extend(words.map(str::to_string));
        }
    }

    /// All signs, each once.
    pub fn signs(&self) -> BTreeSet<char> {
        self.letters.values().flatten().flat_map(|letter| letter.chars()).collect()
    }

    /// What Han is taken for where a text does not tell: Japanese or Korean where a good part of
    /// the report's words with Han or kana are, else Chinese.
    pub fn han(&self) -> Variety {
        let is_of = |c: char| is_east_asian(c.script()) && c.script() != Script::Hangul;
        let of = |word: &String| word.chars().any(is_of);
        let words: Vec<Option<Variety>> =
            self.words.iter().filter(|w| of(w)).map(|w| Variety::of(w)).collect();
        let share = |variety| words.iter().filter(|v| **v == Some(variety)).count();
        let told = [Variety::Japanese, Variety::Korean, Variety::Traditional];
        let most = told.into_iter().max_by_key(|variety| (share(*variety), Reverse(*variety)));
        most.filter(|v| share(*v) * 5 >= words.len().max(1)).unwrap_or(Variety::Simplified)
    }
}

/// A word from the first letter that is lacking to the last.
fn core(word: &str, lacks: impl Fn(&str) -> bool) -> Option<&str> {
    let all = letters(word);
    let mut lacking = all.iter().map(|l| &l.range).filter(|range| {
        let signs = seen(&word[(*range).clone()]);
        !signs.is_empty() && lacks(&signs)
    });
    let first = lacking.next()?;
    Some(&word[first.start..lacking.next_back().unwrap_or(first).end])
}

/// A font that a machine has, as far as the choice needs it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Offer {
    /// As PostScript names it: `NotoSansArabic-Bold`.
    pub name: String,
    /// 400 is regular, 700 bold.
    pub weight: u16,
    pub slanted: bool,
    /// What it has of the signs asked for.
    pub signs: BTreeSet<char>,
}

impl Offer {
    fn shows(&self, letter: &str) -> bool {
        letter.chars().all(|c| is_unseen(c) || self.signs.contains(&c))
    }

    /// How well it suits; less is better.
    fn rank(&self, kind: &Kind, han: Variety) -> (u8, u16, bool) {
        let name = self.name.split('-').next().unwrap_or_default().to_lowercase();
        let odd = ["mono", "condensed", "fixed", "typewriter"].iter().any(|w| name.contains(w));
        let class = class(&name, kind, han) + if odd { 10 } else { 0 };
        let wished: u16 = if kind.heavy { 650 } else { 400 };
        (class, wished.abs_diff(self.weight), self.slanted)
    }
}

/// How well a family suits, best first: Noto Sans of the script, another of it, any Noto, others.
fn class(name: &str, kind: &Kind, han: Variety) -> u8 {
    let noto = name.starts_with("noto") || name.starts_with("sourcehan");
    let sans = name.contains("sans");
    if is_east_asian(kind.script) && noto && name.contains("cjk") || name.starts_with("notosans") {
        let endings = kind.variety.unwrap_or(han).endings();
        if is_east_asian(kind.script) && endings.iter().any(|end| name.ends_with(end)) {
            return if sans { 0 } else { 1 };
        }
    }
    let script = kind.script.full_name().to_lowercase().replace('_', "");
    let symbols = ["symbol", "emoji", "math"].iter().any(|word| name.contains(word));
    match noto {
        true if name == format!("notosans{script}") => 0,
        true if name.contains(&script) => 2,
        _ if kind.script == Script::Common && symbols => 2,
        true if name.contains("cjk") && sans && !is_east_asian(kind.script) => 4,
        true if sans => 3,
        true => 5,
        false if name == "dejavusans" => 6,
        false if sans => 7,
        false => 8,
    }
}

/// For each kind of letters the fonts that show them, by their places among the offers.
pub fn choose(wanted: &Wanted, offers: &[Offer]) -> BTreeMap<Kind, Vec<usize>> {
    let han = wanted.han();
    let chosen = |kind: &Kind, letters: &BTreeSet<String>| {
        let mut left: BTreeSet<&String> = letters.iter().collect();
        let mut fonts = Vec::new();
        while !left.is_empty() && fonts.len() < FONTS_OF_A_SCRIPT {
            let gain = |offer: &Offer| left.iter().filter(|letter| offer.shows(letter)).count();
            let gains = offers.iter().enumerate().map(|(place, o)| (place, o, gain(o)));
            let best = gains.filter(|(.., gain)| *gain > 0).min_by_key(|(_, offer, gain)| {
                (offer.rank(kind, han), Reverse(*gain), offer.name.clone())
            });
            let Some((place, offer, _)) = best else { break };
            left.retain(|letter| !offer.shows(letter));
            fonts.push(place);
        }
        fonts
    };
    wanted.letters.iter().map(|(kind, letters)| (*kind, chosen(kind, letters))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(texts: &[&str]) -> Wanted {
        let mut wanted = Wanted::default();
        for text in texts {
            wanted.add(text, false, true, |letter| letter.chars().any(|c| c > '\u{24f}'));
        }
        wanted
    }

    fn offer(name: &str, signs: &str) -> Offer {
        let weight = if name.ends_with("Bold") { 700 } else { 400 };
        Offer { name: name.into(), weight, slanted: false, signs: signs.chars().collect() }
    }

    /// The names of the fonts chosen for the letters of the last text.
    fn check(texts: &[&str], heavy: bool, offers: &[Offer], expected: &[&str]) {
        let mut wanted = wanted(&texts[..texts.len() - 1]);
        wanted.add(texts[texts.len() - 1], heavy, true, |l| l.chars().any(|c| c > '\u{24f}'));
        let variety = Variety::of(texts[texts.len() - 1]);
        let chosen = choose(&wanted, offers);
        let of = |k: &Kind| k.heavy == heavy && (k.variety == variety || variety.is_none());
        let names = chosen.iter().filter(|(kind, _)| of(kind)).flat_map(|(_, fonts)| fonts);
        let mut names: Vec<&str> = names.map(|place| offers[*place].name.as_str()).collect();
        names.dedup();
        assert_eq!(names, expected, "{texts:?}");
    }

    #[test]
    fn han_alone_is_chinese_and_kana_and_hangul_tell() {
        let all = "東京タワー서울역";
        let offers = ["NotoSansCJKjp", "NotoSansCJKkr", "NotoSansCJKsc", "NotoSansMonoCJKsc"];
        let offers: Vec<Offer> =
            offers.iter().map(|n| offer(&format!("{n}-Regular"), all)).collect();
        check(&["東京"], false, &offers, &["NotoSansCJKsc-Regular"]);
        check(&["東京タワー"], false, &offers, &["NotoSansCJKjp-Regular"]);
        check(&["東京 서울역"], false, &offers, &["NotoSansCJKkr-Regular"]);
        // The other names of a Japanese feed tell, too.
        check(&["東タワー", "東京"], false, &offers, &["NotoSansCJKjp-Regular"]);
    }

    #[test]
    fn noto_of_the_script_comes_first_then_what_shows_more() {
        let offers = [
            offer("DejaVuSans", "محطة"),
            offer("NotoKufiArabic-Regular", "محطة"),
            offer("NotoSansArabic-Bold", "محطة"),
            offer("NotoSansArabic-Regular", "محطة"),
        ];
        check(&["محطة"], false, &offers, &["NotoSansArabic-Regular"]);
        check(&["محطة"], true, &offers, &["NotoSansArabic-Bold"]);
        check(&["محطة"], false, &offers[..1], &["DejaVuSans"]);
        let parts = [offer("Some", "☃"), offer("Symbola", "🚲")];
        check(&["🚲☃"], false, &parts, &["Symbola", "Some"]);
        check(&["🚲"], false, &parts[..1], &[]);
    }
}
