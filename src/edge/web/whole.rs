//! A whole table as CSV, row by row as it is read: a month of many series needs no memory.

use super::api;
use super::guard;
use super::reply::{CSV, Reply};
use super::view::View;
use axum::body::{Body, Bytes};
use axum::http::Response;
use axum::http::header::{self, HeaderMap, HeaderValue};
use futures_util::stream::unfold;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::{mpsc, oneshot};

/// Tables that may be on their way at once.
const TABLES: usize = 8;

static UNDER_WAY: AtomicUsize = AtomicUsize::new(0);

/// One of the tables on their way.
struct Place;

impl Place {
    fn take() -> Option<Place> {
        let taken = UNDER_WAY.fetch_add(1, Ordering::SeqCst);
        let place = Place;
        (taken < TABLES).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        UNDER_WAY.fetch_sub(1, Ordering::SeqCst);
    }
}

/// What is asked for, by names.
pub type Query = Vec<(String, String)>;

/// A table from its first row to its last; none where it is not one that is given whole.
pub async fn csv(
    view: Arc<dyn View>,
    name: &str,
    query: Query,
    asked: &HeaderMap,
) -> Option<Response<Body>> {
    let name = name.strip_suffix(".csv").filter(|name| matches!(*name, "hours" | "records"))?;
    let is_partial = query.iter().any(|(key, _)| key == "limit" || key == "cursor");
    if is_partial {
        return None;
    }
    let Some(place) = Place::take() else { return Some(api::busy().answer(asked)) };
    let (begun, first) = oneshot::channel();
    let (parts, rows) = mpsc::channel(2);
    let file = api::file_name(name, &query);
    let name = name.to_string();
    tokio::task::spawn_blocking(move || {
        let _place = place;
        read(&*view, &name, query, begun, &parts);
    });
    let refused = first.await.ok()?;
    if let Some(reply) = refused {
        return Some(reply.answer(asked));
    }
    let stream = unfold(rows, |mut rows: mpsc::Receiver<Bytes>| async {
        let part = rows.recv().await?;
        Some((Ok::<Bytes, Infallible>(part), rows))
    });
    let mut response = Response::new(Body::from_stream(stream));
    let headers = response.headers_mut();
    headers.extend(guard::headers().map(|(name, value)| (Some(name), value)));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CSV));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let attachment = HeaderValue::from_str(&format!("attachment; filename=\"{file}\""));
    headers.extend(attachment.ok().map(|value| (Some(header::CONTENT_DISPOSITION), value)));
    Some(response)
}

/// Sends all parts; what is wrong with the first one is told in place of all.
fn read(
    view: &dyn View,
    name: &str,
    mut query: Query,
    begun: oneshot::Sender<Option<Box<Reply>>>,
    parts: &mpsc::Sender<Bytes>,
) {
    let mut begun = Some(begun);
    loop {
        let get = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, v)| v.as_str());
        let is_first = begun.is_some();
        let (part, next) = match api::part(view, name, &get, is_first) {
            Ok(part) => part,
            Err(reply) => {
                if let Some(begun) = begun.take() {
                    let _ = begun.send(Some(reply));
                }
                return;
            }
        };
        if let Some(begun) = begun.take() {
            let _ = begun.send(None);
        }
        if parts.blocking_send(part.into()).is_err() {
            return;
        }
        let Some(next) = next else { return };
        query.retain(|(key, _)| key != "cursor");
        query.push(("cursor".into(), next));
    }
}
