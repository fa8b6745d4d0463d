//! Containers as Python makes them (`tests/containers.py`), good and bad: what is read out of each,
//! or why nothing is. `DAYBOOK_BLESS=1` rewrites what is expected.

use crate::declared::declared;
use crate::sandbox::{KINDS, Sandbox};
use crate::server::{Answer, Server};
use daybook::domain::extract::{Extraction, Found, Plan, Value};
use daybook::domain::name::SourceName;
use daybook::domain::source::Source;
use daybook::edge::config;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

/// The hour in which these tests fetch, and two in which they summarise.
const FETCH: &str = "2026-11-21T10:00:00Z";
const CLOSED: &str = "2026-11-21T11:05:00Z";
const LATER: &str = "2026-11-21T12:05:00Z";

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const EXPECTED: &str = "tests/fixtures/containers/expected.txt";

fn python(script: &str, folder: &Path) {
    let python = std::env::var("DAYBOOK_PYTHON").unwrap_or_else(|_| "python3".into());
    let script = format!("{ROOT}/tests/{script}");
    let output = Command::new(python).args(["-W", "ignore", &script]).arg(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn archive(name: &str) -> Vec<u8> {
    fs::read(format!("{ROOT}/tests/fixtures/containers/{name}")).unwrap()
}

/// A declaration of rows; `packed` goes into its `[fetch]`.
fn rows(url: &str, packed: &str) -> String {
    let items = "[samples]\nat = \"@\"\nseries = \"id\"\n[fields.v]\npath = \"v\"\n";
    declared("csv", url, "1m", &format!("{packed}\nmax_bytes = \"1MiB\"\n{items}"))
}

fn source(packed: &str) -> Source {
    let (name, text) = (SourceName::parse("case").unwrap(), rows("https://example.org/", packed));
    config::source(&name, "case", &text).unwrap_or_else(|faults| panic!("{faults}"))
}

fn plan(file: &str, member: Option<&str>) -> Plan {
    let (_, ending) = file.rsplit_once('.').unwrap();
    let unpack = match ending {
        "gz" => "gzip",
        "tgz" => "tar.gz",
        other => other,
    };
    let member = member.map(|member| format!("member = {member:?}\n")).unwrap_or_default();
    Plan::new(&source(&format!("unpack = {unpack:?}\n{member}")))
}

/// The items, or the faults.
fn told(plan: &Plan, bytes: &[u8]) -> String {
    let mut found = Extraction::default();
    plan.extract(bytes, None, &mut found);
    let item = |item| match found.values(item, 1) {
        [Value::Number(number)] => format!("{} {number}", found.text(item.key)),
        other => format!("{other:?}"),
    };
    let items = found.items().iter().map(item);
    let faults = found.faults().iter().map(|fault| fault.reason.replace('\n', "\n    "));
    items.chain(faults).collect::<Vec<_>>().join(", ")
}

#[test]
fn what_is_in_containers_is_read_or_told() {
    let folder = tempfile::tempdir().unwrap();
    python("containers.py", folder.path());
    let mut files: Vec<String> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert!(files.len() > 70);
    let mut out = String::new();
    for file in files {
        let bytes = fs::read(folder.path().join(&file)).unwrap();
        let members = if file.ends_with(".gz") { &[None][..] } else { &[None, Some("*rows.csv")] };
        for member in members {
            let named = member.map(|member| format!(" {member}")).unwrap_or_default();
            let _ = writeln!(out, "{file}{named}: {}", told(&plan(&file, *member), &bytes));
        }
    }
    let path = Path::new(ROOT).join(EXPECTED);
    if std::env::var_os("DAYBOOK_BLESS").is_some() {
        fs::write(&path, &out).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    for (found, wanted) in out.lines().zip(expected.lines()) {
        assert_eq!(found, wanted);
    }
    assert_eq!(out, expected);
}

/// It lands as it came, under the ending of what it is, and is opened where it is read: by a try
/// of a sample, by counting, by a replay under a mended declaration.
#[test]
fn an_archive_lands_as_it_came_and_is_counted() {
    let server = Server::start();
    server.on("/rows", Answer::ok(archive("folder.zip")));
    let declaration = |member: &str| {
        let member = format!("unpack = \"zip\"\nmember = {member:?}");
        rows(&server.url("/rows"), &member)
    };
    for kind in KINDS {
        let home = Sandbox::new(kind);
        home.settings("");
        home.source("rows", &declaration("x/*.txt"));
        let told = home.run("fetcher", &["--now", FETCH]).exits(2);
        told.says("answered 200 with what cannot be opened (no file in it is named as").says(
            "it holds 2 files: x/rows.csv, __MACOSX/._rows.csv), not csv; the answer is kept",
        );
        let landed = home.files("data/rows");
        assert!(landed.len() == 1 && landed[0].ends_with(".zip"), "{landed:?}");
        let path = home.path("data/rows").join(&landed[0]);
        assert_eq!(fs::read(&path).unwrap(), archive("folder.zip"));
        home.run("summarizer", &["--now", CLOSED]).exits(1);
        let folder = "data/quarantine/rows";
        let files = home.files(folder);
        assert_eq!(files.len(), 2, "{files:?}");
        let reason = fs::read_to_string(home.path(folder).join(&files[1])).unwrap();
        assert!(reason.contains("no file in it is named as fetch.member"), "{reason}");

        home.source("rows", &declaration("x/*.csv"));
        let sample = home.path(folder).join(&files[0]).display().to_string();
        let tried = home.run("fetcher", &["try", "rows", "--sample", &sample]);
        tried.exits(0).says("2 in the list, 2 readable");
        home.run("summarizer", &["replay", "--now", LATER]).exits(0);
        assert_eq!(home.files(folder), [""; 0]);
        home.run("summarizer", &["audit", "--now", LATER]).exits(0).says("the difference is zero");
    }
}

#[test]
fn a_recording_may_be_of_archives() {
    let home = Sandbox::new(KINDS[0]);
    home.settings("");
    let packed = "unpack = \"tar.gz\"\nmember = \"*/rows.csv\"";
    home.source("rows", &rows("https://example.org/", packed));
    let folder = home.path("kept/rows");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("rows_2026-11-20T10-00-00Z.tgz"), archive("folder.tgz")).unwrap();
    let kept = home.path("kept").display().to_string();
    home.run("fetcher", &["run", "--replay", &kept, "--now", FETCH]).exits(0);
    let landed = home.files("data/rows");
    assert!(landed.len() == 1 && landed[0].ends_with(".tgz"), "{landed:?}");
    home.run("summarizer", &["run", "--now", CLOSED]).exits(0);
    home.run("summarizer", &["audit", "--now", LATER]).exits(0).says("the difference is zero");
}

/// Positions of what another pattern finds are those of another list.
#[test]
fn the_pattern_is_part_of_the_numbering() {
    let numbering = |packed: &str| source(packed).numbering();
    let plain = numbering("");
    assert_eq!(numbering("unpack = \"gzip\""), plain);
    assert_eq!(numbering("unpack = \"zip\""), plain);
    let [a, b] = ["a*", "b*"].map(|member| format!("unpack = \"zip\"\nmember = {member:?}"));
    assert_ne!(numbering(&a), plain);
    assert_ne!(numbering(&a), numbering(&b));
}

/// Where the next page stands in an answer, it is sought in what the answer holds.
#[test]
fn the_next_page_is_sought_in_what_is_packed() {
    let rest = "unpack = \"gzip\"\n[samples]\nat = \"rows[*]\"\nseries = \"id\"\n\
                [fields.v]\npath = \"v\"\n";
    let text = declared("json", "https://example.org/", "1m", rest);
    let plan = Plan::new(&config::source(&SourceName::parse("case").unwrap(), "x", &text).unwrap());
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(b"{\"next\": \"p2\", \"rows\": [{\"id\": \"a\", \"v\": 1}]}").unwrap();
    let packed = packed.finish().unwrap();
    let found = plan.peek(&packed, &[&daybook::domain::path::Path::parse("next").unwrap()]);
    assert_eq!(found, Ok(vec![Found::Text("p2".into())]));
    assert_eq!(plan.census(&packed, None).unwrap().items, 1);
}
