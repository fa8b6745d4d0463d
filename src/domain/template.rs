//! Templates: `https://e.org/?id={item}&key={secret:weather}&from={from:%Y-%m-%d}`. Parsed once,
//! when the declaration is checked; filled in for each request.

use super::secret::Secrets;
use super::time::Instant;
use std::collections::BTreeMap;
use std::fmt::{self, Write};

/// A piece of a template.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Part {
    Text(String),
    /// A column of the loop's item; `item` is its key.
    Column(String),
    /// A secret, by its name.
    Secret(String),
    /// Start of the range, by strftime, or RFC 3339.
    From(Option<String>),
    /// End of the range.
    To(Option<String>),
}

/// A checked template.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Template {
    text: String,
    parts: Vec<Part>,
}

/// What a template is filled in with.
#[derive(Clone, Copy, Debug)]
pub struct Filling<'a> {
    /// Columns of the loop's item, `item` among them.
    pub columns: &'a BTreeMap<String, String>,
    pub secrets: &'a Secrets,
    pub range: Option<(Instant, Instant)>,
}

impl Template {
    /// Parses a template; the error says what is wrong.
    pub fn parse(text: &str) -> Result<Template, String> {
        let (mut parts, mut literal, mut rest) = (Vec::new(), String::new(), text);
        while let Some(at) = rest.find(['{', '}']) {
            literal.push_str(&rest[..at]);
            let sign = &rest[at..=at];
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(sign) {
                literal.push_str(sign);
                rest = after;
                continue;
            }
            let (inner, after) = (sign == "{")
                .then(|| rest.split_once('}'))
                .flatten()
                .ok_or("a brace stands alone; a literal one is written {{ or }}")?;
            parts.extend(text_part(&mut literal));
            parts.push(part(inner)?);
            rest = after;
        }
        literal.push_str(rest);
        parts.extend(text_part(&mut literal));
        Ok(Template { text: text.into(), parts })
    }

    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The names of its secrets.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Secret(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// Whether it names the range.
    pub fn has_range(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::From(_) | Part::To(_)))
    }

    /// The text with a letter in place of all that is filled in later, to check its form.
    pub fn sample(&self) -> String {
        let piece = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            _ => "x".to_string(),
        };
        self.parts.iter().map(piece).collect()
    }

    /// The filled text, each value as `encode` writes it; the error names what is missing.
    pub fn fill(
        &self,
        filling: &Filling,
        encode: impl Fn(&str) -> String,
    ) -> Result<String, String> {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Column(name) => out.push_str(&encode(column(filling, name)?)),
                Part::Secret(name) => {
                    let secret = filling.secrets.get(name);
                    let missing = || format!("the secret {name:?} is not there");
                    out.push_str(&encode(secret.ok_or_else(missing)?.expose()));
                }
                Part::From(form) | Part::To(form) => {
                    let (from, to) = filling.range.ok_or("no range is declared")?;
                    let at = if matches!(part, Part::From(_)) { from } else { to };
                    let form = form.as_deref().unwrap_or("%Y-%m-%dT%H:%M:%SZ");
                    out.push_str(&encode(&stamp(at, form)?));
                }
            }
        }
        Ok(out)
    }
}

/// An instant by strftime. Of some forms chrono can only say at printing that it cannot print
/// them: those that are for reading only.
fn stamp(at: Instant, form: &str) -> Result<String, String> {
    let mut out = String::new();
    match write!(out, "{}", at.format(form)) {
        Ok(()) if !out.is_empty() => Ok(out),
        Ok(()) => Err("is empty".into()),
        Err(_) => Err("is no strftime form that can be printed".into()),
    }
}

fn column<'a>(filling: &Filling<'a>, name: &str) -> Result<&'a str, String> {
    let found = filling.columns.get(name).map(String::as_str);
    found.ok_or_else(|| format!("the loop's item has no column {name:?}"))
}

fn text_part(literal: &mut String) -> Option<Part> {
    (!literal.is_empty()).then(|| Part::Text(std::mem::take(literal)))
}

