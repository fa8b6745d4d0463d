//! The way of each request: by the door of the run, within its bounds and its budget.

use super::budget::Budget;
use super::robots::{Came, Rules};
use crate::domain::request::{Request, Response};
use crate::domain::retry::Failure;
use crate::edge::http::{Bounds, Client, Comes, Leave, Toll};
use std::sync::Arc;
use url::Url;

/// Who goes it.
#[derive(Clone)]
pub struct Way {
    pub client: Arc<Client>,
    pub bounds: Bounds,
    pub budget: Arc<Budget>,
    pub rules: Arc<Rules>,
}

/// What stands in the way of one request.
struct Gates<'w>(&'w Way, &'w Request);

impl Toll for Gates<'_> {
    fn may<'t>(&'t self, url: &'t Url, comes: Comes) -> Leave<'t> {
        let Gates(way, request) = *self;
        let fetch = move |request: Request| -> Came<'t> {
            let request = Request { led: comes == Comes::Led, ..request };
            Box::pin(async move { way.fetch(&request).await })
        };
        Box::pin(async move {
            match request.robots {
                true => way.rules.may(request, url, &fetch).await,
                false => Ok(()),
            }
        })
    }

    fn pay(&self) -> Result<(), Failure> {
        self.0.budget.take(self.1)
    }

    fn led(&self, url: &Url) -> Result<(), Failure> {
        self.0.budget.led(self.1, url)
    }
}

impl Way {
    /// Asks, where its robots.txt allows it, and host and quotas bear it.
    ///
    /// # Errors
    ///
    /// No whole answer came, or it must wait.
    pub async fn fetch(&self, request: &Request) -> Result<Response, Failure> {
        let came = self.client.fetch_for(request, &self.bounds, &Gates(self, request)).await;
        if !matches!(came, Err(Failure::Waits { .. })) {
            self.budget.heard(request, &came);
        }
        came
    }
}
