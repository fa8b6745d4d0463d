//! Addresses as they may be shown: without login, without what looks like a secret.
//!
//! Invariant: works on the text, so that an address that does not parse is redacted too. Where it
//! cannot be told which part is the login, more is hidden, not less.

use super::limits::SHOWN_ADDRESS;
use super::secret::{Redactor, STARS};

/// Of an option's value in the address of a store: shorter ones are words such as `true`.
const VALUE_MIN: usize = 6;

/// Options of the address of a store whose values people need to see.
const NO_SECRETS: [&str; 3] = ["schema=", "sslmode=", "sslrootcert="];

/// An address without login, values of secret-looking keys, or what the redactor knows.
pub fn redact(url: &str, redactor: &Redactor) -> String {
    bare(&redactor.redact(url)).chars().take(SHOWN_ADDRESS).collect()
}

/// An address without login and values of secret-looking keys.
pub fn bare(url: &str) -> String {
    let shown = without_login(url);
    let (front, back) = shown.split_at(shown.find(['?', '#']).unwrap_or(shown.len()));
    front.to_string() + &without_values(back)
}

/// A text, such as a message of another program, without logins in the addresses it holds.
pub fn in_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let scheme = rest[..at].chars().rev().take_while(|c| is_scheme(*c)).count();
        let end = rest[at..].find(char::is_whitespace).map_or(rest.len(), |length| at + length);
        out.push_str(&rest[..at - scheme]);
        out.push_str(&without_login(&rest[at - scheme..end]));
        rest = &rest[end..];
    }
    out + rest
}

/// The address of a store: scheme, hosts and database, or no more than the scheme.
pub fn store(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once(':') else { return STARS.to_string() };
    if scheme.is_empty() || !scheme.chars().all(is_scheme) {
        return STARS.to_string();
    }
    if scheme == "sqlite" {
        return if rest.starts_with("//") { without_login(url) } else { url.to_string() };
    }
    let rest = rest.trim_start_matches('/');
    let (place, options) = rest.split_once(['?', '#']).unwrap_or((rest, ""));
    let (hosts, database) = place.split_once('/').unwrap_or((place, ""));
    let hosts = hosts.rsplit_once('@').map_or(hosts, |(_, hosts)| hosts);
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let good = hosts.split(',').all(is_host) && database.chars().all(plain);
    if !good || options.contains('@') {
        return format!("{scheme}://{STARS}");
    }
    let slash = if database.is_empty() { "" } else { "/" };
    let schema = options.split('&').find(|option| option.starts_with("schema="));
    let schema = schema.filter(|option| option.replace('=', "").chars().all(plain));
    let schema = schema.map(|option| format!("?{option}")).unwrap_or_default();
    format!("{scheme}://{hosts}{slash}{database}{schema}")
}

/// What of an address is a secret by its place: password, name and password, values of
/// secret-looking keys.
pub fn secrets(url: &str) -> Vec<String> {
    let login = login_of(url).unwrap_or_default();
    let password = login.split_once(':').map(|(_, password)| password);
    let back = url.find(['?', '#']).map_or("", |at| &url[at..]);
    let pairs = back.split(['?', '&', ';', '#']).filter_map(|piece| piece.split_once('='));
    let values = pairs.filter(|(key, _)| is_secret_key(&decoded(key))).map(|(_, value)| value);
    let all = [login].into_iter().filter(|login| login.contains(':')).chain(password);
    all.chain(values).flat_map(|text| [text.to_string(), decoded(text)]).collect()
}

/// What of the address of a store may be a secret: its login where it has a password (alone it is a
/// name, which messages must be able to say), and values of options.
pub fn store_secrets(url: &str) -> Vec<String> {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let front = rest.rsplit_once('@').map_or("", |(login, _)| login);
    let back = rest.split_once('?').map_or("", |(_, back)| back);
    let is_word = |text: &&str| {
        text.len() >= VALUE_MIN
            && !["majority", "primary"].contains(text)
            && !text.bytes().all(|byte| byte.is_ascii_digit())
    };
    // Keys stand there too, and may be named.
    let pairs = back.split(['&', ';', '#', '?']);
    let pairs = pairs.filter(|pair| !NO_SECRETS.iter().any(|key| pair.starts_with(key)));
    let values = pairs.map(|pair| pair.split_once('=').map_or(pair, |(_, value)| value));
    let values = values.flat_map(|value| value.split([',', ':', '='])).filter(is_word);
    let pieces = front.split([':', '/', '?', '#', '@']).skip(1).filter(|piece| piece.len() > 1);
    let login = Some(front).filter(|front| front.contains([':', '/', '?', '#', '@']));
    let all = login.into_iter().chain(pieces).chain(values);
    all.flat_map(|text| [text.to_string(), decoded(text)]).collect()
}

