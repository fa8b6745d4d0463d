//! How long an answer holds by its head (RFC 9111, sections 4.2 and 5.2.2), as a private cache of
//! one reader sees it. What cannot be read makes nothing hold.

use super::http_date;
use std::time::{Duration, SystemTime};

/// The headers that matter, each with all of its lines.
#[derive(Clone, Debug, Default)]
pub struct Head<'h> {
    pub cache_control: Vec<&'h str>,
    pub age: Vec<&'h str>,
    pub expires: Vec<&'h str>,
    pub date: Option<&'h str>,
    pub vary: Vec<&'h str>,
}

/// Numbers beyond this are taken as this, RFC 9111, section 1.2.2.
const SECONDS_MAX: u64 = 1 << 31;

/// What an answer says of how long it holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Holds {
    /// Nothing: what was said before of the same body goes on.
    Unsaid,
    /// Not at all, or it cannot be read.
    Never,
    /// So long from its reception on.
    For(Duration),
}

/// What an answer that was received at `now` says.
pub fn holds(head: &Head, now: SystemTime) -> Holds {
    if head.cache_control.is_empty() && head.expires.is_empty() {
        return Holds::Unsaid;
    }
    fresh_for(head, now).map_or(Holds::Never, Holds::For)
}

fn fresh_for(head: &Head, now: SystemTime) -> Option<Duration> {
    let directives = directives(&head.cache_control);
    let has = |name: &str| directives.iter().any(|(known, _)| known == name);
    let any = head.vary.iter().flat_map(|line| line.split(',')).any(|name| name.trim() == "*");
    if any || has("no-cache") || has("no-store") {
        return None;
    }
    let life = match directives.iter().find(|(name, _)| name == "max-age") {
        Some((_, value)) => seconds(value)?,
        None => expires(head, now)?,
    };
    let age = match head.age.first() {
        // Of several the first counts; one that is no number says nothing (RFC 9111, section 5.1).
        Some(line) => seconds(line.split(',').next().unwrap_or_default().trim()).unwrap_or(0),
        None => 0,
    };
    Some(Duration::from_secs(life.saturating_sub(age)))
}

fn expires(head: &Head, now: SystemTime) -> Option<u64> {
    let [line] = head.expires[..] else { return None };
    let sent = head.date.and_then(http_date::parse).unwrap_or(now);
    Some(http_date::parse(line)?.duration_since(sent).unwrap_or_default().as_secs())
}

fn seconds(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(SECONDS_MAX).min(SECONDS_MAX))
}

/// The directives of all lines, by their names in small letters, values without quotes.
fn directives(lines: &[&str]) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for line in lines {
        let (mut quoted, mut begin) = (false, 0);
        let ends = line.char_indices().filter(|(_, letter)| {
            quoted ^= *letter == '"';
            *letter == ',' && !quoted
        });
        let ends: Vec<usize> = ends.map(|(at, _)| at).chain([line.len()]).collect();
        for end in ends {
            let one = line.get(begin..end).unwrap_or_default().trim();
            let (name, value) = one.split_once('=').unwrap_or((one, ""));
            let value = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value);
            all.push((name.to_ascii_lowercase(), value.to_string()));
            begin = end + 1;
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::UNIX_EPOCH;

    const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const LATER: &str = "Sun, 06 Nov 1994 08:50:07 GMT";

    fn now() -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(784_111_777)
    }

    #[track_caller]
    fn check(head: Head, expected: Option<u64>) {
        assert_eq!(fresh_for(&head, now()).map(|span| span.as_secs()), expected, "{head:?}");
    }

    fn control<'h>(lines: &[&'h str]) -> Head<'h> {
        Head { cache_control: lines.to_vec(), ..Head::default() }
    }

    #[test]
    fn a_greatest_age_is_read_wherever_it_stands() {
        check(control(&["public, Max-Age=60"]), Some(60));
        check(control(&["s-maxage=1", "max-age=\"30\""]), Some(30));
        check(control(&["extension=\"max-age=9, x\", max-age=5"]), Some(5));
        check(control(&["extension=\"max-age=9\""]), None);
        check(control(&["max-age=99999999999999999999"]), Some(SECONDS_MAX));
        for none in ["", "max-age", "max-age=-5", "max-age=1.5", "max-age=9, no-cache", "no-store"]
        {
            check(control(&[none]), None);
        }
    }

    #[test]
    fn an_age_is_taken_off() {
        let aged = |age| Head { age: vec![age], ..control(&["max-age=60"]) };
        check(aged("45"), Some(15));
        check(aged("99"), Some(0));
        check(aged("10, 20"), Some(50));
        check(aged("soon"), Some(60));
        check(aged("-5"), Some(60));
    }

    #[test]
    fn a_date_of_expiry_counts_from_when_the_answer_was_sent() {
        let at = |expires, date| Head { expires: vec![expires], date, ..Head::default() };
        check(at(LATER, Some(DATE)), Some(30));
        check(at("sun, 06 nov 1994 08:50:07 gmt", Some(DATE)), Some(30));
        check(at("Sunday, 06-nov-94 08:50:07 GMT", Some(DATE)), Some(30));
        check(at("Sun Nov  6 08:50:07 1994", Some(DATE)), Some(30));
        check(at(LATER, None), Some(30));
        check(at(LATER, Some("yesterday")), Some(30));
        check(at(DATE, Some(LATER)), Some(0));
        check(at("0", Some(DATE)), None);
        check(Head { age: vec!["10"], ..at(LATER, Some(DATE)) }, Some(20));
        let both = Head { cache_control: vec!["max-age=5"], ..at(LATER, Some(DATE)) };
        check(both, Some(5));
    }

    #[test]
    fn what_varies_with_everything_never_holds() {
        check(Head { vary: vec!["Accept, *"], ..control(&["max-age=60"]) }, None);
        check(Head { vary: vec!["Accept"], ..control(&["max-age=60"]) }, Some(60));
    }
}
