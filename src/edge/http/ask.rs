//! What goes out: the address and the headers of a request, checked.

use reqwest::Url;
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};

use super::coding::OFFERED;
use crate::domain::request::{Request, is_reserved};
use crate::domain::retry::Failure;

pub fn address(request: &Request) -> Result<Url, Failure> {
    let refused = |why: String| Err(invalid(request.shown(), why));
    match Url::parse(&request.url) {
        Ok(mut url) if matches!(url.scheme(), "http" | "https") => {
            url.set_fragment(None);
            Ok(url)
        }
        Ok(url) => refused(format!("`{}` is neither http nor https", url.scheme())),
        Err(error) => refused(format!("not a web address, {error}")),
    }
}

/// Where it is asked at once, if that can be.
pub fn moved(request: &Request) -> Option<Url> {
    let url = Url::parse(request.moved_to.as_deref()?).ok()?;
    matches!(url.scheme(), "http" | "https").then_some(url)
}

/// The headers of a request; those that prove who asks stand apart.
pub struct Headers {
    pub common: HeaderMap,
    pub credentials: HeaderMap,
}

pub fn headers(request: &Request) -> Result<Headers, Failure> {
    let mut common = header_map(request, &request.headers, false)?;
    let credentials = header_map(request, &request.credentials, true)?;
    common.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(OFFERED));
    let stored = request.validators.clone().unwrap_or_default();
    for (name, value) in
        [(header::IF_NONE_MATCH, stored.etag), (header::IF_MODIFIED_SINCE, stored.last_modified)]
    {
        if let Some(value) = value {
            common.insert(name.clone(), header_value(request, name.as_str(), &value)?);
        }
    }
    Ok(Headers { common, credentials })
}

fn header_map(
    request: &Request,
    pairs: &[(String, String)],
    sensitive: bool,
) -> Result<HeaderMap, Failure> {
    let mut map = HeaderMap::new();
    for (name, value) in pairs {
        let refused = |why: &str| invalid(request.shown(), format!("the header `{name}` {why}"));
        let parsed = HeaderName::from_bytes(name.as_bytes());
        let parsed = parsed.map_err(|_| refused("has no valid name"))?;
        if is_reserved(parsed.as_str()) {
            return Err(refused("is set by the fetcher itself"));
        }
        let mut value = header_value(request, name, value)?;
        value.set_sensitive(sensitive);
        map.append(parsed, value);
    }
    Ok(map)
}

fn header_value(request: &Request, name: &str, value: &str) -> Result<HeaderValue, Failure> {
    HeaderValue::from_bytes(value.as_bytes()).map_err(|_| {
        invalid(request.shown(), format!("the header `{name}` has a value that cannot be sent"))
    })
}

pub fn invalid(at: impl Into<String>, why: impl Into<String>) -> Failure {
    Failure::Invalid { at: at.into(), why: why.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_stand_apart_and_are_sensitive() {
        let mut request = Request::new("http://e.org/");
        request.headers = vec![("X-A".into(), "1".into()), ("X-A".into(), "2".into())];
        request.credentials = vec![("X-Key".into(), "s3cr3t".into())];
        let headers = headers(&request).expect("good headers");
        assert_eq!(headers.common.get_all("x-a").iter().count(), 2);
        assert!(!headers.common.contains_key("x-key"));
        assert!(!format!("{:?}", headers.credentials).contains("s3cr3t"));
        assert_eq!(headers.credentials["x-key"], "s3cr3t");
    }
}
