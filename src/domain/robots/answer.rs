//! What a host answered when it was asked for its robots.txt, and what follows from that
//! (RFC 9309, 2.3.1 and 2.4).

use super::{Robots, Verdict};
use std::time::Duration;

/// How long a file, or that there is none, holds (RFC 9309, 2.4).
pub const KEPT: Duration = Duration::from_secs(24 * 3_600);

/// How long it holds that a host could not say: it is asked again soon.
const UNREACHABLE_KEPT: Duration = Duration::from_secs(600);

/// What is known of a host's robots.txt.
#[derive(Clone, PartialEq, Debug)]
pub enum State {
    Read(Robots),
    /// There is none: nothing is asked for.
    Unavailable,
    /// The host could not say: nothing may be fetched.
    Unreachable,
}

/// What follows for one address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Judgement {
    Allowed,
    /// By the rule in this line of the file, from 1.
    Disallowed(usize),
    /// Allowed: there is no robots.txt.
    Unavailable,
    /// Not allowed: the host could not say.
    Unreachable,
}

impl State {
    /// What an answer says that is so old; `None` where it is too old to say anything, so that
    /// the host is to be asked again. `status` is that of the last of at most five redirects; it
    /// is `None` where no answer came.
    pub fn of(status: Option<u16>, body: &[u8], age: Duration) -> Option<State> {
        let state = match status {
            Some(200..=299) => State::Read(Robots::parse(body)),
            // Too many requests: the host is there, and has rules that it does not tell now.
            Some(429) => State::Unreachable,
            Some(300..=499) => State::Unavailable,
            _ => State::Unreachable,
        };
        let kept = if state == State::Unreachable { UNREACHABLE_KEPT } else { KEPT };
        (age < kept).then_some(state)
    }

    /// Whether a program may fetch a path with its query.
    pub fn judge(&self, agent: &str, path_and_query: &str) -> Judgement {
        match self {
            State::Read(robots) => match robots.verdict(agent, path_and_query) {
                Verdict::Allowed => Judgement::Allowed,
                Verdict::Disallowed(line) => Judgement::Disallowed(line),
            },
            State::Unavailable => Judgement::Unavailable,
            State::Unreachable => Judgement::Unreachable,
        }
    }
}

impl Judgement {
    pub fn allows(self) -> bool {
        matches!(self, Judgement::Allowed | Judgement::Unavailable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_answer_says_holds_for_a_day() {
        let no = b"user-agent: *\n\ndisallow: /no\n";
        let judged = |status, age| {
            let state = State::of(status, no, Duration::from_secs(age))?;
            Some(["/", "/no"].map(|path| state.judge("daybook", path)))
        };
        let day = 86_400;
        for status in [200, 204, 299] {
            let told = [Judgement::Allowed, Judgement::Disallowed(3)];
            assert_eq!(judged(Some(status), 0), Some(told));
            assert_eq!(judged(Some(status), day - 1), Some(told));
            assert_eq!(judged(Some(status), day), None);
        }
        for status in [301, 400, 401, 403, 404, 410, 499] {
            assert_eq!(judged(Some(status), day - 1), Some([Judgement::Unavailable; 2]));
            assert_eq!(judged(Some(status), day), None);
        }
        for status in [Some(429), Some(500), Some(503), Some(599), Some(100), None] {
            assert_eq!(judged(status, 599), Some([Judgement::Unreachable; 2]), "{status:?}");
            assert_eq!(judged(status, 600), None);
        }
        assert!(Judgement::Unavailable.allows() && Judgement::Allowed.allows());
        assert!(!Judgement::Unreachable.allows() && !Judgement::Disallowed(1).allows());
    }
}
