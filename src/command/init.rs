//! `fetcher init`: a home that works. A file says that it is not whole yet, from the first step to
//! the last, so that nobody takes half a home for one; who makes it again goes on.

use super::{Exit, hook, output};
use crate::domain::format::Lang;
use crate::domain::name::SourceName;
use crate::domain::source::Token;
use crate::edge::config::{self, starter};
use crate::edge::disk::Disk;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct InitArguments {
    /// The folder of the new home
    folder: PathBuf,
    /// Only these sources, by name; all that need no key if none is named
    #[arg(long = "source", value_name = "NAME")]
    sources: Vec<String>,
}

/// Makes a home that works: settings, and sources that need no key.
pub fn init(arguments: &InitArguments, contact: Option<&str>, step: Option<&str>) -> Result<Exit> {
    let Some(contact) = contact.filter(|contact| config::is_contact(contact)) else {
        bail!(
            "a home needs a contact: publishers see it with every request\n\
             hint: fetcher init {} --contact you@example.org",
            arguments.folder.display()
        );
    };
    let chosen = chosen(&arguments.sources)?;
    let folder = std::path::absolute(&arguments.folder).context("cannot tell where this is")?;
    let disk = Disk::new(hook::gate(step)?);
    let home = NewHome { folder, disk };
    home.make(&chosen, &starter::settings(contact))
        .with_context(|| format!("cannot make the home {}", arguments.folder.display()))?;
    let home = arguments.folder.display();
    let keys = match keys(&chosen)? {
        none if none.is_empty() => String::new(),
        keys => format!("write {} into {home}/secrets.toml (chmod 600)\n  ", keys.join(", ")),
    };
    output::print_line(format_args!(
        "{home} is a home with {} and SQLite. Next:\n  {keys}\
         fetcher --home {home} -v run\n  summarizer --home {home} -v run --all\n  \
         analyzer --home {home} -v report --date $(date -u +%F)\n  \
         fetcher --home {home} install --yes",
        Lang::En.count(chosen.len() as u64, "source", "sources")
    ))?;
    Ok(Exit::AllDone)
}

/// The secrets that some sources need.
fn keys(chosen: &[starter::Shipped]) -> Result<Vec<String>> {
    let mut keys = Vec::new();
    for (path, text) in chosen {
        let name = SourceName::parse(path.trim_end_matches(".toml")).context("a shipped name")?;
        keys.extend(config::source(&name, path, text)?.secrets().map(str::to_string));
    }
    keys.sort();
    keys.dedup();
    Ok(keys)
}

fn chosen(names: &[String]) -> Result<Vec<starter::Shipped>> {
    let named = |name: &String| {
        let found =
            starter::SOURCES.iter().find(|(path, _)| path.strip_suffix(".toml") == Some(name));
        let all: Vec<&str> =
            starter::SOURCES.iter().filter_map(|(path, _)| path.strip_suffix(".toml")).collect();
        found.copied().with_context(|| {
            format!("{name} is no shipped source\nhint: there are {}", all.join(", "))
        })
    };
    if !names.is_empty() {
        return names.iter().map(named).collect();
    }
    let mut keyless = Vec::new();
    let asked = |path: &str| !starter::BY_NAME_ONLY.contains(&path);
    for (path, text) in starter::SOURCES.iter().filter(|(path, _)| asked(path)) {
        let name = path.trim_end_matches(".toml");
        let name = SourceName::parse(name).context("a shipped name")?;
        if config::source(&name, path, text)?.about.token != Token::Required {
            keyless.push((*path, *text));
        }
    }
    Ok(keyless)
}

/// A home that is being made.
struct NewHome {
    folder: PathBuf,
    disk: Disk,
}

impl NewHome {
    fn make(&self, chosen: &[starter::Shipped], settings: &str) -> Result<()> {
        let mark = self.folder.join(starter::UNFINISHED);
        if self.disk.is_there(&self.folder.join(starter::RESTORING))? {
            bail!("a restore was stopped there\nhint: a home is made in a new folder");
        }
        let is_begun = self.disk.is_there(&mark)?;
        let files = self.files(chosen, settings);
        self.refuse_foreign(&files, is_begun)?;
        self.disk.make_dir(&self.folder)?;
        let Some(_lock) = self.disk.lock(&mark, "")? else {
            bail!("another `fetcher init` is at work there");
        };
        self.disk.sync_dir(&self.folder)?;
        for inner in ["sources/lists", "data", "reports"] {
            self.disk.make_dir(&self.folder.join(inner))?;
        }
        if is_begun {
            self.remove_unwanted(&files)?;
        }
        for (path, text) in &files {
            self.write(path, text)?;
        }
        for inner in ["sources/lists", "sources", ""] {
            self.disk.sync_dir(&self.folder.join(inner))?;
        }
        self.disk.unlink(&mark)?;
        Ok(self.disk.sync_dir(&self.folder)?)
    }

    /// All files with their texts; the settings come last.
    fn files(&self, chosen: &[starter::Shipped], settings: &str) -> Vec<(PathBuf, String)> {
        let is_named =
            |list: &&starter::Shipped| chosen.iter().any(|(_, text)| text.contains(list.0));
        let lists = starter::LISTS.iter().filter(is_named);
        let sources =
            lists.chain(chosen).map(|(path, text)| (self.shipped(path), text.to_string()));
        sources.chain([(self.folder.join("daybook.toml"), settings.to_string())]).collect()
    }

    fn shipped(&self, path: &str) -> PathBuf {
        self.folder.join("sources").join(path)
    }

    /// Nothing is written over a file of somebody else; a home that is whole is one.
    fn refuse_foreign(&self, files: &[(PathBuf, String)], is_begun: bool) -> Result<()> {
        for (path, text) in files {
            let Some(found) = self.disk.read_small(path)? else { continue };
            let is_settings = path.ends_with("daybook.toml");
            if found == text.as_bytes() && (is_begun || !is_settings) {
                continue;
            }
            let hint = match is_settings && is_begun {
                true => {
                    format!("if it is right, remove {}: all else is there", starter::UNFINISHED)
                }
                false => "a home is made in a new folder".into(),
            };
            bail!("{} is there already\nhint: {hint}", path.display());
        }
        Ok(())
    }

    /// Shipped files that were begun with, and are not wanted any more.
    fn remove_unwanted(&self, files: &[(PathBuf, String)]) -> Result<()> {
        for (path, text) in starter::SOURCES.iter().chain(starter::LISTS) {
            let path = self.shipped(path);
            let is_wanted = files.iter().any(|(wanted, _)| *wanted == path);
            let found = self.disk.read_small(&path)?;
            if !is_wanted && found.is_some_and(|found| found == text.as_bytes()) {
                self.disk.unlink(&path)?;
            }
        }
        Ok(())
    }

    /// A file is there whole or not at all; its name is durable with its folder.
    fn write(&self, path: &Path, text: &str) -> Result<()> {
        if self.disk.is_there(path)? {
            return Ok(());
        }
        let begun = path.with_extension("new~");
        self.disk.unlink(&begun)?;
        self.disk.write_new(&begun, text.as_bytes())?;
        Ok(self.disk.rename(&begun, path)?)
    }
}
