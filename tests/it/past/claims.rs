//! Who was called what: claims that cannot be, each told with its file, line and key.

use super::{CLOCKS, Town};
use crate::sandbox::Kind;

fn claim(town: &Town, name: &str, old: &str) {
    let text = town.declaration(name).replace("topic =", &format!("formerly = [{old}]\ntopic ="));
    town.home.source(name, &text);
}

#[test]
fn a_claim_that_cannot_be_is_told_with_its_place() {
    for (claims, place, words) in [
        (
            &[("parking", "\"clock\"")][..],
            "parking.toml:3",
            "formerly names clock, which is declared too",
        ),
        (
            &[("parking", "\"parking\"")],
            "parking.toml:3",
            "formerly names parking, the source itself",
        ),
        (
            &[("parking", "\"clock\""), ("clock", "\"parking\"")],
            "clock.toml:3",
            "formerly names parking, and parking leads back to clock",
        ),
        (
            &[("parking", "\"places\""), ("clock", "\"parking\""), ("places", "\"clock\"")],
            "places.toml:3",
            "leads back to places",
        ),
        (
            &[("parking", "\"lots\""), ("clock", "\"lots\"")],
            "clock.toml:3",
            "formerly names lots, and so does parking.toml",
        ),
        (&[("parking", "\"daybook\"")], "parking.toml:3", "formerly is a list"),
        (&[("parking", "\"a\", \"a\"")], "parking.toml:3", "formerly is a list"),
        (&[("parking", "7")], "parking.toml:3", "formerly is a list"),
    ] {
        let town = Town::new(Kind::Sqlite);
        claims.iter().for_each(|(name, old)| claim(&town, name, old));
        town.home.run("fetcher", &["check"]).exits(1).says(place).says(words);
    }
}

/// A name of before is not free: what is declared under it is left out, so that nothing of it
/// gets into the past of the one that had it.
#[test]
fn a_new_source_under_a_name_of_before_is_left_out() {
    let town = Town::new(Kind::Sqlite);
    town.day("2026-11-25", "2026-11-26", &CLOCKS);
    town.run("fetcher", "2026-11-26T08:00:00Z", &["rename", "parking", "car-parks"]).exits(0);
    town.declare("parking", "Another thing", super::CLOCK);
    let ran = town.run("fetcher", "2026-11-26T09:10:00Z", &[]).exits(1);
    ran.says("car-parks.toml:4: formerly names parking, which is declared too");
    assert!(town.home.files("data/parking").is_empty());
    assert_eq!(town.home.files("data/car-parks").len(), 1);
}

/// Where two claim one past, nobody has it; both are collected, and it stays a past of its own.
#[test]
fn a_past_that_two_claim_is_nobodys() {
    let town = Town::new(Kind::Sqlite);
    town.day("2026-11-25", "2026-11-26", &CLOCKS);
    town.run("fetcher", "2026-11-26T08:00:00Z", &["rename", "parking", "car-parks"]).exits(0);
    town.home.source("garages", &town.declaration("car-parks"));
    town.run("fetcher", "2026-11-26T09:10:00Z", &[]).exits(1).says("and so does car-parks.toml");
    for name in ["car-parks", "garages"] {
        assert_eq!(town.home.files(&format!("data/{name}")).len(), 1, "{name}");
    }
    town.run("analyzer", "2026-11-26T10:00:00Z", &["report", "--date", "2026-11-25"]);
    assert!(town.text("2026-11-25").contains("parking: no longer collected"));
}
