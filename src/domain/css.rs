//! Selectors of CSS, as declarations write them to point into a page: parsed once, when the
//! declaration is checked. What they are held against stands in `form::html`.

use super::limits::SELECTOR_BYTES;
use cssparser::{ParseErrorKind, ToCss, serialize_identifier, serialize_string};
use html5ever::{LocalName, Namespace};
use precomputed_hash::PrecomputedHash;
use selectors::parser::{
    self, NonTSPseudoClass, ParseRelative, PseudoElement, SelectorList, SelectorParseErrorKind,
};
use std::fmt;

/// A list of selectors, with its text.
#[derive(Clone)]
pub struct Css {
    text: Box<str>,
    list: SelectorList<Names>,
}

impl Css {
    /// Parses selectors of CSS (Selectors Level 4, as far as they ask about elements: no `:hover`,
    /// no `::before`). One that begins with `>` begins at the item, as `:scope >` does.
    ///
    /// # Errors
    ///
    /// In words that do not repeat the text.
    pub fn parse(text: &str) -> Result<Css, String> {
        let text = text.trim();
        if text.len() > SELECTOR_BYTES {
            return Err(format!("a selector of {} bytes, of at most {SELECTOR_BYTES}", text.len()));
        }
        let scope = if text.starts_with('>') { ":scope" } else { "" };
        let whole = format!("{scope}{text}");
        let mut input = cssparser::Parser::new(&whole);
        let list = SelectorList::parse(&Grammar, &mut input, ParseRelative::No);
        let list = list.map_err(|error| wrong(&error.kind))?;
        Ok(Css { text: text.into(), list })
    }

    pub(in crate::domain) fn list(&self) -> &SelectorList<Names> {
        &self.list
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }
}

fn wrong(kind: &ParseErrorKind<SelectorParseErrorKind>) -> String {
    use SelectorParseErrorKind as Kind;
    let ParseErrorKind::Custom(kind) = kind else {
        return "it is no CSS selector: something stands where nothing may".into();
    };
    match kind {
        Kind::EmptySelector => "a selector is empty".into(),
        Kind::DanglingCombinator => "a selector ends with a combinator".into(),
        Kind::UnsupportedPseudoClassOrElement => {
            "a pseudo-class that no page has, but only a browser, or that is not known".into()
        }
        Kind::ClassNeedsIdent => "after a dot stands the name of a class".into(),
        Kind::ExpectedNamespace | Kind::ExplicitNamespaceUnexpectedToken => {
            "a prefix of a namespace, of which pages have none".into()
        }
        _ => "it is no CSS selector".into(),
    }
}

impl PartialEq for Css {
    fn eq(&self, other: &Css) -> bool {
        self.text == other.text
    }
}

impl Eq for Css {}

impl fmt::Debug for Css {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl fmt::Display for Css {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Which selectors there are.
struct Grammar;

impl<'i> parser::Parser<'i> for Grammar {
    type Impl = Names;
    type Error = SelectorParseErrorKind;

    fn parse_is_and_where(&self) -> bool {
        true
    }

    fn parse_has(&self) -> bool {
        true
    }

    fn parse_nth_child_of(&self) -> bool {
        true
    }

    /// A list of which one is wrong is wrong.
    fn allow_forgiving_selectors(&self) -> bool {
        false
    }
}

/// How names are kept in selectors: as those of the elements, so that comparing them is cheap.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::domain) struct Names;

impl parser::SelectorImpl for Names {
    type ExtraMatchingData<'a> = ();
    type AttrValue = Quoted;
    type Identifier = Name;
    type LocalName = Name;
    type NamespaceUrl = Namespace;
    type NamespacePrefix = Name;
    type BorrowedNamespaceUrl = Namespace;
    type BorrowedLocalName = Name;
    type NonTSPseudoClass = Never;
    type PseudoElement = Never;
}

/// The name of an element, an attribute, a class, an id.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(in crate::domain) struct Name(pub LocalName);

impl From<&str> for Name {
    fn from(text: &str) -> Name {
        Name(text.into())
    }
}

impl PrecomputedHash for Name {
    fn precomputed_hash(&self) -> u32 {
        self.0.precomputed_hash()
    }
}

impl ToCss for Name {
    fn to_css<W: fmt::Write>(&self, dest: &mut W) -> fmt::Result {
        serialize_identifier(&self.0, dest)
    }
}

/// The value of an attribute.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::domain) struct Quoted(Box<str>);

impl From<&str> for Quoted {
    fn from(text: &str) -> Quoted {
        Quoted(text.into())
    }
}

impl AsRef<str> for Quoted {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl ToCss for Quoted {
    fn to_css<W: fmt::Write>(&self, dest: &mut W) -> fmt::Result {
        serialize_string(&self.0, dest)
    }
}

/// What is only true while somebody looks at a page: there is none of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::domain) enum Never {}

impl ToCss for Never {
    fn to_css<W: fmt::Write>(&self, _: &mut W) -> fmt::Result {
        Ok(())
    }
}

impl NonTSPseudoClass for Never {
    fn is_active_or_hover(&self) -> bool {
        false
    }

    fn is_user_action_state(&self) -> bool {
        false
    }
}

impl PseudoElement for Never {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_are_told_from_what_is_none() {
        for good in [
            "a",
            "li.job",
            "#results > li:not(.ad)",
            "> td:nth-child(2)",
            "tr:has(th.temp) td",
            "a[href^='/jobs/' i], b",
            ":is(h2, h3) + p",
            "li:nth-child(2 of .job)",
            "td:empty",
            "*",
            " .a\t",
        ] {
            assert_eq!(Css::parse(good).map(|css| css.text), Ok(good.trim().into()));
        }
        for (bad, why) in [
            ("", "is empty"),
            ("a,", "is empty"),
            ("a >", "ends with a combinator"),
            ("a:hover", "only a browser"),
            ("a::before", "only a browser"),
            ("div.1a", "no CSS selector"),
            ("svg|a", "namespace"),
            ("a..b", "after a dot"),
            ("a[", "no CSS selector"),
            ("a]", "no CSS selector"),
            ("data.stations[*]", "no CSS selector"),
            (":is(a, :hover)", "only a browser"),
            ("/html/body", "is empty"),
            ("a@href", "no CSS selector"),
        ] {
            let told = Css::parse(bad).map(|css| css.text);
            assert!(told.clone().is_err_and(|told| told.contains(why)), "{bad}: {told:?}");
        }
    }

    #[test]
    fn a_selector_costs_no_stack_to_speak_of() {
        let deep = |begin: &str| begin.repeat(SELECTOR_BYTES / begin.len());
        for begin in [":is(", ":not(", ":has(", "a ", "a>", "["] {
            let _ = Css::parse(&deep(begin));
        }
        let closed = |begin: &str| {
            let times = SELECTOR_BYTES / (begin.len() + 1) - 1;
            Css::parse(&(begin.repeat(times) + "a" + &")".repeat(times)))
        };
        assert!(closed(":is(").is_ok() || closed(":is(").is_err());
        assert!(Css::parse(&"a".repeat(SELECTOR_BYTES + 1)).unwrap_err().contains("at most"));
    }
}
