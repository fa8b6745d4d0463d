//! A document, built: of JSON, of the rows of a CSV file, of XML, of HTML. It borrows its texts
//! from the answer. What stands at a path in it is found by the same rules as in a stream.

use super::html::Node;
use super::raw::{Both, Raw};
use crate::domain::budget::Budget;
use crate::domain::path::Step;
use std::borrow::Cow;

/// A value of a document.
#[derive(Clone, PartialEq, Debug)]
pub enum Tree<'b> {
    Null,
    Bool(bool),
    Number(&'b str),
    Text(Cow<'b, str>),
    /// A word that is no JSON value.
    Odd(Cow<'b, str>),
    /// A text that cannot be read, with the reason.
    Bad(Cow<'b, str>),
    /// Elements of XML of which it is not told which is meant, and why.
    Clash(Box<str>),
    List(Vec<Tree<'b>>),
    Map(Vec<(Cow<'b, str>, Tree<'b>)>),
    Element(Box<Element<'b>>),
    /// The cells of a row of a CSV file with a header.
    Row(Vec<Tree<'b>>),
    /// A row or a line that cannot be read, with the reason.
    BadRow(Box<str>),
    /// A page, and each of its nodes.
    Page(Node<'b>, &'b Vec<Tree<'b>>),
    /// A node of a page.
    Node(Node<'b>),
}

/// An element of XML: attributes as `@name` and child elements, in their order, and its text.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Element<'b> {
    pub pairs: Vec<(Cow<'b, str>, Tree<'b>)>,
    pub text: Cow<'b, str>,
    /// It says of itself that it has no value.
    pub nil: bool,
    /// Its text stands in pieces around an element.
    pub torn: bool,
}

impl<'b> Element<'b> {
    pub fn children<'e>(&'e self, name: &str) -> impl Iterator<Item = &'e Tree<'b>> {
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

impl<'b> Tree<'b> {
    /// The value itself, as that of a declared place.
    pub fn raw(&self) -> Raw<'_> {
        match self {
            Tree::Null => Raw::Null,
            Tree::Bool(flag) => Raw::Bool(*flag),
            Tree::Number(text) => Raw::Number(text),
            Tree::Text(text) => Raw::of_text(text),
            Tree::Odd(word) => Raw::Odd(Cow::Borrowed(word)),
            Tree::Bad(why) => Raw::Bad(Cow::Borrowed(why)),
            Tree::Clash(why) => Raw::Bad(Cow::Borrowed(why)),
            Tree::Element(element) if !element.has_elements() => element.own(),
            _ => Raw::Nested,
        }
    }

    /// Names and values, of whatever is named, and how many.
    fn pairs(&self) -> &[(Cow<'b, str>, Tree<'b>)] {
        match self {
            Tree::Map(pairs) => pairs,
            Tree::Element(element) => &element.pairs,
            _ => &[],
        }
    }

    /// The first value under a name, or at a place.
    pub fn step(&self, step: &Step) -> Option<&Tree<'b>> {
        match (step, self) {
            (Step::Key(key), _) => {
                self.pairs().iter().find(|(name, _)| **name == **key).map(|(_, value)| value)
            }
            (Step::Index(place), Tree::List(list)) => list.get(*place),
            _ => None,
        }
    }

    /// What stands at the end of a path; `own` is the item's place in parallel arrays. Names
    /// that are compared on the way, and elements that are passed, are work.
    pub fn find(&self, steps: &[Step], own: usize, budget: &Budget) -> Raw<'_> {
        self.seek(steps, Look { own, budget, both: Raw::and })
    }

    /// All that stands at the ends of a path that takes several.
    pub fn find_all(&self, steps: &[Step], own: usize, budget: &Budget) -> Raw<'_> {
        self.seek(steps, Look { own, budget, both: Raw::with })
    }

    fn seek<'t>(&'t self, steps: &[Step], look: Look<'_, 't>) -> Raw<'t> {
        if let Tree::Page(node, _) | Tree::Node(node) = self {
            return node.find(steps, look.budget, look.both);
        }
        let Some((step, rest)) = steps.split_first() else { return self.raw() };
        let Look { own, budget, .. } = look;
        budget.work(1 + self.pairs().len());
        match (step, self) {
            (Step::Key(key), Tree::Map(pairs)) => {
                let mut named = pairs.iter().filter(|(name, _)| **name == **key);
                match (named.next(), named.next()) {
                    (Some((_, value)), None) => value.seek(rest, look),
                    (None, _) => Raw::Absent,
                    _ => Raw::Several,
                }
            }
            (_, Tree::Clash(why)) => Raw::Bad(Cow::Borrowed(why)),
            (Step::Key(key), Tree::Element(element)) => in_element(element, key, rest, look),
            (Step::Index(place), Tree::List(list) | Tree::Row(list)) => {
                list.get(*place).map_or(Raw::Absent, |value| value.seek(rest, look))
            }
            (Step::Own, Tree::List(list)) => {
                list.get(own).map_or(Raw::Absent, |value| value.seek(rest, look))
            }
            (Step::Each, Tree::List(list)) => any(list.iter(), rest, look),
            // XML writes a list of one as the one.
            (Step::Each | Step::Index(0), Tree::Element(_)) => self.seek(rest, look),
            (Step::Values, Tree::Map(pairs)) => any(pairs.iter().map(|(_, v)| v), rest, look),
            _ => Raw::Absent,
        }
    }
}

/// How a path is followed.
#[derive(Clone, Copy)]
struct Look<'l, 't> {
    own: usize,
    budget: &'l Budget,
    both: Both<'t>,
}

/// Of several those that have the rest of the path: one, as a rule.
fn any<'t, 'b: 't>(
    all: impl Iterator<Item = &'t Tree<'b>>,
    rest: &[Step],
    look: Look<'_, 't>,
) -> Raw<'t> {
    all.fold(Raw::Absent, |found, value| {
        look.budget.work(1);
        (look.both)(found, value.seek(rest, look))
    })
}

/// Children of one name are a list where the path asks for one.
fn in_element<'t>(
    element: &'t Element<'_>,
    key: &str,
    rest: &[Step],
    look: Look<'_, 't>,
) -> Raw<'t> {
    if key == "#text" && rest.is_empty() {
        return element.own();
    }
    let mut named = element.children(key);
    match rest.first() {
        Some(Step::Each) => any(named, &rest[1..], look),
        Some(Step::Index(place)) => {
            named.nth(*place).map_or(Raw::Absent, |child| child.seek(&rest[1..], look))
        }
        _ => match (named.next(), named.next()) {
            (Some(child), None) => child.seek(rest, look),
            (None, _) => Raw::Absent,
            _ => Raw::Several,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::path::Path;

    #[test]
    fn a_path_leads_to_one_value() {
        let json = br#"{"a":[{"n":1},{"m":2},{"m":null}],"b":3,"b":4,"c":{"x":{"k":5},"y":{}}}"#;
        let budget = Budget::default();
        let tree = Tree::json(json, &budget).unwrap();
        let find = |path: &str| tree.find(Path::parse(path).unwrap().steps(), 0, &budget);
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
