//! What all parts of a page share, and the smallest of them.

use super::links::{Links, escaped, outside};
use super::svg;
use crate::domain::format::Lang;
use crate::domain::page::sparkline;
use crate::domain::report::figure::Sparkline;
use crate::domain::screen::Scene;
use crate::domain::source::Title;
use maud::{Markup, PreEscaped, html};

/// What all parts of one page share.
pub struct Desk<'a> {
    pub links: &'a Links,
    pub scene: &'a Scene,
}

impl Desk<'_> {
    pub fn lang(&self) -> Lang {
        self.links.lang
    }

    /// A title in the language of the page.
    pub fn said<'t>(&self, title: &'t Title) -> &'t str {
        self.links.lang.pick(&title.en, &title.fr)
    }

    /// A page about something of a name: `topic`, `series`, `records`.
    pub fn to(&self, kind: &str, name: &str) -> String {
        self.links.page(&format!("{kind}/{}", escaped(name)))
    }

    /// What the catalogue says of a source.
    pub fn about(&self, source: &str) -> String {
        self.links.page(&format!("sources#{}", escaped(source)))
    }

    pub fn pick<'t>(&self, en: &'t str, fr: &'t str) -> &'t str {
        self.links.lang.pick(en, fr)
    }
}

/// A text that leads elsewhere, if its address is one of the web.
pub fn link(text: &str, url: Option<&str>) -> Markup {
    match url.and_then(outside) {
        Some(url) => html! { a href=(url) rel="external noreferrer" { (text) } },
        None => html! { (text) },
    }
}

/// A line the size of a word.
pub fn spark(line: &Sparkline) -> Markup {
    let drawing = sparkline(line, 120.0, 27.0, 0.9);
    PreEscaped(svg::inline(&drawing, "spark", "s", None))
}
