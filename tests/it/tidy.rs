//! The house rules that a compiler does not know: this reads the tree and fails on a step
//! against the one-way corridors, and on what grows too long.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A source file: its path from the root, its text, and the part that is no test.
pub struct File {
    pub path: String,
    pub text: String,
    pub code: String,
}

pub fn rust_files(folder: &str) -> Vec<File> {
    let walk = walkdir::WalkDir::new(Path::new(ROOT).join(folder)).sort_by_file_name();
    let paths = walk.into_iter().map(|entry| entry.unwrap().into_path());
    let rust = paths.filter(|path| path.extension().is_some_and(|ext| ext == "rs"));
    let mut files: Vec<File> = rust.map(read).collect();
    assert!(!files.is_empty());
    let tests: Vec<String> = files.iter().flat_map(test_modules).collect();
    for file in &mut files {
        let stem = file.path.trim_end_matches(".rs");
        if tests.iter().any(|test| stem == test || stem.starts_with(&format!("{test}/"))) {
            file.code.clear();
        }
    }
    files
}

fn read(path: PathBuf) -> File {
    let text = fs::read_to_string(&path).unwrap();
    let code = text.split("\n#[cfg(test)]\nmod ").next().unwrap().to_string();
    let path = path.strip_prefix(ROOT).unwrap().display().to_string();
    File { path, text, code }
}

/// The modules that a file declares for tests only, as paths without their ending.
fn test_modules(file: &File) -> Vec<String> {
    let home = file.path.trim_end_matches(".rs").trim_end_matches("/mod");
    let text = file.text.replace("#[cfg(test)]\npub(super) mod ", "#[cfg(test)]\nmod ");
    let declared = text.split("#[cfg(test)]\nmod ").skip(1);
    let names = declared.filter_map(|rest| rest.split_once(';')).map(|(name, _)| name);
    let plain = names.filter(|name| name.chars().all(|c| c.is_alphanumeric() || c == '_'));
    plain.map(|name| format!("{home}/{name}")).collect()
}

/// Lines of code with their numbers, without comments.
fn lines(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let numbered = code.lines().enumerate().map(|(number, line)| (number + 1, line));
    numbered.filter(|(_, line)| !line.trim_start().starts_with("//"))
}

pub fn fails_with(offences: &[String]) {
    assert!(offences.is_empty(), "\n{}\n", offences.join("\n"));
}

/// The modules of ours that a file names, as paths from the crate's root: `domain::time`.
fn named(file: &File) -> Vec<(usize, Vec<String>)> {
    let inside = file.path.trim_start_matches("src/").trim_end_matches(".rs");
    let own: Vec<&str> = inside.trim_end_matches("/mod").split('/').collect();
    let mut found = Vec::new();
    let mut number = 1;
    for (at, _) in file.code.char_indices() {
        let rest = &file.code[at..];
        number += usize::from(rest.starts_with('\n'));
        let before = file.code[..at].chars().next_back().unwrap_or(' ');
        if before.is_alphanumeric() || before == '_' || before == ':' || in_comment(file, at) {
            continue;
        }
        if let Some(rest) = rest.strip_prefix("crate::") {
            found.extend(paths(&[], rest).into_iter().map(|path| (number, path)));
        } else if rest.starts_with("super::") {
            let ups = rest.split("::").take_while(|part| *part == "super").count();
            let base = &own[..own.len().saturating_sub(ups)];
            let rest = &rest["super::".len() * ups..];
            found.extend(paths(base, rest).into_iter().map(|path| (number, path)));
        }
    }
    found
}

fn in_comment(file: &File, at: usize) -> bool {
    let start = file.code[..at].rfind('\n').map_or(0, |end| end + 1);
    file.code[start..at].trim_start().starts_with("//")
}

/// The first two steps of each path that begins here; braces hold several.
fn paths(base: &[&str], rest: &str) -> Vec<Vec<String>> {
    let path = |names: &[&str]| base.iter().chain(names).take(2).map(|s| s.to_string()).collect();
    let word = |text: &str| {
        let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
        text[..end].to_string()
    };
    let first = word(rest);
    match rest[first.len()..].strip_prefix("::") {
        Some(more) if more.starts_with('{') && base.is_empty() => {
            let inner = more[1..].split('}').next().unwrap_or_default();
            inner.split(',').map(|name| path(&[&first, &word(name.trim())])).collect()
        }
        Some(more) => vec![path(&[&first, &word(more)])],
        None if first.is_empty() => Vec::new(),
        None => vec![path(&[&first])],
    }
}

