//! What the head of an answer says of the coding of its body: one that was offered is undone, no
//! other.

use crate::domain::coding::Coding;
use crate::domain::retry::Flaw;

/// The codings that are undone, as a request offers them.
pub const OFFERED: &str = "gzip, br, zstd";

/// What `Content-Encoding` says of a body.
#[derive(Debug, PartialEq, Eq)]
pub struct Encoding {
    pub coding: Option<Coding>,
    /// A word that names no coding, as from a store that repeats what an uploader said.
    pub unknown: Option<String>,
}

/// Codings of bodies, registered or in use.
const CODINGS: [&str; 18] = [
    "aes128gcm",
    "brotli",
    "bzip2",
    "compress",
    "dcb",
    "dcz",
    "deflate",
    "exi",
    "lz4",
    "lzma",
    "pack200-gzip",
    "sdch",
    "snappy",
    "x-bzip2",
    "x-compress",
    "x-deflate",
    "xz",
    "zip",
];

/// Words that leave nothing to undo: chunks are undone already, those of an upload long since.
const UNDONE: [&str; 4] = ["", "identity", "chunked", "aws-chunked"];

impl Encoding {
    /// Only what was asked for is undone; words that are no codings say nothing of the body.
    pub fn parse(header: Option<&str>) -> Result<Encoding, Flaw> {
        let text = header.unwrap_or_default().trim().to_ascii_lowercase();
        let mut words: Vec<&str> = text.split(',').map(str::trim).collect();
        words.retain(|word| !UNDONE.contains(word));
        let shown = || words.join(", ");
        let (mut codings, mut unknown) = (Vec::new(), None);
        for word in &words {
            match *word {
                "gzip" | "x-gzip" => codings.push(Coding::Gzip),
                "br" => codings.push(Coding::Brotli),
                "zstd" => codings.push(Coding::Zstd),
                _ if CODINGS.contains(word) => return Err(Flaw::Encoding(shown())),
                _ => unknown = Some(word.to_string()),
            }
        }
        match codings[..] {
            [] => Ok(Encoding { coding: None, unknown }),
            [one] => Ok(Encoding { coding: Some(one), unknown }),
            _ => Err(Flaw::Layers(shown())),
        }
    }

    /// What a person should know of it.
    pub fn remark(&self) -> Option<String> {
        let word = self.unknown.as_ref()?;
        Some(format!("its encoding is said to be `{word}`, which is none: read without it"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(header: &str, coding: Option<Coding>, unknown: Option<&str>) {
        let unknown = unknown.map(String::from);
        assert_eq!(Encoding::parse(Some(header)), Ok(Encoding { coding, unknown }), "{header}");
    }

    #[test]
    fn what_was_offered_is_undone_and_what_is_no_coding_is_told() {
        for plain in ["", " ", "identity", "aws-chunked", "Identity, AWS-chunked"] {
            check(plain, None, None);
        }
        for gzip in [" GZip ", "x-gzip", "gzip,aws-chunked", "identity, gzip", "gzip,"] {
            check(gzip, Some(Coding::Gzip), None);
        }
        check("BR", Some(Coding::Brotli), None);
        check("identity, zstd", Some(Coding::Zstd), None);
        check("UTF-8", None, Some("utf-8"));
        check("none", None, Some("none"));
        check("gzip, utf-8", Some(Coding::Gzip), Some("utf-8"));
        for odd in ["deflate", "compress", "brotli", "gzip, deflate", "utf-8, compress"] {
            let flaw = Flaw::Encoding(odd.into());
            assert_eq!(Encoding::parse(Some(odd)), Err(flaw));
        }
        for twice in ["gzip, gzip", "gzip, br", "zstd, gzip"] {
            assert_eq!(Encoding::parse(Some(twice)), Err(Flaw::Layers(twice.into())));
        }
    }

    #[test]
    fn what_is_offered_is_undone() {
        for word in OFFERED.split(", ") {
            let encoding = Encoding::parse(Some(word));
            assert!(matches!(encoding, Ok(Encoding { coding: Some(_), .. })), "{word}");
        }
    }
}
