//! Addresses of next pages.
//!
//! Invariant: a page never leads to another host than the declared one, so nobody but the
//! publisher learns of a key.

use crate::domain::form::Encoding;
use std::borrow::Cow;
use url::Url;

/// Whether a context is the answer itself that came from there, be it told without the secrets of
/// its query, or as `http` for `https`.
pub fn is_own(declared: &str, came: &str, anchor: &str, secrets: &[String]) -> bool {
    let plain = |url: Url| {
        let mut url = Url::parse(&unkeyed(declared, url.as_str(), secrets).ok()?).ok()?;
        let is_empty = url.fragment() == Some("");
        let _ = (url.set_username(""), url.set_password(None));
        if is_empty {
            url.set_fragment(None);
        }
        let port = url.port();
        Some((url.host()?.to_owned(), port, url[url::Position::BeforePath..].to_string()))
    };
    let Ok(came) = Url::parse(came) else { return false };
    let context = came.join(anchor.trim()).ok().and_then(plain);
    context.is_some() && context == plain(came)
}

/// Where a page is that names the next one.
#[derive(Clone, Copy, Debug)]
pub struct Base<'a> {
    pub declared: &'a str,
    /// Where it came from, behind all redirects (RFC 3986, 5.1.3).
    pub came: &'a str,
    /// Where its links begin by its own word: `<base href>` in HTML.
    pub named: Option<&'a str>,
    /// How the query of a link is coded, as letters of its page are (HTML, "encoding-parsing a
    /// URL"); UTF-8 without.
    pub letters: Option<Encoding>,
    /// Nothing goes along that is for the declared place only, so that pages may be asked where a
    /// redirect has led.
    pub open: bool,
}

/// The address that a page names, at the declared scheme, host and port, or where a redirect has
/// led. `http` for `https` is taken for a slip of who wrote it behind a proxy.
///
/// # Errors
///
/// It is none, or leads to another host.
pub fn resolve(base: Base, link: &str) -> Result<String, String> {
    let read = |address: &str| Url::parse(address).map_err(|error| error.to_string());
    let (declared, came) = (read(base.declared)?, read(base.came)?);
    let mut to =
        led(base, &came, link).map_err(|_| "the address of the next page cannot be read")?;
    let plain = |from: &Url, to: &Url| {
        from.port().is_none() && to.port().is_none() && from.host() == to.host()
    };
    let falls =
        |from: &Url, to: &Url| plain(from, to) && from.scheme() == "https" && to.scheme() == "http";
    if falls(&declared, &to) || falls(&came, &to) {
        let _ = to.set_scheme("https");
    }
    let rises = plain(&declared, &to) && declared.scheme() == "http" && to.scheme() == "https";
    let is_led = base.open && to.origin() == came.origin();
    if to.origin() != declared.origin() && !rises && !is_led {
        let hint = match to.origin() == came.origin() {
            true => "\nhint: a redirect leads there: declare that address",
            false => "",
        };
        let origin = to.origin();
        let place = match origin.is_tuple() {
            true => origin.ascii_serialization(),
            false => to.host_str().unwrap_or("without a host").to_string(),
        };
        return Err(format!(
            "the next page is at another place, {place}, and pages are asked at the declared one \
             only{hint}"
        ));
    }
    let _ = (to.set_username(""), to.set_password(None));
    to.set_fragment(None);
    Ok(to.into())
}

/// Where a link leads from a page that came from there.
fn led(base: Base, came: &Url, link: &str) -> Result<Url, url::ParseError> {
    let named = base.named.and_then(|named| came.join(named.trim()).ok());
    let named = named.filter(|named| matches!(named.scheme(), "http" | "https"));
    let own = base.letters.filter(|_| !link.is_ascii());
    let coded: &dyn Fn(&str) -> Cow<'_, [u8]> =
        &|text| own.map_or(Cow::Borrowed(text.as_bytes()), |own| own.encode(text));
    let options = Url::options().base_url(Some(named.as_ref().unwrap_or(came)));
    options.encoding_override(Some(coded)).parse(link.trim())
}

/// Schemes by which nobody is asked for a page.
const BUTTONS: [&str; 8] =
    ["about", "blob", "data", "javascript", "mailto", "sms", "tel", "vbscript"];

