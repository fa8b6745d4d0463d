//! The one integration test binary; a module for each subject.

mod corridor;
mod crash;
mod homes;
mod http;
mod recording;
mod recount;
mod sandbox;
mod served;
mod server;
mod splits;
