//! What is shown of foreign texts: no control character survives, and no spelling of a secret.
#![no_main]

use daybook::domain::secret::{Redactor, STARS};
use daybook::domain::{address, shown};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, &str)| {
    let (secret, text) = input;
    let redactor = Redactor::new([secret]);
    let clean = redactor.redact(text);
    // Stars in between end a spelling, as they end it for a reader.
    let ended = clean.replace(STARS, "\u{1f512}");
    assert!(!redactor.finds(&ended) || secret.contains(['*', '\u{1f512}']));
    if secret.len() >= 4 && secret.bytes().all(|b| (b'!'..=b'~').contains(&b) && b != b'*') {
        assert!(!clean.contains(secret), "{secret:?} in {clean:?}");
    }
    let line = shown::line(&clean);
    assert!(!line.contains(shown::is_hidden), "{line:?}");
    assert!(!shown::lines(text).contains(|c| shown::is_hidden(c) && c != '\n' && c != '\t'));
    assert!(!shown::printed(text).contains(shown::is_hidden));
    let _ = (address::redact(text, &redactor), address::in_text(text), address::store(text));
    let _ = (address::secrets(text), address::store_secrets(text), shown::short(text, 20));
});
