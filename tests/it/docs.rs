//! What the documents say is there, is there: every key of the settings with its default, every
//! path and every command.

use crate::recording::whole_day;
use crate::sandbox::{Kind, Sandbox};
use daybook::domain::bucket::Server;
use daybook::domain::settings::Settings;
use daybook::edge::config::settings;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn example() -> String {
    fs::read_to_string(Path::new(ROOT).join("daybook.toml")).unwrap()
}

/// A line that is a key or a table behind a comment sign.
fn uncommented(line: &str) -> Option<&str> {
    let bare = line.strip_prefix("# ")?;
    let key = bare.split(" =").next().unwrap_or_default();
    let plain = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_lowercase() || c == '_');
    let is_key = bare.contains(" = ") && plain(key.trim());
    let is_table = bare.starts_with('[') && bare.ends_with(']');
    (is_key || is_table).then_some(bare)
}

#[test]
fn the_example_settings_are_the_defaults() {
    let text = example();
    let lines = text.lines().map(|line| uncommented(line).unwrap_or(line));
    let all = settings("daybook.toml", &lines.collect::<Vec<_>>().join("\n"));
    let all = all.unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(all.store.as_deref(), Some("mongodb://localhost:27017/daybook"));
    assert!(all.contact.is_some());
    let mut rest = Settings { store: None, contact: None, ..all };
    assert_eq!(rest.summarizer.archive.take().as_deref(), Some("archive"));
    let bucket = std::mem::take(&mut rest.archive);
    assert!(bucket.endpoint.is_some() && bucket.authorities.is_some());
    let usual = Server { endpoint: None, authorities: None, ..bucket };
    assert_eq!(usual, Server::default());
    let study = std::mem::take(&mut rest.report.study);
    assert!(study.subject.is_some() && study.approach.is_some() && study.analyses.len() == 2);
    let ping = std::mem::replace(&mut rest.ping, Settings::default().ping);
    assert_eq!((ping.all().count(), ping.every), (3, rest.ping.every));
    assert_eq!(rest, Settings::default());
    let as_it_is = settings("daybook.toml", &text).unwrap();
    assert_eq!(Settings { store: None, contact: None, ..as_it_is }, Settings::default());
}

/// All keys there are, as the faults of a file of unknown ones list them.
fn known(table: &str) -> BTreeSet<String> {
    let text = if table.is_empty() {
        "qqqqqqqq = 1\n".into()
    } else {
        format!("[{table}]\nqqqqqqqq = 1\n")
    };
    let faults = settings("x", &text).unwrap_err().to_string();
    let (_, keys) = faults.split_once("allowed: ").expect(&faults);
    keys.split(", ").map(str::to_string).collect()
}

#[test]
fn the_example_settings_name_every_key_with_a_reason() {
    let text = example();
    let tables = known("");
    let named = |key: &str| {
        let line = |line: &&str| {
            let bare = uncommented(line).unwrap_or(line);
            bare.split('=').next().is_some_and(|name| name.trim() == key)
        };
        text.lines().position(|found| line(&found))
    };
    for table in &tables {
        let header = format!("[{table}]");
        let is_table = text.lines().any(|l| uncommented(l).unwrap_or(l) == header);
        if !is_table {
            assert!(named(table).is_some(), "daybook.toml does not name {table}");
            continue;
        }
        for key in known(table) {
            let at = named(&key).unwrap_or_else(|| panic!("{table}.{key} is not named"));
            let above = text.lines().nth(at - 1).unwrap_or_default();
            let reason = above.starts_with("# ") && uncommented(above).is_none();
            assert!(reason, "{table}.{key} has no line of why above it, but {above:?}");
        }
    }
    assert!(tables.contains("fetcher") && tables.contains("summarizer"));
}

