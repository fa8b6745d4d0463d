//! Small parts that many pages have.

use super::desk::{Desk, link};
use super::links::escaped;
use crate::domain::digest::shown_unit;
use crate::domain::format::Lang;
use crate::domain::report::SourceCard;
use crate::domain::screen::{FieldView, Order, Pulse, ROWS};
use crate::domain::time::{Day, Instant, iso};
use chrono::{Days, TimeDelta};
use maud::{Markup, html};

/// After so long a day says more than hours.
const AGES: TimeDelta = TimeDelta::hours(48);

/// How long ago something was, as of the page; a script keeps it true. What is longer ago has its
/// day.
pub fn ago(desk: &Desk, at: Instant) -> Markup {
    let (scene, lang) = (desk.scene, desk.lang());
    let local = at.with_timezone(&scene.period.zone);
    let clock = lang.clock(local.naive_local());
    let moment = format!("{} {clock}", lang.day_month(local.date_naive()));
    let age = scene.looked - at;
    let text = match (age.num_hours(), age.num_minutes()) {
        _ if age.num_minutes() > AGES.num_minutes() || age < TimeDelta::zero() => moment.clone(),
        (0, 0) => lang.pick("now", "à l’instant").into(),
        (0, n) => lang.pick(format!("{n} min ago"), format!("il y a {n} min")),
        (n, _) => lang.pick(format!("{n} h ago"), format!("il y a {n} h")),
    };
    let title = format!("{moment} {}", scene.period.zone.name());
    html! { time.ago datetime=(iso(at)) title=(title) { (text) } }
}

/// An instant on the clock of the zone, with its day.
pub fn when(desk: &Desk, at: Instant) -> Markup {
    let local = at.with_timezone(&desk.scene.period.zone);
    let lang = desk.lang();
    let text =
        format!("{} {}", lang.day_month(local.date_naive()), lang.clock(local.naive_local()));
    html! { time.at datetime=(iso(at)) { (text) } }
}

/// Where a time of the day is asked for.
pub fn time_of_day(desk: &Desk, given: Option<String>) -> Markup {
    html! { label {
        (desk.pick("at ", "à "))
        input.clock name="at" value=[given] inputmode="numeric" maxlength="5"
            placeholder="18:00" pattern="([01]?[0-9]|2[0-3])[:h][0-5][0-9]"
            title=(desk.pick("a time of the day: 18:00", "une heure du jour\u{a0}: 18:00"));
    } }
}

/// How a source keeps to its rhythm, by a sign and a word.
pub fn pulse(desk: &Desk, pulse: Pulse) -> Markup {
    let (class, sign, word) = match pulse {
        Pulse::Fresh => ("fresh", "●", desk.pick("on time", "à l’heure")),
        Pulse::Late => ("stale", "▲", desk.pick("late", "en retard")),
        Pulse::Silent => ("stale", "○", desk.pick("nothing yet", "rien encore")),
        Pulse::Ended => ("soft", "■", desk.pick("ended", "terminée")),
        Pulse::Recorded => ("soft", "●", desk.pick("recorded", "enregistrée")),
    };
    html! { span.(class) { span aria-hidden="true" { (sign) } " " (word) } }
}

/// The way to the day before, and to the next one.
pub fn days(desk: &Desk, path: &str) -> Markup {
    let scene = desk.scene;
    let day = scene.period.day;
    let to = |day: Day| desk.links.page(&format!("{path}?day={day}"));
    let lang = desk.lang();
    let before = day.checked_sub_days(Days::new(1));
    let next = day.checked_add_days(Days::new(1)).filter(|_| !scene.is_today);
    html! {
        p.days {
            @if let Some(before) = before {
                a rel="prev" href=(to(before)) { "‹ " (lang.day_month(before)) }
            }
            strong { (lang.edition(day)) }
            @match next {
                Some(next) => a rel="next" href=(to(next)) { (lang.day_month(next)) " ›" },
                None => span.soft { (desk.pick("so far", "jusqu’ici")) },
            }
        }
    }
}

/// Where the data of a source are had, as a file.
pub fn csv(desk: &Desk, source: &str, table: &str, from: Day, to: Day) -> String {
    let source = escaped(source);
    desk.links.file(&format!("api/v1/{table}.csv?source={source}&from={from}&to={to}"))
}

/// The head of a column by which a list is ordered, or may be; `first` is the way of its first
/// order, `to` leads to another.
pub fn head(
    order: &Order,
    (by, word): (&str, &str),
    (is_number, first_is_down): (bool, bool),
    to: &dyn Fn(&Order) -> String,
) -> Markup {
    let is_own = order.by == by;
    let is_down = if is_own { !order.is_down } else { first_is_down };
    let (sorted, sign) = match (is_own, order.is_down) {
        (false, _) => (None, "↕"),
        (true, false) => (Some("ascending"), "▲"),
        (true, true) => (Some("descending"), "▼"),
    };
    html! {
        th scope="col" role="columnheader" class=[is_number.then_some("n")] aria-sort=[sorted] {
            a.order href=(to(&Order { by: by.into(), is_down })) {
                (word) " " span aria-hidden="true" { (sign) }
            }
        }
    }
}

/// The title of a field, with its unit.
pub fn titled(desk: &Desk, field: &FieldView) -> String {
    said_with_unit(desk.lang(), field)
}

/// The same in a language.
pub fn said_with_unit(lang: Lang, field: &FieldView) -> String {
    let title = lang.pick(&field.title.en, &field.title.fr);
    match shown_unit(&field.unit) {
        "" => title.clone(),
        unit => format!("{title}, {unit}"),
    }
}

/// Who the data are of, and on which terms.
pub fn terms(card: &SourceCard) -> Markup {
    html! { p.foot.source { span { (credit(card)) } } }
}

/// The same, for where more is said.
pub fn credit(card: &SourceCard) -> Markup {
    html! { (card.attribution) ", " (link(&card.licence, card.licence_url.as_deref())) }
}

/// `?name=value&…`
pub fn query(pairs: &[(&str, String)]) -> String {
    let pairs = pairs.iter().map(|(name, value)| format!("{name}={}", escaped(value)));
    format!("?{}", pairs.collect::<Vec<_>>().join("&"))
}

/// What stands in place of rows where there are none.
pub fn nothing(desk: &Desk) -> Markup {
    html! { p.sub { (desk.pick("There is nothing of this kind.", "Il n’y a rien de tel.")) } }
}

/// Ways to the other pages of a list.
pub fn pager(desk: &Desk, found: usize, page: usize, to: &dyn Fn(usize) -> String) -> Markup {
    let last = found.saturating_sub(1) / ROWS;
    let of = desk.lang().pick(
        format!("Page {} of {}", page + 1, last + 1),
        format!("Page {} sur {}", page + 1, last + 1),
    );
    html! {
        @if last > 0 {
            nav.pages aria-label=(desk.pick("Pages of the list", "Pages de la liste")) {
                @if page > 0 { a rel="prev" href=(to(page - 1)) { (desk.pick(
                    "‹ before",
                    "‹ avant",
                )) } }
                span.soft { (of) }
                @if page < last { a rel="next" href=(to(page + 1)) { (desk.pick(
                    "next ›",
                    "suite ›",
                )) } }
            }
        }
    }
}
