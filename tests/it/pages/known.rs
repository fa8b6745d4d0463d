//! What is known of the pages of a set from before.

use super::{Bench, ITEMS, at, page};
use crate::declared::declared;
use crate::sandbox::Kind;
use crate::server::Answer;

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

#[test]
fn a_set_holds_as_long_as_the_page_that_does_so_shortest() {
    for (second, asked) in [("max-age=3000", 2), ("max-age=60", 4), ("no-cache", 4), ("", 4)] {
        let bench = Bench::new(Kind::Sqlite);
        bench.source("type = \"header_link\"", ITEMS);
        let first = page(0..2, "").header("Link", "</list?p=2>; rel=next");
        let second = match second {
            "" => page(2..3, ""),
            word => page(2..3, "").header("Cache-Control", word),
        };
        bench.on("/list", first.header("Cache-Control", "max-age=3000")).on("/list?p=2", second);
        bench.fetch(0).exits(0);
        bench.fetch(20).exits(0);
        assert_eq!(bench.asked().len(), asked);
    }
}

#[test]
fn what_is_known_of_how_long_a_page_holds_outlives_a_cut() {
    for (first, asked) in [("max-age=3000", 3), ("no-store", 5)] {
        let bench = Bench::new(Kind::Sqlite);
        bench.source("type = \"header_link\"", ITEMS);
        let link = page(0..2, "").header("Link", "</list?p=2>; rel=next");
        bench.on("/list", link.header("Cache-Control", first));
        bench.on("/list?p=2", Answer::status(503));
        bench.on("/list?p=2", page(2..3, "").header("Cache-Control", "max-age=3000"));
        bench.fetch(0).exits(2);
        bench.fetch(5).exits(0);
        bench.fetch(20).exits(0);
        assert_eq!(bench.asked().len(), asked, "{first}");
    }
}
