//! Which file of an archive is meant: exactly one, by a pattern of its name.

use crate::domain::format::english;
use crate::domain::limits::MEMBERS;
use crate::domain::shown::begun;
use std::fmt;

/// Letters of a pattern, and of a name that is looked at; names of files that are told, and
/// letters of each.
const PATTERN: usize = 200;
const NAME: usize = 1_000;
const TOLD: usize = 12;
const LETTERS: usize = 60;

/// Files by their names: `*` stands for any signs, `/` too, or none; `?` for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Vec<char>);

impl Pattern {
    /// A text that is not empty, with nothing hidden in it.
    pub fn parse(text: &str) -> Option<Pattern> {
        let signs: Vec<char> = text.chars().collect();
        let good = (1..=PATTERN).contains(&signs.len()) && !text.contains(char::is_control);
        good.then_some(Pattern(signs))
    }

    /// Whether the whole name is as it says. The work is that of both lengths, multiplied.
    pub fn fits(&self, name: &str) -> bool {
        let (pattern, name) = (&self.0, name.chars().take(NAME + 1).collect::<Vec<char>>());
        if name.len() > NAME {
            return false;
        }
        let (mut at, mut seen, mut star) = (0, 0, None);
        while let Some(sign) = name.get(seen) {
            match pattern.get(at) {
                Some('*') => {
                    star = Some((at + 1, seen));
                    at += 1;
                }
                Some(wanted) if *wanted == '?' || wanted == sign => {
                    at += 1;
                    seen += 1;
                }
                // The last star takes one sign more.
                _ => match &mut star {
                    Some((behind, taken)) => {
                        *taken += 1;
                        (at, seen) = (*behind, *taken);
                    }
                    None => return false,
                },
            }
        }
        pattern.iter().skip(at).all(|sign| *sign == '*')
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.0.iter().try_for_each(|sign| write!(f, "{sign}"))
    }
}

/// The files of an archive, as they are looked at one after the other.
pub struct Search<'p, T> {
    pattern: Option<&'p Pattern>,
    /// How many of all files fit, and the first of them.
    fitting: Files,
    all: Files,
    found: Option<T>,
    seen: usize,
}

/// Some files: how many, and the first names.
#[derive(Default)]
struct Files {
    count: u64,
    names: Vec<String>,
}

impl<'p, T> Search<'p, T> {
    pub fn new(pattern: Option<&'p Pattern>) -> Search<'p, T> {
        let files = Files::default;
        Search { pattern, fitting: files(), all: files(), found: None, seen: 0 }
    }

    /// Counts whatever is in the archive.
    pub fn pass(&mut self) -> Result<(), String> {
        self.seen += 1;
        if self.seen > MEMBERS {
            return Err("it holds more than 10,000 files and folders".into());
        }
        Ok(())
    }

    /// Looks at a file.
    pub fn look(&mut self, name: &[u8], file: T) {
        let name = String::from_utf8_lossy(name);
        self.all.add(&name);
        if self.pattern.is_none_or(|pattern| pattern.fits(&name)) {
            self.fitting.add(&name);
            self.found.get_or_insert(file);
        }
    }

    /// The only one, with its name.
    pub fn one(self) -> Result<(String, T), String> {
        let (all, fitting) = (&self.all, &self.fitting);
        let Some(file) = self.found else {
            return Err(match self.pattern.filter(|_| all.count > 0) {
                None => "it holds no file".into(),
                Some(pattern) => {
                    format!("no file in it is named as fetch.member = \"{pattern}\" says; {all}")
                }
            });
        };
        match (self.pattern, fitting.count) {
            (_, 1) => Ok((fitting.names.first().cloned().unwrap_or_default(), file)),
            (None, _) => Err(format!("{all}\nhint: fetch.member says which is meant")),
            (Some(pattern), _) => Err(format!(
                "{} in it are named as fetch.member = \"{pattern}\" says: {}",
                english(fitting.count, "file", "files"),
                fitting.listed()
            )),
        }
    }
}

impl Files {
    fn add(&mut self, name: &str) {
        self.count += 1;
        if self.names.len() < TOLD {
            self.names.push(begun(name, LETTERS));
        }
    }

    fn listed(&self) -> String {
        let more = self.count - self.names.len() as u64;
        let names = self.names.join(", ");
        if more > 0 { format!("{names} and {more} more") } else { names }
    }
}

impl fmt::Display for Files {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "it holds {}: {}", english(self.count, "file", "files"), self.listed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_whole_names() {
        let fits = |pattern: &str, name: &str| Pattern::parse(pattern).expect("good").fits(name);
        for (pattern, name) in [
            ("a.csv", "a.csv"),
            ("*.csv", "a.csv"),
            ("*.csv", "2026/08/a.csv.csv"),
            ("*", ""),
            ("**a*", "ba"),
            ("d?ta*_?.csv", "data_2026_é.csv"),
            ("*ab*ab", "ababab"),
            ("[a]*", "[a]b"),
        ] {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [
            ("a.csv", "A.csv"),
            ("a.csv", "x/a.csv"),
            ("*.csv", "a.csv.sig"),
            ("?", ""),
            ("?", "ab"),
            ("*ab*abb", "ababab"),
            ("a*b", "ac"),
        ] {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
        assert!(!fits("*", &"a".repeat(1_001)));
        let hard = "a*".repeat(100);
        assert!(!fits(&hard, &("a".repeat(99) + &"b".repeat(900))));
        for bad in ["", "a\nb", &"a".repeat(201)] {
            assert_eq!(Pattern::parse(bad), None, "{bad:?}");
        }
    }
}
