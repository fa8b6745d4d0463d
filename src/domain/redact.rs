//! Redaction: declared values of a JSON answer become `null` before it lands; all other bytes
//! stay as they are. The one declared exception to "raw is raw".

use super::path::{Path, Step};
use serde::de::IgnoredAny;
use std::ops::Range;

/// The bytes without the values at `paths`; by lines for NDJSON. What is not JSON cannot be
/// redacted, and the error says so.
pub fn redact(bytes: &[u8], paths: &[Path], by_line: bool) -> Result<Vec<u8>, String> {
    if !by_line {
        return document(bytes, paths);
    }
    let lines: Result<Vec<Vec<u8>>, String> =
        bytes.split(|byte| *byte == b'\n').map(|line| document(line, paths)).collect();
    Ok(lines?.join(&b'\n'))
}

fn document(bytes: &[u8], paths: &[Path]) -> Result<Vec<u8>, String> {
    if bytes.trim_ascii().is_empty() {
        return Ok(bytes.to_vec());
    }
    let json = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    serde_json::from_slice::<IgnoredAny>(json)
        .map_err(|error| format!("it cannot be redacted, since it is not JSON: {error}"))?;
    let wanted: Vec<&[Step]> = paths.iter().map(Path::steps).collect();
    let mut scan = Scan { bytes: json, at: 0, spans: Vec::new() };
    scan.value(&wanted);
    let mut out = bytes[..bytes.len() - json.len()].to_vec();
    let mut from = 0;
    for span in scan.spans {
        out.extend_from_slice(&json[from..span.start]);
        out.extend_from_slice(b"null");
        from = span.end;
    }
    out.extend_from_slice(&json[from..]);
    Ok(out)
}

/// Walks over bytes that are known to be JSON.
struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    spans: Vec<Range<usize>>,
}

impl Scan<'_> {
    /// Passes one value; notes the spans that the paths lead to.
    fn value(&mut self, wanted: &[&[Step]]) {
        self.blank();
        let start = self.at;
        let whole = wanted.iter().any(|steps| steps.is_empty());
        let inner = if whole { &[] } else { wanted };
        match self.bytes.get(self.at) {
            Some(b'{') => self.object(inner),
            Some(b'[') => self.list(inner),
            Some(b'"') => drop(self.text()),
            _ => self.scalar(),
        }
        if whole {
            self.spans.push(start..self.at);
        }
    }

    fn object(&mut self, wanted: &[&[Step]]) {
        self.at += 1;
        loop {
            self.blank();
            match self.bytes.get(self.at) {
                Some(b'"') => {
                    let span = self.text();
                    let key: String = serde_json::from_slice(&self.bytes[span]).unwrap_or_default();
                    self.blank();
                    self.at += 1;
                    self.value(&below(wanted, |step| match step {
                        Step::Key(name) => *name == key,
                        step => *step == Step::Values,
                    }));
                }
                Some(b',') => self.at += 1,
                _ => break,
            }
        }
        self.at += 1;
    }

    fn list(&mut self, wanted: &[&[Step]]) {
        self.at += 1;
        let mut place = 0;
        loop {
            self.blank();
            match self.bytes.get(self.at) {
                None | Some(b']') => break,
                Some(b',') => self.at += 1,
                Some(_) => {
                    self.value(&below(wanted, |step| match step {
                        Step::Index(wanted) => *wanted == place,
                        step => *step == Step::Each,
                    }));
                    place += 1;
                }
            }
        }
        self.at += 1;
    }

    fn text(&mut self) -> Range<usize> {
        let start = self.at;
        self.at += 1;
        while let Some(byte) = self.bytes.get(self.at) {
            self.at += if *byte == b'\\' { 2 } else { 1 };
            if *byte == b'"' {
                break;
            }
        }
        start..self.at
    }

    fn scalar(&mut self) {
        let ends = |byte: &u8| matches!(byte, b',' | b']' | b'}') || byte.is_ascii_whitespace();
        while self.bytes.get(self.at).is_some_and(|byte| !ends(byte)) {
            self.at += 1;
        }
    }

    fn blank(&mut self) {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }
}

/// The rests of the paths whose first step fits.
fn below<'a>(wanted: &[&'a [Step]], fits: impl Fn(&Step) -> bool) -> Vec<&'a [Step]> {
    let rest = |steps: &&'a [Step]| steps.split_first().filter(|(first, _)| fits(first));
    wanted.iter().filter_map(rest).map(|(_, rest)| rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn paths(texts: &[&str]) -> Vec<Path> {
        texts.iter().map(|text| Path::parse(text).unwrap()).collect()
    }

    #[test]
    fn declared_values_go_and_all_else_stays() {
        let bytes =
            br#" {"a": [ {"mail":"x\"y", "n": 1.50}, {"mail":{"deep":[1]}} ],"contact" :[1,2]}"#;
        let out = redact(bytes, &paths(&["a[*].mail", "contact[1]", "nothing.here"]), false);
        let expected =
            br#" {"a": [ {"mail":null, "n": 1.50}, {"mail":null} ],"contact" :[1,null]}"#;
        assert_eq!(out.unwrap(), expected);
        let lines = b"{\"m\":1}\n\n{\"m\":\"a\\\\\",\"k\":2}\n";
        let out = redact(lines, &paths(&["m"]), true).unwrap();
        assert_eq!(out, b"{\"m\":null}\n\n{\"m\":null,\"k\":2}\n");
        assert!(redact(b"<html>", &paths(&["m"]), false).is_err());
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
            let out = redact(value.to_string().as_bytes(), &paths(&["a", "b.c", "[*].a"]), false);
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
