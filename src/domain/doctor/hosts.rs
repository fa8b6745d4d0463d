//! What hosts say of names, safe connections, themselves and the clock.

use super::{Check, Finding};
use crate::domain::format::english;
use crate::domain::request::Head;
use crate::domain::retry::{Failure, Lack, Unreachable};

/// How far this machine's clock may be from the time of servers, in seconds: dates are whole
/// seconds, and an answer may take some.
pub const CLOCK_APART_S: i64 = 30;

/// What a host said when it was asked once, by its address without login, path and query.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Heard {
    pub host: String,
    pub answer: Result<Head, Failure>,
}

impl Heard {
    fn is_safe(&self) -> bool {
        self.host.starts_with("https:")
    }

    /// The check that its failure belongs to.
    fn failed(&self) -> Option<(Check, &Failure)> {
        let failure = self.answer.as_ref().err()?;
        let check = match failure {
            Failure::Unreachable { cause, .. } => match cause {
                Unreachable::Name(_) => Check::Dns,
                Unreachable::SelfSigned | Unreachable::Certificate(_) | Unreachable::Tls(_) => {
                    Check::Tls
                }
                _ => Check::Hosts,
            },
            Failure::Exhausted { lack: Lack::Other(_), .. } if self.is_safe() => Check::Tls,
            _ => Check::Hosts,
        };
        Some((check, failure))
    }
}

/// What may be the matter with a host, where its failure does not say.
const HOST_CURE: &str = "is the address right, does a firewall stand between, is its service down?";

/// What the hosts said of names, safe connections and themselves; `roots` are the certificates of
/// authorities that this machine trusts, or why it has none.
pub fn findings(heard: &[Heard], roots: &Result<usize, String>) -> Vec<Finding> {
    let mut found = Vec::new();
    for check in [Check::Dns, Check::Tls, Check::Hosts] {
        let failed = heard.iter().filter_map(|heard| Some((heard, heard.failed()?)));
        let failed: Vec<_> = failed.filter(|(_, (of, _))| *of == check).collect();
        if check == Check::Dns && failed.len() == heard.len() && failed.len() > 1 {
            found.push(no_name(failed.len()));
        } else {
            found.extend(failed.iter().map(|(_, (_, failure))| of_failure(check, failure)));
        }
        let named = |heard: &&Heard| heard.failed().is_none_or(|(of, _)| of > check);
        let well = heard.iter().filter(named);
        match check {
            Check::Dns => found.extend(all_well(check, well.count(), "the names of", "are known")),
            Check::Tls => {
                let well = well.filter(|heard| heard.is_safe()).count();
                found.push(of_roots(roots));
                found.extend(all_well(check, well, "safe connections to", "can be made"));
            }
            _ => found.extend(all_well(check, well.count(), "there are answers of", "")),
        }
    }
    found
}

fn no_name(count: usize) -> Finding {
    Finding::wrong(
        Check::Dns,
        format!("no address is known for any of {count} hosts"),
        "is this machine on line, and is there a resolver in /etc/resolv.conf that answers?",
    )
}

fn all_well(check: Check, count: usize, what: &str, rest: &str) -> Option<Finding> {
    let hosts = english(count as u64, "host", "hosts");
    let said = format!("{what} {hosts} {rest}");
    (count > 0).then(|| Finding::well(check, said.trim_end()))
}

fn of_failure(check: Check, failure: &Failure) -> Finding {
    let cure = match check {
        Check::Dns => {
            "is the name right? if no name is known, this machine is off line or its resolver is \
             down: /etc/resolv.conf"
        }
        _ => HOST_CURE,
    };
    let words = failure.explain();
    match failure {
        // Nothing was got: only the head was asked for.
        Failure::Timeout { at, after, .. } => Finding::wrong(
            check,
            format!("{at}: no answer within {} s", after.as_secs()),
            HOST_CURE,
        ),
        Failure::Stopped { at, .. } => {
            Finding::unknown(check, format!("{at}: the time was over before its turn came"))
        }
        _ => Finding::of_words(check, words.trim_start_matches("get "), cure),
    }
}

fn of_roots(roots: &Result<usize, String>) -> Finding {
    match roots {
        Ok(count) => {
            let said = english(*count as u64, "authority is", "authorities are");
            Finding::well(Check::Tls, format!("{said} trusted by this machine"))
        }
        Err(why) => Finding::wrong(
            Check::Tls,
            format!("this machine trusts no authority, so that no safe connection is one: {why}"),
            "install its CA certificates (Debian: apt install ca-certificates), or set \
             SSL_CERT_FILE",
        ),
    }
}

/// The clock against the `Date` of all answers: the middle one decides, so that one server whose
/// own clock is wrong says nothing of ours.
pub fn clock(heard: &[Heard]) -> Finding {
    let heads = heard.iter().filter_map(|heard| heard.answer.as_ref().ok());
    let apart = |head: &Head| Some((head.at - head.date?).num_seconds());
    let mut apart: Vec<i64> = heads.filter_map(apart).collect();
    apart.sort_by_key(|seconds| seconds.abs());
    let asked = english(apart.len() as u64, "host", "hosts");
    let Some(middle) = apart.get(apart.len().saturating_sub(1) / 2) else {
        return Finding::unknown(Check::Clock, "no host gave its time");
    };
    if middle.abs() <= CLOCK_APART_S {
        let said = format!("within {CLOCK_APART_S} s of the time of {asked}");
        return Finding::well(Check::Clock, said);
    }
    let way = if *middle > 0 { "ahead of" } else { "behind" };
    let middle = english(middle.unsigned_abs(), "second", "seconds");
    Finding::wrong(
        Check::Clock,
        format!("this machine's clock is {middle} {way} the time of {asked}: hours will be wrong"),
        "set the clock and keep it right: timedatectl set-ntp true, or install chrony",
    )
}
