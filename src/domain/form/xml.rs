//! XML as a document: elements and attributes by their names, of which a prefix is part where
//! the declaration says what it means.

use super::tree::{Element, Tree};
use super::written::{Encoding, UTF8_MARK, Written};
use crate::domain::budget::{Budget, Spent};
use crate::domain::limits::XML_DEPTH;
use roxmltree::{Document, Node, ParsingOptions};
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";
const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// Reads the document around its root element. A document type is passed over, unless it makes
/// entities.
pub fn document(
    bytes: &[u8],
    written: &Written,
    budget: &Budget,
    read: &mut dyn FnMut(&Tree),
) -> Result<(), String> {
    let text = decoded(bytes, written.encoding)?;
    // Wherever it stands: what looks like an entity beside a document type is not expanded.
    if text.contains("<!DOCTYPE") && text.contains("<!ENTITY") {
        return Err("it is not XML that is taken: its document type makes entities".into());
    }
    weighed(&text, budget).map_err(|over| over.to_string())?;
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    let document = Document::parse_with_options(&text, options)
        .map_err(|error| format!("it is not XML: {error}"))?;
    let (root, names) = (document.root_element(), Names(&written.namespaces));
    let pairs = vec![(names.element(root), names.built(root, 0)?)];
    read(&Tree::Element(Box::new(Element { pairs, ..Element::default() })));
    Ok(())
}

/// Which elements are items, where prefixes are declared.
pub fn numbering(written: &Written, _skip: u32) -> Option<String> {
    let names = &written.namespaces;
    (!names.is_empty()).then(|| format!("{names:?}"))
}

/// Prefixes that stand in paths, and the namespaces that they mean.
struct Names<'a>(&'a [(String, String)]);

impl Names<'_> {
    fn prefix(&self, namespace: Option<&str>) -> Option<&str> {
        let namespace = namespace?;
        if namespace == XML {
            return Some("xml");
        }
        self.0.iter().find(|(_, uri)| uri == namespace).map(|(prefix, _)| prefix.as_str())
    }

    fn element<'d>(&self, node: Node<'d, '_>) -> Cow<'d, str> {
        let name = node.tag_name();
        match self.prefix(name.namespace()) {
            Some(prefix) => format!("{prefix}:{}", name.name()).into(),
            None => name.name().into(),
        }
    }

    /// An attribute of a namespace that is not declared has no name here.
    fn attribute<'d>(&self, attribute: &roxmltree::Attribute) -> Option<Cow<'d, str>> {
        match (attribute.namespace(), self.prefix(attribute.namespace())) {
            (None, _) => Some(format!("@{}", attribute.name()).into()),
            (_, Some(prefix)) => Some(format!("@{prefix}:{}", attribute.name()).into()),
            _ => None,
        }
    }

    fn built<'d>(&self, node: Node<'d, '_>, depth: usize) -> Result<Tree<'d>, String> {
        if depth > XML_DEPTH {
            return Err(format!("its elements stand more than {XML_DEPTH} deep"));
        }
        let own = node.attributes().filter_map(|attribute| {
            Some((self.attribute(&attribute)?, Tree::Text(attribute.value().into())))
        });
        let mut element = Element { pairs: own.collect(), ..Element::default() };
        let nil = node.attribute((SCHEMA_INSTANCE, "nil")).map(str::trim);
        element.nil = matches!(nil, Some("true" | "1"));
        let (mut text, mut parted) = (Cow::Borrowed(""), false);
        for child in node.children() {
            if child.is_element() {
                element.pairs.push((self.element(child), self.built(child, depth + 1)?));
                parted = !text.is_empty();
            } else if child.is_text() {
                let more = child.text().unwrap_or_default();
                element.torn |= parted && !more.trim().is_empty();
                match text.is_empty() {
                    true => text = Cow::Borrowed(more.trim_start()),
                    false => text.to_mut().push_str(more),
                }
            }
        }
        element.text = match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_string()),
        };
        self.part(node, &mut element);
        Ok(Tree::Element(Box::new(element)))
    }

    /// Children of one name and of two namespaces: which is meant is not told.
    fn part<'d>(&self, node: Node<'d, '_>, element: &mut Element<'d>) {
        let mut torn: BTreeSet<&'d str> = BTreeSet::new();
        let mut known: HashMap<&str, Option<&str>> = HashMap::new();
        for child in node.children().filter(Node::is_element) {
            let (name, space) = (child.tag_name().name(), child.tag_name().namespace());
            // An empty one is none.
            let space = space.filter(|space| !space.is_empty());
            if self.prefix(space).is_some() {
                continue;
            }
            if *known.entry(name).or_insert(space) != space {
                torn.insert(name);
            }
        }
        element.pairs.retain(|(name, _)| !torn.contains(&**name));
        for name in torn {
            let why = format!(
                "{name}, which stands there in two namespaces (give one a prefix in \
                 fetch.xml.namespaces),"
            );
            element.pairs.push((name.into(), Tree::Clash(why.into())));
        }
    }
}

