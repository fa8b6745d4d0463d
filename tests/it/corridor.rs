//! The three binaries in a row, over loopback HTTP with the recorded payloads, into each store:
//! all that is in the store equals an independent recount of what the server gave.

use crate::recording::{BIKES, QUAKES, STATIONS, answers, declaration};
use crate::sandbox::{KINDS, Kind, Sandbox};
use crate::server::{Answer, Server};
use crate::{recount, served};
use std::process::Command;

/// How one answer is given.
#[derive(Clone, Copy, PartialEq)]
enum How {
    /// New bytes, with an entity tag.
    Tagged,
    /// New bytes, without validators.
    Plain,
    /// 304: the last bytes, which had a tag.
    NotModified,
    /// The last bytes once more, without validators.
    Again,
}

use How::{Again, NotModified, Plain, Tagged};

/// Instants of the fetcher, in the order of its runs, with how bikes and earthquakes answer.
/// The sixth comes late: its hour has been summarised by then.
const FETCHES: [(&str, How, How); 16] = [
    ("10:00", Plain, Tagged),
    ("10:10", Tagged, NotModified),
    ("10:20", NotModified, Tagged),
    ("10:30", Plain, Plain),
    ("10:40", Again, Plain),
    ("10:52", Tagged, Tagged),
    ("11:03", NotModified, Plain),
    ("11:13", Plain, Again),
    ("11:23", Tagged, Tagged),
    ("11:33", Plain, NotModified),
    ("11:59", Again, Tagged),
    ("12:00", Tagged, Plain),
    ("12:11", Tagged, Plain),
    ("12:21", NotModified, Tagged),
    ("12:31", Plain, NotModified),
    ("12:41", Plain, Plain),
];
/// The summarizer runs after so many fetches.
const SUMMARIES: [(usize, &str); 4] = [(5, "11:05"), (11, "12:05"), (16, "13:05"), (16, "14:05")];

fn at(time: &str) -> String {
    format!("2026-11-21T{time}:00Z")
}

/// What a source answers at each fetch: how, and the bytes that are to land.
fn script(source: &str, how: impl Fn(usize) -> How) -> Vec<(How, Vec<u8>)> {
    let mut fresh = answers(source).into_iter();
    let mut script: Vec<(How, Vec<u8>)> = Vec::new();
    for place in 0..FETCHES.len() {
        let body = match how(place) {
            Tagged | Plain => fresh.next().unwrap(),
            Again | NotModified => script[place - 1].1.clone(),
        };
        script.push((how(place), body));
    }
    script
}

fn serve(server: &Server, source: &str, script: &[(How, Vec<u8>)]) {
    for (place, (how, body)) in script.iter().enumerate() {
        let answer = match how {
            Tagged => Answer::ok(body.clone()).header("ETag", &format!("\"{place}\"")).gzip(),
            Plain | Again => Answer::ok(body.clone()),
            NotModified => Answer::status(304),
        };
        server.on(&format!("/{source}"), answer);
    }
}

/// A conditional request was made exactly where the answer before had a tag.
fn check_conditions(server: &Server, source: &str, script: &[(How, Vec<u8>)]) {
    let seen = server.seen().into_iter().filter(|seen| seen.target == format!("/{source}"));
    let asked: Vec<Option<String>> =
        seen.map(|seen| seen.header("if-none-match").map(String::from)).collect();
    let mut tag = None;
    for (place, (how, _)) in script.iter().enumerate() {
        assert_eq!(asked[place], tag, "{source}, request {place}");
        match how {
            Tagged => tag = Some(format!("\"{place}\"")),
            Plain | Again => tag = None,
            NotModified => {}
        }
    }
    assert_eq!(asked.len(), script.len(), "{source}");
}

/// Runs the fetcher once; each due source lands one snapshot, with the bytes that were served.
fn fetch(home: &Sandbox, time: &str, due: &[(&str, &[u8])]) {
    let before: Vec<usize> = due.iter().map(|(s, _)| served::visible(home, s).len()).collect();
    home.run("fetcher", &["--now", &at(time)]).exits(0).is_silent();
    for ((source, body), before) in due.iter().zip(before) {
        let files = served::visible(home, source);
        assert_eq!(files.len(), before + 1, "{source} at {time}");
        let minute = at(time).replace(':', "-")[..16].to_string();
        let new = files.iter().find(|file| file.stamp.starts_with(&minute)).unwrap();
        assert!(new.bytes == *body, "{source} at {time} landed other bytes than were served");
        served::keep_one(home, source, &new.stamp, body);
    }
}

