//! The request for one page of an answer.

use crate::domain::request::Request;
use crate::domain::source::{By, Pages, Param};
use crate::domain::walk::{At, link};
use serde_json::Value;

/// Puts where a page is into a request; `base` is the request as it is declared.
///
/// # Errors
///
/// It is asked by what is not declared, or would lead elsewhere.
pub fn put(request: &mut Request, pages: &Pages, at: &At, base: &Request) -> Result<(), String> {
    match (at, &pages.by) {
        (At::Start, _) => Ok(()),
        (At::Link(to), _) => {
            request.url = link::keyed(&base.url, to, &base.secrets)?;
            Ok(())
        }
        (At::Cursor(mark), By::Cursor { to, .. }) => put_in(request, to, mark.as_str().into()),
        (At::Number(at), By::Offset { to, limit, .. }) => {
            put_in(request, to, (*at).into())?;
            limit.iter().try_for_each(|(to, limit)| put_in(request, to, (*limit).into()))
        }
        (At::Number(at), By::PageNumber { to, .. }) => put_in(request, to, (*at).into()),
        (At::Number(at), By::Range { to, limit, .. }) => {
            let last = at.saturating_add(u64::from(*limit).saturating_sub(1));
            put_in(request, to, format!("{at}-{last}").into())
        }
        _ => Err("a page is asked by what is not declared".into()),
    }
}

fn put_in(request: &mut Request, to: &Param, value: Value) -> Result<(), String> {
    match to {
        Param::Query(name) => {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_string);
            request.url = link::with(&request.url, name, &text)?;
        }
        Param::Body(path) => {
            let body =
                request.body.as_ref().ok_or("a page is asked by a body, and there is none")?;
            request.body = Some(body.with(path.steps(), value)?);
        }
    }
    Ok(())
}
