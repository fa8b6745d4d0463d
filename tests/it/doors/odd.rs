//! A PostgreSQL server as somebody has set it up, values as somebody sends them, and people who
//! are at its tables: no value changes, and what is not done is told.

use super::warehouse::{columns, of_role, one, schema};
use crate::crash::is_fine;
use crate::crash::scene::{Scene, at, small};
use crate::postgres::{Postgres, rows, shared};
use crate::recording::{BIKES, QUAKES, declaration};
use crate::recount::Recount;
use crate::sandbox::{Kind, Sandbox, server_url};
use crate::served;
use crate::server::{Answer, Server};

/// What a role or a database may have set, each of which would change what a text means, or how
/// long something may take.
const SETTINGS: [&str; 16] = [
    "datestyle = 'SQL, DMY'",
    "intervalstyle = 'sql_standard'",
    "bytea_output = 'escape'",
    "standard_conforming_strings = off",
    "timezone = 'Asia/Kolkata'",
    "extra_float_digits = -10",
    "default_transaction_read_only = on",
    "default_transaction_isolation = 'serializable'",
    "search_path = 'pg_catalog'",
    "transform_null_equals = on",
    "client_encoding = 'LATIN1'",
    "synchronous_commit = off",
    "statement_timeout = '1s'",
    "lock_timeout = '1ms'",
    "idle_in_transaction_session_timeout = '1ms'",
    "idle_session_timeout = '30ms'",
];

/// A source of samples with these fields.
fn source(server: &Server, fields: &str) -> String {
    let text = declaration(BIKES, "1m", server);
    let (head, _) = text.split_once("[samples]").unwrap();
    let head = head.replace(BIKES, "odd");
    format!("{head}[samples]\nat = \"a[*]\"\nseries = \"s\"\n{fields}")
}

/// Answers with these values, and their fetches from a minute on.
fn fetch(home: &Sandbox, server: &Server, values: &[&str], minute: usize) {
    for value in values {
        let body = format!("{{\"a\": [{{\"s\": \"d\", \"v0\": {value}}}]}}");
        server.on("/odd", Answer::ok(&*body));
    }
    for minute in minute..minute + values.len() {
        home.run("fetcher", &["--now", &at(&format!("10:{minute:02}"))]).exits(0);
    }
}

/// One page whose samples have these values, at one fetch after another.
fn samples(values: &[&str], fields: usize) -> (Sandbox, Server) {
    let (home, server) = (Sandbox::over(&server_url()), Server::start());
    home.settings("");
    let field =
        |n: usize| format!("[fields.v{n}]\npath = \"v{n}\"\nunit = 'm\\s'\ntitle = \"V\"\n");
    home.source("odd", &source(&server, &(0..fields).map(field).collect::<String>()));
    fetch(&home, &server, values, 1);
    (home, server)
}

#[test]
fn what_a_role_has_set_changes_no_value() {
    let scene = Scene::before_summary();
    let plain = shared().url();
    let role = format!("{}_odd", schema(&plain));
    let set = SETTINGS.map(|setting| format!("ALTER ROLE {role} SET {setting};"));
    rows(&plain, &format!("CREATE ROLE {role} LOGIN SUPERUSER; {}", set.concat()));
    let home = super::faults::over(&scene, &of_role(&plain, &role));
    let ran = home.run("summarizer", &["--now", &at("12:10")]);
    assert!(!ran.stderr.contains("not made"), "{}", ran.about);
    is_fine(&ran);
    let place = crate::sandbox::temporary();
    let backup = place.path().join("backup").display().to_string();
    home.run("summarizer", &["--now", &at("12:20"), "backup", &backup]).exits(0);
    home.run("analyzer", &["--now", &at("12:20"), "export", "--from", "2026-11-21"]).exits(0);
    rows(&plain, &format!("ALTER ROLE {role} RESET ALL"));
    let mut recount = Recount::start();
    let served = served::folder(&home);
    assert_eq!(recount.differences(&served, home.store(), &scene.unreadable), [""; 0]);
    // What was copied under one setting is the same under another.
    let again = crate::backup::empty(Kind::Server);
    again.run("summarizer", &["restore", &backup, "--store", again.store()]).exits(0);
    again.run("summarizer", &["--store", again.store(), "store", "init"]).exits(0);
    let hours =
        "SELECT count(*), min(hour_at), max(hour_at), sum(bikes) FROM hours_bikes_baywheels";
    assert_eq!(rows(&plain, hours), rows(again.store(), hours));
    assert_eq!(recount.differences(&served, again.store(), &scene.unreadable), [""; 0]);
}

