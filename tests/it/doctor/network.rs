//! What can be wrong between this machine and the hosts.

use super::{Ward, at, is_told, source};
use crate::server::{Answer, Hold, Server};
use chrono::{TimeDelta, Utc};
use std::time::{Duration, Instant};

#[test]
fn without_a_contact_nobody_is_asked() {
    let ward = Ward::new();
    std::fs::write(ward.home.path("daybook.toml"), "").unwrap();
    ward.is_told(&[], "contact", "no contact is set", "write contact");
    assert_eq!(ward.server.seen().len(), 0);
}

#[test]
fn a_name_that_nobody_knows_is_told_apart_from_a_server_that_is_down() {
    let ward = Ward::new();
    ward.home.source("lost", &source("http://no-such-host.invalid/a", ""));
    ward.home.source("down", &source(&format!("{}/a", Server::refused()), ""));
    ward.is_told(&[], "dns", "no address is known for no-such-host.invalid", "is the name right");
    ward.is_told(&[], "hosts", "the connection was refused", "nothing listens there");
    ward.is_well(&[], "clock");
}

#[test]
fn who_does_not_answer_is_not_waited_for() {
    let (ward, hold) = (Ward::new(), Hold::default());
    let silent = Server::start();
    silent.on("/", Answer::ok("").held(&hold));
    ward.home.source("silent", &source(&silent.url("/a"), ""));
    let started = Instant::now();
    ward.is_told(&[], "hosts", "no answer within", "firewall");
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
    hold.release();
}

#[test]
fn connections_that_are_not_safe_are_told_with_whom_to_trust() {
    let (ward, safe) = (Ward::new(), Server::start_tls());
    safe.on("/", at(Utc::now()));
    ward.home.source("safe", &source(&safe.url("/a"), ""));
    let authority = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/server/tls/authority.pem");
    let other = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/server/tls/itself.pem");
    let empty = ward.outside("empty.pem");
    std::fs::write(&empty, "").unwrap();
    let trusting = |file: &str| {
        let mut command = ward.command(&["--json"]);
        command.env("SSL_CERT_FILE", file).env_remove("SSL_CERT_DIR");
        ward.examined_by(command)
    };
    is_told(trusting(other), "tls", "was issued by nobody", "CA certificates");
    is_told(trusting(empty.to_str().unwrap()), "tls", "trusts no authority", "ca-certificates");
    let found = super::findings(&trusting(authority), "tls");
    assert!(found.iter().all(|one| one["verdict"] == "well") && found.len() == 2, "{found:?}");
}

#[test]
fn a_clock_that_is_wrong_is_told_and_one_servers_is_not_ours() {
    let ward = Ward::new();
    let off = |minutes: i64| {
        let server = Server::start();
        server.on("/", at(Utc::now() + TimeDelta::minutes(minutes)));
        server
    };
    let others = [off(0), off(90)];
    for (number, server) in others.iter().enumerate() {
        ward.home.source(&format!("other-{number}"), &source(&server.url("/a"), ""));
    }
    ward.is_well(&[], "clock");
    let now = |minutes: i64| {
        let now = Utc::now() + TimeDelta::minutes(minutes);
        now.format("%Y-%m-%dT%H:%M:%SZ").to_string()
    };
    for (minutes, way) in [(10, "ahead of"), (-10, "behind")] {
        ward.is_told(&["--now", &now(minutes)], "clock", way, "timedatectl set-ntp true");
    }
}

/// A cache gives an old `Date`, and says for how long it kept it.
#[test]
fn an_answer_that_a_cache_kept_is_of_its_age() {
    let ward = Ward::new();
    let kept = Server::start();
    kept.on("/", at(Utc::now() - TimeDelta::minutes(50)).header("Age", "3000"));
    ward.home.source("good", &source(&kept.url("/a"), ""));
    ward.is_well(&[], "clock");
}

/// Neither is a host asked that said when to come again.
#[test]
fn whoever_asked_for_patience_is_left_alone() {
    let ward = Ward::new();
    ward.server.on("/limited", Answer::status(429).header("Retry-After", "3600"));
    ward.home.source("good", &source(&ward.server.url("/limited"), ""));
    ward.home.run("fetcher", &["run"]).exits(2);
    let asked = ward.server.seen().len();
    ward.examined(&[]).says("good: left alone until");
    assert_eq!(ward.server.seen().len(), asked);
}

#[test]
fn no_secret_is_sent_or_shown() {
    let ward = Ward::new();
    let secret = "s3cr3t-of-the-home";
    std::fs::write(ward.home.path("secrets.toml"), format!("key = \"{secret}\"\n")).unwrap();
    super::machine::mode(&ward.home.path("secrets.toml"), 0o600);
    let down = Server::refused().replace("http://", "http://u:s3cr3t-login@");
    let url = format!("{}?k={{secret:key}}", ward.server.url("/a"));
    let headers = "headers = { Authorization = \"Bearer {secret:key}\" }";
    ward.home.source("keyed", &source(&url, headers));
    ward.home.source("login", &source(&format!("{down}/a?token=s3cr3t-token"), ""));
    ward.is_well(&[], "secrets");
    for arguments in [&[][..], &["--json"], &["-v"]] {
        let ran = ward.examined(arguments);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(!said.contains("s3cr3t"), "{said}");
    }
    let nobody = Server::refused().replace("http://", "");
    for url in [format!("mongodb://u:s3cr3t-p@{nobody}/d"), "mongodb://u:s3cr3t/@/@".into()] {
        let ran = ward.examined(&["--offline", "--store", &url]).exits(1);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(said.contains("cannot use the store") && !said.contains("s3cr3t"), "{said}");
    }
    let sent = format!("{:?}", ward.server.seen());
    assert!(sent.contains("HEAD") && !sent.contains("s3cr3t"), "{sent}");
}
