//! What a person may do about a failure, where that is known.

use super::failure::{Detour, Failure, Flaw, Lack, Unreachable};
use crate::domain::coding::{Coding, Spoilt};
use crate::domain::incident::{NAMES, shape};
use crate::domain::time::Instant;

impl Failure {
    /// What a person may do about it, when that is known.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Failure::Transient { status: 429, .. } => Some("ask this publisher less often"),
            Failure::Permanent { challenge: true, .. } => {
                Some("the site asks for a browser; look for the publisher's API")
            }
            Failure::Permanent { status, .. } => status_hint(*status),
            Failure::Unreachable { cause, .. } => cause.hint(),
            Failure::Timeout { .. } => Some("allow this source more time, or ask for less"),
            Failure::Oversize { .. } => Some("if that size is right, raise the cap"),
            Failure::BadBody { flaw, .. } => flaw.hint(),
            Failure::Redirect { detour, .. } => detour.hint(),
            Failure::Exhausted { lack, .. } => lack.hint(),
            Failure::Barred { .. } => {
                Some("where its publisher permits it all the same, declare robots = false")
            }
            Failure::Token { passes: false, .. } => {
                Some("are client id, secret and refresh token right, and still valid?")
            }
            _ => None,
        }
    }

    /// The text, with the instant up to which a host that asked for patience is left alone.
    pub fn explain_until(&self, until: Option<Instant>) -> String {
        let asked = self.retry_after().is_some() || self.status() == Some(429);
        let Some(until) = until.filter(|_| asked) else { return self.explain() };
        let until = until.format("%Y-%m-%d %H:%M:%S UTC");
        let hint = self.hint().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
        format!("{self}; left alone until {until}{hint}")
    }

    /// What may make requests of other sources fail as well.
    pub fn cause(&self) -> Option<String> {
        match self {
            Failure::Unreachable { cause: Unreachable::Name(_), .. } => Some(NAMES.into()),
            Failure::Unreachable { at, .. } | Failure::Timeout { at, .. } => host(at),
            // It answers, and says nothing of those that time out.
            Failure::Transient { at, status: 429, .. } => Some(format!("patience {}", host(at)?)),
            Failure::Transient { at, status: 408 | 500..=599, .. } => host(at),
            _ => None,
        }
    }

    /// Which sort of fault it is, whatever its numbers.
    pub fn kind(&self) -> String {
        match self {
            Failure::Timeout { .. } => "slow".into(),
            Failure::Oversize { .. } => "large".into(),
            Failure::BadBody { .. } => "body".into(),
            Failure::Redirect { .. } => "redirect".into(),
            Failure::Unreachable { cause, .. } => shape(&cause.to_string()),
            _ => self.status().map_or("other".into(), |status| format!("answered {status}")),
        }
    }

    /// The text, with a second line for the hint.
    pub fn explain(&self) -> String {
        match self.hint() {
            Some(hint) => format!("{self}\nhint: {hint}"),
            None => self.to_string(),
        }
    }
}

impl Unreachable {
    fn hint(&self) -> Option<&'static str> {
        match self {
            Unreachable::Name(_) => Some("is the name right, and is this machine on line?"),
            Unreachable::Refused => Some("nothing listens there; are host and port right?"),
            Unreachable::SelfSigned => {
                Some("if it is the right one, put it among this machine's CA certificates")
            }
            Unreachable::Certificate(_) => {
                Some("check this machine's clock and its CA certificates")
            }
            _ => None,
        }
    }
}

impl Lack {
    fn hint(&self) -> Option<&'static str> {
        match self {
            Lack::Descriptors => Some("raise the limit of open files (ulimit -n) of who runs this"),
            Lack::Memory => {
                Some("spread large sources over other minutes: give them another every")
            }
            Lack::Ports | Lack::Other(_) => None,
        }
    }
}

impl Flaw {
    fn hint(&self) -> Option<&'static str> {
        match self {
            Flaw::Coded(Coding::Gzip, Spoilt::Trailing { padding: true, .. }) => {
                Some("if that is padding, declare gzip_padding = true in [fetch]")
            }
            Flaw::Coded(_, Spoilt::Needs(_)) => Some("browsers refuse it too: tell its publisher"),
            _ => None,
        }
    }
}

