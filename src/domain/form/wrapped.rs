//! JSON in a wrapping that is meant for scripts of a page: JSONP, and signs that keep other pages
//! from reading it. It is refused: what is in there is for sale to no reader but a browser.

use crate::domain::shown::begun;

/// Bytes in front of a call that may be a comment, and letters of its name.
const COMMENT: usize = 200;
const NAME: usize = 100;
/// Letters of the name that are told.
const SHOWN: usize = 40;

/// What keeps other pages from reading an answer, in use.
const GUARDS: [&[u8]; 6] = [b")]}'", b")]}", b"while(1);", b"while (1);", b"for(;;);", b"throw 1;"];

/// What JSON is wrapped in, in words, and what a person may do.
pub fn wrapping(bytes: &[u8]) -> Option<(String, &'static str)> {
    let begin = bytes.trim_ascii_start();
    if let Some(guard) = GUARDS.iter().find(|guard| begin.starts_with(guard)) {
        let told =
            format!("JSON behind `{}`, for scripts of a page", String::from_utf8_lossy(guard));
        return Some((told, "ask for plain JSON: look for the publisher's API"));
    }
    let name = called(begin)?;
    let told = format!("JSONP: JSON inside a call of {}(...)", begun(&name, SHOWN));
    let hint =
        "ask for plain JSON: leave what names that call (callback=, jsonp=) out of the address";
    Some((told, hint))
}

/// The name of the function that is called with a document.
fn called(bytes: &[u8]) -> Option<String> {
    let mut rest = bytes.trim_ascii_start();
    if let Some(comment) = rest.strip_prefix(b"/*") {
        let end = comment.windows(2).take(COMMENT).position(|pair| pair == b"*/")?;
        rest = comment.get(end + 2..)?.trim_ascii_start();
    }
    // As servers write it that look first whether there is such a function.
    if let Some(test) = rest.strip_prefix(b"typeof ") {
        let end = test.windows(2).take(NAME).position(|pair| pair == b"&&")?;
        rest = test.get(end + 2..)?.trim_ascii_start();
    }
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_$.[]'\"".contains(byte);
    let end = rest.iter().take(NAME + 1).position(|byte| !is_name(byte))?;
    let (name, behind) = rest.split_at_checked(end)?;
    let first = name.first().is_some_and(|byte| byte.is_ascii_alphabetic() || b"_$".contains(byte));
    let inside = behind.trim_ascii_start().strip_prefix(b"(")?.trim_ascii_start();
    let document = matches!(inside.first(), Some(b'{' | b'[' | b'"'));
    (first && document).then(|| String::from_utf8_lossy(name).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_and_guards_are_known() {
        let told = |text: &str| wrapping(text.as_bytes()).map(|(told, _)| told);
        for (text, name) in [
            ("cb({\"a\":1});", "cb"),
            ("\n/**/ my.app['x'] ([1])", "my.app['x']"),
            ("/**/ typeof cb === 'function' && cb({});", "cb"),
            ("jQuery123_456(\n{}\n)", "jQuery123_456"),
        ] {
            let call = format!("JSONP: JSON inside a call of {name}(...)");
            assert_eq!(told(text), Some(call), "{text}");
        }
        for text in [")]}'\n[1]", ")]}',\n{}", "while(1);[1]", "for(;;);{}", "throw 1; {}"] {
            assert!(told(text).is_some_and(|told| told.starts_with("JSON behind")), "{text}");
        }
        for text in [
            "{\"a\":1}",
            "[cb({})]",
            "Too many requests (429)",
            "Error(5)",
            "cb",
            "cb(",
            "null",
            "",
            "/* cb({})",
            "1({})",
            "<a>({})",
        ] {
            assert_eq!(told(text), None, "{text}");
        }
    }
}
