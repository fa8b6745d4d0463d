//! A small home at two moments, to be copied for each death: before a fetch of three sources,
//! and before a summary of two hours.

use crate::recording::{BIKES, QUAKES, STATIONS, answers, cut, declaration, list};
use crate::sandbox::{Kind, Sandbox};
use crate::served::{self, Given};
use crate::server::{Answer, Server};

pub struct Scene {
    pub home: Sandbox,
    pub given: Given,
    /// Names of served files of which nothing can be counted.
    pub unreadable: Vec<&'static str>,
    /// Keeps answering.
    _server: Server,
}

pub fn at(time: &str) -> String {
    format!("2026-11-21T{time}:00Z")
}

/// A few stations, or earthquakes, of the recorded answer at some place.
pub fn small(source: &'static str, place: usize) -> Vec<u8> {
    cut(source, &answers(source)[place], 5).to_string().into_bytes()
}

/// One whose second station has a number of bikes that is none.
pub fn odd(place: usize) -> Vec<u8> {
    let mut answer = cut(BIKES, &answers(BIKES)[place], 5);
    list(BIKES, &mut answer)[1]["num_bikes_available"] = "a few".into();
    answer.to_string().into_bytes()
}

pub fn torn(place: usize) -> Vec<u8> {
    let mut answer = small(BIKES, place);
    answer.truncate(answer.len() / 2);
    answer
}

impl Scene {
    pub fn new(sources: &[&str], server: Server, given: Given) -> Scene {
        let home = Sandbox::new(Kind::Sqlite);
        home.settings("");
        for source in sources {
            home.source(source, &declaration(source, "1m", &server));
        }
        Scene { home, given, unreadable: Vec::new(), _server: server }
    }

    pub fn fetch(&self, times: &[&str]) {
        for time in times {
            self.home.run("fetcher", &["--now", &at(time)]).exits(0);
        }
    }

    /// All sources have answered once. From now on one gives new bytes, one 304, and one the
    /// same bytes again without validators.
    pub fn before_fetch() -> Scene {
        let server = Server::start();
        let (old, new) = (small(BIKES, 0), small(BIKES, 1));
        let (quakes, stations) = (small(QUAKES, 0), small(STATIONS, 0));
        server.on(&format!("/{BIKES}"), Answer::ok(&*old).tagged("\"old\""));
        server.on(&format!("/{BIKES}"), Answer::ok(&*new).tagged("\"new\""));
        server.on(&format!("/{QUAKES}"), Answer::ok(&*quakes).tagged("\"one\""));
        server.on(&format!("/{STATIONS}"), Answer::ok(&*stations));
        let given = [(BIKES, vec![old, new]), (QUAKES, vec![quakes]), (STATIONS, vec![stations])];
        let scene = Scene::new(&[BIKES, QUAKES, STATIONS], server, given.into());
        scene.fetch(&["10:05"]);
        scene
    }

    /// Eight snapshots of two sources wait, of two hours that have closed; one holds an item
    /// that cannot be read, and one is cut off.
    pub fn before_summary() -> Scene {
        let server = Server::start();
        let bikes = vec![small(BIKES, 0), odd(1), torn(2), small(BIKES, 3)];
        let quakes = vec![small(QUAKES, 0), small(QUAKES, 1)];
        for (source, bodies) in [(BIKES, &bikes), (QUAKES, &quakes)] {
            for body in bodies {
                server.on(&format!("/{source}"), Answer::ok(&**body));
            }
        }
        let given = [(BIKES, bikes), (QUAKES, quakes), (STATIONS, Vec::new())];
        let mut scene = Scene::new(&[BIKES, QUAKES], server, given.into());
        scene.fetch(&["10:05", "10:25", "11:15", "11:40"]);
        assert_eq!(served::keep(&scene.home, &scene.given), 8);
        scene.unreadable = vec!["bikes-baywheels_2026-11-21T11-15-*"];
        scene
    }
}
