//! Of the connections of a source: whom they trust, and as whom they come.
//!
//! Invariant: none of it is ever shown or compared, and it stays with the declared origin.

use std::sync::Arc;

/// Texts of PEM that can be used as they are.
pub struct Pem {
    /// Who may sign the certificates of servers, in place of those whom the machine trusts.
    pub authorities: Option<Vec<u8>>,
    pub own: Option<Own>,
}

/// A certificate with those that lead to its authority, and its key.
pub struct Own {
    pub chain: Vec<u8>,
    pub key: Vec<u8>,
}

/// What a request brings along of it, if anything; it takes no part in what is compared.
#[derive(Clone, Default)]
pub struct Identity(Option<Arc<Pem>>);

impl Identity {
    pub fn of(pem: Pem) -> Identity {
        Identity(Some(Arc::new(pem)))
    }

    pub fn pem(&self) -> Option<&Arc<Pem>> {
        self.0.as_ref()
    }
}

impl PartialEq for Identity {
    fn eq(&self, _: &Identity) -> bool {
        true
    }
}

impl Eq for Identity {}
