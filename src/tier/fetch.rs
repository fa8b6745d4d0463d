//! The fetcher: what is due is asked for, concurrently; what is heard goes to the lander. One
//! failing source never stops another, and one failing item never its loop.

pub use super::landing::Ended;

use super::Progress;
use super::asking::Asking;
use super::budget::Budget;
use super::due::{Caller, Due, due};
use super::heard::{Heard, Word};
use super::landing::Lander;
use super::ready::ready;
use super::rest::holder;
use super::robots::Rules;
use super::tokens::Tokens;
use super::tools::Tools;
use super::way::Way;
use crate::domain::name::SourceName;
use crate::domain::request::Request;
use crate::domain::retry::{Failure, hold_all, pause};
use crate::domain::schedule::CatchUp;
use crate::domain::secret::Secrets;
use crate::domain::settings;
use crate::domain::source::{Declaration, Source};
use crate::domain::time::Instant;
use crate::domain::turn::State;
use crate::edge::clock::{Clock, chance, fraction};
use crate::edge::descriptors;
use crate::edge::disk::at_once;
use crate::edge::http::{Bounds, Client, Shelf};
use crate::edge::signal;
use crate::edge::spool::{self, Memory, Run, Spool, States};
use anyhow::{Context, Result};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::mpsc::Sender;
use tokio::task::JoinSet;

/// Answers that may wait for the disk; beyond that the network waits.
const QUEUE: usize = 256;

/// An answer that holds no longer than this is waited for within the run.
const HOLDS_A_LITTLE: Duration = Duration::from_secs(20);

/// One run.
pub struct Fetcher<'a> {
    pub spool: &'a Spool,
    pub clock: Clock,
    pub settings: &'a settings::Fetcher,
    pub secrets: &'a Secrets,
    /// Names the program and its contact.
    pub user_agent: String,
    /// How far requests are spread inside a minute; zero when a person waits.
    pub splay: Duration,
    pub journals: &'a Source,
    pub progress: &'a dyn Progress,
}

/// What a run did.
#[derive(Debug)]
pub enum Done {
    /// Another run is at work; since when and who, if it says so.
    Busy(Option<String>),
    Ended(Ended),
}

