//! What reading an answer costs, counted in steps: twice the answer, twice the work, in every
//! format and shape; and what is over is a fault of the answer, or of the item that it is in.

use crate::declared::declared;
use daybook::domain::extract::{Extraction, Plan};
use daybook::domain::fold::{Fold, Part};
use daybook::domain::hash::Digest;
use daybook::domain::limits::{BATCH_BYTES, ITEM_BYTES, SERIES, TEXT_BYTES};
use daybook::domain::name::SourceName;
use daybook::domain::positions::Missing;
use daybook::domain::source::Source;
use daybook::domain::time::Window;
use daybook::edge::config;

fn source(format: &str, rest: &str) -> Source {
    let text = declared(format, "https://example.org/", "1m", rest);
    config::source(&SourceName::parse("s").unwrap(), "s.toml", &text).unwrap()
}

fn read(source: &Source, body: &str) -> Extraction {
    let mut found = Extraction::default();
    Plan::new(source).extract(body.as_bytes(), None, &mut found);
    found
}

fn faults(found: &Extraction) -> Vec<&str> {
    found.faults().iter().map(|fault| fault.reason.as_str()).collect()
}

/// Reads an answer of each of three sizes, which all items must survive.
#[track_caller]
fn is_linear(format: &str, rest: &str, body: impl Fn(usize) -> String) {
    let source = source(format, rest);
    let cost = |n: usize| {
        let found = read(&source, &body(n));
        assert_eq!(faults(&found), Vec::<&str>::new(), "of {n}");
        assert!(!found.items().is_empty(), "of {n}");
        found.budget().steps() + found.budget().built()
    };
    let (one, two, four) = (cost(1_000), cost(2_000), cost(4_000));
    assert!(one >= 1_000, "{one} steps are not counted");
    assert!(two <= 2 * one + one / 10, "{one} steps, then {two}");
    assert!(four <= 2 * two + two / 10, "{two} steps, then {four}");
}

/// `n` times what a function makes of 0, 1, 2...
fn times(n: usize, separator: &str, piece: impl Fn(usize) -> String) -> String {
    (0..n).map(piece).collect::<Vec<_>>().join(separator)
}

const KEYED: &str = "[samples]\nat = \"rates.*\"\nseries = \"$key\"\nmay_repeat = true\n\
                     [fields.v]\npath = \"@\"\n";

#[test]
fn a_list_of_items() {
    let rest = "[samples]\nat = \"a[*]\"\nseries = \"id\"\n[fields.v]\npath = \"v\"\n";
    is_linear("json", rest, |n| {
        let items = times(n, ",", |i| format!("{{\"id\":{i},\"v\":1,\"w\":[{i}]}}"));
        format!("{{\"a\":[{items}]}}")
    });
}

#[test]
fn values_of_an_object_with_a_path_from_the_top() {
    let rest = format!("{KEYED}[fields.d]\npath = \"$.date\"\nkind = \"text\"\noptional = true\n");
    is_linear("json", &rest, |n| {
        let some = times(n, ",", |i| format!("\"k{i}\":0"));
        let rates = times(n, ",", |i| format!("\"k{i}\":1"));
        format!("{{{some},\"date\":\"x\",\"rates\":{{{rates}}}}}")
    });
}

#[test]
fn a_path_two_levels_out() {
    let rest = "[samples]\nat = \"a[*].b[*]\"\nseries = \"id\"\n[fields.v]\npath = \"^^.v\"\n\
                [fields.w]\npath = \"^.w\"\n";
    is_linear("json", rest, |n| {
        let some = times(n, ",", |i| format!("\"k{i}\":0"));
        let items = times(n, ",", |i| format!("{{\"w\":2,\"b\":[{{\"id\":{i}}}]}}"));
        format!("{{{some},\"v\":1,\"a\":[{items}]}}")
    });
    let rest = "[samples]\nat = \"r.a[*].b[*]\"\nseries = \"@id\"\n\
                [fields.v]\npath = \"^^.@v\"\n";
    is_linear("xml", rest, |n| {
        let items = times(n, "", |i| format!("<a><b id='{i}'/></a>"));
        format!("<r v='1'>{items}</r>")
    });
}

