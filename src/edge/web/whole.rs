//! A whole table as CSV, row by row as it is read: a month of many series needs no memory.

use super::api;
use super::guard;
use super::reply::{CSV, Reply, accepts_gzip};
use super::view::View;
use axum::body::{Body, Bytes};
use axum::http::Response;
use axum::http::header::{self, HeaderMap, HeaderValue};
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::stream::unfold;
use std::io::Write;
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
    let (name, is_packed) = (name.to_string(), accepts_gzip(asked));
    tokio::task::spawn_blocking(move || {
        let _place = place;
        let out = Out { parts, packer: is_packed.then(packer), is_whole: false };
        read(&*view, &name, query, begun, out);
    });
    match first.await {
        Ok(None) => {}
        Ok(Some(reply)) => return Some(reply.answer(asked)),
        // It ended early, and said nothing.
        Err(_) => return Some(api::busy().answer(asked)),
    }
    let stream = unfold(rows, |mut rows: mpsc::Receiver<Part>| async {
        let part = rows.recv().await?;
        Some((part, rows))
    });
    let mut response = Response::new(Body::from_stream(stream));
    let headers = response.headers_mut();
    headers.extend(guard::headers().map(|(name, value)| (Some(name), value)));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CSV));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if is_packed {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let attachment = HeaderValue::from_str(&format!("attachment; filename=\"{file}\""));
    headers.extend(attachment.ok().map(|value| (Some(header::CONTENT_DISPOSITION), value)));
    Some(response)
}

/// Some rows; or why there are no more, which breaks the connection: half a table must not pass
/// for a whole one.
type Part = Result<Bytes, std::io::Error>;

/// Where parts go, packed or as they are.
struct Out {
    parts: mpsc::Sender<Part>,
    packer: Option<GzEncoder<Vec<u8>>>,
    is_whole: bool,
}

/// However it ends, nobody takes half a table for a whole one.
impl Drop for Out {
    fn drop(&mut self) {
        if !self.is_whole {
            let why = std::io::Error::other("the table cannot be read on");
            let _ = self.parts.blocking_send(Err(why));
        }
    }
}

fn packer() -> GzEncoder<Vec<u8>> {
    GzEncoder::new(Vec::new(), Compression::fast())
}

impl Out {
    /// None where nobody takes it any more.
    fn send(&mut self, part: Vec<u8>) -> Option<()> {
        let part = match &mut self.packer {
            None => part,
            Some(packer) => {
                packer.write_all(&part).ok()?;
                std::mem::take(packer.get_mut())
            }
        };
        if part.is_empty() { Some(()) } else { self.parts.blocking_send(Ok(part.into())).ok() }
    }

    fn end(mut self) {
        let rest = self.packer.take().and_then(|packer| packer.finish().ok());
        if let Some(rest) = rest {
            let _ = self.parts.blocking_send(Ok(rest.into()));
        }
        self.is_whole = true;
    }
}

/// Sends all parts; what is wrong with the first one is told in place of all.
fn read(
    view: &dyn View,
    name: &str,
    mut query: Query,
    begun: oneshot::Sender<Option<Box<Reply>>>,
    mut out: Out,
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
        let sent = out.send(part);
        let Some(next) = next.filter(|_| sent.is_some()) else {
            out.end();
            return;
        };
        query.retain(|(key, _)| key != "cursor");
        query.push(("cursor".into(), next));
    }
}
