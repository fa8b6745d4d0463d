//! Paths: what parses is written as it is read.
#![no_main]

use daybook::domain::path::Path;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(path) = Path::parse(text) {
        assert_eq!(Path::parse(&path.to_string()).as_ref(), Ok(&path), "{text:?}");
    }
    if let Ok(path) = Path::in_page(text) {
        assert_eq!(Path::in_page(&path.to_string()).as_ref(), Ok(&path), "{text:?}");
    }
});
