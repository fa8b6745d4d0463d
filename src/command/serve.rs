//! `analyzer serve`: the dashboard, until it is asked to end.

use super::{Exit, Setup, output};
use crate::domain::document::Doc;
use crate::edge::config;
use crate::edge::disk::given_text;
use crate::edge::notice::Notice;
use crate::edge::signal;
use crate::edge::web::{Address, Door, Origin, listen};
use crate::tier::live::desk::Desk;
use crate::tier::live::scene::Stage;
use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::sync::Arc;

/// The file of a token has no more bytes.
const TOKEN_BYTES: u64 = 4096;
/// Fewer signs are guessed.
const TOKEN_LEAST: usize = 16;

#[derive(clap::Args)]
pub struct ServeArguments {
    /// Where it listens; other machines reach it only with a token, or on purpose
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: Address,
    /// Ask for the token that stands in this file: as a bearer, or as a password
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Let everybody in who can reach it, without a token
    #[arg(long, conflicts_with = "token_file")]
    public: bool,
    /// Where people find it behind a proxy: https://example.org/daybook
    #[arg(long, value_name = "URL", value_parser = origin)]
    origin: Option<Origin>,
}

fn origin(text: &str) -> Result<Origin, String> {
    Origin::parse(text).ok_or_else(|| "an address such as https://example.org/daybook".into())
}

pub fn serve(setup: Setup, arguments: ServeArguments) -> Result<Exit> {
    let token = arguments.token_file.as_ref().map(|path| token(path)).transpose()?;
    let door = Door::new(token.as_deref(), arguments.public, arguments.origin);
    let listening = listen(arguments.listen, door)?;
    let address = format!("http://{}/", listening.address);
    let notice = Notice::of(&setup.home.join("data"));
    let folder = setup.home.join("sources");
    let stage = Stage {
        spool: setup.spool.clone(),
        settings: setup.settings.clone(),
        clock: setup.clock,
        journals: setup.journals.clone(),
        fonts: setup.fonts.clone(),
        sources: Box::new(move || config::sources(&folder).0),
        is_told: notice.is_told(),
    };
    let tell = Box::new(|why: &str| output::tell(why));
    let desk = Arc::new(Desk::new(stage, setup.openings()?, tell));
    if setup.json {
        output::print_line(Doc::map([("address", Doc::text(&*address))]).json())?;
    } else {
        output::print_line(format_args!("{address}"))?;
    }
    let watched = desk.clone();
    let watching = std::thread::Builder::new().name("watch".into());
    let watching = watching.spawn(move || watched.watch(&notice))?;
    listening.serve(desk.clone(), signal::ended())?;
    desk.end();
    watching.thread().unpark();
    if watching.join().is_err() {
        bail!("the watch over the spool ended early");
    }
    Ok(Exit::AllDone)
}

fn token(path: &std::path::Path) -> Result<String> {
    let text = given_text(path, TOKEN_BYTES)
        .with_context(|| format!("cannot read the token in {}", path.display()))?;
    let token = text.trim();
    if token.chars().count() < TOKEN_LEAST {
        bail!(
            "the token in {} has fewer than {TOKEN_LEAST} signs\n\
             hint: openssl rand -hex 24 makes one",
            path.display()
        );
    }
    Ok(token.into())
}
