//! Paths into a page: a selector of CSS, what of the elements that it finds is meant, and an
//! attribute: `h2 > a`, `a.apply@href`, `td[2]`, `@id`, `$.h1`, `^.h3`.

use super::{Path, Start, Step, WORDS, start};
use crate::domain::css::Css;

impl Path {
    /// Parses a path into a page. Its text is that of an element, unless it ends with `@name`.
    ///
    /// # Errors
    ///
    /// What is wrong, without repeating the text.
    pub fn in_page(text: &str) -> Result<Path, String> {
        let text = text.trim();
        if let Some((_, start)) = WORDS.iter().find(|(word, _)| *word == text) {
            return match start {
                Start::Key => Err("elements of a page have no keys".into()),
                start => Ok(Path { start: *start, steps: Vec::new() }),
            };
        }
        let (start, rest) = match text.starts_with(['$', '^']) {
            true => start(text)?,
            false => (Start::Here, text),
        };
        let rest = if start == Start::Here { rest } else { rest.strip_prefix('.').unwrap_or(rest) };
        if (start, rest) == (Start::Here, "@") {
            return Ok(Path::default());
        }
        let (rest, attribute) = attribute(rest)?;
        let (css, which) = which(rest.trim())?;
        let mut steps = Vec::new();
        if !css.is_empty() {
            steps.push(Step::Select(Css::parse(css)?));
        } else if which.is_some() || attribute.is_none() {
            return Err("a selector is empty; the item itself is written @".into());
        }
        steps.extend(which);
        steps.extend(attribute.map(|name| Step::Key(format!("@{name}"))));
        Ok(Path { start, steps })
    }

    /// The elements of a page that are its items: selectors, or `@`, the page as the one item.
    ///
    /// # Errors
    ///
    /// What is wrong, without repeating the text.
    pub fn of_elements(text: &str) -> Result<Path, String> {
        let path = Path::in_page(text)?;
        match (path.start, &path.steps[..]) {
            (Start::Here, [] | [Step::Select(_)]) => Ok(path),
            _ => Err("all elements that match are items: neither @name nor a place stands \
                      behind them"
                .into()),
        }
    }
}

/// Cuts the name of an attribute off. In a selector an @ stands in quotes only.
fn attribute(text: &str) -> Result<(&str, Option<String>), String> {
    let Some((before, name)) = text.rsplit_once('@') else { return Ok((text, None)) };
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | ':' | '.');
    match name.chars().all(plain) {
        true if name.is_empty() => Err("after @ stands the name of an attribute".into()),
        // Names of attributes have small letters in HTML.
        true => Ok((before, Some(name.to_ascii_lowercase()))),
        false => Ok((text, None)),
    }
}

/// Cuts off `[*]` and `[2]`, which are no selectors of attributes.
fn which(text: &str) -> Result<(&str, Option<Step>), String> {
    let Some((before, inner)) = text.strip_suffix(']').and_then(|text| text.rsplit_once('['))
    else {
        return Ok((text, None));
    };
    match inner {
        "*" => Ok((before, Some(Step::Each))),
        digits if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            let place = digits.parse().map_err(|_| format!("[{digits}] is no place"))?;
            Ok((before, Some(Step::Index(place))))
        }
        _ => Ok((text, None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_into_a_page_round_trip() {
        for text in [
            "@",
            "h2 > a",
            "a.apply@href",
            "@id",
            "@data-id",
            "td[2]",
            "td[2]@title",
            "li.tag[*]",
            "a[href]",
            "a[href]@href",
            "a[title='x@y']",
            "a[title=\"[0]\"]",
            "$.h1",
            "$.#top a@href",
            "$..price",
            "^.h3",
            "^^.@id",
            "> td:nth-child(2)",
            "$item",
            "$source",
            "h2, h3",
        ] {
            let path = Path::in_page(text).unwrap();
            assert_eq!(path.to_string(), text);
            assert_eq!(Path::in_page(&path.to_string()), Ok(path));
        }
        assert_eq!(Path::in_page("a@HREF").unwrap().to_string(), "a@href");
    }

    #[test]
    fn wrong_paths_into_a_page_are_told() {
        for (text, why) in [
            ("", "a selector is empty; the item itself is written @"),
            ("a@", "after @ stands the name of an attribute"),
            ("[0]", "a selector is empty; the item itself is written @"),
            ("$key", "elements of a page have no keys"),
            ("a[99999999999999999999]", "[99999999999999999999] is no place"),
            ("^h3", "after ^ stands a path in the enclosing element, such as ^.time"),
            ("a[0][1]", "it is no CSS selector"),
        ] {
            assert_eq!(Path::in_page(text).unwrap_err(), why, "{text}");
        }
        assert!(Path::of_elements("li.job").is_ok() && Path::of_elements("@").is_ok());
        for text in ["li@id", "li[*]", "$.li", "^.li", "$item"] {
            assert!(Path::of_elements(text).is_err(), "{text}");
        }
    }
}
