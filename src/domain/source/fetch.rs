//! What a declaration says of the request: address, period, loop, form of the answer.

use super::items::Marker;
use super::list::List;
use crate::domain::decimal::Form;
use crate::domain::redact::{Redaction, redact};
use crate::domain::template::Template;
use std::borrow::Cow;
use std::time::Duration;

/// Where and how often to ask.
#[derive(Clone, Debug)]
pub struct Fetch {
    pub url: Template,
    pub headers: Vec<(String, Template)>,
    /// One request for each of these; none: a single request.
    pub items: Option<List>,
    /// How far before the slot the range of the request begins.
    pub range: Option<Duration>,
    pub every: Duration,
    pub format: Format,
    /// How its letters are coded, where it is not UTF-8 or what an XML answer says of itself.
    pub encoding: Option<Encoding>,
    pub numbers: Numbers,
    pub csv: Csv,
    /// Of XML: prefixes that stand in paths, and the namespaces that they mean.
    pub namespaces: Vec<(String, String)>,
    /// Values that are replaced by null before the answer lands.
    pub redact: Vec<Redaction>,
    /// Bounds the whole exchange.
    pub timeout: Duration,
    /// Zeros and ends of lines may follow a whole gzip.
    pub gzip_padding: bool,
    /// Cap on the body, in bytes, before and after decompression.
    pub max_bytes: u64,
}

impl Fetch {
    /// An answer as it may land: without what is to be redacted, or why it may not.
    pub fn redacted(&self, bytes: Vec<u8>) -> Result<Vec<u8>, String> {
        match self.redact.as_slice() {
            [] => Ok(bytes),
            wanted => redact(&bytes, wanted, self.format == Format::Ndjson),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    Json,
    Ndjson,
    Csv,
    Xml,
}

impl Format {
    pub const ALL: [(&'static str, Format); 4] = [
        ("json", Format::Json),
        ("ndjson", Format::Ndjson),
        ("csv", Format::Csv),
        ("xml", Format::Xml),
    ];

    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, format)| *format == self).map_or("", |(name, _)| name)
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

/// How the numbers of an answer are written, and what stands where there is none.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Numbers {
    pub form: Form,
    pub missing: Vec<Marker>,
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

    pub fn is_utf8(self) -> bool {
        self.0 == encoding_rs::UTF_8
    }

    /// Whether each ASCII byte stands for itself and nothing else.
    pub fn holds_ascii(self) -> bool {
        self.is_utf8() || (self.0.is_ascii_compatible() && self.0.is_single_byte())
    }

    /// The text; a mark of the order of bytes in front of it goes first. Bytes that mean nothing
    /// become U+FFFD, and then it says so.
    pub fn decode(self, bytes: &[u8]) -> (Cow<'_, str>, bool) {
        let (text, _, lossy) = self.0.decode(bytes);
        (text, lossy)
    }
}
