//! Which address is answered by what.

use super::desk::Desk;
use super::events::events;
use super::files;
use super::guard::Refusal;
use super::lines;
use super::lines::YEARS;
use super::links::Links;
use super::lists;
use super::page::{Head, page};
use super::pages;
use super::reply::{HTML, JSON, Keep, PDF, PNG, Reply, TEXT};
use super::state::Web;
use super::view::View;
use super::{api, assets, metrics, openapi, whole};
use crate::domain::format::Lang;
use crate::domain::screen::Scene;
use crate::domain::time::Day;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::header::{ALLOW, HeaderMap, HeaderName, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{Method, Response, StatusCode, Uri};
use axum::middleware::{Next, from_fn_with_state};
use axum::routing::get;
use chrono::Datelike;
use maud::Markup;
use std::sync::Arc;
use std::time::Duration;
use url::form_urlencoded;

type Shared = State<Arc<Web>>;

pub fn router(web: &Arc<Web>) -> Router {
    Router::new()
        .route("/events", get(stream))
        .route("/assets/{digits}/{*name}", get(asset))
        .route("/reports/{file}", get(edition))
        .route("/api/v1/{name}", get(data))
        .route("/api/{*path}", get(no_list))
        .route("/chart.json", get(chart))
        .route("/figure/{file}", get(figure))
        .route("/healthz", get(alive))
        .route("/metrics", get(numbers))
        .fallback(get(show))
        .layer(from_fn_with_state(web.clone(), guarded))
        .with_state(web.clone())
}

/// Nobody comes in who may not; nothing but reading is understood.
async fn guarded(State(web): Shared, request: Request, next: Next) -> Response<Body> {
    let is_reading = matches!(*request.method(), Method::GET | Method::HEAD);
    let asked = request.headers();
    if !is_reading {
        let why = "only GET and HEAD are understood here: this is read-only\n";
        let reply = Reply::new(TEXT, why).status(StatusCode::METHOD_NOT_ALLOWED);
        return reply.with(ALLOW, "GET, HEAD").answer(asked);
    }
    match web.door.check(asked) {
        Ok(()) => next.run(request).await,
        Err(Refusal::Unknown) => {
            let why = "a token is wanted: as a bearer, or as the password of any name\n";
            let reply = Reply::new(TEXT, why).status(StatusCode::UNAUTHORIZED);
            reply.with(WWW_AUTHENTICATE, "Basic realm=\"Daybook\", charset=\"UTF-8\"").answer(asked)
        }
        Err(Refusal::Misdirected) => {
            let why = "this name is not one of this machine; behind a proxy start with \
                       --origin https://NAME/PATH\n";
            Reply::new(TEXT, why).status(StatusCode::MISDIRECTED_REQUEST).answer(asked)
        }
    }
}

async fn stream(State(web): Shared, asked: HeaderMap) -> Response<Body> {
    events(&web, &asked)
}

async fn numbers(State(web): Shared, asked: HeaderMap) -> Response<Body> {
    let scene = web.view.now();
    let text = metrics::text(&web, scene.as_deref());
    Reply::new(metrics::KIND, text).packed().keep(Keep::Never).answer(&asked)
}

async fn alive(State(web): Shared, asked: HeaderMap) -> Response<Body> {
    let reply = match web.view.now() {
        Some(scene) if scene.away.is_none() => Reply::new(TEXT, "ok\n"),
        Some(_) => {
            Reply::new(TEXT, "the store cannot be read\n").status(StatusCode::SERVICE_UNAVAILABLE)
        }
        None => Reply::new(TEXT, starting(&*web.view)).status(StatusCode::SERVICE_UNAVAILABLE),
    };
    reply.keep(Keep::Never).answer(&asked)
}

async fn asset(Path((digits, name)): Path<(String, String)>, asked: HeaderMap) -> Response<Body> {
    let keep = if digits == assets::digits() { Keep::Always } else { Keep::WhileSame };
    match assets::find(&name) {
        Some(asset) => Reply::new(asset.kind, asset.bytes).packed().keep(keep).answer(&asked),
        None => missing().answer(&asked),
    }
}

async fn edition(State(web): Shared, Path(file): Path<String>, asked: HeaderMap) -> Response<Body> {
    let view = web.view.clone();
    let found = aside(&web, move || {
        if let Some(stem) = file.strip_suffix(".png") {
            return Some(Reply::new(PNG, view.picture(stem).ok()??));
        }
        let bytes = view.edition(file.strip_suffix(".pdf")?).ok()??;
        Some(Reply::new(PDF, bytes))
    });
    found.await.unwrap_or_else(missing).answer(&asked)
}

async fn data(
    State(web): Shared,
    Path(name): Path<String>,
    uri: Uri,
    asked: HeaderMap,
) -> Response<Body> {
    let asking = Asking::of(&uri, None, web.view.language());
    if let Some(refused) = api::refused(&name, &asking.query) {
        return refused.answer(&asked);
    }
    if let Some(whole) = whole::csv(web.view.clone(), &name, asking.query.clone(), &asked).await {
        return whole;
    }
    if name == "openapi.json" {
        let scene = web.view.now();
        let text = scene.map(|scene| Reply::new(JSON, openapi::document(&scene)).packed());
        return text.unwrap_or_else(missing).answer(&asked);
    }
    let view = web.view.clone();
    let work = move || Some(api::reply(&*view, &name, &|name| asking.get(name)));
    kept(&web, &uri, work).await.answer(&asked)
}

async fn no_list(asked: HeaderMap) -> Response<Body> {
    api::no_list().answer(&asked)
}

async fn figure(
    State(web): Shared,
    Path(file): Path<String>,
    uri: Uri,
    asked: HeaderMap,
) -> Response<Body> {
    let asking = Asking::of(&uri, None, web.view.language());
    let view = web.view.clone();
    let work = move || {
        let (id, form) = files::named(&file)?;
        let now = view.now()?;
        let scene = match asking.get("day") {
            None => now,
            Some(day) => {
                let day = day.parse().ok().filter(|day| is_near(*day))?;
                day_of(&*view, &now, day).ok()?
            }
        };
        let lang = if asking.get("lang") == Some("fr") { Lang::Fr } else { Lang::En };
        files::file(&*view, (&scene, lang), (id, form), &|name| asking.get(name))
    };
    kept(&web, &uri, work).await.answer(&asked)
}

/// Whether there may be data of a day.
fn is_near(day: Day) -> bool {
    YEARS.contains(&day.year())
}

/// The day of now, or another one.
fn day_of(view: &dyn View, now: &Arc<Scene>, day: Day) -> anyhow::Result<Arc<Scene>> {
    if day == now.period.day { Ok(now.clone()) } else { view.day(day) }
}

async fn chart(State(web): Shared, uri: Uri, asked: HeaderMap) -> Response<Body> {
    let asking = Asking::of(&uri, None, web.view.language());
    let view = web.view.clone();
    let work = move || Some(lines::line(&*view, &|name| asking.get(name)));
    kept(&web, &uri, work).await.answer(&asked)
}

/// What takes its time is done beside the connections.
async fn aside(web: &Web, work: impl FnOnce() -> Option<Reply> + Send + 'static) -> Option<Reply> {
    let turn = tokio::time::timeout(PATIENCE, web.desks.clone().acquire_owned()).await;
    let Ok(Ok(turn)) = turn else { return Some(busy()) };
    let work = move || {
        let made = work();
        drop(turn);
        made
    };
    tokio::task::spawn_blocking(work).await.ok().flatten()
}

/// How long somebody waits for a turn.
const PATIENCE: Duration = Duration::from_secs(20);

/// Too much is asked at once.
fn busy() -> Reply {
    let reply = Reply::new(TEXT, "too much is asked at once: once more in a while\n");
    reply.status(StatusCode::SERVICE_UNAVAILABLE).with(RETRY_AFTER, "20")
}

fn missing() -> Reply {
    Reply::new(TEXT, "there is nothing here\n").status(StatusCode::NOT_FOUND)
}

/// What is told before there is anything.
fn starting(view: &dyn View) -> String {
    match view.trouble() {
        None => "looking for the first time: once more in a moment\n".into(),
        Some(why) => format!("nothing can be shown yet: {why}\n"),
    }
}

/// A page.
async fn show(State(web): Shared, uri: Uri, asked: HeaderMap) -> Response<Body> {
    let theme = cookie(&asked, "theme");
    let asking = Asking::of(&uri, theme, web.view.language());
    let Some(scene) = web.view.now() else {
        let reply = Reply::new(TEXT, starting(&*web.view)).status(StatusCode::SERVICE_UNAVAILABLE);
        return reply.with(HeaderName::from_static("refresh"), "2").answer(&asked);
    };
    let (key, version) = (asking.key(), scene.version);
    let view = web.view.clone();
    let make = async || {
        let page = aside(&web, move || Some(made(&*view, &scene, &asking).packed()));
        page.await.unwrap_or_else(missing)
    };
    web.shelf.get(version, key, make).await.answer(&asked)
}

/// What is made of the data is made once for all who ask, until there is something new.
async fn kept(
    web: &Arc<Web>,
    uri: &Uri,
    work: impl FnOnce() -> Option<Reply> + Send + 'static,
) -> Arc<Reply> {
    let version = web.view.now().map_or(0, |scene| scene.version);
    let make = async || aside(web, work).await.unwrap_or_else(missing).packed();
    web.shelf.get(version, format!("data {uri}"), make).await
}

/// What is asked for, by its address.
struct Asking {
    links: Links,
    parts: Vec<String>,
    query: Vec<(String, String)>,
    theme: Option<&'static str>,
}

impl Asking {
    fn of(uri: &Uri, theme: Option<&'static str>, usual: Lang) -> Asking {
        let links = Links::from(uri.path(), uri.query(), usual);
        let parts = uri.path().split('/').filter(|part| !part.is_empty());
        let mut parts: Vec<String> = parts.map(decoded).collect();
        if parts.first().is_some_and(|first| first == links.lang.tag()) {
            parts.remove(0);
        }
        let query = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        let query = query.into_owned().collect();
        Asking { links, parts, query, theme }
    }

    /// What tells its answer from others of the same scene.
    fn key(&self) -> String {
        format!("{:?} {:?} {:?} {:?}", self.links, self.parts, self.query, self.theme)
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A part of a path with its odd signs in place again.
fn decoded(part: &str) -> String {
    let pair = format!("={}", part.replace('+', "%2B"));
    let mut pairs = form_urlencoded::parse(pair.as_bytes());
    pairs.next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

fn cookie(asked: &HeaderMap, name: &str) -> Option<&'static str> {
    let cookies = asked.get_all("cookie").iter().filter_map(|value| value.to_str().ok());
    let mut pairs =
        cookies.flat_map(|value| value.split(';')).filter_map(|p| p.trim().split_once('='));
    match pairs.find(|(known, _)| *known == name)?.1 {
        "dark" => Some("dark"),
        "light" => Some("light"),
        _ => None,
    }
}

fn made(view: &dyn View, now: &Arc<Scene>, asking: &Asking) -> Reply {
    let wanted = asking.get("day").map(str::parse::<Day>);
    if wanted.as_ref().is_some_and(|day| day.as_ref().is_ok_and(|day| !is_near(*day))) {
        return missing();
    }
    let scene = match wanted {
        None => Ok(now.clone()),
        Some(Ok(day)) => day_of(view, now, day),
        Some(Err(_)) => return odd("a day is written 2026-11-21\n"),
    };
    let scene = match scene {
        Ok(scene) => scene,
        Err(error) => {
            let reply = Reply::new(TEXT, format!("{error:#}\n"));
            return reply.status(StatusCode::SERVICE_UNAVAILABLE);
        }
    };
    let desk = Desk { links: &asking.links, scene: &scene };
    let parts: Vec<&str> = asking.parts.iter().map(String::as_str).collect();
    let lists = || lists::body(view, &desk, &parts, &|name| asking.get(name));
    let found = match body(&desk, &parts) {
        Some(found) => Ok(Some(found)),
        None => lists(),
    };
    let (status, (here, title, body)) = match found {
        Ok(Some(found)) => (StatusCode::OK, found),
        Ok(None) => (StatusCode::NOT_FOUND, lost(&desk)),
        Err(error) => {
            let reply = Reply::new(TEXT, format!("{error:#}\n"));
            return reply.status(StatusCode::SERVICE_UNAVAILABLE);
        }
    };
    let report = scene.report.get(desk.lang());
    let head = Head {
        here: &here,
        title: &title,
        description: &report.headline,
        is_live: scene.is_today || Arc::ptr_eq(&scene, now),
        theme: asking.theme,
    };
    let reply = Reply::new(HTML, page(&desk, &head, &body).into_string());
    if status == StatusCode::OK { reply } else { reply.status(status) }
}

/// What stands where there is no page.
fn lost(desk: &Desk) -> (String, String, Markup) {
    ("lost".into(), desk.pick("Not found", "Introuvable").into(), pages::lost::body(desk))
}

fn odd(why: &'static str) -> Reply {
    Reply::new(TEXT, why).status(StatusCode::BAD_REQUEST)
}

/// The entry in the navigation, the title and the body of a page.
fn body(desk: &Desk, parts: &[&str]) -> Option<(String, String, Markup)> {
    let word = |en: &'static str, fr: &'static str| desk.pick(en, fr).to_string();
    Some(match parts {
        [] => (String::new(), word("Now", "Maintenant"), pages::now::body(desk)),
        ["topic", topic] => {
            let here = format!("topic/{topic}");
            match pages::topic::section(desk, topic) {
                Some(section) => (here, section.name.clone(), pages::topic::body(desk, section)),
                None => (here, pages::topic::name(desk, topic)?, pages::topic::none(desk, topic)?),
            }
        }
        ["map"] => ("map".into(), word("Map", "Carte"), pages::map::body(desk)),
        ["records"] => {
            ("records".into(), word("Records", "Relevés"), pages::records::sources(desk))
        }
        ["sources"] => ("sources".into(), word("Sources", "Sources"), pages::sources::body(desk)),
        ["health"] => ("health".into(), word("Health", "Santé"), pages::health::body(desk)),
        ["data"] => {
            ("data".into(), word("Data and API", "Données et API"), pages::data::body(desk))
        }
        ["reports"] => ("reports".into(), word("Reports", "Rapports"), pages::reports::body(desk)),
        _ => return None,
    })
}
