//! TLS for the test servers: a certificate for `localhost` and the authority to trust.

use std::net::TcpStream;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

pub const AUTHORITY: &[u8] = include_bytes!("tls/authority.pem");
const CERTIFICATE: &[u8] = include_bytes!("tls/localhost.pem");
const KEY: &[u8] = include_bytes!("tls/localhost.key.pem");
const ITSELF: &[u8] = include_bytes!("tls/itself.pem");
const ITSELF_KEY: &[u8] = include_bytes!("tls/itself.key.pem");

/// A server's side that offers these protocols.
pub fn config(protocols: &[&[u8]]) -> Arc<ServerConfig> {
    with(CERTIFICATE, KEY, protocols)
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
