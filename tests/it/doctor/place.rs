//! What can be wrong with the home, its disk and its store.

use super::{Ward, findings, is_told, source};
use crate::sandbox::{Sandbox, mongod_with, mongodb_url, temporary};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;

#[test]
fn less_room_than_the_reserve_is_told() {
    let ward = Ward::new();
    let settings = "contact = \"a@example.org\"\n[fetcher]\nreserve = \"1000000GiB\"\n";
    std::fs::write(ward.home.path("daybook.toml"), settings).unwrap();
    ward.is_told(&["--offline"], "disk", "less than the reserve", "lower fetcher.reserve");
}

#[test]
fn a_part_of_data_on_another_disk_is_told() {
    let ward = Ward::new().at_work();
    let device = |path: &Path| std::fs::metadata(path).unwrap().dev();
    let memory = tempfile::tempdir_in("/dev/shm").unwrap();
    assert_ne!(device(memory.path()), device(ward.home.home()), "this test needs two disks");
    ward.is_well(&["--offline"], "disk");
    symlink(memory.path(), ward.home.path("data/elsewhere")).unwrap();
    ward.is_told(&["--offline"], "disk", "data/elsewhere lies on another", "put a folder in place");
}

#[test]
fn a_home_in_memory_is_told() {
    let ward = Ward::over(Sandbox::within(Path::new("/dev/shm"), ""));
    ward.is_told(&["--offline"], "disk", "lies in memory", "move the home to a disk");
}

#[test]
fn a_store_that_cannot_be_reached_is_told_and_none_is_made() {
    let ward = Ward::new();
    let before = super::picture(ward.home.home());
    ward.is_well(&["--offline"], "store");
    assert!(super::picture(ward.home.home()) == before);
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let hint = "does mongod run there?";
    let store = |url: &str, said: &str, cure: &str| {
        ward.is_told(&["--offline", "--store", url], "store", said, cure);
    };
    store(&format!("mongodb://u:s3cr3t@{nobody}/d"), "cannot use the store mongodb://127", hint);
    // One that takes a connection and never says a word.
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    store(&format!("mongodb://{}/d", mute.local_addr().unwrap()), "the store mongodb://127", "");
    store("mongodb://127.0.0.1:1/d?w=1", "only majority is safe", "leave the option out");
    store("redis://127.0.0.1", "no store has this scheme", "sqlite:PATH");
    std::fs::write(ward.home.path("other.sqlite"), "what is no database of any kind at all")
        .unwrap();
    let odd = format!("sqlite:{}", ward.home.path("other.sqlite").display());
    store(&odd, "file is not a database", "restore a backup");
}

#[test]
fn a_store_that_is_malformed_inside_is_told() {
    use std::os::unix::fs::FileExt;
    let ward = Ward::new().at_work();
    ward.is_well(&["--offline"], "store");
    let file = ward.home.path("daybook.sqlite");
    let whole = std::fs::read(&file).unwrap();
    // In its middle, over some pages, and in its last one.
    for at in [3 * 4_096, whole.len() - 4_096] {
        std::fs::write(&file, &whole).unwrap();
        let store = std::fs::File::options().write(true).open(&file).unwrap();
        store.write_all_at(&vec![0xa5; 4_096], at as u64).unwrap();
        ward.is_told(&["--offline"], "store", "daybook.sqlite", "restore a backup");
    }
}

#[test]
fn a_file_in_the_place_of_a_folder_is_told() {
    let ward = Ward::new();
    ward.is_well(&["--offline"], "permissions");
    std::fs::create_dir_all(ward.home.path("data/.batches")).unwrap();
    for place in ["reports", "data/good", "data/.batches/good", "data/quarantine"] {
        std::fs::write(ward.home.path(place), "").unwrap();
        let said = format!("{place} is no folder");
        ward.is_told(&["--offline"], "permissions", &said, "move it away");
        std::fs::remove_file(ward.home.path(place)).unwrap();
        ward.is_well(&["--offline"], "permissions");
    }
    symlink("/nowhere/at/all", ward.home.path("reports")).unwrap();
    ward.is_told(&["--offline"], "permissions", "reports is no folder", "move it away");
}

