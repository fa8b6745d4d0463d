//! What the head of an answer says of the coding of its body: one gzip is undone, no other.

use crate::domain::retry::Flaw;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Identity,
    Gzip,
}

/// What `Content-Encoding` says of a body.
#[derive(Debug, PartialEq, Eq)]
pub struct Coding {
    pub encoding: Encoding,
    /// A word that names no coding, as from a store that repeats what an uploader said.
    pub unknown: Option<String>,
}

/// Codings of bodies, registered or in use.
const CODINGS: [&str; 20] = [
    "aes128gcm",
    "br",
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
    "zstd",
    "zip",
];

/// Words that leave nothing to undo: chunks are undone already, those of an upload long since.
const UNDONE: [&str; 4] = ["", "identity", "chunked", "aws-chunked"];

impl Coding {
    /// Only what was asked for is undone; words that are no codings say nothing of the body.
    pub fn parse(header: Option<&str>) -> Result<Coding, Flaw> {
        let text = header.unwrap_or_default().trim().to_ascii_lowercase();
        let mut words: Vec<&str> = text.split(',').map(str::trim).collect();
        words.retain(|word| !UNDONE.contains(word));
        let shown = || words.join(", ");
        let (mut gzips, mut unknown) = (0, None);
        for word in &words {
            match *word {
                "gzip" | "x-gzip" => gzips += 1,
                _ if CODINGS.contains(word) => return Err(Flaw::Encoding(shown())),
                _ => unknown = Some(word.to_string()),
            }
        }
        let encoding = match gzips {
            0 => Encoding::Identity,
            1 => Encoding::Gzip,
            _ => return Err(Flaw::Layers(shown())),
        };
        Ok(Coding { encoding, unknown })
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
    fn check_coding(header: &str, encoding: Encoding, unknown: Option<&str>) {
        let unknown = unknown.map(String::from);
        assert_eq!(Coding::parse(Some(header)), Ok(Coding { encoding, unknown }), "{header}");
    }

    #[test]
    fn only_gzip_is_undone_and_what_is_no_coding_is_told() {
        for plain in ["", " ", "identity", "aws-chunked", "Identity, AWS-chunked"] {
            check_coding(plain, Encoding::Identity, None);
        }
        for gzip in [" GZip ", "x-gzip", "gzip,aws-chunked", "identity, gzip", "gzip,"] {
            check_coding(gzip, Encoding::Gzip, None);
        }
        check_coding("UTF-8", Encoding::Identity, Some("utf-8"));
        check_coding("none", Encoding::Identity, Some("none"));
        check_coding("gzip, utf-8", Encoding::Gzip, Some("utf-8"));
        for odd in ["br", "gzip, br", "deflate", "zstd", "utf-8, compress"] {
            let flaw = Flaw::Encoding(odd.into());
            assert_eq!(Coding::parse(Some(odd)), Err(flaw));
        }
        let twice = Flaw::Layers("gzip, gzip".into());
        assert_eq!(Coding::parse(Some("gzip, gzip")), Err(twice));
    }
}
