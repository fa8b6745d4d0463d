//! A page for people that came in the place of data: how it is known, and what it is called.

use crate::domain::shown;

/// How pages begin.
const BEGINS: [&str; 9] =
    ["<!doctype html", "<html", "<head", "<body", "<title", "<script", "<meta", "<h1", "<center"];

/// Bytes in which a title is looked for, and its letters that are told.
const LOOKED_AT: usize = 64 << 10;
const TITLE_LETTERS: usize = 80;

/// Whether an answer begins like a page; comments and a declaration of XML may stand before it.
pub fn is_html(bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(bytes.get(..1_024).unwrap_or(bytes)).to_ascii_lowercase();
    let mut rest = head.trim_start();
    while let Some(end) = ["<!--", "<?xml"].iter().find_map(|begin| {
        let close = if *begin == "<!--" { "-->" } else { "?>" };
        rest.starts_with(begin).then(|| rest.find(close).map(|at| at + close.len())).flatten()
    }) {
        rest = rest[end..].trim_start();
    }
    BEGINS.iter().any(|begin| {
        let after = rest.strip_prefix(begin).map(|rest| rest.chars().next());
        after.is_some_and(|next| next.is_none_or(|next| !next.is_alphanumeric() && next != ','))
    })
}

/// What stands in a page that a server shows in the place of the one that was asked for, to
/// find out whether a person looks: in its title, or in it.
const CHECKS: [&str; 4] = [
    "just a moment...",
    "attention required! | cloudflare",
    "pardon our interruption",
    "robot check",
];
const CHECKING: [&str; 4] =
    ["_cf_chl_opt", "captcha-delivery.com", "_incapsula_resource", "awswafintegration"];

/// Bytes within which a page has a tag, and in which a check for robots shows.
const TAGGED: usize = 4 << 10;
const CHECKED: usize = 16 << 10;

/// What an answer is that was to be a page, where it is none.
pub fn instead(begin: &[u8]) -> Option<&'static str> {
    let head = begin.get(..TAGGED).unwrap_or(begin);
    let wide = begin.starts_with(b"\xff\xfe") || begin.starts_with(b"\xfe\xff");
    if !wide && (head.contains(&0) || begin.starts_with(b"%PDF")) {
        return Some("bytes that are no text");
    }
    if !is_html(begin) && !wide {
        match begin.first() {
            Some(b'{' | b'[') => return Some("JSON"),
            _ if begin.starts_with(b"<?xml") => return Some("tags that are no HTML"),
            _ if !head.contains(&b'<') => return Some("plain text"),
            _ => {}
        }
    }
    is_check(begin).then_some("a check for robots")
}

/// Whether a page asks who looks at it. Large ones do not, whatever they hold.
fn is_check(page: &[u8]) -> bool {
    let title = title(page).unwrap_or_default().to_lowercase();
    if CHECKS.contains(&title.as_str()) {
        return true;
    }
    let text = String::from_utf8_lossy(page.get(..CHECKED).unwrap_or(page)).to_ascii_lowercase();
    page.len() <= CHECKED && CHECKING.iter().any(|sign| text.contains(sign))
}

/// The title of a page, on one line.
pub fn title(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes.get(..LOOKED_AT).unwrap_or(bytes));
    let lower = text.to_ascii_lowercase();
    let open = lower.find("<title")?;
    let from = open + lower[open..].find('>')? + 1;
    let to = from + lower[from..].find("</title")?;
    let words: Vec<&str> = text[from..to].split_whitespace().collect();
    (!words.is_empty()).then(|| shown::begun(&words.join(" "), TITLE_LETTERS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_known_and_named() {
        let pages = [
            "<!DOCTYPE HTML PUBLIC \"-//W3C\"><html>",
            "<html lang=en>",
            "<?xml version='1.0'?><!DOCTYPE html>",
            "<!-- a --> <!-- b -->\n<HTML>",
            "<script>location='x'</script>",
        ];
        assert!(pages.iter().all(|page| is_html(page.as_bytes())));
        let others = ["<headline>", "<DATE>,<TIME>", "<!-- a", "<?xml?><feed>", "<metadata/>", ""];
        assert!(others.iter().all(|other| !is_html(other.as_bytes())));
        let of = |page: &str| title(page.as_bytes());
        assert_eq!(of("<TITLE lang='en'>\n Log in \n now</TITLE>").as_deref(), Some("Log in now"));
        assert_eq!(of("<title></title>"), None);
        assert_eq!(of("<title>cut"), None);
        assert_eq!(of(&format!("<title>{}</title>", "é".repeat(99))).unwrap().chars().count(), 81);
    }
}
