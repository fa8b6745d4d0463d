//! Answers that come in pages: each way of asking for the next one, over real HTTP; a set lands
//! whole or not at all, whatever is cut, killed or answered on the way.

use crate::declared::declared;
use crate::sandbox::{KINDS, Kind, Ran, Sandbox};
use crate::server::{Answer, Server};
use std::collections::BTreeSet;

const ITEMS: &str = "[records]\nat = \"items[*]\"\nid = \"id\"\n[fields.v]\npath = \"v\"\n";
const SUMS: &str = "[samples]\nat = \"items[*]\"\nseries = \"id\"\n[fields.v]\npath = \"v\"\n\
                    [aggregates.all]\nsum = \"v\"\n[aggregates.many]\ncount = \"v\"\n";

/// A home, and a publisher of pages.
struct Bench {
    home: Sandbox,
    server: Server,
}

/// A page with these items, each of which has its id as its value; `more` stands beside them.
fn page(ids: std::ops::Range<u32>, more: &str) -> Answer {
    let items: Vec<String> = ids.map(|id| format!("{{\"id\":\"i{id}\",\"v\":{id}}}")).collect();
    Answer::ok(format!("{{{more}\"items\":[{}]}}", items.join(",")))
}

fn at(minute: u32) -> String {
    format!("2026-11-24T10:{minute:02}:05Z")
}

impl Bench {
    fn new(kind: Kind) -> Bench {
        let bench = Bench { home: Sandbox::new(kind), server: Server::start() };
        bench.home.settings("");
        bench
    }

    fn source(&self, pages: &str, items: &str) {
        self.source_of("", pages, items);
    }

    fn source_of(&self, more: &str, pages: &str, items: &str) {
        let rest = format!("{more}\n[fetch.pages]\n{pages}\n{items}");
        self.home.source("list", &declared("json", &self.server.url("/list"), "10m", &rest));
    }

    fn on(&self, target: &str, answer: Answer) -> &Bench {
        self.server.on(target, answer);
        self
    }

    fn fetch(&self, minute: u32) -> Ran {
        self.home.run("fetcher", &["--now", &at(minute)])
    }

    /// What was asked for, without the path.
    fn asked(&self) -> Vec<String> {
        let seen = self.server.seen();
        seen.iter().map(|seen| seen.target.replace("/list", "")).collect()
    }

    fn landed(&self) -> Vec<String> {
        self.home.files("data/list")
    }

    /// Counts what landed, and gives the store's rows of this series or record, by what is asked.
    fn counted(&self, sql: &str) -> String {
        self.home.run("summarizer", &["--now", "2026-11-24T12:05:00Z"]).exits(0);
        self.home.run("summarizer", &["audit"]).exits(0).says("difference is zero");
        let db = rusqlite::Connection::open(self.home.path("daybook.sqlite")).unwrap();
        db.query_row(sql, [], |row| row.get::<_, f64>(0)).unwrap().to_string()
    }
}

const RECORDS: &str = "select count(*) * 1.0 from latest_records where source = 'list'";

/// Each page is asked once, and all land as one set.
#[track_caller]
fn lands(bench: &Bench, asked: &[&str]) {
    bench.fetch(0).exits(0).is_silent();
    assert_eq!(bench.asked(), asked);
    let landed = bench.landed();
    assert_eq!(landed.len(), asked.len(), "{landed:?}");
    let all = asked.len();
    for number in 1..=all {
        let name = format!("_p{number}of{all}_");
        assert!(all == 1 || landed.iter().any(|file| file.contains(&name)), "{landed:?}");
    }
}

#[test]
fn a_link_in_the_head_leads_on() {
    let bench = Bench::new(Kind::Sqlite);
    bench.source("type = \"header_link\"", ITEMS);
    bench
        .on("/list", page(0..2, "").header("Link", "</list?after=2>; rel=\"next\""))
        .on("/list?after=2", page(2..4, "").header("Link", "<?after=4>; rel=next, </>; rel=first"))
        .on("/list?after=4", page(4..5, "").header("Link", "</list>; rel=prev"));
    lands(&bench, &["", "?after=2", "?after=4"]);
    assert_eq!(bench.counted(RECORDS), "5");
}

#[test]
fn an_address_in_the_answer_leads_on() {
    let bench = Bench::new(Kind::Sqlite);
    bench.source("type = \"json_link\"\nnext_url_path = \"meta.next\"", ITEMS);
    let next = bench.server.url("/list?page=2");
    bench
        .on("/list", page(0..2, &format!("\"meta\":{{\"next\":\"{next}\"}},")))
        .on("/list?page=2", page(2..3, "\"meta\":{\"next\":null},"));
    lands(&bench, &["", "?page=2"]);
    assert_eq!(bench.counted(RECORDS), "3");
}

