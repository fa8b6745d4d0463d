//! The table `[fetch.tls]`, and the files that it names: whom a source's connections trust, and as
//! whom they come.
//!
//! Invariant: nothing of what stands in these files gets into a fault.

use super::fault::{Fault, Faults};
use super::reader::Table;
use super::values::beside;
use crate::domain::limits::GIVEN_BYTES;
use crate::domain::source::{Client, Tls};
use crate::domain::template::Template;
use crate::domain::tls::{Identity, Own, Pem};
use crate::edge::disk::Given;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys, RootCertStore};
use std::path::{Path, PathBuf};

const ALLOWED: &str = "the path of a PEM file beside the declarations, such as tls/ca.pem";

pub(super) fn tls(fetch: &Table, address: Option<&Template>) -> Option<Tls> {
    let table = fetch.table("tls")?;
    let path = |key| table.may(key, ALLOWED, None, |v| beside(v).map(|path| Some(path.into())));
    let (ca, certificate, key): (Option<PathBuf>, Option<PathBuf>, Option<PathBuf>) =
        (path("ca"), path("certificate"), path("key"));
    table.unknown();
    if table.has("key") && !table.has("certificate") {
        table.missing("certificate", "the one of this key; both may stand in one file");
    }
    if !table.has("ca") && !table.has("certificate") && !table.has("key") {
        table.missing("ca, or certificate", "one of them, or both");
    }
    if address.is_some_and(|address| address.sample().starts_with("http:")) {
        fetch.clash("tls", "it only beside an address that starts with https://");
    }
    let client = certificate.map(|certificate| {
        let key = key.unwrap_or_else(|| certificate.clone());
        Client { certificate, key }
    });
    Some(Tls { ca, client })
}

/// Reads the files that a source names.
///
/// # Errors
///
/// Which file it is, and what is wrong with it.
pub fn identity(tls: &Tls) -> Result<Identity, Faults> {
    let authorities = tls.ca.as_ref().map(|ca| authorities(ca)).transpose()?;
    let own = tls.client.as_ref().map(own).transpose()?;
    Ok(Identity::of(Pem { authorities, own }))
}

fn authorities(path: &Path) -> Result<Vec<u8>, Faults> {
    let text = read(path, false)?;
    let mut roots = RootCertStore::empty();
    for (certificate, place) in certificates(path, &text)?.into_iter().zip(1..) {
        let odd = |_| wrong(path, &format!("certificate {place} in it can vouch for nobody"), "");
        roots.add(certificate).map_err(odd)?;
    }
    Ok(text)
}

fn own(client: &Client) -> Result<Own, Faults> {
    let (path, key_path) = (&client.certificate, &client.key);
    let is_one = path == key_path;
    let chain = read(path, is_one)?;
    let found = certificates(path, &chain)?;
    let key = if is_one { chain.clone() } else { read(key_path, true)? };
    let der = PrivateKeyDer::from_pem_slice(&key).map_err(|_| no_key(key_path, &key))?;
    let provider = rustls::crypto::ring::default_provider();
    match CertifiedKey::from_der(found, der, &provider) {
        Ok(_) => Ok(Own { chain, key }),
        Err(Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => {
            let what =
                format!("the key in it is not that of the certificate in {}", path.display());
            let cure = "the first certificate of that file is to be the one of this key";
            Err(wrong(key_path, &what, cure))
        }
        Err(Error::InvalidCertificate(_)) => {
            Err(wrong(path, "its first certificate is damaged", CERTIFICATE))
        }
        Err(_) => Err(wrong(key_path, "the key in it is of a kind that is not known", KEY)),
    }
}

const CERTIFICATE: &str = "needed: PEM, with lines -----BEGIN CERTIFICATE-----";
const KEY: &str = "needed: PEM, an RSA, ECDSA or Ed25519 key without a passphrase";

/// The text of a file; of one with a key, only if nobody else can read it.
fn read(path: &Path, is_secret: bool) -> Result<Vec<u8>, Faults> {
    let name = path.display().to_string();
    let unread = |error| Faults::one(Fault::unread(&name, "cannot be read", &error));
    let file = Given::open(path).map_err(unread)?;
    if is_secret && file.mode & 0o077 != 0 {
        let what = format!("it holds a key, and others can read it (mode {:03o})", file.mode);
        return Err(wrong(path, &what, &format!("chmod 600 {name}")));
    }
    file.text(path, GIVEN_BYTES).map(String::into_bytes).map_err(unread)
}

fn certificates(path: &Path, text: &[u8]) -> Result<Vec<CertificateDer<'static>>, Faults> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text).collect();
    let found = found.map_err(|_| wrong(path, "a certificate in it is damaged", CERTIFICATE))?;
    if found.is_empty() {
        return Err(wrong(path, "there is no certificate in it", CERTIFICATE));
    }
    Ok(found)
}

/// Why there is no key in a text.
fn no_key(path: &Path, text: &[u8]) -> Faults {
    let is_closed = text.windows(9).any(|part| part == b"ENCRYPTED");
    let begins = text.windows(12).any(|part| part == b"PRIVATE KEY-");
    match (is_closed, begins) {
        (true, _) => {
            let open = "keep it without a passphrase, for this user alone: openssl pkey -in FILE";
            wrong(path, "the key in it is encrypted, and nobody is there who could open it", open)
        }
        (false, true) => wrong(path, "the key in it is damaged", KEY),
        (false, false) => wrong(path, "there is no key in it", KEY),
    }
}

fn wrong(path: &Path, what: &str, allowed: &str) -> Faults {
    Faults::one(Fault::of_file(&path.display().to_string(), what, allowed))
}
