//! A backfill: all that a publisher has of a window of the past, asked for slice by slice, beside
//! the live fetcher. It may be killed at any instant: run again, it goes on where it stood.

use super::Progress;
use super::asking::Asking;
use super::budget::{BACKFILL, Budget};
use super::due::{Caller, columns_of};
use super::pace::Pace;
use super::ready::ready;
use super::rest::holder;
use super::robots::Rules;
use super::rows::Rows;
use super::survey::{Errand, Surveying};
use super::surveyor::{Post, Surveyor};
use super::tally::{Tally, Trouble};
use super::tokens::Tokens;
use super::tools::Tools;
use super::way::Way;
use crate::domain::columns::Columns;
use crate::domain::request::Request;
use crate::domain::retry::Failure;
use crate::domain::secret::Secrets;
use crate::domain::settings;
use crate::domain::source::Source;
use crate::domain::survey::Survey;
use crate::domain::time::Instant;
use crate::edge::clock::{Clock, chance};
use crate::edge::http::{Bounds, Client, Shelf};
use crate::edge::signal;
use crate::edge::spool::{Asked, Csv, Run, Spool};
use anyhow::{Context, Result, anyhow, bail};
use chrono::TimeDelta;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch::Receiver;

/// After so long a journal is closed, and another one begun: what has landed is told soon.
const ROUND: Duration = Duration::from_secs(45);

/// One request takes no longer than this.
const LONGEST: Duration = Duration::from_secs(75);

/// How long the run of the fetcher that is under way is waited for.
const PATIENCE: TimeDelta = TimeDelta::seconds(90);

/// One backfill.
pub struct Backfill<'a> {
    pub spool: &'a Spool,
    pub clock: Clock,
    pub settings: &'a settings::Fetcher,
    pub secrets: &'a Secrets,
    /// Names the program and its contact.
    pub user_agent: String,
    pub journals: &'a Source,
    pub progress: &'a dyn Progress,
    /// With the pages and the words that are wanted.
    pub source: &'a Source,
    pub errand: Errand,
    /// The table that is made of it, if one is wanted.
    pub output: Option<&'a Path>,
}

/// What a backfill did.
pub enum Done {
    /// Another one is at work.
    Busy(Option<String>),
    Ended(Ended),
}

pub struct Ended {
    /// What the values that were asked by are called by their publisher.
    pub names: Vec<String>,
    pub passes: Vec<Pass>,
    /// How many records stand in the table that was made.
    pub rows: Option<u64>,
}

/// One pass: of a loop one for each of its items.
pub struct Pass {
    pub item: Option<String>,
    pub survey: Survey,
    pub window: (Instant, Instant),
    /// Why it has not come to its end.
    pub stopped: Option<String>,
}

/// How a round ended.
enum Round {
    Whole,
    Time,
    /// It was told to stop.
    Told,
    Troubled(Trouble),
}

/// What all rounds share.
struct Means {
    budget: Arc<Budget>,
    tokens: Arc<Tokens>,
    stop: Receiver<bool>,
}

