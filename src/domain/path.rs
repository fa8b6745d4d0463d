//! Paths into a document: `data.stations[*]`, `geometry.coordinates[2]`, `properties."a.b"`,
//! `rates.*`, `$.latitude`, `^.time`; and into a page: `h2 > a@href`. A path is parsed once, when
//! its declaration is checked.

mod page;

use super::css::Css;
use std::fmt;

/// Where a path starts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Start {
    /// At the item; of the place of the items, at the top of the document.
    #[default]
    Here,
    /// `$.`: at the top of the document.
    Top,
    /// `^.`, `^^.`: at the list element that encloses the item, so many levels out.
    Enclosing(usize),
    /// `$key`: the key under which the item stands.
    Key,
    /// `$item`: the key of the loop's item that was asked for.
    LoopItem,
    /// `$source`: the name of the source.
    Source,
}

/// One step of a path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    /// The value under a key of an object.
    Key(String),
    /// The value at a place of an array, from 0.
    Index(usize),
    /// `[*]`: each value of an array; inside an item, the element that has the rest of the path.
    Each,
    /// `.*`: each value of an object.
    Values,
    /// `[]`: the value of a parallel array at the item's own place.
    Own,
    /// The elements of a page that match.
    Select(Css),
}

/// A checked path. The empty path is written `@` and means the value itself.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Path {
    start: Start,
    steps: Vec<Step>,
}

const WORDS: [(&str, Start); 3] =
    [("$key", Start::Key), ("$item", Start::LoopItem), ("$source", Start::Source)];

impl Path {
    /// Parses a path; the error says what is wrong, without repeating the text.
    pub fn parse(text: &str) -> Result<Path, String> {
        if text == "@" {
            return Ok(Path::default());
        }
        if let Some((_, start)) = WORDS.iter().find(|(word, _)| *word == text) {
            return Ok(Path { start: *start, steps: Vec::new() });
        }
        let (start, mut rest) = start(text)?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            rest = match rest.strip_prefix('[') {
                Some(inside) => bracket(inside, &mut steps)?,
                None => key(rest, steps.is_empty() && start == Start::Here, &mut steps)?,
            };
        }
        if steps.is_empty() {
            return Err("a path is empty; the value itself is written @".into());
        }
        Ok(Path { start, steps })
    }

    pub fn start(&self) -> Start {
        self.start
    }

    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// How often the path fans out over an array or an object.
    pub fn fans(&self) -> usize {
        self.steps.iter().filter(|s| matches!(s, Step::Each | Step::Values)).count()
    }

    fn is_in_page(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Select(_)))
    }

    /// Whether it ends at the item's own place in a parallel array.
    pub fn is_own(&self) -> bool {
        self.steps.contains(&Step::Own)
    }
}

fn start(text: &str) -> Result<(Start, &str), String> {
    if let Some(rest) = text.strip_prefix('$') {
        let known = rest.starts_with(['.', '[']);
        let wrong = "after $ stands a path from the top ($.a), or the word is $key, $item, $source";
        return if known { Ok((Start::Top, rest)) } else { Err(wrong.into()) };
    }
    let out = text.len() - text.trim_start_matches('^').len();
    match out {
        0 => Ok((Start::Here, text)),
        _ if text[out..].starts_with(['.', '[']) => Ok((Start::Enclosing(out), &text[out..])),
        _ => Err("after ^ stands a path in the enclosing element, such as ^.time".into()),
    }
}

fn bracket<'a>(inside: &'a str, steps: &mut Vec<Step>) -> Result<&'a str, String> {
    let (inner, rest) = inside.split_once(']').ok_or("a [ is not closed")?;
    steps.push(match inner {
        "*" => Step::Each,
        "" => Step::Own,
        digits => Step::Index(
            digits.parse().map_err(|_| format!("[{inner}] is neither [*] nor [] nor a place"))?,
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
    let all = name == "*" && !text.starts_with('"');
    steps.push(if all { Step::Values } else { Step::Key(name.into()) });
    Ok(rest)
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if let Some((word, _)) = WORDS.iter().find(|(_, start)| *start == self.start) {
            return f.write_str(word);
        }
        match self.start {
            Start::Top => f.write_str("$")?,
            Start::Enclosing(levels) => f.write_str(&"^".repeat(levels))?,
            _ if self.steps.is_empty() => f.write_str("@")?,
            _ => {}
        }
        let in_page = self.is_in_page();
        for (place, step) in self.steps.iter().enumerate() {
            let bare = place == 0 && self.start == Start::Here || in_page && place > 0;
            let dot = if bare { "" } else { "." };
            match step {
                Step::Each => write!(f, "[*]")?,
                Step::Own => write!(f, "[]")?,
                Step::Index(n) => write!(f, "[{n}]")?,
                Step::Values => write!(f, "{dot}*")?,
                Step::Select(css) => write!(f, "{dot}{css}")?,
                Step::Key(key) if in_page => write!(f, "{dot}{key}")?,
                Step::Key(key) => {
                    let odd = key.contains(['.', '[']) || key == "*" || key == "@";
                    // A key with a quote inside was read without quotes.
                    let quoted = (odd || key.starts_with(['$', '^'])) && !key.contains('"');
                    let quote = if quoted { "\"" } else { "" };
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
        for text in [
            "@",
            "a",
            "data.stations[*]",
            "geometry.coordinates[2]",
            "[*]",
            "a.\"b.c\"",
            "rates.*",
            "*",
            "\"*\"",
            "\"$key\"",
            "$key",
            "$item",
            "$source",
            "$.latitude",
            "$[0].a",
            "^.@time",
            "^^.time",
            "time[]",
            "Envelope.Cube.Cube[*].Cube[*]",
            "types[*].ebike",
            "a.^b\"c",
        ] {
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
            ("a[x]", "[x] is neither [*] nor [] nor a place"),
            ("a[*]b", "a dot stands between two keys, nowhere else"),
            ("\"a", "a quoted key is not closed"),
            (
                "$latitude",
                "after $ stands a path from the top ($.a), or the word is $key, $item, $source",
            ),
            ("^time", "after ^ stands a path in the enclosing element, such as ^.time"),
        ] {
            assert_eq!(Path::parse(text).unwrap_err(), why, "{text}");
        }
    }
}
