//! Months of a source's past: all that is there is had, with few requests, whatever is killed,
//! cut, announced or answered on the way, and beside the live fetcher.

use crate::declared::declared;
use crate::france_travail::{FranceTravail, NOW};
use crate::sandbox::{KINDS, Kind, Ran, Sandbox};
use crate::server::{Answer, Server};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

/// Earlier than any offer.
const FROM: &str = "2025-09-01";

fn home(kind: Kind) -> Sandbox {
    let home = Sandbox::new(kind);
    home.settings("");
    home
}

fn arguments<'a>(output: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let all = ["backfill", "france-travail", "--from", FROM, "--now", NOW, "--output", output];
    let pace = ["--rate-limit-delay", "0"];
    let pace = if more.contains(&"--rate-limit-delay") { &[][..] } else { &pace[..] };
    [&all[..], pace, more].concat()
}

fn backfill(home: &Sandbox, more: &[&str]) -> Ran {
    let output = home.path("offers.csv").display().to_string();
    home.run("fetcher", &arguments(&output, more))
}

/// The columns of a CSV, by their names.
fn column(path: &Path, name: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let place = reader.headers().unwrap().iter().position(|header| header == name).unwrap();
    reader.records().map(|row| row.unwrap()[place].to_string()).collect()
}

fn ids(home: &Sandbox) -> BTreeSet<String> {
    let ids = column(&home.path("offers.csv"), "id");
    let once: BTreeSet<String> = ids.iter().cloned().collect();
    assert_eq!(once.len(), ids.len(), "an offer stands twice");
    once
}

/// All that landed is counted, and the store has these records and no others.
fn counted(home: &Sandbox, ids: &BTreeSet<String>) {
    home.run("summarizer", &["--now", "2026-11-01T02:10:00Z"]).exits(0);
    home.run("summarizer", &["--now", "2026-11-01T02:10:00Z", "audit"])
        .exits(0)
        .says("difference is zero");
    let folder = home.path("out");
    let out = folder.display().to_string();
    let all = ["export", "--from", FROM, "--to", "2026-11-01", "--out", &out];
    home.run("analyzer", &[&all[..], &["--now", "2026-11-01T02:20:00Z"]].concat()).exits(0);
    let exported: BTreeSet<String> =
        column(&folder.join("france-travail_records.csv"), "id").into_iter().collect();
    assert_eq!(&exported, ids);
}

#[test]
fn all_open_offers_are_had_with_few_requests() {
    for (kind, ceiling, most) in [(Kind::Sqlite, "1150", "1001"), (Kind::Server, "3150", "3001")] {
        let server = FranceTravail::start(&["--offers", "9000", "--ceiling", ceiling]);
        let home = home(kind);
        let declared = format!("maximum_offset = {most}");
        server.declare(&home, &[("maximum_offset = 3001", &declared)]);
        backfill(&home, &[])
            .exits(0)
            .says("five professions that are open now")
            .says("complete, each slice within")
            .says("9000 records in");
        let open = server.open();
        assert_eq!(ids(&home), open);
        for origin in ["1", "2"] {
            let pages = server.count(&format!("search origin {origin}"));
            let offers = 4_500_f64;
            assert!(pages as f64 <= 1.3 * (offers / 150.0).ceil(), "{pages} at {ceiling}");
        }
        counted(&home, &open);
        assert_eq!(home.files("data/.tmp"), [""; 0]);
    }
}

