//! Standard output and standard error that nobody reads any more, or on a full disk.

use super::{Bench, CLOSED, FETCH};
use std::fs::File;
use std::process::{Command, ExitStatus, Stdio};

/// A pipe whose reader has gone, as of `| head` once it has seen enough.
fn unread() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

/// A file of a disk without room.
fn full() -> Stdio {
    File::create("/dev/full").unwrap().into()
}

fn code(command: &mut Command) -> Option<i32> {
    command.status().as_ref().ok().and_then(ExitStatus::code)
}

#[test]
fn a_message_that_nobody_can_read_stops_no_work() {
    for gone in [unread, full] {
        let bench = Bench::new();
        bench.fetch(FETCH).exits(0);
        let arguments = ["--verbose", "--now", CLOSED];
        let mut summarize = bench.home.command("summarizer", &arguments);
        assert_eq!(code(summarize.stderr(gone())), Some(0));
        bench.is_settled();
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let bench = Bench::new();
    for (program, about) in [("fetcher", "sources"), ("summarizer", "status")] {
        let mut show = bench.home.command(program, &[about, "--now", FETCH]);
        assert_eq!(code(show.stdout(unread())), Some(0), "{program} {about}");
    }
}

#[test]
fn a_result_that_cannot_be_written_is_told() {
    let bench = Bench::new();
    let mut show = bench.home.command("fetcher", &["sources"]);
    let ran = show.stdout(full()).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(ran.status.code(), Some(2));
    let told = String::from_utf8(ran.stderr).unwrap();
    assert!(told.starts_with("cannot write the result to standard output: No space"), "{told}");
}
