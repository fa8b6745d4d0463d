//! Differential: JSON as a stream and as a built document give the same.
#![no_main]

use daybook_fuzz::{cases, read, source, spelled, tree};
use daybook::domain::source::Source;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static PAIRS: LazyLock<Vec<(Source, Source)>> = LazyLock::new(|| {
    let pairs = cases("json");
    pairs.iter().filter_map(|case| tree(&case.text).map(|built| (source(&case.text), built)))
        .filter_map(|(stream, built)| Some((stream?, built)))
        .collect()
});

fuzz_target!(|input: &[u8]| {
    let Some((first, answer)) = input.split_first() else { return };
    let (stream, built) = &PAIRS[usize::from(*first) % PAIRS.len()];
    let told = [stream, built].map(|source| spelled(source, &read(source, answer)));
    assert_eq!(told[0], told[1]);
});
