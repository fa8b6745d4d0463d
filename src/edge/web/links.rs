//! Addresses within the dashboard: relative to the page that they stand on, so that a proxy may
//! put it below any path.

use crate::domain::format::Lang;
use crate::domain::time::Day;
use std::fmt::Write;

/// From one page to the others.
#[derive(Clone, Debug)]
pub struct Links {
    /// The way up to the root: `../../`.
    root: String,
    pub lang: Lang,
    /// The path of the page below its language, and its query.
    here: String,
    query: String,
    /// The day that the page was asked for; its ways keep to it.
    day: Option<Day>,
}

impl Links {
    /// From a page at a path such as `/fr/topic/bikes`.
    pub fn from(path: &str, query: Option<&str>, usual: Lang) -> Links {
        let (lang, here) = split(path, usual);
        let depth = path.matches('/').count().saturating_sub(1);
        let root = if depth == 0 { "./".to_string() } else { "../".repeat(depth) };
        let query = query.unwrap_or_default().to_string();
        let day = query.split('&').find_map(|pair| pair.strip_prefix("day=")?.parse().ok());
        Links { root, lang, here: here.into(), query, day }
    }

    /// A page in the same language, and of the same day; the path without a slash in front. The
    /// first page is that of now.
    pub fn page(&self, path: &str) -> String {
        let (front, place) = path.split_at(path.find('#').unwrap_or(path.len()));
        let tells_day = front.contains("?day=") || front.contains("&day=");
        let day = self.day.filter(|_| !front.is_empty() && !tells_day);
        let sign = if front.contains('?') { '&' } else { '?' };
        let day = day.map(|day| format!("{sign}day={day}")).unwrap_or_default();
        format!("{}{}/{front}{day}{place}", self.root, self.lang.tag())
    }

    /// What has no language: assets, data.
    pub fn file(&self, path: &str) -> String {
        format!("{}{path}", self.root)
    }

    /// This page in another language.
    pub fn translated(&self, lang: Lang) -> String {
        let query = if self.query.is_empty() { String::new() } else { format!("?{}", self.query) };
        format!("{}{}/{}{query}", self.root, lang.tag(), self.here)
    }
}

/// The language of a path, and what stands behind it.
fn split(path: &str, usual: Lang) -> (Lang, &str) {
    let path = path.trim_start_matches('/');
    let (first, rest) = path.split_once('/').unwrap_or((path, ""));
    match [Lang::En, Lang::Fr].into_iter().find(|lang| lang.tag() == first) {
        Some(lang) => (lang, rest),
        None => (usual, path),
    }
}

/// A part of a path or of a query, its odd signs written in hexadecimal digits.
pub fn escaped(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            _ => drop(write!(out, "%{byte:02X}")),
        }
    }
    out
}

/// An address of elsewhere, if it is one of the web: nothing else is linked to.
pub fn outside(url: &str) -> Option<&str> {
    let scheme = url.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    scheme.filter(|scheme| scheme == "https" || scheme == "http").map(|_| url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_from_any_depth_to_any_page() {
        let links = Links::from("/", None, Lang::En);
        assert_eq!(links.page("health"), "./en/health");
        let links = Links::from("/fr/topic/bikes", Some("day=2026-11-21"), Lang::En);
        assert_eq!(links.page(""), "../../fr/");
        assert_eq!(links.file("assets/a.css"), "../../assets/a.css");
        assert_eq!(links.translated(Lang::En), "../../en/topic/bikes?day=2026-11-21");
        assert_eq!(links.page("series/a?at=18"), "../../fr/series/a?at=18&day=2026-11-21");
        assert_eq!(links.page("sources#a"), "../../fr/sources?day=2026-11-21#a");
        assert_eq!(links.page("map?day=2026-11-20"), "../../fr/map?day=2026-11-20");
    }

    #[test]
    fn only_the_web_is_linked_to() {
        assert_eq!(outside("https://example.org/a"), Some("https://example.org/a"));
        for odd in ["javascript:alert(1)", "data:text/html,x", "//example.org", "ftp://a/b", ""] {
            assert_eq!(outside(odd), None, "{odd}");
        }
        assert_eq!(escaped("a b/ü?"), "a%20b%2F%C3%BC%3F");
    }
}
