//! A request as it is declared, filled in: address, headers, body, and who asks.

use crate::domain::extract::Plan;
use crate::domain::grant::Grant;
use crate::domain::oauth::basic;
use crate::domain::request::{Caps, Request, Spent};
use crate::domain::secret::Secrets;
use crate::domain::settings;
use crate::domain::source::{Auth, OAuth, Range, Source};
use crate::domain::template::{Filling, Template};
use crate::domain::time::Instant;
use crate::domain::walk::link::with;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a request is made of.
pub struct Composer<'a> {
    pub settings: &'a settings::Fetcher,
    pub secrets: &'a Secrets,
    pub source: &'a Source,
    /// Those of the loop's item.
    pub columns: &'a BTreeMap<String, String>,
    /// Start of the slot that it is asked for.
    pub slot: Instant,
    /// From when to when, where not by the slot.
    pub window: Option<(Instant, Instant)>,
}

impl Composer<'_> {
    /// The request.
    ///
    /// # Errors
    ///
    /// What is missing, with a hint: a secret, as a rule.
    pub fn request(&self) -> Result<Request, String> {
        let fetch = &self.source.fetch;
        let mut request = Request::new(self.filled(&fetch.url, encoded)?);
        for (name, template) in &fetch.params {
            request.url = with(&request.url, name, &self.plain(template)?)?;
        }
        for (name, template) in &fetch.headers {
            let pair = (name.clone(), self.plain(template)?);
            match template.secrets().next() {
                Some(_) => request.credentials.push(pair),
                None => request.headers.push(pair),
            }
        }
        let body = fetch.payload.as_ref().map(|payload| payload.fill(&self.filling()));
        request.body = body.transpose().map_err(hinted)?;
        request.robots = fetch.robots;
        let own = self.source.name.as_str();
        request.quotas = fetch.quotas.iter().map(|quota| quota.of(own)).collect();
        request.secrets = self.told();
        self.prove(&mut request)?;
        request.gzip_padding = fetch.gzip_padding;
        request.caps = Caps {
            front: false,
            wire_bytes: fetch.max_bytes,
            plain_bytes: fetch.max_bytes,
            redirects: self.settings.redirects,
            timeout: fetch.timeout,
            retries: self.settings.retries,
        };
        Ok(request)
    }

    fn filling(&self) -> Filling<'_> {
        let ends = |range: Range| match self.window {
            Some((from, to)) => range.around(from, to),
            None => range.ends(self.slot),
        };
        let range = self.source.fetch.range.map(ends);
        Filling { columns: self.columns, secrets: self.secrets, range }
    }

    fn filled(&self, template: &Template, encode: fn(&str) -> String) -> Result<String, String> {
        template.fill(&self.filling(), encode).map_err(hinted)
    }

    fn plain(&self, template: &Template) -> Result<String, String> {
        self.filled(template, str::to_string)
    }

    /// The secrets that the requests of a source carry.
    fn told(&self) -> Vec<String> {
        let names = self.source.secrets();
        names.filter_map(|name| Some(self.secrets.get(name)?.expose().to_string())).collect()
    }

    /// Puts in who asks.
    fn prove(&self, request: &mut Request) -> Result<(), String> {
        match &self.source.fetch.auth {
            None => {}
            Some(Auth::Basic { username, password }) => {
                let (username, password) = (self.plain(username)?, self.plain(password)?);
                request.credentials.push(basic(&username, &password));
            }
            Some(Auth::Bearer { token }) => {
                let value = format!("Bearer {}", self.plain(token)?);
                request.credentials.push(("Authorization".into(), value));
            }
            Some(Auth::ApiKey { name, key, in_query: false }) => {
                request.credentials.push((name.clone(), self.plain(key)?));
            }
            Some(Auth::ApiKey { name, key, in_query: true }) => {
                request.url = with(&request.url, name, &self.plain(key)?)?;
            }
            Some(Auth::OAuth(oauth)) => {
                request.grant = Some(Arc::new(self.grant(oauth)?));
                request.spent = spent(self.source, oauth);
            }
        }
        Ok(())
    }

    fn grant(&self, oauth: &OAuth) -> Result<Grant, String> {
        let some = |template: &Option<Template>| -> Result<Option<String>, String> {
            template.as_ref().map(|template| self.plain(template)).transpose()
        };
        let pair = |(name, template): &(String, Template)| -> Result<_, String> {
            Ok((name.clone(), self.plain(template)?))
        };
        Ok(Grant {
            url: self.plain(&oauth.url)?,
            client_id: self.plain(&oauth.client_id)?,
            client_secret: some(&oauth.client_secret)?,
            refresh_token: some(&oauth.refresh_token)?,
            scope: oauth.scope.clone(),
            data: oauth.data.iter().map(pair).collect::<Result<_, _>>()?,
            in_form: oauth.in_form,
            life: oauth.life,
        })
    }
}

/// How its answers say that a token is spent.
fn spent(source: &Source, oauth: &OAuth) -> Spent {
    if oauth.expired.is_empty() {
        return Spent::default();
    }
    let (plan, conditions) = (Plan::new(source), oauth.expired.clone());
    Spent::of(move |body| plan.first_of(body, &conditions).is_some())
}

fn encoded(value: &str) -> String {
    let form: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
    form.replace('+', "%20")
}

fn hinted(why: String) -> String {
    let hint = "write NAME = \"...\" into secrets.toml in the home, readable by you alone";
    if why.starts_with("the secret") { format!("{why}\nhint: {hint}") } else { why }
}
