//! A cell: what a store keeps of one field of one series in one hour. Plain figures for people,
//! and beside them what only programs merge.

use super::rest::{self, Bins, Plain};
use crate::domain::document::{Doc, Malformed};
use crate::domain::stats::{FieldStats, Values};
use crate::domain::texts::Texts;
use crate::domain::time::Window;
use std::sync::Arc;

/// What the values of a field are. Stores keep it once, not in each row.
#[derive(Clone, PartialEq, Debug)]
pub struct Measure {
    pub unit: Option<Arc<str>>,
    pub form: Form,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Form {
    Numbers(Bins),
    /// Numbers without quantiles and trace.
    Thinned,
    Texts,
}

impl Form {
    /// The word for it in a store: `grid`, `sketch`, `thinned`, `texts`.
    pub fn word(&self) -> &'static str {
        match self {
            Form::Numbers(Bins { step: Some(_), .. }) => "grid",
            Form::Numbers(_) => "sketch",
            Form::Thinned => "thinned",
            Form::Texts => "texts",
        }
    }

    pub fn step(&self) -> Option<f64> {
        match self {
            Form::Numbers(bins) => bins.step,
            Form::Thinned | Form::Texts => None,
        }
    }

    pub fn trace(&self) -> Option<u32> {
        match self {
            Form::Numbers(bins) => bins.trace,
            Form::Thinned | Form::Texts => None,
        }
    }

    /// From what a store keeps of it.
    pub fn read(word: &str, step: Option<f64>, trace: Option<u32>) -> Result<Form, Malformed> {
        match (word, step) {
            ("grid", Some(_)) | ("sketch", None) => Ok(Form::Numbers(Bins { step, trace })),
            ("thinned", None) => Ok(Form::Thinned),
            ("texts", None) => Ok(Form::Texts),
            _ => Err(Malformed(format!("no form of a field: {word:?}"))),
        }
    }
}

/// The figures of a field.
#[derive(Clone, PartialEq, Debug)]
pub struct Cell {
    pub count: u64,
    pub figures: Figures,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Figures {
    Numbers(Plain, Vec<u8>),
    /// `{"other": count, "texts": [[text, count], ...]}`, in order of the texts' hashes.
    Texts(Doc),
}

impl Measure {
    pub fn of(stats: &FieldStats) -> Measure {
        let form = match &stats.values {
            Values::Numbers(numbers) if numbers.is_thinned() => Form::Thinned,
            Values::Numbers(numbers) => Form::Numbers(Bins::of(numbers)),
            Values::Texts(_) => Form::Texts,
        };
        Measure { unit: stats.unit.clone(), form }
    }
}

impl Cell {
    pub fn of(stats: &FieldStats, hour: Window) -> Cell {
        match &stats.values {
            Values::Numbers(n) => Cell {
                count: n.count,
                figures: Figures::Numbers(Plain::of(n), rest::write(n, hour)),
            },
            Values::Texts(texts) => {
                Cell { count: texts.count(), figures: Figures::Texts(texts_doc(texts)) }
            }
        }
    }

    /// Reads the statistics back.
    pub fn stats(&self, measure: &Measure, hour: Window) -> Result<FieldStats, Malformed> {
        let numbers = |plain: &Plain, bytes: &[u8], bins: Option<Bins>| {
            let read = rest::read((self.count, *plain), bytes, bins, hour)?;
            Ok(Values::Numbers(Box::new(read)))
        };
        let values = match (&self.figures, measure.form) {
            (Figures::Numbers(plain, bytes), Form::Numbers(bins)) => {
                numbers(plain, bytes, Some(bins))?
            }
            (Figures::Numbers(plain, bytes), Form::Thinned) => numbers(plain, bytes, None)?,
            (Figures::Texts(doc), Form::Texts) => Values::Texts(read_texts(doc)?.into()),
            _ => return Err(Malformed("numbers where texts are due, or texts for numbers".into())),
        };
        Ok(FieldStats { unit: measure.unit.clone(), values })
    }
}

fn texts_doc(texts: &Texts) -> Doc {
    let pair =
        |(text, count): (&str, u64)| Doc::List(vec![Doc::text(text), Doc::Int(count as i64)]);
    Doc::map([
        ("other", Doc::Int(texts.other as i64)),
        ("texts", Doc::List(texts.iter().map(pair).collect())),
    ])
}

fn read_texts(doc: &Doc) -> Result<Texts, Malformed> {
    let mut texts = Texts::default();
    texts.other = doc.get("other").as_count()?;
    for pair in doc.get("texts").as_list()? {
        let [text, count] = pair.as_list()? else {
            return Err(Malformed("a text without its count".into()));
        };
        texts.add(text.as_text()?, count.as_count()?);
    }
    Ok(texts)
}
