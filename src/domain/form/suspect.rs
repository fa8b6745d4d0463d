//! What an answer is that is not what was declared, as far as its first signs tell.

use super::page::is_html;
use super::wrapped::wrapping;
use super::written::{UTF8_MARK, Written};
use super::{Format, Reading};
use crate::domain::container::{hint, seen};

/// What an answer that has just come is instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspect {
    pub what: String,
    /// What a person may do, where that is known.
    pub hint: Option<String>,
}

impl Suspect {
    /// Of what cannot be taken out of what it is packed in.
    pub fn unopened(why: &str) -> Suspect {
        let (why, hint) = why.split_once("\nhint: ").unwrap_or((why, ""));
        let hint = match hint {
            "" => "once fetch.unpack and fetch.member are as it is, summarizer replay counts it",
            known => known,
        };
        Suspect { what: format!("what cannot be opened ({why})"), hint: Some(hint.into()) }
    }

    fn new(what: &str) -> Suspect {
        Suspect { what: what.into(), hint: None }
    }
}

impl Format {
    /// What an answer that has just come, once it is opened, is instead. `scalar`: whether a single
    /// value may be all of a document.
    pub fn suspect(&self, bytes: &[u8], written: &Written, scalar: bool) -> Option<Suspect> {
        if let Some(other) = self.other(bytes, written) {
            let (_, hint) = other.split_once("\nhint: ").unwrap_or_default();
            let what = "compressed bytes or letters of another coding";
            let hint = (!hint.is_empty()).then(|| hint.into());
            return Some(Suspect { what: what.into(), hint });
        }
        // A page in the place of data is seldom of the coding that the data has.
        let decoded = if is_html(bytes) { None } else { written.decoded(bytes) };
        let letters = decoded.map_or(bytes.into(), |(letters, _)| letters);
        let begin = letters.strip_prefix(UTF8_MARK).unwrap_or(&letters).trim_ascii_start();
        let Some(first) = begin.first() else { return Some(Suspect::new("an empty body")) };
        if self.is_page {
            return super::page::instead(begin).map(Suspect::new);
        }
        let is_tag = *first == b'<';
        if is_tag && is_html(begin) {
            return Some(Suspect::new("a page in HTML"));
        }
        if self.is_json() {
            return self.not_json(begin, scalar);
        }
        let what = match self.tags {
            // Of a wide coding, the first byte may say nothing.
            true if is_tag || !first.is_ascii_graphic() => return None,
            true if is_object(begin) => "JSON",
            true => "plain text",
            false if begin.starts_with(b"<?xml") => "tags",
            false if is_object(begin) => "JSON",
            false => return None,
        };
        Some(Suspect::new(what))
    }

    fn not_json(&self, begin: &[u8], scalar: bool) -> Option<Suspect> {
        if let Some((what, hint)) = wrapping(begin) {
            return Some(Suspect { what, hint: Some(hint.into()) });
        }
        if begin.first() == Some(&b'<') {
            return Some(Suspect::new("tags"));
        }
        if !is_json(begin) {
            return Some(Suspect::new("plain text"));
        }
        let single = !matches!(begin.first(), Some(b'{' | b'['));
        let whole = matches!(self.reading, Reading::Document(_));
        (single && whole && !scalar).then(|| Suspect::new("a single value"))
    }

    /// What the first bytes say, where that cannot be of this form.
    pub(in crate::domain) fn other(&self, bytes: &[u8], written: &Written) -> Option<String> {
        if let Some(seen) = seen(bytes) {
            let told = format!("it looks like {}, not {}", seen.what, self.name);
            return Some(match &written.unpack {
                None => told + &hint(seen.pack),
                Some(unpack) => match unpack.inner(seen) {
                    Some(pack) => format!("opened, {told}{}", hint(Some(pack))),
                    None => format!("opened, {told}: a container inside another is not opened"),
                },
            });
        }
        let plain = written.encoding.is_none_or(|encoding| encoding.is_utf8());
        let wide = (!self.tags && plain).then(|| self.wide(bytes)).flatten()?;
        Some(match wide {
            None => format!("it looks like UTF-32, which is not read, not {}", self.name),
            Some(name) => format!("it looks like UTF-16: fetch.encoding = \"{name}\" reads that"),
        })
    }

    /// The name of a wide coding of letters, as far as its mark or its zeros tell; none of one that
    /// is not read.
    fn wide(&self, bytes: &[u8]) -> Option<Option<&'static str>> {
        match *bytes {
            [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Some(None),
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some(Some("utf-16")),
            [a, 0, b, 0, ..] if a.is_ascii() && b.is_ascii() && a > 0 && b > 0 => {
                Some(Some("utf-16le"))
            }
            [0, a, 0, b, ..] if a.is_ascii() && b.is_ascii() && a > 0 && b > 0 => {
                Some(Some("utf-16be"))
            }
            _ => None,
        }
    }
}

/// Whether a value of JSON may begin so.
fn is_json(begin: &[u8]) -> bool {
    let words: [&[u8]; 3] = [b"true", b"false", b"null"];
    matches!(begin.first(), Some(b'{' | b'[' | b'"' | b'-' | b'0'..=b'9'))
        || words.iter().any(|word| begin.starts_with(word))
}

