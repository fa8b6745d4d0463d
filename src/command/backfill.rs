//! `fetcher backfill`: months of a source's past, slice by slice.

use super::check::lacking;
use super::contact::user_agent;
use super::{Exit, Setup, output};
use crate::domain::doubles::has_offers;
use crate::domain::format::english;
use crate::domain::hash::Digest;
use crate::domain::retry::host;
use crate::domain::source::{Items, Source};
use crate::domain::survey::report;
use crate::domain::time::{Day, Instant, iso_seconds, start_of_day};
use crate::tier::Progress;
use crate::tier::backfill::{Backfill, Done, Ended, Pass};
use crate::tier::survey::{Errand, slices};
use anyhow::{Context, Result, anyhow, bail};
use chrono::Months;
use chrono_tz::Tz;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What is asked for where nothing is said.
const MONTHS: u32 = 12;

#[derive(clap::Args)]
pub struct BackfillArguments {
    /// A source of the home, of records, whose address takes {from} and {to}
    source: String,
    /// From this day or instant on (UTC)
    #[arg(long, value_name = "WHEN", value_parser = when, conflicts_with = "months")]
    from: Option<Instant>,
    /// Until this day or instant, without it (UTC) [default: now]
    #[arg(long, value_name = "WHEN", value_parser = when)]
    to: Option<Instant>,
    /// So many months back [default: 12]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1200))]
    months: Option<u32>,
    /// Only what these words are found in, by the publisher's own search
    #[arg(long, value_name = "WORDS")]
    search: Option<String>,
    /// The table that is made in the end
    /// [default: of job offers data/SOURCE_jobs_YYYYMMDD.csv, else none]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Items of a page [default: as declared]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    results_per_page: Option<u32>,
    /// Seconds from one request to the next
    #[arg(long, value_name = "SECONDS", default_value_t = 1.0, value_parser = delay)]
    rate_limit_delay: f64,
    /// Of other collectors; without effect, since each page is kept as it comes
    #[arg(long, value_name = "N")]
    checkpoint_interval: Option<u64>,
    /// Show what would be asked, and ask nobody
    #[arg(long)]
    dry_run: bool,
}

/// A day, or an instant.
fn when(text: &str) -> Result<Instant, String> {
    let day = text.parse::<Day>().ok().and_then(|day| start_of_day(day, Tz::UTC));
    let instant = day.or_else(|| crate::domain::time::parse_iso(text));
    instant.ok_or_else(|| "a day such as 2026-01-31, or 2026-01-31T12:00:00Z".into())
}

fn delay(text: &str) -> Result<f64, String> {
    let seconds = text.parse::<f64>().ok().filter(|seconds| (0.0..=600.0).contains(seconds));
    seconds.ok_or_else(|| "seconds, 0 to 600".into())
}

/// Asks for all of the window that is not had yet.
pub fn backfill(setup: &mut Setup, arguments: &BackfillArguments) -> Result<Exit> {
    let declared = setup.sources.iter().find(|source| source.name.as_str() == arguments.source);
    let source = declared.cloned().ok_or_else(|| unknown(setup, &arguments.source))?;
    fits(&source)?;
    let source = narrowed(source, arguments)?;
    let errand = errand(arguments, setup.clock.started())?;
    if arguments.checkpoint_interval.is_some() {
        setup.console.say("--checkpoint-interval has no effect: each page is kept as it comes");
    }
    let output = table(setup, &source, arguments);
    if let Some(output) = &output {
        can_be_written(output)?;
    }
    if arguments.dry_run {
        output::print(plan(&source, &errand, output.as_deref(), arguments))?;
        let known = setup.seen_secrets(std::slice::from_ref(&source))?;
        let lacking = known.and_then(|known| lacking(&source, &known));
        lacking.iter().for_each(|lacking| setup.console.warn(lacking));
        return Ok(Exit::AllDone);
    }
    let at = source.fetch.url.sample();
    if let Some(host) = host(&at) {
        let host = host.rsplit_once(':').map_or(host.as_str(), |(host, _)| host).to_string();
        let pace = Duration::from_secs_f64(arguments.rate_limit_delay);
        let hosts = &mut setup.settings.fetcher.hosts;
        let own = hosts.get(&host).map_or(Duration::ZERO, |(gap, _)| *gap);
        hosts.insert(host, (pace.max(own), 1));
    }
    let backfill = Backfill {
        spool: &setup.spool,
        clock: setup.clock,
        settings: &setup.settings.fetcher,
        secrets: &setup.secrets(std::slice::from_ref(&source))?,
        user_agent: user_agent(setup.settings.contact.as_deref())?,
        journals: &setup.journals,
        progress: &setup.console,
        source: &source,
        errand,
        output: output.as_deref(),
    };
    let done = backfill.run();
    setup.console.end();
    match done? {
        Done::Busy(holder) => {
            let pid = holder.unwrap_or_default();
            let pid = pid.split_whitespace().next().unwrap_or("?").to_string();
            bail!(
                "another backfill is at work (process {pid}): one at a time\n\
                 hint: wait for its end"
            )
        }
        Done::Ended(ended) => tell(setup, &source, &ended, output.as_deref()),
    }
}