fn documents() -> Vec<(String, String)> {
    let names = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md"].map(String::from).into_iter();
    let docs = fs::read_dir(Path::new(ROOT).join("docs")).into_iter().flatten();
    let docs = docs.map(|entry| format!("docs/{}", entry.unwrap().file_name().display()));
    let read =
        |name: String| Some((name.clone(), fs::read_to_string(Path::new(ROOT).join(name)).ok()?));
    names.chain(docs.filter(|name| name.ends_with(".md"))).filter_map(read).collect()
}

/// Links and pieces of code that look like files of the project.
#[test]
fn paths_in_documents_exist() {
    let rooms = ["src/", "tests/", "scripts/", "sources/", "docs/", "demo/", "assets/", ".ci/"];
    let mut missing = Vec::new();
    for (document, text) in documents() {
        let folder = Path::new(ROOT).join(&document);
        let folder = folder.parent().unwrap();
        let code =
            text.split('`').skip(1).step_by(2).filter(|code| !code.contains([' ', '\n', '<']));
        for path in code.filter(|code| rooms.iter().any(|room| code.starts_with(room))) {
            let plain = path.trim_end_matches(['/', ':']).split("::").next().unwrap_or_default();
            let known = plain.contains(['*', '{', '…']) || Path::new(ROOT).join(plain).exists();
            if !known {
                missing.push(format!("{document}: {path}"));
            }
        }
        let links = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
        for link in links.filter(|link| !link.is_empty() && !link.contains("://")) {
            if !folder.join(link).exists() && !link.starts_with("mailto:") {
                missing.push(format!("{document}: link to {link}"));
            }
        }
    }
    assert!(missing.is_empty(), "\n{}\n", missing.join("\n"));
}

/// Each `make TARGET` and each command of ours is one; other words are not looked at.
#[test]
fn commands_in_documents_exist() {
    let makefile = fs::read_to_string(Path::new(ROOT).join("Makefile")).unwrap();
    let home = Sandbox::new(Kind::Sqlite);
    let mut missing = Vec::new();
    for (document, text) in documents() {
        for line in text.lines().flat_map(|line| line.split('`')) {
            let words: Vec<&str> = line.trim_start_matches("$ ").split_whitespace().collect();
            let known = match words.as_slice() {
                ["make", target, ..] if is_word(target) => {
                    makefile.contains(&format!("\n{target}:"))
                }
                [program @ ("fetcher" | "summarizer" | "analyzer"), action, ..]
                    if is_word(action) =>
                {
                    !line.contains("--") && words.len() > 3
                        || home.run(program, &[action, "--help"]).code == Some(0)
                }
                _ => true,
            };
            if !known {
                missing.push(format!("{document}: {line}"));
            }
        }
    }
    assert!(missing.is_empty(), "\n{}\n", missing.join("\n"));
}

fn is_word(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_lowercase())
}

/// The lines of a crontab that run something, switched on or not.
fn jobs(crontab: &str) -> Vec<String> {
    let is_job = |line: &&str| line.contains(" --home ") && line.contains("* ");
    crontab.lines().filter(is_job).map(str::to_string).collect()
}

#[test]
fn the_crontab_of_the_project_is_the_one_that_install_writes() {
    use daybook::domain::crontab::Place;
    let (programs, home) = (Path::new("/usr/local/bin"), Path::new("/var/lib/daybook"));
    let shipped = jobs(&fs::read_to_string(Path::new(ROOT).join("crontab")).unwrap());
    assert_eq!(shipped.len(), 5);
    assert_eq!(shipped, jobs(&Place::new(programs, home).unwrap().block()));
}

#[test]
fn the_queries_for_mongodb_answer_as_shown() {
    let home = whole_day(Kind::Server, "");
    let python = std::env::var("DAYBOOK_PYTHON").unwrap_or_else(|_| "python3".into());
    let mut command = std::process::Command::new(python);
    command.args(["tests/queries.py", "docs/mongodb.md"]).arg(home.store()).current_dir(ROOT);
    let bless = std::env::var_os("DAYBOOK_BLESS").map(|_| "--bless");
    let output = command.args(bless).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
}
