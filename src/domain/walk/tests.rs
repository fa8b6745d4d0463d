//! Walks over pages that behave, and over those that do not.

use super::*;
use crate::domain::path::Path;
use crate::domain::source::Param;

fn path(text: &str) -> Option<Path> {
    Path::parse(text).ok()
}

fn query(name: &str) -> Param {
    Param::Query(name.into())
}

fn walked(by: By) -> Pages {
    pages(by)
}

fn pages(by: By) -> Pages {
    Pages { by, max_pages: 5, max_bytes: 1_000 }
}

fn offset(end: End) -> Pages {
    pages(By::Offset { to: query("offset"), limit: Some((query("limit"), 3)), end })
}

fn numbered(end: End) -> Pages {
    pages(By::PageNumber { to: query("page"), base: 1, end })
}

fn total() -> End {
    End { total: path("total"), ..End::default() }
}

fn more() -> End {
    End { more: path("more"), ..End::default() }
}

/// A page of these items.
fn page(items: std::ops::Range<u32>) -> Said {
    let keys = (!items.is_empty()).then(|| Digest::of(format!("{items:?}").as_bytes()));
    let count = Ok(Count { items: items.len() as u32, keys });
    Said { status: 200, bytes: 10, count, found: Ok(Vec::new()), link: None, range: None }
}

fn saying(items: std::ops::Range<u32>, found: &[Found]) -> Said {
    Said { found: Ok(found.to_vec()), ..page(items) }
}

fn text(text: &str) -> Found {
    Found::Text(text.into())
}

fn ranged(range: &str, items: std::ops::Range<u32>) -> Said {
    Said { status: 206, range: ContentRange::parse(range), ..page(items) }
}

/// What is asked for, page by page, until the end; then how it ended.
fn run(pages: &Pages, said: impl IntoIterator<Item = Said>) -> (Vec<At>, Step, Option<String>) {
    let (mut walk, mut all) = (Walk::begin(pages), Vec::new());
    for said in said {
        all.push(walk.at().clone());
        let step = walk.step(pages, said);
        // What waits between two runs is the same walk.
        if let Step::Ask(_) = step {
            assert_eq!(Walk::read(&walk.doc()).as_ref(), Some(&walk));
        } else {
            return (all, step, walk.remark().map(String::from));
        }
    }
    panic!("it goes on behind {all:?}");
}

#[track_caller]
fn whole(pages: &Pages, said: impl IntoIterator<Item = Said>, numbers: &[u64]) -> Option<String> {
    let (asked, step, remark) = run(pages, said);
    let numbers: Vec<At> = numbers.iter().map(|number| At::Number(*number)).collect();
    assert_eq!((asked, step), (numbers, Step::Whole));
    remark
}

#[track_caller]
fn broken(pages: &Pages, said: impl IntoIterator<Item = Said>, why: &str) {
    let (_, step, _) = run(pages, said);
    assert!(matches!(&step, Step::Broken(words) if words.contains(why)), "{step:?}");
}

#[test]
fn an_offset_passes_what_came_and_not_what_was_wished() {
    // The publisher gives two though three were asked for: a step of three would lose items.
    let said = [page(0..2), page(2..4), page(4..5), page(0..0)];
    assert_eq!(whole(&offset(End::default()), said, &[0, 2, 4, 5]), None);
    let of = |items, total: &str| saying(items, &[text(total)]);
    let said = [of(0..3, "5"), of(3..5, "5")];
    assert_eq!(whole(&offset(total()), said, &[0, 3]), None);
    let said = [saying(0..3, &[Found::Flag(true)]), saying(3..6, &[Found::Flag(false)])];
    assert_eq!(whole(&offset(more()), said, &[0, 3]), None);
}

#[test]
fn what_grows_or_shrinks_meanwhile_is_told() {
    let of = |items, total: &str| saying(items, &[text(total)]);
    let grown = whole(&offset(total()), [of(0..3, "5"), of(3..6, "6")], &[0, 3]);
    assert!(grown.is_some_and(|remark| remark.contains("had 5") && remark.contains("6 at the")));
    let shrunk = whole(&offset(total()), [of(0..3, "5"), of(3..4, "4")], &[0, 3]);
    assert!(shrunk.is_some());
    let cut = [of(0..3, "9"), of(3..5, "9"), of(0..0, "9")];
    broken(&offset(total()), cut, "page 3 is empty, after 5 of 9");
    // What counts something else is told, and is not believed.
    let few = [of(0..3, "2"), of(3..5, "2"), of(0..0, "2")];
    let told = whole(&offset(total()), few, &[0, 3, 5]);
    assert_eq!(told.as_deref(), Some("3 came, though it is said that there are 2"));
}

