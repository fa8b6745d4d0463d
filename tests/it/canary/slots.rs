//! A secret in every other slot: the body of a question, basic, bearer and a key in the query,
//! client and refresh secrets with the tokens that they give, the address of a ping, the store's
//! address, a proxy of the environment. All servers say back what they were told.

use super::{CLOSED, FETCH, NIGHT, echo_of, found_of, keep};
use crate::declared::declared;
use crate::sandbox::{Kind, Sandbox};
use crate::server::{Answer, Server};

/// By name; those that no declaration names are given by servers or the environment.
const SLOTS: [(&str, &str); 10] = [
    ("body", "bodySECRET/1+a=="),
    ("user", "userSECRET 2&b"),
    ("bearer", "bearerSECRET3.c-d"),
    ("key", "keySECRET4%41"),
    ("client", "clientSECRET5\u{e9}"),
    ("refresh", "refreshSECRET6"),
    ("ping", "5bf66975-d4c7-4bf5-bcc8-pingSECRET7"),
    ("token", "tokenSECRET8.abc"),
    ("rotated", "rotatedSECRET9"),
    ("outside", "outsideSECRETx"),
];

const ITEMS: &str = "[samples]\nat = \"a[*]\"\nseries = \"id\"\n[fields.v]\npath = \"v\"\n";

fn secret(name: &str) -> &'static str {
    SLOTS.iter().find(|(known, _)| *known == name).map(|(_, secret)| *secret).unwrap()
}

/// All secrets, as servers spell them.
fn echo(between: &str) -> String {
    let all: Vec<String> = SLOTS.iter().map(|(_, secret)| echo_of(secret, between)).collect();
    all.join(between)
}

