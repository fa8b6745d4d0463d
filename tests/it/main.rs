//! The one integration test binary; a module for each subject.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot go on fails"
)]

mod bad_input;
mod cases;
mod docs;
mod http;
mod sandbox;
mod server;
mod store;
mod tidy;
