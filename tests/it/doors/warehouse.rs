//! What people find in a PostgreSQL store: views with a column per field, for whichever role.

use crate::crash::is_fine;
use crate::crash::scene::at;
use crate::postgres::{rows, shared};
use crate::recording::{BIKES, DAY, QUAKES, declaration, whole_day};
use crate::recount::Recount;
use crate::sandbox::{Kind, Sandbox};
use crate::served;
use crate::server::{Answer, Server};
use std::path::Path;
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The schema of a store.
pub fn schema(url: &str) -> &str {
    url.split_once("?schema=").unwrap().1
}

/// A home whose bikes are counted, over an empty store of PostgreSQL.
fn counted() -> (Sandbox, Server) {
    let (home, server) = (Sandbox::over(&shared().url()), Server::start());
    home.settings("");
    for (source, body) in [(BIKES, 0), (QUAKES, 0)] {
        home.source(source, &declaration(source, "1m", &server));
        let body = crate::crash::scene::small(source, body);
        server.on(&format!("/{source}"), Answer::ok(&*body));
    }
    home.run("fetcher", &["--now", &at("10:05")]).exits(0);
    home.run("summarizer", &["--now", &at("12:10")]).exits(0);
    (home, server)
}

pub fn columns(url: &str, view: &str) -> Vec<String> {
    let sql = format!(
        "SELECT attname || ' ' || format_type(atttypid, atttypmod) || \
         coalesce(': ' || col_description(attrelid, attnum), '') FROM pg_attribute \
         WHERE attrelid = '{view}'::regclass AND attnum > 0 ORDER BY attnum"
    );
    rows(url, &sql).into_iter().map(|row| row[0].clone().unwrap()).collect()
}

pub fn one(url: &str, sql: &str) -> String {
    rows(url, sql)[0][0].clone().unwrap_or_default()
}

#[test]
fn a_source_has_views_with_types_units_and_licence() {
    let (home, _server) = counted();
    let url = home.store();
    let hours = columns(url, "hours_bikes_baywheels");
    assert_eq!(hours[0], "hour_at timestamp with time zone: Start of the hour, UTC");
    assert!(
        hours.contains(&"bikes double precision: Bikes, in bike: mean of the hour".into()),
        "{hours:?}"
    );
    assert!(hours.contains(&"bikes_count bigint: Bikes: how many values the hour has".into()));
    let records = columns(url, "records_earthquakes_usgs");
    assert!(records.contains(&"depth double precision: Depth, in km".into()), "{records:?}");
    assert!(
        records.iter().any(|column| column.starts_with("occurred_at timestamp with time zone"))
    );
    assert!(records.iter().any(|column| column.starts_with("place text")));
    let about = "SELECT obj_description('hours_bikes_baywheels'::regclass)";
    assert!(one(url, about).contains("Licence: "), "{}", one(url, about));
    // What a view says is what the rows say.
    let sum = "SELECT sum(bikes * bikes_count) FROM hours_bikes_baywheels WHERE series <> '*'";
    let plain = "SELECT sum(sum) FROM statistics WHERE field = 'bikes' AND series <> '*'";
    assert_eq!(one(url, sum).parse::<f64>().unwrap(), one(url, plain).parse::<f64>().unwrap());
    let latest = "SELECT count(*) FROM latest_records WHERE source = 'earthquakes-usgs'";
    assert_eq!(one(url, "SELECT count(*) FROM records_earthquakes_usgs"), one(url, latest));
    assert_ne!(one(url, latest), "0");
}

