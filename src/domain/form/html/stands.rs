//! How an element stands among the text around it, by its name and its own attributes: as a
//! browser shows it without a sheet (the HTML standard, "Rendering").

use super::dom::{Element, Node};
use super::style::Style;
use crate::domain::budget::Budget;
use html5ever::{LocalName, local_name as local, ns};

/// How an element stands in its text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stands {
    /// Its text is part of the text around it, letter beside letter.
    Within,
    /// It has lines, or a cell, of its own.
    Apart,
    /// What stands before, in and behind it are texts of their own: it is raised, struck out, a
    /// picture, or nobody knows.
    Beside,
    /// The same; what it holds is no text.
    Filled,
    /// It is not there for people.
    Unseen,
}

impl Node<'_> {
    pub(super) fn stands(self, budget: &Budget) -> Stands {
        let Some(element) = self.element() else { return Stands::Within };
        let name = &element.name.local;
        if element.name.ns != ns!(html) {
            let is_named = matches!(*name, local!("title") | local!("desc"));
            return if is_named { Stands::Unseen } else { Stands::Beside };
        }
        let style = element.style();
        budget.work(style.map_or(0, |style| style.0.len() / 2));
        let display = style.and_then(Style::display);
        let is_off = || display.is_none() && element.is_put_away();
        if is_no_text(name) || style.is_some_and(Style::hides) || is_off() {
            return Stands::Unseen;
        }
        let is_apart = |shown: &str| !shown.starts_with("inline") && shown != "contents";
        match is_filled(name) {
            true => Stands::Filled,
            false if display.as_deref().is_some_and(is_apart) || has_lines(name) => Stands::Apart,
            false if style.is_some_and(Style::sets_apart) || !is_within(name) => Stands::Beside,
            false => Stands::Within,
        }
    }

    /// Whether the ends of lines in its text are ends of lines on the page, where it says so.
    pub(super) fn keeps_lines(self) -> Option<bool> {
        let element = self.element()?;
        let kept = matches!(
            element.name.local,
            local!("pre") | local!("textarea") | local!("listing") | local!("xmp")
        );
        element.style().and_then(Style::keeps_lines).or(kept.then_some(true))
    }
}

impl Element {
    fn value(&self, name: &LocalName) -> Option<&str> {
        let found = self.attributes.iter().find(|attribute| attribute.name == *name);
        found.map(|attribute| &*attribute.value)
    }

    fn style(&self) -> Option<Style<'_>> {
        self.value(&local!("style")).map(Style)
    }

    /// Whether it is shown only once somebody or something asks for it.
    fn is_put_away(&self) -> bool {
        let is_closed =
            self.name.local == local!("dialog") && self.value(&local!("open")).is_none();
        let is_popover = self.attributes.iter().any(|attribute| &*attribute.name == "popover");
        is_closed || is_popover || self.value(&local!("hidden")).is_some()
    }
}

/// What is there for programs.
fn is_no_text(name: &LocalName) -> bool {
    matches!(
        *name,
        local!("script")
            | local!("audio")
            | local!("style")
            | local!("noscript")
            | local!("template")
            | local!("noembed")
            | local!("noframes")
            | local!("datalist")
            | local!("head")
            | local!("rp")
            | local!("meta")
            | local!("link")
            | local!("base")
            | local!("param")
            | local!("source")
            | local!("track")
    )
}

/// Whose content is for browsers that cannot show it.
fn is_filled(name: &LocalName) -> bool {
    matches!(
        *name,
        local!("video")
            | local!("canvas")
            | local!("object")
            | local!("iframe")
            | local!("meter")
            | local!("progress")
    )
}

/// Whose text goes on where the text before it ends.
fn is_within(name: &LocalName) -> bool {
    matches!(
        *name,
        local!("a")
            | local!("abbr")
            | local!("acronym")
            | local!("b")
            | local!("bdi")
            | local!("bdo")
            | local!("big")
            | local!("cite")
            | local!("code")
            | local!("data")
            | local!("dfn")
            | local!("em")
            | local!("font")
            | local!("i")
            | local!("kbd")
            | local!("label")
            | local!("mark")
            | local!("nobr")
            | local!("output")
            | local!("samp")
            | local!("slot")
            | local!("small")
            | local!("span")
            | local!("strong")
            | local!("time")
            | local!("tt")
            | local!("u")
            | local!("var")
            | local!("wbr")
    )
}

/// Who has lines, or a cell, of its own.
fn has_lines(name: &LocalName) -> bool {
    matches!(
        *name,
        local!("address")
            | local!("article")
            | local!("aside")
            | local!("blockquote")
            | local!("br")
            | local!("button")
            | local!("caption")
            | local!("center")
            | local!("dd")
            | local!("details")
            | local!("dialog")
            | local!("dir")
            | local!("div")
            | local!("dl")
            | local!("dt")
            | local!("fieldset")
            | local!("figcaption")
            | local!("figure")
            | local!("footer")
            | local!("form")
            | local!("h1")
            | local!("h2")
            | local!("h3")
            | local!("h4")
            | local!("h5")
            | local!("h6")
            | local!("header")
            | local!("hgroup")
            | local!("hr")
            | local!("legend")
            | local!("li")
            | local!("main")
            | local!("menu")
            | local!("nav")
            | local!("ol")
            | local!("optgroup")
            | local!("option")
            | local!("p")
            | local!("pre")
            | local!("search")
            | local!("section")
            | local!("summary")
            | local!("table")
            | local!("tbody")
            | local!("td")
            | local!("tfoot")
            | local!("th")
            | local!("thead")
            | local!("tr")
            | local!("ul")
    )
}
