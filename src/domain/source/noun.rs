//! What things are called: one of them, and several.

use super::Title;

/// What a thing is called: one of it, and several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noun {
    pub one: Title,
    pub many: Title,
}

impl Noun {
    /// Of a plural that is not told, the usual one.
    pub fn new(one: Title, many: Option<Title>) -> Noun {
        let many = many.unwrap_or_else(|| Title { en: plural(&one.en), fr: pluriel(&one.fr) });
        Noun { one, many }
    }
}

/// English words that are the same for several, and those that change.
const SAME: [&str; 9] =
    ["aircraft", "craft", "deer", "fish", "series", "sheep", "species", "spacecraft", "watercraft"];
const CHANGED: [(&str, &str); 7] = [
    ("child", "children"),
    ("foot", "feet"),
    ("man", "men"),
    ("mouse", "mice"),
    ("person", "people"),
    ("tooth", "teeth"),
    ("woman", "women"),
];

/// French words in -al and -ail that go against the rule of their ending.
const ALS: [&str; 9] =
    ["bal", "cal", "carnaval", "cérémonial", "chacal", "festival", "récital", "régal", "final"];
const AUX: [&str; 6] = ["bail", "corail", "émail", "soupirail", "travail", "vitrail"];

/// The usual plural of an English noun: cities, boxes, points of sale.
fn plural(noun: &str) -> String {
    let (head, rest) = parted(noun, &[" of ", " in ", " at ", " on ", " with ", " for ", " from "]);
    let (before, word) = head.rsplit_once(' ').map_or(("", head), |(before, word)| (before, word));
    let gap = if before.is_empty() { "" } else { " " };
    format!("{before}{gap}{}{rest}", several(word))
}

fn several(word: &str) -> String {
    if let Some((_, many)) = CHANGED.iter().find(|(one, _)| *one == word) {
        return many.to_string();
    }
    let before_y = word.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'o', 'u']));
    let hisses = ["s", "x", "z", "ch", "sh"].iter().any(|end| word.ends_with(end));
    match (before_y, word.strip_suffix("sis")) {
        _ if SAME.contains(&word) => word.into(),
        (Some(stem), _) => format!("{stem}ies"),
        (_, Some(stem)) => format!("{stem}ses"),
        _ if hisses => format!("{word}es"),
        _ => format!("{word}s"),
    }
}

/// The usual plural of a French noun with what belongs to it: chevaux, offres actives, arrêts de
/// bus.
fn pluriel(noun: &str) -> String {
    const JOINTS: [&str; 8] = [" de ", " d’", " d'", " du ", " des ", " à ", " en ", " au "];
    let (head, rest) = parted(noun, &JOINTS);
    let words: Vec<String> = head.split(' ').map(plusieurs).collect();
    words.join(" ") + rest
}

fn plusieurs(word: &str) -> String {
    let ends = |endings: &[&str]| endings.iter().any(|end| word.ends_with(end));
    match (word.strip_suffix("al"), word.strip_suffix("ail")) {
        (Some(stem), _) if !ALS.contains(&word) => format!("{stem}aux"),
        (_, Some(stem)) if AUX.contains(&word) => format!("{stem}aux"),
        _ if ends(&["s", "x", "z"]) => word.into(),
        _ if ends(&["eau", "eu"]) => format!("{word}x"),
        _ => format!("{word}s"),
    }
}

/// A noun, and what follows the first word that joins something to it.
fn parted<'a>(noun: &'a str, joints: &[&str]) -> (&'a str, &'a str) {
    let first = joints.iter().filter_map(|joint| noun.find(joint)).min();
    noun.split_at(first.unwrap_or(noun.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(en: &str, fr: &str) -> (String, String) {
        let many = Noun::new(Title { en: en.into(), fr: fr.into() }, None).many;
        (many.en, many.fr)
    }

    #[test]
    fn nouns_have_their_usual_plural() {
        assert_eq!(of("earthquake", "séisme"), ("earthquakes".into(), "séismes".into()));
        assert_eq!(of("city", "cheval"), ("cities".into(), "chevaux".into()));
        assert_eq!(of("box", "bateau"), ("boxes".into(), "bateaux".into()));
        assert_eq!(of("day", "prix"), ("days".into(), "prix".into()));
    }

    #[test]
    fn words_that_go_against_the_rule_do_so() {
        assert_eq!(of("person", "festival"), ("people".into(), "festivals".into()));
        assert_eq!(of("crisis", "travail"), ("crises".into(), "travaux".into()));
        assert_eq!(of("aircraft", "détail"), ("aircraft".into(), "détails".into()));
    }

    #[test]
    fn of_several_words_those_change_that_should() {
        assert_eq!(
            of("point of sale", "arrêt de bus"),
            ("points of sale".into(), "arrêts de bus".into())
        );
        assert_eq!(of("job offer", "offre active"), ("job offers".into(), "offres actives".into()));
        assert_eq!(
            of("sales woman", "offre d’emploi"),
            ("sales women".into(), "offres d’emploi".into())
        );
    }
}
