//! `fetcher rename`, stopped at each of its steps, with answers wherever they may wait.

use super::{CLOCKS, Town};
use crate::sandbox::KINDS;
use crate::server::Answer;
use std::fs;

const NOW: &str = "2026-11-27T00:15:00Z";

impl Town {
    fn rename(&self, at: &str) -> crate::sandbox::Ran {
        self.run("fetcher", at, &["rename", "parking", "car-parks"])
    }

    /// All of both days counts, under one name; each answer landed with the name of its time.
    fn is_united(&self) {
        let told = self.exported("car-parks_summaries", "2026-11-25", "2026-11-26", NOW);
        assert_eq!(told.len(), 8, "{told:?}");
        assert!(!self.home.path("exports/parking_summaries.csv").exists());
        for (day, words) in [("2026-11-25", "landed as parking"), ("2026-11-26", "Marktplatz")] {
            let text = self.again(day, NOW);
            assert!(text.contains("Garages of Ulm 3 3") && text.contains(words), "{text}");
        }
        self.run("summarizer", NOW, &["audit"]).exits(0).says("difference is zero");
    }
}

#[test]
fn both_names_are_one_source() {
    for kind in KINDS {
        let town = Town::new(kind);
        town.day("2026-11-25", "2026-11-26", &CLOCKS);
        let before = town.declaration("parking");
        town.rename("2026-11-26T08:00:00Z").exits(0).is_silent();
        assert!(!town.home.path("sources/parking.toml").exists());
        let written = "topic = \"town\"   # a word\nformerly = [\"parking\"]\n";
        let wanted = before.replace("topic = \"town\"   # a word\n", written);
        assert_eq!(town.declaration("car-parks"), wanted);
        town.day("2026-11-26", "2026-11-27", &CLOCKS);
        town.is_united();
        town.rename(NOW).exits(0);
        town.home.run("fetcher", &["check"]).exits(0);
    }
}

/// Killed at any step it is one source still; run again, it is renamed.
#[test]
fn killed_at_each_step_it_goes_on() {
    for kind in KINDS {
        let all = Town::new(kind);
        all.run("summarizer", "2026-11-25T00:05:00Z", &[]).exits(0);
        let list = all.home.path("steps").display().to_string();
        let list = format!("list:{list}");
        all.home.run_hooked("fetcher", &["rename", "parking", "car-parks"], &list).exits(0);
        let steps = fs::read_to_string(all.home.path("steps")).unwrap().lines().count();
        assert!(steps > 10, "{steps} steps");
        let town = Town::new(kind);
        town.day("2026-11-25", "2026-11-26", &CLOCKS);
        for step in 1..=steps {
            let home = town.home.copy(crate::sandbox::Kind::Sqlite);
            let store = town.home.store().to_string();
            let arguments = ["--store", &store, "--now", "2026-11-26T08:00:00Z"];
            let run = |program: &str, more: &[&str], hook: Option<&str>| {
                let mut command = home.command(program, &[&arguments[..], more].concat());
                hook.map(|hook| command.env("DAYBOOK_STEP", hook));
                command.output().unwrap()
            };
            let rename = ["rename", "parking", "car-parks"];
            run("fetcher", &rename, Some(&format!("kill:{step}")));
            let listed = run("fetcher", &["sources"], None);
            let listed = String::from_utf8(listed.stdout).unwrap();
            let told = ["parking ", "car-parks "].map(|name| listed.matches(name).count());
            assert_eq!(told.iter().filter(|n| **n > 0).count(), 1, "step {step}: {listed}");
            assert!(run("fetcher", &rename, None).status.success(), "step {step}");
            let files = home.files("sources").join(" ");
            assert_eq!(files, "car-parks.toml clock.toml places.toml", "step {step}");
            assert!(run("fetcher", &["check"], None).status.success(), "step {step}");
            assert!(run("summarizer", &["audit"], None).status.success(), "step {step}");
        }
    }
}

/// Answers in plain sight, in an open and a sealed batch, and in quarantine.
#[test]
fn what_waits_counts_under_the_name_that_it_has() {
    for kind in KINDS {
        for stop in [0, 20, 30, 40, 60] {
            let town = Town::new(kind);
            town.server.on("/parking", Answer::ok("{\"garages\": ["));
            town.server.on("/parking", Answer::ok(super::GARAGES));
            town.fetch("2026-11-25", &["10:05", "10:40"]);
            town.run("summarizer", "2026-11-25T11:05:00Z", &[]).exits(1);
            town.fetch("2026-11-25", &["11:10", "11:40"]);
            if stop > 0 {
                let now = "2026-11-25T12:05:00Z";
                town.home.run_hooked("summarizer", &["--now", now], &format!("kill:{stop}"));
            }
            town.rename("2026-11-25T12:06:00Z").exits(0);
            town.run("summarizer", "2026-11-26T00:05:00Z", &[]).exits(0);
            let told = town.exported("car-parks_summaries", "2026-11-25", "2026-11-25", NOW);
            assert_eq!(told.len(), 4, "{stop}: {told:?}");
            town.run("summarizer", NOW, &["audit"]).exits(0);
            assert!(!town.home.files("data/quarantine/parking").is_empty());
        }
    }
}

