//! The limits of pages: of HTML, of selectors that are held against it, of robots.txt.

use super::Limit;

limits! {
    /// Elements inside each other in a page; browsers have the same bound.
    HTML_DEPTH: usize = 512, "512";
    "levels of HTML";
    "a page that never closes its elements has as many levels as elements";
    "as in browsers, what stands further inside stands beside";

    /// Elements, texts and attributes of a page.
    HTML_NODES: usize = 2_000_000, "2,000,000";
    "elements, texts and attributes of a page";
    "each takes some 150 bytes of memory; the largest known pages have some 500,000";
    "a fault of the answer: it goes to quarantine";

    /// Names of elements and attributes in a page that the standard does not know.
    HTML_NAMES: usize = 20_000, "20,000";
    "different names of elements and attributes in a page that are none of HTML's";
    "each is kept in a table of few rows, which takes work for each";
    "a fault of the answer: it goes to quarantine";

    /// Bytes of a robots.txt that are read (RFC 9309, 2.5).
    ROBOTS_BYTES: usize = 500 << 10, "500 KiB";
    "a robots.txt";
    "the standard asks for no more; larger ones are mistakes";
    "the rest is not read";

    /// Bytes of a selector in a declaration.
    SELECTOR_BYTES: usize = 500, "500 bytes";
    "a CSS selector of a declaration";
    "brackets in it stand inside each other, and a reader's stack must not depend on its input";
    "the declaration is refused";
}
