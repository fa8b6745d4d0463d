//! The fetcher: what is due is asked for, concurrently; each answer lands as it comes; one
//! failing source never stops another. A replay takes the same path from the answer on.

use super::Progress;
use super::answer::{Answer, Body};
use super::due::{Call, Caller, Due, digest};
use super::tally::{Landed, Tally, Trouble};
use crate::domain::hash::Digest;
use crate::domain::journal::{Event, Outcome, Verdict};
use crate::domain::request::Response;
use crate::domain::retry::{Failure, hold_until};
use crate::domain::schedule::Schedule;
use crate::domain::secret::Secrets;
use crate::domain::settings;
use crate::domain::source::{Format, Source};
use crate::domain::time::Instant;
use crate::edge::clock::{Clock, chance, fraction};
use crate::edge::http::{Bounds, Client, Pace};
use crate::edge::signal;
use crate::edge::spool::{Remembered, Run, Spool, States};
use anyhow::{Context, Result, bail};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

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
    /// One outcome per due source; none when nothing was due.
    Outcomes(Vec<Outcome>),
}

/// Which source and which of its requests; when it began; what came.
type Reply = ((usize, usize), Instant, Result<Response, Failure>);

impl Fetcher<'_> {
    /// Fetches all due sources.
    pub fn run(&self, sources: &[Source]) -> Result<Done> {
        let holder = format!("{} {}\n", std::process::id(), self.clock.started().timestamp());
        let Some(_lock) = self.spool.lock("fetcher", &holder)? else {
            return Ok(Done::Busy(self.spool.holder("fetcher")));
        };
        for error in self.spool.sweep(self.clock.started(), &self.journals.declaration)? {
            self.progress.warn(&format!("an earlier run is not finished: {error}"));
        }
        let mut states = self.spool.states();
        let due = self.due(sources, &states)?;
        if due.is_empty() {
            return Ok(Done::Outcomes(Vec::new()));
        }
        self.prepare(&due)?;
        let mut run = self.spool.begin("fetcher", self.clock.started(), chance())?;
        let outcomes = self.ask(&due, &mut run, &mut states)?;
        self.spool.remember_states(&states)?;
        // A landing that broke off is the next run's, and its failure is an outcome already.
        if !run.is_broken() {
            run.close(self.clock.now(), &self.journals.declaration)?;
        }
        Ok(Done::Outcomes(outcomes))
    }

    fn due<'s>(&self, sources: &'s [Source], states: &States) -> Result<Vec<Due<'s>>> {
        let now = self.clock.started();
        let (spool, settings, secrets) = (self.spool, self.settings, self.secrets);
        let caller = Caller { spool, settings, secrets };
        let mut due = Vec::new();
        for source in sources {
            let schedule = Schedule::new(source.name.as_str(), source.fetch.every, self.splay)
                .with_context(|| format!("source {}", source.name))?;
            let state = states.get(&source.name).cloned().unwrap_or_default();
            let held = state.hold_until.is_some_and(|until| until > now);
            if let Some(slot) = schedule.due(now, state.slot).filter(|_| !held) {
                due.push(caller.due(source, slot));
            }
        }
        Ok(due)
    }

    /// Before anything is fetched: this is a live home, the disk has its reserve, and the texts
    /// of the declarations are kept.
    fn prepare(&self, due: &[Due]) -> Result<()> {
        if self.spool.settle(false, chance())?.recorded {
            bail!(
                "{} holds a recording, and a home is live or recorded, never both\n\
                 hint: fetch live into another home",
                self.spool.home().display()
            );
        }
        let (free, reserve) = (self.spool.free()?, self.settings.reserve);
        if free < reserve {
            bail!(
                "the disk of {} has {} MiB left, less than the reserve of {} MiB: nothing is \
                 fetched\nhint: the summarizer goes on, and empties the spool",
                self.spool.home().display(),
                free >> 20,
                reserve >> 20
            );
        }
        due.iter().try_for_each(|due| Ok(self.spool.keep_declaration(&due.source.declaration)?))
    }

    fn ask(&self, due: &[Due], run: &mut Run, states: &mut States) -> Result<Vec<Outcome>> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .context("cannot start the network runtime")?;
        let outcomes = runtime.block_on(self.ask_all(due, run, states));
        // A look-up of a name that hangs in the system must not keep the run past its deadline.
        runtime.shutdown_background();
        outcomes
    }

    async fn ask_all(
        &self,
        due: &[Due<'_>],
        run: &mut Run,
        states: &mut States,
    ) -> Result<Vec<Outcome>> {
        let pace =
            Pace { gap: self.settings.pace, at_once: self.settings.per_host, ..Pace::default() };
        let client = Arc::new(Client::new(&self.user_agent, pace));
        let bounds = Bounds::starting(self.clock.now(), self.settings.deadline, signal::stop());
        self.progress.begin("fetching", due.len());
        let mut replies: JoinSet<Reply> = JoinSet::new();
        let (mut tallies, mut outcomes) = (Vec::new(), Vec::new());
        for (place, due) in due.iter().enumerate() {
            let calls = due.calls.as_deref().unwrap_or_default();
            let mut tally = Tally::new(due.source, due.slot, calls.len().max(1), self.clock.now());
            for (number, call) in calls.iter().enumerate() {
                let at = (place, number);
                replies.spawn(self.reply(at, due, call, client.clone(), bounds.clone()));
            }
            if let Err(why) = &due.calls {
                let now = self.clock.now();
                tally.enter(None, now, now, Err(Trouble::Refused(why.clone())));
                outcomes.push(self.finish(&mut tally, run, states)?);
            }
            tallies.push(tally);
        }
        while let Some(reply) = replies.join_next().await {
            let ((place, number), started, result) = reply.context("a request broke off")?;
            let due = due.get(place).and_then(|due| Some((due, due.calls.as_ref().ok()?)));
            let (Some((due, calls)), Some(tally)) = (due, tallies.get_mut(place)) else { continue };
            let Some(call) = calls.get(number) else { continue };
            let landed = match result {
                Ok(response) => self.land(due, call, started, response, tally, run),
                Err(failure @ Failure::NoContent { .. }) => {
                    tally.outcome.status = failure.status().unwrap_or(0);
                    Ok(Verdict::Nothing)
                }
                Err(failure) => Err(Trouble::Http(failure)),
            };
            if tally.enter(call.item.as_deref(), started, self.clock.now(), landed) {
                outcomes.push(self.finish(tally, run, states)?);
            }
        }
        Ok(outcomes)
    }

    /// Waits for the source's second of the minute, then asks.
    fn reply(
        &self,
        place: (usize, usize),
        due: &Due,
        call: &Call,
        client: Arc<Client>,
        bounds: Bounds,
    ) -> impl Future<Output = Reply> + Send + 'static {
        let (clock, request) = (self.clock, call.request.clone());
        let delay = due.slot.delay(clock.now()).min(self.splay);
        let mut stop: watch::Receiver<bool> = bounds.stop.clone();
        async move {
            let told = async { stop.wait_for(|stop| *stop).await.is_ok() };
            tokio::select! {
                () = tokio::time::sleep(delay) => {}
                true = told => {}
            }
            let asked = clock.now();
            let result = client.fetch(&request, &bounds).await;
            let started = match &result {
                Ok(response) => clock
                    .now()
                    .before(chrono::Duration::from_std(response.elapsed).unwrap_or_default()),
                Err(_) => asked,
            };
            (place, started, result)
        }
    }

    /// All requests of a source are settled: its outcome, and what the next run must know.
    fn finish(&self, tally: &mut Tally, run: &mut Run, states: &mut States) -> Result<Outcome> {
        tally.settle();
        let outcome = tally.outcome.clone();
        self.remember(tally, states)?;
        run.note(self.clock.now(), vec![Event::Outcome(outcome.clone())])?;
        self.progress.step();
        self.progress.tell(&describe(&outcome));
        Ok(outcome)
    }

    /// A source that was stopped, or whose answer the disk refused, is asked again in this slot.
    fn remember(&self, tally: &Tally, states: &mut States) -> Result<()> {
        let state = states.entry(tally.source.name.clone()).or_default();
        let slot = Some(tally.outcome.slot);
        match tally.outcome.result {
            Verdict::Failed if !tally.disk => {
                state.slot = slot;
                state.failures = state.failures.saturating_add(1);
                let (every, row) = (tally.source.fetch.every, state.failures);
                state.hold_until = tally.failure.as_ref().and_then(|failure| {
                    hold_until(self.clock.now(), failure, row, every, fraction())
                });
            }
            Verdict::Failed | Verdict::Deferred => {}
            _ => {
                (state.slot, state.hold_until, state.failures) = (slot, None, 0);
                return Ok(());
            }
        }
        Ok(self.spool.remember_states(states)?)
    }

    /// Lands an answer.
    fn land(
        &self,
        due: &Due,
        call: &Call,
        started: Instant,
        mut response: Response,
        tally: &mut Tally,
        run: &mut Run,
    ) -> Landed {
        if !response.unchanged {
            let redacted = due.source.fetch.redacted(response.body);
            response.body = redacted.map_err(Trouble::Refused)?;
        }
        tally.heard(&response, remarks(due.source, &response));
        let known = call.known.as_ref();
        let fresh = (!response.unchanged).then(|| Digest::of(&response.body));
        let same = known.filter(|(known, _)| fresh.is_none_or(|fresh| fresh == known.content));
        let (body, content) = match (same, fresh) {
            (Some((known, path)), _) => (Body::File(path), known.content),
            (None, Some(digest)) => (Body::Bytes(&response.body), digest),
            (None, None) => {
                return Err(Trouble::Http(Failure::NothingStored { at: response.final_url }));
            }
        };
        let validators = response.validators.clone().unwrap_or_default();
        let answer = Answer {
            source: due.source,
            slot: due.slot.start,
            instant: started,
            item: call.item.as_deref(),
            recorded: None,
            url: response.final_url.clone(),
            status: response.status,
            content,
            body,
            etag: validators.etag.clone(),
            last_modified: validators.last_modified.clone(),
        };
        let landing = answer.stage(run).map_err(|error| Trouble::Disk(error.to_string()))?;
        run.land(self.clock.now(), vec![landing])
            .map_err(|error| Trouble::Disk(error.to_string()))?;
        let remembered = Remembered {
            request: digest(&call.request),
            declaration: due.source.declaration.digest.hex(),
            content,
            etag: validators.etag,
            last_modified: validators.last_modified,
        };
        self.keep(&answer, &remembered);
        Ok(if same.is_some() { Verdict::Unchanged } else { Verdict::Landed })
    }

    /// Keeps the body for the next request. Only a hint is lost when this fails.
    fn keep(&self, answer: &Answer, known: &Remembered) {
        let id = answer.id();
        let file = match answer.body {
            Body::File(path) => path.to_path_buf(),
            Body::Bytes(_) => self.spool.incoming(id.source()).join(id.to_string()),
        };
        if let Err(error) = self.spool.remember(id.source(), answer.item, known, &file) {
            self.progress.tell(&format!("{}: {error}", answer.source.name));
        }
    }
}

