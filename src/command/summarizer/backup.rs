//! `summarizer backup` and `restore`: a home and its store, whole, to another place and back.

use crate::command::globals::SECRETS;
use crate::command::{Console, Exit, Globals, Mail, Setup, World, hook, output};
use crate::domain::document::Doc;
use crate::domain::format::Lang;
use crate::domain::name::SourceName;
use crate::domain::source::Source;
use crate::edge::clock::chance;
use crate::edge::config;
use crate::edge::disk::Disk;
use crate::edge::store;
use crate::tier::Progress;
use crate::tier::backup::{Backup, Made};
use crate::tier::restore::Restore;
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

#[derive(clap::Args)]
pub struct BackupArguments {
    /// A new folder, outside of the home; where a backup was stopped it is made anew
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

#[derive(clap::Args)]
pub struct RestoreArguments {
    /// The folder of the backup
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// Makes a backup.
pub fn backup(setup: &Setup, arguments: &BackupArguments, globals: &Globals) -> Result<Exit> {
    let folder = absolute(&arguments.folder)?;
    if folder.starts_with(absolute(&setup.home)?) {
        bail!("{} is in the home\nhint: name a folder outside of it", folder.display());
    }
    let settings = globals.config.clone().unwrap_or_else(|| setup.home.join("daybook.toml"));
    let backup = Backup {
        spool: &setup.spool,
        disk: setup.disk(std::slice::from_ref(&folder)),
        clock: setup.clock,
        settings: &settings,
        keys: keys(setup),
        passing: passing(setup),
        folder,
        progress: &setup.console,
    };
    let made = backup.make(&super::report::names(setup), || setup.fed_store());
    setup.console.end();
    let made = made?;
    for left in &made.left_out {
        setup.console.say(&format!("not in the backup: {left}"));
    }
    made.to_know.iter().for_each(|known| setup.console.warn(known));
    if setup.json {
        output::print_line(json(&made))?;
    }
    setup.console.say(&format!(
        "{}: {}, {} bytes\nhint: summarizer restore {0} --home NEW makes a home of it",
        arguments.folder.display(),
        Lang::En.count(made.files, "file", "files"),
        made.bytes
    ));
    Ok(Exit::AllDone)
}

/// The files with keys that the declarations name.
fn keys(setup: &Setup) -> Vec<PathBuf> {
    let tls = setup.sources.iter().filter_map(|source| source.fetch.tls.as_ref());
    tls.filter_map(|tls| Some(tls.client.as_ref()?.key.clone())).collect()
}

/// Sources whose raw answers go after a time, under all their names.
fn passing(setup: &Setup) -> BTreeMap<SourceName, Duration> {
    let of = |source: &Source| {
        let time = source.withdrawal().map(|withdrawal| withdrawal.raw_for);
        time.map(|time| source.names().into_iter().map(move |name| (name, time)))
    };
    setup.sources.iter().filter_map(of).flatten().collect()
}

/// The path with all links followed, as far as it is there.
fn absolute(path: &Path) -> Result<PathBuf> {
    let path = std::path::absolute(path).context("cannot tell where this is")?;
    let there = path.ancestors().find_map(|known| Some((known, known.canonicalize().ok()?)));
    let Some((known, real)) = there else { return Ok(path) };
    Ok(path.strip_prefix(known).map_or(real.clone(), |rest| match rest.as_os_str().is_empty() {
        true => real.clone(),
        false => real.join(rest),
    }))
}

fn json(made: &Made) -> String {
    Doc::map([
        ("files", Doc::Int(made.files as i64)),
        ("bytes", Doc::Int(made.bytes as i64)),
        ("left_out", Doc::List(made.left_out.iter().map(|left| Doc::text(&**left)).collect())),
        ("to_know", Doc::List(made.to_know.iter().map(|known| Doc::text(&**known)).collect())),
    ])
    .json()
}

/// Makes a home of a backup.
pub fn restore(globals: &Globals, arguments: &RestoreArguments, world: &World) -> Result<Exit> {
    let gate = hook::gate(world.step.as_deref())?;
    let console = Console::new(world.watched, globals.quiet, globals.verbose, Mail::default());
    let home = absolute(&globals.home)?;
    let data = home.join("data");
    let closed = [data.join(".state")];
    let secrets = home.join(SECRETS);
    let restore = Restore {
        fill: &|url| config::secrets::in_address(url, &secrets, &world.secrets),
        disk: Disk::new(gate.clone()).closing(&closed),
        gate,
        folder: arguments.folder.clone(),
        home,
        progress: &console,
    };
    let restored = restore.run(globals.store.as_deref(), chance());
    console.end();
    let url = restored.with_context(|| {
        format!("cannot restore {} to {}", arguments.folder.display(), globals.home.display())
    })?;
    let (home, store) = (globals.home.display(), store::shown(&url));
    let write = match &globals.store {
        // As they came, its settings name the store of the original.
        Some(_) => format!("write store = \"...\" for {store} into {home}/daybook.toml, then\n  "),
        None => String::new(),
    };
    output::print_line(format_args!(
        "{home} is a home, with the store {store}. Next:\n  \
         {write}summarizer --home {home} -v run\n  summarizer --home {home} audit"
    ))?;
    Ok(Exit::AllDone)
}
