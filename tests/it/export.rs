//! The export of the recorded day: the same from both stores, the same in both forms, valid for
//! the validator of Data Packages, and telling what the store holds.

use crate::damage;
use crate::recording::{DAY, whole_day};
use crate::sandbox::{Kind, Sandbox};
use daybook::domain::hash::Digest;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn export(home: &Sandbox, more: &[&str]) -> BTreeMap<String, Vec<u8>> {
    let _ = fs::remove_dir_all(home.path("exports"));
    let now = ["--now", "2026-11-22T00:30:00Z", "export", "--from", DAY];
    home.run("analyzer", &[&now, more].concat()).exits(0).says("datapackage.json");
    let files = home.files("exports").into_iter();
    files.map(|name| (name.clone(), fs::read(home.path("exports").join(name)).unwrap())).collect()
}

/// The validator of the Frictionless Data Package, from PyPI.
fn validate(folder: &Path) -> Output {
    let python = std::env::var("DAYBOOK_PYTHON").unwrap_or_else(|_| "python3".into());
    let mut command = Command::new(python);
    command.args(["-m", "frictionless", "validate", "datapackage.json"]).current_dir(folder);
    command.output().unwrap()
}

fn rows(csv: &[u8]) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(csv);
    reader.deserialize().map(Result::unwrap).collect()
}

fn lines(ndjson: &[u8]) -> Vec<serde_json::Value> {
    let text = std::str::from_utf8(ndjson).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn the_export_is_valid_and_the_same_from_both_stores() {
    let (sqlite, mongodb) = (whole_day(Kind::Sqlite, ""), whole_day(Kind::Server, ""));
    let (one, other) = (export(&sqlite, &[]), export(&mongodb, &[]));
    assert!(one.len() > 10, "{:?}", one.keys());
    for (name, bytes) in &one {
        let address = |home: &Sandbox, bytes: &[u8]| {
            String::from_utf8_lossy(bytes).replace(home.store(), "STORE")
        };
        let same = address(&sqlite, bytes) == address(&mongodb, &other[name]);
        assert!(same, "{name} differs between the stores");
    }
    assert_eq!(one, export(&sqlite, &[]), "the same data give the same bytes");
    let folder = sqlite.path("exports");
    let told = validate(&folder);
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stdout));
    // A validator that finds nothing wrong must be able to.
    let path = folder.join("bikes-velib_summaries.csv");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("bike,1,16219", "bike,one,16219", 1)).unwrap();
    assert!(!validate(&folder).status.success());
}

#[test]
fn both_forms_tell_the_same_and_what_the_store_holds() {
    let home = whole_day(Kind::Sqlite, "");
    let some = ["--source", "bikes-oslo", "--source", "electricity-eco2mix"];
    let csv = export(&home, &some);
    let ndjson = export(&home, &[&some[..], &["--format", "ndjson"]].concat());
    assert_eq!(csv.len(), 3);
    for table in ["bikes-oslo_summaries", "electricity-eco2mix_records"] {
        let (rows, lines) =
            (rows(&csv[&format!("{table}.csv")]), lines(&ndjson[&format!("{table}.ndjson")]));
        assert_eq!(rows.len(), lines.len());
        for (row, line) in rows.iter().zip(&lines) {
            for (name, cell) in row {
                let same = match &line[name] {
                    serde_json::Value::Null => cell.is_empty(),
                    serde_json::Value::Number(n) => cell.parse::<f64>().ok() == n.as_f64(),
                    text => text.as_str() == Some(cell),
                };
                assert!(same, "{table} {name}: {cell:?} and {}", line[name]);
            }
        }
    }
    let store = rusqlite::Connection::open(home.path("daybook.sqlite")).unwrap();
    let sql = "SELECT sum(json_extract(body, '$.fields.bikes.count')), \
               sum(json_extract(body, '$.fields.bikes.sum')) FROM live_summaries \
               WHERE source = 'bikes-oslo' AND series <> '*'";
    let (count, sum): (f64, f64) =
        store.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let bikes = rows(&csv["bikes-oslo_summaries.csv"]);
    let bikes = bikes.iter().filter(|row| row["field"] == "bikes");
    let column =
        |name: &str| -> f64 { bikes.clone().map(|row| row[name].parse::<f64>().unwrap()).sum() };
    assert_eq!((column("count"), column("sum")), (count, sum));
    // All quarters of an hour of the day, and none of another day.
    assert_eq!(rows(&csv["electricity-eco2mix_records.csv"]).len(), 96);
    the_page_reads(&home, &rows(&csv["bikes-oslo_summaries.csv"]));
    // All of it: 105,655 fields of series in an hour, 22,825 versions of records, the ledger.
    let size = fs::metadata(home.path("daybook.sqlite")).unwrap().len();
    assert!(size < 9_000_000, "{size} bytes");
}