#[test]
fn another_store_than_that_which_the_home_has_fed_is_told() {
    let ward = Ward::new().at_work();
    ward.is_well(&["--offline"], "store");
    let gone = format!("sqlite:{}", ward.home.path("gone.sqlite").display());
    let told = "there is no store at";
    ward.is_told(&["--offline", "--store", &gone], "store", told, "is the name right");
    assert!(!ward.home.path("gone.sqlite").exists());
}

#[test]
fn what_stands_behind_a_write_is_told_of_both_stores() {
    let ward = Ward::new().at_work();
    ward.examined(&["--offline"]).says("synchronous=FULL");
    let url = mongodb_url();
    let home = Sandbox::within(Path::new(env!("CARGO_TARGET_TMPDIR")), &url);
    let ward = Ward::over(home).at_work();
    ward.examined(&["--offline"]).exits(0).says("w: majority, j: true");
}

#[test]
fn a_server_without_a_journal_is_told() {
    let server = mongod_with("--nojournal");
    let url = format!("mongodb://127.0.0.1:{}/d", server.port());
    made_by_hand(&url);
    let ward = Ward::over(Sandbox::within(Path::new(env!("CARGO_TARGET_TMPDIR")), &url));
    ward.is_told(&["--offline"], "store", "runs without a journal", "--nojournal");
}

/// The marks of a store: our own programs do not write to such a server.
fn made_by_hand(url: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = mongodb::Client::with_uri_str(url).await.unwrap();
        let store = client.database("d").collection::<mongodb::bson::Document>("store");
        let rows = [
            mongodb::bson::doc! { "_id": "schema", "value": 3 },
            mongodb::bson::doc! { "_id": "id", "value": "x" },
        ];
        store.insert_many(rows).await.unwrap();
    });
}

#[test]
fn a_secret_that_is_missing_or_open_to_others_is_told() {
    let ward = Ward::new();
    let url = ward.server.url("/a?k={secret:key}");
    ward.home.source("keyed", &source(&url, ""));
    ward.is_told(&["--offline"], "secrets", "the secret \"key\" is not there", "secrets.toml");
    let file = ward.home.path("secrets.toml");
    std::fs::write(&file, "key = \"s3cr3t\"\n").unwrap();
    super::machine::mode(&file, 0o644);
    ward.is_told(&["--offline"], "secrets", "can be read by others", "chmod 600");
    super::machine::mode(&file, 0o600);
    ward.is_well(&["--offline"], "secrets");
}

#[test]
fn what_is_of_others_or_open_to_all_is_told() {
    let ward = Ward::new().at_work();
    ward.is_well(&["--offline"], "permissions");
    let reports = ward.home.path("reports");
    super::machine::mode(&reports, 0o777);
    ward.is_told(&["--offline"], "permissions", "anybody may write to", "chmod o-w");
    super::machine::mode(&reports, 0o755);
    if !rustix::process::geteuid().is_root() {
        eprintln!("NOT RUN: files of other users need root");
        return;
    }
    std::os::unix::fs::chown(ward.home.path("data/.state/home.json"), Some(1234), None).unwrap();
    ward.is_told(&["--offline"], "permissions", "home.json belongs to user 1234", "chown -R 0 ");
}

/// As another user, in a home that is open to be looked at.
#[test]
fn a_user_who_may_not_write_is_told() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("NOT RUN: another user needs root");
        return;
    }
    let outside = temporary();
    super::machine::mode(outside.path(), 0o755);
    let home = Sandbox::within(outside.path(), "");
    super::machine::mode(home.home(), 0o755);
    let ward = Ward::over(home).at_work();
    super::machine::mode(ward.outside.path(), 0o755);
    let program = outside.path().join("fetcher");
    std::fs::copy(env!("CARGO_BIN_EXE_fetcher"), &program).unwrap();
    let mut command = std::process::Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(&program);
    command.arg("--home").arg(ward.home.home()).args(["doctor", "--offline", "--json"]);
    let path = format!("{}:/usr/bin:/bin", ward.outside("bin").display());
    command.env("PATH", path).env("XDG_CONFIG_HOME", ward.outside.path());
    let said = "user 65534 may not write to";
    let ran = ward.examined_by(command);
    let of_store = findings(&ran, "store");
    is_told(ran, "permissions", said, "run the programs as its owner");
    let closed = |one: &serde_json::Value| one["said"].as_str().unwrap().contains(said);
    assert!(of_store.iter().any(closed), "{of_store:?}");
}
