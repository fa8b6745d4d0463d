//! What a request carries: bodies, pairs of the query, who asks; tokens of OAuth 2, asked for once,
//! renewed in time, kept across processes, replaced durably before they are used.

use crate::declared::declared;
use crate::sandbox::{KINDS, Kind, Ran, Sandbox};
use crate::server::{Answer, Seen, Server};
use std::os::unix::fs::PermissionsExt;

const ITEMS: &str = "[records]\nat = \"items[*]\"\nid = \"id\"\n[fields.v]\npath = \"v\"\n";
const SECRETS: &str = "key = \"s3cr3t-key\"\nid = \"s3cr3t-id\"\nfirst = \"r1-refresh\"\n";
/// What may stand nowhere but in files of secrets and tokens.
const HIDDEN: [&str; 6] =
    ["s3cr3t-key", "s3cr3t-id", "r1-refresh", "r2-refresh", "t1-access", "t2-access"];

struct Bench {
    home: Sandbox,
    server: Server,
}

fn items(ids: &[u32], more: &str) -> Answer {
    let items: Vec<String> = ids.iter().map(|id| format!("{{\"id\":\"i{id}\",\"v\":1}}")).collect();
    Answer::ok(format!("{{{more}\"items\":[{}]}}", items.join(",")))
}

fn token(number: u32, life: u32) -> Answer {
    Answer::ok(format!(
        "{{\"access_token\":\"t{number}-access\",\"token_type\":\"Bearer\",\"expires_in\":{life},\
         \"refresh_token\":\"r{next}-refresh\"}}",
        next = number + 1
    ))
}

impl Bench {
    /// `rest` begins inside of `[fetch]`.
    fn new(every: &str, path: &str, rest: &str) -> Bench {
        Bench::over(Kind::Sqlite, every, path, rest)
    }

    fn over(kind: Kind, every: &str, path: &str, rest: &str) -> Bench {
        let bench = Bench { home: Sandbox::new(kind), server: Server::start() };
        bench.home.settings("");
        let secrets = bench.home.path("secrets.toml");
        std::fs::write(&secrets, SECRETS).unwrap();
        std::fs::set_permissions(secrets, PermissionsExt::from_mode(0o600)).unwrap();
        let rest = rest.replace("TOKEN_URL", &bench.server.url("/token"));
        let url = bench.server.url(path);
        bench.home.source("list", &declared("json", &url, every, &format!("{rest}\n{ITEMS}")));
        bench
    }

    fn on(&self, target: &str, answer: Answer) -> &Bench {
        self.server.on(target, answer);
        self
    }

    fn fetch(&self, minute: u32) -> Ran {
        let (hour, minute) = (10 + minute / 60, minute % 60);
        let ran = self
            .home
            .run("fetcher", &["--now", &format!("2026-11-24T{hour}:{minute:02}:05Z"), "--verbose"]);
        self.is_closed(&ran);
        ran
    }

    /// No secret is anywhere but where it must be.
    fn is_closed(&self, ran: &Ran) {
        for hidden in HIDDEN {
            assert!(!ran.stdout.contains(hidden) && !ran.stderr.contains(hidden), "{}", ran.about);
            for file in self.home.files("") {
                let known = file == "secrets.toml" || file.starts_with("data/.state/tokens/");
                let text = std::fs::read(self.home.path(&file)).unwrap_or_default();
                let text = String::from_utf8_lossy(&text);
                assert!(known || !text.contains(hidden), "{file} holds {hidden}\n{}", ran.about);
            }
        }
    }

    fn asked(&self, path: &str) -> Vec<Seen> {
        let seen = self.server.seen().into_iter();
        seen.filter(|seen| seen.target.split('?').next() == Some(path)).collect()
    }

    fn landed(&self) -> usize {
        self.home.files("data/list").len()
    }
}

