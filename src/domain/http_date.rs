//! Dates as HTTP writes them (RFC 9110, section 5.6.7), in all three forms, read generously: the
//! letters of words in either case, and whatever the day of the week says.

use std::time::SystemTime;

const DAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const SHORT: usize = 3;

/// The instant, if the text is such a date.
pub fn parse(text: &str) -> Option<SystemTime> {
    let text = text.trim();
    read(text).or_else(|| of_another_day(&usual(text)))
}

fn read(text: &str) -> Option<SystemTime> {
    httpdate::parse_http_date(text).ok()
}

/// The same with words as they are usually written.
fn usual(text: &str) -> String {
    let capital = |word: &str| -> String {
        let mut letters = word.chars();
        let first = letters.next().map(|c| c.to_ascii_uppercase());
        first.into_iter().chain(letters.map(|c| c.to_ascii_lowercase())).collect()
    };
    let word = |word: &str| word.split('-').map(capital).collect::<Vec<_>>().join("-");
    let words: Vec<String> = text.split(' ').map(word).collect();
    words.join(" ").replace("Gmt", "GMT")
}

/// The date says which day it is; a day of the week that is another is a slip of the publisher.
fn of_another_day(text: &str) -> Option<SystemTime> {
    let end = text.find(|letter: char| !letter.is_ascii_alphabetic())?;
    let (named, rest) = text.split_at(end);
    let short = named.len() == SHORT;
    let days = DAYS.map(|day| if short { &day[..SHORT] } else { day });
    days.contains(&named).then(|| days.iter().find_map(|day| read(&format!("{day}{rest}"))))?
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn all_three_forms_are_read() {
        let at = Some(UNIX_EPOCH + Duration::from_secs(784_111_777));
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            " Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "sun, 06 NOV 1994 08:49:37 gmt",
            "Mon, 06 Nov 1994 08:49:37 GMT",
            "Tuesday, 06-Nov-94 08:49:37 GMT",
            "Thu Nov  6 08:49:37 1994",
        ] {
            assert_eq!(parse(text), at, "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "0",
            "-1",
            "Sun",
            "Son, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 UTC",
            "Sun, 06 Nov 94 08:49:37 GMT",
            "Sun, 06-Nov-1994 08:49:37 GMT",
            "Sun 06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 8:49:37 GMT",
            "Sun, 31 Feb 1994 08:49:37 GMT",
            "\u{e9}, 06 Nov 1994 08:49:37 GMT",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