fn hostile(server: &Server) {
    let good = || Answer::ok(r#"{"a":[{"id":"i","v":1}]}"#).header("Warning", &echo(", "));
    for path in ["/posted", "/basic", "/bearer", "/key", "/client", "/refresh"] {
        server.on(path, good()).on(path, Answer::ok(echo(" ")).with_status(401));
        let told = format!("HTTP/1.1 500 {}\r\n\r\n", echo("; "));
        server.on(path, Answer::raw(told));
    }
    let token = format!(
        r#"{{"access_token":"{}","token_type":"Bearer","expires_in":60,"refresh_token":"{}"}}"#,
        secret("token"),
        secret("rotated")
    );
    server.on("/token", Answer::ok(token));
    let refused = serde_json::json!({"error": "invalid_client", "error_description": echo(" ")});
    server.on("/token", Answer::ok(refused.to_string()).with_status(401));
    server.on("/token", Answer::redirect(302, &format!("/x?{}", super::in_address())));
    server.on("/token", Answer::ok(echo(" ")));
}

fn home(server: &Server, pings: &Server) -> Sandbox {
    let home = Sandbox::new(Kind::Sqlite);
    let address = pings.url(&format!("/{}", secret("ping")));
    home.settings("[ping]\nfetcher = \"{secret:ping}\"\nsummarizer = \"{secret:ping}\"\n");
    let token = server.url("/token");
    let sources = [
        ("posted", "[fetch.body]\nq = \"{secret:body}\"\n".to_string()),
        (
            "basic",
            "[fetch.auth]\ntype = \"http_basic\"\nusername = \"me\"\n\
             password = \"{secret:user}\"\n"
                .into(),
        ),
        ("bearer", "[fetch.auth]\ntype = \"bearer\"\ntoken = \"{secret:bearer}\"\n".into()),
        (
            "key",
            "[fetch.auth]\ntype = \"api_key\"\nname = \"k\"\napi_key = \"{secret:key}\"\n\
             location = \"query\"\n"
                .into(),
        ),
        (
            "client",
            format!(
                "[fetch.auth]\ntype = \"oauth2_client_credentials\"\n\
                 access_token_url = \"{token}\"\nclient_id = \"me\"\n\
                 client_secret = \"{{secret:client}}\"\n"
            ),
        ),
        (
            "refresh",
            format!(
                "[fetch.auth]\ntype = \"oauth2_refresh_token\"\naccess_token_url = \"{token}\"\n\
                 client_id = \"me\"\nrefresh_token = \"{{secret:refresh}}\"\n"
            ),
        ),
    ];
    for (name, rest) in sources {
        let url = server.url(&format!("/{name}"));
        home.source(name, &declared("json", &url, "1m", &format!("{rest}{ITEMS}")));
    }
    let known = SLOTS.iter().filter(|(name, _)| !["token", "rotated", "outside"].contains(name));
    let lines = known.map(|(name, secret)| match *name {
        "ping" => format!("ping = \"{address}\"\n"),
        _ => format!("{name} = '''{secret}'''\n"),
    });
    keep(&home, &lines.collect::<String>());
    home
}

/// What the search finds of all of them, but where tokens are kept.
fn found(home: &Sandbox) -> Result<(), String> {
    found_of(home, |search| {
        for (_, secret) in SLOTS {
            search.args(["--secret", secret]);
        }
    })
}

#[test]
fn no_secret_of_any_slot_is_found_anywhere() {
    let (server, pings) = (Server::start(), Server::start());
    hostile(&server);
    let ping = format!("/{}", secret("ping"));
    for end in ["", "/start", "/1", "/2", "/0"] {
        pings.on(
            &format!("{ping}{end}"),
            Answer::raw(format!("HTTP/1.1 500 {}\r\n\r\n", echo("; "))),
        );
    }
    let home = home(&server, &pings);
    let store = format!("mongodb://me:{}@127.0.0.1:1/daybook", secret("outside"));
    let proxy = format!("http://me:{}@127.0.0.1:1", secret("outside"));
    let minute = |minute: u32| FETCH.replace(":00:00", &format!(":{minute:02}:00"));
    let (next, then, last) = (minute(2), minute(9), minute(30));
    let commands: [(&str, &[&str]); 15] = [
        ("fetcher", &["--now", FETCH, "--verbose"]),
        ("fetcher", &["--now", &next, "--verbose"]),
        ("fetcher", &["--now", &then, "--verbose"]),
        ("fetcher", &["--now", &last, "--verbose", "--json"]),
        ("fetcher", &["try", "client", "--now", &last]),
        ("fetcher", &["explain", "refresh", "--now", &last]),
        ("fetcher", &["status", "--json", "--now", &last]),
        ("fetcher", &["doctor", "--now", &last]),
        ("summarizer", &["--now", CLOSED, "--verbose"]),
        ("summarizer", &["status", "--now", CLOSED]),
        ("summarizer", &["audit", "--now", CLOSED]),
        ("summarizer", &["--store", &store, "--now", CLOSED, "--verbose"]),
        ("analyzer", &["--store", &store, "report", "--date", "2026-11-21", "--now", NIGHT]),
        ("analyzer", &["report", "--date", "2026-11-21", "--now", NIGHT]),
        ("analyzer", &["export", "--from", "2026-11-21", "--now", NIGHT]),
    ];
    let mut said = String::new();
    for (program, arguments) in commands {
        let mut command = home.command(program, arguments);
        command.envs(["HTTP_PROXY", "http_proxy", "ALL_PROXY"].map(|name| (name, &proxy)));
        let output = command.output().unwrap();
        said += &String::from_utf8_lossy(&output.stdout);
        said += &String::from_utf8_lossy(&output.stderr);
    }
    assert!(said.contains("invalid_client") && said.contains("127.0.0.1:1"), "{said}");
    let asked = |path: &str| server.seen().iter().filter(|seen| seen.target == path).count();
    assert!(asked("/posted") >= 2 && asked("/token") >= 4, "{said}");
    assert!(!pings.seen().is_empty(), "{said}");
    std::fs::write(home.path("said.txt"), &said).unwrap();
    let tokens = home.path("data/.state/tokens");
    let kept = std::fs::read_dir(&tokens).unwrap().flatten().count();
    assert!(kept > 0, "{said}");
    std::fs::remove_dir_all(tokens).unwrap();
    if let Err(places) = found(&home) {
        panic!("{places}\n{said}");
    }
    for (_, secret) in SLOTS {
        std::fs::write(home.path("planted.txt"), secret).unwrap();
        assert!(found(&home).is_err(), "{secret}");
    }
}
