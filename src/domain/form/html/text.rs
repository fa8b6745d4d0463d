//! The text of an element, as a person sees it: blanks and line ends count as one blank, what
//! stands on lines or in cells of its own is apart, and what is no text is left out.

use super::dom::Node;
use crate::domain::budget::Budget;
use crate::domain::form::raw::Raw;
use html5ever::{local_name as local, ns};

impl<'p> Node<'p> {
    /// Its text; none where there is nothing to be seen.
    pub(super) fn text(self, budget: &Budget) -> Raw<'p> {
        let (mut seen, mut at) = (Seen::default(), self.near(|slot| slot.first));
        while let Some(node) = at {
            budget.work(1);
            at = match node.letters() {
                Some(letters) => {
                    budget.work(letters.len() / 8);
                    seen.letters(letters, letters.contains('\n') && node.keeps_lines(self));
                    node.next_in(self)
                }
                None => {
                    seen.apart |= node.stands_apart();
                    seen.edge |= node.is_edge();
                    match node.is_unseen() {
                        true => node.next_outside(self),
                        false => node.next_in(self),
                    }
                }
            };
            // The end of what stands apart is an end of its line, too.
            seen.apart |=
                at.is_none_or(|next| node.is_left_for(next, |inner| inner.stands_apart()));
            seen.edge |= at.is_none_or(|next| node.is_left_for(next, |inner| inner.is_edge()));
        }
        let text = seen.text.trim();
        match text.is_empty() {
            true => Raw::Null,
            false => self.readable(Raw::Text(text.to_string().into())),
        }
    }

    /// Whether on the way to the next node something ends that is such.
    fn is_left_for(self, next: Node, is_such: impl Fn(Node<'p>) -> bool) -> bool {
        let within = next.near(|slot| slot.parent);
        if within == Some(self) {
            return false;
        }
        let inner = std::iter::once(self).chain(self.around());
        inner.take_while(|node| Some(*node) != within).any(is_such)
    }

    /// Whether the ends of lines in a text are ends of lines on the page.
    fn keeps_lines(self, top: Node) -> bool {
        let is_top = |node: &Node| *node == top;
        let is_pre = |node: Node<'_>| {
            let element = node.element();
            element.is_some_and(|e| matches!(e.name.local, local!("pre") | local!("textarea")))
        };
        is_pre(top) || self.around().take_while(|node| !is_top(node)).any(is_pre)
    }

    /// Whether digits on its two sides are of two numbers: it is raised, struck out, or a picture.
    fn is_edge(self) -> bool {
        let Some(element) = self.element() else { return false };
        // Of formulas, ruby and drawings.
        let is_part = matches!(&*element.name.local, "mn" | "mi" | "rt" | "tspan" | "iframe");
        is_part
            || matches!(
                element.name.local,
                local!("sup")
                    | local!("sub")
                    | local!("s")
                    | local!("strike")
                    | local!("del")
                    | local!("ins")
                    | local!("img")
                    | local!("input")
                    | local!("select")
                    | local!("svg")
                    | local!("video")
                    | local!("canvas")
                    | local!("object")
                    | local!("text")
            )
    }

    /// Whether it is no text for people. Of styles only what stands at the element itself is known.
    fn is_unseen(self) -> bool {
        let Some(element) = self.element() else { return false };
        let is_hidden = element.attributes.iter().any(|attribute| match attribute.name {
            local!("hidden") => true,
            local!("style") => hides(&attribute.value),
            _ => false,
        });
        let is_open = || element.attributes.iter().any(|a| a.name == local!("open"));
        let is_closed = element.name.local == local!("dialog") && !is_open();
        let is_named = element.name.ns == ns!(svg)
            && matches!(element.name.local, local!("title") | local!("desc"));
        is_hidden
            || is_closed
            || is_named
            || matches!(
                element.name.local,
                local!("script")
                    | local!("video")
                    | local!("audio")
                    | local!("canvas")
                    | local!("object")
                    | local!("style")
                    | local!("noscript")
                    | local!("template")
                    | local!("iframe")
                    | local!("noembed")
                    | local!("noframes")
                    | local!("datalist")
                    | local!("head")
            )
    }

    /// Whether it has lines, or a cell, of its own.
    fn stands_apart(self) -> bool {
        let Some(element) = self.element() else { return false };
        let style = element.attributes.iter().find(|a| a.name == local!("style"));
        let shown = style.and_then(|style| last_of(&style.value, "display"));
        shown.is_some_and(|shown| {
            !shown.starts_with("inline") && !matches!(&*shown, "contents" | "none")
        }) || matches!(
            element.name.local,
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
}

/// Whether a style takes its element off the page.
fn hides(style: &str) -> bool {
    last_of(style, "display").is_some_and(|value| value == "none")
        || last_of(style, "visibility").is_some_and(|value| value == "hidden")
}

/// The value that a style gives a property, in small letters: the last one counts.
fn last_of(style: &str, property: &str) -> Option<String> {
    style.split(';').rev().find_map(|rule| {
        let (name, value) = rule.split_once(':')?;
        let value = value.split('!').next().unwrap_or_default().trim();
        name.trim().eq_ignore_ascii_case(property).then(|| value.to_ascii_lowercase())
    })
}

/// The text so far.
#[derive(Default)]
struct Seen {
    text: String,
    /// Whether what comes next is apart from it.
    gap: bool,
    /// Whether it stands on a line, or in a cell, of its own.
    apart: bool,
    /// Whether it is of another number.
    edge: bool,
}

impl Seen {
    fn letters(&mut self, letters: &str, keeps_lines: bool) {
        let lines = letters.split(|c| keeps_lines && c == '\n');
        for (place, line) in lines.enumerate() {
            self.apart |= place > 0;
            self.line(line);
        }
    }

    fn line(&mut self, letters: &str) {
        let blank = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0c');
        for (place, word) in letters.split(blank).enumerate() {
            self.gap |= place > 0;
            if word.is_empty() {
                continue;
            }
            let meets = self.meets_digits(word);
            if (self.apart && self.is_group(word)) || (self.edge && meets) {
                self.text.push('\n');
            } else if (self.gap || self.apart) && !self.text.is_empty() {
                self.text.push(' ');
            }
            (self.gap, self.apart, self.edge) = (false, false, false);
            self.text.push_str(word);
        }
    }

    fn meets_digits(&self, word: &str) -> bool {
        let blank = ['\u{a0}', '\u{202f}', ' '];
        let text = self.text.trim_end_matches(blank);
        text.ends_with(|c: char| c.is_ascii_digit())
            && word.trim_start_matches(blank).starts_with(|c: char| c.is_ascii_digit())
    }

    /// Whether a blank before this word could be taken for the sign between thousands: two numbers
    /// on two lines are not one.
    fn is_group(&self, word: &str) -> bool {
        self.meets_digits(word) && word.chars().take_while(char::is_ascii_digit).count() <= 3
    }
}
