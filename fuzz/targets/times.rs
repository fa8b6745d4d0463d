//! Times in every declared form: what is read is printed, and the print is read again.
#![no_main]

use daybook::domain::source::Source;
use daybook::domain::time::{iso, parse_duration, parse_iso, parse_stamp, stamp};
use daybook_fuzz::{read, source};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

const FORMS: [&str; 9] = [
    r#"unit = "s""#,
    r#"unit = "ms""#,
    r#"unit = "us""#,
    r#"unit = "iso""#,
    r#"unit = "date""#,
    r#"unit = "iso", zone = "Europe/Paris""#,
    r#"format = "%d/%m/%Y %H:%M", zone = "America/Sao_Paulo""#,
    r#"format = "%a, %d %b %Y %H:%M:%S GMT", zone = "UTC""#,
    r#"format = "%Y%m%d%H", zone = "Asia/Kathmandu""#,
];

static SOURCES: LazyLock<Vec<Source>> = LazyLock::new(|| {
    let whole = |form: &&str| {
        format!(
            r#"
title = "t"
topic = "t"
[about]
content     = "c"
zone        = "world"
period      = "1m"
access      = "api"
token       = "none"
licence     = {{ name = "n", url = "https://example.org/", reuse = "free" }}
attribution = "a"
homepage    = "https://example.org/"
[fetch]
url    = "https://example.org/x"
every  = "1m"
format = "csv"
[fetch.csv]
header    = false
delimiter = "\t"
[records]
at     = "@"
series = "$source"
time   = {{ path = "[0]", {form} }}
[fields.n]
path = "[1]"
"#
        )
    };
    FORMS.iter().map(|form| source(&whole(form)).expect(form)).collect()
});

fuzz_target!(|input: &[u8]| {
    let Some((first, answer)) = input.split_first() else { return };
    let source = &SOURCES[usize::from(*first) % SOURCES.len()];
    for item in read(source, answer).items() {
        let at = item.time.expect("an item without a time");
        let printed = iso(daybook::domain::time::from_millis(at));
        let again = parse_iso(&printed).expect("a printed instant is read");
        assert_eq!(iso(again), printed);
    }
    let Ok(text) = std::str::from_utf8(answer) else { return };
    let _ = parse_duration(text);
    if let Some(instant) = parse_iso(text) {
        assert_eq!(parse_iso(&iso(instant)), Some(instant), "{text}");
    }
    if let Some(instant) = parse_stamp(text) {
        assert_eq!(stamp(instant), text);
    }
});
