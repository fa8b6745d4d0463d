//! The letters of a page, coded as a browser takes them (the HTML standard, "determining the
//! character encoding"), and its parsing, piece by piece.

use super::dom::Page;
use super::sink::{ATTRIBUTES, Sink};
use crate::domain::budget::Budget;
use crate::domain::form::written::{Encoding, UTF8_MARK};
use crate::domain::limits::HTML_DEPTH;
use html5ever::TokenizerResult;
use html5ever::buffer_queue::BufferQueue;
use html5ever::interface::TreeSink;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::Tokenizer;
use html5ever::tree_builder::TreeBuilder;

/// Bytes after which it is looked what the page has cost.
const PIECE: usize = 1 << 10;

/// How a page's text is coded.
#[derive(Clone, Copy)]
struct Coded {
    encoding: Encoding,
    /// Whether it is known, so that what the page says of itself changes nothing.
    certain: bool,
}

/// Reads the page by its mark in front; else by the declared coding; else by what its `<meta>`
/// says; else by its declaration of XML; else as UTF-8 where most of its letters are that, and as
/// Windows-1252 where not.
pub(super) fn page(
    bytes: &[u8],
    declared: Option<Encoding>,
    budget: &Budget,
) -> Result<Page, String> {
    read(bytes, declared, budget).map(|(page, _)| page)
}

/// The coding that a content type names, and the one by which its page is read, where they are two
/// and the page has letters of which they say different things.
pub fn named_otherwise(bytes: &[u8], content_type: &str) -> Option<(&'static str, &'static str)> {
    let head = Encoding::of(label(content_type)?)?;
    if bytes.is_ascii() && head.holds_ascii() || mark(bytes).is_some() {
        return None;
    }
    let (_, own) = read(bytes, None, &Budget::default()).ok()?;
    (head != own && head.decode(bytes) != own.decode(bytes)).then(|| (head.name(), own.name()))
}

/// The charset of a content type; of several the last one counts, and names its letters or those
/// of the same type before it (Fetch, "extract a MIME type").
fn label(content_type: &str) -> Option<&str> {
    let (mut kind, mut label, mut in_quotes) = ("", None, false);
    let comma = |c: char| {
        in_quotes ^= c == '"';
        c == ',' && !in_quotes
    };
    for value in content_type.split(comma) {
        let (own, params) = value.split_once(';').unwrap_or((value, ""));
        let own = own.trim();
        if !own.contains('/') || own == "*/*" {
            continue;
        }
        let mut params = params.split(';').filter_map(|param| param.split_once('='));
        let found = params.find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
        let before = label.filter(|_| own.eq_ignore_ascii_case(kind));
        label = found.map(|(_, label)| label.trim().trim_matches(['"', '\''])).or(before);
        kind = own;
    }
    label
}

/// The coding by which a browser reads a page that came with this content type and is kept.
pub fn letters(
    bytes: &[u8],
    declared: Option<Encoding>,
    content_type: Option<&str>,
) -> Option<Encoding> {
    let marked = mark(bytes).and_then(Encoding::of);
    let head = || Encoding::of(label(content_type?)?);
    let own = || read(bytes, None, &Budget::default()).ok().map(|(_, own)| own);
    marked.or(declared).or_else(head).or_else(own)
}

fn read(
    bytes: &[u8],
    declared: Option<Encoding>,
    budget: &Budget,
) -> Result<(Page, Encoding), String> {
    let mut coded = coded(bytes, declared)?;
    loop {
        match parsed(bytes, coded, budget)? {
            Parsed::Page(page) => return Ok((*page, coded.encoding)),
            Parsed::Says(encoding) => coded = Coded { encoding, certain: true },
        }
    }
}

/// The coding that a mark in front tells.
fn mark(bytes: &[u8]) -> Option<&'static str> {
    let marks: [(&[u8], &str); 3] =
        [(UTF8_MARK, "utf-8"), (b"\xff\xfe", "utf-16le"), (b"\xfe\xff", "utf-16be")];
    marks.iter().find(|(mark, _)| bytes.starts_with(mark)).map(|(_, name)| *name)
}

fn coded(bytes: &[u8], declared: Option<Encoding>) -> Result<Coded, String> {
    let (name, certain) = match (declared, mark(bytes)) {
        // What was declared is decoded already.
        (Some(_), _) => ("utf-8", true),
        (None, Some(name)) => (name, true),
        (None, None) => match named_by_xml(bytes) {
            Some(encoding) => return Ok(Coded { encoding, certain: false }),
            None if is_mostly_utf8(bytes) => ("utf-8", false),
            None => ("windows-1252", false),
        },
    };
    let encoding = Encoding::of(name).ok_or_else(|| format!("{name} is no coding of letters"))?;
    Ok(Coded { encoding, certain })
}

