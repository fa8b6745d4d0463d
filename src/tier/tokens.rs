//! The tokens of one run: each is asked for once, whoever needs it, and renewed before it ends.

use super::way::Way;
use crate::domain::grant::Grant;
use crate::domain::oauth::Token;
use crate::domain::request::{Request, Response};
use crate::domain::retry::{Failure, Stop};
use crate::domain::secret::Redactor;
use crate::edge::clock::Clock;
use crate::edge::disk::Lock;
use crate::edge::http::Bounds;
use crate::edge::spool::Spool;
use std::collections::HashMap;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

/// How long between two looks whether another process has done with a token.
const LOOK: Duration = Duration::from_millis(100);

/// Gives tokens.
pub struct Tokens {
    spool: Spool,
    clock: Clock,
    /// One at a time asks for the token of a key.
    turns: std::sync::Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
    /// All that was given in this run.
    given: std::sync::Mutex<Vec<Token>>,
    /// Of a key for which none could be had in this run.
    failed: std::sync::Mutex<HashMap<String, Failure>>,
}

impl Tokens {
    pub fn new(spool: &Spool, clock: Clock) -> Tokens {
        let (turns, given, failed) = Default::default();
        Tokens { spool: spool.clone(), clock, turns, given, failed }
    }

    /// Words without the tokens of this run.
    pub fn hide(&self, words: &str) -> String {
        let given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        match given.is_empty() {
            true => words.to_string(),
            false => Redactor::new(given.iter().flat_map(Token::secrets)).redact(words),
        }
    }

    /// A token that may be used now; `spent`: one that its server refuses.
    ///
    /// # Errors
    ///
    /// None could be had; nothing of what was answered is in the words.
    pub async fn token(
        &self,
        (grant, retries): (&Grant, u32),
        spent: Option<&Token>,
        way: &Way,
    ) -> Result<Token, Failure> {
        let key = grant.key();
        let turn = self.turn(&key);
        let _turn = turn.lock().await;
        if let Some(failure) = self.failed().get(&key) {
            return Err(failure.clone());
        }
        if let Some(token) = self.usable(grant, &key, spent)? {
            return Ok(token);
        }
        let _lock = self.lock(grant, &key, &way.bounds).await?;
        // Another process may have asked meanwhile.
        if let Some(token) = self.usable(grant, &key, spent)? {
            return Ok(token);
        }
        let asked = self.ask((grant, retries), &key, way).await;
        if let Err(failure) = &asked {
            // Whoever else needs it does not ask again in this run.
            self.failed().insert(key, failure.clone());
        }
        asked
    }

    fn failed(&self) -> MutexGuard<'_, HashMap<String, Failure>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn turn(&self, key: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.entry(key.to_string()).or_default().clone()
    }

    fn usable(
        &self,
        grant: &Grant,
        key: &str,
        spent: Option<&Token>,
    ) -> Result<Option<Token>, Failure> {
        let Some(token) = self.known(grant, key)? else { return Ok(None) };
        let is_good = token.origin == grant.origin() && token.is_fresh(self.clock.now());
        let is_other = spent.is_none_or(|spent| spent.access != token.access);
        Ok((is_good && is_other).then_some(token))
    }

    /// The token that is kept. What is damaged matters where only the newest refresh token is good.
    fn known(&self, grant: &Grant, key: &str) -> Result<Option<Token>, Failure> {
        match self.spool.token(key) {
            Err(why) if grant.is_refreshing() => Err(no_token(grant, why, false)),
            known => Ok(known.ok().flatten()),
        }
    }

    async fn lock(&self, grant: &Grant, key: &str, bounds: &Bounds) -> Result<Lock, Failure> {
        let failed = |why: String| Failure::Invalid { at: at(grant), why };
        let holder = format!("{} asking for a token\n", std::process::id());
        loop {
            let lock = self.spool.lock(&format!("token_{key}"), &holder);
            if let Some(lock) = lock.map_err(|error| failed(error.to_string()))? {
                return Ok(lock);
            }
            if !bounds.rest(LOOK).await {
                return Err(Failure::Stopped { at: at(grant), by: Stop::Deadline });
            }
        }
    }

    async fn ask(
        &self,
        (grant, retries): (&Grant, u32),
        key: &str,
        way: &Way,
    ) -> Result<Token, Failure> {
        let known = self.known(grant, key)?.filter(|token| token.origin == grant.origin());
        let refresh = known.and_then(|token| token.refresh);
        let since = self.clock.now();
        let timeout = Duration::from_secs(20);
        let mut request = grant.request(refresh.as_deref(), timeout);
        request.caps.retries = retries;
        let answer = way.fetch(&request).await.map_err(|failure| refusal(grant, failure))?;
        let refused = |why: String| no_token(grant, request.redactor().redact(&why), false);
        let refresh = refresh.or_else(|| grant.refresh_token.clone());
        let status = answer.status;
        let body = body(answer).map_err(refused)?;
        if status >= 400 {
            let (why, passes) = grant.refusal(status, &body);
            return Err(no_token(grant, request.redactor().redact(&why), passes));
        }
        let token = grant.read(&body, since, refresh.as_deref()).map_err(refused)?;
        // On the disk before it is used: its server may know no other refresh token any more.
        let kept = self.spool.keep_token(key, &token);
        kept.map_err(|error| refused(format!("the token cannot be kept: {error}")))?;
        self.given.lock().unwrap_or_else(PoisonError::into_inner).push(token.clone());
        Ok(token)
    }
}

/// A refusal of a server of tokens; what may pass stays what it is.
fn refusal(grant: &Grant, failure: Failure) -> Failure {
    match failure {
        Failure::NoContent { status, .. } | Failure::Permanent { status, .. } => {
            no_token(grant, format!("answered {status}"), false)
        }
        failure => failure,
    }
}

fn body(mut answer: Response) -> Result<Vec<u8>, String> {
    answer.take_up()?;
    Ok(answer.body)
}

fn no_token(grant: &Grant, why: String, passes: bool) -> Failure {
    Failure::Token { at: at(grant), why, passes }
}

fn at(grant: &Grant) -> String {
    Request::new(grant.url.as_str()).shown()
}
