//! Connections: what a client is built of, once, and the clients of one host, which live while
//! somebody asks there. So what stays open is bounded by those who ask, not by all that was asked.

use std::sync::OnceLock;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, pem::PemObject};
use rustls::{ClientConfig, RootCertStore};

use super::guard;
use crate::domain::limits::{HEADER_BYTES, HEADERS};
use crate::domain::retry::Lack;

/// What all clients have in common.
pub struct Links {
    pub user_agent: String,
    pub connect_timeout: Duration,
    /// Certificates (PEM) to trust beside those of the machine.
    pub authorities: Vec<u8>,
    /// Made at the first address that needs it.
    trust: OnceLock<ClientConfig>,
}

/// The clients of one host: by whether it is safe, and whether a private network is out of bounds.
#[derive(Default)]
pub struct Clients([[OnceLock<reqwest::Client>; 2]; 2]);

impl Clients {
    /// The client for such an address of this host.
    pub fn get(&self, links: &Links, safe: bool, guarded: bool) -> Result<&reqwest::Client, Lack> {
        let [open, by_tls] = &self.0;
        let [plain, guard] = if safe { by_tls } else { open };
        let place = if guarded { guard } else { plain };
        if let Some(client) = place.get() {
            return Ok(client);
        }
        let client = links.build(safe, guarded)?;
        Ok(place.get_or_init(|| client))
    }
}

impl Links {
    pub fn new(user_agent: &str, connect_timeout: Duration, authorities: Vec<u8>) -> Links {
        // Fails when one is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let user_agent = user_agent.to_string();
        Links { user_agent, connect_timeout, authorities, trust: OnceLock::new() }
    }

    fn build(&self, safe: bool, guarded: bool) -> Result<reqwest::Client, Lack> {
        // A plain connection trusts nobody, and reads no certificates of this machine for it.
        let trust = if safe { self.trust()?.clone() } else { config(RootCertStore::empty()) };
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
    fn trust(&self) -> Result<&ClientConfig, Lack> {
        if let Some(trust) = self.trust.get() {
            return Ok(trust);
        }
        let roots = roots(&self.authorities)?;
        Ok(self.trust.get_or_init(|| config(roots)))
    }
}

/// The authorities of this machine, and the given ones (PEM).
pub fn roots(authorities: &[u8]) -> Result<RootCertStore, Lack> {
    let mut roots = RootCertStore::empty();
    for given in CertificateDer::pem_slice_iter(authorities) {
        let given = given.map_err(|error| Lack::Other(error.to_string()))?;
        roots.add(given).map_err(|error| Lack::Other(error.to_string()))?;
    }
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        let why = found.errors.first().map(|error| format!(": {error}")).unwrap_or_default();
        return Err(Lack::Other(format!("it has no CA certificates that can be read{why}")));
    }
    Ok(roots)
}

fn config(roots: RootCertStore) -> ClientConfig {
    let builder = ClientConfig::builder().with_root_certificates(roots);
    let mut config = builder.with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config
}
