//! Sources that trust authorities of their own and come with a certificate: the real fetcher, and
//! servers that serve nobody else.

use crate::declared::declared;
use crate::sandbox::{Kind, Ran, Sandbox};
use crate::server::tls::{AUTHORITY, CLIENT, CLIENT_KEY, CLIENT_KEY_CLOSED, OTHER_KEY};
use crate::server::{Answer, Server};
use std::os::unix::fs::PermissionsExt;

const ITEMS: &str = "[records]\nat = \"items[*]\"\nid = \"id\"\n[fields.v]\npath = \"v\"\n";
const GOOD: &str = "{\"items\":[{\"id\":\"a\",\"v\":1}]}";
const BOTH: &str = "ca = \"tls/ca.pem\"\ncertificate = \"tls/client.pem\"\n\
                    key = \"tls/client.key\"\n";

fn home() -> Sandbox {
    let home = Sandbox::new(Kind::Sqlite);
    home.settings("");
    std::fs::create_dir(home.path("sources/tls")).unwrap();
    put(&home, "ca.pem", &String::from_utf8_lossy(AUTHORITY), 0o644);
    put(&home, "client.pem", CLIENT, 0o644);
    put(&home, "client.key", CLIENT_KEY, 0o600);
    home
}

fn put(home: &Sandbox, file: &str, text: &str, mode: u32) {
    let path = home.path("sources/tls").join(file);
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
}

fn declare(home: &Sandbox, name: &str, url: &str, tls: &str) {
    let tls = if tls.is_empty() { String::new() } else { format!("[fetch.tls]\n{tls}") };
    home.source(name, &declared("json", url, "10m", &format!("{tls}{ITEMS}")));
}

/// The machine itself trusts nobody whom these servers know.
fn fetch(home: &Sandbox, minute: u32) -> Ran {
    let now = format!("2026-11-24T{}:{:02}:05Z", 10 + minute / 60, minute % 60);
    let arguments = ["--now", &now, "--verbose"];
    let mut command = home.command("fetcher", &arguments);
    let other = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/server/tls/itself.pem");
    command.env("SSL_CERT_FILE", other).env_remove("SSL_CERT_DIR");
    let ran = Ran::of(command.output().unwrap(), "fetcher", &arguments, home);
    let secret = CLIENT_KEY.lines().nth(1).unwrap();
    assert!(!ran.stdout.contains(secret) && !ran.stderr.contains(secret), "{}", ran.about);
    ran
}

fn landed(home: &Sandbox, source: &str) -> usize {
    home.files(&format!("data/{source}")).len()
}