#[test]
fn its_table_is_that_of_the_collector_that_it_replaces() {
    let server = FranceTravail::start(&["--offers", "300"]);
    let home = home(Kind::Sqlite);
    server.declare(&home, &[]);
    let run = ["backfill", "france-travail", "--months", "12", "--now", NOW];
    let more = ["--results-per-page", "150", "--checkpoint-interval", "100", "--verbose"];
    home.run("fetcher", &[&run[..], &more, &["--rate-limit-delay", "0.01"]].concat())
        .exits(0)
        .says("--checkpoint-interval has no effect");
    let path = home.path("data/france_travail_jobs_20261101.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    let header = "id,source,title,description,company_name,location_name,latitude,longitude,\
                  date_created,date_updated,contract_type,contract_duration,working_hours,\
                  salary_min,salary_max,salary_currency,salary_period,experience_required,category,\
                  sector,application_url,source_url,skills,remote_work,is_handicap_accessible,\
                  code_rome,langues,date_extraction\r\n";
    assert!(text.starts_with(header), "{}", &text[..400]);
    assert!(column(&path, "source").iter().all(|source| source == "france_travail"));
    let descriptions = column(&path, "description");
    assert!(descriptions.iter().all(|text| text.contains("\n\n * Python\n * \"SQL\"; Linux")));
    let periods: BTreeSet<String> = column(&path, "salary_period").into_iter().collect();
    assert_eq!(periods, ["", "annuel", "horaire", "mensuel"].map(String::from).into());
    // Nothing of it is taken for an answer.
    home.run("summarizer", &["--now", "2026-11-01T02:10:00Z"]).exits(0);
    assert!(path.exists());
}

#[test]
fn its_words_are_searched_for_by_the_publisher() {
    let server = FranceTravail::start(&["--offers", "600"]);
    let home = home(Kind::Sqlite);
    server.declare(&home, &[]);
    backfill(&home, &["--search", "data scientist"]).exits(0);
    let titles = column(&home.path("offers.csv"), "title");
    assert!(titles.len() > 50 && titles.iter().all(|title| title.starts_with("Data scientist")));
}

#[test]
fn killed_at_any_step_it_goes_on_and_asks_one_page_again_at_most() {
    for kind in KINDS {
        let server = FranceTravail::start(&["--offers", "500", "--ceiling", "300"]);
        let declare = |home: &Sandbox| {
            server.declare(home, &[("maximum_offset = 3001", "maximum_offset = 151")]);
        };
        let first = home(kind);
        declare(&first);
        let output = first.path("offers.csv").display().to_string();
        let list = first.path("steps");
        let hook = format!("list:{}", list.display());
        first.run_hooked("fetcher", &arguments(&output, &[]), &hook).exits(0);
        let steps = std::fs::read_to_string(list).unwrap().lines().count();
        let pages = server.pages();
        let every = if kind == Kind::Server { 97 } else { 13 };
        for step in (1..=steps).step_by(every) {
            let home = home(kind);
            declare(&home);
            let before = server.pages();
            let output = home.path("offers.csv").display().to_string();
            let hook = format!("kill:{step}");
            let is_ended = |home: &Sandbox| {
                let kept = home.files("data/.state/surveys").into_iter();
                let mut ledgers = kept.filter(|name| name.ends_with(".ndjson")).peekable();
                ledgers.peek().is_some() && ledgers.all(|name| name.ends_with(".ended.ndjson"))
            };
            home.run_hooked("fetcher", &arguments(&output, &[]), &hook).was_killed();
            let again = if is_ended(&home) { pages } else { 1 };
            backfill(&home, &[]).exits(0);
            let asked = server.pages() - before;
            assert!(
                asked <= pages + again,
                "{asked} pages of {pages}, after a kill at step {step} of {steps}: {}",
                home.files("data/.state/surveys").join(" ")
            );
            assert_eq!(ids(&home), server.open(), "after a kill at step {step}");
            if step % 5 == 1 {
                counted(&home, &server.open());
            }
        }
    }
}

#[test]
fn an_error_is_never_the_end_of_what_there_is() {
    let server = FranceTravail::start(&["--offers", "3000", "--errors", "0.25"]);
    let home = home(Kind::Sqlite);
    server.declare(&home, &[]);
    let settings = std::fs::read_to_string(home.path("daybook.toml")).unwrap();
    std::fs::write(home.path("daybook.toml"), settings.replace("retries = 0", "retries = 5"))
        .unwrap();
    backfill(&home, &[]).exits(0);
    assert_eq!(ids(&home), server.open());
    assert!(server.count("status 500") > 3);
}

#[test]
fn what_is_there_all_the_time_is_had_while_others_come_and_go() {
    let server = FranceTravail::start(&["--offers", "5000", "--churn", "4", "--ceiling", "1150"]);
    let home = home(Kind::Sqlite);
    server.declare(&home, &[("maximum_offset = 3001", "maximum_offset = 1001")]);
    let before = server.open();
    backfill(&home, &[]).exits(0);
    let (had, after) = (ids(&home), server.open());
    let lost: Vec<&String> = before.intersection(&after).filter(|id| !had.contains(*id)).collect();
    assert!(after != before && lost.is_empty(), "{lost:?}");
}

#[test]
fn a_token_that_ends_on_the_way_is_asked_for_anew() {
    let server = FranceTravail::start(&["--offers", "3000", "--token-life", "1"]);
    let home = home(Kind::Sqlite);
    server.declare(&home, &[]);
    backfill(&home, &["--rate-limit-delay", "0.1"]).exits(0);
    assert_eq!(ids(&home), server.open());
    assert!(server.count("token") > 1);
}

#[test]
fn the_daily_walk_is_carried_on_by_run_after_run() {
    let server = FranceTravail::start(&["--offers", "4000"]);
    let home = Sandbox::new(Kind::Sqlite);
    let settings = "contact = \"t@example.org\"\n[fetcher]\npace = \"60ms\"\nsplay = \"0s\"\n\
                    retries = 0\nreserve = \"1MiB\"\ndeadline = \"2s\"\n";
    std::fs::write(home.path("daybook.toml"), settings).unwrap();
    server.declare(&home, &[("timeout = \"45s\"", "timeout = \"20s\"")]);
    let runs = (0..55).take_while(|minute| {
        let now = format!("2026-11-01T00:{minute:02}:20Z");
        let ran = home.run("fetcher", &["--now", &now]);
        assert!(matches!(ran.code, Some(0..=1)), "{}", ran.about);
        !ran.stderr.is_empty() || server.pages() < 30
    });
    assert!(runs.count() > 1);
    let asked = server.pages();
    home.run("fetcher", &["--now", "2026-11-01T00:58:20Z"]).exits(0).is_silent();
    assert_eq!(server.pages(), asked, "it is asked once a slot");
    home.run("summarizer", &["--now", "2026-11-01T02:10:00Z"]).exits(0);
    let db = rusqlite::Connection::open(home.path("daybook.sqlite")).unwrap();
    let sql = "select count(*) from latest_records where source = 'france-travail'";
    let count: i64 = db.query_row(sql, [], |row| row.get(0)).unwrap();
    assert!(count >= 3_990, "{count}");
}

const ITEMS: &str = "[records]\nat = \"items[*]\"\nid = \"id\"\n[fields.v]\npath = \"v\"\n";

#[test]
fn a_source_of_plain_windows_is_asked_window_by_window() {
    let (home, server) = (home(Kind::Sqlite), Server::start());
    let url = format!("{}?from={{from}}&to={{to}}", server.url("/list"));
    home.source("list", &declared("json", &url, "1d", &format!("range = \"1d\"\n{ITEMS}")));
    for (day, body) in [("26", "a"), ("27", "b"), ("28", "c")] {
        let next: u32 = day.parse::<u32>().unwrap() + 1;
        let at = format!("/list?from=2026-10-{day}T00%3A00%3A00Z&to=2026-10-{next}T00%3A00%3A00Z");
        server.on(&at, Answer::ok(format!("{{\"items\":[{{\"id\":\"{body}\",\"v\":1}}]}}")));
    }
    let run = ["backfill", "list", "--from", "2026-10-26", "--to", "2026-10-29", "--now", NOW];
    let more = ["--rate-limit-delay", "0"];
    home.run("fetcher", &[&run[..], &more].concat()).exits(0).says("3 records in 3 slices");
    assert_eq!(server.seen().len(), 3);
    assert_eq!(home.files("data/list").len(), 3);
}

#[test]
fn it_keeps_one_pace_with_the_live_fetcher() {
    let (home, server) = (Sandbox::new(Kind::Sqlite), Server::start());
    let settings = "contact = \"t@example.org\"\n[fetcher]\npace = \"200ms\"\nsplay = \"0s\"\n\
                    retries = 0\nreserve = \"1MiB\"\n";
    std::fs::write(home.path("daybook.toml"), settings).unwrap();
    let window = format!("headers = {{ X-From = \"{{from}}\" }}\nrange = \"1d\"\n{ITEMS}");
    home.source("list", &declared("json", &server.url("/list"), "366d", &window));
    for name in ["one", "two", "three", "four"] {
        home.source(name, &declared("json", &server.url(&format!("/{name}")), "1m", ITEMS));
        server.on(&format!("/{name}"), Answer::ok("{\"items\":[{\"id\":\"a\",\"v\":1}]}"));
    }
    server.on("/list", Answer::ok("{\"items\":[{\"id\":\"a\",\"v\":1}]}"));
    let run = ["backfill", "list", "--from", "2026-10-01", "--to", "2026-10-21"];
    let mut beside = home.command("fetcher", &[&run[..], &["--rate-limit-delay", "0.2"]].concat());
    let mut child = beside.spawn().unwrap();
    while server.seen().len() < 3 && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    home.run("fetcher", &[]).exits(0);
    assert!(child.wait().unwrap().success());
    let mut starts: Vec<std::time::Instant> = server.seen().iter().map(|seen| seen.at).collect();
    starts.sort();
    assert_eq!(starts.len(), 25, "20 windows, and one slot of each source");
    // Where each kept a pace of its own, the five of the other would take no time: 3.8 s in all.
    let took = starts[starts.len() - 1] - starts[0];
    assert!(took > Duration::from_millis(24 * 190), "{took:?}");
}

#[test]
fn what_cannot_be_asked_for_is_refused_with_a_cure() {
    let home = home(Kind::Sqlite);
    let samples = "[samples]\nat = \"items[*]\"\nseries = \"id\"\n[fields.v]\npath = \"v\"\n";
    home.source("now", &declared("json", "http://127.0.0.1:9/a", "1h", samples));
    home.source("list", &declared("json", "http://127.0.0.1:9/a", "1h", ITEMS));
    let run =
        |name: &str, more: &[&str]| home.run("fetcher", &[&["backfill", name], more].concat());
    run("now", &[]).exits(2).says("nobody can ask for them afterwards").says("hint: ");
    run("list", &[]).exits(2).says("is asked for no window").says("hint: where its publisher");
    run("lisst", &[]).exits(2).says("did you mean list?");
    let windowed = format!("range = \"1d\"\n{ITEMS}");
    home.source("list", &declared("json", "http://127.0.0.1:9/{from}", "1h", &windowed));
    run("list", &["--search", "x"]).exits(2).says("fetch.slices.search_param");
    run("list", &["--results-per-page", "9"]).exits(2).says("not asked for by how many items");
    run("list", &["--from", "2030-01-01"]).exits(2).says("begins in the future");
    let plan = run("list", &["--dry-run", "--from", "2026-01-01", "--to", "2026-01-31"]).exits(0);
    assert!(plan.stdout.contains("30 slices in each, asked page by page"), "{}", plan.stdout);
    let server = FranceTravail::start(&["--offers", "1"]);
    server.declare(&home, &[]);
    let run =
        |more: &[&str]| home.run("fetcher", &[&["backfill", "france-travail"], more].concat());
    run(&["--results-per-page", "151"]).exits(2).says("150 items at most");
    let plan = run(&["--dry-run"]).exits(0);
    assert!(plan.stdout.contains("2 passes, one for each item of its loop"), "{}", plan.stdout);
    assert_eq!(server.pages() + server.count("token"), 0);
}

#[test]
fn a_backfill_that_failed_leaves_the_table_that_is_there() {
    let server = FranceTravail::start(&["--offers", "400"]);
    let home = home(Kind::Sqlite);
    server.declare(&home, &[]);
    backfill(&home, &[]).exits(0);
    let before = ids(&home);
    drop(server);
    let later = ["--from", "2026-01-01", "--to", "2026-10-30"];
    let ran = backfill(&home, &later);
    assert_ne!(ran.code, Some(0), "{}", ran.about);
    assert_eq!(ids(&home), before);
}

#[test]
fn pages_may_be_of_one_offer_and_a_slice_smaller_than_a_page() {
    let server = FranceTravail::start(&["--offers", "7"]);
    for limit in ["1", "2", "150"] {
        let home = home(Kind::Sqlite);
        server.declare(&home, &[]);
        backfill(&home, &["--results-per-page", limit]).exits(0).says("complete");
        assert_eq!(ids(&home), server.open(), "pages of {limit}");
    }
}

#[test]
fn a_table_that_cannot_be_written_is_told_before_anybody_is_asked() {
    let server = FranceTravail::start(&["--offers", "7"]);
    let home = home(Kind::Sqlite);
    server.declare(&home, &[]);
    for (output, why) in
        [("no/such/offers.csv", "there is no folder"), ("sources", "it is a folder")]
    {
        let output = home.path(output).display().to_string();
        home.run("fetcher", &arguments(&output, &[])).exits(2).says(why);
    }
    assert_eq!(server.pages() + server.count("token"), 0);
}