#[test]
fn parallel_arrays_among_many_keys() {
    let rest = "[samples]\nat = \"h\"\nseries = \"id[]\"\n[fields.v]\npath = \"v[]\"\n\
                [fields.w]\npath = \"$.w[]\"\n[fields.x]\npath = \"x[]\"\noptional = true\n";
    is_linear("json", rest, |n| {
        let some = times(n, ",", |i| format!("\"k{i}\":0"));
        let (ids, ones) = (times(n, ",", |i| i.to_string()), times(n, ",", |_| "1".into()));
        format!("{{{some},\"w\":[{ones}],\"h\":{{{some},\"id\":[{ids}],\"v\":[{ones}]}}}}")
    });
}

#[test]
fn lines_that_are_built() {
    let rest = "[samples]\nat = \"@\"\nseries = \"id\"\n[fields.v]\npath = \"v.*.x\"\n";
    is_linear("ndjson", rest, |n| {
        times(n, "\n", |i| format!("{{\"id\":{i},\"v\":{{\"a\":{{\"x\":1}},\"b\":0}}}}"))
    });
}

#[test]
fn many_names_around_the_elements() {
    let rest = "[samples]\nat = \"r.i[*]\"\nseries = \"@id\"\n[fields.v]\npath = \"^.@v\"\n\
                [fields.t]\npath = \"t\"\nkind = \"text\"\n";
    is_linear("xml", rest, |n| {
        let some = times(n, "", |i| format!("<e{i}/>"));
        let text = times(n, "", |_| "a<![CDATA[ ]]>".into()).replace("a<", " <");
        let items = times(n, "", |i| format!("<i id='{i}'><t>a<![CDATA[b]]>c</t></i>"));
        format!("<r v='1'>{some}{text}{items}</r>")
    });
}

#[test]
fn elements_of_a_page_that_each_selector_looks_for() {
    let rest = "[samples]\nat = \"table > tbody > tr\"\nseries = \"td:first-child\"\n\
                [fields.v]\npath = \"tbody td.v:nth-child(2), :scope > td.v\"\n\
                [fields.w]\npath = \"^^^.@data-w\"\n[fields.x]\npath = \"$.h1\"\n";
    is_linear("html", rest, |n| {
        let rows = times(n, "", |i| format!("<tr><td>{i}<td class='u v'><b>1</b>"));
        format!("<!DOCTYPE html><h1>2</h1><div data-w=3><table>{rows}</table></div>")
    });
}

#[test]
fn many_columns_of_short_rows() {
    let rest = "[samples]\nat = \"@\"\nseries = \"id\"\n[fields.v]\npath = \"v\"\n\
                [fields.w]\npath = \"w\"\noptional = true\n";
    is_linear("csv", rest, |n| {
        let some = times(n, ",", |i| format!("c{i}"));
        let rows = times(n, "\n", |i| format!("{i},1"));
        format!("id,v,{some},w\n{rows}\n")
    });
}

/// An answer of which nothing counts, since it costs too much.
#[track_caller]
fn costs_too_much(format: &str, rest: &str, body: &str, why: &str) {
    let found = read(&source(format, rest), body);
    assert_eq!(faults(&found), [why]);
    assert_eq!(found.unreadable(), None);
}

const ELEMENTS: &str = "[samples]\nat = \"r.i[*]\"\nseries = \"@id\"\n[fields.v]\npath = \"@v\"\n";
const STEPS: &str = "reading it takes more than 2,000,000,000 steps";
const NODES: &str = "its document has more than 8,000,000 values";

#[test]
fn attributes_and_prefixes_that_are_compared_with_each_other() {
    let attributes = times(60_000, " ", |i| format!("a{i}='1'"));
    costs_too_much("xml", ELEMENTS, &format!("<r {attributes}/>"), STEPS);
    let many = times(2_000, " ", |i| format!("xmlns:n{i}='u{i}'"));
    let items = times(2_000, "", |_| "<i xmlns:n0='v' id='1'/>".into());
    costs_too_much("xml", ELEMENTS, &format!("<r {many}>{items}</r>"), STEPS);
    // What a comment hides is weighed too: it may hide nothing.
    let hidden = format!("<!DOCTYPE r [<!ATTLIST r b CDATA '<!--'>]><r {attributes}/>");
    costs_too_much("xml", ELEMENTS, &hidden, STEPS);
}

#[test]
fn attributes_of_one_element_that_are_many_and_not_too_many() {
    let attributes = times(2_000, " ", |i| format!("a{i}='{i}'"));
    let body = format!("<r><i id='x' v='1' {attributes}/></r>");
    assert_eq!(read(&source("xml", ELEMENTS), &body).items().len(), 1);
}

