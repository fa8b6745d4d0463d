//! Differential: JSON as a stream and as a built document give the same.
#![no_main]

use daybook::domain::source::Source;
use daybook_fuzz::{cases, is_refused_by_the_stream, read, source, spelled, tree};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static PAIRS: LazyLock<Vec<(Source, Source)>> = LazyLock::new(|| {
    let pairs = cases("json");
    pairs
        .iter()
        .filter_map(|case| tree(&case.text).map(|built| (source(&case.text), built)))
        .filter_map(|(stream, built)| Some((stream?, built)))
        .collect()
});

fuzz_target!(|input: &[u8]| {
    let Some((first, answer)) = input.split_first() else { return };
    let (stream, built) = &PAIRS[usize::from(*first) % PAIRS.len()];
    let found = read(stream, answer);
    if !is_refused_by_the_stream(&found) {
        assert_eq!(spelled(stream, &found), spelled(built, &read(built, answer)));
    }
});
