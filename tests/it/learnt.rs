//! What was learnt of some items never changes what is read of others: each answer is read with a
//! memory that many others have filled, and by the book, and both must give the same, to the last
//! word and step. Answers are those of the cases and some of our own, and what a change of a few
//! signs makes of them.

use crate::cases::{declared, folders};
use crate::crash::cases::{Dice, check_seeds};
use crate::declared;
use daybook::domain::extract::{Extraction, Plan};
use daybook::domain::name::SourceName;
use daybook::edge::config;
use std::fs;
use std::ops::Range;

/// A declaration, compiled, and an answer to it.
struct Feed {
    name: String,
    plan: Plan,
    answer: Vec<u8>,
}

const KEYED: &str = r#"[samples]
at = "a[*]"
series = "id"
where = [{ path = "on", not = "no" }]
[fields]
x = { path = "x", optional = true }
y = { path = "in.y", kind = "text", optional = true }
z = { path = "list[*].z", optional = true }
w = { path = "at[1]", missing = [-1], optional = true }
"#;

/// Items in which everything occurs that a reader treats in a way of its own.
const MIXED: &str = r#"{"b": [{"id": 7}], "a": [
{"id": "one", "x": 1, "in": {"y": "é"}, "list": [{"z": 1}], "at": [1, 2]},
{"id": "two", "x": -2.5, "in": {"y": "\u00e9", "n": [1, [2, {}]]}, "list": [], "at": [1, 2, 3]},
{"id": "three", "on": "no", "x": 3e4, "in": {"q": null}, "list": [{"z": 1}, {"z": 2}], "at": []},
{"id": "four", "x": null, "in": "y", "list": [{"q": 1}, {"z": 2}], "at": [[], -1]},
{"id": "five", "x": NaN, "in": {"y": "a"}, "more": {"k": 007, "l": tru}, "at": {"1": 2}},
{"id": "six", "x": {"x": 1}, "x": 2, "\u0069n": {"y": "b", "y": "c"}, "t": "\ud83d"},
{"id": 7, "x": "8", "in": [], "list": [3], "at": [1, -1.0], "t": "\\\" , }"},
{}, [], null, 5, "six", {"id": "one", "x": 1, "in": {"y": "é"}, "list": [{"z": 1}], "at": [1, 2]}
]}"#;

const LINED: &str = "[samples]\nat = \"@\"\nseries = \"id\"\n[fields]\nx = { path = \"x\" }\n\
y = { path = \"y.z\", kind = \"text\", optional = true }\n";

const LINES: &str = "{\"id\": 1, \"x\": 2}\n\n{\"id\": 2, \"x\": 2.5, \"y\": {\"z\": \"a\"}}\r\n\
 {\"id\": 3, \"x\": 3, \"y\": {}} \n[1]\n{\"id\": 4, \"x\": 12} 5\n{\"id\": 5, \"x\": 1";

fn feed(name: &str, format: &str, items: &str, answer: &str) -> Feed {
    let text = declared::declared(format, "https://example.org/", "1m", items);
    let source = config::source(&SourceName::parse(name).unwrap(), name, &text);
    let source = source.unwrap_or_else(|faults| panic!("{faults}"));
    Feed { name: name.into(), plan: Plan::new(&source), answer: answer.into() }
}

/// The smaller cases that are read as JSON, and our own.
fn feeds() -> Vec<Feed> {
    let mut feeds = vec![
        feed("mixed", "json", KEYED, MIXED),
        feed("lines", "ndjson", LINED, LINES),
        feed("latin", "json\"\nencoding = \"iso-8859-1", KEYED, MIXED),
    ];
    for case in folders("extract") {
        let body = ["body.json", "body.ndjson"].iter().find_map(|n| fs::read(case.join(n)).ok());
        if let Some(answer) = body.filter(|answer| answer.len() < 20_000) {
            let name = case.file_name().unwrap().to_string_lossy().into_owned();
            feeds.push(Feed { name, plan: Plan::new(&declared(&case)), answer });
        }
    }
    assert!(feeds.len() > 60, "{}", feeds.len());
    feeds
}

/// Holds both ways of reading against each other; whether the answer could be read.
fn check(feed: &Feed, answer: &[u8], learnt: &mut Extraction) -> bool {
    let mut plain = Extraction::plain();
    feed.plan.extract(answer, Some("paris"), learnt);
    feed.plan.extract(answer, Some("paris"), &mut plain);
    let (found, book) = (format!("{learnt:?}"), format!("{plain:?}"));
    let text = String::from_utf8_lossy(answer);
    assert_eq!(found, book, "{} reads in two ways:\n{text}", feed.name);
    plain.unreadable().is_some()
}

