//! A walk that waits between two runs, as a document.

use super::{At, Walk};
use crate::domain::document::Doc;
use crate::domain::hash::Digest;

impl At {
    pub fn doc(&self) -> Doc {
        match self {
            At::Start => Doc::map([]),
            At::Link(link) => Doc::map([("link", Doc::text(link))]),
            At::Cursor(mark) => Doc::map([("cursor", Doc::text(mark))]),
            At::Number(number) => Doc::map([("number", whole(*number))]),
        }
    }

    /// Reads what [`At::doc`] wrote.
    pub fn read(doc: &Doc) -> At {
        let number = || doc.get("number").as_count().ok().map(At::Number);
        let link = || text(doc.get("link")).map(At::Link);
        let mark = || text(doc.get("cursor")).map(At::Cursor);
        link().or_else(mark).or_else(number).unwrap_or(At::Start)
    }
}

impl Walk {
    /// One that goes on after these pages, of which nothing else is known.
    pub fn after(asked: &[At], at: &At) -> Walk {
        let keys = vec![None; asked.len()];
        let asked = asked.iter().chain([at]).cloned().collect();
        Walk { asked, keys, ..Walk::default() }
    }

    pub fn doc(&self) -> Doc {
        let keys = |keys: &Option<Digest>| Doc::option(*keys, |keys| Doc::text(keys.hex()));
        let totals = self.totals.map(|(first, last)| Doc::List(vec![whole(first), whole(last)]));
        Doc::map([
            ("asked", Doc::List(self.asked.iter().map(At::doc).collect())),
            ("keys", Doc::List(self.keys.iter().map(keys).collect())),
            ("items", whole(self.items)),
            ("bytes", whole(self.bytes)),
            ("totals", totals.unwrap_or(Doc::Null)),
            ("remark", Doc::option(self.remark.as_deref(), Doc::text)),
        ])
    }

    /// Reads what [`Walk::doc`] wrote; none of what is damaged.
    pub fn read(doc: &Doc) -> Option<Walk> {
        let keys = |doc: &Doc| match doc.is_null() {
            true => Some(None),
            false => Digest::parse(doc.as_text().ok()?).map(Some),
        };
        let totals = match doc.get("totals").as_counts().as_deref() {
            Ok([first, last]) => Some((*first, *last)),
            _ => None,
        };
        let asked: Vec<At> = doc.get("asked").as_list().ok()?.iter().map(At::read).collect();
        let keys = doc.get("keys").as_list().ok()?.iter().map(keys).collect::<Option<Vec<_>>>()?;
        (asked.len() == keys.len() + 1).then_some(Walk {
            is_cut: false,
            asked,
            keys,
            items: doc.get("items").as_count().ok()?,
            bytes: doc.get("bytes").as_count().ok()?,
            totals,
            remark: text(doc.get("remark")),
        })
    }
}

fn text(doc: &Doc) -> Option<String> {
    doc.as_text().ok().map(str::to_string)
}

fn whole(number: u64) -> Doc {
    Doc::Int(i64::try_from(number).unwrap_or(i64::MAX))
}
