//! Events to pages that are open (server-sent events, HTML standard 9.2). An event is a version:
//! whoever was away asks with the last id that it heard, and is told at once what is newest, so
//! nothing is missed and nothing is told twice.

use super::guard;
use super::state::Web;
use axum::body::{Body, Bytes};
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::http::{Response, StatusCode};
use futures_util::stream::unfold;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Streams that may be open at once.
pub const STREAMS: usize = 4096;

/// A sign of life, so that a closed connection is noticed on both sides.
const BEAT: Duration = Duration::from_secs(15);

/// How long a browser waits before it asks again, in milliseconds.
const AGAIN_MS: u32 = 2000;

/// One that is open; it is counted until it is dropped.
struct Stream {
    web: Arc<Web>,
    bell: watch::Receiver<u64>,
    closing: watch::Receiver<bool>,
    told: Option<u64>,
    is_begun: bool,
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.web.streams.end();
    }
}

pub fn events(web: &Arc<Web>, asked: &HeaderMap) -> Response<Body> {
    let open = web.streams.begin();
    let told = asked.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let (bell, closing) = (web.view.bell().heard(), web.closing.clone());
    let stream = Stream { web: web.clone(), bell, closing, told, is_begun: false };
    if open >= STREAMS {
        let mut full = Response::new(Body::from("too many pages are open\n"));
        *full.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        full.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("30"));
        return full;
    }
    let parts = unfold(stream, |mut stream| async {
        let text = stream.next().await?;
        Some((Ok::<Bytes, Infallible>(text), stream))
    });
    let mut response = Response::new(Body::from_stream(parts));
    let headers = response.headers_mut();
    headers.extend(guard::headers().map(|(name, value)| (Some(name), value)));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Proxies that gather answers before they pass them on are asked not to.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

impl Stream {
    /// What is sent next; none once the program ends.
    async fn next(&mut self) -> Option<Bytes> {
        if !std::mem::replace(&mut self.is_begun, true) {
            let version = *self.bell.borrow_and_update();
            let head = format!("retry: {AGAIN_MS}\n\n");
            return Some(Bytes::from(match self.is_news(version) {
                true => head + &self.event(version),
                false => head + ": as before\n\n",
            }));
        }
        if *self.closing.borrow() {
            return None;
        }
        tokio::select! {
            _ = self.closing.changed() => None,
            changed = self.bell.changed() => {
                changed.ok()?;
                let version = *self.bell.borrow_and_update();
                Some(Bytes::from(self.event(version)))
            }
            () = tokio::time::sleep(BEAT) => Some(Bytes::from_static(b": still here\n\n")),
        }
    }

    fn is_news(&self, version: u64) -> bool {
        version > 0 && self.told != Some(version)
    }

    fn event(&mut self, version: u64) -> String {
        self.told = Some(version);
        format!("id: {version}\nevent: scene\ndata: {{\"version\":{version}}}\n\n")
    }
}
