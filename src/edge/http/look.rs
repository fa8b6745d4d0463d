//! One look at a host, for an examination, or one word to it: one request, whatever it answers.

use super::answer;
use super::clean::Cleaner;
use super::fault;
use super::places::Comes;
use super::{Bounds, Client, ask, links};
use crate::domain::address;
use crate::domain::request::{Head, Request};
use crate::domain::retry::{Failure, Stop};
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use std::time::{Duration, Instant};

/// How many authorities this machine trusts for safe connections, or why none.
pub fn roots() -> Result<usize, String> {
    links::roots(&[]).map(|roots| roots.len()).map_err(|lack| lack.to_string())
}

impl Client {
    /// Asks for the head of an address, once: no redirect is followed, nothing is tried again.
    /// Any status is an answer.
    ///
    /// # Errors
    ///
    /// No answer came within the bounds, or within `patience` after its turn had come.
    pub async fn look(
        &self,
        url: &str,
        patience: Duration,
        bounds: &Bounds,
    ) -> Result<Head, Failure> {
        let request = Request::new(url);
        let done = self.head(&request, patience, bounds).await;
        done.map_err(|failure| Cleaner::new(&request).failure(failure))
    }

    async fn head(
        &self,
        request: &Request,
        patience: Duration,
        bounds: &Bounds,
    ) -> Result<Head, Failure> {
        let answer = self.sent(request, Method::HEAD, (patience, bounds.deadline)).await?;
        let (status, now) = (answer.status().as_u16(), bounds.now());
        Ok(Head { status, date: answer::date(answer.headers()), at: now })
    }

    /// Sends a request, once, and waits for the status of its answer: no redirect is followed,
    /// nothing is tried again, no body is read.
    ///
    /// # Errors
    ///
    /// No answer came within `patience`.
    pub async fn tell(&self, request: &Request, patience: Duration) -> Result<u16, Failure> {
        let method = if request.body.is_some() { Method::POST } else { Method::GET };
        let now = Instant::now();
        let deadline = now.checked_add(patience).unwrap_or(now);
        let sent = self.sent(request, method, (patience, deadline)).await;
        let told = sent.map(|answer| answer.status().as_u16());
        told.map_err(|failure| Cleaner::new(request).failure(failure))
    }

    async fn sent(
        &self,
        request: &Request,
        method: Method,
        (patience, deadline): (Duration, Instant),
    ) -> Result<reqwest::Response, Failure> {
        let url = ask::address(request)?;
        let (at, host) = (address::bare(url.as_str()), url.host_str().unwrap_or_default());
        let late = || Failure::Stopped { at: at.clone(), by: Stop::Deadline };
        let seat = self.means.gate.enter(host, Comes::First, deadline).await.ok_or_else(late)?;
        let safe = url.scheme() == "https";
        let client = seat.clients.get(&self.means.links, safe, false);
        let client = client.map_err(|lack| Failure::Exhausted { at: at.clone(), lack })?;
        let mut call = client.request(method, url.clone());
        if let Some(body) = &request.body {
            call = call.header(CONTENT_TYPE, body.content_type).body(body.text.clone());
        }
        let after = patience.min(deadline.saturating_duration_since(Instant::now()));
        let sent = tokio::time::timeout(after, call.send()).await;
        sent.map_err(|_| Failure::Timeout { at: at.clone(), after, received: 0 })?.map_err(
            |error| fault::unanswered(&error, at.clone(), host, self.means.pace.connect_timeout),
        )
    }
}
