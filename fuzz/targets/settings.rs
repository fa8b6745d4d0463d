//! `daybook.toml`: any text is read or has faults, which show nothing of the texts in it.
#![no_main]

use daybook::edge::config;
use libfuzzer_sys::fuzz_target;

/// Stands for a secret: the fuzzer's text has it in place of each `S`.
const SECRET: &str = "s3cr3tVALUE";

fuzz_target!(|text: &str| {
    let Err(faults) = config::settings("daybook.toml", text) else { return };
    assert!(!faults.to_string().is_empty());
    // Names of keys are shown; a secret stands in a value.
    let planted: String = text.lines().map(|line| match line.split_once('=') {
        Some((key, value)) => format!("{key}={}\n", value.replace('S', SECRET)),
        None => format!("{line}\n"),
    }).collect();
    let keys = |line: &str| line.split_once('=').is_some_and(|(_, value)| value.contains('='));
    if text.lines().any(keys) || text.contains(['{', '[', '\r']) {
        return;
    }
    if let Err(faults) = config::settings("daybook.toml", &planted) {
        assert!(!faults.to_string().contains(SECRET), "{faults}");
    }
});