#[test]
fn a_unit_with_a_backslash_and_a_value_beside_nothing_are_read() {
    let role = format!("{}_slash", schema(&shared().url()));
    rows(
        &shared().url(),
        &format!(
            "CREATE ROLE {role} LOGIN SUPERUSER; \
             ALTER ROLE {role} SET standard_conforming_strings = off"
        ),
    );
    let (home, _server) = samples(&["5e-324", "0", "0"], 1);
    let store = of_role(home.store(), &role);
    home.run("summarizer", &["--store", &store, "--now", &at("12:10")]).exits(0);
    let url = home.store();
    let view = "SELECT v0, v0_min, v0_max, v0_count FROM hours_odd WHERE series = 'd'";
    let some = |words: &str| Some(words.to_string());
    assert_eq!(rows(url, view), [[some("0"), some("0"), some("5e-324"), some("3")]]);
    assert_eq!(one(url, "SELECT mean FROM statistics WHERE series = 'd'"), "0");
    let (home, _server) = samples(&["1e-323"], 1);
    home.run("summarizer", &["--now", &at("12:10")]).exits(0);
    assert_eq!(one(home.store(), "SELECT v0 FROM hours_odd WHERE series = 'd'"), "1e-323");
}

#[test]
fn more_fields_than_a_view_has_room_for_stop_no_other_view() {
    let (home, server) = samples(&["1"], 450);
    home.source(QUAKES, &declaration(QUAKES, "1m", &server));
    let ran = home.run("summarizer", &["--now", &at("12:10"), "run", "--all"]);
    ran.says("odd: a view of it has no room for 203 of its columns");
    let url = home.store();
    assert_eq!(columns(url, "hours_odd").len(), 1_600);
    assert!(!columns(url, "records_earthquakes_usgs").is_empty());
    home.run("summarizer", &["--now", &at("12:11"), "store", "init"]).exits(0);
}

#[test]
fn a_database_of_another_encoding_is_refused() {
    for encoding in ["LATIN1", "EUC_JP", "SQL_ASCII"] {
        let url = shared().database(encoding);
        let home = Sandbox::over(&url);
        home.settings("");
        let ran = home.run("summarizer", &["--now", &at("12:10")]);
        ran.exits(2).says("not in UTF8").says("createdb --encoding=UTF8");
    }
}

#[test]
fn a_schema_of_somebody_else_is_left_alone() {
    let url = shared().url();
    rows(&url, &format!("CREATE SCHEMA {0}; CREATE TABLE {0}.names (mine text)", schema(&url)));
    let home = Sandbox::over(&url);
    home.settings("");
    let ran = home.run("summarizer", &["--now", &at("12:10")]);
    ran.exits(2).says("has a names that is not of a store");
    assert_eq!(
        one(
            &url,
            "SELECT count(*) FROM pg_class WHERE relname = 'ledger' \
             AND relnamespace = current_schema()::regnamespace"
        ),
        "0"
    );
    // A reserved word is a name as good as any.
    let url = url.split_once("?").unwrap().0.to_string() + "?schema=user";
    let home = Sandbox::over(&url);
    home.settings("");
    home.run("summarizer", &["--now", &at("12:10")]).exits(0);
}

#[test]
fn who_holds_a_view_keeps_only_that_one_from_being_made() {
    let (home, server) = (Sandbox::over(&shared().url()), Server::start());
    home.settings("");
    for source in [BIKES, QUAKES] {
        home.source(source, &declaration(source, "1m", &server));
        server.on(&format!("/{source}"), Answer::ok(&*small(source, 0)));
    }
    home.run("fetcher", &["--now", &at("10:05")]).exits(0);
    home.run("summarizer", &["--now", &at("12:10")]).exits(0);
    let url = home.store();
    let held = shared().hold(url, "SELECT count(*) FROM hours_bikes_baywheels");
    for (source, field) in [(BIKES, "bikes"), (QUAKES, "depth")] {
        let text = declaration(source, "1m", &server);
        let other =
            format!("[fields.{field}_too]\npath = \"{field}\"\ntitle = \"Too\"\n[fields.{field}]");
        home.source(source, &text.replace(&format!("[fields.{field}]"), &other));
    }
    let ran = home.run("summarizer", &["--now", &at("13:10")]);
    ran.says("bikes-baywheels: its views are not made").says("lock timeout");
    let has = |view: &str, name: &str| columns(url, view).iter().any(|one| one.starts_with(name));
    assert!(has("records_earthquakes_usgs", "depth_too"));
    assert!(!has("hours_bikes_baywheels", "bikes_too"));
    drop(held);
    is_fine(&home.run("summarizer", &["--now", &at("14:10")]));
    assert!(has("hours_bikes_baywheels", "bikes_too"));
}

#[test]
fn a_record_is_in_the_unit_that_it_was_read_in_or_in_none() {
    let (home, server) = (Sandbox::over(&Postgres::url(shared())), Server::start());
    home.settings("");
    let text = declaration(QUAKES, "1m", &server);
    home.source(QUAKES, &text);
    server.on(&format!("/{QUAKES}"), Answer::ok(&*small(QUAKES, 0)));
    home.run("fetcher", &["--now", &at("10:05")]).exits(0);
    home.run("summarizer", &["--now", &at("12:10")]).exits(0);
    let url = home.store();
    let depths = || one(url, "SELECT count(depth) FROM records_earthquakes_usgs");
    let all = one(url, "SELECT count(*) FROM records_earthquakes_usgs");
    assert_eq!(depths(), all);
    let miles = text.replace("\"km\"", "\"mile\"");
    assert_ne!(text, miles);
    home.source(QUAKES, &miles);
    home.run("summarizer", &["--now", &at("13:10")]).exits(0);
    assert_eq!(depths(), "0", "what was read in km is in no column of miles");
    assert_eq!(one(url, "SELECT count(magnitude) FROM records_earthquakes_usgs"), all);
    // Read again under the declaration of today, and back.
    home.run("fetcher", &["--now", &at("12:05")]).exits(0);
    home.run("summarizer", &["--now", &at("14:10")]).exits(0);
    assert_eq!(depths(), all);
    home.source(QUAKES, &text);
    home.run("summarizer", &["--now", &at("14:20")]).exits(0);
    assert_eq!(depths(), "0");
}