/// Whether a link of a page in HTML leads nowhere: it is empty, a button for a script, or leads to
/// a place in the same page.
pub fn is_button(base: Base, link: &str) -> bool {
    let link = link.trim();
    let Ok(came) = Url::parse(base.came) else { return false };
    let Ok(mut to) = led(base, &came, link) else { return false };
    let is_part = to.fragment().is_some();
    to.set_fragment(None);
    link.is_empty()
        || link.starts_with('#')
        || BUTTONS.contains(&to.scheme())
        || (is_part && to == came)
}

/// The address of a page as it is asked: with the login of the declared one, and those pairs of its
/// query that hold a secret, where the publisher left them out.
pub fn keyed(declared: &str, page: &str, secrets: &[String]) -> Result<String, String> {
    let from = Url::parse(declared).map_err(|error| error.to_string())?;
    let mut to = Url::parse(page).map_err(|error| error.to_string())?;
    let _ = (to.set_username(from.username()), to.set_password(from.password()));
    let holds = |value: &str| secrets.iter().any(|s| !s.is_empty() && value.contains(s.as_str()));
    let kept: Vec<(String, String)> = from
        .query_pairs()
        .filter(|(name, value)| holds(value) && !to.query_pairs().any(|(known, _)| known == *name))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    if !kept.is_empty() {
        to.query_pairs_mut().extend_pairs(kept);
    }
    Ok(to.into())
}

/// The address of a page without those pairs of the declared query that hold a secret.
pub fn unkeyed(declared: &str, page: &str, secrets: &[String]) -> Result<String, String> {
    let from = Url::parse(declared).map_err(|error| error.to_string())?;
    let mut to = Url::parse(page).map_err(|error| error.to_string())?;
    let holds = |value: &str| secrets.iter().any(|s| !s.is_empty() && value.contains(s.as_str()));
    let keys = from.query_pairs().filter(|(_, value)| holds(value)).map(|(name, _)| name);
    let keys: Vec<String> = keys.map(|name| name.into_owned()).collect();
    let is_key = |pair: &&str| {
        let found = url::form_urlencoded::parse(pair.as_bytes()).next();
        found.is_some_and(|(name, value)| keys.iter().any(|key| *key == name) && holds(&value))
    };
    let Some(query) = to.query() else { return Ok(page.to_string()) };
    if keys.is_empty() {
        return Ok(page.to_string());
    }
    let kept: Vec<&str> = query.split('&').filter(|pair| !is_key(pair)).collect();
    let query = (!kept.is_empty()).then(|| kept.join("&"));
    to.set_query(query.as_deref());
    Ok(to.into())
}

