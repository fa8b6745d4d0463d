//! A sketch of a declaration: what decides whether its source is due, and the digests of all that
//! it was read from. So a run in which nothing is due need not read the declarations anew, as long
//! as they are the same to the byte.

use super::document::Doc;
use super::hash::Digest;
use super::name::SourceName;
use super::schedule::CatchUp;
use super::source::{Items, LabelSource, List, Source};
use std::time::Duration;

/// What is kept of a sound declaration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sketch {
    pub name: SourceName,
    /// Names that it had before, the first one first.
    pub formerly: Vec<SourceName>,
    /// Of its text.
    pub declaration: Digest,
    /// The files beside it from which its lists come, with the digests of these.
    pub lists: Vec<(String, Digest)>,
    pub every: Duration,
    pub catch_up: CatchUp,
    /// The keys of its loop, in their order.
    pub items: Option<Vec<String>>,
    /// The names of the secrets that its requests carry.
    pub secrets: Vec<String>,
}

impl Sketch {
    pub fn of(source: &Source) -> Sketch {
        let items = source.fetch.items.as_ref();
        let labels = match &source.items {
            Items::Samples(samples) => &samples.labels,
            Items::Records(records) => &records.labels,
        };
        let labels = labels.as_ref().and_then(|labels| match labels {
            LabelSource::List(list) => Some(list),
            LabelSource::Source(..) => None,
        });
        let list = |list: &List| match list {
            List::File { file, content, .. } => Some((file.clone(), *content)),
            List::Here(_) => None,
        };
        let keys = |list: &List| list.rows().iter().map(|row| row.key.clone()).collect();
        Sketch {
            name: source.name.clone(),
            formerly: source.formerly.clone(),
            declaration: source.declaration.digest,
            lists: items.into_iter().chain(labels).filter_map(list).collect(),
            every: source.fetch.every,
            catch_up: source.fetch.catch_up,
            items: items.map(keys),
            secrets: source.secrets().map(str::to_string).collect(),
        }
    }

    fn doc(&self) -> Doc {
        let texts = |texts: &[String]| Doc::List(texts.iter().map(Doc::text).collect());
        let formerly = self.formerly.iter().map(|name| Doc::text(name.as_str())).collect();
        let list = |(file, content): &(String, Digest)| {
            Doc::map([("file", Doc::text(file)), ("content", Doc::text(content.hex()))])
        };
        Doc::map([
            ("name", Doc::text(self.name.as_str())),
            ("formerly", Doc::List(formerly)),
            ("declaration", Doc::text(self.declaration.hex())),
            ("lists", Doc::List(self.lists.iter().map(list).collect())),
            ("every", Doc::Int(self.every.as_secs() as i64)),
            ("catch_up", Doc::text(self.catch_up.name())),
            ("items", Doc::option(self.items.as_deref(), texts)),
            ("secrets", texts(&self.secrets)),
        ])
    }

    fn read(doc: &Doc) -> Option<Sketch> {
        let texts = |doc: &Doc| -> Option<Vec<String>> {
            doc.as_list().ok()?.iter().map(|text| Some(text.as_text().ok()?.into())).collect()
        };
        let digest = |doc: &Doc| Digest::parse(doc.as_text().ok()?);
        let list = |doc: &Doc| -> Option<(String, Digest)> {
            Some((doc.get("file").as_text().ok()?.into(), digest(doc.get("content"))?))
        };
        let formerly = texts(doc.get("formerly"))?;
        let items = doc.get("items");
        Some(Sketch {
            name: SourceName::parse(doc.get("name").as_text().ok()?)?,
            formerly: formerly.iter().map(|name| SourceName::parse(name)).collect::<Option<_>>()?,
            declaration: digest(doc.get("declaration"))?,
            lists: doc.get("lists").as_list().ok()?.iter().map(list).collect::<Option<_>>()?,
            every: Duration::from_secs(doc.get("every").as_count().ok()?),
            catch_up: catch_up(doc.get("catch_up").as_text().ok()?)?,
            items: if items.is_null() { None } else { Some(texts(items)?) },
            secrets: texts(doc.get("secrets"))?,
        })
    }
}

fn catch_up(name: &str) -> Option<CatchUp> {
    CatchUp::ALL.iter().find(|(known, _)| *known == name).map(|(_, one)| *one)
}

/// The sketches of all sources of a folder, made by one `program`, as a text that proves itself:
/// its first line is the digest of the rest.
pub fn written(program: &str, sketches: &[Sketch]) -> String {
    let sources = Doc::List(sketches.iter().map(Sketch::doc).collect());
    let doc = Doc::map([("program", Doc::text(program)), ("sources", sources)]).json();
    format!("{}\n{doc}\n", Digest::of(doc.as_bytes()))
}

/// What [`written`] wrote for the same program; none of what is damaged, or another's.
pub fn read(program: &str, text: &[u8]) -> Option<Vec<Sketch>> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix('\n')?;
    let (digest, json) = text.split_once('\n')?;
    if Digest::parse(digest)? != Digest::of(json.as_bytes()) {
        return None;
    }
    let doc = Doc::parse(json.as_bytes()).ok()?;
    let own = doc.get("program").as_text().ok()? == program;
    own.then(|| doc.get("sources").as_list().ok()?.iter().map(Sketch::read).collect())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sketches() -> Vec<Sketch> {
        let name = |text| SourceName::parse(text).expect("a name");
        let plain = Sketch {
            name: name("a"),
            formerly: Vec::new(),
            declaration: Digest::of(b"a"),
            lists: Vec::new(),
            every: Duration::from_secs(60),
            catch_up: CatchUp::None,
            items: None,
            secrets: Vec::new(),
        };
        let rich = Sketch {
            name: name("b"),
            formerly: vec![name("c"), name("d")],
            lists: vec![("lists/x.csv".into(), Digest::of(b"x"))],
            items: Some(vec!["k.1".into(), "k-2".into()]),
            secrets: vec!["KEY".into()],
            ..plain.clone()
        };
        vec![plain, rich]
    }

    #[test]
    fn sketches_read_back_the_same_for_the_same_program_only() {
        let text = written("one", &sketches());
        assert_eq!(read("one", text.as_bytes()), Some(sketches()));
        assert_eq!(read("two", text.as_bytes()), None);
        assert_eq!(read("one", written("one", &[]).as_bytes()), Some(Vec::new()));
    }

    #[test]
    fn damaged_sketches_are_none() {
        let text = written("one", &sketches()).into_bytes();
        for place in 0..text.len() {
            let mut damaged = text.clone();
            damaged[place] ^= 1;
            assert_eq!(read("one", &damaged), None, "at {place}");
            assert_eq!(read("one", &text[..place]), None, "cut at {place}");
        }
        assert_eq!(read("one", &[&text[..], b"x"].concat()), None);
    }
}