#[test]
fn a_mark_leads_on() {
    let bench = Bench::new(Kind::Sqlite);
    bench.source("type = \"cursor\"\ncursor_path = \"next\"\ncursor_param = \"from\"", ITEMS);
    bench
        .on("/list", page(0..2, "\"next\":\"a/b c=\","))
        .on("/list?from=a%2Fb%20c%3D", page(2..3, "\"next\":7,"))
        .on("/list?from=7", page(3..4, "\"next\":\"\","));
    lands(&bench, &["", "?from=a%2Fb%20c%3D", "?from=7"]);
}

#[test]
fn offsets_go_by_what_came_up_to_the_total() {
    let bench = Bench::new(Kind::Sqlite);
    bench.source("type = \"offset\"\nlimit = 3\ntotal_path = \"total\"", ITEMS);
    // It gives two at most, whatever the limit.
    bench
        .on("/list?offset=0&limit=3", page(0..2, "\"total\":5,"))
        .on("/list?offset=2&limit=3", page(2..4, "\"total\":5,"))
        .on("/list?offset=4&limit=3", page(4..5, "\"total\":5,"));
    lands(&bench, &["?offset=0&limit=3", "?offset=2&limit=3", "?offset=4&limit=3"]);
    assert_eq!(bench.counted(RECORDS), "5");
}

#[test]
fn numbered_pages_end_with_an_empty_one_or_with_none() {
    for last in [page(0..0, ""), Answer::status(204)] {
        let bench = Bench::new(Kind::Sqlite);
        bench.source("type = \"page_number\"\npage_param = \"p\"", ITEMS);
        bench.on("/list?p=1", page(0..2, "")).on("/list?p=2", page(2..4, "")).on("/list?p=3", last);
        bench.fetch(0).exits(0).is_silent();
        assert_eq!(bench.asked(), ["?p=1", "?p=2", "?p=3"]);
        assert_eq!(bench.counted(RECORDS), "4");
    }
}

#[test]
fn ranges_end_where_the_head_says() {
    let bench = Bench::new(Kind::Sqlite);
    bench.source("type = \"range\"\nlimit = 2", ITEMS);
    let part = |ids, range: &str| page(ids, "").with_status(206).header("Content-Range", range);
    bench
        .on("/list?range=0-1", part(0..2, "offres 0-1/3"))
        .on("/list?range=2-3", part(2..3, "offres 2-2/3"));
    lands(&bench, &["?range=0-1", "?range=2-3"]);
    let nothing = Bench::new(Kind::Sqlite);
    nothing.source("type = \"range\"\nlimit = 2", ITEMS);
    nothing.on("/list?range=0-1", Answer::status(204)).fetch(0).exits(0).is_silent();
    assert!(nothing.landed().is_empty());
}

#[test]
fn who_does_not_ask_for_pages_is_told_that_there_are_more() {
    let bench = Bench::new(Kind::Sqlite);
    bench.home.source("list", &declared("json", &bench.server.url("/list"), "10m", ITEMS));
    bench.on("/list", page(0..2, "").with_status(206));
    bench
        .home
        .run("fetcher", &["--now", &at(0), "--verbose"])
        .exits(0)
        .says("there are more pages");
    assert_eq!(bench.landed().len(), 1);
}

#[test]
fn aggregates_are_over_the_whole_set() {
    let bench = Bench::new(Kind::Sqlite);
    bench.source("type = \"page_number\"\ntotal_path = \"pages\"", SUMS);
    bench
        .on("/list?page=1", page(0..3, "\"pages\":2,"))
        .on("/list?page=2", page(3..5, "\"pages\":2,"));
    lands(&bench, &["?page=1", "?page=2"]);
    let all = "select sum(sum) from statistics where source = 'list' and series = '*' and field = ";
    assert_eq!(bench.counted(&format!("{all}'all'")), "10");
    assert_eq!(bench.counted(&format!("{all}'many'")), "5");
}

