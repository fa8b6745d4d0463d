//! The way of each request: by the door of the run, within its bounds and its budget.

use super::budget::Budget;
use crate::domain::request::{Request, Response};
use crate::domain::retry::Failure;
use crate::edge::http::{Bounds, Client};
use std::sync::Arc;

/// Who goes it.
#[derive(Clone)]
pub struct Way {
    pub client: Arc<Client>,
    pub bounds: Bounds,
    pub budget: Arc<Budget>,
}

impl Way {
    /// Asks, where host and quotas bear it.
    ///
    /// # Errors
    ///
    /// No whole answer came, or it must wait.
    pub async fn fetch(&self, request: &Request) -> Result<Response, Failure> {
        let toll = || self.budget.take(request);
        let came = self.client.fetch_for(request, &self.bounds, &toll).await;
        if !matches!(came, Err(Failure::Waits { .. })) {
            self.budget.heard(request, &came);
        }
        came
    }
}
