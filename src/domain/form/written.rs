//! What a declaration says of how an answer is written, beside its form.

use crate::domain::container::Unpack;
use std::borrow::Cow;

/// The mark that may stand in front of UTF-8.
pub const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

/// What an answer is packed in; its letters, rows and names.
#[derive(Clone, Debug, Default)]
pub struct Written {
    pub unpack: Option<Unpack>,
    /// How its letters are coded, where it is not UTF-8 or what an answer of tags says of itself.
    pub encoding: Option<Encoding>,
    pub csv: Csv,
    /// Of XML: prefixes that stand in paths, and the namespaces that they mean.
    pub namespaces: Vec<(String, String)>,
}

impl Written {
    /// The bytes of an answer as UTF-8, and whether some of them mean nothing; `None` where no
    /// other coding is declared.
    pub fn decoded<'b>(&self, bytes: &'b [u8]) -> Option<(Cow<'b, [u8]>, bool)> {
        let other = self.encoding.filter(|encoding| !encoding.is_utf8())?;
        Some(match other.decode(bytes) {
            (Cow::Borrowed(text), lossy) => (Cow::Borrowed(text.as_bytes()), lossy),
            (Cow::Owned(text), lossy) => (Cow::Owned(text.into_bytes()), lossy),
        })
    }
}

/// How a CSV answer is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Csv {
    pub delimiter: u8,
    /// Whether a row names the columns.
    pub header: bool,
    /// A line that begins with this is no row.
    pub comment: Option<u8>,
}

impl Default for Csv {
    fn default() -> Csv {
        Csv { delimiter: b',', header: true, comment: None }
    }
}

/// A coding of letters, as the web reads it (WHATWG Encoding): ISO-8859-1 is taken for its
/// superset Windows-1252.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Encoding(&'static encoding_rs::Encoding);

impl Encoding {
    /// By its name, such as `iso-8859-15` or `utf-16`.
    pub fn of(label: &str) -> Option<Encoding> {
        encoding_rs::Encoding::for_label(label.as_bytes()).map(Encoding)
    }

    /// Its name in the standard.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    pub fn is_utf8(self) -> bool {
        self.0 == encoding_rs::UTF_8
    }

    pub fn is_utf16(self) -> bool {
        self.0 == encoding_rs::UTF_16LE || self.0 == encoding_rs::UTF_16BE
    }

    /// Whether each ASCII byte stands for itself and nothing else.
    pub fn holds_ascii(self) -> bool {
        self.is_utf8() || (self.0.is_ascii_compatible() && self.0.is_single_byte())
    }

    /// The bytes of a text in it, as a browser puts them into the query of a link: UTF-8 for
    /// UTF-16, and a letter that it does not have by its number, percent-encoded (URL,
    /// "percent-encode after encoding").
    pub fn encode(self, text: &str) -> Cow<'_, [u8]> {
        let (bytes, encoding, is_lossy) = self.0.encode(text);
        if !is_lossy {
            return bytes;
        }
        let letter = |letter: char| match encoding.encode(letter.encode_utf8(&mut [0; 4])) {
            (_, _, true) => format!("%26%23{}%3B", u32::from(letter)).into_bytes(),
            (bytes, _, false) => bytes.into_owned(),
        };
        text.chars().flat_map(letter).collect::<Vec<_>>().into()
    }

    /// The text; a mark of the order of bytes in front of it goes first. Bytes that mean nothing
    /// become U+FFFD, and then it says so.
    pub fn decode(self, bytes: &[u8]) -> (Cow<'_, str>, bool) {
        let (text, _, lossy) = self.0.decode(bytes);
        (text, lossy)
    }
}