#[test]
fn corridors_run_one_way() {
    let doors: BTreeSet<String> = fs::read_dir(Path::new(ROOT).join("src/edge"))
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    let mut offences = Vec::new();
    let mut seen = 0;
    for file in rust_files("src") {
        let room = file.path.split(['/', '.']).nth(1).unwrap_or_default().to_string();
        let own_door = file.path.split(['/', '.']).nth(2).unwrap_or_default().to_string();
        for (line, path) in named(&file) {
            seen += 1;
            let to = path.first().map_or("", String::as_str);
            let allowed: &[&str] = match room.as_str() {
                "domain" => &["domain"],
                "edge" => &["domain", "edge"],
                "tier" => &["domain", "edge", "tier"],
                _ => &["domain", "edge", "tier", "command"],
            };
            let door = path.get(1).filter(|name| to == "edge" && doors.contains(*name));
            let other = door.filter(|door| room == "edge" && **door != own_door);
            let stands = ["spool", "config"].contains(&own_door.as_str());
            let buckets = own_door == "spool";
            let stands_on =
                |door: &&String| stands && **door == "disk" || buckets && **door == "lake";
            if !allowed.contains(&to) || other.is_some_and(|door| !stands_on(&door)) {
                offences.push(format!("{}:{line} leads to {}", file.path, path.join("::")));
            }
        }
    }
    assert!(seen > 300, "only {seen} paths were found: is the reading right?");
    fails_with(&offences);
}

/// Words that may stand only in some places.
fn only(words: &[&str], places: &[&str]) -> Vec<String> {
    let mut offences = Vec::new();
    for file in rust_files("src") {
        if places.iter().any(|place| file.path.starts_with(place)) {
            continue;
        }
        for (number, line) in lines(&file.code) {
            let bare = line.replace("mod mongodb", "").replace("mongodb::MongoDb", "");
            if let Some(word) = words.iter().find(|word| bare.contains(**word)) {
                offences.push(format!("{}:{number} has {word}", file.path));
            }
        }
    }
    offences
}

#[test]
fn foreign_things_stay_behind_their_doors() {
    let doors = [
        (&["mongodb::"][..], &["src/edge/store/"][..]),
        (&["rusqlite::"], &["src/edge/store/sqlite"]),
        (&["tokio_postgres::"], &["src/edge/store/postgres"]),
        (&["reqwest::"], &["src/edge/http"]),
        (&["object_store::"], &["src/edge/lake/"]),
        (&["printpdf::", "lopdf::"], &["src/edge/pdf"]),
        (&["tokio::net", "std::net"], &["src/edge/http", "src/edge/web/"]),
        (&["axum::", "hyper::", "maud::"], &["src/edge/web/"]),
        (&["tiny_skia::"], &["src/edge/picture.rs"]),
        (&["notify::"], &["src/edge/notice.rs"]),
        (&["std::fs", "fs::"], &["src/edge/", "src/tier/", "src/command/"]),
        (&["serde::Deserialize", "derive(Serialize"], &[]),
        (&["clap::", "indicatif::"], &["src/command/"]),
    ];
    let found = doors.iter().flat_map(|(words, places)| only(words, places));
    fails_with(&found.collect::<Vec<_>>());
}

/// Who asks a row of the table for what it needs names no form, so that one more is a row and a
/// file. Exports, files of figures and journals have forms of their own; tables of a declaration
/// are named by keys.
#[test]
fn one_form_is_told_from_another_in_their_table_only() {
    let own = ["src/domain/export/", "src/tier/export.rs", "src/edge/spool/"];
    let files = ["src/edge/web/files.rs"];
    let keys = ["src/edge/config/keys_fetch.rs", "src/edge/config/source_form.rs"];
    let names = ["json", "ndjson", "csv", "xml", "html"];
    let names: Vec<String> = names.map(|n| format!("{n:?}")).to_vec();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut offences = only(&names, &[&["src/domain/form"][..], &own, &keys, &files].concat());
    offences.extend(only(&["Reading::"], &["src/domain/form", "src/domain/extract/"]));
    offences.extend(only(&["format.name =", "format.name !", "match format.name"], &[]));
    fails_with(&offences);
}