#[test]
fn pages_are_numbered_from_their_base_and_their_total_counts_pages() {
    let of = |items, total: &str| saying(items, &[text(total)]);
    assert_eq!(whole(&numbered(total()), [of(0..3, "2"), of(3..6, "2")], &[1, 2]), None);
    assert_eq!(whole(&numbered(total()), [of(0..0, "0")], &[1]), None);
    assert_eq!(whole(&numbered(End::default()), [page(0..3), page(0..0)], &[1, 2]), None);
    let most = End { most: Some(2), ..total() };
    let cut = whole(&numbered(most), [of(0..3, "7")], &[1]);
    assert_eq!(cut.as_deref(), Some("the publisher gives no more than the first 1 of 7"));
}

#[test]
fn a_mark_leads_on_until_there_is_none() {
    let by = By::Cursor { path: path("next").expect("a path"), to: query("after"), more: None };
    let pages = pages(by);
    for end in [Found::Absent, Found::Null, text(""), Found::Flag(false)] {
        let (asked, step, _) = run(&pages, [saying(0..3, &[text("a")]), saying(3..4, &[end])]);
        assert_eq!((asked, step), (vec![At::Start, At::Cursor("a".into())], Step::Whole));
    }
    let more = By::Cursor { path: path("next").expect("a path"), to: query("x"), more: path("m") };
    let contrary = [saying(0..3, &[Found::Null, Found::Flag(true)])];
    broken(&walked(more), contrary, "has no mark of it");
    let stays = [saying(0..3, &[text("a")]), saying(0..0, &[text("a")])];
    assert_eq!(run(&pages, stays).1, Step::Whole);
    let back = [("a", 0..1), ("b", 1..2), ("a", 2..3)].map(|(to, i)| saying(i, &[text(to)]));
    broken(&pages, back, "page 3 leads back to page 2");
    broken(&pages, [saying(0..1, &[Found::Other])], "stands no text");
}

#[test]
fn a_publisher_that_ignores_the_parameter_is_noticed() {
    broken(&offset(End::default()), [page(0..3), page(0..3)], "the items of page 1 once more");
    broken(
        &numbered(total()),
        [saying(0..3, &[text("9")]), saying(0..3, &[text("9")])],
        "once more",
    );
}

#[test]
fn an_endless_chain_ends_at_the_bounds() {
    let endless = (0u32..).map(|n| page(n..n + 1));
    broken(&offset(End::default()), endless, "more than 5 pages");
    let large = (0u32..).map(|n| Said { bytes: 600, ..page(n..n + 1) });
    broken(&offset(End::default()), large, "more than 1000 bytes");
    let link = |n: u32| Said { link: Some(format!("/{n}")), ..page(n..n + 1) };
    let by = By::HeaderLink { rel: "next".into() };
    broken(&pages(by.clone()), (0..).map(link), "more than 5 pages");
    broken(&pages(by), [1, 2, 1].map(link), "once more");
}

#[test]
fn ranges_go_by_what_the_answer_says() {
    let by = By::Range { to: query("range"), limit: 3, most: None };
    let range = pages(by);
    let said = [ranged("offres 0-2/5", 0..3), ranged("offres 3-4/5", 3..5)];
    assert_eq!(whole(&range, said, &[0, 3]), None);
    let whole_at_once = Said { status: 200, range: ContentRange::parse("0-1/2"), ..page(0..2) };
    assert_eq!(whole(&range, [whole_at_once], &[0]), None);
    assert_eq!(whole(&range, [ranged("*/0", 0..0)], &[0]), None);
    let most = pages(By::Range { to: query("range"), limit: 3, most: Some(3) });
    let cut = whole(&most, [ranged("0-2/9", 0..3)], &[0]);
    assert_eq!(cut.as_deref(), Some("the publisher gives no more than the first 3 of 9"));
    let less = [ranged("0-2/5", 0..2), ranged("3-4/5", 3..5)];
    assert!(whole(&range, less, &[0, 3]).is_some_and(|told| told.contains("3 items, and has 2")));
    broken(&range, [ranged("0-2/5", 0..3), ranged("0-2/5", 7..9)], "begins at 0, though 3");
    broken(&range, [Said { status: 206, ..page(0..3) }], "does not say of what");
}

#[test]
fn what_cannot_be_read_never_ends_a_walk_quietly() {
    let odd = Said { count: Err("it is cut".into()), ..page(0..0) };
    broken(&offset(End::default()), [page(0..3), odd.clone()], "it is cut");
    let lost = Said { found: Err("no document".into()), ..page(0..3) };
    broken(&offset(total()), [lost], "no document");
    broken(&offset(total()), [saying(0..3, &[text("many")])], "is no number");
    broken(&offset(more()), [saying(0..0, &[Found::Flag(true)])], "says there is more");
    broken(&offset(more()), [saying(0..2, &[Found::Other])], "is no flag");
}