#[test]
fn who_comes_with_a_certificate_is_served_and_nobody_else() {
    let (home, server) = (home(), Server::start_mutual());
    server.on("/a", Answer::ok(GOOD));
    declare(&home, "known", &server.url("/a"), BOTH);
    declare(&home, "nobody", &server.url("/a"), "ca = \"tls/ca.pem\"\n");
    declare(&home, "stranger", &server.url("/a"), "");
    fetch(&home, 0).exits(1).says("stranger").says("was issued by nobody this machine trusts");
    assert_eq!(landed(&home, "known"), 1);
    assert_eq!((landed(&home, "nobody"), landed(&home, "stranger")), (0, 0));
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn certificate_and_key_may_stand_in_one_file() {
    let (home, server) = (home(), Server::start_mutual());
    server.on("/a", Answer::ok(GOOD));
    put(&home, "both.pem", &format!("{CLIENT}{CLIENT_KEY}"), 0o600);
    let tls = "ca = \"tls/ca.pem\"\ncertificate = \"tls/both.pem\"\n";
    declare(&home, "known", &server.url("/a"), tls);
    fetch(&home, 0).exits(0);
    put(&home, "both.pem", &format!("{CLIENT_KEY}{CLIENT}"), 0o600);
    fetch(&home, 20).exits(0);
    put(&home, "both.pem", &format!("{CLIENT}{CLIENT_KEY}"), 0o644);
    fetch(&home, 40).exits(2).says("it holds a key, and others can read it (mode 644)");
    assert_eq!(landed(&home, "known"), 2);
}

#[test]
fn an_own_authority_is_in_place_of_those_of_the_machine() {
    let (home, server) = (home(), Server::start_tls());
    server.on("/a", Answer::ok(GOOD));
    let itself = include_str!("server/tls/itself.pem");
    put(&home, "other.pem", itself, 0o644);
    declare(&home, "other", &server.url("/a"), "ca = \"tls/other.pem\"\n");
    declare(&home, "own", &server.url("/a"), "ca = \"tls/ca.pem\"\n");
    fetch(&home, 0).exits(1);
    assert_eq!((landed(&home, "own"), landed(&home, "other")), (1, 0));
    assert_eq!(server.seen().len(), 1);
}

/// Neither the certificate nor the authority goes along to another origin.
#[test]
fn a_redirect_elsewhere_is_followed_as_nobody() {
    let (home, server, other) = (home(), Server::start_mutual(), Server::start_mutual());
    server.on("/a", Answer::redirect(302, &other.url("/b")));
    server.on("/home", Answer::redirect(302, "/c")).on("/c", Answer::ok(GOOD));
    other.on("/b", Answer::ok(GOOD));
    declare(&home, "astray", &server.url("/a"), BOTH);
    declare(&home, "home", &server.url("/home"), BOTH);
    fetch(&home, 0).exits(1).says("was issued by nobody this machine trusts");
    assert!(other.seen().is_empty());
    assert_eq!((landed(&home, "home"), landed(&home, "astray")), (1, 0));
}

#[test]
fn files_that_cannot_be_used_are_named_with_what_is_wrong() {
    let (home, server) = (home(), Server::start_mutual());
    server.on("/a", Answer::ok(GOOD));
    declare(&home, "known", &server.url("/a"), BOTH);
    let good = home.run("fetcher", &["check"]).exits(0);
    assert!(good.stdout.contains("known: good"), "{}", good.about);
    let damaged = CLIENT.replacen("MII", "!!!", 1);
    let torn = CLIENT_KEY.replace("-----END", "-----END-");
    let cases: [(&str, &str, u32, &str); 11] = [
        ("client.key", CLIENT_KEY, 0o640, "it holds a key, and others can read it (mode 640)"),
        ("client.key", CLIENT_KEY_CLOSED, 0o600, "the key in it is encrypted"),
        ("client.key", OTHER_KEY, 0o600, "the key in it is not that of the certificate in"),
        ("client.key", CLIENT, 0o600, "there is no key in it"),
        ("client.key", &torn, 0o600, "the key in it is damaged"),
        ("client.key", "", 0o600, "there is no key in it"),
        ("client.pem", CLIENT_KEY, 0o644, "there is no certificate in it"),
        ("client.pem", &damaged, 0o644, "a certificate in it is damaged"),
        ("ca.pem", "", 0o644, "there is no certificate in it"),
        ("ca.pem", &damaged, 0o644, "a certificate in it is damaged"),
        (
            "ca.pem",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            0o644,
            "certificate 1 in it can vouch for nobody",
        ),
    ];
    for (place, (file, text, mode, why)) in (0..).zip(cases) {
        let before = std::fs::read_to_string(home.path("sources/tls").join(file)).unwrap();
        put(&home, file, text, mode);
        home.run("fetcher", &["check"]).exits(2).says(&format!("tls/{file}")).says(why);
        fetch(&home, 20 * place).exits(2).says(&format!("tls/{file}")).says(why);
        put(&home, file, &before, if file == "client.key" { 0o600 } else { 0o644 });
    }
    std::fs::remove_file(home.path("sources/tls/client.key")).unwrap();
    home.run("fetcher", &["check"]).exits(2).says("tls/client.key").says("cannot be read");
    assert!(server.seen().is_empty());
    assert_eq!(landed(&home, "known"), 0);
}

#[test]
fn no_key_is_in_a_backup() {
    let (home, server) = (home(), Server::start_mutual());
    server.on("/a", Answer::ok(GOOD));
    declare(&home, "known", &server.url("/a"), BOTH);
    fetch(&home, 0).exits(0);
    let place = crate::sandbox::temporary();
    let to = place.path().join("copy");
    let said = home.run("summarizer", &["backup", to.to_str().unwrap(), "--verbose"]).exits(0);
    let said = said.says("sources/tls/client.key: keep it elsewhere");
    assert!(to.join("home/sources/tls/client.pem").exists(), "{}", said.about);
    assert!(!to.join("home/sources/tls/client.key").exists(), "{}", said.about);
}