fn walk(kind: Kind) {
    let home = Sandbox::new(kind);
    let server = Server::start();
    home.settings("");
    for (source, every) in [(BIKES, "1m"), (QUAKES, "1m"), (STATIONS, "366d")] {
        home.source(source, &declaration(source, every, &server));
    }
    let bikes = script(BIKES, |place| FETCHES[place].1);
    let quakes = script(QUAKES, |place| FETCHES[place].2);
    let stations = answers(STATIONS).remove(0);
    serve(&server, BIKES, &bikes);
    serve(&server, QUAKES, &quakes);
    server.on(&format!("/{STATIONS}"), Answer::ok(stations.clone()));

    let mut summaries = SUMMARIES.into_iter().peekable();
    for (place, (time, ..)) in FETCHES.iter().enumerate() {
        while let Some((_, now)) = summaries.next_if(|(after, _)| *after == place) {
            home.run("summarizer", &["--now", &at(now)]).exits(0).is_silent();
        }
        let mut due: Vec<(&str, &[u8])> =
            vec![(BIKES, &bikes[place].1), (QUAKES, &quakes[place].1)];
        if place == 0 {
            due.push((STATIONS, &stations));
        }
        fetch(&home, time, &due);
    }
    check_conditions(&server, BIKES, &bikes);
    check_conditions(&server, QUAKES, &quakes);
    for (_, now) in summaries {
        home.run("summarizer", &["--now", &at(now)]).exits(0).is_silent();
    }
    check(&home);
    print(&home, &bikes);
}

/// The report of this day says what was served: the fewest and the most bikes there were at all
/// stations, and that every answer is counted. (No two answers fall into one bin of ten minutes.)
fn print(home: &Sandbox, bikes: &[(How, Vec<u8>)]) {
    let day = &at("00:00")[..10];
    let now = format!("{day}T23:00:00Z");
    home.run("analyzer", &["--now", &now, "report", "--date", day]).exits(0).is_silent();
    let path = home.path(&format!("reports/daybook_{day}.pdf"));
    let output = Command::new("pdftotext").arg("-layout").arg(&path).arg("-").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let totals = bikes.iter().map(|(_, body)| {
        let json: serde_json::Value = serde_json::from_slice(body).unwrap();
        let stations = json["data"]["stations"].as_array().unwrap();
        stations.iter().map(|s| s["num_bikes_available"].as_u64().unwrap_or(0)).sum::<u64>()
    });
    let totals: Vec<u64> = totals.collect();
    for total in [totals.iter().min().unwrap(), totals.iter().max().unwrap()] {
        let spelled = format!("{},{:03} at ", total / 1000, total % 1000);
        assert!(text.contains(&spelled), "{spelled:?} is not in\n{text}");
    }
    let landed = FETCHES.len() * 2 + 1;
    assert!(text.contains(&format!("All {landed} answers that landed are counted")), "{text}");
}

/// The store equals the recount, the spool is empty, and the audit finds no difference.
fn check(home: &Sandbox) {
    let output = recount::once(&served::folder(home), home.store(), &[]);
    let said = String::from_utf8_lossy(&output.stdout);
    let trouble = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{trouble}");
    for source in [BIKES, QUAKES, STATIONS] {
        let line = said.lines().find(|line| line.starts_with(&format!("{source}: ")));
        assert!(line.is_some_and(|line| line.ends_with(": equal")), "{said}");
        assert_eq!(served::visible(home, source).len(), 0);
    }
    assert!(!said.contains("left out"), "rows that nothing names: {said}");
    assert_eq!(home.files("data/.batches"), [""; 0]);
    assert_eq!(home.files("data/.tmp"), [""; 0]);
    assert_eq!(home.files("data/quarantine"), [""; 0]);
    home.run("summarizer", &["--now", &at("14:06"), "audit"])
        .exits(0)
        .says("the difference is zero");
    println!("{}\n{said}", home.store());
}

#[test]
fn the_store_equals_a_recount_of_what_was_served_sqlite() {
    walk(KINDS[0]);
}

#[test]
fn the_store_equals_a_recount_of_what_was_served_server() {
    walk(KINDS[1]);
}
