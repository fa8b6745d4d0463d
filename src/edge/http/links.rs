//! Connections: what a client is built of, once, and the clients of one host, which live while
//! somebody asks there. So what stays open is bounded by those who ask, not by all that was asked.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use rustls::{ClientConfig, RootCertStore};

use super::guard;
use crate::domain::limits::{HEADER_BYTES, HEADERS};
use crate::domain::retry::Lack;
use crate::domain::tls::{Own, Pem};

/// What all clients have in common.
pub struct Links {
    pub user_agent: String,
    pub connect_timeout: Duration,
    /// Certificates (PEM) to trust beside those of the machine.
    pub authorities: Vec<u8>,
    /// Made at the first address that needs it.
    roots: OnceLock<Arc<RootCertStore>>,
}

/// The clients of one host: by whether it is safe, and whether a private network is out of bounds;
/// and those of sources that come as somebody or trust others, each with connections of its own.
#[derive(Default)]
pub struct Clients {
    common: [[OnceLock<reqwest::Client>; 2]; 2],
    own: Mutex<Vec<(Arc<Pem>, reqwest::Client)>>,
}

impl Clients {
    /// The client for such an address of this host.
    pub fn get(&self, links: &Links, safe: bool, guarded: bool) -> Result<reqwest::Client, Lack> {
        let [open, by_tls] = &self.common;
        let [plain, guard] = if safe { by_tls } else { open };
        let place = if guarded { guard } else { plain };
        if let Some(client) = place.get() {
            return Ok(client.clone());
        }
        let client = links.build(safe, guarded, None)?;
        Ok(place.get_or_init(|| client).clone())
    }

    /// The client of a source for a safe address of this host that it declares.
    pub fn get_own(&self, links: &Links, pem: &Arc<Pem>) -> Result<reqwest::Client, Lack> {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, client)) = own.iter().find(|(known, _)| Arc::ptr_eq(known, pem)) {
            return Ok(client.clone());
        }
        let client = links.build(true, false, Some(pem))?;
        own.push((pem.clone(), client.clone()));
        Ok(client)
    }
}

impl Links {
    pub fn new(user_agent: &str, connect_timeout: Duration, authorities: Vec<u8>) -> Links {
        // Fails when one is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let user_agent = user_agent.to_string();
        Links { user_agent, connect_timeout, authorities, roots: OnceLock::new() }
    }

    fn build(&self, safe: bool, guarded: bool, pem: Option<&Pem>) -> Result<reqwest::Client, Lack> {
        let trust = match (safe, pem) {
            // A plain connection trusts nobody, and reads no certificates of this machine for it.
            (false, _) => config(RootCertStore::empty().into(), None)?,
            (true, None) => config(self.roots()?, None)?,
            (true, Some(Pem { authorities, own })) => {
                let given = |pem: &Vec<u8>| add(RootCertStore::empty(), pem).map(Arc::new);
                let roots = authorities.as_ref().map(given);
                config(roots.unwrap_or_else(|| self.roots())?, own.as_ref())?
            }
        };
        reqwest::Client::builder()
            .user_agent(&self.user_agent)
            .tls_backend_preconfigured(trust)
            .dns_resolver(guard::Resolver { guarded })
            .connect_timeout(self.connect_timeout)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .http2_max_header_list_size(HEADER_BYTES)
            // Untidy heads are read as browsers and curl read them: a bad line says nothing.
            .http1_max_headers(HEADERS)
            .http1_allow_spaces_after_header_name_in_responses(true)
            .http1_allow_obsolete_multiline_headers_in_responses(true)
            .http1_ignore_invalid_headers_in_responses(true)
            .build()
            .map_err(|error| Lack::Other(super::fault::deepest(&error)))
    }

    /// Whom to trust: the certificates of this machine, and the given ones.
    fn roots(&self) -> Result<Arc<RootCertStore>, Lack> {
        if let Some(roots) = self.roots.get() {
            return Ok(roots.clone());
        }
        let roots = roots(&self.authorities)?.into();
        Ok(self.roots.get_or_init(|| roots).clone())
    }
}

/// The authorities of this machine, and the given ones (PEM).
pub fn roots(authorities: &[u8]) -> Result<RootCertStore, Lack> {
    let mut roots = add(RootCertStore::empty(), authorities)?;
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        let why = found.errors.first().map(|error| format!(": {error}")).unwrap_or_default();
        return Err(Lack::Other(format!("it has no CA certificates that can be read{why}")));
    }
    Ok(roots)
}

/// With the authorities in a text of PEM.
fn add(mut roots: RootCertStore, pem: &[u8]) -> Result<RootCertStore, Lack> {
    for given in CertificateDer::pem_slice_iter(pem) {
        roots.add(given.map_err(other)?).map_err(other)?;
    }
    Ok(roots)
}

fn config(roots: Arc<RootCertStore>, own: Option<&Own>) -> Result<ClientConfig, Lack> {
    let builder = ClientConfig::builder().with_root_certificates(roots);
    let mut config = match own {
        None => builder.with_no_client_auth(),
        Some(Own { chain, key }) => {
            let chain = CertificateDer::pem_slice_iter(chain).collect::<Result<_, _>>();
            let key = PrivateKeyDer::from_pem_slice(key).map_err(other)?;
            builder.with_client_auth_cert(chain.map_err(other)?, key).map_err(other)?
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn other(error: impl std::error::Error) -> Lack {
    Lack::Other(error.to_string())
}