#[test]
fn a_sample_that_stands_on_two_pages_is_told() {
    let bench = Bench::new(Kind::Sqlite);
    bench.source("type = \"page_number\"\ntotal_path = \"pages\"", SUMS);
    bench
        .on("/list?page=1", page(0..3, "\"pages\":2,"))
        .on("/list?page=2", page(2..5, "\"pages\":2,"));
    bench.fetch(0).exits(0);
    let run = bench.home.run("summarizer", &["--now", "2026-11-24T12:05:00Z", "--verbose"]);
    run.exits(1).says("items of the series \"i2\" are equal");
}

#[test]
fn a_page_that_cannot_be_read_keeps_its_whole_set_from_the_aggregates_until_it_can() {
    let bench = Bench::new(Kind::Sqlite);
    bench.source("type = \"page_number\"\ntotal_path = \"pages\"", SUMS);
    let odd = "{\"pages\":2,\"items\":[{\"id\":\"x\",\"v\":\"many\"},{\"id\":\"y\",\"v\":7}]}";
    bench.on("/list?page=1", page(0..3, "\"pages\":2,")).on("/list?page=2", Answer::ok(odd));
    bench.fetch(0).exits(0);
    let run = bench.home.run("summarizer", &["--now", "2026-11-24T12:05:00Z"]);
    run.exits(1).says("could not be read");
    let waiting = bench.home.files("data/quarantine/list");
    assert_eq!(waiting.iter().filter(|name| name.ends_with(".json")).count(), 2, "{waiting:?}");
    let why = |page: &str| {
        let name = waiting.iter().find(|name| name.contains(page) && !name.ends_with(".json"));
        std::fs::read_to_string(bench.home.path("data/quarantine/list").join(name.unwrap()))
            .unwrap()
    };
    assert!(why("p1of2").contains("the aggregates over all pages of its set are not"));
    // A declaration that reads that word makes up for it.
    let marked = SUMS.replace("path = \"v\"", "path = \"v\"\nmissing = [\"many\"]");
    bench.source("type = \"page_number\"\ntotal_path = \"pages\"", &marked);
    bench.home.run("summarizer", &["replay", "list", "--now", "2026-11-24T12:06:00Z"]).exits(0);
    let all = "select sum(sum) from statistics where source = 'list' and series = '*' and field = ";
    assert_eq!(bench.counted(&format!("{all}'all'")), "10");
    assert_eq!(bench.counted(&format!("{all}'many'")), "4");
    assert!(bench.home.files("data/quarantine/list").is_empty());
}

#[test]
fn pages_that_have_not_changed_are_not_sent_again() {
    let bench = Bench::new(Kind::Sqlite);
    bench.source("type = \"header_link\"", ITEMS);
    let next = "</list?after=2>; rel=next";
    bench
        .on("/list", page(0..2, "").tagged("\"one\"").header("Link", next))
        .on("/list?after=2", page(2..3, "").tagged("\"two\""));
    bench.fetch(0).exits(0);
    bench.fetch(10).exits(0);
    let tags = bench.server.seen();
    let tags: Vec<Option<&str>> = tags.iter().map(|seen| seen.header("if-none-match")).collect();
    assert_eq!(tags, [None, None, Some("\"one\""), None]);
    assert_eq!(bench.landed().len(), 4);
    let said = bench.home.run("fetcher", &["explain", "list", "--now", &at(11)]).exits(0);
    assert!(said.stdout.contains("unchanged"), "{}", said.about);
}