/// An address with this value under a name of its query, and all else as it was.
pub fn with(address: &str, name: &str, value: &str) -> Result<String, String> {
    let mut url = Url::parse(address).map_err(|error| error.to_string())?;
    let piece = |text: &str| -> String {
        url::form_urlencoded::byte_serialize(text.as_bytes())
            .collect::<String>()
            .replace('+', "%20")
    };
    let query = url.query().unwrap_or_default();
    let is_it = |pair: &&str| {
        let key = pair.split('=').next().unwrap_or_default();
        url::form_urlencoded::parse(key.as_bytes()).next().is_some_and(|(key, _)| key == name)
    };
    let others = query.split('&').filter(|pair| !pair.is_empty() && !is_it(pair));
    let own = format!("{}={}", piece(name), piece(value));
    let query = others.map(str::to_string).chain([own]).collect::<Vec<_>>().join("&");
    url.set_query(Some(&query));
    Ok(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_stays_at_its_place() {
        let from = "https://e.org/a/b?q=1&key=s3cret&q=2";
        let secrets = ["s3cret".to_string()];
        let base = Base { declared: from, came: from, named: None, letters: None, open: false };
        let go = |link: &str| keyed(from, &resolve(base, link)?, &secrets);
        let bare = unkeyed(from, "https://e.org/a?key=s3cret&p=2&key=x", &secrets);
        assert_eq!(bare, Ok("https://e.org/a?p=2&key=x".into()));
        assert_eq!(go("?p=2"), Ok("https://e.org/a/b?p=2&key=s3cret".into()));
        assert_eq!(go("/c?key=other"), Ok("https://e.org/c?key=other".into()));
        assert_eq!(go("http://e.org/c#x"), Ok("https://e.org/c?key=s3cret".into()));
        for away in ["//f.org/", "https://e.org:444/", "ftp://e.org/", "http://e.org:8080/"] {
            assert!(go(away).is_err(), "{away}");
        }
        let http = Base {
            declared: "http://e.org/",
            came: "http://e.org/",
            named: None,
            letters: None,
            open: false,
        };
        assert_eq!(resolve(http, "https://e.org/x"), Ok("https://e.org/x".into()));
    }

    #[test]
    fn a_link_starts_where_its_page_came_from() {
        let at = |declared, came, open| Base { declared, came, named: None, letters: None, open };
        let go = |base, link| resolve(base, link).ok();
        let some = |text: &str| Some(text.to_string());
        let home = at("http://e.org/l/list", "http://e.org/new/list", false);
        assert_eq!(go(home, "p2"), some("http://e.org/new/p2"));
        let safer = at("http://e.org/list", "https://e.org/list", false);
        assert_eq!(go(safer, "?p=2"), some("https://e.org/list?p=2"));
        assert_eq!(go(safer, "http://e.org/list?p=2"), some("https://e.org/list?p=2"));
        for (open, led) in [(true, some("https://www.e.org/p2")), (false, None)] {
            let away = at("https://e.org/list", "https://www.e.org/list", open);
            assert_eq!(go(away, "p2"), led);
            assert_eq!(go(away, "//e.org/p2"), some("https://e.org/p2"));
            assert_eq!(go(away, "//f.org/p2"), None);
        }
        let named =
            |name| Base { named: Some(name), ..at("http://e.org/a/b", "http://e.org/a/b", true) };
        assert_eq!(go(named("/root/"), "p2"), some("http://e.org/root/p2"));
        assert_eq!(go(named("//f.org/"), "p2"), None, "no page leads to another host");
        for none in ["data:,x", "http://", "javascript:1"] {
            assert_eq!(go(named(none), "p2"), some("http://e.org/a/p2"), "{none}");
        }
    }

    #[test]
    fn a_link_of_a_page_that_leads_nowhere_is_none() {
        let came = "http://e.org/l/p2?q=1";
        let base = Base { declared: came, came, named: None, letters: None, open: true };
        let nowhere = ["#", " #top", "JavaScript:void(0)", "java\tscript:void(0)", "about:blank"];
        let others =
            ["mailto:a@e.org", "vbscript:x", "", "  ", "p2?q=1#top", "?q=1#", "/l/p2?q=1#"];
        for button in nowhere.into_iter().chain(others) {
            assert!(is_button(base, button), "{button}");
        }
        for link in ["http://e.org/", "p3#x", "java", "p2?q=1", "?q=2#", "htps://e.org/", "ftp://e"]
        {
            assert!(!is_button(base, link), "{link}");
        }
    }

    #[test]
    fn the_query_of_a_link_is_coded_as_its_page_is() {
        let came = "http://e.org/l";
        let go = |letters: &str, link: &str| {
            let letters = Encoding::of(letters);
            resolve(Base { declared: came, came, named: None, letters, open: true }, link)
        };
        let some = |text: &str| Ok(format!("http://e.org/{text}"));
        assert_eq!(go("iso-8859-1", "ü?q=ü%20&p=2"), some("%C3%BC?q=%FC%20&p=2"));
        assert_eq!(go("utf-8", "l?q=ü"), some("l?q=%C3%BC"));
        assert_eq!(go("utf-16", "l?q=ü"), some("l?q=%C3%BC"));
        assert_eq!(go("iso-8859-1", "l?q=ü本"), some("l?q=%FC%26%2326412%3B"));
        assert_eq!(go("shift_jis", "l?q=本"), some("l?q=%96{"));
    }

    #[test]
    fn a_pair_of_the_query_is_set_and_others_stay_as_they_are() {
        let set = |address: &str| with(address, "page", "a b");
        assert_eq!(
            set("http://e.org/?q=a+b%20c&page=1&z"),
            Ok("http://e.org/?q=a+b%20c&z&page=a%20b".into())
        );
        assert_eq!(set("http://e.org/x"), Ok("http://e.org/x?page=a%20b".into()));
        assert_eq!(set("http://e.org/?p%61ge=3"), Ok("http://e.org/?page=a%20b".into()));
    }
}
