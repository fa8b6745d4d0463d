//! Sources for people: the shipped ones are good, tried on their samples, listed; a home is made;
//! loops, headers, secrets and redaction over real HTTP.

use crate::recording::{DAY, recorded_sources, whole_day};
use crate::sandbox::{KINDS, Kind, Sandbox};
use crate::server::{Answer, Server};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn fetcher(home: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fetcher"));
    let output = command.arg("--home").arg(home).args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

fn shipped() -> Vec<String> {
    let listing = fs::read_dir(Path::new(ROOT).join("sources")).unwrap();
    let paths = listing.map(|entry| entry.unwrap().path());
    let mut names: Vec<String> = paths
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_string())
        .collect();
    names.sort();
    names
}

#[test]
fn all_shipped_sources_are_good() {
    let (code, out, errors) = fetcher(Path::new(ROOT), &["check"]);
    assert_eq!((code, &*errors), (0, ""), "{out}");
    assert!(shipped().len() >= 25);
    for name in shipped() {
        // What needs a key says so, since nobody has one here.
        let good = [format!("{name}: good\n"), format!("{name}: good (it needs secrets that")];
        assert!(good.iter().any(|good| out.contains(good)), "{name}: {out}");
    }
}

/// The sample of each shipped source: the body of a case that names it and can be read.
#[test]
fn each_shipped_source_reads_its_sample() {
    let cases: Vec<PathBuf> = fs::read_dir(Path::new(ROOT).join("tests/cases/extract"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    for name in shipped() {
        let own = cases.iter().filter(|case| {
            let named = fs::read_to_string(case.join("source.name")).unwrap_or_default();
            named.trim() == name
        });
        let mut readable = 0;
        for case in own {
            let body = ["json", "xml", "csv", "html"].map(|ext| case.join(format!("body.{ext}")));
            let body = body.iter().find(|path| path.exists()).unwrap().display().to_string();
            let (code, out, _) =
                fetcher(Path::new(ROOT), &["try", &name, "--sample", &body, "--json"]);
            let read: serde_json::Value = serde_json::from_str(&out).unwrap();
            readable += read["items"].as_array().unwrap().len();
            assert!(matches!(code, 0..=2), "{name}");
        }
        assert!(readable > 0, "no sample of {name} gives an item");
    }
}

#[test]
fn the_catalogue_in_the_documents_is_the_generated_one() {
    let (_, generated, _) = fetcher(Path::new(ROOT), &["sources", "--format", "md"]);
    let page = Path::new(ROOT).join("docs/catalogue.md");
    let head = "# Catalogue\n\nThe sources that come along, by `fetcher sources --format md`. \
                Yours are listed the same way.\n\n";
    let expected = format!("{head}{generated}");
    if std::env::var_os("DAYBOOK_BLESS").is_some() {
        fs::write(&page, &expected).unwrap();
    }
    let found = fs::read_to_string(&page).unwrap();
    assert!(found == expected, "docs/catalogue.md is not what the program writes now");
    for word in ["What these sources have in common", "re-use", "attribution", "| key |"] {
        assert!(found.contains(word), "{word}");
    }
}

#[test]
fn a_home_is_made_with_keyless_sources() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let (code, _, errors) = fetcher(Path::new(ROOT), &["init", home.to_str().unwrap()]);
    assert_eq!(code, 2);
    assert!(errors.contains("--contact you@example.org"), "{errors}");
    let init = ["init", home.to_str().unwrap(), "--contact", "me@example.org"];
    let (code, out, errors) = fetcher(Path::new(ROOT), &init);
    assert_eq!(code, 0, "{errors}");
    let (code, checked, errors) = fetcher(&home, &["check"]);
    assert_eq!((code, &*errors), (0, ""));
    // All that is shipped, but for what needs a key and what is asked for by name only.
    let given = |name: &String| {
        let others = ["weather-openweathermap", "weather-synop", "france-travail"];
        !others.contains(&&**name) && !name.starts_with("jobs-")
    };
    let keyless: Vec<String> = shipped().into_iter().filter(given).collect();
    assert_eq!(checked.lines().count(), keyless.len(), "{checked}");
    assert!(out.contains(&format!("{}\u{a0}sources", keyless.len())), "{out}");
    let settings = fs::read_to_string(home.join("daybook.toml")).unwrap();
    assert!(settings.contains("\ncontact = \"me@example.org\"\n"), "{settings}");
    assert!(settings.contains("\n# store = "), "{settings}");
    // Never over what is there.
    let (code, _, errors) = fetcher(Path::new(ROOT), &init);
    assert_eq!(code, 2);
    assert!(errors.contains("a home is made in a new folder"), "{errors}");
}

const ABOUT: &str = r#"
title = "Towns"
topic = "weather"
[about]
content     = "weather"
zone        = "here"
period      = "1m"
access      = "api"
token       = "required"
licence     = { name = "x", url = "https://example.org/", reuse = "free" }
attribution = "x"
homepage    = "https://example.org/"
"#;

fn towns(server: &Server) -> String {
    format!(
        r#"{ABOUT}
[fetch]
url    = "{}/{{item}}?lat={{lat}}&key={{secret:town}}&since={{from:%Y%m%d}}"
range  = "1d"
every  = "1m"
format = "json"
redact = ["owner.mail"]
headers = {{ Accept = "application/json", X-Api-Key = "k {{secret:town}}" }}

[[fetch.items]]
key = "paris"
name = "Paris"
lat = 48.85

[[fetch.items]]
key = "nice"
name = "Nice"
lat = 43.7

[records]
at     = "@"
series = "$item"
time   = {{ path = "dt", unit = "s" }}

[fields.t]
path = "t"
unit = "°C"
"#,
        server.url("")
    )
}

/// Every file of a home, but for the secrets themselves.
fn all_bytes(home: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in walkdir::WalkDir::new(home) {
        let entry = entry.unwrap();
        if entry.file_type().is_file() && entry.file_name() != "secrets.toml" {
            all.extend(entry.path().display().to_string().into_bytes());
            all.extend(fs::read(entry.path()).unwrap());
        }
    }
    all
}

#[test]
fn a_loop_asks_each_item_and_keeps_secrets_and_people_out() {
    let answer =
        |t: f64| Answer::ok(format!(r#"{{"dt":1795305600,"t":{t},"owner":{{"mail":"a@b.fr"}}}}"#));
    let server = Server::start();
    server.on("/paris", answer(8.5)).on("/nice", answer(15.25));
    let home = Sandbox::new(Kind::Sqlite);
    home.settings("");
    home.source("towns", &towns(&server));
    let failed = home.run("fetcher", &["--now", "2026-11-22T02:41:00Z", "run"]).exits(2);
    failed.says("the secret \"town\" is not there").says("into secrets.toml");
    let secrets = home.path("secrets.toml");
    fs::write(&secrets, "town = \"hunter2hunter2\"\n").unwrap();
    fs::set_permissions(&secrets, fs::Permissions::from_mode(0o644)).unwrap();
    home.run("fetcher", &["run"]).exits(2).says("can be read by others (mode 644)");
    fs::set_permissions(&secrets, fs::Permissions::from_mode(0o600)).unwrap();
    let ran = home.run("fetcher", &["--now", "2026-11-22T02:42:00Z", "-v", "run"]).exits(0);
    let asked: Vec<String> = server.seen().into_iter().map(|seen| seen.target).collect();
    for target in [
        "/paris?lat=48.85&key=hunter2hunter2&since=20261121",
        "/nice?lat=43.7&key=hunter2hunter2&since=20261121",
    ] {
        assert!(asked.iter().any(|found| found == target), "{asked:?}");
    }
    assert_eq!(server.seen()[0].header("x-api-key"), Some("k hunter2hunter2"));
    home.run("summarizer", &["--now", "2026-11-22T04:41:00Z", "run"]).exits(0);
    let day = ["--now", "2026-11-23T04:41:00Z", "report", "--date", "2026-11-22"];
    home.run("analyzer", &day).exits(0);
    let explained = home.run("fetcher", &["explain", "towns"]).exits(0).says("town is there");
    let seen = [all_bytes(home.home()), explained.about.into(), ran.about.into()].concat();
    for secret in ["hunter2", "a@b.fr"] {
        let found = seen.windows(secret.len()).any(|bytes| bytes == secret.as_bytes());
        assert!(!found, "{secret} got out");
    }
}

/// A secret that was written where its name belongs.
#[test]
fn no_name_of_the_file_of_secrets_is_shown() {
    let home = Sandbox::new(Kind::Sqlite);
    home.settings("");
    home.source("towns", &towns(&Server::start()));
    let file = home.path("secrets.toml");
    for line in [
        "\"hunter2/hunter2\" = 1",
        "hunter2 = 1",
        "hunter2.a = \"x\"",
        "[hunter2]",
        "hunter2 = \"\"",
        "hunter2",
        "\"hunter2\"",
        "town = hunter2",
        "hunter2 = 1\nhunter2 = 2",
    ] {
        fs::write(&file, format!("# one\n{line}\n")).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        let ran = home.run("fetcher", &["run"]).exits(2).says("secrets.toml:");
        assert!(!ran.about.contains("hunter2"), "{}", ran.about);
        assert!(!ran.about.contains("secrets.toml:1:"), "{}", ran.about);
    }
}

/// A declaration is a foreign text too: it may come from somebody else.
#[test]
fn what_a_declaration_says_steers_no_terminal() {
    let home = Sandbox::new(Kind::Sqlite);
    home.settings("");
    let odd = "\\u0000\\u001b[2J\\u202e";
    let text =
        towns(&Server::start()).replace("attribution = \"", &format!("attribution = \"{odd}"));
    home.source("towns", &text);
    for arguments in [&["explain", "towns"][..], &["sources"], &["check"], &["--json", "sources"]] {
        let ran = home.run("fetcher", arguments);
        let steers = |sign: char| sign.is_control() && sign != '\n' || sign == '\u{202e}';
        assert!(!ran.about.contains(steers), "{:?}", ran.about);
    }
}

/// A publisher that wraps its answer once more must not make us keep what is to be redacted.
#[test]
fn what_cannot_be_redacted_does_not_land() {
    let server = Server::start();
    let answer = r#"{"data":{"dt":1795305600,"t":1,"owner":{"mail":"a@b.fr"}}}"#;
    server.on("/a", Answer::ok(answer));
    let source = |redact: &str, at: &str| {
        format!(
            r#"{ABOUT}
[fetch]
url    = "{}"
every  = "1m"
format = "json"
redact = [{redact}]

[records]
at     = "{at}"
series = "$source"
time   = {{ path = "dt", unit = "s" }}

[fields.t]
path = "t"
"#,
            server.url("/a")
        )
    };
    let home = Sandbox::new(Kind::Sqlite);
    home.settings("");
    home.source("wrapped", &source("\"owner.mail\"", "@"));
    let words = "nothing stands at owner.mail, which is to be redacted: so nothing of it lands\n\
                 hint: mend the path; or, if it may be absent, { path = \"owner.mail\", optional";
    let run = |minute: &str| home.run("fetcher", &["--now", minute, "run"]);
    let failed = run("2026-11-22T02:41:00Z").exits(2).says("wrapped: failed").says(words);
    let tried = home.run("fetcher", &["try", "wrapped"]).exits(2).says(words);
    fs::create_dir_all(home.path("kept/wrapped")).unwrap();
    fs::write(home.path("kept/wrapped/wrapped_2026-11-20T02-41-00Z.json"), answer).unwrap();
    let sample = "kept/wrapped/wrapped_2026-11-20T02-41-00Z.json";
    let sample = home.path(sample).display().to_string();
    home.run("fetcher", &["try", "wrapped", "--sample", &sample]).exits(2).says(words);
    let other = Sandbox::new(Kind::Sqlite);
    other.settings("");
    other.source("wrapped", &source("\"owner.mail\"", "@"));
    let replay = ["run", "--replay", &home.path("kept").display().to_string(), "--onto"];
    let replay = [&replay[..], &["2026-11-21"]].concat();
    let replayed = other.run("fetcher", &replay).exits(2).says(words);
    let told = [failed.about, tried.about, replayed.about].concat();
    let data = [all_bytes(&home.path("data")), all_bytes(other.home()), told.into()].concat();
    assert!(!data.windows(6).any(|bytes| bytes == b"a@b.fr"), "an address got out");
    assert!(home.files("data/wrapped").is_empty() && other.files("data/wrapped").is_empty());

    let optional = "{ path = \"owner.mail\", optional = true }, \"data.owner.mail\"";
    home.source("wrapped", &source(optional, "data"));
    other.source("wrapped", &source(optional, "data"));
    run("2026-11-22T02:52:00Z").exits(0);
    other.run("fetcher", &replay).exits(0);
    for home in [&home, &other] {
        assert_eq!(home.files("data/wrapped").len(), 1);
        assert!(!all_bytes(&home.path("data")).windows(6).any(|bytes| bytes == b"a@b.fr"));
    }
}

#[test]
fn secrets_come_from_the_environment_a_credential_or_the_file() {
    let server = Server::start();
    server.on("/paris", Answer::ok(r#"{"dt":1,"t":1,"owner":null}"#));
    let home = Sandbox::new(Kind::Sqlite);
    home.settings("");
    home.source("towns", &towns(&server));
    let credentials = home.path("credentials");
    fs::create_dir(&credentials).unwrap();
    let tried = |variables: &[(&str, &str)]| {
        let mut command = home.command("fetcher", &["try", "towns"]);
        let output = command.envs(variables.iter().copied()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        server.seen().last().unwrap().header("x-api-key").unwrap().to_string()
    };
    fs::write(home.path("secrets.toml"), "town = \"of-the-file\"\n").unwrap();
    fs::set_permissions(home.path("secrets.toml"), fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(tried(&[]), "k of-the-file");
    fs::write(credentials.join("town"), "of-systemd\n").unwrap();
    let folder = ("CREDENTIALS_DIRECTORY", credentials.to_str().unwrap());
    assert_eq!(tried(&[folder]), "k of-systemd");
    let variable = ("DAYBOOK_SECRET_TOWN", "of-the-environment");
    assert_eq!(tried(&[folder, variable]), "k of-the-environment");
    // A trial lands nothing.
    assert!(!home.path("data/towns").exists());
}

/// Every statistic and record of the recorded day, against the independent recount; and the
/// report of it, against the check on the PDF.
#[test]
fn the_recorded_day_of_all_sources_equals_the_recount() {
    assert!(recorded_sources().len() >= 18);
    for kind in KINDS {
        let home = whole_day(kind, "language = \"fr\"\nzone = \"Europe/Paris\"");
        let served = crate::served::folder(&home);
        let output = crate::recount::once(&served, home.store(), &[]);
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
        for source in recorded_sources() {
            let line = told.lines().find(|line| line.starts_with(&format!("{source}: ")));
            assert!(line.is_some_and(|line| line.ends_with(": equal")), "{source}: {told}");
        }
        home.run("summarizer", &["--now", "2026-11-22T00:20:00Z", "audit"]).exits(0);
        let report = ["--now", "2026-11-22T00:30:00Z", "report", "--date", DAY];
        home.run("analyzer", &report).exits(0);
        let pdf = home.path(&format!("reports/daybook_{DAY}.pdf"));
        crate::pdf::check::assert_sound(&pdf);
    }
}
