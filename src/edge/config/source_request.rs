//! What a request carries: pairs of its query, its body, and who asks.

use super::keys_request::AUTHS;
use super::reader::{Table, Value};
use super::source_place::conditions;
use super::values::{SECOND, line, only_beside, spans, url, within};
use crate::domain::address::is_secret_key;
use crate::domain::form::Format;
use crate::domain::request::is_reserved;
use crate::domain::source::{Auth, Json, OAuth, Payload};
use crate::domain::template::Template;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3_600);
const YEAR: Duration = Duration::from_secs(366 * 86_400);

/// Names with templates; a literal that looks like a secret is none.
pub(super) fn named(table: &Table, key: &'static str) -> Vec<(String, Template)> {
    let Some(inner) = table.table(key) else { return Vec::new() };
    let one = |(name, value): (&str, Value)| Some((name.into(), template(&inner, name, value)?));
    inner.scalars().into_iter().filter_map(one).collect()
}

/// Headers; those that are ours to set are none.
pub(super) fn headers(table: &Table) -> Vec<(String, Template)> {
    let all = named(table, "headers");
    if let Some((name, _)) = all.iter().find(|(name, _)| !is_header(name)) {
        table.clash(
            "headers",
            &format!("no {name}: it is no header, or the fetcher sets it itself"),
        );
    }
    all
}

fn is_header(name: &str) -> bool {
    let sign = |c: u8| c.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&c);
    !name.is_empty() && name.bytes().all(sign) && !is_reserved(name)
}

fn template(table: &Table, name: &str, value: Value) -> Option<Template> {
    let text = value.text();
    let secret = is_secret_key(name) || name.eq_ignore_ascii_case("cookie");
    if secret && !text.unwrap_or_default().contains("{secret:") {
        table.secret(name, value);
        return None;
    }
    let parsed = text.ok_or_else(|| "a text".to_string()).and_then(Template::parse);
    parsed.map_err(|why| table.wrong(name, value, &why)).ok()
}

/// The body, if one is declared.
pub(super) fn payload(table: &Table) -> Option<Payload> {
    let json = table.get("body").and_then(|value| json(table, "body", value).map(Payload::Json));
    let graphql = table.table("graphql").and_then(|inner| graphql(&inner));
    let form = table.has("form").then(|| Payload::Form(named(table, "form")));
    let method = table.may("method", "GET, POST", None, |v| {
        ["GET", "POST"].into_iter().find(|word| v.text() == Some(word)).map(Some)
    });
    let kinds = ["body", "graphql", "form"];
    let declared: Vec<&'static str> = kinds.into_iter().filter(|key| table.has(key)).collect();
    if let [_, second, ..] = declared[..] {
        table.clash(second, "one body");
    }
    if method == Some("GET") && !declared.is_empty() {
        table.clash("method", "POST, beside a body");
    }
    json.or(graphql).or(form).or((method == Some("POST")).then_some(Payload::Empty))
}

fn graphql(table: &Table) -> Option<Payload> {
    let query = table.need("query", "a question in GraphQL", line);
    let variables = table.get("variables").and_then(|value| json(table, "variables", value));
    table.unknown();
    let query = ("query".to_string(), Json::Plain(query?.into()));
    let variables = variables.map(|variables| ("variables".to_string(), variables));
    Some(Payload::Json(Json::Map([query].into_iter().chain(variables).collect())))
}

fn json(table: &Table, key: &'static str, value: Value) -> Option<Json> {
    let Some(inner) = table.as_table(key, value) else {
        table.wrong(key, value, "a table");
        return None;
    };
    let pair = |(name, value): (&str, Value)| Some((name.to_string(), any(&inner, name, value)?));
    Some(Json::Map(inner.scalars().into_iter().filter_map(pair).collect()))
}

fn any(table: &Table, name: &str, value: Value) -> Option<Json> {
    if value.text().is_some() {
        return template(table, name, value).map(Json::Text);
    }
    if let Some(list) = value.list() {
        return Some(Json::List(list.into_iter().filter_map(|v| any(table, name, v)).collect()));
    }
    if let Some(inner) = table.as_table("body", value) {
        let pair = |(name, v): (&str, Value)| Some((name.to_string(), any(&inner, name, v)?));
        return Some(Json::Map(inner.scalars().into_iter().filter_map(pair).collect()));
    }
    let number = || serde_json::from_str(&value.number_text()?).ok();
    let plain = value.flag().map(serde_json::Value::Bool).or_else(number);
    if plain.is_none() {
        table.wrong(name, value, "a text, a number, true or false, a list or a table of them");
    }
    plain.map(Json::Plain)
}

