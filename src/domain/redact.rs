//! Redaction: declared values of a JSON answer become `null` before it lands; all other bytes
//! stay as they are. The one declared exception to "raw is raw".
//!
//! Invariant: it fails closed. A path that leads to no value means that the answer is not as
//! declared, and that what was to be hidden may stand elsewhere: so there is no redacted answer.

use super::json::{self, Cursor, Token, Word};
use super::path::{Path, Step};
use std::ops::Range;

/// Values that become null.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Redaction {
    pub path: Path,
    /// Whether an answer may have none of them.
    pub optional: bool,
}

/// The bytes without the values at the paths; by lines for NDJSON, where the paths are sought
/// over all lines together. What is not JSON cannot be redacted, and the error says so.
pub fn redact(bytes: &[u8], wanted: &[Redaction], by_line: bool) -> Result<Vec<u8>, String> {
    let mut found = vec![Found::Nothing; wanted.len()];
    let mut out = Vec::with_capacity(bytes.len());
    match by_line {
        false => document(bytes, wanted, &mut found, &mut out)?,
        true => {
            for (place, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
                if place > 0 {
                    out.push(b'\n');
                }
                document(line, wanted, &mut found, &mut out)?;
            }
        }
    }
    let lacks = |(wanted, found): &(&Redaction, &Found)| !wanted.optional && **found == Found::Lack;
    match wanted.iter().zip(&found).find(lacks) {
        Some((wanted, _)) => Err(unmatched(&wanted.path)),
        None => Ok(out),
    }
}

fn unmatched(path: &Path) -> String {
    format!(
        "nothing stands at {path}, which is to be redacted: so nothing of it lands\n\
         hint: mend the path; or, if it may be absent, {{ path = \"{path}\", optional = true }}"
    )
}

/// What a path led to; the greatest counts, over all places.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Found {
    /// An empty list or a null where an element was due: there is nothing to redact.
    Nothing,
    /// A key or a place is not there.
    Lack,
    /// A value; or nothing, under a key by which it would stand.
    There,
}

fn document(
    bytes: &[u8],
    wanted: &[Redaction],
    found: &mut [Found],
    out: &mut Vec<u8>,
) -> Result<(), String> {
    if bytes.trim_ascii().is_empty() {
        out.extend_from_slice(bytes);
        return Ok(());
    }
    let json = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let rests = wanted.iter().enumerate();
    let rests: Vec<Rest> = rests
        .map(|(number, wanted)| Rest { number, steps: wanted.path.steps(), keyed: false })
        .collect();
    let mut scan = Scan { cursor: Cursor::new(json), spans: Vec::new(), found };
    let walked = scan.value(&rests).and_then(|()| scan.cursor.end());
    walked.map_err(|flaw| format!("it cannot be redacted: {}", flaw.told(json)))?;
    out.extend_from_slice(&bytes[..bytes.len() - json.len()]);
    let mut from = 0;
    for span in scan.spans {
        out.extend_from_slice(&json[from..span.start]);
        out.extend_from_slice(b"null");
        from = span.end;
    }
    out.extend_from_slice(&json[from..]);
    Ok(())
}

/// What is left of a path at some depth; `number` says of which.
#[derive(Clone, Copy)]
struct Rest<'a> {
    number: usize,
    steps: &'a [Step],
    /// The step before it was a key.
    keyed: bool,
}

impl Rest<'_> {
    /// What it means that there is nothing.
    fn over_none(&self) -> Found {
        if self.keyed { Found::There } else { Found::Nothing }
    }
}

/// Walks over a text, no deeper than the paths lead; what no path wants is passed.
struct Scan<'a> {
    cursor: Cursor<'a>,
    spans: Vec<Range<usize>>,
    found: &'a mut [Found],
}

