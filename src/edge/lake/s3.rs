//! A bucket of S3, or of a server that speaks as it does.

use super::fault::fault;
use super::watched::{Connector, Said};
use super::{Fault, Head, Keys, Over};
use crate::domain::bucket::{self, Bucket, Encryption};
use futures_util::TryStreamExt;
use object_store::aws::{AmazonS3, AmazonS3Builder, Checksum};
use object_store::path::Path;
use object_store::{
    Attribute, Attributes, BackoffConfig, Certificate, ClientOptions, GetOptions, ObjectStore,
    ObjectStoreExt, PutMode, PutOptions, RetryConfig,
};
use std::time::Duration;
use tokio::runtime::Runtime;
use url::{Host, Url};

type Done<T> = Result<T, Fault>;

/// How long a connection may take to be made, a whole answer, and an operation with its tries.
const CONNECT: Duration = Duration::from_secs(5);
const ANSWER: Duration = Duration::from_secs(120);
const OPERATION: Duration = Duration::from_secs(300);

pub struct Server {
    runtime: Runtime,
    store: AmazonS3,
}

impl Server {
    pub fn new(
        bucket: &Bucket,
        server: &bucket::Server,
        keys: &Keys,
    ) -> Result<Server, (String, &'static str)> {
        // Fails when one is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut options = ClientOptions::new().with_connect_timeout(CONNECT).with_timeout(ANSWER);
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&bucket.name)
            .with_region(&server.region)
            .with_access_key_id(keys.id.expose())
            .with_secret_access_key(keys.key.expose())
            .with_retry(retry())
            .with_checksum_algorithm(Checksum::SHA256)
            .with_disable_bulk_delete(true)
            .with_http_connector(Connector);
        if let Some(endpoint) = &server.endpoint {
            let plain = is_plain(endpoint)?;
            options = options.with_allow_http(plain);
            builder = builder.with_endpoint(endpoint.trim_end_matches('/'));
        }
        if let Some(file) = &server.authorities {
            for one in authorities(file)? {
                options = options.with_root_certificate(one);
            }
        }
        if let Some(token) = &keys.token {
            builder = builder.with_token(token.expose());
        }
        builder = match &server.encryption {
            Encryption::Any => builder,
            Encryption::Key(key) => builder.with_sse_kms_encryption(key),
            Encryption::Own => {
                let key = "aws_server_side_encryption".parse();
                let key = key.map_err(|error: object_store::Error| (error.to_string(), ""))?;
                builder.with_config(key, "AES256")
            }
        };
        let store = builder.with_client_options(options).build();
        let store = store.map_err(|error| (error.to_string(), ""))?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| (error.to_string(), ""))?;
        Ok(Server { runtime, store })
    }

    fn wait<T>(&self, act: impl Future<Output = object_store::Result<T>>) -> Done<T> {
        self.runtime.block_on(async {
            match tokio::time::timeout(OPERATION, act).await {
                Ok(done) => done.map_err(fault),
                Err(_) => Err(Fault::Away(format!("nothing came in {} s", OPERATION.as_secs()))),
            }
        })
    }

    pub fn put(&self, key: &str, bytes: &[u8], sha256: &str, over: Over) -> Done<()> {
        let mut attributes = Attributes::new();
        attributes.insert(Attribute::Metadata("sha256".into()), sha256.to_string().into());
        let mode = match over {
            Over::Nothing => PutMode::Create,
            Over::Anything => PutMode::Overwrite,
        };
        let options = PutOptions { mode, attributes, ..Default::default() };
        let (at, body) = (at(key)?, bytes.to_vec());
        self.wait(async { self.store.put_opts(&at, body.into(), options).await }).map(drop)
    }

    pub fn head(&self, key: &str) -> Done<Option<Head>> {
        let (at, options) = (at(key)?, GetOptions { head: true, ..Default::default() });
        let found = self.wait(async { there(self.store.get_opts(&at, options).await) })?;
        Ok(found.map(|found| Head {
            bytes: found.meta.size,
            sha256: found
                .attributes
                .get(&Attribute::Metadata("sha256".into()))
                .map(|value| value.as_ref().to_string()),
            encryption: found.extensions.get::<Said>().and_then(|said| said.encryption.clone()),
        }))
    }

    pub fn get(&self, key: &str) -> Done<Option<Vec<u8>>> {
        let at = at(key)?;
        self.wait(async {
            match there(self.store.get(&at).await)? {
                Some(found) => Ok(Some(found.bytes().await?.to_vec())),
                None => Ok(None),
            }
        })
    }

    pub fn list(&self, folder: &str) -> Done<Vec<String>> {
        let at = at(folder)?;
        let found = self.wait(async {
            let prefix = (!folder.is_empty()).then_some(&at);
            self.store.list(prefix).map_ok(|one| one.location.to_string()).try_collect().await
        });
        let mut keys: Vec<String> = found?;
        keys.sort();
        Ok(keys)
    }

    pub fn folders(&self, folder: &str) -> Done<Vec<String>> {
        let at = at(folder)?;
        let found = self.wait(async {
            let prefix = (!folder.is_empty()).then_some(&at);
            self.store.list_with_delimiter(prefix).await
        })?;
        Ok(found.common_prefixes.iter().map(Path::to_string).collect())
    }

    pub fn delete(&self, key: &str) -> Done<()> {
        let at = at(key)?;
        self.wait(async { there(self.store.delete(&at).await).map(drop) })
    }
}

fn at(key: &str) -> Done<Path> {
    let key = key.trim_end_matches('/');
    Path::parse(key).map_err(|error| Fault::Refused(error.to_string(), ""))
}

/// What is not there is no error; a bucket that is not there is one.
fn there<T>(found: object_store::Result<T>) -> object_store::Result<Option<T>> {
    match found {
        Err(object_store::Error::NotFound { source, .. })
            if !source.to_string().contains("NoSuchBucket") =>
        {
            Ok(None)
        }
        other => other.map(Some),
    }
}

fn retry() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(200),
            max_backoff: Duration::from_secs(5),
            base: 2.0,
        },
        max_retries: 3,
        retry_timeout: Duration::from_secs(60),
    }
}

/// Whether an address is one without TLS, which only this machine may have.
fn is_plain(endpoint: &str) -> Result<bool, (String, &'static str)> {
    let url = Url::parse(endpoint);
    let url =
        url.map_err(|why| (format!("{endpoint}: {why}"), "archive.endpoint is an address"))?;
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    match url.scheme() {
        "https" => Ok(false),
        "http" if is_here => Ok(true),
        _ => Err((format!("{endpoint} is not encrypted"), "archive.endpoint = \"https://...\"")),
    }
}

fn authorities(file: &str) -> Result<Vec<Certificate>, (String, &'static str)> {
    let hint = "archive.authorities is a file of certificates in PEM";
    let bytes = std::fs::read(file).map_err(|error| (format!("{file}: {error}"), hint))?;
    match Certificate::from_pem_bundle(&bytes) {
        Ok(found) if found.is_empty() => Err((format!("no certificate stands in {file}"), hint)),
        found => found.map_err(|error| (format!("{file}: {error}"), hint)),
    }
}
