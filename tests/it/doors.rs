//! What needs a server that `make test` does not start: `make test-doors` runs these.

mod faults;
mod lake;
mod odd;
mod proxy;
mod tls;
mod warehouse;