fn is_scheme(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')
}

fn is_host(host: &str) -> bool {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, port),
        _ => (host, "0"),
    };
    let letters = |c: char| c.is_ascii_alphanumeric() || "-_.%[]:".contains(c);
    let plain = name.starts_with('[') || !name.contains(':');
    let number = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    !name.is_empty() && name.chars().all(letters) && plain && number
}

/// Name and password of an address.
fn login_of(url: &str) -> Option<&str> {
    let at = url.find("//")? + 2;
    let rest = url.get(at..)?;
    let place = &rest[..rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len())];
    let web = at == 2 || url.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("http"));
    let all = || rest.rsplit_once('@').map(|(login, _)| login);
    match place.rsplit_once('@') {
        Some((login, host)) if is_host(host) => Some(login),
        // An unescaped sign of the login has cut it short.
        Some(_) => all(),
        None if web && (is_host(place) || !place.contains(':')) => None,
        None => all(),
    }
}

fn without_login(url: &str) -> String {
    match login_of(url) {
        Some(login) => {
            let at = url.find("//").map_or(0, |at| at + 2);
            format!("{}{STARS}{}", &url[..at], &url[at + login.len()..])
        }
        None => url.to_string(),
    }
}

fn without_values(back: &str) -> String {
    let pieces = back.split_inclusive(['?', '&', ';', '#']);
    pieces.map(without_value).collect()
}

fn without_value(piece: &str) -> String {
    let ends = ['?', '&', ';', '#'];
    let body = piece.trim_end_matches(ends);
    match body.split_once('=') {
        Some((key, _)) if is_secret_key(&decoded(key)) => {
            format!("{key}={STARS}{}", &piece[body.len()..])
        }
        _ => piece.to_string(),
    }
}

