//! Whom a PostgreSQL store believes: the authorities of a file, or those of this machine.

use super::url::Target;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::fmt::Display;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

pub(super) fn tls(target: &Target) -> Result<MakeRustlsConnect, String> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let is_needed = target.config.get_ssl_mode() != SslMode::Disable;
    let trusted = match &target.authorities {
        Some(path) => given(path)?,
        None if is_needed => of_this_machine()?,
        None => RootCertStore::empty(),
    };
    let config = ClientConfig::builder().with_root_certificates(trusted).with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn given(path: &str) -> Result<RootCertStore, String> {
    let odd = |why: &dyn Display| format!("cannot use {path}: {why}");
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| odd(&error))? {
        roots.add(certificate.map_err(|error| odd(&error))?).map_err(|error| odd(&error))?;
    }
    if roots.is_empty() { Err(odd(&"no certificate stands in it")) } else { Ok(roots) }
}

fn of_this_machine() -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err("this machine has no CA certificates that can be read".into());
    }
    Ok(roots)
}
