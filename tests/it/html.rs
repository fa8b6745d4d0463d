//! Pages for people, over real HTTP: their letters and their links are taken as a browser takes
//! them, or their answer is not kept.

use crate::declared::declared;
use crate::sandbox::{Kind, Ran, Sandbox};
use crate::server::{Answer, Server};
use std::os::unix::fs::PermissionsExt;

const ITEMS: &str = "[records]\nat = \"li\"\nid = \"@id\"\n[fields.v]\npath = \"b\"\nkind = \
                     \"text\"\n";
const NEXT: &str = "[fetch.pages]\ntype = \"json_link\"\nnext_url_path = \"a[rel=next]@href\"\n";

struct Bench {
    home: Sandbox,
    server: Server,
}

impl Bench {
    fn new(more: &str) -> Bench {
        let bench = Bench { home: Sandbox::new(Kind::Sqlite), server: Server::start() };
        bench.home.settings("");
        let rest = format!("robots = false\n{more}\n{ITEMS}");
        bench.home.source("list", &declared("html", &bench.server.url("/l/list"), "10m", &rest));
        bench
    }

    fn on(&self, path: &str, answer: Answer) -> &Bench {
        self.server.on(path, answer);
        self
    }

    fn fetch(&self) -> Ran {
        self.home.run("fetcher", &["--now", "2026-11-24T10:00:05Z"])
    }

    fn asked(&self) -> Vec<String> {
        self.server.seen().into_iter().map(|seen| seen.target).collect()
    }

    /// The texts of all records.
    fn counted(&self) -> String {
        self.home.run("summarizer", &["--now", "2026-11-24T12:05:00Z"]).exits(0);
        let db = rusqlite::Connection::open(self.home.path("daybook.sqlite")).unwrap();
        let sql = "select group_concat(v, ' ') from (select json_extract(body, '$.values.v') as v \
                   from latest_records where source = 'list' order by id)";
        db.query_row(sql, [], |row| row.get(0)).unwrap()
    }
}

fn page(ids: std::ops::Range<u32>, more: &str) -> Answer {
    let items: String = ids.map(|id| format!("<li id=i{id}><b>{id}</b>")).collect();
    Answer::ok(format!("<!doctype html>{more}<ul>{items}</ul>"))
}

#[test]
fn letters_that_only_the_head_names_are_not_guessed() {
    let page = || Answer::ok(&b"<ul><li id=a><b>\x93\xfa\x96\x7b</b></ul>"[..]);
    let sjis = || page().header("Content-Type", "text/html; charset=Shift_JIS");
    let bench = Bench::new("");
    bench.on("/l/list", sjis());
    let told = bench.fetch().exits(2);
    let told = told.says("its letters are Shift_JIS by the head of the answer");
    told.says("fetch.encoding = \"Shift_JIS\"");
    assert!(bench.home.files("data/list").is_empty());
    let bench = Bench::new("encoding = \"Shift_JIS\"");
    bench.on("/l/list", sjis());
    bench.fetch().exits(0).is_silent();
    assert_eq!(bench.counted(), "日本");
}

#[test]
fn a_link_starts_where_the_page_came_from() {
    let bench = Bench::new(NEXT);
    bench
        .on("/l/list", Answer::redirect(302, "/new/list"))
        .on("/new/list", page(0..2, "<a rel=next href=p2>"))
        .on("/new/p2", page(2..3, "<a rel=next href='#'>"))
        .on("/l/p2", page(7..9, ""));
    bench.fetch().exits(0).is_silent();
    assert_eq!(bench.asked(), ["/l/list", "/new/list", "/new/p2"]);
    assert_eq!(bench.counted(), "0 1 2");
}

#[test]
fn a_page_may_name_the_place_of_its_links() {
    let bench = Bench::new(NEXT);
    bench
        .on("/l/list", page(0..2, "<base href='/root/'><a rel=next href=p2>"))
        .on("/root/p2", page(2..3, "<a rel=next href='javascript:void(0)'>"))
        .on("/l/p2", page(7..9, ""));
    bench.fetch().exits(0).is_silent();
    assert_eq!(bench.counted(), "0 1 2");
}