#[test]
fn chains_that_lead_astray_are_told_and_leave_nothing() {
    let elsewhere = "<http://localhost:1/list>; rel=next";
    for (pages, answers, why) in [
        (
            "type = \"header_link\"",
            vec![
                page(0..2, "").header("Link", "</list?b>; rel=next"),
                page(2..3, "").header("Link", "</list?b>; rel=next"),
            ],
            "page 2 leads back to page 2",
        ),
        (
            "type = \"header_link\"",
            vec![page(0..2, "").header("Link", elsewhere)],
            "at another place, localhost",
        ),
        (
            "type = \"header_link\"",
            vec![page(0..2, "").header("Link", "/list?b>; rel=next")],
            "the header Link cannot be read",
        ),
        (
            "type = \"header_link\"",
            vec![page(0..2, "").header("Link", "<#top>; rel=next")],
            "page 1 leads back to page 1",
        ),
        (
            "type = \"offset\"\ntotal_path = \"total\"",
            vec![page(0..2, "\"total\":9,"), page(0..0, "\"total\":9,")],
            "page 2 is empty, after 2 of 9",
        ),
        (
            "type = \"offset\"\ntotal_path = \"total\"",
            vec![page(0..2, "\"total\":9,"), Answer::status(204)],
            "page 2 is empty, after 2 of 9",
        ),
        (
            "type = \"page_number\"",
            vec![page(0..2, "")],
            "page 2 has the items of page 1 once more",
        ),
        (
            "type = \"offset\"\nmax_pages = 2",
            vec![page(0..1, ""), page(1..2, ""), page(2..3, "")],
            "more than 2 pages",
        ),
        (
            "type = \"offset\"\nmax_bytes = \"64B\"",
            vec![page(0..1, ""), page(1..4, "")],
            "more than 64 bytes",
        ),
        (
            "type = \"page_number\"",
            vec![page(0..1, ""), Answer::ok("<html>login</html>")],
            "nothing of its set of pages is kept",
        ),
        (
            "type = \"page_number\"",
            vec![page(0..1, ""), Answer::ok("{\"items\":3}")],
            "page 2 cannot be read",
        ),
        (
            "type = \"page_number\"",
            vec![page(0..1, ""), Answer::status(404)],
            "page 2 of a set, which is given up",
        ),
    ] {
        let bench = Bench::new(Kind::Sqlite);
        bench.source(pages, ITEMS);
        for answer in answers {
            bench.on("/list", answer);
        }
        bench.fetch(0).exits(2).says(why);
        assert!(bench.landed().is_empty(), "{why}");
        assert!(bench.home.files("data/.state/sets").is_empty(), "{why}");
    }
}

#[test]
fn a_set_that_is_cut_goes_on_in_the_next_run() {
    let bench = Bench::new(Kind::Sqlite);
    bench.source("type = \"page_number\"\ntotal_path = \"pages\"", ITEMS);
    bench
        .on("/list?page=1", page(0..2, "\"pages\":3,"))
        .on("/list?page=2", Answer::status(503))
        .on("/list?page=2", page(2..4, "\"pages\":3,"))
        .on("/list?page=3", page(4..5, "\"pages\":3,"));
    bench.fetch(0).exits(2).says("page 2, and those before it wait (1)");
    assert!(bench.landed().is_empty());
    bench.fetch(5).exits(0);
    assert_eq!(bench.asked(), ["?page=1", "?page=2", "?page=2", "?page=3"]);
    let landed = bench.landed();
    assert!(landed.len() == 3 && landed.iter().all(|name| name.contains("T10-00-0")), "{landed:?}");
    assert!(bench.home.files("data/.state/sets").is_empty());
    assert_eq!(bench.counted(RECORDS), "5");
}

#[test]
fn a_set_that_has_waited_too_long_is_given_up_and_begun_anew() {
    let bench = Bench::new(Kind::Sqlite);
    bench.source("type = \"page_number\"\ntotal_path = \"pages\"", ITEMS);
    bench
        .on("/list?page=1", page(0..2, "\"pages\":2,"))
        .on("/list?page=2", Answer::status(503))
        .on("/list?page=2", page(2..4, "\"pages\":2,"));
    bench.fetch(0).exits(2);
    bench.fetch(15).exits(0).says("1 pages of a set that was cut are given up");
    assert_eq!(bench.asked(), ["?page=1", "?page=2", "?page=1", "?page=2"]);
    assert_eq!(bench.landed().len(), 2);
}

#[test]
fn pages_of_a_set_that_is_not_whole_are_left_where_they_are() {
    let bench = Bench::new(Kind::Sqlite);
    bench.source("type = \"page_number\"\ntotal_path = \"pages\"", ITEMS);
    bench
        .on("/list?page=1", page(0..2, "\"pages\":2,"))
        .on("/list?page=2", page(2..4, "\"pages\":2,"));
    bench.fetch(0).exits(0);
    let second = bench.landed().into_iter().find(|name| name.contains("p2of2")).unwrap();
    let (from, aside) = (bench.home.path("data/list").join(&second), bench.home.path("aside"));
    std::fs::rename(&from, &aside).unwrap();
    let run = bench.home.run("summarizer", &["--now", "2026-11-24T12:05:00Z", "--verbose"]);
    run.says("not all pages of its set are here");
    assert_eq!(bench.landed().len(), 1);
    std::fs::rename(&aside, &from).unwrap();
    assert_eq!(bench.counted(RECORDS), "4");
}

