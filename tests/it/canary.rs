//! Secrets of several shapes in every place of a request, and a server that echoes each of them in
//! every spelling it can think of: nothing of it is found in any file of the home, message, row or
//! report. `scripts/canary.py` looks, and knows nothing of how the programs hide. What a publisher
//! puts into the body of its answer is kept as it came; words about it are not.

mod bodies;
mod slots;

use std::fmt::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::bad_input::stations;
use crate::declared::declared;
use crate::sandbox::{Kind, Sandbox};
use crate::server::{Answer, Server};

const FETCH: &str = "2026-11-21T10:00:00Z";
const CLOSED: &str = "2026-11-21T11:05:00Z";
const NIGHT: &str = "2026-11-22T00:30:00Z";
const GOOD: &str = r#"{"data":{"stations":[{"id":"a","bikes":3},{"id":"b","bikes":0}]}}"#;

const SECRETS: [(&str, &str); 5] = [
    ("base", "Zm9v/YmF+cg=="),
    ("signs", "hunter 2&x=1\\n%41"),
    ("hex", "deadBEEFcafe0123"),
    ("wide", "p\u{e4}ssw\u{f6}rd"),
    ("short", "k3y!"),
];

/// What servers, frameworks and logs make of a text.
fn spellings(secret: &str) -> Vec<String> {
    let percent = |text: &str| {
        text.bytes().fold(String::new(), |mut out, byte| {
            let _ = write!(out, "%{byte:02X}");
            out
        })
    };
    let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let units = secret.encode_utf16().map(|unit| format!("\\u{unit:04x}"));
    let marks = secret.chars().map(|sign| format!("&#x{:X};", u32::from(sign)));
    let hex = secret.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    let safe = secret.replace('+', "-").replace('/', "_");
    vec![
        form.to_lowercase(),
        percent(&percent(secret)),
        percent(&percent(&percent(secret))).to_lowercase(),
        units.collect(),
        marks.collect(),
        hex.to_uppercase(),
        safe.trim_end_matches('=').to_string(),
        secret.replace('/', "\\/"),
        percent(secret).to_lowercase(),
        secret.to_uppercase(),
        secret.to_string(),
        form,
        hex,
    ]
}

/// All of them, with a sign between, on one line; as a header can carry it.
fn echo(between: &str) -> String {
    let all = SECRETS.iter().flat_map(|(_, secret)| spellings(secret));
    all.collect::<Vec<_>>().join(between)
}

/// The same of one secret.
fn echo_of(secret: &str, between: &str) -> String {
    spellings(secret).join(between)
}

/// The same where an address must hold it.
fn in_address() -> String {
    echo("&k=").replace(' ', "+")
}

fn hostile(server: &Server) {
    let ok = || Answer::ok(GOOD);
    server.on("/end", Answer::status(500)).on("/fine", ok());
    server.on("/astray", Answer::redirect(302, &format!("/end?k={}", in_address())));
    server.on("/moved", Answer::redirect(301, &format!("/fine?k={}", in_address())));
    server.on("/ftp", Answer::redirect(302, &format!("ftp://me:{0}@e.org/{0}", in_address())));
    server.on("/reason", Answer::raw(format!("HTTP/1.1 500 {}\r\n\r\n", echo("; "))));
    server.on("/babble", Answer::raw(format!("{}\r\n\r\n", echo("\r\n"))));
    server.on("/coded", ok().header("Content-Encoding", &format!("br, {}", echo(", "))));
    server.on("/unknown", ok().header("Content-Encoding", &echo(", ")));
    server.on("/late", Answer::status(503).header("Retry-After", &echo(" ")));
    server.on("/refuses", Answer::ok(echo(" ")).with_status(401));
    let names = ["ETag", "Last-Modified", "Content-Type", "Warning", "Sunset", "Deprecation"];
    let said = names.iter().fold(ok(), |answer, name| answer.header(name, &echo(" ")));
    server.on("/heads", said.header("Age", &echo(" ")).header("Cache-Control", &echo(", ")));
}

const PATHS: [&str; 11] = [
    "astray", "moved", "ftp", "reason", "babble", "coded", "unknown", "late", "refuses", "heads",
    "gone",
];

/// Bodies of good answers in all forms, in which nothing can be read but spellings.
fn bodies() -> [(&'static str, &'static str, String); 6] {
    let all: Vec<String> = SECRETS.iter().flat_map(|(_, secret)| spellings(secret)).collect();
    let of = |make: &dyn Fn((usize, &String)) -> String, between: &str| {
        all.iter().enumerate().map(make).collect::<Vec<_>>().join(between)
    };
    let item = |(place, text): (usize, &String)| {
        let text = serde_json::Value::from(text.as_str()).to_string();
        let odd = format!("{{\"id\":\"{place}\",\"bikes\":{text},{text}:1}}");
        format!("{odd},{{\"id\":[{text}],\"bikes\":1}},{{{text}:{text}}}")
    };
    let cell =
        |(place, text): (usize, &String)| format!("{place},\"{}\"", text.replace('"', "\"\""));
    let element = |(place, text): (usize, &String)| {
        let text = text.replace('&', "&amp;").replace('<', "&lt;");
        format!("<s id=\"{place}\" bikes=\"{text}\"/>")
    };
    let keys =
        |(_, text): (usize, &String)| format!("{}:1", serde_json::Value::from(text.as_str()));
    [
        ("json", "data[*]", format!("{{\"data\":[{}]}}", of(&item, ","))),
        ("json", "a[*]", format!("{{{}}}", of(&keys, ","))),
        ("ndjson", "@", of(&item, ",").replace("},{", "}\n{")),
        ("csv", "@", format!("id,bikes\n{}\n", of(&cell, "\n"))),
        ("xml", "data.s[*]", format!("<data>{}</data>", of(&element, ""))),
        ("html", "s", format!("<!DOCTYPE html><body>{}", of(&element, "").replace("/>", "></s>"))),
    ]
}

