//! What printpdf leaves out or gets wrong, put right on the lopdf document before it is saved:
//! the outline as a tree with heights, language, dates, XMP metadata, the version, and an id
//! that follows from the content.

use super::error::Error;
use crate::domain::page::{Document, Mark, grid};
use crate::domain::shown;
use crate::domain::time::Instant;
use chrono::{Datelike, Timelike};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use lopdf::{Dictionary, Object, ObjectId, SaveOptions, Stream, StringFormat, dictionary};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use std::io::Write;

/// The highest level takes four times as long, and saves one byte or two in a hundred.
const LEVEL: Compression = Compression::new(5);
/// What a filter takes in the dictionary of a stream.
const FILTER: usize = "/Filter/FlateDecode".len();
const CREATOR: &str = "Daybook";
const PRODUCER: &str = "Daybook, with printpdf";

/// The file, with what its pages show, page by page.
pub fn finish(
    mut pdf: lopdf::Document,
    document: &Document,
    contents: impl Iterator<Item = Vec<u8>>,
) -> Result<Vec<u8>, Error> {
    pdf.version = "1.7".into();
    let pages: Vec<ObjectId> = pdf.get_pages().into_values().collect();
    for (page, content) in pages.iter().zip(contents) {
        shows(&mut pdf, *page, content)?;
    }
    remove_empty_annotations(&mut pdf, &pages);
    let outline = outline(&mut pdf, &document.outline, &pages);
    info(&mut pdf, document);
    let metadata = metadata(&mut pdf, document);
    catalogue(&mut pdf, document, outline, metadata)?;
    compress(&mut pdf)?;
    identify(&mut pdf);
    let mut out = vec![];
    let options = SaveOptions::builder()
        .use_object_streams(true)
        .use_xref_streams(true)
        .compression_level(LEVEL.level())
        .build();
    pdf.save_with_options(&mut out, options).map_err(|e| Error::Write(e.to_string()))?;
    Ok(out)
}

fn shows(pdf: &mut lopdf::Document, page: ObjectId, content: Vec<u8>) -> Result<(), Error> {
    let failed = |e: lopdf::Error| Error::Write(e.to_string());
    let page = pdf.get_dictionary(page).map_err(failed)?;
    let stream = page.get(b"Contents").and_then(Object::as_reference).map_err(failed)?;
    let stream = pdf.get_object_mut(stream).and_then(Object::as_stream_mut).map_err(failed)?;
    stream.set_content(content);
    Ok(())
}

fn remove_empty_annotations(pdf: &mut lopdf::Document, pages: &[ObjectId]) {
    for page in pages {
        let Ok(page) = pdf.get_dictionary_mut(*page) else { continue };
        let annotations = page.get(b"Annots").ok().and_then(|a| a.as_array().ok());
        if annotations.is_some_and(|a| a.is_empty()) {
            page.remove(b"Annots");
        }
    }
}

/// Text as UTF-16, as a PDF wants what is outside its pages.
fn text(words: &str) -> Object {
    let units = words.encode_utf16().flat_map(u16::to_be_bytes);
    Object::String([0xFE, 0xFF].into_iter().chain(units).collect(), StringFormat::Hexadecimal)
}

fn outline(pdf: &mut lopdf::Document, marks: &[Mark], pages: &[ObjectId]) -> Option<ObjectId> {
    let root = pdf.new_object_id();
    let (first, last) = level(pdf, marks, root, pages)?;
    let entries = dictionary! {
        "Type" => "Outlines",
        "First" => first,
        "Last" => last,
        "Count" => marks.len() as i64,
    };
    pdf.set_object(root, entries);
    Some(root)
}

/// Writes the entries below a parent, closed; returns the first and the last.
fn level(
    pdf: &mut lopdf::Document,
    marks: &[Mark],
    parent: ObjectId,
    pages: &[ObjectId],
) -> Option<(ObjectId, ObjectId)> {
    let ids: Vec<ObjectId> = marks.iter().map(|_| pdf.new_object_id()).collect();
    for (place, mark) in marks.iter().enumerate() {
        let mut entry = dictionary! { "Title" => text(&mark.title), "Parent" => parent };
        entry.set("Dest", destination(mark, pages));
        if let Some(before) = place.checked_sub(1) {
            entry.set("Prev", ids[before]);
        }
        if let Some(after) = ids.get(place + 1) {
            entry.set("Next", *after);
        }
        if let Some((first, last)) = level(pdf, &mark.below, ids[place], pages) {
            entry.set("First", first);
            entry.set("Last", last);
            entry.set("Count", -(mark.below.len() as i64));
        }
        pdf.set_object(ids[place], entry);
    }
    Some((*ids.first()?, *ids.last()?))
}

fn destination(mark: &Mark, pages: &[ObjectId]) -> Object {
    let page = pages.get(mark.page).map_or(Object::Null, |id| Object::Reference(*id));
    // A little above, so that the title is not at the very edge of the window.
    let top = Object::Real((grid::HEIGHT - mark.y + 12.0).min(grid::HEIGHT).round());
    Object::Array(vec![page, "XYZ".into(), Object::Null, top, Object::Null])
}