impl Fetcher<'_> {
    /// Fetches all due sources.
    pub fn run(&self, sources: &[Source]) -> Result<Done> {
        let Some(_lock) = self.spool.lock("fetcher", &holder(self.clock.started()))? else {
            return Ok(Done::Busy(self.spool.holder("fetcher")));
        };
        for error in self.spool.sweep(self.clock.started(), &self.journals.declaration)? {
            self.progress.warn(&format!("an earlier run is not finished: {error}"));
        }
        let mut ended = Ended::default();
        let mut left: Option<Vec<SourceName>> = None;
        loop {
            let states = self.spool.states();
            let is_left =
                |source: &&Source| left.as_ref().is_none_or(|left| left.contains(&source.name));
            let mut due = self.due(sources.iter().filter(is_left), &states)?;
            if due.is_empty() {
                if let Err(error) = self.confirm(sources) {
                    ended.complaints.push(format!("withdrawals are not asked for: {error:#}"));
                }
                return Ok(Done::Ended(ended));
            }
            descriptors::raise();
            self.prepare(&mut due)?;
            let round = self.ask(&due, states)?;
            left = Some(self.behind(&due, &round));
            ended.join(round);
        }
    }

    /// Who was answered, and may have missed more slots; nobody when half of the time is over.
    fn behind(&self, due: &[Due], round: &Ended) -> Vec<SourceName> {
        let spent = self.clock.since(self.clock.started());
        if spent > self.settings.deadline / 2 || round.is_stopped {
            return Vec::new();
        }
        let served = |name: &SourceName| {
            let mut outcomes = round.outcomes.iter().filter(|outcome| outcome.source == *name);
            outcomes.any(|outcome| outcome.result.is_answer())
        };
        let all = due.iter().filter(|due| due.source.fetch.catch_up == CatchUp::All);
        all.map(|due| due.source.name.clone()).filter(served).collect()
    }

    /// By when the run began; what was cut meanwhile is of now.
    fn due<'s>(
        &self,
        sources: impl Iterator<Item = &'s Source>,
        states: &States,
    ) -> Result<Vec<Due<'s>>> {
        let (spool, settings, secrets) = (self.spool, self.settings, self.secrets);
        let caller = Caller { spool, settings, secrets, now: self.clock.now() };
        due(&caller, sources, states, self.clock.started(), self.splay)
    }

    /// Before anything is fetched: this is a live home, the disk has its reserve, and the texts
    /// of the declarations are kept.
    fn prepare(&self, due: &mut [Due]) -> Result<()> {
        ready(self.spool, self.settings)?;
        self.spool.set_aside();
        let texts: Vec<&Declaration> = due.iter().map(|due| &due.source.declaration).collect();
        for (due, kept) in due.iter_mut().zip(self.spool.keep_declarations(&texts)) {
            match kept {
                // Another text has its digits: this source alone is not asked.
                Err(spool::Error::Odd(why)) => due.calls = Err(why),
                kept => kept?,
            }
        }
        Ok(())
    }

    fn ask(&self, due: &[Due], states: States) -> Result<Ended> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .context("cannot start the network runtime")?;
        let (run, memory) = self.begin(due, states)?;
        let budget = Budget::of_run(self.spool, self.clock);
        let client = self.client(Shelf::new(run.shelf()), &budget);
        let Fetcher { spool, clock, progress, settings, secrets, .. } = *self;
        let (tokens, journals) = (Arc::new(Tokens::new(spool, clock)), &self.journals.declaration);
        let tokens_of = &tokens.clone();
        let tools =
            Tools { spool, clock, progress, settings, secrets, journals, tokens: tokens_of };
        let lander = Lander::new(tools, due, run, memory);
        self.progress.begin("fetching", due.len());
        let (heard, hears) = tokio::sync::mpsc::channel(QUEUE.min(at_once()));
        std::thread::scope(|scope| {
            let landing = scope.spawn(|| lander.work(hears));
            let doors = (client, tokens, budget.clone());
            let is_stopped = self.ask_all(runtime, due, doors, heard);
            let ended = landing.join();
            let mut ended =
                ended.map_err(|_| anyhow::anyhow!("the landing of the answers broke off"))?;
            ended.is_stopped = is_stopped;
            let kept = [budget.close(), self.spool.keep_outcomes(&ended.outcomes)];
            let errors = kept.into_iter().filter_map(Result::err);
            ended.complaints.extend(errors.map(|error| error.to_string()));
            Ok(ended)
        })
    }

    fn client(&self, shelf: Shelf, budget: &Arc<Budget>) -> Arc<Client> {
        Arc::new(Client::new(&self.user_agent, budget.pace_with(self.settings, shelf)))
    }

    /// Keeps that these sources are asked, before they are: where that cannot be kept nobody is,
    /// or they would be asked again in each run.
    fn begin(&self, due: &[Due], states: States) -> Result<(Run, Memory)> {
        let now = self.clock.started();
        let why = "nothing is fetched, for it could not be remembered that it was";
        let mut memory = self.spool.remembering(states).context(why)?;
        let asking = |due: &Due| -> State {
            let every = due.source.fetch.every;
            due.before.asking(&due.turn, |deaths| pause(now, deaths, every, fraction()))
        };
        memory.note(due.iter().map(|due| (&due.source.name, asking(due)))).context(why)?;
        match self.spool.begin("fetcher", now, chance()) {
            Ok(run) => Ok((run, memory)),
            Err(error) => {
                memory.note(due.iter().map(|due| (&due.source.name, due.before.clone())))?;
                memory.close()?;
                Err(error.into())
            }
        }
    }

    /// Asks the requests of all sources; a loop has no more of them under way than a host serves.
    /// Whether the run was told to stop.
    fn ask_all(
        &self,
        runtime: Runtime,
        due: &[Due],
        (client, tokens, budget): (Arc<Client>, Arc<Tokens>, Arc<Budget>),
        heard: Sender<Heard>,
    ) -> bool {
        let is_stopped = runtime.block_on(async {
            let now = self.clock.now();
            let spent = self.clock.since(self.clock.started());
            let length = self.settings.deadline.saturating_sub(spent);
            let bounds = Bounds::starting(now, length, signal::stop());
            let stop = bounds.stop.clone();
            let rules = Arc::new(Rules::new(self.spool, self.clock));
            let asking = Asking { way: Way { client, bounds, budget, rules }, tokens };
            let mut askers = JoinSet::new();
            for (place, due) in due.iter().enumerate() {
                let calls = due.calls.as_deref().unwrap_or_default();
                let paged = due.source.fetch.pages.is_some();
                let queue = Queue::of((place, paged), calls.iter().map(|c| c.request.clone()));
                let queue = Arc::new(queue);
                for _ in 0..calls.len().min(self.settings.per_host.max(1)) {
                    let (asking, heard) = (asking.clone(), heard.clone());
                    let (queue, delay) = (queue.clone(), self.delay(due));
                    let asker = Asker { queue, clock: self.clock, asking, heard };
                    askers.spawn(asker.work(delay));
                }
            }
            drop(heard);
            while askers.join_next().await.is_some() {}
            *stop.borrow()
        });
        // A look-up of a name that hangs in the system must not keep the run past its deadline.
        runtime.shutdown_background();
        is_stopped
    }

    /// How long to wait for the source's second of the minute.
    fn delay(&self, due: &Due) -> Duration {
        match due.turn.is_late {
            true => Duration::ZERO,
            false => due.turn.slot.delay(self.clock.now()).min(self.splay),
        }
    }
}

