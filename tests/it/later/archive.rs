//! The archive: what was counted is kept, here or on another file system, never over other bytes.

use super::{ARCHIVE, Drifted, NO_NUMBER, archived, settled, summarizer};
use crate::crash::scene::{Scene, at};
use crate::recording::BIKES;
use crate::recount::Recount;
use crate::sandbox::Kind;
use std::fs;

#[test]
fn what_was_counted_is_kept() {
    let scene = Scene::before_summary();
    let home = scene.home.copy(Kind::Sqlite);
    home.settings(ARCHIVE);
    summarizer(&home, "12:10", &["run"]).exits(1);
    archived(&home, &home.path("archive"));
    let texts = home.files("archive/declarations");
    assert_eq!(texts.len(), 3, "{texts:?}");
    for text in texts {
        let kept = fs::read(home.path(&format!("data/.state/declarations/{text}"))).unwrap();
        assert_eq!(fs::read(home.path(&format!("archive/declarations/{text}"))).unwrap(), kept);
    }
    settled(&home, &scene, &mut Recount::start());
    assert_eq!(home.files("archive/daybook").len(), 5);
}

#[test]
fn it_may_stand_on_another_file_system() {
    let scene = Scene::before_summary();
    let home = scene.home.copy(Kind::Sqlite);
    let elsewhere = tempfile::tempdir().unwrap();
    let folder = elsewhere.path().join("kept/here");
    home.settings(&format!("[summarizer]\narchive = \"{}\"", folder.display()));
    summarizer(&home, "12:10", &["run"]).exits(1);
    archived(&home, &folder);
    settled(&home, &scene, &mut Recount::start());
}

#[test]
fn other_bytes_are_never_replaced_and_nothing_leaves() {
    let scene = Scene::before_summary();
    let home = scene.home.copy(Kind::Sqlite);
    home.settings(ARCHIVE);
    let name = home.files(&format!("data/{BIKES}")).remove(0);
    let folder = home.path(&format!("archive/{BIKES}/2026/11/21"));
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(&name), "other").unwrap();
    summarizer(&home, "12:10", &["run"]).exits(1).says("with other bytes").says("move that one");
    assert_eq!(fs::read(folder.join(&name)).unwrap(), b"other");
    assert!(home.files("data/.batches").iter().any(|path| path.ends_with(&name)));
    fs::rename(folder.join(&name), home.path("aside")).unwrap();
    summarizer(&home, "12:20", &["run"]).exits(1).says("could not be read");
    archived(&home, &home.path("archive"));
    settled(&home, &scene, &mut Recount::start());
}

#[test]
fn bytes_that_are_not_those_of_their_name_are_not_kept() {
    let scene = Scene::before_summary();
    let home = scene.home.copy(Kind::Sqlite);
    home.settings(ARCHIVE);
    let name = home.files(&format!("data/{BIKES}")).remove(0);
    let path = home.path(&format!("data/{BIKES}/{name}"));
    fs::remove_file(&path).unwrap();
    fs::write(&path, "{}").unwrap();
    summarizer(&home, "12:10", &["run"]).exits(1);
    assert!(!home.files("archive").iter().any(|path| path.ends_with(&name)));
    assert_eq!(fs::read(home.path(&format!("data/quarantine/{BIKES}/{name}"))).unwrap(), b"{}");
}

#[test]
fn a_folder_in_data_is_refused() {
    let home = crate::sandbox::Sandbox::new(Kind::Sqlite);
    home.settings("[summarizer]\narchive = \"data/kept\"");
    home.run("summarizer", &["--now", &at("12:10")]).exits(2).says("outside of it");
}

/// What is replayed was archived when it came first, or is now.
#[test]
fn a_replay_archives_too() {
    let drifted = Drifted::torn(NO_NUMBER);
    let home = drifted.mended(Kind::Sqlite, "");
    assert_eq!(home.files("archive"), [""; 0]);
    home.settings(ARCHIVE);
    summarizer(&home, "12:20", &["replay"]).exits(1);
    let kept = home.files(&format!("archive/{BIKES}"));
    assert_eq!(kept.len(), 4, "{kept:?}");
}
