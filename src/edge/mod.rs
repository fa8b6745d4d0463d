//! Doors. Each opens one foreign thing: the disk, TOML files, HTTP, a database, PDF. A door may
//! use the domain; none uses another, but for the disk and the bucket, on which the spool stands.

pub mod clock;
pub mod config;
pub mod crontab;
pub mod descriptors;
pub mod disk;
pub mod fonts;
pub mod http;
pub mod lake;
pub mod notice;
pub mod pdf;
pub mod picture;
pub mod signal;
pub mod spool;
pub mod store;
pub mod trial;
pub mod units;
pub mod web;
