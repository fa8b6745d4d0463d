//! The page of limits is the one that the program writes.

use daybook::domain::limits;
use std::fs;
use std::path::Path;

#[test]
fn the_page_of_limits_is_the_generated_one() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/limits.md");
    let generated = limits::page();
    if std::env::var_os("DAYBOOK_BLESS").is_some() {
        fs::write(&page, &generated).unwrap();
    }
    assert!(fs::read_to_string(page).unwrap() == generated, "docs/limits.md is out of date");
}
