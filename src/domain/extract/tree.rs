//! A document, built: of JSON, of the rows of a CSV file, of XML.

use crate::domain::source::{Csv, Encoding};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// A value of a document.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Tree {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Box<str>),
    List(Vec<Tree>),
    Map(Vec<(Box<str>, Tree)>),
    /// A row that cannot be read, with the reason.
    Bad(String),
}

/// Elements inside elements; more is taken for an attack.
const DEPTH_MAX: usize = 100;

impl Tree {
    /// The value under a key; the last one, when it stands twice.
    pub fn get(&self, key: &str) -> Option<&Tree> {
        let Tree::Map(pairs) = self else { return None };
        pairs.iter().rfind(|(name, _)| **name == *key).map(|(_, value)| value)
    }

    pub fn json(bytes: &[u8]) -> serde_json::Result<Tree> {
        serde_json::from_slice(bytes)
    }

    /// The rows of a CSV file, as objects by the header's names, or else as lists.
    pub fn csv(bytes: &[u8], form: Csv) -> Result<Tree, String> {
        let text = decoded(bytes, form.encoding)?;
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(form.delimiter)
            .flexible(true)
            .has_headers(false)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let mut rows = reader.records().map(|row| row.map_err(|e| format!("not CSV: {e}")));
        let header = match form.header {
            true => Some(rows.next().ok_or("it has no header")??),
            false => None,
        };
        let row = |row: Result<csv::StringRecord, String>| match (row, &header) {
            (Err(why), _) => Tree::Bad(why),
            (Ok(row), None) => Tree::List(row.iter().map(cell).collect()),
            (Ok(row), Some(header)) => named(&row, header),
        };
        Ok(Tree::List(rows.map(row).collect()))
    }

    /// An XML document: elements by their local names, attributes as `@name`, text beside other
    /// content as `#text`.
    pub fn xml(bytes: &[u8]) -> Result<Tree, String> {
        let text = decoded(bytes, xml_encoding(bytes)?)?;
        let document =
            roxmltree::Document::parse(&text).map_err(|error| format!("it is not XML: {error}"))?;
        let root = document.root_element();
        Ok(Tree::Map(vec![(root.tag_name().name().into(), element(root, 0)?)]))
    }
}

fn cell(text: &str) -> Tree {
    if text.is_empty() { Tree::Null } else { Tree::Text(text.into()) }
}

fn named(row: &csv::StringRecord, header: &csv::StringRecord) -> Tree {
    if row.len() != header.len() {
        return Tree::Bad(format!("its row has {} cells, the header {}", row.len(), header.len()));
    }
    let pairs = header.iter().zip(row).filter(|(name, _)| !name.is_empty());
    Tree::Map(pairs.map(|(name, text)| (name.into(), cell(text))).collect())
}

fn decoded(bytes: &[u8], encoding: Encoding) -> Result<Cow<'_, str>, String> {
    match encoding {
        Encoding::Windows1252 => Ok(encoding_rs::WINDOWS_1252.decode(bytes).0),
        Encoding::Utf8 => {
            let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            let wrong = |e: std::str::Utf8Error| {
                format!("it is not UTF-8, from byte {} on; it may be windows-1252", e.valid_up_to())
            };
            std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(wrong)
        }
    }
}

/// The encoding that the XML declaration names; UTF-8 if it names none.
fn xml_encoding(bytes: &[u8]) -> Result<Encoding, String> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).to_ascii_lowercase();
    let declared = head.split_once("?>").map_or("", |(declaration, _)| declaration);
    let Some((_, name)) = declared.split_once("encoding=") else { return Ok(Encoding::Utf8) };
    let name: String = name.chars().skip(1).take_while(|c| !matches!(c, '"' | '\'')).collect();
    match &*name {
        "utf-8" | "us-ascii" => Ok(Encoding::Utf8),
        "iso-8859-1" | "latin1" | "windows-1252" => Ok(Encoding::Windows1252),
        _ => Err(format!("its encoding {name} is not known")),
    }
}

fn element(node: roxmltree::Node, depth: usize) -> Result<Tree, String> {
    if depth > DEPTH_MAX {
        return Err(format!("its elements stand more than {DEPTH_MAX} deep"));
    }
    let mut pairs: Vec<(Box<str>, Tree)> = node
        .attributes()
        .map(|a| (format!("@{}", a.name()).into(), Tree::Text(a.value().into())))
        .collect();
    let mut text = String::new();
    for child in node.children() {
        if child.is_element() {
            join(&mut pairs, child.tag_name().name(), element(child, depth + 1)?);
        } else {
            text.push_str(child.text().filter(|_| child.is_text()).unwrap_or_default());
        }
    }
    let text = text.trim();
    if pairs.is_empty() {
        return Ok(cell(text));
    }
    if !text.is_empty() {
        pairs.push(("#text".into(), Tree::Text(text.into())));
    }
    Ok(Tree::Map(pairs))
}

/// Adds a child: a second one of the same name makes them a list.
fn join(pairs: &mut Vec<(Box<str>, Tree)>, name: &str, child: Tree) {
    match pairs.iter_mut().find(|(known, _)| **known == *name) {
        None => pairs.push((name.into(), child)),
        Some((_, Tree::List(list))) => list.push(child),
        Some((_, known)) => {
            let first = std::mem::replace(known, Tree::Null);
            *known = Tree::List(vec![first, child]);
        }
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Tree, D::Error> {
        deserializer.deserialize_any(Build)
    }
}

struct Build;

impl<'de> Visitor<'de> for Build {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
        Ok(i64::try_from(value).map_or(Tree::Float(value as f64), Tree::Int))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Tree, E> {
        Ok(Tree::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
        Ok(Tree::Text(value.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree, A::Error> {
        let mut pairs = Vec::new();
        while let Some((key, value)) = map.next_entry::<Cow<str>, Tree>()? {
            pairs.push((key.into(), value));
        }
        Ok(Tree::Map(pairs))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Tree, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(Tree::List(values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xml_becomes_a_tree() {
        let text = "<?xml version='1.0' encoding='ISO-8859-1'?><a xmlns:x='u' n='1'><x:b>caf\u{e9}\
                    </x:b><b/><c k='2'>t</c></a>";
        let bytes: Vec<u8> = text.chars().map(|c| c as u8).collect();
        let json = r##"{"a":{"@n":"1","b":["café",null],"c":{"@k":"2","#text":"t"}}}"##;
        assert_eq!(Tree::xml(&bytes), Ok(Tree::json(json.as_bytes()).unwrap()));
    }

    #[test]
    fn csv_becomes_rows() {
        let form = Csv { delimiter: b';', ..Csv::default() };
        let rows = Tree::csv(b"\xef\xbb\xbfa; b;\n1;\"x;y\";\n2\n", form).unwrap();
        let Tree::List(rows) = rows else { panic!() };
        assert_eq!(rows[0], Tree::json(br#"{"a":"1","b":"x;y"}"#).unwrap());
        assert_eq!(rows[1], Tree::Bad("its row has 1 cells, the header 3".into()));
    }

    #[test]
    fn hostile_xml_is_refused() {
        let bomb = b"<!DOCTYPE a [<!ENTITY b 'bb'>]><a>&b;</a>";
        assert!(Tree::xml(bomb).is_err());
        let deep = "<a>".repeat(5000) + &"</a>".repeat(5000);
        assert!(Tree::xml(deep.as_bytes()).is_err());
    }
}