#[test]
fn a_body_of_json_is_posted_and_equal_answers_are_unchanged() {
    let body = "range = \"1h\"\n[fetch.body]\nsize = 10\n\
                q = \"since {from:%H:%M} \\\"{secret:key}\\\"\"\n\
                sort = [{ at = true }]\n";
    let bench = Bench::new("10m", "/search", body);
    bench.on("/search", items(&[1, 2], "").tagged("\"one\""));
    bench.fetch(0).exits(0);
    let asked = bench.server.only();
    assert_eq!(
        (asked.method.as_str(), asked.header("content-type")),
        ("POST", Some("application/json"))
    );
    let start = &asked.body[asked.body.find("since ").unwrap() + 6..][..5];
    assert!(start.starts_with("08:5") || start.starts_with("09:0"), "{start}");
    let wished = format!(
        "{{\"q\":\"since {start} \\\"s3cr3t-key\\\"\",\"size\":10,\"sort\":[{{\"at\":true}}]}}"
    );
    assert_eq!(asked.body, wished);
    bench.fetch(20).exits(0);
    // Another slot, another question; and no validators, which are of a GET.
    assert!(bench.server.seen().iter().all(|seen| seen.header("if-none-match").is_none()));
    assert_eq!(bench.landed(), 2);
}

#[test]
fn a_form_is_posted() {
    let bench =
        Bench::new("10m", "/search", "[fetch.form]\nq = \"a & b\"\nkey = \"{secret:key}\"\n");
    bench.on("/search", items(&[1], ""));
    bench.fetch(0).exits(0);
    let asked = bench.server.only();
    assert_eq!(asked.body, "q=a+%26+b&key=s3cr3t-key");
    assert_eq!(asked.header("content-type"), Some("application/x-www-form-urlencoded"));
}

#[test]
fn graphql_goes_on_by_a_mark_in_its_variables() {
    let rest = "[fetch.graphql]\nquery = \"query($n: Int) { jobs { id } }\"\n\
                variables = { n = 2 }\n\
                [fetch.pages]\ntype = \"cursor\"\ncursor_path = \"next\"\n\
                cursor_body_path = \"variables.after\"\n";
    let bench = Bench::new("10m", "/graphql", rest);
    bench.on("/graphql", items(&[1, 2], "\"next\":\"m1\",")).on("/graphql", items(&[3], ""));
    bench.fetch(0).exits(0);
    let bodies: Vec<String> = bench.server.seen().into_iter().map(|seen| seen.body).collect();
    let query = "{\"query\":\"query($n: Int) { jobs { id } }\",\"variables\":";
    assert_eq!(
        bodies,
        [format!("{query}{{\"n\":2}}}}"), format!("{query}{{\"after\":\"m1\",\"n\":2}}}}")]
    );
    assert_eq!(bench.landed(), 2);
}

#[test]
fn who_asks_is_proven_in_each_declared_way() {
    for (auth, name, value) in [
        (
            "type = \"http_basic\"\nusername = \"me\"\npassword = \"{secret:key}\"",
            "authorization",
            "Basic bWU6czNjcjN0LWtleQ==",
        ),
        ("type = \"bearer\"\ntoken = \"{secret:key}\"", "authorization", "Bearer s3cr3t-key"),
        ("type = \"api_key\"\nname = \"X-Key\"\napi_key = \"{secret:key}\"", "x-key", "s3cr3t-key"),
    ] {
        let bench = Bench::new("10m", "/list", &format!("[fetch.auth]\n{auth}\n"));
        bench.on("/list", items(&[1], ""));
        bench.fetch(0).exits(0);
        assert_eq!(bench.server.only().header(name), Some(value));
    }
    let query = "[fetch.params]\nq = \"a b\"\n[fetch.auth]\ntype = \"api_key\"\nname = \"key\"\n\
                 location = \"query\"\napi_key = \"{secret:key}\"\n";
    let bench = Bench::new("10m", "/list?z=1", query);
    bench.on("/list", items(&[1], ""));
    bench.fetch(0).exits(0);
    assert_eq!(bench.server.only().target, "/list?z=1&q=a%20b&key=s3cr3t-key");
}

#[test]
fn a_post_is_repeated_only_where_it_was_surely_not_taken() {
    for (status, times) in [(500, 1), (502, 1), (429, 2), (503, 2)] {
        let bench = Bench::new("10m", "/search", "method = \"POST\"\n");
        let text = "contact = \"t@example.org\"\n[fetcher]\nsplay = \"0s\"\npace = \"0ms\"\n\
                    retries = 1\n\
                    reserve = \"1MiB\"\n";
        std::fs::write(bench.home.path("daybook.toml"), text).unwrap();
        bench.on("/search", Answer::status(status)).on("/search", items(&[1], ""));
        bench.fetch(0);
        assert_eq!(bench.server.seen().len(), times, "{status}");
    }
}

