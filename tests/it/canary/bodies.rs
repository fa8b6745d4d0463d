//! A good answer that repeats the key of its request in its body, once for each way in which words
//! tell of an answer: the body stays as it came, and the words say nothing of the key.

use super::{CLOSED, FETCH, NIGHT, found};
use crate::declared::declared;
use crate::sandbox::{Kind, Sandbox};
use crate::server::{Answer, Server};
use std::os::unix::fs::PermissionsExt;

const KEY: &str = "plainSECRETkey12345";

/// So many letters of a key say something of it.
const TELLING: usize = 6;

const ITEMS: &str = "[samples]\nat = \"a[*]\"\nseries = \"id\"\n[fields.v]\npath = \"v\"\n";

fn home_of(server: &Server, key: &str, form: &str, items: &str) -> Sandbox {
    let home = Sandbox::new(Kind::Sqlite);
    home.settings("[summarizer]\narchive = \"archive\"\n");
    home.source("x", &declared(form, &server.url("/x?k={secret:key}"), "1m", items));
    let file = home.path("secrets.toml");
    std::fs::write(&file, format!("key = '''{key}'''\n")).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    home
}

/// All that the programs say of the answer, with the reason beside it.
fn said_of(home: &Sandbox) -> String {
    let commands: [(&str, &[&str]); 10] = [
        ("fetcher", &["--now", FETCH, "--verbose"]),
        ("fetcher", &["try", "x", "--now", FETCH]),
        ("fetcher", &["try", "x", "--json", "--now", FETCH]),
        ("fetcher", &["explain", "x", "--now", FETCH]),
        ("summarizer", &["--now", CLOSED, "--verbose"]),
        ("summarizer", &["replay", "--now", CLOSED, "--verbose"]),
        ("summarizer", &["recount", "--from", "2026-11-21", "--to", "2026-11-21"]),
        ("summarizer", &["status", "--json", "--now", CLOSED]),
        ("summarizer", &["audit", "--now", CLOSED]),
        ("analyzer", &["report", "--date", "2026-11-21", "--now", NIGHT]),
    ];
    let ran = commands.map(|(program, arguments)| home.run(program, arguments).about);
    ran.concat() + &reasons(home)
}

fn reasons(home: &Sandbox) -> String {
    let names = home.files("data/quarantine");
    let names = names.iter().filter(|name| name.ends_with(".reason"));
    let read = |name| std::fs::read_to_string(home.path("data/quarantine").join(name)).unwrap();
    names.map(read).collect()
}

#[track_caller]
fn check_with(key: &str, (form, items): (&str, &str), body: &str, told: &[&str]) {
    let server = Server::start();
    server.on("/x", Answer::ok(body));
    let home = home_of(&server, key, form, items);
    let said = said_of(&home);
    for words in told {
        assert!(reasons(&home).contains(words), "{words:?} is not in the reason\n{said}");
    }
    std::fs::write(home.path("said.txt"), &said).unwrap();
    if let Err(places) = found(&home) {
        panic!("{places}\n{said}");
    }
    let letters: Vec<char> = key.chars().collect();
    for part in letters.windows(TELLING) {
        let part: String = part.iter().collect();
        assert!(!said.contains(&part), "{part}\n{said}");
    }
    // What was fetched is there as it came.
    let waits = home.files("data/quarantine");
    let raw = waits.iter().find(|name| name.ends_with(form)).unwrap();
    let raw = std::fs::read(home.path("data/quarantine").join(raw)).unwrap();
    assert_eq!(String::from_utf8_lossy(&raw), body);
}

#[track_caller]
fn check(body: &str, told: &[&str]) {
    check_with(KEY, ("json", ITEMS), body, told);
}

#[test]
fn a_text_that_begins_with_the_key_is_told_without_it() {
    check(&format!("{KEY} is a bad key"), &["it is not JSON: it begins with \"***"]);
}

