//! What the library says went wrong, put into our words.
//!
//! Invariant: no address the library holds gets into a text.

use std::error::Error;
use std::io;
use std::time::Duration;

use rustls::CertificateError;

use super::guard::OnlyPrivate;
use crate::domain::retry::{Detour, Failure, Flaw, Lack, Unreachable};

/// Why no answer came from `host`; `at` is the redacted address that was asked.
pub fn unanswered(error: &reqwest::Error, at: String, host: &str, connect: Duration) -> Failure {
    if cause::<OnlyPrivate>(error).is_some() {
        return Failure::Redirect { detour: Detour::Private(at.clone()), at };
    }
    if error.is_builder() {
        return Failure::Invalid { at, why: deepest(error) };
    }
    if let Some(lack) = lack(error) {
        return Failure::Exhausted { at, lack };
    }
    let cause = unreachable(error, host, connect).unwrap_or_else(|| match error.is_connect() {
        true => Unreachable::Other(deepest(error)),
        false if is_incomplete(error) => Unreachable::HungUp,
        false if is_broken_off(error) => Unreachable::BrokenOff(deepest(error)),
        false => Unreachable::NotHttp(deepest(error)),
    });
    Failure::Unreachable { at, cause }
}

/// Why a body broke off: its end is missing, or its framing is wrong.
pub fn broken(error: &reqwest::Error, cut: Flaw) -> Flaw {
    let framing = [Some(io::ErrorKind::InvalidInput), Some(io::ErrorKind::InvalidData)];
    let is_framing = framing.contains(&cause::<io::Error>(error).map(io::Error::kind));
    if is_framing && cause::<rustls::Error>(error).is_none() {
        return Flaw::Framing(root(error).to_string().to_lowercase());
    }
    cut
}

/// What this machine had no more of, where that is the cause.
fn lack(error: &reqwest::Error) -> Option<Lack> {
    use rustix::io::Errno;
    let codes = causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()?.raw_os_error());
    codes.map(Errno::from_raw_os_error).find_map(|code| match code {
        Errno::MFILE | Errno::NFILE => Some(Lack::Descriptors),
        Errno::ADDRNOTAVAIL => Some(Lack::Ports),
        Errno::NOMEM | Errno::NOBUFS => Some(Lack::Other("it is out of memory".into())),
        _ => None,
    })
}

fn unreachable(error: &reqwest::Error, host: &str, connect: Duration) -> Option<Unreachable> {
    if error.is_dns() {
        return Some(Unreachable::Name(host.to_string()));
    }
    if let Some(tls) = cause::<rustls::Error>(error) {
        return Some(unsafe_connection(tls));
    }
    match cause::<io::Error>(error).map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionRefused) => Some(Unreachable::Refused),
        Some(
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof,
        ) => Some(Unreachable::HungUp),
        _ if error.is_timeout() => Some(Unreachable::Silent(connect)),
        _ => None,
    }
}

fn unsafe_connection(error: &rustls::Error) -> Unreachable {
    match error {
        rustls::Error::InvalidCertificate(CertificateError::Other(flaw))
            if flaw.to_string().contains("CaUsedAsEndEntity") =>
        {
            Unreachable::SelfSigned
        }
        rustls::Error::InvalidCertificate(flaw) => Unreachable::Certificate(certificate(flaw)),
        rustls::Error::InvalidMessage(_) => Unreachable::Tls("the server does not speak it".into()),
        other => Unreachable::Tls(other.to_string()),
    }
}

fn certificate(flaw: &CertificateError) -> String {
    let words = match flaw {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "has expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "is not valid yet"
        }
        CertificateError::UnknownIssuer => "was issued by nobody this machine trusts",
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "is for another name"
        }
        CertificateError::Revoked => "was revoked",
        other => return format!("is bad, {other}"),
    };
    words.to_string()
}

/// The library ended a message before its end; its error type is not public to us.
fn is_incomplete(error: &reqwest::Error) -> bool {
    let text = root(error).to_string();
    text.contains("before message completed") || text.contains("connection closed")
}

/// HTTP/2 ended a stream or a connection; its error type is not public to us either.
fn is_broken_off(error: &reqwest::Error) -> bool {
    let is_h2 = |cause: &(dyn Error + 'static)| {
        let text = cause.to_string();
        ["stream error", "connection error", "stream closed"].iter().any(|s| text.starts_with(s))
    };
    causes(error).any(is_h2)
}

/// The deepest cause in its own words.
pub fn deepest(error: &reqwest::Error) -> String {
    root(error).to_string()
}

fn root(error: &reqwest::Error) -> &(dyn Error + 'static) {
    causes(error).last().unwrap_or(error)
}

fn cause<E: Error + 'static>(error: &reqwest::Error) -> Option<&E> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

/// The chain of causes. An `io::Error` hides what it wraps from `source`, so look inside.
fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |error| below(*error))
}

fn below<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}