/// Which keys go with which types.
const OWN: [(&str, &[&str]); 15] = [
    ("expired", &OAUTHS),
    ("username", &["http_basic"]),
    ("password", &["http_basic"]),
    ("token", &["bearer"]),
    ("name", &["api_key"]),
    ("api_key", &["api_key"]),
    ("location", &["api_key"]),
    ("access_token_url", &OAUTHS),
    ("client_id", &OAUTHS),
    ("client_secret", &OAUTHS),
    ("refresh_token", &["oauth2_refresh_token"]),
    ("scope", &OAUTHS),
    ("access_token_request_data", &OAUTHS),
    ("client_authentication", &OAUTHS),
    ("default_token_expiration", &OAUTHS),
];
const OAUTHS: [&str; 2] = ["oauth2_client_credentials", "oauth2_refresh_token"];

pub(super) fn auth(fetch: &Table, format: Option<&Format>) -> Option<Auth> {
    let table = fetch.table("auth")?;
    let word = table.need("type", &AUTHS.join(", "), |v| {
        AUTHS.iter().copied().find(|word| v.text() == Some(word))
    });
    only_beside(&table, word, &OWN);
    let auth = word.and_then(|word| by(&table, word, format));
    table.unknown();
    auth
}

fn by(table: &Table, word: &str, format: Option<&Format>) -> Option<Auth> {
    match word {
        "http_basic" => {
            let (username, password) = (part(table, "username"), secret(table, "password"));
            if username
                .as_ref()
                .is_some_and(|name| name.to_string().replace("{secret:", "").contains(':'))
            {
                table.clash(
                    "username",
                    "a name without a colon: what stands behind it is the password",
                );
            }
            Some(Auth::Basic { username: username?, password: password? })
        }
        "bearer" => Some(Auth::Bearer { token: secret(table, "token")? }),
        "api_key" => {
            let default = "Authorization".to_string();
            let name = table.may("name", "the name of a header or a pair", default, line);
            let in_query = one_of(table, "location", ["header", "query"]);
            if !in_query && !is_header(&name) {
                table.clash("name", "the name of a header that the fetcher does not set itself");
            }
            Some(Auth::ApiKey { name, key: secret(table, "api_key")?, in_query })
        }
        _ => oauth(table, word, format).map(|oauth| Auth::OAuth(Box::new(oauth))),
    }
}

fn oauth(table: &Table, word: &str, format: Option<&Format>) -> Option<OAuth> {
    let refreshes = word == "oauth2_refresh_token";
    let address =
        table.need("access_token_url", "a URL that starts with https:// (or http://)", url);
    if let Some(value) =
        table.get("access_token_url").filter(|v| v.text().is_some_and(|t| t.contains('@')))
    {
        table.secret("access_token_url", value);
    }
    let client_id = part(table, "client_id");
    let needs = !refreshes || table.has("client_secret");
    let client_secret = needs.then(|| secret(table, "client_secret"));
    let refresh_token = refreshes.then(|| secret(table, "refresh_token"));
    let scope = table.may("scope", "a text", None, |v| line(v).map(Some));
    let data = named(table, "access_token_request_data");
    let in_form = one_of(table, "client_authentication", ["header", "form"]);
    let least = 60 * SECOND;
    let allowed = spans(least, YEAR, "1h");
    let life = table.may("default_token_expiration", &allowed, HOUR, |v| within(v, least, YEAR));
    let expired = conditions(table, "expired", format);
    let lost = [&client_secret, &refresh_token].into_iter().any(|p| matches!(p, Some(None)));
    let url = address.and_then(|address| Template::parse(&address).ok());
    (!lost).then_some(OAuth {
        url: url?,
        client_id: client_id?,
        client_secret: client_secret.flatten(),
        refresh_token: refresh_token.flatten(),
        scope,
        data,
        in_form,
        life,
        expired,
    })
}

fn one_of(table: &Table, key: &'static str, words: [&str; 2]) -> bool {
    table.may(key, &words.join(", "), false, |v| {
        words.iter().position(|word| v.text() == Some(word)).map(|place| place == 1)
    })
}

fn part(table: &Table, key: &'static str) -> Option<Template> {
    table.need(key, "a text, which is a template", |v| Template::parse(&line(v)?).ok())
}

/// A template that names a secret.
fn secret(table: &Table, key: &'static str) -> Option<Template> {
    let found = table.get(key).filter(|v| v.text().is_some_and(|t| !t.contains("{secret:")));
    if let Some(value) = found {
        table.secret(key, value);
        return None;
    }
    part(table, key)
}