/// Whether more of its letters beyond ASCII are UTF-8 than are not: a text that was cut, or one
/// foreign byte, makes no other coding.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let beyond = |text: &str| text.chars().filter(|letter| !letter.is_ascii()).count();
    let (good, bad) = bytes.utf8_chunks().fold((0, 0), |(good, bad), chunk| {
        (good + beyond(chunk.valid()), bad + usize::from(!chunk.invalid().is_empty()))
    });
    bad == 0 || (good >= bad && good > 0)
}

/// The coding that a declaration of XML in front of a page names (HTML, "get an XML encoding").
fn named_by_xml(bytes: &[u8]) -> Option<Encoding> {
    let declaration = bytes.strip_prefix(b"<?xml")?;
    let end = declaration.iter().position(|byte| *byte == b'>')?;
    let declaration = str::from_utf8(&declaration[..end]).ok()?;
    let (_, rest) = declaration.split_once("encoding")?;
    let value = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let (label, _) = value[1..].split_once(quote)?;
    named(label)
}

/// The coding that a page names; a name that means none is as if it were not there. It is not
/// UTF-16, in which the name could not have been read, and not one that each program gives its own
/// meaning.
fn named(label: &str) -> Option<Encoding> {
    let named = Encoding::of(label)?;
    match named.name() {
        "x-user-defined" => Encoding::of("windows-1252"),
        _ if named.is_utf16() => Encoding::of("utf-8"),
        _ => Some(named),
    }
}

enum Parsed {
    Page(Box<Page>),
    /// It names its coding, and was read by another.
    Says(Encoding),
}

fn parsed(bytes: &[u8], coded: Coded, budget: &Budget) -> Result<Parsed, String> {
    let (text, lossy) = coded.encoding.decode(bytes);
    let builder = TreeBuilder::new(Sink::new(budget, lossy), Default::default());
    let tokens = Tokenizer::new(builder, Default::default());
    let (queue, mut gap, mut certain) = (BufferQueue::default(), 0, coded.certain);
    for piece in pieces(&text) {
        let sink = &tokens.sink.sink;
        let (given, signs) = (sink.given(), signs(piece));
        // A tag that has not ended yet: each of its attributes is compared with all before it.
        budget.work(gap * signs / ATTRIBUTES);
        sink.check()?;
        queue.push_back(StrTendril::from(piece));
        loop {
            match tokens.feed(&queue) {
                TokenizerResult::Done => break,
                TokenizerResult::EncodingIndicator(label) if !certain => {
                    let Some(named) = named(&label) else { continue };
                    certain = true;
                    if named != coded.encoding {
                        return Ok(Parsed::Says(named));
                    }
                }
                TokenizerResult::EncodingIndicator(_) | TokenizerResult::Script(_) => {}
            }
        }
        gap = if sink.given() == given { gap + signs } else { 0 };
    }
    tokens.end();
    tokens.sink.sink.check()?;
    let page = tokens.sink.sink.finish();
    page.weighed(budget)?;
    Ok(Parsed::Page(Box::new(page)))
}

fn signs(piece: &str) -> usize {
    let ends =
        |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c' | b'/' | b'"' | b'\'');
    piece.bytes().filter(|byte| ends(byte)).count()
}

/// Pieces of about [`PIECE`] bytes.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let end = (PIECE..rest.len()).find(|at| rest.is_char_boundary(*at)).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
}

impl Page {
    /// Spends what was built. Elements that were moved may stand deeper than they were put.
    fn weighed(&self, budget: &Budget) -> Result<(), String> {
        budget.nodes(self.slots.len() as u64).map_err(|over| over.to_string())?;
        let (top, mut at, mut depth) = (self.top(), Some(self.top()), 0_usize);
        while let Some(node) = at {
            let next = node.next_in(top);
            if let Some(next) = next {
                let parent = next.around().next();
                let up = std::iter::once(node).chain(node.around());
                let up = up.take_while(|node| Some(*node) != parent).count();
                depth = (depth + 1).saturating_sub(up);
                if depth > 2 * HTML_DEPTH {
                    return Err(format!("its elements stand more than {} deep", 2 * HTML_DEPTH));
                }
            }
            at = next;
        }
        Ok(())
    }
}
