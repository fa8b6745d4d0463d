//! Tokens of OAuth 2 (RFC 6749): what is asked for them, what the answer means, and how long one
//! is used. Pure; who asks keeps them.
//!
//! Invariants: no token shows itself; one is renewed before it ends; a refresh token that its
//! server has replaced is never used in place of the new one.

use super::document::Doc;
use super::grant::Grant;
use super::request::{Caps, Request};
use super::source::Body;
use super::time::Instant;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use serde_json::Value;
use std::fmt;
use std::time::Duration;

/// A token that was given.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    pub access: String,
    /// When the request for it was made.
    pub since: Instant,
    pub ends: Instant,
    /// What the next one is asked with.
    pub refresh: Option<String>,
    /// Of the refresh token that a person wrote down: with another one all begins anew.
    pub origin: String,
}

/// Longest life that is believed; longer ones are of servers that mean milliseconds.
const LIFE_MAX: u64 = 366 * 86_400;
/// Part of its life after which a token is renewed, in tenths.
const RENEWED: i32 = 8;
/// Names of errors, RFC 6749, sections 4.1.2.1 and 5.2: no other text of an answer is shown.
const ERRORS: [&str; 9] = [
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
    "access_denied",
    "server_error",
    "temporarily_unavailable",
];
/// Those of them that say "not now".
const PASSING: [&str; 2] = ["server_error", "temporarily_unavailable"];
/// Bytes of a token: those of a header.
const TOKEN_BYTES: usize = 16 << 10;

impl Grant {
    /// The request for a token; `refresh`: that of the last one, where there is one.
    pub fn request(&self, refresh: Option<&str>, timeout: Duration) -> Request {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        let refresh = refresh.or(self.refresh_token.as_deref()).filter(|_| self.is_refreshing());
        match refresh {
            Some(token) => {
                form.append_pair("grant_type", "refresh_token").append_pair("refresh_token", token)
            }
            None => form.append_pair("grant_type", "client_credentials"),
        };
        if let Some(scope) = &self.scope {
            form.append_pair("scope", scope);
        }
        let mut request = Request::new(self.url.as_str());
        match (&self.client_secret, self.in_form) {
            (Some(secret), false) => request.credentials.push(basic(&self.client_id, secret)),
            (secret, _) => {
                form.append_pair("client_id", &self.client_id);
                if let Some(secret) = secret {
                    form.append_pair("client_secret", secret);
                }
            }
        }
        form.extend_pairs(&self.data);
        let content_type = "application/x-www-form-urlencoded";
        request.body = Some(Body { content_type, text: form.finish() });
        request.headers.push(("Accept".into(), "application/json".into()));
        request.refusals = true;
        let own = self.client_secret.iter().chain(&self.refresh_token).cloned();
        let more = refresh.map(str::to_string);
        request.secrets = own.chain(more).chain(self.data.iter().map(|(_, v)| v.clone())).collect();
        request.caps = Caps {
            wire_bytes: 1 << 20,
            plain_bytes: 1 << 20,
            redirects: 0,
            timeout,
            ..Caps::default()
        };
        request
    }

    /// The token that an answer gives to a request made at `since` with this refresh token.
    ///
    /// # Errors
    ///
    /// It gives none; the words hold nothing of it but an error's name.
    pub fn read(
        &self,
        body: &[u8],
        since: Instant,
        refresh: Option<&str>,
    ) -> Result<Token, String> {
        let odd = |_| "the answer is no JSON".to_string();
        let answer: Value = serde_json::from_slice(body).map_err(odd)?;
        if let Some(error) = answer.get("error") {
            let known = known_error(error).unwrap_or("that there is an error");
            return Err(format!("the server says {known}"));
        }
        let text = |key: &str| answer.get(key).and_then(Value::as_str);
        let access = text("access_token").filter(|token| is_token(token));
        let access = access.ok_or("the answer has no access_token that can be sent")?;
        let kind = text("token_type").unwrap_or("Bearer");
        if !kind.eq_ignore_ascii_case("bearer") {
            return Err("the token is not of the type Bearer, and no other is known".into());
        }
        let ends = since.checked_add(TimeDelta::seconds(self.life_of(&answer)?)).unwrap_or(since);
        let rotated = text("refresh_token").filter(|token| is_token(token)).or(refresh);
        let refresh = rotated.map(str::to_string).filter(|_| self.is_refreshing());
        Ok(Token { access: access.into(), since, ends, refresh, origin: self.origin() })
    }

    /// Why a server gives no token, by the body of its refusal: at most the name of an error; and
    /// whether it may give one soon.
    pub fn refusal(&self, status: u16, body: &[u8]) -> (String, bool) {
        let answer: Option<Value> = serde_json::from_slice(body).ok();
        match answer.as_ref().and_then(|answer| known_error(answer.get("error")?)) {
            Some(known) => {
                let why = format!("answered {status}: the server says {known}");
                (why, PASSING.contains(&known))
            }
            None => (format!("answered {status}"), false),
        }
    }

    fn life_of(&self, answer: &Value) -> Result<i64, String> {
        let seconds = match answer.get("expires_in") {
            None | Some(Value::Null) => self.life.as_secs(),
            Some(Value::Number(number)) => number.as_f64().unwrap_or(-1.0).max(-1.0) as u64,
            Some(Value::String(text)) => {
                text.trim().parse().map_err(|_| "expires_in is no number")?
            }
            Some(_) => return Err("expires_in is no number".into()),
        };
        Ok(seconds.min(LIFE_MAX) as i64)
    }
}

/// An error of the standard, by its name.
fn known_error(error: &Value) -> Option<&'static str> {
    let name = error.as_str()?;
    ERRORS.iter().find(|known| **known == name).copied()
}

