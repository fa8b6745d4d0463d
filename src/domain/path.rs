//! Paths into a document: `data.stations[*]`, `geometry.coordinates[2]`, `properties."a.b"`.
//! A path is parsed once, when its declaration is checked.

use std::fmt;

/// One step of a path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    /// The value under a key of an object.
    Key(String),
    /// The value at a place of an array, from 0.
    Index(usize),
    /// Each value of an array: the items.
    Each,
}

/// A checked path. The empty path is written `@` and means the value itself.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Path(Vec<Step>);

impl Path {
    /// Parses a path; the error says what is wrong, without repeating the text.
    pub fn parse(text: &str) -> Result<Path, String> {
        if text == "@" {
            return Ok(Path::default());
        }
        let mut steps = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            rest = match rest.strip_prefix('[') {
                Some(inside) => bracket(inside, &mut steps)?,
                None => key(rest, steps.is_empty(), &mut steps)?,
            };
        }
        if steps.is_empty() {
            return Err("a path is empty; the value itself is written @".into());
        }
        Ok(Path(steps))
    }

    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// How often the path fans out over an array.
    pub fn fans(&self) -> usize {
        self.0.iter().filter(|s| **s == Step::Each).count()
    }
}

fn bracket<'a>(inside: &'a str, steps: &mut Vec<Step>) -> Result<&'a str, String> {
    let (inner, rest) = inside.split_once(']').ok_or("a [ is not closed")?;
    steps.push(match inner {
        "*" => Step::Each,
        digits => Step::Index(
            digits.parse().map_err(|_| format!("[{inner}] is neither [*] nor a place"))?,
        ),
    });
    Ok(rest)
}

fn key<'a>(text: &'a str, first: bool, steps: &mut Vec<Step>) -> Result<&'a str, String> {
    let text = match (first, text.strip_prefix('.')) {
        (true, None) => text,
        (false, Some(after)) => after,
        _ => return Err("a dot stands between two keys, nowhere else".into()),
    };
    let (name, rest) = match text.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').ok_or("a quoted key is not closed")?,
        None => text.split_at(text.find(['.', '[']).unwrap_or(text.len())),
    };
    if name.is_empty() {
        return Err("a key is empty".into());
    }
    steps.push(Step::Key(name.into()));
    Ok(rest)
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if self.0.is_empty() {
            return write!(f, "@");
        }
        for (place, step) in self.0.iter().enumerate() {
            match step {
                Step::Each => write!(f, "[*]")?,
                Step::Index(n) => write!(f, "[{n}]")?,
                Step::Key(key) => {
                    let dot = if place == 0 { "" } else { "." };
                    let quote = if key.contains(['.', '[']) { "\"" } else { "" };
                    write!(f, "{dot}{quote}{key}{quote}")?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_round_trip() {
        for text in ["@", "a", "data.stations[*]", "geometry.coordinates[2]", "[*]", "a.\"b.c\""] {
            assert_eq!(Path::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn wrong_paths_are_told() {
        for (text, why) in [
            ("", "a path is empty; the value itself is written @"),
            ("a..b", "a key is empty"),
            (".a", "a dot stands between two keys, nowhere else"),
            ("a[", "a [ is not closed"),
            ("a[x]", "[x] is neither [*] nor a place"),
            ("a[*]b", "a dot stands between two keys, nowhere else"),
            ("\"a", "a quoted key is not closed"),
        ] {
            assert_eq!(Path::parse(text).unwrap_err(), why, "{text}");
        }
    }
}
