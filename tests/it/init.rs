//! `fetcher init`, stopped at each of its steps, twice over, and in folders of others: a home is
//! whole, or says that it is not and is made whole by the same command.

use crate::sandbox::Sandbox;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const CONTACT: &str = "me@example.org";
/// One of them with a list.
const FEW: [&str; 4] = ["--source", "carbon-uk", "--source", "weather-openweathermap"];

fn fetcher(arguments: &[&str], step: Option<&str>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fetcher"));
    command.args(arguments).env_remove("DAYBOOK_STEP");
    command.envs(step.map(|step| ("DAYBOOK_STEP", step))).output().unwrap()
}

fn init(home: &Path, more: &[&str], step: Option<&str>) -> Output {
    let arguments = [&["init", home.to_str().unwrap(), "--contact", CONTACT], more].concat();
    fetcher(&arguments, step)
}

fn check(home: &Path) -> (i32, String) {
    let output = fetcher(&["--home", home.to_str().unwrap(), "check"], None);
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(said).unwrap())
}

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// All files and folders, with what the files hold.
fn content(home: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = walkdir::WalkDir::new(home).min_depth(1).into_iter().map(Result::unwrap);
    let entry = |entry: walkdir::DirEntry| {
        let name = entry.path().strip_prefix(home).unwrap().display().to_string();
        (name, fs::read(entry.path()).unwrap_or_default())
    };
    entries.map(entry).collect()
}

#[test]
fn stopped_at_any_step_it_is_no_home_and_is_made_whole_by_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole");
    assert_eq!(code(&init(&whole, &FEW, None)), Some(0));
    let (whole, sources) = (content(&whole), check(&whole).1);
    assert_eq!(sources.lines().count(), 2);
    for step in 1.. {
        let home = folder.path().join(step.to_string());
        let stopped = init(&home, &FEW, Some(&format!("kill:{step}")));
        if !home.join("daybook.toml.unfinished").exists() && home.join("daybook.toml").exists() {
            assert!(step > 20 && content(&home) == whole, "only {step} steps");
            break;
        }
        assert_eq!(code(&stopped), None);
        let (code_now, told) = check(&home);
        let half = !home.join("daybook.toml").exists() || code_now == 2;
        assert!(half && !told.contains("good"), "step {step}: {told}");
        let run = fetcher(&["--home", home.to_str().unwrap(), "run"], None);
        assert_eq!(code(&run), Some(2), "step {step}");
        // Stopped once more, by a failure, and then not.
        init(&home, &FEW, Some(&format!("fail:{}", step % 7 + 1)));
        let again = init(&home, &FEW, None);
        assert_eq!(code(&again), Some(0), "step {step}: {}", said(&again));
        assert!(content(&home) == whole, "step {step}");
        assert_eq!(check(&home), (0, sources.clone()), "step {step}");
    }
}

#[test]
fn files_of_others_are_never_written_over_nor_taken_for_ours() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    fs::create_dir_all(home.join("sources")).unwrap();
    fs::write(home.join("sources/carbon-uk.toml"), "mine").unwrap();
    let before = content(&home);
    let refused = init(&home, &[], None);
    assert_eq!(code(&refused), Some(2));
    assert!(said(&refused).contains("carbon-uk.toml is there already"), "{}", said(&refused));
    assert!(content(&home) == before);
    // What stands beside stays, and only what is wanted is made.
    fs::rename(home.join("sources/carbon-uk.toml"), home.join("notes")).unwrap();
    init(&home, &[], Some("kill:40"));
    assert!(home.join("daybook.toml.unfinished").exists());
    let only = ["--source", "space-kp"];
    assert_eq!(code(&init(&home, &only, None)), Some(0));
    let names: Vec<String> = content(&home).into_keys().filter(|n| n.contains('.')).collect();
    assert_eq!(names, ["daybook.toml", "sources/space-kp.toml"]);
    assert_eq!(fs::read_to_string(home.join("notes")).unwrap(), "mine");
    assert_eq!(code(&init(&home, &only, None)), Some(2));
}

/// Settings that a person wrote meanwhile are not those of `init`.
#[test]
fn settings_written_meanwhile_stay() {
    let home = Sandbox::within(&std::env::temp_dir(), "");
    init(home.home(), &[], Some("kill:40"));
    fs::write(home.path("daybook.toml"), "contact = \"you@example.org\"\n").unwrap();
    let refused = init(home.home(), &[], None);
    assert_eq!(code(&refused), Some(2));
    assert!(said(&refused).contains("if it is right, remove daybook.toml.unfinished"));
    assert!(fs::read_to_string(home.path("daybook.toml")).unwrap().contains("you@"));
}