#[test]
fn a_changed_declaration_breaks_no_query() {
    let (home, server) = counted();
    let url = home.store().to_string();
    let before = columns(&url, "hours_bikes_baywheels");
    rows(
        &url,
        "CREATE VIEW of_somebody AS SELECT hour_at, bikes, ebikes FROM hours_bikes_baywheels",
    );
    let text = declaration(BIKES, "1m", &server);
    let (head, rest) = text.split_once("[fields.ebikes]").unwrap();
    let (_, tail) = rest.split_once("[fields.").unwrap();
    let text = format!(
        "{head}[fields.broken]\npath = \"num_bikes_disabled\"\nunit = \"bike\"\n\
         title = {{ en = \"Broken\", fr = \"En panne\" }}\n[fields.{tail}"
    );
    home.source(BIKES, &text);
    is_fine(&home.run("summarizer", &["--now", &at("13:10")]));
    let after = columns(&url, "hours_bikes_baywheels");
    let names = |all: &[String]| -> Vec<String> {
        all.iter().map(|column| column.split(' ').next().unwrap().to_string()).collect()
    };
    assert_eq!(names(&after)[..before.len()], names(&before)[..]);
    assert_eq!(
        names(&after)[before.len()..],
        ["broken", "broken_min", "broken_max", "broken_count"]
    );
    assert_ne!(one(&url, "SELECT count(ebikes) FROM of_somebody"), "0");
    // A store that is filled from a backup has the same columns, in the same places.
    let place = crate::sandbox::temporary();
    let backup = place.path().join("backup").display().to_string();
    home.run("summarizer", &["--now", &at("13:20"), "backup", &backup]).exits(0);
    let again = crate::backup::empty(Kind::Server);
    again.run("summarizer", &["restore", &backup, "--store", again.store()]).exits(0);
    again.run("summarizer", &["--now", &at("13:30")]).exits(0);
    assert_eq!(columns(again.store(), "hours_bikes_baywheels"), after);
    // Nothing is made anew that is as it should be.
    let made = "SELECT xmin FROM described WHERE source = 'bikes-baywheels'";
    let first = one(&url, made);
    is_fine(&home.run("summarizer", &["--now", &at("14:10")]));
    assert_eq!(one(&url, made), first);
}

/// The address of a store for another role.
pub fn of_role(url: &str, role: &str) -> String {
    url.replace("postgres://postgres@", &format!("postgres://{role}@"))
}

#[test]
fn a_role_that_may_make_nothing_works_after_init() {
    let (home, server) = (Sandbox::over(&shared().url()), Server::start());
    let url = home.store().to_string();
    let schema = schema(&url).to_string();
    let roles = format!(
        "CREATE ROLE {schema}_owner LOGIN; CREATE ROLE {schema}_writer LOGIN; \
         CREATE ROLE {schema}_reader LOGIN; CREATE SCHEMA {schema} AUTHORIZATION {schema}_owner; \
         GRANT USAGE ON SCHEMA {schema} TO {schema}_writer, {schema}_reader; \
         ALTER DEFAULT PRIVILEGES FOR ROLE {schema}_owner IN SCHEMA {schema} \
         GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {schema}_writer; \
         ALTER DEFAULT PRIVILEGES FOR ROLE {schema}_owner IN SCHEMA {schema} \
         GRANT SELECT ON TABLES TO {schema}_reader"
    );
    rows(&url, &roles);
    let [owner, writer, reader] =
        ["owner", "writer", "reader"].map(|role| of_role(&url, &format!("{schema}_{role}")));
    home.settings("");
    home.source(BIKES, &declaration(BIKES, "1m", &server));
    let body = crate::crash::scene::small(BIKES, 0);
    server.on(&format!("/{BIKES}"), Answer::ok(&*body));
    home.run("fetcher", &["--now", &at("10:05")]).exits(0);
    let with = |store: &str, more: &[&str]| {
        home.run("summarizer", &[&["--store", store, "--now", &at("12:10")], more].concat())
    };
    // Before there is anything, a writer is told what is missing.
    with(&writer, &[]).exits(2).says("summarizer store init");
    with(&owner, &["store", "init"]).exits(0);
    with(&writer, &[]).exits(0);
    with(&writer, &["audit"]).exits(0).says("the difference is zero");
    with(&writer, &["status"]).exits(0);
    assert_ne!(one(&url, "SELECT count(*) FROM hours_bikes_baywheels"), "0");
    // Another declaration: the old views stay, and status says so until the owner made them.
    let text =
        declaration(BIKES, "1m", &server).replace("unit       = \"dock\"", "unit = \"place\"");
    home.source(BIKES, &text);
    with(&writer, &["run", "--all"]).exits(0);
    with(&writer, &["status"]).exits(1).says("older declaration").says("bikes-baywheels");
    with(&owner, &["store", "init"]).exits(0);
    with(&writer, &["status"]).exits(0);
    // Who prints needs to read, and can do nothing else.
    let report = ["--store", &reader, "--now", &at("13:00"), "report", "--date", "2026-11-21"];
    home.run("analyzer", &report).exits(0);
    with(&reader, &[]).exits(2);
    with(&writer, &["audit"]).exits(0).says("the difference is zero");
}