/// The texts, words and signs of an answer, roughly.
fn tokens(answer: &[u8]) -> Vec<Range<usize>> {
    let (mut tokens, mut at) = (Vec::new(), 0);
    while let Some(byte) = answer.get(at) {
        let rest = &answer[at + 1..];
        let length = match byte {
            b'"' => rest.iter().position(|byte| *byte == b'"').map_or(rest.len(), |end| end + 1),
            b'{' | b'}' | b'[' | b']' | b',' | b':' => 0,
            _ => rest.iter().take_while(|byte| !b"{}[],:\" \n\r\t".contains(byte)).count(),
        };
        tokens.push(at..at + 1 + length);
        at += 1 + length;
    }
    tokens
}

const ODD: &[&str] = &[
    "null",
    "true",
    "NaN",
    "-0",
    "007",
    "-1.50",
    "1e3",
    "1E400",
    "12345678",
    "123456789012345678901",
    "0.",
    "\"\"",
    "\"7\"",
    "\"\\u00e9\"",
    "\"\\ud83d\"",
    "\"\\x\"",
    "\"\t\"",
    "\"",
    "\\",
    "{}",
    "[]",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    " ",
    "\n",
    "\"id\":1,",
    "\"x\": 2, ",
    "[[{\"z\": 1}]]",
    "é",
    "\u{1}",
];

/// Changes a few signs.
fn changed(answer: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut answer = answer.to_vec();
    for _ in 0..1 + dice.below(2) {
        let tokens = tokens(&answer);
        if tokens.is_empty() {
            break;
        }
        let one = tokens[dice.below(tokens.len())].clone();
        let some = one.start..tokens[dice.below(tokens.len())].end.max(one.end);
        let other = tokens[dice.below(tokens.len())].clone();
        let odd = ODD[dice.below(ODD.len())].as_bytes().to_vec();
        match dice.below(9) {
            0 => answer[one.start] = dice.below(256) as u8,
            1 => drop(answer.splice(one.start..one.start, odd)),
            2 | 3 => drop(answer.splice(one, odd)),
            4 => drop(answer.splice(one.clone(), answer[other].to_vec())),
            5 => drop(answer.splice(one.end..one.end, answer[other].to_vec())),
            6 => drop(answer.drain(one)),
            7 => drop(answer.splice(some.start..some.start, answer[some.clone()].to_vec())),
            _ => answer.truncate(one.start + dice.below(one.len() + 1)),
        }
        answer.truncate(100_000);
    }
    answer
}

/// Each seed changes each answer a few times; all are read with one memory.
#[test]
fn what_was_learnt_changes_nothing() {
    let feeds = feeds();
    check_seeds("learnt::what_was_learnt_changes_nothing", 0..12, |seed, _| {
        let (mut dice, mut read) = (Dice(seed), 0);
        for feed in &feeds {
            let mut learnt = Extraction::default();
            check(feed, &feed.answer, &mut learnt);
            for _ in 0..6 {
                let answer = changed(&feed.answer, &mut dice);
                read += usize::from(check(feed, &answer, &mut learnt));
                check(feed, &answer, &mut learnt);
            }
            check(feed, &feed.answer, &mut learnt);
        }
        assert!(2 * read > feeds.len(), "only {read} could be read");
    });
}

/// One memory, and plans that take turns.
#[test]
fn what_was_learnt_of_one_declaration_is_not_used_for_another() {
    let items = KEYED.replace("\"x\"", "\"id\"").replace("in.y", "in.q");
    let (one, two) = (feed("one", "json", KEYED, MIXED), feed("two", "json", &items, MIXED));
    let deeper = feed("deeper", "json", &KEYED.replace("a[*]", "a[0].list[*]"), MIXED);
    let mut learnt = Extraction::default();
    for feed in [&one, &one, &two, &two, &deeper, &deeper, &one] {
        check(feed, &feed.answer, &mut learnt);
    }
}

/// Nothing is learnt without end where no two items are alike.
#[test]
fn items_that_are_all_different_are_read_by_the_book() {
    let item = |n: usize| format!("{{\"id\": {n}, \"k{}\": [{n}], \"x\": {}}}", n * 7, n % 9);
    let items: Vec<String> = (0..20_000).map(item).collect();
    let answer = format!("{{\"a\": [{}]}}", items.join(", "));
    let feed = feed("different", "json", KEYED, &answer);
    let mut learnt = Extraction::default();
    assert!(check(&feed, answer.as_bytes(), &mut learnt));
    assert!(check(&feed, answer.as_bytes(), &mut learnt));
    assert_eq!(learnt.items().len(), 20_000);
}
