//! Pages.
#![no_main]

use daybook_fuzz::{Sources, read, source};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static SOURCES: LazyLock<Sources> = LazyLock::new(|| Sources::of("html", source));

fuzz_target!(|input: &[u8]| {
    if let Some((source, answer)) = SOURCES.pick(input) {
        read(source, answer);
    }
});