/// What was counted under the old name can be counted again, replayed and forgotten.
#[test]
fn the_old_name_can_be_named() {
    let town = Town::new(crate::sandbox::Kind::Sqlite);
    town.home.settings("[summarizer]\narchive = \"archive\"\n");
    town.server.on("/parking", Answer::ok(super::GARAGES.replace("174", "\"x\"")));
    town.fetch("2026-11-25", &CLOCKS);
    town.run("summarizer", "2026-11-26T00:05:00Z", &[]).exits(1);
    town.rename("2026-11-26T08:00:00Z").exits(0);
    let mended =
        town.declaration("car-parks").replace("[fields.free]", "[fields.free]\nmissing = [\"x\"]");
    town.home.source("car-parks", &mended);
    town.run("summarizer", NOW, &["replay"]).exits(0);
    assert!(town.home.files("data/quarantine/parking").is_empty());
    let recount = ["recount", "--from", "2026-11-25", "--to", "2026-11-25"];
    town.run("summarizer", NOW, &[&recount[..], &["parking"]].concat()).exits(0);
    town.run("summarizer", NOW, &recount).exits(0).says("parking");
    town.run("summarizer", NOW, &["audit"]).exits(0);
    let before = town.exported("car-parks_summaries", "2026-11-25", "2026-11-25", NOW);
    assert_eq!(before.len(), 3, "{before:?}");
    town.run("summarizer", NOW, &["forget", "car-parks"]).says("forget parking");
    town.run("summarizer", NOW, &["forget", "parking", "--yes"]).exits(0).says("car-parks");
    assert!(town.exported("car-parks_summaries", "2026-11-25", "2026-11-25", NOW).is_empty());
}

/// A renamed source keeps its slots, and its pauses; so does one that gets its name back.
#[test]
fn it_is_not_asked_before_its_period_has_passed() {
    let town = Town::new(crate::sandbox::Kind::Sqlite);
    let asked = || town.server.seen().iter().filter(|seen| seen.target == "/parking").count();
    town.take_away("places");
    let slow = town.declaration("parking").replace("30m", "1h");
    town.home.source("parking", &slow);
    town.fetch("2026-11-25", &["10:00"]);
    let mut last = 600;
    let mut names = ["parking", "car-parks", "garages", "parking"].iter().peekable();
    while let (Some(old), Some(new)) = (names.next(), names.peek()) {
        let before = asked();
        let at = |minute: usize| format!("2026-11-25T{:02}:{:02}:00Z", minute / 60, minute % 60);
        town.run("fetcher", &at(last), &["rename", old, new]).exits(0);
        let next = (last + 1..last + 130).find(|minute| {
            town.run("fetcher", &at(*minute), &[]).exits(0);
            asked() > before
        });
        let waited = next.unwrap() - last;
        // The first answer may come late in its slot.
        let least = if last == 600 { 1 } else { 60 };
        assert!((least..=120).contains(&waited), "{old} to {new}: {waited} minutes");
        last = next.unwrap();
    }
}

#[test]
fn a_name_that_is_not_free_is_refused() {
    let town = Town::new(crate::sandbox::Kind::Sqlite);
    town.day("2026-11-25", "2026-11-26", &CLOCKS);
    let renamed = |old: &str, new: &str| town.run("fetcher", NOW, &["rename", old, new]);
    renamed("parking", "clock").exits(2).says("is there already");
    renamed("parking", "daybook").exits(2).says("is no source's name");
    renamed("parking", "Car parks").exits(2).says("is no source's name");
    renamed("nothing", "car-parks").exits(2).says("nothing.toml");
    town.take_away("places");
    renamed("parking", "places").exits(2).says("has a past of its own, from 2026-11-25");
    renamed("parking", "car-parks").exits(0);
    renamed("clock", "parking").exits(2).says("is an earlier name of car-parks");
    renamed("car-parks", "parking").exits(0);
    assert!(town.declaration("parking").contains("formerly = [\"car-parks\"]\n"));
    assert_eq!(town.home.files("sources"), ["clock.toml", "parking.toml"]);
}

/// Names of series come from a list that was renamed, and other files stay as they are.
#[test]
fn who_has_its_names_from_a_renamed_list_keeps_them() {
    let town = Town::new(crate::sandbox::Kind::Sqlite);
    town.day("2026-11-25", "2026-11-26", &CLOCKS);
    let before = town.declaration("parking");
    let ran = town.run("fetcher", NOW, &["--verbose", "rename", "places", "garage-names"]);
    ran.exits(0).says("parking has its names from places: that goes on");
    assert_eq!(town.declaration("parking"), before);
    town.day("2026-11-26", "2026-11-27", &CLOCKS);
    assert!(town.text("2026-11-26").contains("Marktplatz"));
}
