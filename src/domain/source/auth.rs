//! How a request proves who asks, as declared.

use super::items::Filter;
use crate::domain::template::Template;
use std::time::Duration;

/// Credentials; their secrets stand in templates, by name.
#[derive(Clone, Debug)]
pub enum Auth {
    /// RFC 7617.
    Basic { username: Template, password: Template },
    /// RFC 6750.
    Bearer { token: Template },
    /// In a header, or in the query.
    ApiKey { name: String, key: Template, in_query: bool },
    /// RFC 6749.
    OAuth(Box<OAuth>),
}

/// Where a token comes from: client credentials (RFC 6749, section 4.4), or a refresh token
/// (section 6).
#[derive(Clone, Debug)]
pub struct OAuth {
    /// Where it is asked for.
    pub url: Template,
    pub client_id: Template,
    pub client_secret: Option<Template>,
    pub refresh_token: Option<Template>,
    pub scope: Option<String>,
    /// Further pairs of the form that asks for a token.
    pub data: Vec<(String, Template)>,
    /// Client id and secret stand in the form, not in a header.
    pub in_form: bool,
    /// How long a token lives that does not say it.
    pub life: Duration,
    /// Conditions that tell of an answer, by paths from its top, that the token is spent.
    pub expired: Vec<Filter>,
}

impl Auth {
    /// The word by which it is declared.
    pub fn word(&self) -> &'static str {
        match self {
            Auth::Basic { .. } => "http_basic",
            Auth::Bearer { .. } => "bearer",
            Auth::ApiKey { .. } => "api_key",
            Auth::OAuth(oauth) if oauth.refresh_token.is_some() => "oauth2_refresh_token",
            Auth::OAuth(_) => "oauth2_client_credentials",
        }
    }

    pub fn templates(&self) -> Vec<&Template> {
        match self {
            Auth::Basic { username, password } => vec![username, password],
            Auth::Bearer { token } => vec![token],
            Auth::ApiKey { key, .. } => vec![key],
            Auth::OAuth(oauth) => {
                let OAuth { url, client_id, client_secret, refresh_token, data, .. } = &**oauth;
                let own = [url, client_id].into_iter().chain(client_secret).chain(refresh_token);
                own.chain(data.iter().map(|(_, template)| template)).collect()
            }
        }
    }

    pub fn oauth(&self) -> Option<&OAuth> {
        match self {
            Auth::OAuth(oauth) => Some(oauth),
            _ => None,
        }
    }
}
