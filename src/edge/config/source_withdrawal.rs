//! The keys `withdrawable`, `raw_for` and `gone` of `[records]`.

use super::reader::{Table, Value};
use super::values::{spans, within};
use crate::domain::source::{Field, Gone, Items, Records, Withdrawal};
use crate::domain::template::{Part, Template};
use std::collections::BTreeSet;
use std::time::Duration;

/// The balance of the last 31 days is held against what is there.
const RAW_LEAST: Duration = Duration::from_secs(32 * 86_400);
/// The longest time that raw answers are kept of which something may be withdrawn.
const RAW_MOST: Duration = Duration::from_secs(366 * 86_400);

pub(super) fn withdrawal(records: &Table) -> Option<Box<Withdrawal>> {
    let allowed = "a list of names of fields, each once";
    let fields = records.may("withdrawable", allowed, None, |v| {
        let text = |v: Value| v.text().map(str::to_string);
        let names: Vec<String> = v.list()?.into_iter().map(text).collect::<Option<_>>()?;
        let each: BTreeSet<&String> = names.iter().collect();
        (!names.is_empty() && each.len() == names.len()).then_some(Some(names))
    });
    let raw_for = records.may("raw_for", &spans(RAW_LEAST, RAW_MOST, "40d"), None, |v| {
        within(v, RAW_LEAST, RAW_MOST).map(Some)
    });
    let gone = gone(records);
    if !records.has("withdrawable") {
        for key in ["raw_for", "gone"] {
            if records.has(key) {
                records.clash(key, "it goes with withdrawable only");
            }
        }
        return None;
    }
    if !records.has("raw_for") {
        records.missing("raw_for", "beside withdrawable: how long raw answers are kept");
    }
    Some(Box::new(Withdrawal { fields: fields?, raw_for: raw_for?, gone }))
}

fn gone(records: &Table) -> Option<Gone> {
    let table = records.table("gone")?;
    let url = table.need("url", "a URL with {id}", |v| {
        let template = Template::parse(v.text()?).ok()?;
        let is_web =
            ["https://", "http://"].iter().any(|s| v.text().is_some_and(|t| t.starts_with(s)));
        let is_id = |part: &Part| *part == Part::Column("id".into());
        let filled = template.parts().iter().filter(|part| !matches!(part, Part::Text(_)));
        (is_web && filled.clone().count() > 0 && filled.clone().all(is_id)).then_some(template)
    });
    let status = table.need("status", "204, 404 or 410", |v| {
        let status = v.number()?;
        [204.0, 404.0, 410.0].contains(&status).then_some(status as u16)
    });
    table.unknown();
    Some(Gone { url: url?, status: status? })
}

/// What is withdrawable is a field, and no record is unreadable without it.
pub(super) fn fits(top: &Table, items: Option<&Items>, fields: &[Field]) {
    let Some(Items::Records(Records { withdrawal: Some(withdrawal), .. })) = items else { return };
    for name in &withdrawal.fields {
        if !fields.iter().any(|field| field.name == *name) {
            let known: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
            let allowed = format!("allowed: fields: {}", known.join(", "));
            top.told(&format!("records.withdrawable names {name}, which is no field"), &allowed);
        }
    }
}