/// Sources of those bodies.
fn repeating(server: &Server, home: &Sandbox) {
    for (place, (form, at, body)) in bodies().into_iter().enumerate() {
        let name = format!("body-{form}-{place}");
        server.on(&format!("/{name}"), Answer::ok(body));
        let url = server.url(&format!("/{name}?a={{secret:base}}"));
        let sign = if matches!(form, "xml" | "html") { "@" } else { "" };
        let items = format!(
            "[samples]\nat = \"{at}\"\nseries = \"{sign}id\"\n[fields.bikes]\n\
             path = \"{sign}bikes\"\n"
        );
        home.source(&name, &declared(form, &url, "1m", &items));
    }
}

/// Each source says each secret in its path, its query and its headers; one goes over a loop.
fn home(server: &Server) -> Sandbox {
    let home = Sandbox::new(Kind::Sqlite);
    home.settings("");
    for (place, path) in PATHS.iter().enumerate() {
        let looped = if place % 2 == 0 { "items = [\"i1\", \"i2\"]\n" } else { "" };
        let item = if looped.is_empty() { "" } else { "&i={item}" };
        let url = format!("/{path}?a={{secret:base}}&b={{secret:signs}}/{{secret:wide}}{item}");
        let headers = "[fetch.headers]\nAuthorization = \"Bearer {secret:hex}\"\n\
                       X-Odd = \"{secret:short}\"\n";
        home.source(path, &stations(&server.url(&url), &format!("{looped}{headers}")));
    }
    let lines = SECRETS.iter().map(|(name, secret)| format!("{name} = '''{secret}'''\n"));
    keep(&home, &lines.collect::<String>());
    home
}

/// Puts down secrets, as a person would.
fn keep(home: &Sandbox, lines: &str) {
    let file = home.path("secrets.toml");
    std::fs::write(&file, lines).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// What the search finds in the home.
fn found(home: &Sandbox) -> Result<(), String> {
    found_of(home, |search| {
        search.arg("--secrets").arg(home.path("secrets.toml"));
    })
}

/// The same, of secrets that are told to it.
fn found_of(home: &Sandbox, tell: impl FnOnce(&mut Command)) -> Result<(), String> {
    let python = std::env::var("DAYBOOK_PYTHON").unwrap_or_else(|_| "python3".into());
    let mut search = Command::new(python);
    search.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/canary.py"));
    tell(&mut search);
    let output = search.arg(home.home()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let told = format!("{text}{}", String::from_utf8_lossy(&output.stderr));
    if output.status.success() { Ok(()) } else { Err(told) }
}

#[test]
fn no_spelling_of_a_secret_is_found_anywhere() {
    let server = Server::start();
    hostile(&server);
    let home = home(&server);
    repeating(&server, &home);
    let mut said = String::new();
    let commands: [(&str, &[&str]); 13] = [
        ("fetcher", &["--now", FETCH, "--verbose"]),
        ("fetcher", &["try", "heads", "--now", FETCH]),
        ("fetcher", &["try", "astray", "--json", "--now", FETCH]),
        ("fetcher", &["try", "body-json-0", "--rows", "500", "--now", FETCH]),
        ("fetcher", &["try", "body-csv-3", "--json", "--now", FETCH]),
        ("fetcher", &["sources", "--json"]),
        ("summarizer", &["--now", CLOSED, "--verbose"]),
        ("summarizer", &["replay", "--now", CLOSED]),
        ("summarizer", &["recount", "--from", "2026-11-21", "--to", "2026-11-21"]),
        ("summarizer", &["status", "--now", CLOSED]),
        ("summarizer", &["audit", "--now", CLOSED]),
        ("analyzer", &["report", "--date", "2026-11-21", "--now", NIGHT]),
        ("analyzer", &["export", "--from", "2026-11-21", "--now", NIGHT]),
    ];
    for (program, arguments) in commands {
        let ran = home.run(program, arguments);
        said += &ran.about;
    }
    assert!(server.seen().len() > PATHS.len(), "{said}");
    assert!(said.contains("***"), "{said}");
    let reasons =
        home.files("data/quarantine").iter().filter(|name| name.ends_with(".reason")).count();
    assert_eq!(reasons, bodies().len(), "{said}");
    std::fs::write(home.path("said.txt"), &said).unwrap();
    if let Err(places) = found(&home) {
        panic!("{places}\n{said}");
    }
    // The search is no blind one.
    for (_, secret) in SECRETS {
        for spelt in spellings(secret) {
            std::fs::write(home.path("planted.txt"), &spelt).unwrap();
            assert!(found(&home).is_err(), "{spelt}");
        }
    }
}
