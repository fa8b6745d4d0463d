//! What a backup is made of: each file with its length and digest. Written last, it says that the
//! backup is whole; a restore believes nothing else.

use super::document::{Doc, Malformed};
use super::hash::Digest;

/// The form of backups that this program makes and reads.
const FORM: i64 = 1;

/// One file of a backup.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// Its path from the folder of the backup.
    pub path: String,
    pub bytes: u64,
    pub digest: Digest,
}

/// All files of a backup.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Manifest {
    /// When it was begun, in ISO 8601.
    pub begun: String,
    /// The store that was copied, without secrets; none was there where it is empty.
    pub store: String,
    pub parts: Vec<Part>,
}

impl Manifest {
    pub fn json(&self) -> String {
        let part = |part: &Part| {
            Doc::map([
                ("path", Doc::text(&*part.path)),
                ("bytes", Doc::Int(part.bytes as i64)),
                ("sha256", Doc::text(part.digest.hex())),
            ])
        };
        let doc = Doc::map([
            ("form", Doc::Int(FORM)),
            ("begun", Doc::text(&*self.begun)),
            ("store", Doc::text(&*self.store)),
            ("files", Doc::List(self.parts.iter().map(part).collect())),
        ]);
        doc.json() + "\n"
    }

    /// Reads what [`Manifest::json`] writes; why not, in words.
    pub fn parse(bytes: &[u8]) -> Result<Manifest, String> {
        let told = |error: Malformed| error.to_string();
        let doc = Doc::parse(bytes).map_err(told)?;
        match doc.get("form").as_int() {
            Ok(FORM) => {}
            Ok(other) => {
                return Err(format!("it is of form {other}, and this program knows {FORM}"));
            }
            Err(error) => return Err(told(error)),
        }
        let text = |key| doc.get(key).as_text().map(str::to_string).map_err(told);
        let parts = doc.get("files").as_list().map_err(told)?;
        Ok(Manifest {
            begun: text("begun")?,
            store: text("store")?,
            parts: parts.iter().map(part).collect::<Result<_, _>>()?,
        })
    }
}

fn part(doc: &Doc) -> Result<Part, String> {
    let path = doc.get("path").as_text().map_err(|error| error.to_string())?;
    // It is joined to folders: it may lead to nowhere else.
    let odd = |step: &str| step.is_empty() || step == "." || step == "..";
    if path.split('/').any(odd) {
        return Err(format!("{path:?} is no path inside a backup"));
    }
    let digest = doc.get("sha256").as_text().map_err(|error| error.to_string())?;
    Ok(Part {
        path: path.into(),
        bytes: doc.get("bytes").as_count().map_err(|error| error.to_string())?,
        digest: Digest::parse(digest).ok_or_else(|| format!("{path:?} has no SHA-256"))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(path: &str) -> Manifest {
        let part = Part { path: path.into(), bytes: 3, digest: Digest::of(b"abc") };
        Manifest { begun: "2026-11-22T02:41:00Z".into(), store: String::new(), parts: vec![part] }
    }

    #[test]
    fn a_manifest_reads_back_the_same() {
        let made = manifest("home/data/a \"b\"\n.json");
        assert_eq!(Manifest::parse(made.json().as_bytes()), Ok(made));
    }

    #[test]
    fn no_path_leads_out_of_a_backup() {
        for path in ["../a", "/a", "home/../../a", "home//a", ""] {
            let read = Manifest::parse(manifest(path).json().as_bytes());
            assert!(read.is_err_and(|why| why.contains("no path inside")), "{path}");
        }
    }

    #[test]
    fn a_manifest_of_another_form_is_refused() {
        let other = manifest("a").json().replace("\"form\":1", "\"form\":2");
        assert!(Manifest::parse(other.as_bytes()).is_err_and(|why| why.contains("form 2")));
        assert!(Manifest::parse(b"{}").is_err());
        assert!(Manifest::parse(b"{").is_err());
    }
}