#[test]
fn a_value_and_a_series_that_are_the_key_are_told_without_it() {
    let twenty = KEY.repeat(20);
    let body = format!(
        r#"{{"a":[{{"id":"x","v":"{KEY}"}},{{"id":"{twenty}","v":1}},{{"id":["{KEY}"],"v":1}}]}}"#
    );
    let told = ["item 0: v: \"***\" cannot be read at v", "item 1: the series \"***"];
    check(&body, &told);
}

#[test]
fn an_object_with_the_key_as_a_key_is_told_without_it() {
    let body = format!(r#"{{"error":"{KEY}","{KEY}":1}}"#);
    check(&body, &["with the keys error, ***"]);
}

#[test]
fn a_key_across_a_cut_is_told_without_its_beginning() {
    for before in [1, 12, 28, 33] {
        let text = format!("{}{KEY}", "w ".repeat(before).split_off(before));
        let body = format!(r#"{{"a":[{{"id":"x","v":"{text}"}},{{"id":"y","v":"-{text}"}}]}}"#);
        check(&body, &["***"]);
    }
    // A name is cut at another place, and so is a word that is no JSON.
    for before in [70, 90] {
        let name = format!("{}{KEY}", ".".repeat(before));
        check(&format!(r#"{{"{name}":1}}"#), &["***"]);
    }
    check(&format!("{}{KEY}", "w".repeat(30)), &["***"]);
}

#[test]
fn a_key_as_base64_in_a_name_of_xml_is_told_without_it() {
    // Of "me:" and the key.
    let name = "bWU6cGxhaW5TRUNSRVRrZXkxMjM0NQ";
    let items = "[samples]\nat = \"r.a[*]\"\nseries = \"@id\"\n[fields.v]\npath = \"@v\"\n";
    let body = format!("<r><a k{name}=\"1\" v=\"1\"/><a id=\"{KEY}\" v=\"{KEY}\"/></r>");
    check_with(KEY, ("xml", items), &body, &["***"]);
    let torn = format!("<r><{KEY}></r>");
    check_with(KEY, ("xml", items), &torn, &["***"]);
}

#[test]
fn a_key_that_a_form_takes_apart_is_told_without_its_parts() {
    let key = "firstpart,secondpart thirdpart";
    let items = "[samples]\nat = \"@\"\nseries = \"id\"\n[fields.v]\npath = \"v\"\n";
    check_with(key, ("csv", items), &format!("{key}\n1,2\n"), &["there is ***"]);
    check_with(key, ("csv", items), &format!("id,v,w\nx,{key}\n"), &["v: \"***\" cannot"]);
    check_with(key, ("json", ITEMS), &format!("{key}: no"), &["begins with \"***"]);
}

#[test]
fn without_secrets_the_words_are_whole_and_nothing_fails() {
    let body = format!(r#"{{"a":[{{"id":"x","v":"{KEY}"}}]}}"#);
    for kind in ["none", "faulty", "closed", "pipe"] {
        let server = Server::start();
        server.on("/x", Answer::ok(body.as_str()));
        let home = home_of(&server, "another-key", "json", ITEMS);
        home.run("fetcher", &["--now", FETCH]).exits(0);
        let file = home.path("secrets.toml");
        match kind {
            "faulty" => std::fs::write(&file, "key = \"\nx").unwrap(),
            "closed" => {
                std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o000)).unwrap();
            }
            _ => std::fs::remove_file(&file).unwrap(),
        }
        if kind == "pipe" {
            rustix::fs::mkfifoat(rustix::fs::CWD, &file, rustix::fs::Mode::RUSR).unwrap();
        }
        home.run("summarizer", &["--now", CLOSED]).exits(1).says("could not be read");
        home.run("summarizer", &["status", "--now", CLOSED]).exits(0);
        let told = reasons(&home);
        assert!(told.contains(&format!("v: \"{KEY}\" cannot be read at v")), "{kind}: {told}");
    }
}