#[test]
fn questions_about_hours_and_ids_use_indexes() {
    let home = whole_day(Kind::Server, "");
    let url = home.store();
    rows(url, "ANALYZE");
    let plan = |sql: &str| -> String {
        let lines = rows(url, &format!("SET enable_seqscan = on; EXPLAIN {sql}"));
        lines.into_iter().map(|row| row[0].clone().unwrap() + "\n").collect()
    };
    let hour = plan("SELECT * FROM hours_bikes_oslo WHERE hour_at = '2026-11-21 10:00Z'");
    assert!(hour.contains("summaries_commit"), "{hour}");
    let id = one(url, "SELECT id FROM records_earthquakes_usgs LIMIT 1");
    let id = plan(&format!("SELECT * FROM records_earthquakes_usgs WHERE id = '{id}'"));
    assert!(id.contains("records_name") || id.contains("records_commit"), "{id}");
    assert!(!hour.contains("Seq Scan on summaries"), "{hour}");
    assert!(!id.contains("Seq Scan on records"), "{id}");
}

/// The queries of a document, as they stand there.
fn queries(document: &str) -> Vec<String> {
    let text = std::fs::read_to_string(Path::new(ROOT).join(document)).unwrap();
    let (_, text) = text.split_once("## 1.").unwrap();
    let blocks = text.split("```sql\n").skip(1);
    blocks.map(|block| block.split_once("```").unwrap().0.to_string()).collect()
}

#[test]
fn the_documented_queries_and_dbt_read_the_recorded_day() {
    let home = whole_day(Kind::Server, "");
    let url = home.store();
    assert_eq!(DAY, "2026-11-21");
    let queries = queries("docs/postgresql.md");
    assert_eq!(queries.len(), 5);
    for sql in queries {
        let found =
            rows(url, &sql.replace("daybook.", "").replace("'daybook'", "current_schema()"));
        assert!(!found.is_empty(), "{sql}");
        assert!(found.iter().all(|row| row[0].is_some()), "{sql}: {found:?}");
        println!("{sql}{}", found.iter().map(|row| format!("{row:?}\n")).collect::<String>());
    }
    dbt(url, &home);
    let differences = Recount::start().differences(&served::folder(&home), url, &[]);
    assert_eq!(differences, [""; 0]);
}

/// Builds the project of dbt over the views of a store.
fn dbt(url: &str, home: &Sandbox) {
    let port = url.split([':', '/']).find_map(|part| part.parse::<u16>().ok()).unwrap();
    let (target, log) = (home.path("dbt"), home.path("dbt-log"));
    let project = format!("{ROOT}/tests/dbt");
    let dbt = format!("{ROOT}/target/test-needs/doors/bin/dbt");
    let output = Command::new(&dbt)
        .args(["--no-use-colors", "build", "--project-dir", &project, "--profiles-dir", &project])
        .arg("--target-path")
        .arg(&target)
        .arg("--log-path")
        .arg(&log)
        .env("DAYBOOK_PORT", port.to_string())
        .env("DAYBOOK_SCHEMA", schema(url))
        .env("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
        .output()
        .unwrap_or_else(|error| panic!("{dbt}: {error}: `make test-doors` brings it"));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("ERROR=0") && said.contains("PASS=8"), "{said}");
    let marts = format!("SELECT count(*) FROM {}_marts.stations_by_day", schema(url));
    assert!(one(url, &marts).parse::<u32>().unwrap() > 100);
}