/// What a person should know of an answer that lands: what its publisher announces, and signs
/// that it cannot be read.
fn remarks(source: &Source, response: &Response) -> Option<String> {
    let warnings = response.warnings.iter().map(|warning| format!("warning: {warning}"));
    let remarks: Vec<String> = warnings.chain(suspicion(source, response)).collect();
    (!remarks.is_empty()).then(|| remarks.join("; "))
}

/// A sign that an answer is not what was asked for; it lands all the same, raw.
fn suspicion(source: &Source, response: &Response) -> Option<String> {
    let start = response.body.trim_ascii_start();
    if response.unchanged {
        return None;
    }
    let what = if start.is_empty() {
        "the answer is empty"
    } else if start.starts_with(b"<") && source.fetch.format != Format::Xml {
        "the answer looks like HTML or XML"
    } else {
        return None;
    };
    Some(format!("{what}, not {}; it will go to quarantine", source.fetch.format.name()))
}

/// An outcome in one line.
pub fn describe(outcome: &Outcome) -> String {
    let took = (outcome.ended - outcome.started).to_std().unwrap_or_default();
    let took = format!("{:.1} s", took.as_secs_f64());
    let error = outcome.error.as_ref().map(|e| format!(": {e}")).unwrap_or_default();
    format!("{}: {} ({took}){error}", outcome.source, outcome.result.name())
}