/// The requests of one source that nobody has taken yet.
struct Queue {
    place: usize,
    /// Each may be followed by more, for the pages of its answer.
    paged: bool,
    requests: Mutex<VecDeque<(usize, Request)>>,
    /// Why no more of them may be made: the host asked for patience.
    halt: Mutex<Option<String>>,
}

impl Queue {
    fn of((place, paged): (usize, bool), requests: impl Iterator<Item = Request>) -> Queue {
        let requests = Mutex::new(requests.enumerate().collect());
        Queue { place, paged, requests, halt: Mutex::new(None) }
    }

    fn next(&self) -> Option<(usize, Request)> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    fn halted(&self) -> Option<String> {
        self.halt.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn halt(&self, why: String) {
        *self.halt.lock().unwrap_or_else(PoisonError::into_inner) = Some(why);
    }
}

/// Makes requests of a queue, one after the other.
struct Asker {
    queue: Arc<Queue>,
    clock: Clock,
    asking: Asking,
    heard: Sender<Heard>,
}

impl Asker {
    async fn work(self, delay: Duration) {
        let mut stop = self.asking.way.bounds.stop.clone();
        let told = async { stop.wait_for(|stop| *stop).await.is_ok() };
        tokio::select! {
            () = tokio::time::sleep(delay) => {}
            true = told => {}
        }
        while let Some((number, request)) = self.queue.next() {
            // Large; most sources wait for their turn and have none of it yet.
            let asked = Box::pin(self.ask_pages((self.queue.place, number), request));
            if asked.await.is_none() {
                return;
            }
        }
    }

    /// Asks a request, and those for the further pages of its answer; none once nobody listens.
    async fn ask_pages(&self, place: (usize, usize), request: Request) -> Option<()> {
        let mut next = Some(request);
        while let Some(request) = next.take() {
            let (started, word) = self.ask(&request).await;
            let (reply, hears) = tokio::sync::oneshot::channel();
            let reply = self.queue.paged.then_some(reply);
            let listens = reply.is_some();
            self.heard.send(Heard { place, started, word, reply }).await.ok()?;
            if listens {
                next = hears.await.ok().map(|request| *request);
            }
        }
        Some(())
    }

    async fn ask(&self, request: &Request) -> (Instant, Word) {
        let asked = self.clock.now();
        if let Some(why) = self.queue.halted() {
            return (asked, Word::Later(why));
        }
        let came = match self.holds(request, asked).await {
            Some(waits) => Err(waits),
            None => self.asking.fetch(request).await,
        };
        let started = match &came {
            Ok(response) => response.began(self.clock.now()),
            Err(failure) => {
                if hold_all(asked, failure, 0.0).is_some() {
                    self.queue.halt(failure.explain());
                }
                asked
            }
        };
        (started, Word::Came(Box::new(came)))
    }

    /// Waits a little where the answer before holds that long; or says that it holds longer.
    async fn holds(&self, request: &Request, now: Instant) -> Option<Failure> {
        let until = request.holds_until.filter(|until| *until > now)?;
        let rest = (until - now).to_std().unwrap_or_default();
        if rest <= HOLDS_A_LITTLE && self.asking.way.bounds.rest(rest).await {
            return None;
        }
        let why = "by its publisher's word the answer before holds".to_string();
        Some(Failure::Waits { at: request.shown(), why, until })
    }
}
