//! The one integration test binary; a module for each subject.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a test that cannot go on fails"
)]

mod backfill;
mod backup;
mod bad_input;
mod budgets;
mod canary;
mod cases;
mod circles;
mod containers;
mod copies;
mod corridor;
mod crash;
mod cron;
mod damage;
mod dashboard;
mod declared;
mod docs;
mod doctor;
mod doors;
mod drift;
mod export;
mod extremes;
mod fixture;
mod foreign;
mod france_travail;
mod given;
mod guide;
mod homes;
mod html;
mod http;
mod identity;
mod init;
mod late;
mod later;
mod learnt;
mod limits;
mod lost;
mod malformed;
mod model;
mod modes;
mod night;
mod pages;
mod past;
mod pdf;
mod pings;
mod poller;
mod postgres;
mod readers;
mod recording;
mod recount;
mod refused;
mod report;
mod requests;
mod robots;
mod sandbox;
mod schema;
mod scripts;
mod seaweed;
mod served;
mod server;
mod share;
mod silence;
mod sources;
mod splits;
mod store;
mod tidy;
mod timers;
mod windows;
mod withdrawals;
mod work;
