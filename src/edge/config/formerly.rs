//! Who was called what: a name of before belongs to one source, and to no declared one.

use super::fault::{Fault, Faults};
use crate::domain::name::SourceName;
use crate::domain::source::Source;
use std::collections::BTreeSet;
use std::path::Path;
use toml::de::DeTable;

/// Takes away what two declarations claim. A name that a source had before is not free for
/// another one: that one is left out, or both would count in one ledger. Where nobody can say
/// whose the past is (two claim it, or in a circle), nobody has it.
pub(super) fn settle(folder: &Path, sources: &mut Vec<Source>, faults: &mut Faults) {
    let (mut void, mut taken) = (BTreeSet::new(), BTreeSet::new());
    for source in &*sources {
        for old in &source.formerly {
            let Some((found, hint)) = fault(source, old, sources) else { continue };
            let file = folder.join(format!("{}.toml", source.name));
            faults.push(Fault {
                file: file.display().to_string(),
                line: line(&source.declaration.text),
                found,
                allowed: hint,
            });
            if is_plain(old, sources) && claims(old, sources).len() == 1 {
                taken.insert(old.clone());
            } else {
                void.insert(old.clone());
            }
        }
    }
    sources.retain(|source| !taken.contains(&source.name));
    for source in sources {
        source.formerly.retain(|old| !void.contains(old));
    }
}

/// Whether a declared source has no wrong claim itself.
fn is_plain(name: &SourceName, sources: &[Source]) -> bool {
    let own = sources.iter().find(|source| source.name == *name);
    own.is_some_and(|own| !own.formerly.iter().any(|old| fault(own, old, sources).is_some()))
}

fn claims<'a>(old: &SourceName, sources: &'a [Source]) -> Vec<&'a SourceName> {
    let claim = sources.iter().filter(|source| source.formerly.contains(old));
    claim.map(|source| &source.name).collect()
}

/// What is wrong with a claim, and how to go on.
fn fault(source: &Source, old: &SourceName, sources: &[Source]) -> Option<(String, String)> {
    let new = &source.name;
    if old == new {
        let hint = "allowed: names that the source had before, not its own";
        return Some((format!("formerly names {old}, the source itself"), hint.into()));
    }
    let others: Vec<&SourceName> =
        claims(old, sources).into_iter().filter(|other| *other != new).collect();
    if let Some(other) = others.first() {
        let found = format!("formerly names {old}, and so does {other}.toml");
        return Some((
            found,
            "allowed: a name that one source had; nobody has its past now".into(),
        ));
    }
    let own = sources.iter().find(|source| source.name == *old)?;
    if own.formerly.iter().any(|older| older == new || leads(older, new, sources)) {
        let found = format!("formerly names {old}, and {old} leads back to {new}");
        return Some((found, "allowed: a name that no declared source has".into()));
    }
    Some((
        format!("formerly names {old}, which is declared too, in {old}.toml"),
        format!(
            "{old} is left out: to end a rename, fetcher rename {old} {new}; else give one of the \
             two another name"
        ),
    ))
}

/// Whether what a declared source was formerly ends at a name.
fn leads(from: &SourceName, to: &SourceName, sources: &[Source]) -> bool {
    let (mut seen, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(name) = next.pop() {
        let own = sources.iter().find(|source| source.name == *name);
        for older in own.into_iter().flat_map(|own| &own.formerly) {
            if older == to {
                return true;
            }
            if seen.insert(older) {
                next.push(older);
            }
        }
    }
    false
}

/// The text of a declaration under another name: it says what it was called before.
///
/// # Errors
///
/// Where the text is of a form in which that cannot be written for sure.
pub fn renamed(source: &Source, new: &SourceName) -> Result<String, Faults> {
    let mut names = source.formerly.clone();
    names.push(source.name.clone());
    names.retain(|name| name != new);
    let list: Vec<String> = names.iter().map(|name| format!("{:?}", name.as_str())).collect();
    let list = format!("[{}]", list.join(", "));
    let text = written(&source.declaration.text, &list);
    let read = text.as_ref().and_then(|text| super::source(new, "", text).ok());
    match text {
        Some(text) if read.is_some_and(|read| read.formerly == names) => Ok(text),
        _ => {
            let rule = format!(
                "rename the file to {new}.toml yourself, and write formerly = {list} above its \
                 first table"
            );
            let file = format!("{}.toml", source.name);
            let found = "there is no place to write what the source was called";
            Err(Faults::one(Fault::of_file(&file, found, &rule)))
        }
    }
}

/// The text with this list in the place of the one that it has, or in a line below the topic.
fn written(text: &str, list: &str) -> Option<String> {
    let parsed = DeTable::parse(text).ok()?;
    let span = |key: &str| parsed.get_ref().get(key).map(|value| value.span());
    if let Some(at) = span("formerly") {
        return Some(format!("{}{list}{}", text.get(..at.start)?, text.get(at.end..)?));
    }
    let rest = text.get(span("topic")?.end..)?;
    let end = text.len() - rest.find('\n').map_or(0, |line| rest.len() - line - 1);
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let (above, below) = (text.get(..end)?, text.get(end..)?);
    let gap = if above.ends_with('\n') { "" } else { newline };
    Some(format!("{above}{gap}formerly = {list}{newline}{below}"))
}

/// The line of the key, from 1.
fn line(text: &str) -> usize {
    let parsed = DeTable::parse(text).ok();
    let at = parsed.and_then(|table| table.get_ref().get("formerly").map(|value| value.span()));
    let before = at.and_then(|at| text.get(..at.start)).unwrap_or_default();
    1 + before.matches('\n').count()
}
