//! TLS for the test servers: a certificate for `localhost` and the authority to trust.

use std::net::TcpStream;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};

pub const AUTHORITY: &[u8] = include_bytes!("tls/authority.pem");
const CERTIFICATE: &[u8] = include_bytes!("tls/localhost.pem");
const KEY: &[u8] = include_bytes!("tls/localhost.key.pem");
/// Whom servers ask for who knows its clients.
const CLIENTS: &[u8] = include_bytes!("tls/clients.pem");
pub const CLIENT: &str = include_str!("tls/client.pem");
pub const CLIENT_KEY: &str = include_str!("tls/client.key.pem");
/// The same under a passphrase.
pub const CLIENT_KEY_CLOSED: &str = include_str!("tls/client.encrypted.pem");
/// A key of somebody else.
pub const OTHER_KEY: &str = include_str!("tls/itself.key.pem");
const ITSELF: &[u8] = include_bytes!("tls/itself.pem");
const ITSELF_KEY: &[u8] = include_bytes!("tls/itself.key.pem");

/// A server's side that offers these protocols.
pub fn config(protocols: &[&[u8]]) -> Arc<ServerConfig> {
    with(CERTIFICATE, KEY, protocols)
}

/// A server's side that serves none but clients of one authority.
pub fn mutual() -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(CLIENTS).unwrap()).unwrap();
    let clients = WebPkiClientVerifier::builder_with_provider(roots.into(), provider.clone());
    let builder = ServerConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    let builder = builder.with_client_cert_verifier(clients.build().unwrap());
    let key = PrivateKeyDer::from_pem_slice(KEY).unwrap();
    let certificate = CertificateDer::from_pem_slice(CERTIFICATE).unwrap();
    Arc::new(builder.with_single_cert(vec![certificate], key).unwrap())
}

/// A server's side whose certificate is signed by itself.
pub fn signed_by_itself() -> Arc<ServerConfig> {
    with(ITSELF, ITSELF_KEY, &[])
}

fn with(certificate: &[u8], key: &[u8], protocols: &[&[u8]]) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let certificate = CertificateDer::from_pem_slice(certificate).unwrap();
    let key = PrivateKeyDer::from_pem_slice(key).unwrap();
    let builder = ServerConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let mut config = builder.with_single_cert(vec![certificate], key).unwrap();
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    Arc::new(config)
}

pub fn accept(
    config: Arc<ServerConfig>,
    stream: TcpStream,
) -> StreamOwned<ServerConnection, TcpStream> {
    StreamOwned::new(ServerConnection::new(config).unwrap(), stream)
}
