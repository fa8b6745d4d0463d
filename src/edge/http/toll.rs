//! Who is asked before a request is made, and before it goes where a redirect leads.

use super::places::Comes;
use crate::domain::retry::Failure;
use reqwest::Url;
use std::pin::Pin;

/// Who stands in the way of a request: an error is why it is not made.
pub trait Toll: Sync {
    /// Whether an address may be asked, be it by a redirect. No place at a host is held meanwhile.
    fn may<'t>(&'t self, url: &'t Url, comes: Comes) -> Leave<'t>;

    /// What is paid just before a try is made, its redirects included.
    fn pay(&self) -> Result<(), Failure>;

    /// The same just before it goes where a redirect leads.
    fn led(&self, url: &Url) -> Result<(), Failure>;
}

/// What [`Toll::may`] comes to.
pub type Leave<'t> = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send + 't>>;

/// Nobody.
pub struct Free;

impl Toll for Free {
    fn may<'t>(&'t self, _: &'t Url, _: Comes) -> Leave<'t> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn pay(&self) -> Result<(), Failure> {
        Ok(())
    }

    fn led(&self, _: &Url) -> Result<(), Failure> {
        Ok(())
    }
}
