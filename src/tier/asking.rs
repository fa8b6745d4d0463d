//! One request, asked as it is declared: with a token where it wants one, whole where "unchanged"
//! is said of another version than ours.

use super::tokens::Tokens;
use super::way::Way;
use crate::domain::oauth::Token;
use crate::domain::request::{Request, Response};
use crate::domain::retry::Failure;
use std::sync::Arc;

/// Who asks.
#[derive(Clone)]
pub struct Asking {
    pub way: Way,
    pub tokens: Arc<Tokens>,
}

impl Asking {
    /// Asks. An answer that says that the token is spent is asked for once more, with a new one.
    ///
    /// # Errors
    ///
    /// No whole answer came, or no token.
    pub async fn fetch(&self, request: &Request) -> Result<Response, Failure> {
        let Some(grant) = &request.grant else { return self.whole(request).await };
        let retries = request.caps.retries;
        let token = self.tokens.token((grant, retries), None, &self.way).await?;
        let came = self.whole(&proven(request, &token)).await;
        if !is_spent(request, &came) {
            return came;
        }
        let before = came.map_or(1, |came| came.tries);
        let fresh = self.tokens.token((grant, retries), Some(&token), &self.way).await?;
        let came = self.whole(&proven(request, &fresh)).await.map(|came| after(before, came));
        match is_spent(request, &came) && came.is_ok() {
            true => Err(Failure::Token { at: request.shown(), why: SPENT.into(), passes: false }),
            false => came,
        }
    }

    async fn whole(&self, request: &Request) -> Result<Response, Failure> {
        match self.way.fetch(request).await {
            Err(Failure::OtherVersion { .. }) => {
                let whole = Request { validators: None, ..request.clone() };
                self.way.fetch(&whole).await.map(|came| after(1, came))
            }
            done => done,
        }
    }
}

/// An answer for which there were other requests before.
fn after(tries: u32, came: Response) -> Response {
    Response { tries: came.tries.saturating_add(tries), ..came }
}

const SPENT: &str = "its answer says that the token is spent, of a new one too";

fn proven(request: &Request, token: &Token) -> Request {
    let mut proven = request.clone();
    proven.credentials.push(token.header());
    proven.secrets.extend(token.secrets().map(str::to_string));
    proven
}

fn is_spent(request: &Request, came: &Result<Response, Failure>) -> bool {
    match came {
        Ok(response) => request.spent.is_said(response),
        Err(failure) => failure.status() == Some(401),
    }
}
