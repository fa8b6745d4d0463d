//! `summarizer store`: makes a store ready for those who may not make anything in it; copies one
//! into another.

use crate::command::shapes::describe;
use crate::command::{Exit, Setup, output};
use crate::domain::document::Doc;
use crate::domain::format::english;
use crate::edge::disk::Lock;
use crate::edge::spool::Identity;
use crate::edge::store::{self, Reader, Writer};
use crate::tier::agenda::job;
use crate::tier::copy::{Copied, Copy};
use crate::tier::{Progress, labels};
use anyhow::{Result, bail};
use clap::Subcommand;

#[derive(Subcommand)]
pub enum StoreAction {
    /// Make what a store needs: tables, indexes, and the views of the sources declared here
    ///
    /// Needs the right to make them; from then on the programs need none.
    Init,
    /// Copy a store into another of any kind; stopped anywhere, run it again
    ///
    /// This home feeds the copy from then on: name it in daybook.toml. Both stay readable.
    Copy(CopyArguments),
}

#[derive(clap::Args)]
pub struct CopyArguments {
    /// The store that is copied, such as sqlite:daybook.sqlite
    from: String,
    /// An empty one, or one that a copy of the same store began, such as mongodb://HOST/DATABASE
    to: String,
    /// This home goes on feeding the first one
    #[arg(long)]
    stay: bool,
}

pub fn act(setup: &Setup, action: &StoreAction) -> Result<Exit> {
    match action {
        StoreAction::Init => init(setup),
        StoreAction::Copy(arguments) => copy(setup, arguments),
    }
}

fn init(setup: &Setup) -> Result<Exit> {
    let store = setup.made()?;
    let left = describe(setup, &*store);
    if !left.is_empty() {
        bail!(
            "{}: the views of {} are not those of their declarations\n\
             hint: if this role may not make views, run this once as the owner of the schema",
            store.address(),
            left.join(", ")
        );
    }
    setup.console.say(&format!("{} is ready", store.address()));
    Ok(Exit::AllDone)
}

fn copy(setup: &Setup, arguments: &CopyArguments) -> Result<Exit> {
    let [from_url, to_url] = [&arguments.from, &arguments.to].map(|url| setup.filled(url));
    let Some(from) = store::reader(&from_url, setup.gate.clone())? else {
        bail!(
            "there is no store at {}\n\
             hint: is the name right? a path without / is looked for in this folder",
            store::shown(&arguments.from)
        );
    };
    let id = from.id()?;
    let identity = setup.spool.identity()?.filter(|known| known.store.as_deref() == Some(&*id));
    let place = store::place(&from_url);
    let gone_over = identity.as_ref().and_then(|known| known.moved_to.clone());
    let is_other = |to: &String| *to != place && *to != store::place(&to_url);
    if let Some(to) = gone_over.filter(|to| is_other(to) && !arguments.stay) {
        bail!(
            "this home went over to the store {to}: what that has counted since is not in {place}\n\
             hint: copy that one; or with --stay, which leaves this home as it is"
        );
    }
    let _locks = locks(setup, &*from)?;
    let tell = |words: &str| setup.console.tell(words);
    let to = store::writer(&to_url, setup.gate.clone(), &tell)?;
    if place == store::place(&to_url) {
        bail!("{} is given twice\nhint: give the store first, then an empty one", to.address());
    }
    let copy =
        Copy { from: &*from, to: &*to, now: setup.clock.started(), progress: &setup.console };
    let copied = copy.run();
    setup.console.end();
    let copied = copied?;
    labels::keep_all(&*to, &setup.sources)?;
    describe(setup, &*to);
    let moves = identity.filter(|_| !arguments.stay);
    if let Some(identity) = &moves {
        let moved_to = Some(store::place(&to_url));
        setup.spool.remember_identity(&Identity { moved_to, ..identity.clone() })?;
    }
    told(setup, copied, &*to, moves.is_some())
}

/// While a store is copied nobody of this home adds to it.
fn locks(setup: &Setup, from: &dyn Reader) -> Result<Vec<Lock>> {
    let holder = format!("{} {}\n", std::process::id(), setup.clock.started().timestamp());
    let mut names: Vec<_> = from.feeds()?.into_iter().map(|feed| feed.source).collect();
    names.extend(setup.sources.iter().map(|source| source.name.clone()));
    names.sort();
    names.dedup();
    let mut locks = Vec::new();
    for name in &names {
        match setup.spool.lock(&job(name), &holder)? {
            Some(lock) => locks.push(lock),
            None => bail!("{name} is being summarised\nhint: copy again when that has ended"),
        }
    }
    Ok(locks)
}

fn told(setup: &Setup, copied: Copied, to: &dyn Writer, moves: bool) -> Result<Exit> {
    if setup.json {
        let count = |n: u64| Doc::Int(i64::try_from(n).unwrap_or(i64::MAX));
        let pairs = [
            ("entries", count(copied.entries)),
            ("rows", count(copied.rows)),
            ("known", count(copied.known)),
        ];
        output::print_line(Doc::map(pairs).json())?;
    }
    let next = match moves {
        true => {
            "\nhint: name it in daybook.toml, store = \"...\", as you did here; until then nothing \
             is summarised"
        }
        false => "",
    };
    setup.console.say(&format!(
        "{} has all: {} and {} copied now, {} before{next}",
        to.address(),
        english(copied.entries, "entry", "entries"),
        english(copied.rows, "row", "rows"),
        english(copied.known, "entry", "entries"),
    ));
    Ok(Exit::AllDone)
}