impl Backfill<'_> {
    /// Asks for all that is not had yet.
    pub fn run(&self) -> Result<Done> {
        let Some(_lock) = self.spool.lock_soon(BACKFILL, Some(&holder(self.clock.started())))?
        else {
            return Ok(Done::Busy(self.spool.holder(BACKFILL)));
        };
        self.meet_the_fetcher()?;
        ready(self.spool, self.settings)?;
        self.spool
            .keep_declarations(&[&self.source.declaration])
            .into_iter()
            .try_for_each(|k| k)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .context("cannot start the network runtime")?;
        let ended = runtime.block_on(self.passes());
        // A look-up of a name that hangs in the system must not keep the end.
        runtime.shutdown_background();
        ended.map(Done::Ended)
    }

    /// Whichever run of the fetcher begins after this shares its budget with us.
    fn meet_the_fetcher(&self) -> Result<()> {
        let patience = self.clock.now().after(PATIENCE);
        loop {
            if let Some(_lock) = self.spool.lock_soon("fetcher", None)? {
                for error in self.spool.sweep(self.clock.now(), &self.journals.declaration)? {
                    self.progress.warn(&format!("an earlier run is not finished: {error}"));
                }
                return Ok(());
            }
            if self.clock.now() > patience {
                bail!(
                    "a fetcher is at work for longer than any should be, and the hosts would not \
                     be asked at one pace beside it\nhint: fetcher status"
                );
            }
        }
    }

    async fn passes(&self) -> Result<Ended> {
        let budget = Arc::new(Budget::open(self.spool, self.clock).beside());
        let tokens = Arc::new(Tokens::new(self.spool, self.clock));
        let means = Means { budget, tokens, stop: signal::stop() };
        let rows = self.source.fetch.items.as_ref().map(|items| items.rows());
        let items: Vec<Option<String>> = match rows {
            None => vec![None],
            Some(rows) => rows.iter().map(|row| Some(row.key.clone())).collect(),
        };
        let names = self.tell_names(&means.budget).await;
        self.spool.reopen_surveys(&self.surveys(items.iter().map(Option::as_deref)))?;
        let mut passes = Vec::new();
        for item in items {
            let pass = self.pass(item, &means).await?;
            let is_over = *means.stop.borrow();
            passes.push(pass);
            if is_over {
                break;
            }
        }
        let rows = self.end(&passes)?;
        Ok(Ended { names, passes, rows })
    }

    /// The ledgers of these items.
    fn surveys<'s>(
        &'s self,
        items: impl Iterator<Item = Option<&'s str>>,
    ) -> Vec<(Asked<'s>, &'s str)> {
        let of = |item| (Asked { source: &self.source.name, item }, &*self.errand.name);
        items.map(of).collect()
    }

    /// The table, and the end of ledgers of which nothing is wanted any more.
    fn end(&self, passes: &[Pass]) -> Result<Option<u64>> {
        // A table of which parts could not be had takes no other's place.
        let is_whole = |pass: &Pass| pass.stopped.is_none() && !pass.survey.has_failed();
        if !passes.iter().all(is_whole) {
            return Ok(None);
        }
        let surveys = self.surveys(passes.iter().map(|pass| pass.item.as_deref()));
        let columns = Columns::of(self.source);
        let csv = Csv { header: &columns.header, version: columns.version(), surveys: &surveys };
        if let (Some(path), Some(withdrawal)) = (self.output, self.source.withdrawal()) {
            let names = columns.named(self.source, &withdrawal.fields);
            self.spool.note_table(&self.source.name, path, &names)?;
        }
        let rows = self.output.map(|path| self.spool.write_csv(&csv, path)).transpose()?;
        self.spool.end_surveys(&surveys)?;
        Ok(rows)
    }

    async fn pass(&self, item: Option<String>, means: &Means) -> Result<Pass> {
        let Tools { spool, .. } = self.tools(&means.tokens);
        let caller =
            Caller { spool, settings: self.settings, secrets: self.secrets, now: self.clock.now() };
        let columns = columns_of(self.source, item.as_deref());
        let (surveying, told) = caller
            .take_up(self.source, self.errand.clone(), item.as_deref(), &columns)
            .map_err(|why| anyhow!("{}: {why}", self.source.name))?;
        told.iter().for_each(|told| self.progress.warn(&format!("{}: {told}", self.source.name)));
        let window = surveying.errand.window;
        let mut surveyor = self.surveyor(surveying, item.as_deref())?;
        let stopped = self.rounds(&mut surveyor, item.as_deref(), means).await?;
        Ok(Pass { item, survey: surveyor.surveying.survey, window, stopped })
    }

    fn surveyor(&self, surveying: Surveying, item: Option<&str>) -> Result<Surveyor> {
        let (kept, asked) = (surveying.rows, Asked { source: &self.source.name, item });
        let surveyor = Surveyor::new(self.source, surveying);
        if self.output.is_none() {
            return Ok(surveyor);
        }
        let rows = Rows::open(self.spool, self.source, (asked, &self.errand.name), kept)?;
        Ok(surveyor.with_rows(rows))
    }

    /// Round after round, with a rest where there is trouble that may pass. Why it stopped.
    async fn rounds(
        &self,
        surveyor: &mut Surveyor,
        item: Option<&str>,
        means: &Means,
    ) -> Result<Option<String>> {
        let identity = Caller::identity(self.source).map_err(|why| anyhow!(why))?;
        let tools = self.tools(&means.tokens);
        let post = Post { source: self.source, item, identity: &identity, tools: &tools };
        let mut pace = Pace::new(self.clock, surveyor.surveying.survey.pages());
        loop {
            let before = surveyor.surveying.survey.pages();
            let trouble = match self.round(surveyor, post, means, &mut pace).await? {
                Round::Whole => return Ok(None),
                Round::Told => return Ok(Some("it was told to stop".into())),
                Round::Time => continue,
                Round::Troubled(trouble) => trouble,
            };
            let why = trouble.words(None);
            let goes_on = surveyor.surveying.survey.pages() > before;
            let Some(until) = pace.rest(self.clock.now(), &trouble, goes_on) else {
                return Ok(Some(why));
            };
            let rest = (until - self.clock.now()).to_std().unwrap_or_default();
            let told = format!("{why}; asked again in {} s", rest.as_secs().max(1));
            self.progress.tell(&format!("{}: {told}", self.source.name));
            let bounds = self.bounds(rest + ROUND, &means.stop);
            if !bounds.rest(rest).await {
                return Ok(Some("it was told to stop".into()));
            }
        }
    }

    fn bounds(&self, length: Duration, stop: &Receiver<bool>) -> Bounds {
        Bounds::starting(self.clock.now(), length, stop.clone())
    }

    /// One run of its own: what lands in it is told by its journal.
    async fn round(
        &self,
        surveyor: &mut Surveyor,
        post: Post<'_>,
        means: &Means,
        pace: &mut Pace,
    ) -> Result<Round> {
        let request = match surveyor.request(post) {
            Ok(Some(request)) => request,
            Ok(None) => return Ok(Round::Whole),
            Err(trouble) => return Ok(Round::Troubled(trouble)),
        };
        let mut run = self.spool.begin(BACKFILL, self.clock.now(), chance())?;
        let bounds = self.bounds(ROUND + LONGEST, &means.stop);
        let rules = Arc::new(Rules::new(self.spool, self.clock));
        let client = self.client(&run, &means.budget);
        let way = Way { client, bounds, budget: means.budget.clone(), rules };
        let asking = Asking { way, tokens: means.tokens.clone() };
        let round = self.walk(surveyor, post, (request, &asking), &mut run, pace).await;
        means.budget.close()?;
        match run.is_broken() {
            // The next run of a fetcher finishes it.
            true => bail!("a landing is not finished; run it again"),
            false => run.close(self.clock.now(), &self.journals.declaration)?,
        }
        Ok(round)
    }

    async fn walk(
        &self,
        surveyor: &mut Surveyor,
        post: Post<'_>,
        (request, asking): (Request, &Asking),
        run: &mut Run,
        pace: &mut Pace,
    ) -> Round {
        let mut next = Some(request);
        let began = self.clock.now();
        while let Some(request) = next.take() {
            if self.clock.since(began) > ROUND {
                return Round::Time;
            }
            match self.page(surveyor, post, &request, asking, run).await {
                Ok(request) => next = request,
                Err(_) if *asking.way.bounds.stop.borrow() => return Round::Told,
                Err(trouble) => return Round::Troubled(trouble),
            }
            if let Some(line) = pace.line(self.clock.now(), &surveyor.surveying.survey) {
                let item = post.item.map(|item| format!(", {item}")).unwrap_or_default();
                self.progress.tell(&format!("{}{item}: {line}", self.source.name));
            }
        }
        Round::Whole
    }

    /// Asks for a page and lands it; the request for the next one.
    async fn page(
        &self,
        surveyor: &mut Surveyor,
        post: Post<'_>,
        request: &Request,
        asking: &Asking,
        run: &mut Run,
    ) -> Result<Option<Request>, Trouble> {
        let asked = self.clock.now();
        let came = asking.fetch(request).await;
        let started = match &came {
            Ok(response) => response.began(self.clock.now()),
            Err(Failure::Waits { why, until, .. }) => {
                return Err(Trouble::Waits(why.clone(), *until));
            }
            Err(_) => asked,
        };
        let mut tally = Tally::new(self.source, surveyor.surveying.errand.slot, 1, asked);
        if let Some(staged) = surveyor.hear(post, run, &mut tally, started, came)? {
            let disk = |error: crate::edge::spool::Error| Trouble::Disk(error.to_string());
            let landed = run.land(self.clock.now(), vec![staged.landing]).map_err(disk)?;
            landed.into_iter().try_for_each(|one| one.map_err(disk))?;
        }
        surveyor.landed(post)
    }

    fn client(&self, run: &Run, budget: &Arc<Budget>) -> Arc<Client> {
        let pace = budget.pace_with(self.settings, Shelf::new(run.shelf()));
        Arc::new(Client::new(&self.user_agent, pace))
    }

    fn tools<'t>(&'t self, tokens: &'t Tokens) -> Tools<'t> {
        let Backfill { spool, clock, progress, settings, secrets, journals, .. } = *self;
        let journals = &journals.declaration;
        Tools { spool, clock, progress, settings, secrets, journals, tokens }
    }
}