fn info(pdf: &mut lopdf::Document, document: &Document) {
    let meta = &document.meta;
    let date = Object::string_literal(pdf_date(meta.created));
    let entries = dictionary! {
        "Title" => text(&meta.title),
        "Author" => text(&meta.author),
        "Subject" => text(&meta.subject),
        "Keywords" => text(&meta.keywords.join(", ")),
        "Creator" => text(CREATOR),
        "Producer" => text(PRODUCER),
        "CreationDate" => date.clone(),
        "ModDate" => date,
    };
    let new = pdf.add_object(entries);
    let old = pdf.trailer.get(b"Info").and_then(Object::as_reference);
    pdf.trailer.set("Info", new);
    if let Ok(old) = old {
        pdf.objects.remove(&old);
    }
}

fn pdf_date(at: Instant) -> String {
    let (day, time) = (at.date_naive(), at.time());
    let (year, month, day) = (day.year(), day.month(), day.day());
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    format!("D:{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z")
}

fn metadata(pdf: &mut lopdf::Document, document: &Document) -> ObjectId {
    let dictionary = dictionary! { "Type" => "Metadata", "Subtype" => "XML" };
    let mut stream = Stream::new(dictionary, xmp(document).into_bytes());
    // Programs that look for metadata scan the file for it.
    stream.allows_compression = false;
    pdf.add_object(stream)
}

fn xmp(document: &Document) -> String {
    let meta = &document.meta;
    let created = meta.created.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let (title, author) = (escaped(&meta.title), escaped(&meta.author));
    let (subject, keywords) = (escaped(&meta.subject), escaped(&meta.keywords.join(", ")));
    let language = document.lang.tag();
    format!(
        r#"<?xpacket begin="{bom}" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{subject}</rdf:li></rdf:Alt></dc:description>
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
<xmp:CreateDate>{created}</xmp:CreateDate>
<xmp:ModifyDate>{created}</xmp:ModifyDate>
<xmp:CreatorTool>{CREATOR}</xmp:CreatorTool>
<pdf:Producer>{PRODUCER}</pdf:Producer>
<pdf:Keywords>{keywords}</pdf:Keywords>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"#,
        bom = '\u{feff}'
    )
}

fn escaped(words: &str) -> String {
    let words = shown::printed(words);
    words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn catalogue(
    pdf: &mut lopdf::Document,
    document: &Document,
    outline: Option<ObjectId>,
    metadata: ObjectId,
) -> Result<(), Error> {
    let failed = |e: lopdf::Error| Error::Write(e.to_string());
    let root = pdf.trailer.get(b"Root").and_then(Object::as_reference).map_err(failed)?;
    let root: &mut Dictionary = pdf.get_dictionary_mut(root).map_err(failed)?;
    root.set("Lang", Object::string_literal(document.lang.tag()));
    root.set("ViewerPreferences", dictionary! { "DisplayDocTitle" => true });
    root.set("PageLayout", "SinglePage");
    root.set("Metadata", metadata);
    root.remove(b"PageMode");
    if let Some(outline) = outline {
        root.set("Outlines", outline);
        root.set("PageMode", "UseOutlines");
    }
    Ok(())
}

/// Compresses streams, on all cores: most of the work of a large report.
fn compress(pdf: &mut lopdf::Document) -> Result<(), Error> {
    let streams = pdf.objects.values_mut().filter_map(|object| match object {
        Object::Stream(stream) if stream.allows_compression => Some(stream),
        _ => None,
    });
    let streams: Vec<&mut Stream> = streams.filter(|s| s.dict.get(b"Filter").is_err()).collect();
    let deflated = streams.into_par_iter().try_for_each(deflate);
    deflated.map_err(|e| Error::Write(e.to_string()))
}

/// Keeps what is shorter.
fn deflate(stream: &mut Stream) -> std::io::Result<()> {
    let mut encoder = ZlibEncoder::new(Vec::new(), LEVEL);
    encoder.write_all(&stream.content)?;
    let content = encoder.finish()?;
    if content.len() + FILTER < stream.content.len() {
        stream.dict.set("Filter", "FlateDecode");
        stream.set_content(content);
    }
    Ok(())
}

/// Gives the file an id made from its streams, so that equal pages make an equal file.
fn identify(pdf: &mut lopdf::Document) {
    let mut hash: [u64; 2] = [0xcbf2_9ce4_8422_2325, 0x9e37_79b9_7f4a_7c15];
    for object in pdf.objects.values() {
        let Object::Stream(stream) = object else { continue };
        for byte in stream.content.iter().map(|b| u64::from(*b)) {
            hash[0] = (hash[0] ^ byte).wrapping_mul(0x0100_0000_01b3);
            hash[1] = (hash[1].rotate_left(5) ^ byte).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
    }
    let id: Vec<u8> = hash.iter().flat_map(|half| half.to_be_bytes()).collect();
    let id = Object::String(id, StringFormat::Hexadecimal);
    pdf.trailer.set("ID", vec![id.clone(), id]);
}
