//! The wording of statuses, sizes and spans in failures.

use crate::domain::coding::{Coding, Spoilt};
use crate::domain::format::Size;
use std::fmt;
use std::time::Duration;

pub struct Status(pub u16);

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self.0 {
            201 => " created",
            202 => " accepted, not ready yet",
            204 => " no content",
            206 => " partial content, though the whole was asked for",
            226 => " a difference to something that was not asked for",
            300 => " multiple choices",
            400 => " bad request",
            401 => " unauthorized",
            403 => " forbidden",
            404 => " not found",
            406 => " not acceptable",
            408 => " request timeout",
            410 => " gone",
            429 => " too many requests",
            500 => " internal server error",
            502 => " bad gateway",
            503 => " service unavailable",
            504 => " gateway timeout",
            _ => "",
        };
        write!(f, "{}{words}", self.0)
    }
}

pub struct Span(pub Duration);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < Duration::from_secs(1) {
            return write!(f, "{} ms", self.0.as_millis());
        }
        write!(f, "{} s", (self.0.as_secs_f64() * 10.0).round() / 10.0)
    }
}

/// What is wrong with a coded body.
pub struct Coded<'a>(pub Coding, pub &'a Spoilt);

impl fmt::Display for Coded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let coding = self.0;
        match self.1 {
            Spoilt::Other => {
                write!(f, "the answer says {coding}, but the body does not begin like one")
            }
            Spoilt::Damaged if coding == Coding::Brotli => {
                write!(f, "the brotli of the body is cut or damaged, or none at all")
            }
            Spoilt::Damaged => write!(f, "the {coding} of the body is cut or damaged"),
            Spoilt::Needs(what) => write!(f, "the {coding} of the body needs {what}"),
            Spoilt::Trailing { bytes, padding: true } => {
                let size = Size(*bytes);
                write!(f, "a whole {coding} is followed by {size}, zeros or ends of lines")
            }
            Spoilt::Trailing { bytes, padding: false } => {
                write!(f, "a whole {coding} is followed by {} of something else", Size(*bytes))
            }
            Spoilt::Over => write!(f, "the {coding} of the body is over its cap"),
        }
    }
}

pub struct Cookie(pub bool);

impl fmt::Display for Cookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = ", and sets a cookie on the way, which Daybook does not keep";
        f.write_str(if self.0 { words } else { "" })
    }
}

pub struct Announced(pub Option<u64>);

impl fmt::Display for Announced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(bytes) => write!(f, ", {} were announced", Size(bytes)),
            None => Ok(()),
        }
    }
}
