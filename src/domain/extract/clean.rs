//! Cleaning: what a declaration does with a text before it is read.

use crate::domain::budget::Budget;
use crate::domain::form::raw::Raw;
use crate::domain::source::{Clean, Field};
use std::borrow::Cow;

/// A value after the steps of its field, of several what they come to together; none where nothing
/// is to be done.
pub(super) fn cleaned<'r>(
    field: &Field,
    raw: &Raw<'r>,
    budget: &Budget,
) -> Result<Option<Raw<'r>>, String> {
    let Some(join) = field.join.as_deref() else {
        return match field.steps.is_empty() {
            true => Ok(None),
            false => one(field, raw, budget).map(Some),
        };
    };
    let all = match raw {
        Raw::Many(all) => all.as_slice(),
        one => std::slice::from_ref(one),
    };
    let mut texts: Vec<String> = Vec::new();
    for raw in all {
        match one(field, raw, budget)? {
            Raw::Absent | Raw::Null => {}
            Raw::Text(text) if text.trim().is_empty() => {}
            Raw::Text(text) => texts.push(text.into_owned()),
            other => return Ok(Some(other)),
        }
    }
    Ok(Some(match texts.is_empty() {
        true => Raw::Absent,
        false => Raw::Text(Cow::Owned(texts.join(join))),
    }))
}

/// A value that is no text stays what it is; of flags and numbers their words are cleaned.
fn one<'r>(field: &Field, raw: &Raw<'r>, budget: &Budget) -> Result<Raw<'r>, String> {
    let mut text = match raw {
        Raw::Bool(flag) => flag.to_string(),
        other => match other.clone().on_one_line().text() {
            Some(text) => text.to_string(),
            None => return Ok(other.clone()),
        },
    };
    for step in &field.steps {
        budget.work(text.len());
        match step.apply(text)? {
            Some(cleaned) => text = cleaned,
            None => return Ok(Raw::Absent),
        }
    }
    Ok(Raw::Text(Cow::Owned(text)))
}

impl Clean {
    /// What the step makes of a text; none where nothing is left of it.
    fn apply(&self, text: String) -> Result<Option<String>, String> {
        let some = |text: String| Ok(Some(text).filter(|text| !text.trim().is_empty()));
        match self {
            Clean::Trim => some(text.split_whitespace().collect::<Vec<_>>().join(" ")),
            Clean::Html => some(crate::domain::form::html::plain(&text)?),
            Clean::Lower => some(text.to_lowercase()),
            Clean::Upper => some(text.to_uppercase()),
            Clean::Capture(regex) => {
                let group = regex.captures(&text).and_then(|found| found.get(1));
                Ok(group.map(|group| group.as_str().to_string()))
            }
            Clean::Replace(regex, with) => {
                some(regex.replace_all(&text, with.as_str()).into_owned())
            }
            Clean::Map { pairs, only } => Ok(match pairs.get(text.trim()) {
                Some(mapped) => Some(mapped.clone()).filter(|mapped| !mapped.is_empty()),
                None => (!only).then_some(text),
            }),
            Clean::Date(form) => {
                let day = chrono::NaiveDate::parse_from_str(text.trim(), form);
                let day = day.map_err(|_| format!(", as a date of the form {form}"))?;
                Ok(Some(day.format("%Y-%m-%d").to_string()))
            }
            Clean::Salary(part) => Ok(part.of(&text)),
        }
    }
}
