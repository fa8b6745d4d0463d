//! What a request carries in its body, as declared.

use crate::domain::template::{Filling, Template};
use serde_json::{Map, Value};

/// The body of a POST.
#[derive(Clone, PartialEq, Debug)]
pub enum Payload {
    Json(Json),
    /// `application/x-www-form-urlencoded`.
    Form(Vec<(String, Template)>),
    Empty,
}

/// A value of JSON, of which the texts are templates.
#[derive(Clone, PartialEq, Debug)]
pub enum Json {
    Text(Template),
    /// A number, true or false.
    Plain(Value),
    List(Vec<Json>),
    Map(Vec<(String, Json)>),
}

/// A body as it is sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Body {
    pub content_type: &'static str,
    pub text: String,
}

impl Payload {
    /// The filled body; the error names what is missing.
    pub fn fill(&self, filling: &Filling) -> Result<Body, String> {
        Ok(match self {
            Payload::Json(json) => {
                Body { content_type: "application/json", text: json.fill(filling)?.to_string() }
            }
            Payload::Form(pairs) => {
                let mut form = url::form_urlencoded::Serializer::new(String::new());
                for (name, template) in pairs {
                    form.append_pair(name, &template.fill(filling, str::to_string)?);
                }
                let content_type = "application/x-www-form-urlencoded";
                Body { content_type, text: form.finish() }
            }
            Payload::Empty => Body { content_type: "text/plain", text: String::new() },
        })
    }

    pub fn templates(&self) -> Vec<&Template> {
        match self {
            Payload::Json(json) => json.templates(),
            Payload::Form(pairs) => pairs.iter().map(|(_, template)| template).collect(),
            Payload::Empty => Vec::new(),
        }
    }
}

impl Json {
    fn fill(&self, filling: &Filling) -> Result<Value, String> {
        Ok(match self {
            Json::Text(template) => Value::String(template.fill(filling, str::to_string)?),
            Json::Plain(value) => value.clone(),
            Json::List(list) => {
                Value::Array(list.iter().map(|one| one.fill(filling)).collect::<Result<_, _>>()?)
            }
            Json::Map(pairs) => {
                let pair = |(name, one): &(String, Json)| Ok((name.clone(), one.fill(filling)?));
                Value::Object(pairs.iter().map(pair).collect::<Result<Map<_, _>, String>>()?)
            }
        })
    }

    fn templates(&self) -> Vec<&Template> {
        match self {
            Json::Text(template) => vec![template],
            Json::Plain(_) => Vec::new(),
            Json::List(list) => list.iter().flat_map(Json::templates).collect(),
            Json::Map(pairs) => pairs.iter().flat_map(|(_, one)| one.templates()).collect(),
        }
    }
}

impl Body {
    /// The same, with this value at a path of a JSON body; objects on the way are made.
    pub fn with(&self, steps: &[crate::domain::path::Step], value: Value) -> Result<Body, String> {
        use crate::domain::path::Step;
        let odd = |_| "the declared body is no JSON, and a page is to be named in it".to_string();
        let mut whole: Value = serde_json::from_str(&self.text).map_err(odd)?;
        let mut at = &mut whole;
        for step in steps {
            let Step::Key(key) = step else { return Err("only keys lead into a body".into()) };
            if !at.is_object() {
                *at = Value::Object(Map::new());
            }
            let Value::Object(pairs) = at else { return Err("only keys lead into a body".into()) };
            at = pairs.entry(key.as_str()).or_insert(Value::Null);
        }
        *at = value;
        Ok(Body { text: whole.to_string(), ..self.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::path::Path;
    use crate::domain::secret::{Secret, Secrets};
    use std::collections::BTreeMap;

    #[test]
    fn texts_of_a_body_are_filled_and_escaped_and_a_page_is_put_in() {
        let text = |text: &str| Json::Text(Template::parse(text).expect("a template"));
        let json = Json::Map(vec![
            ("q".into(), text("a \"{secret:k}\"")),
            ("n".into(), Json::Plain(3.into())),
            ("all".into(), Json::List(vec![text("{{x}}")])),
        ]);
        let (columns, secrets) =
            (BTreeMap::new(), Secrets::from([("k".into(), Secret::new("\\"))]));
        let filling = Filling { columns: &columns, secrets: &secrets, range: None };
        let body = Payload::Json(json).fill(&filling).expect("filled");
        assert_eq!(body.text, r#"{"all":["{x}"],"n":3,"q":"a \"\\\""}"#);
        let path = Path::parse("page.after").expect("a path");
        let body = body.with(path.steps(), "m".into()).expect("set");
        assert_eq!(body.text, r#"{"all":["{x}"],"n":3,"page":{"after":"m"},"q":"a \"\\\""}"#);
        let form = Payload::Form(vec![("a b".into(), Template::parse("c&{to}").expect("one"))]);
        assert!(form.fill(&filling).is_err(), "no range");
    }
}
