//! What gives tokens of OAuth 2: a client, and where it asks.

use super::hash::Digest;
use std::fmt;
use std::time::Duration;

/// What gives tokens, filled in.
#[derive(Clone, PartialEq, Eq)]
pub struct Grant {
    pub url: String,
    pub client_id: String,
    pub client_secret: Option<String>,
    /// The first refresh token, as a person wrote it down.
    pub refresh_token: Option<String>,
    pub scope: Option<String>,
    pub data: Vec<(String, String)>,
    pub in_form: bool,
    /// How long a token lives that does not say it.
    pub life: Duration,
}

impl Grant {
    /// What tells the tokens of one client from those of another: no secret is in it.
    pub fn key(&self) -> String {
        let kind = if self.refresh_token.is_some() { "refresh" } else { "client" };
        let data = self.data.iter().map(|(name, _)| name.as_str());
        let own = [kind, &self.url, &self.client_id, self.scope.as_deref().unwrap_or_default()];
        Digest::of_parts(own.into_iter().chain(data)).short(16)
    }

    /// Of the refresh token and the secret that a person wrote down.
    pub fn origin(&self) -> String {
        let parts = [self.refresh_token.as_deref(), self.client_secret.as_deref()];
        Digest::of_parts(parts.into_iter().map(Option::unwrap_or_default)).short(16)
    }

    /// Whether it goes on from a refresh token.
    pub fn is_refreshing(&self) -> bool {
        self.refresh_token.is_some()
    }
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Grant").field("key", &self.key()).finish_non_exhaustive()
    }
}
