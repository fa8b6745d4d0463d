//! The text of an element, as a person sees it: blanks and line ends count as one blank, what
//! stands on lines or in cells of its own is apart, and what is no text is left out.

use super::dom::Node;
use super::stands::Stands;
use crate::domain::budget::Budget;
use crate::domain::form::raw::{DOUBT, LINE, Raw};

impl<'p> Node<'p> {
    /// Its text; none where there is nothing to be seen.
    pub(super) fn text(self, budget: &Budget) -> Raw<'p> {
        let (mut seen, mut at) = (Seen::default(), self.near(|slot| slot.first));
        while let Some(node) = at {
            budget.work(1);
            let stands = node.stands(budget);
            at = match node.letters() {
                Some(letters) => {
                    budget.work(letters.len() / 8);
                    let is_set = letters.contains(['\n', '\t']) || letters.contains("  ");
                    seen.letters(letters, is_set && node.is_on_lines(budget));
                    node.next_in(self)
                }
                None => {
                    seen.meets(stands);
                    match stands {
                        Stands::Unseen | Stands::Filled => node.next_outside(self),
                        _ => node.next_in(self),
                    }
                }
            };
            // The end of what stands apart is an end of its line, too.
            if at.is_some() {
                node.left_for(at).for_each(|inner| seen.meets(inner.stands(budget)));
            }
        }
        let text = seen.text.trim();
        match text.is_empty() {
            true => Raw::Null,
            false => self.readable(Raw::Text(text.to_string().into())),
        }
    }

    /// The elements, from this node on outwards, that end before the next one.
    fn left_for(self, next: Option<Node<'p>>) -> impl Iterator<Item = Node<'p>> {
        let within = next.map(|next| next.near(|slot| slot.parent));
        let inner = std::iter::once(self).chain(self.around());
        inner.take_while(move |node| within != Some(Some(*node)))
    }

    /// Whether the ends of lines in a text are ends of lines on the page: the innermost that says
    /// so counts.
    fn is_on_lines(self, budget: &Budget) -> bool {
        let said = self.around().find_map(|node| {
            budget.work(1);
            node.keeps_lines()
        });
        said.unwrap_or(false)
    }
}

/// The text so far.
#[derive(Default)]
struct Seen {
    text: String,
    /// Whether what comes next is apart from it.
    gap: bool,
    /// Whether it stands on a line, or in a cell, of its own.
    apart: bool,
    /// Whether it is of another number, of one with another sign, or nobody knows.
    beside: bool,
    removed: bool,
    doubt: bool,
}

impl Seen {
    /// An element begins or ends here.
    fn meets(&mut self, stands: Stands) {
        match stands {
            Stands::Within | Stands::Unseen => {}
            Stands::Apart => self.apart = true,
            Stands::Beside | Stands::Filled => self.beside = true,
            Stands::Removed => self.removed = true,
            Stands::Doubtful => self.doubt = true,
        }
    }

    fn letters(&mut self, letters: &str, keeps_lines: bool) {
        let lines = letters.split(|c| keeps_lines && c == '\n');
        for (place, line) in lines.enumerate() {
            self.apart |= place > 0;
            self.line(line, keeps_lines);
        }
    }

    fn line(&mut self, letters: &str, keeps_columns: bool) {
        let blank = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0c' | LINE | DOUBT);
        let mut blanks = 0;
        for (place, word) in letters.split(blank).enumerate() {
            (self.gap, blanks) = (self.gap || place > 0, blanks + usize::from(place > 0));
            if word.is_empty() {
                continue;
            }
            // Blanks that are kept make columns.
            self.beside |= keeps_columns && (blanks > 1 || letters.contains('\t'));
            self.push(word);
            blanks = 0;
        }
        self.beside |= keeps_columns && blanks > 1;
    }

    fn push(&mut self, word: &str) {
        let meets = self.meets_digits(word);
        let is_line = self.apart && self.is_group(word)
            || self.beside && meets
            || self.removed && self.meets_signs(word);
        if is_line {
            self.text.push(LINE);
        } else if self.doubt && meets {
            self.text.push(DOUBT);
        } else if (self.gap || self.apart) && !self.text.is_empty() {
            self.text.push(' ');
        }
        *self = Seen { text: std::mem::take(&mut self.text), ..Seen::default() };
        self.text.push_str(word);
    }

    fn meets_digits(&self, word: &str) -> bool {
        let text = self.text.trim_end_matches(BLANKS);
        text.ends_with(|c: char| c.is_ascii_digit())
            && word.trim_start_matches(BLANKS).starts_with(|c: char| c.is_ascii_digit())
    }

    /// The same, with the signs of numbers.
    fn meets_signs(&self, word: &str) -> bool {
        let (text, word) = (self.text.trim_end_matches(BLANKS), word.trim_start_matches(BLANKS));
        let ends = text.ends_with(|c: char| c.is_ascii_digit() || SIGNS.contains(&c));
        ends && word.trim_start_matches(SIGNS).starts_with(|c: char| c.is_ascii_digit())
    }

    /// Whether a blank before this word could be taken for the sign between thousands: two numbers
    /// on two lines are not one.
    fn is_group(&self, word: &str) -> bool {
        self.meets_digits(word) && word.chars().take_while(char::is_ascii_digit).count() <= 3
    }
}

/// Blanks that may stand in a number.
const BLANKS: [char; 3] = ['\u{a0}', '\u{202f}', ' '];
/// What may stand before, in and behind the digits of one.
const SIGNS: [char; 7] = ['-', '\u{2212}', '+', '.', ',', '\'', '\u{2019}'];
