//! Job offers that several sources have: they are marked, and none is taken away. By a stated
//! rule two offers are the same where title, employer and place are, in plain letters:
//!
//! - plain: see [`super::plain::plain`];
//! - a title is without the marks that all genders are meant (`H/F`, `m/w/d`, `all genders`);
//! - an employer is without its legal form (`SAS`, `GmbH`, `Inc.`);
//! - a place is what stands before the first comma or bracket, without numbers (`75 - Paris 10e
//!   Arrondissement` is `paris`); none is like none only.
//!
//! An offer without a title or an employer is like no other.

use super::plain::plain;
use super::source::{Items, Records, Schema, Source};
use std::collections::{BTreeMap, BTreeSet};

/// Letters that stand for genders, and words that stand for several.
const GENDERS: [&str; 9] = ["h", "f", "m", "w", "d", "x", "v", "n", "i"];
const MARKS: [&str; 8] = ["hf", "fh", "mf", "fm", "mwd", "wmd", "mfd", "fmd"];

const FORMS: [&str; 27] = [
    "sa",
    "sas",
    "sasu",
    "sarl",
    "eurl",
    "snc",
    "scop",
    "gmbh",
    "ag",
    "se",
    "kg",
    "ohg",
    "co",
    "inc",
    "ltd",
    "limited",
    "llc",
    "corp",
    "corporation",
    "bv",
    "nv",
    "plc",
    "spa",
    "srl",
    "ab",
    "oy",
    "as",
];

/// Those that stand in front, too.
const IN_FRONT: [&str; 7] = ["sa", "sas", "sasu", "sarl", "eurl", "snc", "scop"];

/// What an offer is told by.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Offer {
    title: String,
    company: String,
    place: String,
}

impl Offer {
    /// By its fields; `None` without a title or an employer.
    pub fn of<'a>(text: impl Fn(&str) -> Option<&'a str>) -> Option<Offer> {
        let title = title(text("title")?);
        let company = company(text("company")?);
        let place = text("place").map(place).unwrap_or_default();
        (!title.is_empty() && !company.is_empty()).then_some(Offer { title, company, place })
    }
}

/// Whether the records of a source are job offers.
pub fn has_offers(source: &Source) -> bool {
    matches!(source.items, Items::Records(Records { schema: Some(Schema::JobOffer), .. }))
}

/// Offers, and the sources that have them.
#[derive(Clone, Debug, Default)]
pub struct Doubles(BTreeMap<Offer, BTreeSet<String>>);

impl Doubles {
    pub fn enter(&mut self, source: &str, offer: Offer) {
        self.0.entry(offer).or_default().insert(source.into());
    }

    /// How many offers several sources have.
    pub fn in_several(&self) -> usize {
        self.0.values().filter(|sources| sources.len() > 1).count()
    }

    /// The other sources that have an offer, in order of their names.
    pub fn others<'a>(&'a self, source: &'a str, offer: &Offer) -> impl Iterator<Item = &'a str> {
        let all = self.0.get(offer).into_iter().flatten().map(String::as_str);
        all.filter(move |other| *other != source)
    }
}

fn title(text: &str) -> String {
    let plain = plain(text).replace("all genders", "");
    let words: Vec<&str> = plain.split_whitespace().collect();
    let is_gender = |at: usize| words.get(at).is_some_and(|word| GENDERS.contains(word));
    // One letter alone is a word: `Data Scientist R`, `chauffeur permis D`.
    let is_mark = |at: usize| {
        let beside = at.checked_sub(1).is_some_and(is_gender) || is_gender(at + 1);
        is_gender(at) && beside || words.get(at).is_some_and(|word| MARKS.contains(word))
    };
    let kept = words.iter().enumerate().filter(|(at, _)| !is_mark(*at)).map(|(_, word)| *word);
    kept.collect::<Vec<_>>().join(" ")
}

fn company(text: &str) -> String {
    let plain = plain(text);
    let words: Vec<&str> = plain.split(' ').collect();
    // One that is called like a form keeps its name.
    let end = words.iter().rposition(|word| !FORMS.contains(word)).map_or(words.len(), |at| at + 1);
    let start = words.iter().position(|word| !IN_FRONT.contains(word)).unwrap_or(0);
    words.get(start..end).unwrap_or(&words).join(" ")
}

/// Where nothing else is said of a place than numbers and signs, these are its name.
fn place(text: &str) -> String {
    let head = text.split([',', '(']).next().unwrap_or_default();
    let plain = plain(head);
    let is_name =
        |word: &&str| !word.contains(|c: char| c.is_numeric()) && *word != "arrondissement";
    let name = plain.split(' ').filter(is_name).collect::<Vec<_>>().join(" ");
    if name.is_empty() { text.trim().to_lowercase() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(title: &str, company: &str, place: Option<&str>) -> Option<Offer> {
        Offer::of(|name| match name {
            "title" => Some(title),
            "company" => Some(company),
            _ => place,
        })
    }

    #[test]
    fn what_is_written_otherwise_is_the_same() {
        let same = [
            (
                "Développeur Java (H/F)",
                "Société Générale SA",
                Some("75 - Paris 10e Arrondissement"),
            ),
            ("developpeur java h / f", "SOCIETE GENERALE", Some("Paris, France")),
            ("De\u{301}veloppeur  Java - m/w/d", "S.A. Société générale", Some("PARIS (75)")),
        ];
        let all: Vec<Offer> = same.iter().filter_map(|(t, c, p)| offer(t, c, *p)).collect();
        assert_eq!(all.len(), 3);
        assert!(all.iter().all(|offer| *offer == all[0]), "{all:?}");
    }

    #[test]
    fn what_differs_is_another() {
        let one = offer("Data scientist", "Acme", Some("Lyon"));
        for other in [
            offer("Data scientist R", "Acme", Some("Lyon")),
            offer("Data scientist", "Acme Labs", Some("Lyon")),
            offer("Data scientist", "Acme", Some("Paris")),
            offer("Data scientist", "Acme", None),
        ] {
            assert_ne!(one, other);
        }
        assert_ne!(offer("C Developer", "Acme", None), offer("C++ Developer", "Acme", None));
        assert_ne!(offer("Chef", "Acme", Some("75")), offer("Chef", "Acme", Some("13")));
        assert_ne!(offer("Chef", "Acme", Some("75")), offer("Chef", "Acme", None));
        assert_eq!(offer("H/F", "Acme", None), None);
        // One that is called like a form keeps its name.
        assert_ne!(offer("Data scientist", "SAS", None), offer("Data scientist", "SE", None));
        assert_eq!(offer("数据工程师", "Acme", None).map(|o| o.title), Some("数据工程师".into()));
    }

    #[test]
    fn an_offer_is_marked_in_each_source_that_has_it() {
        let offer = offer("Data scientist", "Acme", None).expect("it is one");
        let mut doubles = Doubles::default();
        doubles.enter("a", offer.clone());
        assert_eq!(doubles.others("a", &offer).count(), 0);
        doubles.enter("b", offer.clone());
        doubles.enter("b", offer.clone());
        assert_eq!(doubles.in_several(), 1);
        assert_eq!(doubles.others("a", &offer).collect::<Vec<_>>(), ["b"]);
        assert_eq!(doubles.others("b", &offer).collect::<Vec<_>>(), ["a"]);
    }
}
