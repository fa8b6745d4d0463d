//! Remarks of many answers, each once and counted.

use super::document::{Doc, Malformed};
use super::extract::Remark;
use std::collections::BTreeMap;

/// A remark, and how many of an entry's answers it is of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Noted {
    pub remark: Remark,
    pub answers: u64,
}

/// Remarks by their key, each with the first example, whatever the order of the answers.
pub type Notes = BTreeMap<String, Noted>;

/// Takes in remarks of more answers.
pub fn join(notes: &mut Notes, more: impl IntoIterator<Item = Noted>) {
    for noted in more {
        match notes.get_mut(&noted.remark.key()) {
            Some(known) => {
                known.answers += noted.answers;
                if noted.remark < known.remark {
                    known.remark = noted.remark;
                }
            }
            None => drop(notes.insert(noted.remark.key(), noted)),
        }
    }
}

impl Noted {
    pub fn doc(&self) -> Doc {
        let Doc::Map(mut pairs) = self.remark.doc() else { return Doc::Null };
        pairs.push(("answers".into(), Doc::Int(self.answers as i64)));
        Doc::Map(pairs)
    }

    pub fn read(doc: &Doc) -> Result<Noted, Malformed> {
        Ok(Noted { remark: Remark::read(doc)?, answers: doc.get("answers").as_count()? })
    }
}
