//! robots.txt, read and judged as RFC 9309 says: which addresses of a host a program may fetch.
//! Pure: who fetches the file, and keeps it, hands over what came and how old it is.

mod answer;
mod pattern;
#[cfg(test)]
mod tests;

pub use answer::{Judgement, KEPT, State};

use super::form::UTF8_MARK;
use super::limits::ROBOTS_BYTES;
use pattern::Pattern;
use std::time::Duration;

/// A file, read.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Robots {
    groups: Vec<Group>,
}

/// What holds for some programs.
#[derive(Clone, PartialEq, Debug, Default)]
struct Group {
    /// Product tokens in small letters; `*` for all.
    agents: Vec<String>,
    rules: Vec<Rule>,
    delay: Option<Duration>,
}

/// A line of a group.
#[derive(Clone, PartialEq, Debug)]
struct Rule {
    allows: bool,
    pattern: Pattern,
    /// Its line in the file, from 1.
    line: usize,
}

/// What a file says of one address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    Allowed,
    /// By the rule in this line, from 1.
    Disallowed(usize),
}

impl Robots {
    /// Reads a file, as far as it is a robots.txt: what is none of its lines is passed over. Of a
    /// file larger than 500 KiB only that much is read (RFC 9309, 2.5), to the last whole line.
    pub fn parse(bytes: &[u8]) -> Robots {
        let bytes = bytes.strip_prefix(UTF8_MARK).unwrap_or(bytes);
        let bytes = whole_lines(bytes);
        let mut robots = Robots::default();
        // Whether the last lines named programs, to whose group further ones belong.
        let mut naming = false;
        for (number, line) in lines(bytes) {
            match key_and_value(line) {
                Some((key, value)) if key.eq_ignore_ascii_case(b"user-agent") => {
                    if !naming {
                        robots.groups.push(Group::default());
                    }
                    naming = true;
                    let agent = token(value);
                    robots.last(|group| group.agents.push(agent));
                }
                Some((key, value)) => naming &= !robots.read(key, value, number),
                None => {}
            }
        }
        robots
    }

    /// Takes a line of a group; whether it is one.
    fn read(&mut self, key: &[u8], value: &[u8], line: usize) -> bool {
        let allows = key.eq_ignore_ascii_case(b"allow");
        if allows || key.eq_ignore_ascii_case(b"disallow") {
            // One without a value says nothing.
            if !value.is_empty() {
                let rule = Rule { allows, pattern: Pattern::new(value), line };
                self.last(|group| group.rules.push(rule));
            }
            return true;
        }
        if key.eq_ignore_ascii_case(b"crawl-delay") {
            let seconds = std::str::from_utf8(value).ok().and_then(|v| v.parse::<f64>().ok());
            let delay = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
            self.last(|group| group.delay = group.delay.max(delay));
        }
        false
    }

    fn last(&mut self, change: impl FnOnce(&mut Group)) {
        if let Some(group) = self.groups.last_mut() {
            change(group);
        }
    }

    /// The groups of a program: all that name it; where none does, those for all.
    fn groups_of(&self, agent: &str) -> impl Iterator<Item = &Group> {
        let agent = agent.to_ascii_lowercase();
        let named = |agent: &str| self.groups.iter().any(|group| group.is_for(agent));
        let name = if !agent.is_empty() && named(&agent) { agent } else { "*".into() };
        self.groups.iter().filter(move |group| group.is_for(&name))
    }

    /// Whether a program may fetch a path with its query, as they stand in the address: percent-
    /// encoded. The rule with the longest pattern decides; of two of one length the one that
    /// allows; without any it is allowed, and so is robots.txt itself.
    pub fn verdict(&self, agent: &str, path_and_query: &str) -> Verdict {
        let path = path_and_query.split('#').next().unwrap_or_default();
        let path = if path.is_empty() { "/" } else { path };
        if path == "/robots.txt" {
            return Verdict::Allowed;
        }
        let path = pattern::encoded(path.as_bytes());
        let rules = self.groups_of(agent).flat_map(|group| &group.rules);
        let fitting = rules.filter(|rule| rule.pattern.fits(&path));
        match fitting.max_by_key(|rule| (rule.pattern.length(), rule.allows)) {
            Some(rule) if !rule.allows => Verdict::Disallowed(rule.line),
            _ => Verdict::Allowed,
        }
    }

    /// The same, as yes or no.
    pub fn allows(&self, agent: &str, path_and_query: &str) -> bool {
        self.verdict(agent, path_and_query) == Verdict::Allowed
    }

    /// How long a program is asked to wait between two requests: no part of the standard. Of
    /// several the longest.
    pub fn crawl_delay(&self, agent: &str) -> Option<Duration> {
        self.groups_of(agent).filter_map(|group| group.delay).max()
    }
}

impl Group {
    fn is_for(&self, agent: &str) -> bool {
        self.agents.iter().any(|own| own == agent)
    }
}

/// As much as is read; half of a rule would be another rule.
fn whole_lines(bytes: &[u8]) -> &[u8] {
    let Some(head) = bytes.get(..ROBOTS_BYTES) else { return bytes };
    let end = head.iter().rposition(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(0);
    head.get(..end).unwrap_or_default()
}

/// The lines with their numbers; they end with CR, LF, or both.
fn lines(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut rest = Some(bytes);
    let lines = std::iter::from_fn(move || {
        let bytes = rest?;
        let Some(end) = bytes.iter().position(|byte| matches!(byte, b'\r' | b'\n')) else {
            rest = None;
            return Some(bytes);
        };
        let (line, after) = bytes.split_at(end);
        let after = after.strip_prefix(b"\r\n").or_else(|| after.get(1..));
        rest = after;
        Some(line)
    });
    lines.zip(1..).map(|(line, number)| (number, line))
}

/// A line's key and value, without its comment. A blank may stand for the colon, which people
/// forget (as Google's reader has it).
fn key_and_value(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let line = line.split(|byte| *byte == b'#').next()?.trim_ascii();
    let at = line.iter().position(|byte| *byte == b':').or_else(|| {
        let at = line.iter().position(u8::is_ascii_whitespace)?;
        let one = !line.get(at..)?.trim_ascii().iter().any(u8::is_ascii_whitespace);
        one.then_some(at)
    })?;
    let (key, value) = line.split_at(at);
    Some((key.trim_ascii(), value.get(1..)?.trim_ascii()))
}

/// The product token that a line names: what is none of its letters ends it, such as a version.
fn token(value: &[u8]) -> String {
    if value.first() == Some(&b'*') && value.get(1).is_none_or(u8::is_ascii_whitespace) {
        return "*".into();
    }
    let letters = value.iter().take_while(|b| b.is_ascii_alphabetic() || matches!(b, b'-' | b'_'));
    letters.map(|byte| char::from(byte.to_ascii_lowercase())).collect()
}