/// The reader in docs/store.md, which knows nothing of the programs, finds the medians.
fn the_page_reads(home: &Sandbox, rows: &[BTreeMap<String, String>]) {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/store.md");
    let page = fs::read_to_string(page).unwrap();
    let code = page.split("```python\n").nth(1).unwrap().split("```").next().unwrap();
    let file = home.path("reader.py");
    fs::write(&file, code).unwrap();
    let python = std::env::var("DAYBOOK_PYTHON").unwrap_or_else(|_| "python3".into());
    let store = home.path("daybook.sqlite");
    for field in ["bikes", "stations_full"] {
        let mut read = Command::new(&python);
        let output = read.arg(&file).arg(&store).args(["bikes-oslo", field]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let line = |row: &BTreeMap<String, String>| {
            let median: f64 = row["p50"].parse().unwrap();
            format!("{} {} {} {median:?}", row["hour"], row["series"], row["count"])
        };
        let of_field = rows.iter().filter(|row| row["field"] == field);
        let wanted: BTreeSet<String> = of_field.map(line).collect();
        let found: BTreeSet<String> =
            String::from_utf8(output.stdout).unwrap().lines().map(str::to_string).collect();
        assert!(!wanted.is_empty() && found == wanted, "{field}");
    }
}

#[test]
fn what_cannot_be_exported_is_told() {
    let home = whole_day(Kind::Sqlite, "");
    let run = |more: &[&str]| home.run("analyzer", &[&["export"], more].concat()).exits(2);
    run(&["--source", "bikes-velip"]).says("did you mean bikes-velib?");
    run(&["--from", "2026-11-22", "--to", "2026-11-21"]).says("is no period");
    fs::write(home.path("taken"), "").unwrap();
    let taken = home.path("taken/inside");
    run(&["--out", taken.to_str().unwrap()]).says("cannot make the folder");
}

/// What differs between a package and the files beside it; `None` where there is no package.
fn differences(folder: &Path) -> Option<Vec<String>> {
    let text = fs::read_to_string(folder.join("datapackage.json")).ok()?;
    let package: serde_json::Value = serde_json::from_str(&text).unwrap();
    let resources = package["resources"].as_array().unwrap();
    let mut wrong = Vec::new();
    let mut named = vec!["datapackage.json"];
    for resource in resources {
        let path = resource["path"].as_str().unwrap();
        named.push(path);
        let bytes = fs::read(folder.join(path)).unwrap_or_default();
        let hash = format!("sha256:{}", Digest::of(&bytes).hex());
        if resource["hash"] != hash || resource["bytes"] != bytes.len() {
            wrong.push(format!("{path} is another"));
        }
    }
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !named.contains(&&*name) && !name.ends_with('~') {
            wrong.push(format!("{name} is not named"));
        }
    }
    Some(wrong)
}

/// Over an older export of other days, forms and sources, killed at each step.
#[test]
fn a_killed_export_leaves_a_whole_one_or_no_package() {
    let home = damage::home(Kind::Sqlite);
    let now = ["--now", "2026-11-25T00:15:00Z", "export", "--from"];
    let older = [&now[..], &["2026-11-23", "--to", "2026-11-24"]].concat();
    let folder = home.path("exports");
    for newer in [
        [&now[..], &["2026-11-24"]].concat(),
        [&now[..], &["2026-11-24", "--format", "ndjson", "--source", "bikes"]].concat(),
    ] {
        let (mut whole, mut none) = (0, 0);
        for step in 1.. {
            let _ = fs::remove_dir_all(&folder);
            home.run("analyzer", &older).exits(0);
            assert_eq!(differences(&folder), Some(Vec::new()));
            let ran = home.run_hooked("analyzer", &newer, &format!("kill:{step}"));
            match differences(&folder) {
                Some(wrong) => {
                    assert_eq!(wrong, [""; 0], "killed at {step}");
                    whole += 1;
                }
                None => none += 1,
            }
            if ran.code == Some(0) {
                break;
            }
            ran.was_killed();
        }
        assert!(whole > 3 && none > 3, "{whole} whole, {none} without a package");
    }
}