#[test]
fn a_post_goes_on_at_its_place_only_and_where_its_status_says_how() {
    for (status, to, then) in [
        (307, "/b", "POST"),
        (308, "/b", "POST"),
        (303, "/b", "GET"),
        (302, "/b", ""),
        (301, "/b", ""),
    ] {
        let bench = Bench::new("10m", "/a", "[fetch.form]\nq = \"{secret:key}\"\n");
        bench.on("/a", Answer::redirect(status, to)).on("/b", items(&[1], ""));
        let ran = bench.fetch(0);
        let seen = bench.asked("/b");
        match then {
            "" => drop((
                ran.exits(2).says("what was posted was redirected"),
                assert!(seen.is_empty()),
            )),
            method => assert_eq!(
                (ran.code, seen[0].method.as_str(), seen[0].body.is_empty()),
                (Some(0), method, method == "GET")
            ),
        }
    }
    let (bench, other) =
        (Bench::new("10m", "/a", "[fetch.form]\nq = \"{secret:key}\"\n"), Server::start());
    other.on("/b", items(&[1], ""));
    bench.on("/a", Answer::redirect(307, &other.url("/b"))).fetch(0).exits(2);
    assert!(other.seen().is_empty());
}

const CLIENT: &str = r#"[fetch.auth]
type = "oauth2_client_credentials"
access_token_url = "TOKEN_URL"
client_id = "me"
client_secret = "{secret:id}"
"#;

#[test]
fn one_token_serves_a_whole_loop_and_the_next_runs_until_it_is_old() {
    let loops = format!("items = [\"a\", \"b\", \"c\", \"d\"]\n{CLIENT}");
    let bench = Bench::new("10m", "/list/{item}", &loops);
    bench.on("/token", token(1, 3_600)).on("/token", token(2, 3_600));
    ["a", "b", "c", "d"].iter().for_each(|item| {
        bench.on(&format!("/list/{item}"), items(&[1], ""));
    });
    bench.fetch(0).exits(0);
    bench.fetch(20).exits(0);
    let asked = bench.asked("/token");
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].body, "grant_type=client_credentials");
    assert_eq!(asked[0].header("authorization"), Some("Basic bWU6czNjcjN0LWlk"));
    let kept = bench.home.files("data/.state/tokens");
    let path = bench.home.path("data/.state/tokens").join(&kept[0]);
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    // 48 minutes are eight tenths of its hour.
    bench.fetch(50).exits(0);
    assert_eq!(bench.asked("/token").len(), 2);
    let used = |n: usize| bench.asked("/list/a")[n].header("authorization").map(str::to_string);
    assert_eq!(
        [used(0), used(1), used(2)].map(Option::unwrap),
        ["Bearer t1-access", "Bearer t1-access", "Bearer t2-access"]
    );
}

#[test]
fn a_refused_token_is_renewed_and_the_request_made_once_more() {
    let by_body =
        format!("{CLIENT}expired = [{{ path = \"error.code\", equals = \"expired\" }}]\n");
    let said = Answer::ok("{\"error\":{\"code\":\"expired\"}}");
    for (rest, refusal) in [(CLIENT, Answer::status(401)), (&*by_body, said)] {
        let bench = Bench::new("10m", "/list", rest);
        bench.on("/token", token(1, 3_600)).on("/token", token(2, 3_600));
        bench.on("/list", refusal.clone()).on("/list", items(&[1], ""));
        bench.fetch(0).exits(0);
        assert_eq!((bench.asked("/token").len(), bench.asked("/list").len()), (2, 2));
        assert_eq!(bench.landed(), 1);
        let never = Bench::new("10m", "/list", rest);
        never.on("/token", token(1, 3_600)).on("/token", token(2, 3_600)).on("/list", refusal);
        never.fetch(0).exits(2);
        assert_eq!((never.asked("/token").len(), never.asked("/list").len()), (2, 2));
        assert_eq!(never.landed(), 0);
    }
}