impl Detour {
    fn hint(&self) -> Option<&'static str> {
        match self {
            Detour::Downgrade(_) => Some("declare an address that stays on https"),
            Detour::Paced(_) => Some("declare the address that it leads to, or a quicker `pace`"),
            Detour::Telling(_) => Some("if that host may know it, declare its address"),
            Detour::Posted(_) => Some("declare the address that takes it"),
            Detour::Back { cookie: true } => {
                Some("look for an address of the data that wants no cookie")
            }
            _ => None,
        }
    }
}

/// The host of an address, with a port that is not the usual one: of all spellings the same.
pub fn host(at: &str) -> Option<String> {
    if let Ok(url) = url::Url::parse(at)
        && let Some(name) = url.host_str()
    {
        let name = name.strip_suffix('.').unwrap_or(name);
        return Some(url.port().map_or(name.into(), |port| format!("{name}:{port}")));
    }
    let (_, rest) = at.split_once("://")?;
    Some(rest.split(['/', '?', '#']).next().unwrap_or_default().to_string())
}

fn status_hint(status: u16) -> Option<&'static str> {
    match status {
        401 | 403 | 407 => Some("does this source need a key, and is it valid?"),
        404 => Some("has the publisher moved it?"),
        410 => Some("its publisher says that it is gone for good: retire it, or declare another"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::failure::Part;
    use super::*;
    use expect_test::{Expect, expect};
    use std::time::Duration;

    fn at() -> String {
        "http://e.org".into()
    }

    #[track_caller]
    fn check(failure: Failure, expected: Expect) {
        expected.assert_eq(&failure.explain());
    }

    #[test]
    fn texts_say_what_where_and_what_to_do() {
        check(
            Failure::of_status(at(), 503, None, false),
            expect!["get http://e.org: answered 503 service unavailable"],
        );
        check(
            Failure::of_status(at(), 401, None, false),
            expect![[r#"
                get http://e.org: answered 401 unauthorized
                hint: does this source need a key, and is it valid?"#]],
        );
        check(
            Failure::Timeout { at: at(), after: Duration::from_millis(1500), received: 20_480 },
            expect![[r#"
                get http://e.org: not done within 1.5 s, 20 KiB received
                hint: allow this source more time, or ask for less"#]],
        );
        check(
            Failure::Oversize { at: at(), part: Part::Wire, cap: 9, announced: Some(16 << 20) },
            expect![[r#"
                get http://e.org: the body as sent is over the cap of 9 bytes, 16 MiB were announced
                hint: if that size is right, raise the cap"#]],
        );
        check(
            Failure::BadBody { at: at(), flaw: Flaw::Cut { received: 3, announced: None } },
            expect!["get http://e.org: the body was cut after 3 bytes"],
        );
        let coded =
            |coding, spoilt| Failure::BadBody { at: at(), flaw: Flaw::Coded(coding, spoilt) };
        check(
            coded(Coding::Gzip, Spoilt::Trailing { bytes: 12_000, padding: true }),
            expect![[r#"
            get http://e.org: a whole gzip is followed by 11 KiB, zeros or ends of lines
            hint: if that is padding, declare gzip_padding = true in [fetch]"#]],
        );
        check(
            coded(Coding::Brotli, Spoilt::Damaged),
            expect!["get http://e.org: the brotli of the body is cut or damaged, or none at all"],
        );
        check(
            coded(Coding::Zstd, Spoilt::Needs("a window of 16 MiB".into())),
            expect![[r#"
            get http://e.org: the zstd of the body needs a window of 16 MiB
            hint: browsers refuse it too: tell its publisher"#]],
        );
        check(
            coded(Coding::Zstd, Spoilt::Trailing { bytes: 1, padding: false }),
            expect!["get http://e.org: a whole zstd is followed by 1 byte of something else"],
        );
        check(
            Failure::Unreachable { at: at(), cause: Unreachable::Silent(Duration::from_millis(9)) },
            expect!["get http://e.org: no connection within 9 ms"],
        );
    }
}
