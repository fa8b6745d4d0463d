//! Random orders of all that a summarizer can do, under declarations that change meanwhile, with
//! files that come back, and with deaths at any step. At no moment does the balance
//! differ; at the end everything readable is counted once.

use super::{ARCHIVE, Drifted, NO_LIST, NO_NUMBER, held, settled};
use crate::crash::cases::{Dice, check_seeds};
use crate::crash::scene::at;
use crate::recording::{BIKES, QUAKES};
use crate::recount::Recount;
use crate::sandbox::{Kind, Sandbox};
use daybook::domain::gate::Gate;
use daybook::domain::ledger::Ledger;
use daybook::domain::name::SourceName;
use daybook::domain::positions::Missing;
use daybook::domain::time::Window;
use daybook::edge::store;
use std::fs;
use std::ops::Range;

/// Things that happen, one after the other.
const EVENTS: usize = 9;

/// A kill at a later step than a command has lets it end.
const STEPS: usize = 90;

const DAY: [&str; 5] = ["recount", "--from", "2026-11-21", "--to", "2026-11-21"];

struct Story<'a> {
    drifted: &'a Drifted,
    home: Sandbox,
    dice: Dice,
    minute: usize,
    archive: bool,
    log: Vec<String>,
}

impl Story<'_> {
    fn command(&mut self, arguments: &[&str]) {
        self.minute += 1;
        let now = at(&format!("12:{:02}", self.minute));
        let all = [arguments, &["--now", &now]].concat();
        let step = 1 + self.dice.below(STEPS);
        let ran = match self.dice.below(2) {
            0 => self.home.run("summarizer", &all),
            _ => self.home.run_hooked("summarizer", &all, &format!("kill:{step}")),
        };
        self.log.push(format!("{arguments:?} kill:{step} -> {:?}", ran.code));
        assert!(ran.code.is_none_or(|code| code <= 2), "{}", ran.about);
        let audit = self.home.run("summarizer", &["audit", "--now", &now]);
        // Killed early, the first one made no store.
        if audit.stderr.starts_with("there is no store at mongodb:") && self.log.len() == 1 {
            return;
        }
        assert_eq!(audit.code, Some(0), "{:#?}\n{}", self.log, audit.about);
        self.nothing_is_lost();
    }

    /// What no live entry has counted whole is in quarantine, or still at work.
    fn nothing_is_lost(&self) {
        let store = store::open(self.home.store(), Gate::open()).unwrap();
        let source = SourceName::parse(BIKES).unwrap();
        let hour = Window::parse("2026-11-21T10").unwrap();
        let ledger = Ledger::new(store.ledger(&source, hour.day()).unwrap());
        let files = self.home.files("data");
        for (id, missing) in ledger.found(None) {
            let there = files.iter().any(|path| path.ends_with(&format!("/{id}")));
            assert!(missing == Missing::Nothing || there, "{id}: {missing:?}, {:#?}", self.log);
        }
    }

    fn declare(&mut self) {
        let right = &self.drifted.right;
        let texts = [
            right.clone(),
            right.replace(NO_NUMBER[0], NO_NUMBER[1]),
            right.replace(NO_LIST[0], NO_LIST[1]),
            right.replace("[aggregates.docks_in_town]", "[aggregates.all_docks]"),
        ];
        // What was counted under another numbering is only counted again from an archive.
        let which = self.dice.below(if self.archive { 4 } else { 3 });
        self.log.push(format!("declaration {which}"));
        self.home.source(BIKES, &texts[which]);
    }

    /// A snapshot that was counted comes back.
    fn come_back(&mut self) {
        let source = [BIKES, QUAKES][self.dice.below(2)];
        let names = self.home.files(&format!("kept/{source}"));
        let name = &names[self.dice.below(names.len())];
        let to = self.home.path(&format!("data/{source}/{name}"));
        if !to.exists() {
            fs::copy(self.home.path(&format!("kept/{source}/{name}")), to).unwrap();
        }
        self.log.push(format!("back: {name}"));
    }

    fn event(&mut self) {
        match self.dice.below(7) {
            0 => self.command(&["run"]),
            1 | 2 => self.command(&["replay"]),
            3 => self.command(&[&DAY[..], &[BIKES]].concat()),
            4 => self.command(&DAY),
            5 => self.come_back(),
            _ => self.declare(),
        }
    }
}

fn tell(drifted: &Drifted, kind: Kind, seed: u64, recount: &mut Recount) {
    let home = drifted.scene.home.copy(kind);
    for source in [BIKES, QUAKES] {
        fs::create_dir_all(home.path(&format!("kept/{source}"))).unwrap();
        for name in home.files(&format!("data/{source}")) {
            let [from, to] = ["data", "kept"].map(|f| home.path(&format!("{f}/{source}/{name}")));
            fs::copy(from, to).unwrap();
        }
    }
    let archive = !seed.is_multiple_of(3);
    home.settings(if archive { ARCHIVE } else { "" });
    let (dice, log) = (Dice(seed), Vec::new());
    let mut story = Story { drifted, home, dice, minute: 10, archive, log };
    story.command(&["run"]);
    (0..EVENTS).for_each(|_| story.event());
    let home = story.home;
    home.source(BIKES, &drifted.right);
    for (time, command) in [("13:00", &["run"][..]), ("13:01", &["replay"]), ("13:02", &DAY)] {
        home.run("summarizer", &[command, &["--now", &at(time)]].concat());
        home.run("summarizer", &["audit", "--now", &at(time)]).exits(0);
    }
    assert_eq!(held(&home).len(), 2, "{:#?}", story.log);
    // Rows that nothing names are removed when they are older than a day.
    home.run("summarizer", &["--now", "2026-11-23T10:00:00Z"]);
    settled(&home, &drifted.scene, recount);
}

fn orders(kind: Kind, test: &str, usual: Range<u64>) {
    let drifted = Drifted::torn(NO_NUMBER);
    let test = format!("later::orders::{test}");
    check_seeds(&test, usual, |seed, recount| tell(&drifted, kind, seed, recount));
}

#[test]
fn in_any_order_with_deaths_sqlite() {
    orders(Kind::Sqlite, "in_any_order_with_deaths_sqlite", 1..41);
}

#[test]
fn in_any_order_with_deaths_server() {
    orders(Kind::Server, "in_any_order_with_deaths_server", 1..11);
}