impl Scan<'_> {
    /// Passes one value; notes the spans that the paths lead to.
    fn value(&mut self, wanted: &[Rest]) -> json::Result<()> {
        if wanted.iter().any(|rest| rest.steps.is_empty()) {
            // What other paths want inside of it goes with it.
            self.note(wanted, |_| Found::There);
            self.cursor.peek();
            let start = self.cursor.at();
            self.cursor.skip()?;
            self.spans.push(start..self.cursor.at());
            return Ok(());
        }
        if wanted.is_empty() {
            return self.cursor.skip();
        }
        match self.cursor.token()? {
            Token::Object => return self.object(wanted),
            Token::List => return self.list(wanted),
            Token::Word(Word::Null) => self.note(wanted, |rest| rest.over_none()),
            Token::Word(_) | Token::Text(_) => self.note(wanted, |_| Found::Lack),
        }
        Ok(())
    }

    fn note(&mut self, rests: &[Rest], what: impl Fn(&Rest) -> Found) {
        for rest in rests {
            if let Some(found) = self.found.get_mut(rest.number) {
                *found = (*found).max(what(rest));
            }
        }
    }

    fn object(&mut self, wanted: &[Rest]) -> json::Result<()> {
        let (mut met, mut first) = (Vec::new(), true);
        while let Some(key) = self.cursor.key(first)? {
            let below = below(wanted, |step| match step {
                Step::Key(name) => key.is(name),
                step => *step == Step::Values,
            });
            self.value(&below)?;
            meet(&mut met, &below);
            first = false;
        }
        self.leave(wanted, &met, |step| first && *step == Step::Values);
        Ok(())
    }

    fn list(&mut self, wanted: &[Rest]) -> json::Result<()> {
        let (mut met, mut place) = (Vec::new(), 0);
        while self.cursor.element(place == 0)? {
            let below = below(wanted, |step| match step {
                Step::Index(wanted) => *wanted == place,
                step => *step == Step::Each,
            });
            self.value(&below)?;
            meet(&mut met, &below);
            place += 1;
        }
        let is_empty = place == 0;
        self.leave(wanted, &met, |step| is_empty && !matches!(step, Step::Key(_) | Step::Values));
        Ok(())
    }

    /// Notes what became of the paths that led to no child; `is_over_none` tells the steps that
    /// an empty list or object satisfies.
    fn leave(&mut self, wanted: &[Rest], met: &[usize], is_over_none: impl Fn(&Step) -> bool) {
        for rest in wanted.iter().filter(|rest| !met.contains(&rest.number)) {
            match rest.steps.first().is_some_and(&is_over_none) {
                true => self.note(&[*rest], |rest| rest.over_none()),
                false => self.note(&[*rest], |_| Found::Lack),
            }
        }
    }
}

/// Notes which paths led to a child; each of them once.
fn meet(met: &mut Vec<usize>, below: &[Rest]) {
    for rest in below {
        if !met.contains(&rest.number) {
            met.push(rest.number);
        }
    }
}