/// Looked at before anybody is asked: the table comes last.
fn can_be_written(output: &Path) -> Result<()> {
    let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty());
    // That of the home is made.
    let is_data = folder.is_some_and(|folder| folder.ends_with("data"));
    if output.is_dir() {
        bail!("the table cannot be {}: it is a folder", output.display());
    }
    if let Some(folder) = folder.filter(|folder| !is_data && !folder.is_dir()) {
        bail!("the table cannot be {}: there is no folder {}", output.display(), folder.display());
    }
    Ok(())
}

fn unknown(setup: &Setup, name: &str) -> anyhow::Error {
    let names = setup.sources.iter().map(|source| source.name.as_str());
    let near = names.min_by_key(|known| strsim::levenshtein(known, name));
    let hint = near.map(|near| format!("\nhint: did you mean {near}?")).unwrap_or_default();
    anyhow!("{name} is no source of {}{hint}", setup.home.display())
}

/// Whether a source can be asked for its past.
fn fits(source: &Source) -> Result<()> {
    if let Items::Samples(_) = source.items {
        bail!(
            "{} has samples, which say how the world is at the fetch: nobody can ask for them \
             afterwards\nhint: if its answers tell a time of each value, declare them as \
             [records] with series and time",
            source.name
        );
    }
    if source.fetch.range.is_none() {
        bail!(
            "{} is asked for no window, so there is no past to ask for\nhint: where its publisher \
             takes one, declare fetch.range, and {{from}} and {{to}} in its address",
            source.name
        );
    }
    Ok(())
}

fn narrowed(source: Source, arguments: &BackfillArguments) -> Result<Source> {
    let (limit, words) = (arguments.results_per_page, arguments.search.as_deref());
    let fetch = source.fetch.clone().narrowed(limit, words);
    let fetch = fetch.map_err(|why| anyhow!("{}: {why}", source.name))?;
    Ok(Source { fetch, ..source })
}

/// What is asked for, and the name under which it goes on when it is asked for again.
fn errand(arguments: &BackfillArguments, now: Instant) -> Result<Errand> {
    let to = arguments.to.unwrap_or(now).min(now);
    let months = arguments.months.unwrap_or(MONTHS);
    let from = match arguments.from {
        Some(from) => from,
        None => to.back(Months::new(months)).context("there is no such time")?,
    };
    if from >= now {
        bail!("the window begins in the future ({})", iso_seconds(from));
    }
    if from >= to {
        bail!("the window ends ({}) before it begins ({})", iso_seconds(to), iso_seconds(from));
    }
    let end = |at: Option<Instant>| at.map_or_else(|| "now".into(), iso_seconds);
    let begins = match arguments.from {
        Some(from) => iso_seconds(from),
        None => format!("{months} months before"),
    };
    let what = [
        begins,
        end(arguments.to),
        arguments.search.clone().unwrap_or_default(),
        arguments.results_per_page.map(|limit| limit.to_string()).unwrap_or_default(),
    ];
    let what = what.join("\n");
    let name = format!("backfill-{}", Digest::of(what.as_bytes()).short(8));
    Ok(Errand { name, what, window: (from, to), slot: now })
}

