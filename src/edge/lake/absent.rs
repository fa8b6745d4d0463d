//! A build without buckets.

use super::{Fault, Head, Keys, Over};
use crate::domain::bucket::{self, Bucket};

type Done<T> = Result<T, Fault>;

/// There is none.
pub enum Server {}

impl Server {
    pub fn new(_: &Bucket, _: &bucket::Server, _: &Keys) -> Result<Server, (String, &'static str)> {
        Err((
            "this build knows no buckets".into(),
            "cargo build --release --features lake makes one that does",
        ))
    }

    pub fn put(&self, _: &str, _: &[u8], _: &str, _: Over) -> Done<()> {
        match *self {}
    }

    pub fn head(&self, _: &str) -> Done<Option<Head>> {
        match *self {}
    }

    pub fn get(&self, _: &str) -> Done<Option<Vec<u8>>> {
        match *self {}
    }

    pub fn list(&self, _: &str) -> Done<Vec<String>> {
        match *self {}
    }

    pub fn folders(&self, _: &str) -> Done<Vec<String>> {
        match *self {}
    }

    pub fn delete(&self, _: &str) -> Done<()> {
        match *self {}
    }
}

pub fn pack(
    _: &mut dyn Iterator<Item = std::io::Result<(String, i64, Vec<u8>)>>,
) -> std::io::Result<Vec<u8>> {
    Err(std::io::ErrorKind::Unsupported.into())
}

pub fn unpack(
    _: &[u8],
    _: u64,
    _: &mut dyn FnMut(&str, &[u8]) -> std::io::Result<()>,
) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}