#[test]
fn a_server_of_tokens_that_lies_gives_a_clear_word_and_nothing_is_asked() {
    for (answer, word) in [
        (Answer::ok("<html>t1-access</html>"), "the answer is no JSON"),
        (Answer::ok("{\"access_token\":\"a\\nb\"}"), "no access_token that can be sent"),
        (Answer::ok("{\"error\":\"invalid_client\"}"), "invalid_client"),
        (Answer::ok("{\"error\":\"s3cr3t-id\"}"), "that there is an error"),
        (Answer::ok("{\"access_token\":\"t\",\"token_type\":\"mac\"}"), "not of the type Bearer"),
        (Answer::status(400), "answered 400"),
        (
            Answer::ok("{\"error\":\"invalid_client\",\"error_description\":\"s3cr3t-id\"}")
                .with_status(401),
            "answered 401: the server says invalid_client",
        ),
        (Answer::ok("<p>s3cr3t-id</p>").with_status(401), "answered 401"),
        (Answer::status(204), "answered 204"),
        (Answer::status(503), "503"),
        (Answer::redirect(307, "/elsewhere"), "redirected"),
    ] {
        let bench = Bench::new("10m", "/list", CLIENT);
        bench.on("/token", answer).on("/list", items(&[1], ""));
        bench.fetch(0).exits(2).says(word);
        assert!(bench.asked("/list").is_empty(), "{word}");
    }
}

#[test]
fn a_server_of_tokens_that_cannot_now_is_asked_again_within_the_slot_of_a_day() {
    let not_now = || Answer::ok("{\"error\":\"temporarily_unavailable\"}").with_status(400);
    for answer in [not_now(), Answer::status(503)] {
        let bench = Bench::new("1d", "/list", CLIENT);
        bench.on("/token", answer).on("/token", token(1, 3_600)).on("/list", items(&[1], ""));
        bench.fetch(0).exits(2);
        assert_eq!(bench.asked("/token").len(), 1, "retries = 0");
        bench.fetch(16).exits(0);
        assert_eq!(bench.asked("/list").len(), 1);
    }
}

const REFRESH: &str = r#"[fetch.auth]
type = "oauth2_refresh_token"
access_token_url = "TOKEN_URL"
client_id = "me"
client_authentication = "form"
refresh_token = "{secret:first}"
"#;

#[test]
fn a_refresh_token_that_is_replaced_is_used_from_then_on() {
    let bench = Bench::new("10m", "/list", REFRESH);
    bench.on("/token", token(1, 60)).on("/token", token(2, 60)).on("/list", items(&[1], ""));
    bench.fetch(0).exits(0);
    bench.fetch(20).exits(0);
    let bodies: Vec<String> = bench.asked("/token").into_iter().map(|seen| seen.body).collect();
    let body = |r: u32| format!("grant_type=refresh_token&refresh_token=r{r}-refresh&client_id=me");
    assert_eq!(bodies, [body(1), body(2)]);
    // A person writes down another one: all begins anew.
    std::fs::write(bench.home.path("secrets.toml"), "first = \"r9-refresh\"\n").unwrap();
    bench.fetch(40).exits(0);
    assert_eq!(bench.asked("/token")[2].body, body(9));
}

#[test]
fn killed_at_any_step_no_token_is_used_whose_successor_is_not_kept() {
    KINDS.into_iter().for_each(killed_at_any_step);
}