#[test]
fn values_that_are_too_many_to_be_built() {
    let body = format!("{{\"rates\":[{}0]}}", "0,".repeat(8_000_000));
    costs_too_much("json", KEYED, &body, NODES);
    costs_too_much("xml", ELEMENTS, &format!("<r>{}</r>", "<".repeat(4_000_000)), NODES);
    costs_too_much("xml", ELEMENTS, &format!("<r>{}</r>", "=".repeat(8_000_000)), NODES);
}

#[test]
fn series_that_are_too_many() {
    let rest = "[samples]\nat = \"a[*]\"\nseries = \"id\"\n[fields.v]\npath = \"v\"\n";
    let body = |n| format!("{{\"a\":[{}]}}", times(n, ",", |i| format!("{{\"id\":{i},\"v\":1}}")));
    let why = "it has more than 100,000 different series";
    costs_too_much("json", rest, &body(SERIES + 1), why);
    let found = read(&source("json", rest), &body(SERIES));
    assert_eq!((found.items().len(), found.faults().len()), (SERIES, 0));
}

/// An item whose text or number is too long, between two others.
#[track_caller]
fn costs_its_item(rest: &str, text: &str, why: &str) {
    let item = |text: &str| format!("{{\"id\":\"x\",\"t\":{text},\"v\":1}}");
    let body = format!("{{\"a\":[{},{},{}]}}", item("1"), item(text), item("2"));
    let found = read(&source("json", rest), &body);
    assert_eq!(faults(&found), [why]);
    let positions: Vec<u32> = found.items().iter().map(|item| item.position).collect();
    assert_eq!(positions, [0, 2]);
}

#[test]
fn a_text_that_is_too_long() {
    let records =
        "[records]\nat = \"a[*]\"\nid = \"id\"\n[fields.t]\npath = \"t\"\nkind = \"text\"\n";
    let of = |bytes: usize| format!("\"{}\"", "y".repeat(bytes));
    let why = "t: a text of 1048577 bytes at t, of which at most 1048576 are kept";
    costs_its_item(records, &of(TEXT_BYTES + 1), why);
    let body = format!("{{\"a\":[{{\"id\":1,\"t\":{}}}]}}", of(TEXT_BYTES));
    assert_eq!(read(&source("json", records), &body).items().len(), 1);
    let samples = "[samples]\nat = \"a[*]\"\nseries = \"id\"\nmay_repeat = true\n\
                   [fields.t]\npath = \"t\"\nkind = \"text\"\n";
    let why = "t: a text of 4097 bytes at t, of which at most 4096 are kept";
    costs_its_item(samples, &of(4_097), why);
    let fields = times(5, "", |i| format!("[fields.t{i}]\npath = \"t\"\nkind = \"text\"\n"));
    let five = format!("[records]\nat = \"a[*]\"\nid = \"id\"\n{fields}");
    costs_its_item(&five, &of(ITEM_BYTES / 4), "its texts come to more than 4 MiB");
}

#[test]
fn a_number_that_is_too_long() {
    let samples = "[samples]\nat = \"a[*]\"\nseries = \"id\"\n[fields.t]\npath = \"t\"\n\
                   missing = [\"-\", \"-1\"]\n";
    let shown = "1".repeat(40);
    let why = format!("t: {shown}… cannot be read at t");
    costs_its_item(samples, &"1".repeat(10_000_000), &why);
    let exponent = format!("1e{}", "0".repeat(10_000_000));
    costs_its_item(samples, &exponent, &format!("t: {}… cannot be read at t", &exponent[..40]));
    let keyed = "[records]\nat = \"a[*]\"\nid = \"t\"\n[fields.v]\npath = \"v\"\n";
    costs_its_item(keyed, &"1".repeat(10_000_000), &format!("{shown}… is no key, at t"));
}

/// A text around the items is kept once, however many items there are.
#[test]
fn a_long_text_around_many_items() {
    let rest = "[records]\nat = \"r.c[*].i[*]\"\nid = \"@id\"\n\
                [fields.t]\npath = \"^.@t\"\nkind = \"text\"\n[fields.v]\npath = \"@v\"\n";
    let source = source("xml", rest);
    let (long, other) = ("2".repeat(TEXT_BYTES), "3".repeat(TEXT_BYTES));
    let items = |from: usize| times(1_000, "", |i| format!("<i id='{}' v='1'/>", from + i));
    let (first, second) = (items(0), items(1_000));
    let bad = "<i v='1'/>";
    let body = format!("<r><c t='{long}'>{bad}{first}</c><c t='{other}'>{bad}{second}</c></r>");
    let found = read(&source, &body);
    assert_eq!((found.items().len(), found.faults().len()), (2_000, 2));
    for item in found.items() {
        let [daybook::domain::extract::Value::Text(text), _] = found.values(item, 2) else {
            panic!("no text");
        };
        let sign = if item.position < 1_001 { "2" } else { "3" };
        assert!(found.text(*text).starts_with(sign));
        assert_eq!(found.text(*text).len(), TEXT_BYTES);
    }
}

