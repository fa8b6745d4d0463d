//! Where an archive in a bucket is, and what is asked of its server.

use std::fmt;

/// The scheme of an archive in a bucket.
pub const SCHEME: &str = "s3://";

/// What must be said of the server of a bucket; none of it is a secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Server {
    /// Its address; none is Amazon's in the region.
    pub endpoint: Option<String>,
    pub region: String,
    pub encryption: Encryption,
    /// A file of PEM with those who vouch for its certificate, beside those of the machine.
    pub authorities: Option<String>,
}

/// How its objects lie there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Encryption {
    /// Encrypted under keys of the server.
    Own,
    /// Under a key of its key service.
    Key(String),
    /// As the server likes.
    Any,
}

impl Default for Server {
    fn default() -> Server {
        let (endpoint, authorities) = (None, None);
        Server { endpoint, region: "us-east-1".into(), encryption: Encryption::Own, authorities }
    }
}

impl Encryption {
    /// What the server says of an object that is encrypted so.
    pub fn word(&self) -> Option<&'static str> {
        match self {
            Encryption::Own => Some("AES256"),
            Encryption::Key(_) => Some("aws:kms"),
            Encryption::Any => None,
        }
    }
}

/// A bucket, and the prefix of all keys in it; empty, or with a slash at its end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bucket {
    pub name: String,
    pub prefix: String,
}

impl Bucket {
    /// From `s3://BUCKET/PREFIX`; why not, where it is none.
    pub fn parse(text: &str) -> Result<Bucket, &'static str> {
        let rest = text.strip_prefix(SCHEME).ok_or("it does not begin with s3://")?;
        let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let inner = |c: u8| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.');
        if !(3..=63).contains(&name.len()) || !name.bytes().all(inner) {
            return Err("the name of a bucket is 3 to 63 small letters, digits, dots and dashes");
        }
        let prefix = prefix.trim_end_matches('/');
        let plain = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.' | b'=');
        let is_part =
            |part: &str| !part.is_empty() && part != "." && part != ".." && part.bytes().all(plain);
        if !prefix.is_empty() && !prefix.split('/').all(is_part) {
            return Err("a prefix is made of letters, digits, - _ . = and slashes between them");
        }
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        Ok(Bucket { name: name.into(), prefix })
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{SCHEME}{}/{}", self.name, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_has_a_name_and_may_have_a_prefix() {
        let shown = |text: &str| Bucket::parse(text).map(|bucket| bucket.to_string());
        assert_eq!(shown("s3://city-lake"), Ok("s3://city-lake/".into()));
        assert_eq!(shown("s3://city-lake/raw/of=1/"), Ok("s3://city-lake/raw/of=1/".into()));
        for odd in ["s3://", "s3://ab", "s3://City", "s3://lake/a//b", "s3://lake/../x", "lake"] {
            assert!(Bucket::parse(odd).is_err(), "{odd}");
        }
    }
}