/// Words of an answer are told apart by a hash that no answer can foresee: a fixed one can be given
/// a hundred thousand keys of one hash, and the work grows with their square.
#[test]
fn words_of_answers_are_hashed_with_a_seed() {
    let fixed = ["FxHash", "FxBuild", "BuildHasherDefault", "DefaultHasher"];
    let mut offences = only(&fixed, &["src/domain/extract/known.rs"]);
    offences.extend(only(&["FxBuild", "FxHashMap<&", "FxHashMap<S", "FxHashSet"], &[]));
    fails_with(&offences);
}

#[test]
fn clock_arguments_and_environment_are_read_in_bin_only() {
    let world = ["Utc::now", "Local::now", "SystemTime::now", "env::var", "env::args"];
    let mut offences = only(&world, &["src/bin/"]);
    offences.extend(only(&["Instant::now"], &["src/edge/clock.rs", "src/edge/http"]));
    fails_with(&offences);
}

#[test]
fn binaries_only_hand_over() {
    let long = |file: &File| file.text.lines().count() > 60;
    let files = rust_files("src/bin");
    assert_eq!(files.len(), 3);
    let found = files.iter().filter(|file| long(file)).map(|file| file.path.clone());
    fails_with(&found.collect::<Vec<_>>());
}

#[test]
fn each_file_says_what_lives_in_it() {
    let files = rust_files("src").into_iter().chain(rust_files("tests"));
    let silent = files.filter(|file| !file.text.starts_with("//! "));
    fails_with(&silent.map(|file| file.path).collect::<Vec<_>>());
}

#[test]
fn lines_have_a_hundred_columns() {
    let mut offences = Vec::new();
    for file in rust_files("src").into_iter().chain(rust_files("tests")) {
        let mut printed = false;
        for (number, line) in file.text.lines().enumerate() {
            // What a program prints is held against its very text.
            printed = (printed || line.ends_with("[[r#\"")) && !line.contains("\"#]]");
            if line.chars().count() > 100 && !printed && !line.contains("\"#]]") {
                offences.push(format!("{}:{}", file.path, number + 1));
            }
        }
    }
    fails_with(&offences);
}

#[test]
fn files_and_functions_stay_short() {
    let mut offences = Vec::new();
    for file in rust_files("src") {
        let length = file.code.lines().count();
        if length > 400 {
            offences.push(format!("{} has {length} lines", file.path));
        }
        offences.extend(long_functions(&file));
    }
    fails_with(&offences);
}

/// Functions end, as rustfmt leaves them, with a brace under their first letter.
fn long_functions(file: &File) -> Vec<String> {
    let mut begun: Vec<(usize, usize)> = Vec::new();
    let mut found = Vec::new();
    for (number, line) in lines(&file.code) {
        let indent = line.len() - line.trim_start().len();
        let words: Vec<&str> = line.split_whitespace().collect();
        let first =
            words.iter().find(|w| !w.starts_with("pub") && !["async", "const"].contains(*w));
        if first == Some(&"fn") {
            begun.push((indent, number));
        } else if line.trim() == "}" && begun.last().is_some_and(|(at, _)| *at == indent) {
            let (_, start) = begun.pop().unwrap();
            if number - start >= 70 {
                found.push(format!(
                    "{}:{start} is a function of {} lines",
                    file.path,
                    number - start
                ));
            }
        }
    }
    found
}

#[test]
fn nothing_in_the_code_may_panic_on_purpose() {
    let words = [".unwrap()", ".expect(", "panic!(", "unreachable!(", "todo!(", "unimplemented!("];
    // The fonts are part of the crate: a test parses all of them.
    let mut offences = only(&words, &["src/domain/page/fonts/face.rs"]);
    offences.extend(only(&["unsafe {", "unsafe fn"], &[]));
    fails_with(&offences);
    let library = fs::read_to_string(Path::new(ROOT).join("src/lib.rs")).unwrap();
    assert!(library.contains("#![forbid(unsafe_code)]"));
}

#[test]
fn tests_are_neither_ignored_nor_asleep() {
    let mut offences = Vec::new();
    for file in rust_files("src").into_iter().chain(rust_files("tests")) {
        for (number, line) in lines(&file.text) {
            let ignored = line.trim_start().starts_with("#[ignore");
            let sleeps = file.path.starts_with("tests") && line.contains("thread::sleep(");
            // Only the harness waits for what other processes do.
            if ignored || (sleeps && file.path != "tests/it/sandbox.rs" && !line.contains('"')) {
                offences.push(format!("{}:{number}", file.path));
            }
        }
    }
    fails_with(&offences);
}
