//! The text of an element, as a person sees it: blanks and line ends count as one blank, what
//! stands on lines or in cells of its own is apart, and what is no text is left out.

use super::dom::Node;
use crate::domain::budget::Budget;
use crate::domain::form::raw::Raw;
use html5ever::local_name as local;

impl<'p> Node<'p> {
    /// Its text; none where there is nothing to be seen.
    pub(super) fn text(self, budget: &Budget) -> Raw<'p> {
        let (mut seen, mut at) = (Seen::default(), self.near(|slot| slot.first));
        while let Some(node) = at {
            budget.work(1);
            at = match node.letters() {
                Some(letters) => {
                    budget.work(letters.len() / 8);
                    seen.letters(letters);
                    node.next_in(self)
                }
                None => {
                    seen.apart |= node.stands_apart();
                    match node.is_unseen() {
                        true => node.next_outside(self),
                        false => node.next_in(self),
                    }
                }
            };
            // The end of what stands apart is an end of its line, too.
            seen.apart |= at.is_none_or(|next| node.is_left_for(next));
        }
        let text = seen.text.trim();
        match text.is_empty() {
            true => Raw::Null,
            false => self.readable(Raw::Text(text.to_string().into())),
        }
    }

    /// Whether on the way to the next node something ends that stands apart.
    fn is_left_for(self, next: Node) -> bool {
        let within = next.near(|slot| slot.parent);
        if within == Some(self) {
            return false;
        }
        let inner = std::iter::once(self).chain(self.around());
        inner.take_while(|node| Some(*node) != within).any(Node::stands_apart)
    }

    /// Whether it is no text for people. Of styles only what stands at the element itself is known.
    fn is_unseen(self) -> bool {
        let Some(element) = self.element() else { return false };
        let is_hidden = element.attributes.iter().any(|attribute| match attribute.name {
            local!("hidden") => true,
            local!("style") => hides(&attribute.value),
            _ => false,
        });
        is_hidden
            || matches!(
                element.name.local,
                local!("script")
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
        matches!(
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
    style.split(';').any(|rule| {
        let (name, value) = rule.split_once(':').unwrap_or_default();
        let value = value.split('!').next().unwrap_or_default().trim();
        let is = |known: &str, hidden: &str| {
            name.trim().eq_ignore_ascii_case(known) && value.eq_ignore_ascii_case(hidden)
        };
        is("display", "none") || is("visibility", "hidden")
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
}

impl Seen {
    fn letters(&mut self, letters: &str) {
        let blank = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0c');
        for (place, word) in letters.split(blank).enumerate() {
            self.gap |= place > 0;
            if word.is_empty() {
                continue;
            }
            if (self.gap || self.apart) && !self.text.is_empty() {
                self.text.push(if self.apart && self.is_group(word) { '\n' } else { ' ' });
            }
            (self.gap, self.apart) = (false, false);
            self.text.push_str(word);
        }
    }

    /// Whether a blank before this word could be taken for the sign between thousands: two numbers
    /// on two lines are not one.
    fn is_group(&self, word: &str) -> bool {
        self.text.ends_with(|c: char| c.is_ascii_digit())
            && word.starts_with(|c: char| c.is_ascii_digit())
            && word.chars().take_while(char::is_ascii_digit).count() <= 3
    }
}
