//! The tables of keys on the page about sources, made of the keys.

use super::key::{Group, Key, Kind};
use super::keys::GROUPS;

/// The page with all of its tables of keys as they should be. Each stands between two marks that
/// name it; `None` names the first that is not there.
pub fn page(text: &str) -> Result<String, String> {
    GROUPS.into_iter().try_fold(text.to_string(), |text, group| {
        let begin = format!("<!-- keys of {} -->\n", group.title);
        let parts = text.split_once(&begin).and_then(|(before, rest)| {
            let (_, after) = rest.split_once("<!-- end of keys -->")?;
            Some((before, after))
        });
        let (before, after) = parts.ok_or(begin.clone())?;
        Ok(format!("{before}{begin}{}<!-- end of keys -->{after}", table(group)))
    })
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