/// Where the table goes.
fn table(setup: &Setup, source: &Source, arguments: &BackfillArguments) -> Option<PathBuf> {
    let day = setup.clock.started().date_naive().format("%Y%m%d");
    let name = source.first_name().replace('-', "_");
    let own = has_offers(source).then(|| setup.home.join(format!("data/{name}_jobs_{day}.csv")));
    arguments.output.clone().or(own)
}

/// What it is, and what one must know of it.
fn headed(source: &Source) -> String {
    let about = &source.about;
    let caveat = about.caveat.as_ref().map(|caveat| format!("  {}\n", caveat.en));
    format!("{}: {}\n{}", source.name, about.content, caveat.unwrap_or_default())
}

/// What would be asked, for people.
fn plan(
    source: &Source,
    errand: &Errand,
    output: Option<&Path>,
    arguments: &BackfillArguments,
) -> String {
    let (fetch, (from, to)) = (&source.fetch, errand.window);
    let terms = fetch.terms();
    let mut out = headed(source);
    let _ = writeln!(out, "  {} to {}", iso_seconds(from), iso_seconds(to));
    let passes = fetch.items.as_ref().map_or(1, |items| items.rows().len()) as u64;
    let of = if passes > 1 { ", one for each item of its loop" } else { "" };
    let _ = writeln!(out, "  {}{of}", english(passes, "pass", "passes"));
    let count = slices(fetch, errand.window).len() as u64;
    let _ = write!(out, "  {} in each", english(count, "slice", "slices"));
    let _ = match terms.ceiling {
        None => writeln!(out, ", asked page by page to the end"),
        Some(most) => {
            let params = fetch.slices.iter().flat_map(|slices| &slices.dimensions);
            let params: Vec<&str> = params.map(|d| d.param.as_str()).collect();
            let then = match params.is_empty() {
                true => String::new(),
                false => format!(", then by {}", params.join(", ")),
            };
            writeln!(
                out,
                "; one of which more than {most} are announced is cut by time, down to {} s{then}",
                terms.grain
            )
        }
    };
    if terms.limit > 0 {
        let _ = writeln!(out, "  pages of {}, {} of them in common", terms.limit, terms.overlap);
    }
    let _ = writeln!(out, "  a request every {} s at the most", arguments.rate_limit_delay);
    if let Some(path) = output {
        let _ = writeln!(out, "  in the end a table, {}", path.display());
    }
    out + "nothing was asked\n"
}

/// What came of it: slice by slice, and as a whole.
fn tell(setup: &Setup, source: &Source, ended: &Ended, table: Option<&Path>) -> Result<Exit> {
    let mut out = headed(source);
    ended.names.iter().for_each(|name| out += &format!("  {name}\n"));
    for pass in &ended.passes {
        let name = pass.item.as_ref().map(|item| format!(", {item}")).unwrap_or_default();
        let _ = writeln!(out, "{}{name}: {}", source.name, window(pass));
        out += &report(&pass.survey, &source.fetch);
        if let Some(why) = &pass.stopped {
            let _ = writeln!(out, "  stopped: {why}\n  hint: the same command goes on from here");
        }
    }
    let _ = match (ended.rows, table) {
        (Some(rows), Some(path)) => {
            writeln!(out, "{} in {}", english(rows, "record", "records"), path.display())
        }
        (None, Some(path)) => writeln!(
            out,
            "{} is not written: not all is had\nhint: the same command asks for the rest",
            path.display()
        ),
        _ => Ok(()),
    };
    output::print(setup.spool.hide(&out))?;
    let is_good = |pass: &&Pass| pass.stopped.is_none() && pass.survey.is_complete();
    let good = ended.passes.iter().filter(is_good).count();
    let had = ended.passes.iter().any(|pass| pass.survey.pages() > 0);
    Ok(match (good == ended.passes.len(), had) {
        (true, _) => Exit::AllDone,
        (false, true) => Exit::InPart,
        (false, false) => Exit::NothingDone,
    })
}

fn window(pass: &Pass) -> String {
    let (from, to) = pass.window;
    format!("{} to {}", iso_seconds(from), iso_seconds(to))
}