/// The header of basic authentication, RFC 7617.
pub fn basic(username: &str, password: &str) -> (String, String) {
    ("Authorization".into(), format!("Basic {}", STANDARD.encode(format!("{username}:{password}"))))
}

/// Whether a text can stand in a header as a token.
fn is_token(text: &str) -> bool {
    (1..=TOKEN_BYTES).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

impl Token {
    /// Whether it is used at this instant: until eight tenths of its life are over. A clock that
    /// went back makes none fresh.
    pub fn is_fresh(&self, now: Instant) -> bool {
        now >= self.since && now < self.since.after((self.ends - self.since) / 10 * RENEWED)
    }

    /// The header in which it goes along.
    pub fn header(&self) -> (String, String) {
        ("Authorization".into(), format!("Bearer {}", self.access))
    }

    /// The texts that nobody may see.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        [self.access.as_str()].into_iter().chain(self.refresh.as_deref())
    }

    pub fn doc(&self) -> Doc {
        Doc::map([
            ("access", Doc::text(&self.access)),
            ("since", Doc::Instant(self.since)),
            ("ends", Doc::Instant(self.ends)),
            ("refresh", Doc::option(self.refresh.as_deref(), Doc::text)),
            ("origin", Doc::text(&self.origin)),
        ])
    }

    pub fn read(doc: &Doc) -> Option<Token> {
        let text = |key: &str| doc.get(key).as_text().ok().map(str::to_string);
        Some(Token {
            access: text("access")?,
            since: doc.get("since").as_instant().ok()?,
            ends: doc.get("ends").as_instant().ok()?,
            refresh: text("refresh"),
            origin: text("origin")?,
        })
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Token").field("since", &self.since).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(refresh: Option<&str>) -> Grant {
        Grant {
            url: "https://e.org/token".into(),
            client_id: "me".into(),
            client_secret: Some("s3".into()),
            refresh_token: refresh.map(str::to_string),
            scope: Some("a b".into()),
            data: vec![("audience".into(), "x&y".into())],
            in_form: false,
            life: Duration::from_secs(3_600),
        }
    }

    fn at(seconds: i64) -> Instant {
        Instant::EPOCH.after(TimeDelta::seconds(seconds))
    }

    #[test]
    fn a_token_is_asked_for_as_the_book_says() {
        let request = grant(None).request(None, Duration::from_secs(9));
        let body = request.body.as_ref().expect("a form");
        assert_eq!(body.text, "grant_type=client_credentials&scope=a+b&audience=x%26y");
        assert_eq!(request.credentials, [basic("me", "s3")]);
        assert_eq!(basic("Aladdin", "open sesame").1, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        let own = Grant { in_form: true, ..grant(Some("r1")) };
        let body = |refresh| own.request(refresh, Duration::ZERO).body.expect("a form").text;
        let end = "&scope=a+b&client_id=me&client_secret=s3&audience=x%26y";
        assert_eq!(body(None), format!("grant_type=refresh_token&refresh_token=r1{end}"));
        assert_eq!(body(Some("r2")), format!("grant_type=refresh_token&refresh_token=r2{end}"));
        assert!(!format!("{own:?} {:?}", own.request(None, Duration::ZERO)).contains("s3"));
    }

    #[test]
    fn a_token_is_renewed_at_eight_tenths_of_its_life() {
        let answer = br#"{"access_token":"t","token_type":"bearer","expires_in":100}"#;
        let token = grant(None).read(answer, at(0), None).expect("a token");
        assert!(token.is_fresh(at(79)) && !token.is_fresh(at(80)) && !token.is_fresh(at(-1)));
        assert_eq!(Token::read(&token.doc()), Some(token));
        let life = |expires: &str| {
            let answer = format!(r#"{{"access_token":"t"{expires}}}"#);
            grant(None)
                .read(answer.as_bytes(), at(0), None)
                .map(|t| (t.ends - t.since).num_seconds())
        };
        assert_eq!(life(""), Ok(3_600));
        assert_eq!(life(r#","expires_in":"1499""#), Ok(1_499));
        assert_eq!(life(r#","expires_in":-5"#), Ok(0));
        assert_eq!(life(r#","expires_in":1e300"#), Ok(LIFE_MAX as i64));
        assert!(life(r#","expires_in":[]"#).is_err() && life(r#","expires_in":"soon""#).is_err());
    }

    #[test]
    fn the_newest_refresh_token_is_kept() {
        let read = |answer: &str, before| grant(Some("r1")).read(answer.as_bytes(), at(0), before);
        let rotated = read(r#"{"access_token":"t","refresh_token":"r2"}"#, Some("r1"));
        assert_eq!(rotated.expect("a token").refresh.as_deref(), Some("r2"));
        let stays = read(r#"{"access_token":"t"}"#, Some("r2")).expect("a token");
        assert_eq!(stays.refresh.as_deref(), Some("r2"));
    }

    #[test]
    fn a_server_that_lies_gives_no_token() {
        let read = |answer: &str| grant(None).read(answer.as_bytes(), at(0), None);
        for lie in [
            "",
            "<html>",
            "[]",
            "{}",
            r#"{"access_token":""}"#,
            r#"{"access_token":7}"#,
            r#"{"access_token":"a\r\nX-Evil: 1"}"#,
            r#"{"access_token":"t","token_type":"mac"}"#,
            r#"{"error":"invalid_grant","access_token":"t"}"#,
        ] {
            assert!(read(lie).is_err(), "{lie}");
        }
        let long = format!(r#"{{"access_token":"{}"}}"#, "t".repeat(TOKEN_BYTES + 1));
        assert!(read(&long).is_err());
    }
}
