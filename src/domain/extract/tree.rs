//! A document, built: of JSON, of the rows of a CSV file, of XML. What stands at a path in it is
//! found by the same rules as in a stream.

use super::raw::Raw;
use crate::domain::json::{Cursor, Result, Text, Token, Word};
use crate::domain::path::Step;
use std::borrow::Cow;
use std::rc::Rc;

/// A value of a document.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Tree {
    Null,
    Bool(bool),
    Number(Box<str>),
    Text(Box<str>),
    /// A word that is no JSON value.
    Odd(Box<str>),
    /// A text that cannot be read, with the reason.
    Bad(Box<str>),
    /// Elements of XML of which it is not told which is meant, and why.
    Clash(Box<str>),
    List(Vec<Tree>),
    Map(Vec<(Box<str>, Tree)>),
    Element(Box<Element>),
    /// Of a CSV file with a header: its names, and the cells of a row.
    Row(Rc<[Box<str>]>, Vec<Tree>),
    /// A row or a line that cannot be read, with the reason.
    BadRow(String),
}

/// An element of XML: attributes as `@name` and child elements, in their order, and its text.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Element {
    pub pairs: Vec<(Box<str>, Tree)>,
    pub text: Box<str>,
    /// It says of itself that it has no value.
    pub nil: bool,
    /// Its text stands in pieces around an element.
    pub torn: bool,
}

impl Element {
    pub fn children<'e>(&'e self, name: &str) -> impl Iterator<Item = &'e Tree> {
        self.pairs.iter().filter(move |(known, _)| **known == *name).map(|(_, child)| child)
    }

    fn has_elements(&self) -> bool {
        self.pairs.iter().any(|(name, _)| !name.starts_with('@'))
    }

    fn own(&self) -> Raw<'_> {
        match self.nil || self.text.is_empty() {
            true => Raw::Null,
            false if self.torn => Raw::Several,
            false => Raw::of_text(&self.text),
        }
    }
}

impl Tree {
    pub fn json(bytes: &[u8]) -> Result<Tree> {
        let mut cursor = Cursor::new(bytes);
        let tree = built(&mut cursor)?;
        cursor.end()?;
        Ok(tree)
    }

    /// The value itself, as that of a declared place.
    fn raw(&self) -> Raw<'_> {
        match self {
            Tree::Null => Raw::Null,
            Tree::Bool(flag) => Raw::Bool(*flag),
            Tree::Number(text) => Raw::Number(text),
            Tree::Text(text) => Raw::of_text(text),
            Tree::Odd(word) => Raw::Odd(Cow::Borrowed(word)),
            Tree::Bad(why) | Tree::Clash(why) => Raw::Bad(Cow::Borrowed(why)),
            Tree::Element(element) if !element.has_elements() => element.own(),
            _ => Raw::Nested,
        }
    }

    /// What stands at the end of a path; `own` is the item's place in parallel arrays.
    pub fn find(&self, steps: &[Step], own: usize) -> Raw<'_> {
        let Some((step, rest)) = steps.split_first() else { return self.raw() };
        match (step, self) {
            (Step::Key(key), Tree::Map(pairs)) => {
                let mut named = pairs.iter().filter(|(name, _)| **name == **key);
                match (named.next(), named.next()) {
                    (Some((_, value)), None) => value.find(rest, own),
                    (None, _) => Raw::Absent,
                    _ => Raw::Several,
                }
            }
            (_, Tree::Clash(why)) => Raw::Bad(Cow::Borrowed(why)),
            (Step::Key(key), Tree::Element(element)) => in_element(element, key, rest, own),
            (Step::Key(key), Tree::Row(names, cells)) => in_row(names, cells, key, rest),
            (Step::Index(place), Tree::List(list) | Tree::Row(_, list)) => {
                list.get(*place).map_or(Raw::Absent, |value| value.find(rest, own))
            }
            (Step::Own, Tree::List(list)) => {
                list.get(own).map_or(Raw::Absent, |value| value.find(rest, own))
            }
            (Step::Each, Tree::List(list)) => any(list.iter(), rest, own),
            // XML writes a list of one as the one.
            (Step::Each | Step::Index(0), Tree::Element(_)) => self.find(rest, own),
            (Step::Values, Tree::Map(pairs)) => any(pairs.iter().map(|(_, v)| v), rest, own),
            _ => Raw::Absent,
        }
    }
}