/// A capture looks at such a text again for each item.
#[test]
fn a_capture_in_a_long_text_around_many_items() {
    let rest = "[records]\nat = \"r.i[*]\"\nid = \"@id\"\n\
                [fields.t]\npath = \"^.@t\"\ncapture = \"^(2)\"\n[fields.v]\npath = \"@v\"\n";
    let items = times(3_000, "", |i| format!("<i id='{i}' v='1'/>"));
    let body = format!("<r t='{}'>{items}</r>", "2".repeat(TEXT_BYTES));
    costs_too_much("xml", rest, &body, STEPS);
}

/// One element of an outer list that holds no list costs its own place.
#[test]
fn a_list_that_is_none_in_one_element() {
    let rest = "[samples]\nat = \"a[*].b[*]\"\nseries = \"id\"\n[fields.v]\npath = \"^.v\"\n";
    let good = |id: &str| format!("{{\"v\":1,\"b\":[{{\"id\":\"{id}\"}}]}}");
    let body = format!("{{\"a\":[{},{{\"b\":5}},7,{}]}}", good("x"), good("y"));
    let found = read(&source("json", rest), &body);
    let why = "no list of items at a[*].b[*]";
    assert_eq!(faults(&found), [why, why]);
    assert_eq!(found.items().len(), 2);
    let all = read(&source("json", rest), "{\"a\":[{\"b\":5},{\"b\":6}]}");
    assert_eq!((faults(&all), all.unreadable()), (vec![why], None));
}

/// How many of two or three equal answers the rows of an hour take, in so many bytes.
fn taken(rest: &str, body: &str, room: usize, answers: usize) -> usize {
    let source = source("csv", rest);
    let plan = Plan::new(&source);
    let hour = Window::parse("2026-11-21T10").unwrap();
    let (mut fold, found) = (Fold::new(&plan, hour), read(&source, body));
    assert_eq!(faults(&found), Vec::<&str>::new());
    let hash = Digest::of(body.as_bytes());
    let (shift, want) = (chrono::Duration::zero(), &Missing::All);
    let part = Part { instant: hour.start(), shift, hash, want };
    let takes = |_: &usize| {
        let takes = fold.takes(&found, part, room.saturating_sub(fold.weight()));
        takes.then(|| fold.add(&found, part)).is_some()
    };
    (0..answers).take_while(takes).count()
}

/// What comes again and again weighs once, however often an answer has it.
#[test]
fn values_that_repeat_take_no_room() {
    let one = |kind: &str| {
        format!(
            "[samples]\nat = \"@\"\nseries = \"$source\"\nmay_repeat = true\n\
                 [fields.v]\npath = \"v\"\n{kind}"
        )
    };
    let records = "[records]\nat = \"@\"\nid = \"v\"\n[fields.v]\npath = \"v\"\nkind = \"text\"\n";
    let rows = |n: usize, of: usize| format!("v\n{}", times(n, "\n", |i| (i % of).to_string()));
    let few = rows(200_000, 10);
    for rest in [one(""), one("resolution = 1\n"), one("kind = \"text\"\n")] {
        assert_eq!(taken(&rest, &few, BATCH_BYTES, 2), 2, "{rest}");
    }
    // Of any number of texts a row keeps a few.
    let many = rows(200_000, 200_000);
    assert_eq!(taken(&one("kind = \"text\"\n"), &many, BATCH_BYTES, 2), 2);
    assert_eq!(taken(records, &rows(60_000, 10), 4 << 20, 2), 2);
    // What differs weighs as before, in one answer; and over several, once.
    assert_eq!(taken(records, &rows(60_000, 60_000), 4 << 20, 1), 0);
    assert_eq!(taken(&one("resolution = 1\n"), &many, BATCH_BYTES, 1), 0);
    assert_eq!(taken(&one("resolution = 1\n"), &rows(150_000, 150_000), BATCH_BYTES, 3), 3);
}