/// Whether it begins as an object of JSON does, or a list of them, and as no row of cells.
fn is_object(begin: &[u8]) -> bool {
    let list = begin.strip_prefix(b"[").map_or(begin, <[u8]>::trim_ascii_start);
    let inside = list.strip_prefix(b"{").map(<[u8]>::trim_ascii_start);
    inside.is_some_and(|inside| matches!(inside.first(), Some(b'"' | b'}')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::container::{Pack, Unpack};
    use crate::domain::form::Encoding;

    #[test]
    fn what_is_of_another_form_is_told() {
        let page: &[u8] = b" \n<!doctype html>";
        for (name, format) in Format::all() {
            let plain = Written::default();
            let suspect = |bytes: &[u8]| format.suspect(bytes, &plain, true).map(|it| it.what);
            let told = |bytes: &[u8]| suspect(bytes).unwrap_or_default();
            assert_eq!(told(b" \n"), "an empty body");
            if format.is_page {
                assert_eq!(told(page), "");
                continue;
            }
            assert_eq!(told(page), "a page in HTML", "{name}");
            let (json, xml) = (name.ends_with("json"), name == "xml");
            assert_eq!(told(b"[1]"), if xml { "plain text" } else { "" });
            for text in ["Too many requests", "temporarily out"] {
                assert_eq!(suspect(text.as_bytes()).is_some(), json || xml, "{name} {text}");
            }
            for text in ["<DATE>,<TIME>", "<feed/>"] {
                assert_eq!(suspect(text.as_bytes()).is_some(), json, "{name} {text}");
            }
            for text in ["{}", "\u{feff} [{\"a\": 1}]", "{\"error\": 1}"] {
                assert_eq!(told(text.as_bytes()), if json { "" } else { "JSON" }, "{name} {text}");
            }
            for text in ["true", "-1", "\"a\""] {
                assert_eq!(suspect(text.as_bytes()).is_some(), xml, "{name} {text}");
            }
            assert_eq!(suspect(b"cb({\"a\": 1})").is_some(), json || xml, "{name}");
        }
    }

    #[test]
    fn a_single_value_is_no_list() {
        let of = |name: &str, text: &str, scalar| {
            let (_, format) = Format::all().into_iter().find(|(known, _)| *known == name)?;
            format.suspect(text.as_bytes(), &Written::default(), scalar).map(|it| it.what)
        };
        for text in ["null", " true", "-1.5", "\"no data\""] {
            assert_eq!(of("json", text, false).as_deref(), Some("a single value"), "{text}");
            assert_eq!(of("json", text, true), None, "{text}");
            assert_eq!(of("ndjson", text, false), None, "{text}");
        }
        assert_eq!(of("json", "[]", false), None);
    }

    #[test]
    fn containers_and_wide_letters_are_told() {
        for (name, format) in Format::all() {
            let plain = Written::default();
            let other = |bytes: &[u8]| format.other(bytes, &plain);
            let wide = other(b"\xff\xfe[\0");
            assert_eq!(wide.is_none(), format.tags, "{name}");
            assert_eq!(other(b"[\0{\0").is_none(), format.tags, "{name}");
            assert_eq!(other(b"\0[\0{").is_none(), format.tags, "{name}");
            assert_eq!(other(b"\xff\xfe\0\0[\0\0\0").is_none(), format.tags, "{name}");
            let utf8 = Written { encoding: Encoding::of("utf-8"), ..Written::default() };
            assert_eq!(format.other(b"\xff\xfe[\0", &utf8), wide);
            let declared = Written { encoding: Encoding::of("utf-16"), ..Written::default() };
            assert_eq!(format.other(b"\xff\xfe[\0", &declared), None);
            let zipped = other(b"\x1f\x8b\x08");
            let hint = "\nhint: fetch.unpack = \"gzip\" opens it";
            assert_eq!(zipped, Some(format!("it looks like gzip, not {name}{hint}")));
            let xz = other(b"\xfd7zXZ\0\0");
            assert_eq!(xz, Some(format!("it looks like xz, not {name}")));
            let unpack = Some(Unpack { pack: Pack::Zip, member: None });
            let inner = format.other(b"PK\x03\x04", &Written { unpack, ..Written::default() });
            assert!(inner.is_some_and(|told| told.ends_with("inside another is not opened")));
        }
    }

    #[test]
    fn letters_of_a_declared_coding_are_read_as_such() {
        let utf16 = |text: &str| {
            let units = text.encode_utf16().flat_map(u16::to_le_bytes);
            [0xff, 0xfe].into_iter().chain(units).collect::<Vec<u8>>()
        };
        let written = Written { encoding: Encoding::of("utf-16"), ..Written::default() };
        let plain = Written::default();
        let texts = ["[{\"a\": 1}]", "{}", "a,b\n1,2", "<feed/>", "<html><p>a", "busy", " ", "7"];
        for (name, format) in Format::all() {
            let suspect = |bytes: &[u8]| format.suspect(bytes, &written, true);
            for text in texts {
                let told = format.suspect(text.as_bytes(), &plain, true);
                assert_eq!(suspect(&utf16(text)), told, "{name}: {text}");
                assert_eq!(suspect(&utf16(text)[2..]), told, "{name}: {text} without its mark");
            }
            let page = b"<!doctype html><p>a";
            assert_eq!(suspect(page), format.suspect(page, &plain, true), "{name}");
        }
    }
}