fn part(inner: &str) -> Result<Part, String> {
    let (word, rest) = match inner.split_once(':') {
        Some((word, rest)) => (word, Some(rest)),
        None => (inner, None),
    };
    match (word, rest) {
        ("secret", Some(name)) if is_name(name) => Ok(Part::Secret(name.into())),
        ("secret", _) => Err("a secret is written {secret:NAME}".into()),
        ("from" | "to", form) => {
            form.map_or(Ok(String::new()), |form| stamp(Instant::EPOCH, form))
                .map_err(|why| format!("what stands behind {word}: {why}"))?;
            let form = form.map(str::to_string);
            Ok(if word == "from" { Part::From(form) } else { Part::To(form) })
        }
        (name, None) if is_name(name) => Ok(Part::Column(name.into())),
        // Not what stands there: it may be a secret without its name.
        _ => Err("braces hold one of item, COLUMN, secret:NAME, from, to".into()),
    }
}

/// Whether a text can name a secret or a column.
pub fn is_name(text: &str) -> bool {
    let inner = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-' | b'.');
    (1..=64).contains(&text.len()) && text.bytes().all(inner)
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::secret::Secret;
    use crate::domain::time::parse_iso;

    #[test]
    fn a_template_is_filled() {
        let text = "a/{item}?k={secret:w}&d={from:%Y%m%d}&t={to}&{{x}}";
        let template = Template::parse(text).unwrap();
        assert_eq!(template.to_string(), text);
        assert_eq!(template.sample(), "a/x?k=x&d=x&t=x&{x}");
        assert_eq!(template.secrets().collect::<Vec<_>>(), ["w"]);
        let columns = BTreeMap::from([("item".to_string(), "Saint-Malo".to_string())]);
        let secrets = Secrets::from([("w".to_string(), Secret::new("s3"))]);
        let to = parse_iso("2026-11-22T00:00:00Z").unwrap();
        let range = Some((to.before(chrono::Duration::days(1)), to));
        let filling = Filling { columns: &columns, secrets: &secrets, range };
        assert_eq!(
            template.fill(&filling, str::to_string).unwrap(),
            "a/Saint-Malo?k=s3&d=20261121&t=2026-11-22T00:00:00Z&{x}"
        );
        let none = Secrets::new();
        let filling = Filling { secrets: &none, ..filling };
        let missing = template.fill(&filling, str::to_string).unwrap_err();
        assert_eq!(missing, "the secret \"w\" is not there");
    }

    #[test]
    fn wrong_templates_are_told() {
        for text in ["{", "}", "a{b", "{secret}", "{secret:}", "{from:%Q}", "{a b}", "{x:y}"] {
            assert!(Template::parse(text).is_err(), "{text}");
        }
        for form in ["%#z", "%Y-%#z", "", "%", "%Y%", "%-", "%_", "%0", "%:", "%.4f", "%9", "%E"] {
            assert!(Template::parse(&format!("{{from:{form}}}")).is_err(), "{form}");
        }
    }

    #[test]
    fn what_is_good_is_filled_at_every_instant() {
        let signs = (b' '..=b'~').map(char::from).filter(|sign| !"{}".contains(*sign));
        let ways = ["", "-", "_", "0", "#", ":", "::", ":::", ".", ".3", "3"];
        let forms = signs.flat_map(|sign| ways.map(|way| format!("{{to:%{way}{sign}}}")));
        let good: Vec<Template> = forms.filter_map(|form| Template::parse(&form).ok()).collect();
        assert!(good.len() > 100, "{}", good.len());
        let (columns, secrets) = (BTreeMap::new(), Secrets::new());
        for template in good {
            for at in [Instant::MIN, Instant::EPOCH, Instant::MAX] {
                let filling =
                    Filling { columns: &columns, secrets: &secrets, range: Some((at, at)) };
                assert!(template.fill(&filling, str::to_string).is_ok(), "{template} {at:?}");
            }
        }
    }
}