#[test]
fn a_view_that_somebody_dropped_is_made_again() {
    let (home, _server) = samples(&["1"], 1);
    home.run("summarizer", &["--now", &at("12:10")]).exits(0);
    let url = home.store();
    rows(url, "DROP VIEW live_commits CASCADE");
    home.run("summarizer", &["--now", &at("12:11"), "status"]).exits(1).says("odd");
    home.run("summarizer", &["--now", &at("12:12"), "store", "init"]).exits(0);
    assert_eq!(one(url, "SELECT v0 FROM hours_odd WHERE series = 'd'"), "1");
    assert_eq!(one(url, "SELECT mean FROM statistics WHERE series = 'd'"), "1");
    assert_ne!(one(url, "SELECT count(*) FROM journals"), "0");
}

#[test]
fn what_was_a_text_is_none_of_the_numbers() {
    let home = Sandbox::over(&server_url());
    home.settings("");
    let all = |minute: &str| home.run("summarizer", &["--now", &at(minute), "run", "--all"]);
    let field = "[fields.v0]\npath = \"v0\"\ntitle = \"V\"\n";
    let server = Server::start();
    home.source("odd", &source(&server, &format!("{field}kind = \"text\"\n")));
    fetch(&home, &server, &["\"x\"", "\"y\""], 1);
    all("10:20").exits(0);
    let url = home.store();
    assert_eq!(one(url, "SELECT v0_count FROM hours_odd WHERE series = 'd'"), "2");
    let server = Server::start();
    home.source("odd", &source(&server, field));
    fetch(&home, &server, &["10", "20"], 30);
    all("10:40").exits(0);
    let view = "SELECT v0, v0_min, v0_max, v0_count FROM hours_odd WHERE series = 'd'";
    let found: Vec<_> = rows(url, view)[0].iter().map(|one| one.clone().unwrap()).collect();
    assert_eq!(found, ["15", "10", "20", "2"]);
}

#[test]
fn a_column_has_values_of_its_kind_wherever_they_stand() {
    let (home, server) = (Sandbox::over(&server_url()), Server::start());
    home.settings("");
    let text = declaration(QUAKES, "1m", &server);
    let (head, _) = text.split_once("[records]").unwrap();
    let head = head.replace(QUAKES, "offers");
    let declare = |rules: &str, pay: &str| {
        let fields = format!(
            "[fields.pay]\npath = \"pay\"\n{pay}[fields.who]\npath = \"who\"\nkind = \"text\"\n"
        );
        home.source(
            "offers",
            &format!("{head}[records]\nat = \"a[*]\"\nid = \"id\"\n{rules}\n{fields}"),
        );
    };
    let fetch = |minute: &str, body: &str| {
        server.on("/offers", Answer::ok(body));
        home.run("fetcher", &["--now", &at(minute)]).exits(0);
        home.run("summarizer", &["--now", &at(minute), "run", "--all"]).exits(0);
    };
    let url = home.store();
    let all = |columns: &str| -> Vec<String> {
        let sql = format!("SELECT {columns} FROM records_offers ORDER BY id");
        let of = |row: Vec<Option<String>>| {
            row.into_iter().map(|one| one.unwrap_or("-".into())).collect::<Vec<_>>().join(" ")
        };
        rows(url, &sql).into_iter().map(of).collect()
    };
    server.on("/offers", Answer::ok(r#"{"a": [{"id": "a", "pay": "ten", "who": "Old"}]}"#));
    declare("", "kind = \"text\"\n");
    fetch("10:01", r#"{"a": [{"id": "b", "pay": 20, "who": "New"}]}"#);
    assert_eq!(all("id, pay, who"), ["a ten Old"]);
    // What was a text becomes a number, and who offers may be withdrawn.
    declare("withdrawable = [\"who\"]\nraw_for = \"32d\"", "unit = \"EUR\"\n");
    fetch("10:10", r#"{"a": [{"id": "b", "pay": 20, "who": "New"}]}"#);
    assert_eq!(all("id, pay, pay_2, who"), ["a ten - Old", "b - 20 New"]);
    // And back.
    declare("", "kind = \"text\"\n");
    fetch("10:20", r#"{"a": [{"id": "b", "pay": "twenty", "who": "Newer"}]}"#);
    fetch("10:30", r#"{"a": [{"id": "b", "pay": "twenty", "who": "Newer"}]}"#);
    assert_eq!(all("id, pay, who"), ["a ten Old", "b twenty Newer"]);
}
