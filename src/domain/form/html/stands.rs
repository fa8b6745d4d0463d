//! How an element stands among the text around it, by its name and its own attributes: as a
//! browser shows it without a sheet (the HTML standard, "Rendering").

use super::dom::{Element, Node};
use super::style::{Effect, Style};
use crate::domain::budget::Budget;
use html5ever::{LocalName, local_name as local, ns};

/// Ways of being shown that put nothing on lines of its own.
const AS_TEXT: [&str; 3] = ["contents", "initial", "unset"];

/// How an element stands in its text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stands {
    /// Its text is part of the text around it, letter beside letter.
    Within,
    /// It has lines, or a cell, of its own.
    Apart,
    /// What stands before, in and behind it are texts of their own: it is raised, or a picture.
    Beside,
    /// The same, signs included: it is struck out, or taken out of its line.
    Removed,
    /// Nobody knows.
    Doubtful,
    /// The same as `Beside`; what it holds is no text.
    Filled,
    /// It is not there for people.
    Unseen,
}

impl Node<'_> {
    pub(super) fn stands(self, budget: &Budget) -> Stands {
        let Some(element) = self.element() else { return Stands::Within };
        let name = &element.name.local;
        let style = element.style().unwrap_or(Style(""));
        budget.work(style.0.len() / 2);
        let display = style.display();
        if element.is_no_text() || style.hides() || display.is_none() && element.is_put_away() {
            return Stands::Unseen;
        }
        let is_html = element.name.ns == ns!(html);
        let is_apart = |shown: &str| !shown.starts_with("inline") && !AS_TEXT.contains(&shown);
        match style.effect() {
            _ if style.blanks() || is_html && element.is_filled() => Stands::Filled,
            _ if display.as_deref().is_some_and(is_apart) => Stands::Apart,
            _ if is_html && has_lines(name) => Stands::Apart,
            Effect::Removed => Stands::Removed,
            _ if !is_html => Stands::Beside,
            _ if is_struck(name) => Stands::Removed,
            Effect::Raised => Stands::Beside,
            _ if is_raised(name) || self.is_part() => Stands::Beside,
            Effect::Nothing if is_within(name) || name.contains(':') => Stands::Within,
            Effect::Nothing | Effect::Doubtful => Stands::Doubtful,
        }
    }

    /// Whether it has a place of its own in a box or a grid.
    fn is_part(self) -> bool {
        let parent = self.around().next().and_then(|node| node.element()?.style());
        parent.is_some_and(Style::lays_out)
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

    /// Whether what it holds is there for programs, or not at all.
    fn is_no_text(&self) -> bool {
        let name = &self.name.local;
        if self.name.ns != ns!(html) {
            return matches!(
                &**name,
                "title"
                    | "desc"
                    | "defs"
                    | "metadata"
                    | "style"
                    | "script"
                    | "symbol"
                    | "clipPath"
                    | "mask"
                    | "pattern"
                    | "annotation"
                    | "annotation-xml"
            );
        }
        match *name {
            local!("audio") => self.value(&local!("controls")).is_none(),
            local!("input") => self
                .value(&local!("type"))
                .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("hidden")),
            _ => is_for_programs(name),
        }
    }

    /// Whether what it holds is for browsers that cannot show it.
    fn is_filled(&self) -> bool {
        matches!(
            self.name.local,
            local!("video")
                | local!("audio")
                | local!("canvas")
                | local!("object")
                | local!("iframe")
                | local!("meter")
                | local!("progress")
        )
    }
}

fn is_for_programs(name: &LocalName) -> bool {
    matches!(
        *name,
        local!("script")
            | local!("style")
            | local!("noscript")
            | local!("template")
            | local!("noembed")
            | local!("noframes")
            | local!("datalist")
            | local!("head")
            | local!("title")
            | local!("rp")
            | local!("meta")
            | local!("link")
            | local!("base")
            | local!("param")
            | local!("source")
            | local!("track")
            | local!("area")
    )
}

fn is_struck(name: &LocalName) -> bool {
    matches!(*name, local!("s") | local!("strike") | local!("del"))
}

/// Who stands higher or lower, or is no text at all.
fn is_raised(name: &LocalName) -> bool {
    matches!(
        *name,
        local!("sup")
            | local!("sub")
            | local!("img")
            | local!("embed")
            | local!("input")
            | local!("select")
            | local!("textarea")
            | local!("ruby")
            | local!("rb")
            | local!("rt")
            | local!("rtc")
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
            | local!("cite")
            | local!("code")
            | local!("data")
            | local!("dfn")
            | local!("em")
            | local!("font")
            | local!("i")
            | local!("kbd")
            | local!("ins")
            | local!("label")
            | local!("map")
            | local!("mark")
            | local!("nobr")
            | local!("output")
            | local!("samp")
            | local!("slot")
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
