//! Again, later, otherwise: the archive, the replay of the quarantine, recounts, and forgetting;
//! undisturbed here, and with deaths at each step in `deaths`.

mod age;
mod archive;
mod deaths;
mod ended;
mod fence;
mod forget;
mod orders;
mod recount;
mod replay;
mod tidy;

use crate::crash::scene::{Scene, at, odd, small, torn};
use crate::recording::{BIKES, QUAKES, STATIONS, declaration};
use crate::recount::Recount;
use crate::sandbox::{Kind, Ran, Sandbox};
use crate::served;
use crate::server::{Answer, Server};
use std::collections::BTreeMap;

/// A home whose bikes were fetched under a declaration that does not fit, and the one that does.
struct Drifted {
    scene: Scene,
    right: String,
}

/// The list is not where it was.
const NO_LIST: [&str; 2] = ["\"data.stations[*]\"", "\"data.station[*]\""];
/// A field is a text now.
const NO_NUMBER: [&str; 2] = ["\"num_docks_available\"", "\"station_id\""];

impl Drifted {
    /// Four bodies of bikes, and two of earthquakes, in two hours.
    fn new([from, to]: [&str; 2], bikes: Vec<Vec<u8>>) -> Drifted {
        let server = Server::start();
        let quakes = vec![small(QUAKES, 0), small(QUAKES, 1)];
        for (source, bodies) in [(BIKES, &bikes), (QUAKES, &quakes)] {
            for body in bodies {
                server.on(&format!("/{source}"), Answer::ok(&**body));
            }
        }
        let right = declaration(BIKES, "1m", &server);
        let given = [(BIKES, bikes), (QUAKES, quakes), (STATIONS, Vec::new())];
        let mut scene = Scene::new(&[BIKES, QUAKES], server, given.into());
        let wrong = right.replace(from, to);
        assert_ne!(wrong, right);
        scene.home.source(BIKES, &wrong);
        scene.fetch(&["10:05", "10:25", "11:15", "11:40"]);
        assert_eq!(served::keep(&scene.home, &scene.given), 8);
        scene.unreadable = Vec::new();
        Drifted { scene, right }
    }

    /// All bodies can be read under the right declaration.
    fn whole(edit: [&str; 2]) -> Drifted {
        Drifted::new(edit, (0..4).map(|place| small(BIKES, place)).collect())
    }

    /// One has an odd item under any declaration, and one is cut off.
    fn torn(edit: [&str; 2]) -> Drifted {
        let bodies = vec![small(BIKES, 0), odd(1), torn(2), small(BIKES, 3)];
        let mut drifted = Drifted::new(edit, bodies);
        drifted.scene.unreadable = vec!["bikes-baywheels_2026-11-21T11-15-*"];
        drifted
    }

    /// A copy that was summarised as far as it could be, with its declaration mended.
    fn mended(&self, kind: Kind, settings: &str) -> Sandbox {
        let home = self.scene.home.copy(kind);
        home.settings(settings);
        let ran = home.run("summarizer", &["--now", &at("12:10")]);
        assert_eq!(ran.code, Some(1), "{}", ran.about);
        assert_eq!(held(&home).len(), 4);
        home.source(BIKES, &self.right);
        home
    }
}

const ARCHIVE: &str = "[summarizer]\narchive = \"archive\"";

/// The snapshots of bikes in quarantine; each has its reason beside it.
fn held(home: &Sandbox) -> Vec<String> {
    let folder = format!("data/quarantine/{BIKES}");
    let (reasons, files): (Vec<String>, Vec<String>) =
        home.files(&folder).into_iter().partition(|name| name.ends_with(".reason"));
    let beside: Vec<String> = files.iter().map(|name| format!("{name}.reason")).collect();
    assert_eq!(reasons, beside);
    files
}

/// Runs the summarizer at a time, and then looks at the balance.
fn summarizer(home: &Sandbox, time: &str, arguments: &[&str]) -> Ran {
    let now = at(time);
    let ran = home.run("summarizer", &[arguments, &["--now", &now]].concat());
    home.run("summarizer", &["audit", "--now", &now]).exits(0);
    ran
}

/// All is counted once, or unreadable; nothing waits.
fn settled(home: &Sandbox, scene: &Scene, recount: &mut Recount) {
    settled_but(home, &scene.unreadable, recount);
}

fn settled_but(home: &Sandbox, unreadable: &[&str], recount: &mut Recount) {
    summarizer(home, "14:10", &["run"]);
    let served = served::folder(home);
    let found = recount.last_differences(&served, home.store(), unreadable);
    assert_eq!(found, [""; 0], "{}", home.files("").join("\n"));
    for folder in [&format!("data/{BIKES}"), &format!("data/{QUAKES}"), "data/.batches"] {
        assert_eq!(home.files(folder), [""; 0]);
    }
    assert_eq!(home.files("data/.tmp"), [""; 0]);
}

/// The archive holds exactly what was served, each under its name, and the journals.
fn archived(home: &Sandbox, archive: &std::path::Path) {
    let walk = walkdir::WalkDir::new(archive).into_iter().flatten();
    let files = walk.filter(|entry| entry.file_type().is_file());
    let mut found = BTreeMap::new();
    for entry in files {
        let path = entry.path().strip_prefix(archive).unwrap().display().to_string();
        let name = path.rsplit('/').next().unwrap().to_string();
        let source = path.split('/').next().unwrap();
        if source != "declarations" && source != "daybook" {
            assert!(path.starts_with(&format!("{source}/2026/11/21/{source}_")), "{path}");
            let stamp = name.split('_').nth(1).unwrap();
            let bytes = std::fs::read(entry.path()).unwrap();
            found.insert(format!("{source}/{source}_{stamp}.json"), bytes);
        }
        assert!(!name.contains('~'), "{path}");
    }
    let served = home.files("served").into_iter();
    let served = served.map(|name| {
        let bytes = std::fs::read(home.path(&format!("served/{name}"))).unwrap();
        (name, bytes)
    });
    assert!(found == served.collect(), "{:?}", found.keys());
}
