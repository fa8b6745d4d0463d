//! The URL of a PostgreSQL store: what of it is ours, and what is refused. Beyond this machine a
//! server is believed by its certificate, unless somebody says that the network is trusted.

use std::str::FromStr;
use std::time::Duration;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use url::form_urlencoded::parse;

/// How long a server may be looked for, and one operation may take.
const CONNECT: Duration = Duration::from_secs(5);
const OPERATION: Duration = Duration::from_secs(120);
const SECONDS_MAX: u64 = 86_400;
/// The schema of the store, where none is given.
const SCHEMA: &str = "daybook";
/// Names of PostgreSQL are cut behind so many bytes.
const NAME_BYTES: usize = 63;

/// Where a store is, and how it is spoken to.
pub struct Target {
    pub config: Config,
    /// Whom to trust, a file of PEM; without it the authorities of this machine.
    pub authorities: Option<String>,
    pub schema: String,
    /// How long one operation may take.
    pub limit: Duration,
}

/// What is wrong with a URL, and what helps.
pub type Fault = (String, &'static str);

/// The options that only we know.
#[derive(Default)]
struct Own {
    mode: Option<String>,
    authorities: Option<String>,
    schema: Option<String>,
    limit: Option<Duration>,
}

impl Target {
    pub fn parse(url: &str) -> Result<Target, Fault> {
        let (own, rest) = parted(url)?;
        let mut config = Config::from_str(&rest)
            .map_err(|error| (told(&error), "postgres://USER@HOST:5432/DATABASE"))?;
        let addresses = config.get_hostaddrs().iter();
        let is_near = config.get_hosts().iter().all(is_near)
            && addresses.copied().all(|address| address.is_loopback());
        config.ssl_mode(mode(own.mode.as_deref(), is_near)?);
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT);
        }
        config.keepalives_idle(Duration::from_secs(60));
        if config.get_application_name().is_none() {
            config.application_name("daybook");
        }
        Ok(Target {
            config,
            authorities: own.authorities,
            schema: own.schema.unwrap_or_else(|| SCHEMA.into()),
            limit: own.limit.unwrap_or(OPERATION),
        })
    }
}

/// What is ours of a URL, and the URL without it.
fn parted(url: &str) -> Result<(Own, String), Fault> {
    let Some((front, options)) = url.split_once('?') else {
        return Ok((Own::default(), url.into()));
    };
    let (mut own, mut kept) = (Own::default(), Vec::new());
    for pair in options.split('&').filter(|pair| !pair.is_empty()) {
        let Some((key, value)) = parse(pair.as_bytes()).next() else { continue };
        let value = value.into_owned();
        match &*key {
            "sslmode" => own.mode = Some(value),
            "sslrootcert" => own.authorities = Some(value),
            "schema" => own.schema = Some(schema(value)?),
            "operation_timeout" => own.limit = Some(seconds(&value)?),
            "options" => {
                let why = "its URL sets options, which this program sets itself";
                return Err((why.into(), "leave options out of the URL; schema=NAME is known"));
            }
            _ => kept.push(pair),
        }
    }
    let rest = if kept.is_empty() { front.into() } else { format!("{front}?{}", kept.join("&")) };
    Ok((own, rest))
}

fn schema(name: String) -> Result<String, Fault> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let starts = name.chars().next().is_some_and(|c| c.is_ascii_lowercase() || c == '_');
    let is_theirs = name.starts_with("pg_") || name == "information_schema";
    if starts && name.len() <= NAME_BYTES && name.chars().all(fits) && !is_theirs {
        return Ok(name);
    }
    Err((format!("schema={name} is no name that we use"), "small letters, digits and _"))
}

fn seconds(text: &str) -> Result<Duration, Fault> {
    let seconds = text.parse().ok().filter(|seconds| (1..=SECONDS_MAX).contains(seconds));
    let odd = || (format!("operation_timeout={text} is no number of seconds up to a day"), "");
    seconds.map(Duration::from_secs).ok_or_else(odd)
}