fn decoded(text: &str) -> String {
    let form = format!("x={}", text.replace('+', "%2B").replace('&', "%26"));
    let pair = url::form_urlencoded::parse(form.as_bytes()).next();
    pair.map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// Whether a key of a query, or a header, looks like one that holds a secret.
pub fn is_secret_key(key: &str) -> bool {
    let plain: String = key.chars().filter(|c| c.is_alphanumeric()).collect();
    let plain = plain.to_lowercase();
    let parts = ["token", "secret", "passw", "pwd", "signature", "credential", "authori"];
    let whole = ["appid", "auth", "jwt", "pass", "session", "sessionid", "sid", "sig"];
    plain.ends_with("key") || parts.iter().any(|p| plain.contains(p)) || whole.contains(&&*plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, secrets: &[&str], expected: &str) {
        assert_eq!(redact(url, &Redactor::new(secrets.iter().copied())), expected);
    }

    #[test]
    fn plain_addresses_are_shown_as_they_are() {
        let url = "https://api.example.org/v1/all;x=1?from=2026-11-21&bbox=1,2;3#top";
        check(url, &[], url);
        check("not an address", &[], "not an address");
    }

    #[test]
    fn secret_looking_keys_lose_their_values() {
        check("http://e.org/?appid=s3&q=Lille", &[], "http://e.org/?appid=***&q=Lille");
        check("http://e.org/?q=1&API_Key=s3==", &[], "http://e.org/?q=1&API_Key=***");
        check("http://e.org/?access-token=a;b=2", &[], "http://e.org/?access-token=***;b=2");
        check("http://e.org/a#access_token=s3", &[], "http://e.org/a#access_token=***");
        check("http://e.org/?to%6ben=s3", &[], "http://e.org/?to%6ben=***");
        check("/only?x-amz-signature=1", &[], "/only?x-amz-signature=***");
    }

    #[test]
    fn user_and_password_are_removed() {
        check("https://me:p@ss@e.org:8443/a@b?x=1", &[], "https://***@e.org:8443/a@b?x=1");
        check("https://me@e.org", &[], "https://***@e.org");
        check("https://me:p/ss@e.org/a", &[], "https://***@e.org/a");
        check("https://me:p?ss@e.org/a", &[], "https://***@e.org/a");
        check("//me:p#ss@e.org/a", &[], "//***@e.org/a");
        check("https://e.org:80/a@b", &[], "https://e.org:80/a@b");
    }

    #[test]
    fn literals_are_removed_in_every_encoding() {
        check("https://e.org/k/s3cr3t/a", &["s3cr3t"], "https://e.org/k/***/a");
        check("https://e.org/?q=a%20b%2Fc", &["a b/c"], "https://e.org/?q=***");
        check("https://e.org/?q=a+b%2Fc", &["a b/c"], "https://e.org/?q=***");
        check("https://e.org/?q=longer", &["long", "longer", ""], "https://e.org/?q=***");
    }

    #[test]
    fn a_shown_address_is_bounded() {
        let long = format!("http://e.org/{}", "\u{e9}".repeat(9_000));
        assert_eq!(redact(&long, &Redactor::default()).chars().count(), SHOWN_ADDRESS);
    }

    #[test]
    fn stores_are_shown_without_login_and_options() {
        for (url, shown) in [
            ("mongodb://me:p@ss@h:1,i:2/daybook?x=y", "mongodb://h:1,i:2/daybook"),
            ("mongodb+srv://h.example.net", "mongodb+srv://h.example.net"),
            ("mongodb://[::1]:27017/day", "mongodb://[::1]:27017/day"),
            ("mongodb://me:s3cr3t?VALUE@h", "mongodb://***"),
            ("mongodb://me:s3cr3t#VALUE@h/d", "mongodb://***"),
            ("mongodb://me:1234?VALUE@h", "mongodb://***"),
            ("mongodb://me:s3/cr3t@h/daybook", "mongodb://***"),
            ("mongodb://me:pw@h/d/s3cr3t", "mongodb://***"),
            ("mongodb:me:s3cr3t@h/d", "mongodb://h/d"),
            ("postgres://me:s3cr3t@h/d?password=x", "postgres://h/d"),
            ("postgres://me:s3cr3t@h/d?password=x&schema=rain", "postgres://h/d?schema=rain"),
            ("postgres://me@h/d?schema=s3cr3t%20VALUE", "postgres://h/d"),
            ("s3cr3t", "***"),
            ("sqlite:/a/b@c.db", "sqlite:/a/b@c.db"),
            ("sqlite://me:s3cr3t@h/d", "sqlite://***@h/d"),
        ] {
            assert_eq!(store(url), shown, "{url}");
        }
    }

    #[test]
    fn a_text_loses_the_logins_of_its_addresses() {
        let text = "unexpected 'mongodb://me:s3cr3t?V@h/d' and http://a:b@c, not a://b or e@f";
        let shown = "unexpected 'mongodb://***@h/d' and http://***@c, not a://b or e@f";
        assert_eq!(in_text(text), shown);
        assert_eq!(in_text("see https://e.org/@daybook"), "see https://e.org/@daybook");
    }

    #[test]
    fn what_is_secret_in_an_address_is_known() {
        assert_eq!(secrets("http://e.org/?q=1"), Vec::<String>::new());
        let found = secrets("http://me:p%20w@e.org/?appid=k3y");
        for secret in ["me:p%20w", "p%20w", "p w", "k3y"] {
            assert!(found.iter().any(|known| known == secret), "{secret}: {found:?}");
        }
        let found = store_secrets("mongodb://me:s3cr3t?VALUE@h/d?authSource=admin&x=longvalue");
        for secret in ["s3cr3t", "VALUE", "longvalue"] {
            assert!(found.iter().any(|known| known == secret), "{secret}: {found:?}");
        }
        assert_eq!(store_secrets("postgres://postgres@h/d"), Vec::<String>::new());
    }
}
