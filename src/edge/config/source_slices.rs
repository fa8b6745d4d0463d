//! The table `[fetch.slices]`: how a window is walked that holds more than is given at once.

use super::keys_slices::OVERLAP_MOST;
use super::reader::{Table, Value};
use super::values::{PERIOD_MAX, SECOND, line, spans, url, whole, within};
use crate::domain::limits::{SLICE_OVERLAP, SLICE_VALUES};
use crate::domain::source::{Dimension, Names, Pages, Range, Slices};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn slices(
    fetch: &Table,
    range: Option<&Range>,
    pages: Option<&Pages>,
) -> Option<Slices> {
    let table = fetch.table("slices")?;
    if range.is_none() && !fetch.has("range") {
        fetch.missing("range", "beside fetch.slices: how far back it is walked");
    }
    if pages.is_none() && !fetch.has("pages") {
        fetch.missing("pages", "beside fetch.slices: how the pages of a slice are asked for");
    }
    let allowed = spans(SECOND, PERIOD_MAX, "30d");
    let length = table.may("length", &allowed, None, |v| within(v, SECOND, PERIOD_MAX).map(Some));
    let allowed = format!("a whole number from 0 to {OVERLAP_MOST}");
    let overlap =
        table.may("overlap", &allowed, SLICE_OVERLAP, |v| whole(v, 0, OVERLAP_MOST.into()));
    let dimensions = table.tables("dimensions").iter().filter_map(dimension).collect();
    let search = table.may("search_param", NAME, None, |v| name(v).map(Some));
    table.unknown();
    Some(Slices { length, overlap, dimensions, search })
}

const NAME: &str = "a name in the query";

fn name(value: Value) -> Option<String> {
    line(value).filter(|name| !name.contains(['{', '}']))
}

fn dimension(table: &Table) -> Option<Dimension> {
    let param = table.need("param", NAME, name);
    let allowed = format!("a list of 1 to {SLICE_VALUES} texts, each once");
    let values = table.need("values", &allowed, |v| {
        let list = v.list().filter(|list| (1..=SLICE_VALUES).contains(&list.len()))?;
        let values: Vec<String> = list.into_iter().map(line).collect::<Option<_>>()?;
        let each: BTreeSet<&String> = values.iter().collect();
        (each.len() == values.len()).then_some(values)
    });
    let names = names(table);
    let labels = labels(table);
    if let Some((label, _)) = labels.iter().find(|(label, _)| {
        values.as_ref().is_some_and(|values: &Vec<String>| !values.contains(label))
    }) {
        table.clash("labels", &format!("values of it only: {label} is none"));
    }
    table.unknown();
    Some(Dimension { param: param?, values: values?, names, labels })
}

fn names(dimension: &Table) -> Option<Names> {
    let table = dimension.table("names")?;
    let plain = |v: Value| url(v).filter(|url| !url.contains(['{', '}']));
    let address = table.need("url", "a URL without {", plain);
    let (code, name) = (
        table.need("code", "a name of a member", line),
        table.need("name", "a name of a member", line),
    );
    table.unknown();
    Some(Names { url: address?, code: code?, name: name? })
}

fn labels(dimension: &Table) -> BTreeMap<String, String> {
    let Some(table) = dimension.table("labels") else { return BTreeMap::new() };
    let pairs = table.scalars().into_iter().filter_map(|(value, label)| match label.text() {
        Some(label) => Some((value.to_string(), label.to_string())),
        None => {
            table.wrong(value, label, "a text");
            None
        }
    });
    pairs.collect()
}