/// The one of several that has the rest of the path.
fn any<'t>(all: impl Iterator<Item = &'t Tree>, rest: &[Step], own: usize) -> Raw<'t> {
    all.fold(Raw::Absent, |found, value| found.and(value.find(rest, own)))
}

/// Children of one name are a list where the path asks for one.
fn in_element<'t>(element: &'t Element, key: &str, rest: &[Step], own: usize) -> Raw<'t> {
    if key == "#text" && rest.is_empty() {
        return element.own();
    }
    let mut named = element.children(key);
    match rest.first() {
        Some(Step::Each) => any(named, &rest[1..], own),
        Some(Step::Index(place)) => {
            named.nth(*place).map_or(Raw::Absent, |child| child.find(&rest[1..], own))
        }
        _ => match (named.next(), named.next()) {
            (Some(child), None) => child.find(rest, own),
            (None, _) => Raw::Absent,
            _ => Raw::Several,
        },
    }
}

/// Columns of one name go by their place among each other.
fn in_row<'t>(names: &[Box<str>], cells: &'t [Tree], key: &str, rest: &[Step]) -> Raw<'t> {
    let named = names.iter().enumerate().filter(|(_, name)| ***name == *key);
    let mut named = named.map(|(place, _)| cells.get(place).map_or(Raw::Null, Tree::raw));
    match rest {
        [] => match (named.next(), named.next()) {
            (Some(cell), None) => cell,
            (None, _) => Raw::Absent,
            _ => Raw::Several,
        },
        [Step::Index(place)] => named.nth(*place).unwrap_or_default(),
        _ => Raw::Absent,
    }
}

/// The depth of the recursion is bounded by the cursor.
fn built(cursor: &mut Cursor) -> Result<Tree> {
    Ok(match cursor.token()? {
        Token::Word(Word::Null) => Tree::Null,
        Token::Word(Word::Bool(flag)) => Tree::Bool(flag),
        Token::Word(Word::Number(text)) => Tree::Number(text.into()),
        Token::Word(Word::Odd(bytes)) => Tree::Odd(String::from_utf8_lossy(bytes).into()),
        Token::Text(text) => match text.read() {
            Ok(text) => Tree::Text(text.into()),
            Err(bad) => Tree::Bad(bad.to_string().into()),
        },
        Token::List => {
            let mut list = Vec::new();
            while cursor.element(list.is_empty())? {
                list.push(built(cursor)?);
            }
            Tree::List(list)
        }
        Token::Object => {
            let (mut pairs, mut first) = (Vec::new(), true);
            while let Some(key) = cursor.key(first)? {
                first = false;
                pairs.push((spelled(&key), built(cursor)?));
            }
            Tree::Map(pairs)
        }
    })
}

/// A key that cannot be read has no name that a path could have.
fn spelled(key: &Text) -> Box<str> {
    key.read().map_or_else(|_| "\0".into(), |key| key.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::path::Path;

    #[test]
    fn a_path_leads_to_one_value() {
        let json = br#"{"a":[{"n":1},{"m":2},{"m":null}],"b":3,"b":4,"c":{"x":{"k":5},"y":{}}}"#;
        let tree = Tree::json(json).unwrap();
        let find = |path: &str| tree.find(Path::parse(path).unwrap().steps(), 0);
        assert_eq!(find("a[*].n"), Raw::Number("1"));
        assert_eq!(find("a[*].m"), Raw::Number("2"));
        assert_eq!(find("a[1].m"), Raw::Number("2"));
        assert_eq!(find("a[*].x"), Raw::Absent);
        assert_eq!(find("b"), Raw::Several);
        assert_eq!(find("c.*.k"), Raw::Number("5"));
        assert_eq!(find("c"), Raw::Nested);
        assert_eq!(find("c[*].k"), Raw::Absent);
    }
}