#[test]
fn killed_at_any_step_a_set_lands_whole_or_not_at_all() {
    for kind in KINDS {
        let home = |bench: &Bench| {
            bench.source("type = \"page_number\"\ntotal_path = \"pages\"", SUMS);
            bench
                .on("/list?page=1", page(0..3, "\"pages\":2,"))
                .on("/list?page=2", page(3..5, "\"pages\":2,"));
        };
        let bench = Bench::new(kind);
        home(&bench);
        let list = bench.home.path("steps");
        let hook = format!("list:{}", list.display());
        bench.home.run_hooked("fetcher", &["--now", &at(0)], &hook).exits(0);
        let steps = std::fs::read_to_string(list).unwrap().lines().count();
        let every = if kind == Kind::MongoDb { 5 } else { 1 };
        for step in (1..=steps).step_by(every) {
            let bench = Bench::new(kind);
            home(&bench);
            bench
                .home
                .run_hooked("fetcher", &["--now", &at(0)], &format!("kill:{step}"))
                .was_killed();
            whole_or_none(&bench, step);
            bench.fetch(1);
            bench.fetch(10).exits(0);
            whole_or_none(&bench, step);
            bench.home.run("summarizer", &["--now", "2026-11-24T12:05:00Z"]).exits(0);
            bench.home.run("summarizer", &["audit"]).exits(0).says("difference is zero");
            assert!(bench.landed().is_empty(), "after step {step}");
        }
    }
}

/// Of each set that is in plain sight both pages are, but where a landing is not finished.
fn whole_or_none(bench: &Bench, step: usize) {
    if !bench.home.files("data/.tmp").iter().any(|name| name.ends_with("journal")) {
        let landed = bench.landed();
        let begun: BTreeSet<&str> = landed.iter().map(|name| &name[..25]).collect();
        assert_eq!(landed.len(), 2 * begun.len(), "after step {step}: {landed:?}");
    }
}

#[test]
fn what_is_skipped_in_each_page_is_not_passed() {
    let bench = Bench::new(Kind::Sqlite);
    let items = SUMS.replace("series", "skip = 1\nseries");
    bench.source("type = \"offset\"\nlimit = 2\ntotal_path = \"total\"", &items);
    let headed = |ids: std::ops::Range<u32>| {
        let items: Vec<String> = ids.map(|id| format!("{{\"id\":\"i{id}\",\"v\":{id}}}")).collect();
        Answer::ok(format!("{{\"total\":3,\"items\":[{{\"id\":\"ID\"}},{}]}}", items.join(",")))
    };
    bench.on("/list?offset=0&limit=2", headed(0..2)).on("/list?offset=2&limit=2", headed(2..3));
    lands(&bench, &["?offset=0&limit=2", "?offset=2&limit=2"]);
    let all =
        "select sum(sum) from statistics where source = 'list' and series = '*' and field = 'all'";
    assert_eq!(bench.counted(all), "3");
}

#[test]
fn lines_end_with_a_page_without_any() {
    let bench = Bench::new(Kind::Sqlite);
    let rest = "[fetch.pages]\ntype = \"offset\"\n[records]\nat = \"@\"\nid = \"id\"\n\
                [fields.v]\npath = \"v\"\n";
    bench.home.source("list", &declared("ndjson", &bench.server.url("/list"), "10m", rest));
    bench.on("/list?offset=0", Answer::ok("{\"id\":1,\"v\":1}\n{\"id\":2,\"v\":1}\n"));
    bench.on("/list?offset=2", Answer::ok(""));
    bench.fetch(0).exits(0).is_silent();
    assert_eq!(bench.counted(RECORDS), "2");
}

#[test]
fn a_last_page_that_gets_a_successor_is_followed_though_it_has_not_changed() {
    let bench = Bench::new(Kind::Sqlite);
    bench.source("type = \"header_link\"", ITEMS);
    let next = "</list?after=2>; rel=next";
    bench
        .on("/list", page(0..2, "").tagged("\"one\""))
        .on("/list", page(0..2, "").tagged("\"one\"").header("Link", next))
        .on("/list?after=2", page(2..3, ""));
    bench.fetch(0).exits(0);
    bench.fetch(10).exits(0);
    assert_eq!(bench.asked(), ["", "", "?after=2"]);
}

#[test]
fn what_leads_on_may_not_be_redacted() {
    let bench = Bench::new(Kind::Sqlite);
    bench.source_of(
        "redact = [\"meta\"]",
        "type = \"json_link\"\nnext_url_path = \"meta.next\"",
        ITEMS,
    );
    bench.home.run("fetcher", &["check"]).exits(2).says("nothing that leads to the next page");
}