fn killed_at_any_step(kind: Kind) {
    let bench = || {
        let bench = Bench::over(kind, "10m", "/list", REFRESH);
        bench.on("/token", token(1, 60)).on("/token", token(2, 60)).on("/token", token(3, 60));
        bench.on("/list", items(&[1], ""));
        bench
    };
    let first = bench();
    let list = first.home.path("steps");
    let hook = format!("list:{}", list.display());
    let now = ["--now", "2026-11-24T10:00:05Z"];
    first.home.run_hooked("fetcher", &now, &hook).exits(0);
    let steps = std::fs::read_to_string(list).unwrap().lines().count();
    for step in 1..=steps {
        let bench = bench();
        bench.home.run_hooked("fetcher", &now, &format!("kill:{step}")).was_killed();
        let kept = || {
            let files = bench.home.files("data/.state/tokens");
            let read = |name: &String| {
                std::fs::read_to_string(bench.home.path("data/.state/tokens").join(name)).unwrap()
            };
            files.iter().filter(|name| name.ends_with(".json")).map(read).collect::<String>()
        };
        for used in bench.asked("/list") {
            assert_eq!(used.header("authorization"), Some("Bearer t1-access"));
            assert!(kept().contains("r2-refresh"), "after step {step}");
        }
        bench.fetch(20).exits(0);
        let asked = bench.asked("/token").len();
        assert!(kept().contains(&format!("r{}-refresh", asked + 1)), "after step {step}");
        bench.home.run("summarizer", &["--now", "2026-11-24T12:05:00Z"]).exits(0);
        bench.home.run("summarizer", &["audit"]).exits(0).says("difference is zero");
    }
}

#[test]
fn a_declared_failure_is_one_whatever_its_status() {
    let rest =
        "fail = [{ path = \"error.code\", present = true }, { path = \"ok\", equals = false }]\n";
    for (body, word) in [
        ("{\"error\":{\"code\":\"over s3cr3t-key\"},\"items\":[]}", "its error.code is"),
        ("{\"ok\":false,\"items\":[]}", "its ok is false, which is declared a failure"),
    ] {
        let bench =
            Bench::new("10m", "/list", &format!("headers = {{ X = \"{{secret:key}}\" }}\n{rest}"));
        bench.on("/list", Answer::ok(body)).on("/list", items(&[1], "\"ok\":true,"));
        bench.fetch(0).exits(2).says(word);
        assert_eq!(bench.landed(), 0);
        bench.fetch(20).exits(0);
        assert_eq!(bench.landed(), 1);
    }
}

#[test]
fn an_answer_that_went_back_or_lost_all_of_its_items_is_told() {
    let many: Vec<u32> = (0..20).collect();
    let dated = |answer: Answer, day: u32| {
        let name = ["Mon", "Tue"][day as usize - 23];
        answer.header("Last-Modified", &format!("{name}, {day} Nov 2026 08:00:00 GMT"))
    };
    let bench = Bench::new("10m", "/list", "");
    bench
        .on("/list", dated(items(&many, ""), 24))
        .on("/list", dated(items(&many[1..], ""), 23))
        .on("/list", items(&[], ""))
        .on("/list", items(&[], " "));
    bench.fetch(0).exits(0);
    bench.fetch(20).exits(0).says("it is older than the answer before: last modified Mon, 23 Nov");
    bench.fetch(40).exits(0).says("it has no items, where the answer before had 19");
    let quiet = bench.fetch(50).exits(0);
    assert!(!quiet.stderr.contains("no items") && !quiet.stdout.contains("no items"));
}

#[test]
fn a_token_that_is_damaged_or_open_to_others_is_told_and_no_spent_one_is_sent() {
    let bench = Bench::new("10m", "/list", REFRESH);
    bench.on("/token", token(1, 60)).on("/token", token(2, 60)).on("/list", items(&[1], ""));
    bench.fetch(0).exits(0);
    let file =
        bench.home.path("data/.state/tokens").join(&bench.home.files("data/.state/tokens")[0]);
    let whole = std::fs::read(&file).unwrap();
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).unwrap();
    bench.fetch(20).exits(2).says("can be read by others (mode 644)");
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
    std::fs::write(&file, &whole[..20]).unwrap();
    bench.fetch(40).exits(2).says("is damaged");
    assert_eq!(bench.asked("/token").len(), 1);
    std::fs::write(&file, whole).unwrap();
    bench.fetch(100).exits(0);
    assert_eq!(bench.asked("/token").len(), 2);
}

#[test]
fn where_no_token_is_given_it_is_asked_for_once_whoever_needs_it() {
    let bench =
        Bench::new("10m", "/list/{item}", &format!("items = [\"a\", \"b\", \"c\"]\n{CLIENT}"));
    bench.on("/token", Answer::status(400));
    bench.fetch(0).exits(2);
    assert_eq!(bench.server.seen().len(), 1);
}
