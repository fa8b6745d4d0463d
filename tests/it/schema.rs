//! The JSON Schema of declarations: it is the generated one, has the keys that the reader knows,
//! takes what the reader takes, and refuses keys that it refuses.

use daybook::domain::name::SourceName;
use daybook::edge::config;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const FILE: &str = "docs/source.schema.json";

#[test]
fn the_schema_is_the_generated_one() {
    let (path, generated) = (Path::new(ROOT).join(FILE), config::schema());
    if std::env::var_os("DAYBOOK_BLESS").is_some() {
        fs::write(&path, &generated).unwrap();
    }
    assert!(fs::read_to_string(path).unwrap() == generated, "{FILE} is out of date");
}

#[test]
fn the_page_has_the_tables_of_the_keys() {
    let path = Path::new(ROOT).join("docs/sources.md");
    let text = fs::read_to_string(&path).unwrap();
    let wanted = config::reference::page(&text).unwrap();
    if std::env::var_os("DAYBOOK_BLESS").is_some() {
        fs::write(&path, &wanted).unwrap();
    }
    assert!(fs::read_to_string(&path).unwrap() == wanted, "docs/sources.md is out of date");
}

/// The keys that the reader knows of a table, as its fault about an unknown one lists them.
fn known(toml: &str) -> BTreeSet<String> {
    let name = SourceName::parse("case").unwrap();
    let faults = config::source(&name, "x", toml).unwrap_err().to_string();
    let line = faults.lines().find(|line| line.contains("qqqqqqqqqq")).expect(&faults);
    let (_, keys) = line.split_once("allowed: ").expect(line);
    keys.split(", ").map(str::to_string).collect()
}

#[test]
fn the_reader_knows_and_reads_the_keys_of_the_schema() {
    let schema: serde_json::Value = serde_json::from_str(&config::schema()).unwrap();
    for (toml, place) in [
        ("QQ", ""),
        ("[about]\nQQ", "/properties/about"),
        ("[about]\nlicence = { QQ }", "/properties/about/properties/licence"),
        ("[fetch]\nQQ", "/properties/fetch"),
        ("[fetch]\nquota = [{ QQ }]", "/properties/fetch/properties/quota/items"),
        ("[fetch]\nrange = { QQ }", "/properties/fetch/properties/range/oneOf/1"),
        ("[fetch.graphql]\nQQ", "/properties/fetch/properties/graphql"),
        ("[fetch.auth]\nQQ", "/properties/fetch/properties/auth"),
        ("[fetch.pages]\nQQ", "/properties/fetch/properties/pages"),
        ("[fetch.csv]\nQQ", "/properties/fetch/properties/csv"),
        ("[fetch]\nredact = [{ QQ }]", "/properties/fetch/properties/redact/items/oneOf/1"),
        ("[samples]\nQQ", "/properties/samples"),
        ("[records]\nQQ", "/properties/records"),
        ("[records]\ntime = { QQ }", "/$defs/time"),
        ("[records]\nwhere = [{ QQ }]", "/$defs/filter"),
        ("[fields]\nx = { QQ }", "/$defs/field"),
        ("[aggregates]\nx = { QQ }", "/$defs/aggregate"),
        ("[[figures]]\nQQ", "/$defs/figure"),
        ("[samples]\nlabels = { QQ }", "/$defs/file"),
    ] {
        let properties = schema.pointer(&format!("{place}/properties")).expect(place);
        let keys: BTreeSet<String> = properties.as_object().unwrap().keys().cloned().collect();
        assert_eq!(keys, known(&toml.replace("QQ", "qqqqqqqqqq = 1")), "{place}");
        // A date is nowhere allowed: of a key that nobody reads, nothing would be said.
        for key in keys {
            let toml = toml.replace("QQ", &format!("{key} = 1979-05-27"));
            let name = SourceName::parse("case").unwrap();
            let faults = config::source(&name, "x", &toml).unwrap_err().to_string();
            let told =
                |line: &str| line.contains(&format!("{key} is ")) && !line.contains("is missing;");
            assert!(faults.lines().any(told), "{place} {key}: {faults}");
        }
    }
}

fn declarations() -> Vec<PathBuf> {
    let cases = ["tests/cases/extract", "tests/cases/config"].into_iter().flat_map(|folder| {
        let listing = fs::read_dir(Path::new(ROOT).join(folder)).unwrap();
        listing.map(|entry| entry.unwrap().path().join("source.toml"))
    });
    let shipped = fs::read_dir(Path::new(ROOT).join("sources")).unwrap();
    let shipped = shipped.map(|entry| entry.unwrap().path());
    let mut all: Vec<PathBuf> = cases.chain(shipped).filter(|path| path.is_file()).collect();
    all.sort();
    all
}

/// What the reader takes, the schema takes; an unknown key, both refuse.
#[test]
fn the_schema_takes_what_the_reader_takes() {
    let python = std::env::var("DAYBOOK_PYTHON").unwrap_or_else(|_| "python3".into());
    let mut command = Command::new(python);
    command.arg(format!("{ROOT}/tests/schema.py")).arg(format!("{ROOT}/{FILE}"));
    let output = command.args(declarations()).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let (mut good, mut unknown) = (0, 0);
    for path in declarations() {
        let text = fs::read_to_string(&path).unwrap();
        let name = SourceName::parse("case").unwrap();
        let read = config::source(&name, "x", &text);
        let shown = path.display().to_string();
        let line = told.lines().find(|line| line.contains(&shown)).unwrap();
        match read {
            Ok(_) => {
                assert!(line.starts_with("valid "), "{line}");
                good += 1;
            }
            Err(faults) if faults.to_string().contains("unknown key") => {
                assert!(line.starts_with("invalid "), "{line}");
                unknown += 1;
            }
            Err(_) => {}
        }
    }
    assert!(good > 40 && unknown >= 2, "{good} good, {unknown} with unknown keys");
}
