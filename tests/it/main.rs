//! The one integration test binary; a module for each subject.

mod http;
mod sandbox;
mod server;