/// Spends what the parser will cost. It holds room for each sign that may begin a node or an
/// attribute; it compares the attributes of an element with each other, and each element that
/// declares a prefix with all that are known. No value holds a `<` as it stands, so that what looks
/// like a tag ends before the next one, wherever it stands.
fn weighed(text: &str, budget: &Budget) -> Spent {
    let (mut prefixes, mut equals) = (BTreeSet::new(), 0);
    for piece in text.split('<').skip(1) {
        budget.nodes(2)?;
        let bytes = piece.as_bytes();
        equals += bytes.iter().filter(|byte| **byte == b'=').count();
        if matches!(bytes.first(), None | Some(b'!' | b'?' | b'/')) {
            continue;
        }
        let (attributes, declares) = head(piece, &mut prefixes);
        let known = prefixes.len();
        budget.work(attributes * (attributes + known) + known);
        budget.work(if declares { known * known } else { 0 });
        budget.check()?;
    }
    budget.nodes(equals as u64)
}

/// How many attributes a tag may have, and whether it declares a prefix.
fn head<'t>(piece: &'t str, prefixes: &mut BTreeSet<&'t str>) -> (usize, bool) {
    let (mut rest, mut attributes, mut declares) = (piece, 0, false);
    while let Some(at) = rest.find(['=', '>']) {
        let (name, value) = rest.split_at(at);
        let Some(value) = value.strip_prefix('=') else { break };
        attributes += 1;
        let name = name.trim_end().rsplit(|c: char| c.is_ascii_whitespace()).next();
        if let Some(prefix) = name.and_then(|name| name.strip_prefix("xmlns")) {
            declares = true;
            prefixes.insert(prefix);
        }
        let value = value.trim_start();
        let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) else { break };
        rest = value[1..].split_once(quote).map_or("", |(_, rest)| rest);
    }
    (attributes, declares)
}

/// The text, by the declared coding, by the mark in front of it, or as it says of itself.
fn decoded(bytes: &[u8], declared: Option<Encoding>) -> Result<Cow<'_, str>, String> {
    let marked = bytes.strip_prefix(UTF8_MARK);
    // What was declared is decoded already; the mark of UTF-8 stands above what a text says.
    let own = match (declared, marked) {
        (None, None) => own_encoding(bytes)?,
        _ => None,
    };
    let bytes = marked.unwrap_or(bytes);
    if let Some(encoding) = own {
        return match encoding.decode(bytes) {
            (_, true) => Err("it has bytes that mean nothing in the encoding that it names".into()),
            (text, false) => Ok(text),
        };
    }
    let wrong = |error: std::str::Utf8Error| {
        let at = error.valid_up_to();
        format!("it is not UTF-8, from byte {at} on; is fetch.encoding = \"iso-8859-1\" true?")
    };
    std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(wrong)
}

/// How a text of two bytes a letter begins.
const WIDE: [(&[u8], &str); 4] = [
    (b"\xff\xfe", "utf-16le"),
    (b"\xfe\xff", "utf-16be"),
    (b"<\0", "utf-16le"),
    (b"\0<", "utf-16be"),
];

