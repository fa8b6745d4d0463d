//! Answers that come in pages: each way of asking for the next one, over real HTTP; a set lands
//! whole or not at all, whatever is cut, killed or answered on the way.

mod cut;
mod known;

use crate::declared::declared;
use crate::sandbox::{Kind, Ran, Sandbox};
use crate::server::{Answer, Server};

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
            "at another place, http://localhost:1",
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