#[test]
fn a_key_that_a_publisher_writes_into_its_links_is_kept_nowhere() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::new(Kind::Sqlite);
    let secrets = bench.home.path("secrets.toml");
    std::fs::write(&secrets, "k = \"sup3rSECRETkey\"\n").unwrap();
    std::fs::set_permissions(&secrets, PermissionsExt::from_mode(0o600)).unwrap();
    let rest = format!("[fetch.pages]\ntype = \"header_link\"\n{ITEMS}");
    let url = bench.server.url("/list?key={secret:k}");
    bench.home.source("list", &declared("json", &url, "10m", &rest));
    let next = "</list?key=sup3rSECRETkey&page=2>; rel=next";
    bench
        .on("/list?key=sup3rSECRETkey", page(0..2, "").tagged("\"one\"").header("Link", next))
        .on("/list?page=2&key=sup3rSECRETkey", Answer::status(503))
        .on("/list?page=2&key=sup3rSECRETkey", page(2..3, ""));
    bench.fetch(0).exits(2);
    bench.fetch(5).exits(0);
    let ran = bench.fetch(10).exits(0);
    assert_eq!(bench.asked().len(), 5, "{:?} {}", bench.asked(), ran.about);
    for file in bench.home.files("data") {
        let text = std::fs::read(bench.home.path("data").join(&file)).unwrap();
        assert!(!String::from_utf8_lossy(&text).contains("sup3rSECRETkey"), "{file}");
    }
}

#[test]
fn after_a_set_of_before_the_slot_that_is_now_is_asked_too() {
    let bench = Bench::new(Kind::Sqlite);
    bench.source("type = \"page_number\"\ntotal_path = \"pages\"", ITEMS);
    bench
        .on("/list?page=1", page(0..2, "\"pages\":2,"))
        .on("/list?page=2", Answer::status(503))
        .on("/list?page=2", page(2..4, "\"pages\":2,"));
    let begins = (0..10).find(|minute| {
        let before = bench.asked().len();
        bench.fetch(*minute);
        bench.asked().len() > before && *minute > 0
    });
    // The slot begins at this minute of ten; the set was cut in the slot before.
    let begins = begins.unwrap();
    assert!(bench.home.files("data/list").len() >= 2, "at {begins}");
    bench.fetch(begins + 1).exits(0);
    let firsts = bench.asked().iter().filter(|asked| *asked == "?page=1").count();
    assert!(firsts <= 2);
}

#[test]
fn nested_items_are_not_what_a_publisher_counts() {
    let bench = Bench::new(Kind::Sqlite);
    let items = "[samples]\nat = \"st[*].prices[*]\"\nseries = \"id\"\n[fields.v]\npath = \"v\"\n\
                 [aggregates.all]\nsum = \"v\"\n";
    bench.source("type = \"offset\"\nlimit = 2\ntotal_path = \"total\"", items);
    let station = |n: u32| {
        format!("{{\"prices\":[{{\"id\":\"a{n}\",\"v\":{n}}},{{\"id\":\"b{n}\",\"v\":{n}}}]}}")
    };
    let of = |ids: &[u32]| {
        let all: Vec<String> = ids.iter().map(|id| station(*id)).collect();
        Answer::ok(format!("{{\"total\":3,\"st\":[{}]}}", all.join(",")))
    };
    bench.on("/list?offset=0&limit=2", of(&[1, 2])).on("/list?offset=2&limit=2", of(&[3]));
    lands(&bench, &["?offset=0&limit=2", "?offset=2&limit=2"]);
    let all =
        "select sum(sum) from statistics where source = 'list' and series = '*' and field = 'all'";
    assert_eq!(bench.counted(all), "12");
}

#[test]
fn an_unchanged_page_that_names_no_next_one_any_more_is_the_last() {
    let bench = Bench::new(Kind::Sqlite);
    bench.source("type = \"header_link\"", ITEMS);
    let next =
        |answer: Answer, to: u32| answer.header("Link", &format!("</list?p={to}>; rel=next"));
    bench.on("/list", next(page(0..1, ""), 2)).on("/list?p=2", next(page(1..2, "").tagged("b"), 3));
    bench.on("/list?p=3", page(2..3, ""));
    let last = Answer::status(304).header("ETag", "b").header("Link", "</list>; rel=first");
    bench.on("/list?p=2", last);
    bench.fetch(0).exits(0);
    bench.fetch(20).exits(0);
    assert_eq!(bench.asked(), ["", "?p=2", "?p=3", "", "?p=2"]);
    let again = bench.server.seen().into_iter().nth(4).unwrap();
    assert!(again.header("if-none-match").is_some());
}