/// The rests of the paths whose first step fits.
fn below<'a>(wanted: &[Rest<'a>], fits: impl Fn(&Step) -> bool) -> Vec<Rest<'a>> {
    let rest = |rest: &Rest<'a>| {
        let (first, steps) = rest.steps.split_first().filter(|(first, _)| fits(first))?;
        Some(Rest { number: rest.number, steps, keyed: matches!(first, Step::Key(_)) })
    };
    wanted.iter().filter_map(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn paths(texts: &[&str], optional: bool) -> Vec<Redaction> {
        let path = |text: &&str| Redaction { path: Path::parse(text).unwrap(), optional };
        texts.iter().map(path).collect()
    }

    #[test]
    fn declared_values_go_and_all_else_stays() {
        let bytes =
            br#" {"a": [ {"mail":"x\"y", "n": 1.50}, {"mail":{"deep":[1]}} ],"contact" :[1,2]}"#;
        let out = redact(bytes, &paths(&["a[*].mail", "contact[1]"], false), false);
        let expected =
            br#" {"a": [ {"mail":null, "n": 1.50}, {"mail":null} ],"contact" :[1,null]}"#;
        assert_eq!(out.unwrap(), expected);
        let lines = b"{\"m\":1}\n\n{\"m\":\"a\\\\\",\"k\":2}\n";
        let out = redact(lines, &paths(&["m"], false), true).unwrap();
        assert_eq!(out, b"{\"m\":null}\n\n{\"m\":null,\"k\":2}\n");
        assert!(redact(b"<html>", &paths(&["m"], false), false).is_err());
    }

    #[track_caller]
    fn check(json: &str, path: &str, expected: Option<&str>) {
        let out = redact(json.as_bytes(), &paths(&[path], false), json.contains('\n'));
        let out = out.ok().map(|bytes| String::from_utf8(bytes).unwrap());
        assert_eq!(out.as_deref(), expected, "{path} in {json}");
        // Marked optional, all else is the same and nothing is refused.
        let lenient = redact(json.as_bytes(), &paths(&[path], true), json.contains('\n'));
        assert_eq!(lenient.unwrap(), expected.unwrap_or(json).as_bytes());
    }

    #[test]
    fn a_path_that_leads_nowhere_is_refused() {
        // As declared, but wrapped once more, renamed, or of another shape.
        check(r#"{"data":{"a":[{"mail":"x"}]}}"#, "a[*].mail", None);
        check(r#"{"a":[{"eMail":"x"}]}"#, "a[*].mail", None);
        check(r#"{"a":{"mail":"x"}}"#, "a[*].mail", None);
        check(r#"[{"mail":"x"}]"#, "a[*].mail", None);
        check(r#"{"a":"x"}"#, "a.mail", None);
        check(r#"{"a":[1]}"#, "a[1]", None);
        check("7", "a", None);
        check("{}", "a", None);
        // One of several elements is enough; none is not, whatever the others are.
        check(r#"{"a":[{"b":1},{"m":2}]}"#, "a[*].m", Some(r#"{"a":[{"b":1},{"m":null}]}"#));
        check(r#"{"a":[{"b":1},null]}"#, "a[*].m", None);
        check(r#"[[],[{"b":1}]]"#, "[*][*].m", None);
        check(r#"{"a":[{"b":1},{"m":[]}]}"#, "a[*].m[*].n", Some(r#"{"a":[{"b":1},{"m":[]}]}"#));
    }

    #[test]
    fn where_there_is_nothing_nothing_is_to_be_redacted() {
        for empty in [r#"{"a":[]}"#, r#"{"a":null}"#, r#"{"a":[null,null]}"#, "null", " "] {
            check(empty, "a[*].m", Some(empty));
        }
        check(r#"{"a":[]}"#, "a[1].m", Some(r#"{"a":[]}"#));
        check(r#"{"a":[]}"#, "a.m", None);
        check(r#"{"a":{}}"#, "a.*.m", Some(r#"{"a":{}}"#));
        check(r#"{"a":{}}"#, "a[*].m", None);
        check(r#"{"m":null}"#, "m", Some(r#"{"m":null}"#));
    }

    #[test]
    fn lines_are_one_answer() {
        check("{\"k\":1}\n{\"m\":2}\n", "m", Some("{\"k\":1}\n{\"m\":null}\n"));
        check("{\"k\":1}\n{\"l\":2}\n", "m", None);
        check("\n\n", "m", Some("\n\n"));
    }

    #[test]
    fn the_refusal_names_the_path_and_the_way_out() {
        let mut both = paths(&["b"], true);
        both.extend(paths(&["a[*].mail"], false));
        let why = redact(b"{}", &both, false).unwrap_err();
        let expected = "nothing stands at a[*].mail, which is to be redacted: so nothing of it \
                        lands\nhint: mend the path; or, if it may be absent, \
                        { path = \"a[*].mail\", optional = true }";
        assert_eq!(why, expected);
    }

    /// One bad text costs its item, here as where items are read.
    #[test]
    fn what_is_bad_inside_stays_as_it_is() {
        let wanted = paths(&["[*].m"], false);
        let out = redact(b"[{\"m\":NaN,\"n\":\"\xe9\"},{\"m\":1e400}]", &wanted, false);
        assert_eq!(out.unwrap(), b"[{\"m\":null,\"n\":\"\xe9\"},{\"m\":null}]");
        // A form feed is no blank of JSON: it is the value.
        let out = redact(b"[{\"m\":\x0c\r\r}]", &wanted, false);
        assert_eq!(out.unwrap(), b"[{\"m\":null\r\r}]");
        for bad in ["[{\"m\":1}", "[{\"m\":1}]]", "[{m:1}]", "[{\"m\":\"a}]"] {
            let why = redact(bad.as_bytes(), &wanted, false).unwrap_err();
            assert!(why.starts_with("it cannot be redacted: it is not "), "{why}");
        }
    }

    #[test]
    fn depth_costs_no_stack() {
        let deep = format!("{{\"a\":{}1{},\"m\":2}}", "[".repeat(500), "]".repeat(500));
        let out = redact(deep.as_bytes(), &paths(&["m"], false), false).unwrap();
        assert!(out.ends_with(b"]],\"m\":null}"));
        let out = redact(deep.as_bytes(), &paths(&["a", "a[*][*]"], false), false).unwrap();
        assert_eq!(out, b"{\"a\":null,\"m\":2}");
        let deeper = "[".repeat(100_000);
        assert!(redact(deeper.as_bytes(), &paths(&["m"], false), false).is_err());
    }

    fn json() -> impl Strategy<Value = serde_json::Value> {
        use serde_json::Value;
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<i32>().prop_map(Value::from),
            "[a-c\"\\\\\\n]{0,4}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::vec(("[a-c\"]{1,2}", inner), 0..4)
                    .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_left_is_the_same_document_without_the_values(value in json()) {
            let out = redact(
                value.to_string().as_bytes(),
                &paths(&["a", "b.c", "[*].a"], true),
                false,
            );
            let found: serde_json::Value = serde_json::from_slice(&out.unwrap()).unwrap();
            let mut expected = value;
            for pointer in ["/a", "/b/c", "/0/a", "/1/a", "/2/a", "/3/a"] {
                let own = pointer.len() == 4 && pointer != "/b/c";
                if own && !expected.is_array() { continue; }
                if let Some(place) = expected.pointer_mut(pointer) {
                    *place = serde_json::Value::Null;
                }
            }
            prop_assert_eq!(found, expected);
        }
    }
}
