//! What the fuzz targets share: the cases of `tests/cases/extract`, whose declarations read the
//! fuzzer's bytes. The first byte of an input says which declaration; the rest is the answer.

use daybook::domain::extract::{Extraction, Item, Plan, Value, show};
use daybook::domain::name::SourceName;
use daybook::domain::source::Source;
use daybook::edge::config;
use std::fs;
use std::path::Path;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// How files of answers end that are packed.
pub const PACKED: [&str; 4] = ["zip", "gz", "zst", "tgz"];

/// A declaration, and the answer that stands beside it.
pub struct Case {
    pub name: String,
    pub text: String,
    pub answer: Vec<u8>,
}

/// The cases whose answer has this form, in the order of their names.
pub fn cases(form: &str) -> Vec<Case> {
    let folder = Path::new(ROOT).join("tests/cases/extract");
    let listing = fs::read_dir(folder).expect("the cases");
    let mut folders: Vec<_> = listing.map(|entry| entry.expect("a case").path()).collect();
    folders.sort();
    let case = |folder: &std::path::PathBuf| {
        let answer = fs::read(folder.join(format!("body.{form}"))).ok()?;
        let shipped = fs::read_to_string(folder.join("source.name")).ok();
        let file = match shipped {
            Some(name) => Path::new(ROOT).join(format!("sources/{}.toml", name.trim())),
            None => folder.join("source.toml"),
        };
        let name = folder.file_name()?.to_str()?.to_string();
        Some(Case { name, text: fs::read_to_string(file).ok()?, answer })
    };
    folders.iter().filter_map(case).collect()
}

/// The declaration, read; none where it is not good (one that wants a file beside it).
pub fn source(text: &str) -> Option<Source> {
    config::source(&SourceName::parse("case")?, "source.toml", text).ok()
}

/// The same declaration with a path from the top, for which the document is built first.
pub fn tree(text: &str) -> Option<Source> {
    let whole = ["[samples]", "[records]"].iter().fold(text.to_string(), |text, head| {
        text.replace(head, &format!("{head}\nwhere = [{{ path = \"$[4000000000]\", present = false }}]"))
    });
    source(&whole)
}

/// Declarations by a byte.
pub struct Sources(Vec<Source>);

impl Sources {
    pub fn of(form: &str, read: impl Fn(&str) -> Option<Source>) -> Sources {
        Sources::of_all(&[form], read)
    }

    /// Those of several forms, in their order.
    pub fn of_all(forms: &[&str], read: impl Fn(&str) -> Option<Source>) -> Sources {
        let cases = forms.iter().flat_map(|form| cases(form));
        let sources: Vec<Source> = cases.filter_map(|case| read(&case.text)).collect();
        assert!(!sources.is_empty(), "no declaration reads {forms:?}");
        Sources(sources)
    }

    /// The declaration that the first byte names, and the answer behind it.
    pub fn pick<'a>(&self, input: &'a [u8]) -> Option<(&Source, &'a [u8])> {
        let (first, answer) = input.split_first()?;
        Some((&self.0[usize::from(*first) % self.0.len()], answer))
    }
}

/// Reads an answer; what was read must be fit to be shown and counted.
pub fn read(source: &Source, answer: &[u8]) -> Extraction {
    let mut found = Extraction::default();
    Plan::new(source).extract(answer, Some("paris"), &mut found);
    for item in found.items() {
        for value in found.values(item, source.fields.len()) {
            match value {
                Value::Number(number) => assert!(number.is_finite(), "{number}"),
                Value::Text(span) => drop(found.text(*span)),
                Value::Absent => {}
            }
        }
    }
    let hide = str::to_string;
    let _ = (show::table(source, &found, 5, hide), show::json(source, &found, hide));
    found
}

/// What was read, in a form that can be compared: items, and which of them are missing. Why they
/// are may be said in other words.
pub fn spelled(source: &Source, found: &Extraction) -> String {
    let Some(missing) = found.unreadable() else { return "refused".into() };
    let item = |item: &Item| {
        let values = found.values(item, source.fields.len()).iter().map(|value| match value {
            Value::Text(span) => format!("{:?}", found.text(*span)),
            other => format!("{other:?}"),
        });
        let values: Vec<String> = values.collect();
        let (key, time) = (found.text(item.key), (item.time, item.updated));
        format!("{} {key:?} {time:?} {values:?}\n", item.position)
    };
    let items: String = found.items().iter().map(item).collect();
    format!("{} {missing:?}\n{items}", found.length)
}

/// Whether the one way of reading refuses what the other, by the book, may take: see the test
/// `a_built_document_reads_like_a_stream`.
pub fn is_refused_by_the_stream(found: &Extraction) -> bool {
    found.faults().iter().any(|fault| fault.reason.contains("stands twice"))
}