/// The coding that the XML declaration names, unless it is UTF-8.
fn own_encoding(bytes: &[u8]) -> Result<Option<Encoding>, String> {
    for (start, name) in WIDE {
        if bytes.starts_with(start) {
            return Ok(Encoding::of(name));
        }
    }
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).to_ascii_lowercase();
    let declared = head.split_once("?>").map_or("", |(declaration, _)| declaration);
    let declared = if declared.starts_with("<?xml") { declared } else { "" };
    let Some((_, name)) = declared.split_once("encoding") else { return Ok(None) };
    let name = name.trim_start().strip_prefix('=').unwrap_or_default().trim_start();
    let name: String = name.chars().skip(1).take_while(|c| !matches!(c, '"' | '\'')).collect();
    let encoding =
        Encoding::of(&name).ok_or_else(|| format!("its encoding {name} is not known"))?;
    // A text that says UTF-16 in letters of one byte is none.
    Ok(Some(encoding).filter(|encoding| !encoding.is_utf8() && !name.starts_with("utf-16")))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a path finds.
    struct Found {
        text: String,
        namespaces: Vec<(String, String)>,
    }

    fn tree(bytes: &[u8], namespaces: &[(&str, &str)]) -> Result<Found, String> {
        let own = |(prefix, uri): &(&str, &str)| (prefix.to_string(), uri.to_string());
        let namespaces: Vec<(String, String)> = namespaces.iter().map(own).collect();
        Ok(Found { text: decoded(bytes, None)?.into_owned(), namespaces })
    }

    fn find(found: &Found, path: &str) -> String {
        let document = Document::parse(&found.text).unwrap();
        let tree = Names(&found.namespaces).built(document.root_element(), 0).unwrap();
        let path = crate::domain::path::Path::parse(path).unwrap();
        format!("{:?}", tree.find(path.steps(), 0, &Budget::default()))
    }

    #[test]
    fn a_coding_is_read_as_it_is_named() {
        let text = "<?xml version='1.0' encoding = 'ISO-8859-15'?><a><b>caf\u{e9}</b></a>";
        let bytes: Vec<u8> = text.chars().map(|c| c as u8).collect();
        assert_eq!(find(&tree(&bytes, &[]).unwrap(), "b"), "Text(\"café\")");
        assert!(tree(b"<?xml version='1.0' encoding='klingon'?><a/>", &[]).is_err());
        assert!(tree(b"<a>\xe9</a>", &[]).err().unwrap().contains("from byte 3"));
    }

    #[test]
    fn names_have_their_prefix_where_it_is_declared() {
        let xml = b"<f xmlns:o='urn:o' xmlns:p='urn:p'><q id='1' v='3' o:v='99' xml:lang='fr'/>\
                    <o:r>1</o:r><p:s>2</p:s><s>3</s></f>";
        let plain = tree(xml, &[]).unwrap();
        assert_eq!(find(&plain, "q.@v"), "Text(\"3\")");
        assert_eq!(find(&plain, "q.\"@xml:lang\""), "Text(\"fr\")");
        assert_eq!(find(&plain, "r"), "Text(\"1\")");
        assert!(find(&plain, "s").starts_with("Bad"));
        let told = tree(xml, &[("x", "urn:o"), ("y", "urn:p")]).unwrap();
        assert_eq!(find(&told, "q.@x:v"), "Text(\"99\")");
        assert_eq!(find(&told, "x:r"), "Text(\"1\")");
        assert_eq!(find(&told, "r"), "Absent");
        assert_eq!(find(&told, "y:s"), "Text(\"2\")");
        assert_eq!(find(&told, "s"), "Text(\"3\")");
    }

    #[test]
    fn what_stands_in_two_namespaces_is_told_at_any_depth() {
        let xml = b"<f xmlns:p='urn:p'><image><url>1</url></image><p:image href='2'/>\
                    <a xmlns=''><b>3</b></a><a><b>4</b></a></f>";
        let tree = tree(xml, &[]).unwrap();
        assert!(find(&tree, "image.url").starts_with("Bad"));
        assert_eq!(find(&tree, "a[1].b"), "Text(\"4\")");
    }

    #[test]
    fn an_element_reads_alike_beside_any_other() {
        let xml = b"<f xmlns:i='http://www.w3.org/2001/XMLSchema-instance'><a>1</a><b q='p'>2</b>\
                    <c i:nil='true'>9</c><d><e>3</e></d><g/><h>4</h><h>5</h>\
                    <j>1<br/>2</j><k>3<u>C</u> </k></f>";
        let tree = tree(xml, &[]).unwrap();
        for (path, found) in [
            ("a", "Text(\"1\")"),
            ("a.#text", "Text(\"1\")"),
            ("a[0]", "Text(\"1\")"),
            ("b", "Text(\"2\")"),
            ("b.#text", "Text(\"2\")"),
            ("b.@q", "Text(\"p\")"),
            ("c", "Null"),
            ("c.#text", "Null"),
            ("d", "Nested"),
            ("d[*].e", "Text(\"3\")"),
            ("g", "Null"),
            ("h", "Several"),
            ("j.#text", "Several"),
            ("k.#text", "Text(\"3\")"),
            ("h[1]", "Text(\"5\")"),
            ("i", "Absent"),
        ] {
            assert_eq!(find(&tree, path), found, "{path}");
        }
    }
}
