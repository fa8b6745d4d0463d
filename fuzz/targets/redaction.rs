//! Redaction: what it lets through has null at its places, and is JSON as before.
#![no_main]

use daybook::domain::path::Path;
use daybook::domain::redact::{Redaction, redact};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static PATHS: LazyLock<Vec<Redaction>> = LazyLock::new(|| {
    let paths = ["a", "data.stations[*].name", "[*].id", "features[*].properties.*", "a.b[1].c"];
    let path = |text: &str| Path::parse(text).expect("a path");
    paths.iter().map(|text| Redaction { path: path(text), optional: true }).collect()
});

fuzz_target!(|input: &[u8]| {
    let Some((first, answer)) = input.split_first() else { return };
    let one = &PATHS[usize::from(*first) % PATHS.len()];
    let Ok(out) = redact(answer, std::slice::from_ref(one), false) else { return };
    // Redacted once is redacted for good.
    assert_eq!(redact(&out, std::slice::from_ref(one), false).as_ref(), Ok(&out));
    // What is required refuses, or does the same.
    let strict = Redaction { optional: false, ..one.clone() };
    if let Ok(strict) = redact(answer, &[strict], false) {
        assert_eq!(strict, out);
    }
});
