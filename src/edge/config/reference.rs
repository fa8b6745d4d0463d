//! The tables of keys on the page about sources, made of the keys.

use super::key::{Group, Key, Kind};
use super::keys::GROUPS;
use crate::domain::jobs::{TERMS, Term};

/// The page with all of its tables as they should be. Each stands between two marks that name it.
///
/// # Errors
///
/// The first mark that is not there.
pub fn page(text: &str) -> Result<String, String> {
    let keys = GROUPS.into_iter().map(|group| (format!("keys of {}", group.title), table(group)));
    let offers = ("fields of a job offer".to_string(), offers());
    keys.chain([offers]).try_fold(text.to_string(), |text, (name, table)| {
        let begin = format!("<!-- {name} -->\n");
        let end = format!("<!-- end of {} -->", name.split(' ').next().unwrap_or_default());
        let parts = text.split_once(&begin).and_then(|(before, rest)| {
            let (_, after) = rest.split_once(&end)?;
            Some((before, after))
        });
        let (before, after) = parts.ok_or(begin.clone())?;
        Ok(format!("{before}{begin}{table}{end}{after}"))
    })
}

fn offers() -> String {
    let row = |term: &Term| {
        let kind = if term.is_number { "number" } else { "text" };
        format!("| `{}` | {kind} | {} |\n", term.name, term.says)
    };
    let rows: String = TERMS.iter().map(row).collect();
    format!("| field | kind | says |\n|-------|------|------|\n{rows}")
}

fn table(group: &Group) -> String {
    let rows: String = group.all().map(row).collect();
    let one = match group.one_of {
        [] => String::new(),
        names => format!("\nExactly one of {} is needed.\n", quoted(names)),
    };
    format!("| key | value | if absent |\n|-----|-------|-----------|\n{rows}{one}")
}

fn row(key: &Key) -> String {
    let words = match key.kind {
        Kind::Words(words) => format!("{}: ", quoted(&words())),
        Kind::Whole(least, most) => format!("a whole number, {least} to {most}: "),
        _ => String::new(),
    };
    format!("| `{}` | {words}{} | {} |\n", key.name, key.says, key.absent)
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