/// How the connection is kept from others. What would silently go on in plain text is refused.
fn mode(asked: Option<&str>, is_near: bool) -> Result<SslMode, Fault> {
    match asked {
        None if is_near => Ok(SslMode::Disable),
        Some("disable") => Ok(SslMode::Disable),
        None | Some("require" | "verify-ca" | "verify-full") => Ok(SslMode::Require),
        Some(other) => Err((
            format!("its URL sets sslmode={other}, which may go on without TLS"),
            "sslmode=verify-full; or sslmode=disable on a network that you trust",
        )),
    }
}

/// Whether a server is on this machine.
fn is_near(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => {
            let spelled = if name.contains(':') { format!("[{name}]") } else { name.clone() };
            match url::Host::parse(&spelled) {
                Ok(url::Host::Domain(name)) => name == "localhost",
                Ok(url::Host::Ipv4(address)) => address.is_loopback(),
                Ok(url::Host::Ipv6(address)) => address.is_loopback(),
                Err(_) => false,
            }
        }
        Host::Unix(_) => true,
    }
}

/// An error with its causes: those of the driver tell little by themselves.
pub fn told(error: &(dyn std::error::Error + 'static)) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let text = inner.to_string();
        if !words.contains(&text) {
            words = format!("{words}: {text}");
        }
        cause = inner.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode_of(url: &str) -> Result<SslMode, String> {
        Target::parse(url).map(|target| target.config.get_ssl_mode()).map_err(|(why, _)| why)
    }

    #[test]
    fn what_leaves_this_machine_is_encrypted_and_believed_by_its_certificate() {
        assert_eq!(mode_of("postgres://a@127.0.0.1/d"), Ok(SslMode::Disable));
        assert_eq!(mode_of("postgres://a@localhost:5433/d?schema=x"), Ok(SslMode::Disable));
        assert_eq!(mode_of("postgres://a@%2Frun%2Fpostgresql/d"), Ok(SslMode::Disable));
        assert_eq!(mode_of("postgres://a@[::1]/d"), Ok(SslMode::Disable));
        assert_eq!(mode_of("postgres://a@db.example.org/d"), Ok(SslMode::Require));
        assert_eq!(mode_of("postgres://a@127.example.org/d"), Ok(SslMode::Require));
        assert_eq!(mode_of("postgres://a@127.0.0.1,10.0.0.7/d"), Ok(SslMode::Require));
        assert_eq!(mode_of("postgres://a@localhost/d?hostaddr=10.0.0.7"), Ok(SslMode::Require));
        assert_eq!(mode_of("postgres://a@10.0.0.7/d?sslmode=disable"), Ok(SslMode::Disable));
        for weak in ["prefer", "allow", "no", ""] {
            assert!(mode_of(&format!("postgres://a@h/d?sslmode={weak}")).is_err(), "{weak}");
        }
    }

    #[test]
    fn options_that_are_ours_are_not_the_drivers() {
        let url = "postgresql://a:b%20c@h:1/d?operation_timeout=7&schema=rain_2&connect_timeout=3";
        let target = Target::parse(url).unwrap_or_else(|(why, _)| panic!("{why}"));
        assert_eq!((&*target.schema, target.limit), ("rain_2", Duration::from_secs(7)));
        assert_eq!(target.config.get_connect_timeout(), Some(&Duration::from_secs(3)));
        assert_eq!(target.config.get_password(), Some(&b"b c"[..]));
        for odd in [
            "schema=Rain",
            "schema=a;b",
            "schema=pg_x",
            "schema=information_schema",
            "operation_timeout=0",
            "operation_timeout=2147484",
            "options=-cfsync=off",
        ] {
            assert!(Target::parse(&format!("postgres://a@h/d?{odd}")).is_err(), "{odd}");
        }
    }
}