#[test]
fn pages_are_asked_where_a_redirect_leads_unless_a_secret_would_go_along() {
    for (more, code) in [("", 0), ("headers = { X-Key = \"{secret:key}\" }\n", 2)] {
        let bench = Bench::new(&format!("{more}{NEXT}"));
        let secrets = bench.home.path("secrets.toml");
        std::fs::write(&secrets, "key = \"hush-hush\"\n").unwrap();
        std::fs::set_permissions(&secrets, std::fs::Permissions::from_mode(0o600)).unwrap();
        let away = Server::start();
        bench.on("/l/list", Answer::redirect(302, &away.url("/list")));
        away.on("/list", page(0..2, "<a rel=next href=p2>")).on("/p2", page(2..3, ""));
        let told = bench.fetch().exits(code);
        if code == 0 {
            assert_eq!(bench.counted(), "0 1 2");
        } else {
            told.says("a redirect leads there: declare that address");
        }
    }
}

#[test]
fn the_query_of_a_link_is_in_the_letters_of_its_page() {
    let bench = Bench::new(NEXT);
    let first =
        b"<meta charset=iso-8859-1><svg><base href='/x/'/></svg><a rel=next href='p2?q=\xfc'>\
                  <ul><li id=i0><b>0</b></ul>";
    bench.on("/l/list", Answer::ok(&first[..]));
    bench.on("/l/p2?q=%FC", page(1..2, "<a rel=next href='p2?q=%FC#top'>"));
    bench.fetch().exits(0).is_silent();
    assert_eq!(bench.asked(), ["/l/list", "/l/p2?q=%FC"]);
    assert_eq!(bench.counted(), "0 1");
}

#[test]
fn the_head_names_how_links_are_coded_where_the_page_is_ascii() {
    let bench = Bench::new(NEXT);
    let first = page(0..1, "<a rel=next href='p2?q=&eacute;'>");
    bench.on("/l/list", first.header("Content-Type", "text/html; charset=iso-8859-1"));
    bench.on("/l/p2?q=%E9", page(1..2, ""));
    bench.fetch().exits(0).is_silent();
    assert_eq!(bench.asked(), ["/l/list", "/l/p2?q=%E9"]);
}

/// What `fetcher try` says of a page whose item has this inside, with `v` declared so.
fn tried(field: &str, inside: &str) -> Ran {
    let home = Sandbox::new(Kind::Sqlite);
    home.settings("");
    let items = format!(
        "[records]\nat = \"li\"\nid = \"b\"\n[fields.v]\npath = \"i\"\n{field}\n[fields.t]\n\
         path = \"i\"\nkind = \"text\"\n"
    );
    home.source("list", &declared("html", "http://localhost/l", "10m", &items));
    let sample = home.path("page.html");
    std::fs::write(&sample, format!("<ul><li><b>Linie 7<sup>1</sup></b><i>{inside}</i></ul>"))
        .unwrap();
    home.run("fetcher", &["try", "list", "--sample", sample.to_str().unwrap()])
}

#[test]
fn no_capture_cuts_a_part_out_of_what_may_be_one_number() {
    let km = "capture = \"([0-9]+) km\"";
    let ran = tried(km, "1<small>234</small> km");
    assert!(ran.stdout.contains("1 in the list, 0 readable"), "{}", ran.about);
    for (inside, value) in [("1234 km", "1234"), ("<s>999</s> 899 km", "899"), ("99<br>8 km", "8")]
    {
        let ran = tried(km, inside).exits(0);
        assert!(ran.stdout.contains(value) && ran.stdout.contains("Linie 7 1"), "{}", ran.about);
    }
    let ran = tried("kind = \"text\"", "12<br>345").exits(0);
    assert!(ran.stdout.contains("12 345"), "{}", ran.about);
}

#[test]
fn of_several_content_types_the_last_counts() {
    let bench = Bench::new("");
    let two = Answer::ok(&b"<ul><li id=a><b>\xe9</b></ul>"[..]);
    let two = two.header("Content-Type", "text/html; charset=iso-8859-1");
    bench.on("/l/list", two.header("Content-Type", "text/html; charset=utf-8"));
    let told = bench.fetch().exits(2);
    let told = told.says("its letters are UTF-8 by the head of the answer");
    told.says("some bytes of it mean nothing in UTF-8: fetch.encoding = \"windows-1252\"");
}
