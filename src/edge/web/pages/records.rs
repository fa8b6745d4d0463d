//! Records: those of a source on a day, found and ordered; one of them with its versions.

use crate::domain::digest::columns;
use crate::domain::record::{Record, Scalar};
use crate::domain::screen::{FieldView, ListAsk, ListTold, Order, RecordTold, SourceView};
use crate::domain::source::Shown;
use crate::edge::web::desk::{Desk, link};
use crate::edge::web::links::{escaped, outside};
use crate::edge::web::parts::{days, head, nothing, pager, query, terms, titled, when};
use maud::{Markup, html};

/// Sources of records, each with a way to them.
pub fn sources(desk: &Desk) -> Markup {
    let own = |source: &&SourceView| !source.has_series;
    let sources: Vec<&SourceView> = desk.scene.sources.iter().filter(own).collect();
    html! {
        div.lead #lead data-live="lead" {
            h1 { (desk.pick("Records", "Relevés")) }
            p.standfirst { (desk.pick(
                "What happened or was published, one by one: earthquakes, rates, stations.",
                "Ce qui est arrivé ou a été publié, un par un\u{a0}: séismes, cours, stations.",
            )) }
        }
        section.block {
            ul.onward {
                @for source in sources { li {
                    @if source.shown == Shown::Each {
                        a href=(desk.to("records", &source.name)) { (desk.said(&source.title)) }
                    } @else {
                        (desk.said(&source.title)) " " span.soft { (desk.pick(
                            "(its terms keep records from being shown)",
                            "(ses conditions n’en laissent pas montrer les fiches)",
                        )) }
                    }
                } }
            }
        }
    }
}

/// What the page shows.
pub struct Told<'a> {
    pub source: &'a SourceView,
    pub ask: &'a ListAsk,
    pub list: &'a ListTold<Record>,
    pub record: Option<RecordTold>,
}

impl Told<'_> {
    fn address(&self, desk: &Desk, order: &Order, page: usize) -> String {
        let mut pairs = vec![("sort", order.to_string())];
        pairs.extend(self.ask.day.map(|day| ("day", day.to_string())));
        pairs.extend(Some(("q", self.ask.words.clone())).filter(|(_, words)| !words.is_empty()));
        pairs.extend(Some(("page", page.to_string())).filter(|_| page > 0));
        desk.links.page(&format!("records/{}{}", escaped(&self.source.name), query(&pairs)))
    }

    /// The fields that a table of many records shows: as many as there is room for.
    fn columns(&self, desk: &Desk) -> Vec<Column> {
        const COLUMNS: usize = 6;
        let has = |name: &str| {
            self.list.rows.iter().any(|record| record.values.iter().any(|(known, _)| known == name))
        };
        let fields = self.source.fields.iter().filter(|field| has(&field.name));
        let named = fields.filter(|field| !matches!(field.name.as_str(), "lat" | "lon"));
        let column = |field: &FieldView| Column {
            name: field.name.clone(),
            head: titled(desk, field),
            form: (!field.is_text).then(|| self.form(&field.name)),
        };
        named.map(column).take(COLUMNS).collect()
    }

    /// The decimals of the numbers of a column, by those on the page.
    fn form(&self, name: &str) -> Form {
        let numbers = self.list.rows.iter().filter_map(|record| record.number(name));
        Box::new(columns(&numbers.collect::<Vec<_>>(), &[]).0)
    }
}

/// The decimals of a number.
type Form = Box<dyn Fn(f64) -> usize>;

/// A field of a table.
struct Column {
    name: String,
    head: String,
    /// Of numbers.
    form: Option<Form>,
}

pub fn body(desk: &Desk, told: &Told) -> Markup {
    let title = desk.said(&told.source.title);
    let all = desk.lang().count(
        told.list.all as u64,
        desk.pick("record", "relevé"),
        desk.pick("records", "relevés"),
    );
    html! {
        div.lead #lead data-live="lead" {
            h1 { (title) }
            p.standfirst { (all) }
            (days(desk, &format!("records/{}", escaped(&told.source.name))))
        }
        @if let Some(record) = &told.record { (one(desk, told, record)) }
        section.block #list data-live="list" {
            h2 { (desk.pick("All of the day", "Tous ceux du jour")) }
            (find(desk, told))
            (table(desk, told))
            (pager(desk, told.list.found, told.ask.page, &|page| {
                told.address(desk, &told.list.order, page)
            }))
            (terms(told.source.card.get(desk.lang())))
        }
    }
}

fn find(desk: &Desk, told: &Told) -> Markup {
    html! {
        form.find role="search" action=(desk.to("records", &told.source.name)) {
            @if let Some(day) = told.ask.day { input type="hidden" name="day" value=(day); }
            input type="hidden" name="sort" value=(told.list.order);
            label { (desk.pick(
                "Words ",
                "Mots ",
            )) input type="search" name="q" value=(told.ask.words) maxlength="80"; }
            button type="submit" { (desk.pick("Find", "Chercher")) }
            span.soft role="status" { (desk.lang().integer(told.list.found as u64)) }
        }
    }
}

fn table(desk: &Desk, told: &Told) -> Markup {
    let columns = told.columns(desk);
    let order = &told.list.order;
    let to = |order: &Order| told.address(desk, order, 0);
    // What has no time is called by its id.
    let first = match told.list.rows.iter().any(|record| record.time.is_some()) {
        true => desk.pick("Time", "Heure"),
        false => desk.pick("Record", "Relevé"),
    };
    html! {
        div.scroll tabindex="0" role="region" aria-label=(desk.pick("Records", "Relevés")) {
            table.list.stack role="table" {
                thead role="rowgroup" { tr role="row" {
                    (head(order, ("time", first), (false, false), &to))
                    @for Column { name, head: word, form } in &columns {
                        @let is_number = form.is_some();
                        (head(order, (name, word), (is_number, is_number), &to))
                    }
                } }
                tbody role="rowgroup" { @for record in &told.list.rows { tr role="row" {
                    th scope="row" role="rowheader" {
                        @let list = told.address(desk, order, told.ask.page);
                        a href=(list + "&id=" + &escaped(&record.id)) { @match record.time {
                            Some(at) => (when(desk, at)),
                            None => (record.id),
                        } }
                    }
                    @for Column { name, head, form } in &columns {
                        td role="cell" class=[form.is_some().then_some("n")] data-label=(head) {
                            (value(desk, record, name, form.as_ref()))
                        }
                    }
                } } }
            }
            @if told.list.rows.is_empty() { (nothing(desk)) }
        }
    }
}

fn value(desk: &Desk, record: &Record, name: &str, form: Option<&Form>) -> Markup {
    let found = record.values.iter().find(|(known, _)| known == name).map(|(_, value)| value);
    match (found, form) {
        (None, _) => html! { "—" },
        (Some(Scalar::Number(number)), Some(form)) => {
            html! { (desk.lang().number(*number, form(*number))) }
        }
        (Some(value), _) => scalar(desk, value),
    }
}

fn scalar(desk: &Desk, value: &Scalar) -> Markup {
    match value {
        Scalar::Number(number) => {
            html! { (desk.lang().number(*number, columns(&[*number], &[]).0(*number))) }
        }
        Scalar::Text(text) => match outside(text) {
            Some(url) => link(text, Some(url)),
            None => html! { (text) },
        },
    }
}

/// One record and its versions.
fn one(desk: &Desk, told: &Told, of: &RecordTold) -> Markup {
    let Some(record) = &of.record else { return html! {} };
    let title = |name: &str| {
        let field = told.source.fields.iter().find(|field| field.name == name);
        field.map_or(name.to_string(), |field| titled(desk, field))
    };
    let n = of.versions.len() as u64;
    html! {
        section.block #record data-live="record" {
            h2 { (desk.pick("One record, and its versions", "Un relevé, et ses versions")) }
            dl.facts.wide-facts {
                div { dt { (desk.pick("Identity", "Identité")) } dd { code { (record.id) } } }
                @if let Some(at) = record.time { div { dt { (desk.pick(
                    "Time",
                    "Heure",
                )) } dd { (when(desk, at)) } } }
                @for (name, value) in &record.values {
                    div { dt { (title(name)) } dd { (scalar(desk, value)) } }
                }
                div { dt { (desk.pick(
                    "First seen",
                    "Vu d’abord",
                )) } dd { (when(desk, record.first_seen)) } }
                div { dt { (desk.pick(
                    "Last seen",
                    "Vu en dernier",
                )) } dd { (when(desk, record.last_seen)) } }
            }
            p.sub { (desk.lang().count(n, desk.pick(
                "version",
                "version",
            ), desk.pick("versions", "versions"))) }
            @if n > 1 { (versions(desk, of)) }
        }
    }
}

/// What changed from one version to the next.
fn versions(desk: &Desk, of: &RecordTold) -> Markup {
    let changed = |place: usize| {
        let (own, earlier) = (&of.versions[place], of.versions.get(place + 1));
        let known = |name: &str| earlier.and_then(|e| e.values.iter().find(|(n, _)| n == name));
        let new = own
            .values
            .iter()
            .filter(move |(name, value)| known(name).map(|(_, v)| v) != Some(value));
        new.collect::<Vec<_>>()
    };
    html! {
        div.scroll tabindex="0" role="region" aria-label=(desk.pick("Versions", "Versions")) {
            table.list {
                thead { tr {
                    th scope="col" { (desk.pick("Seen", "Vu")) }
                    th scope="col" { (desk.pick("Updated", "Mis à jour")) }
                    th scope="col" { (desk.pick("What changed", "Ce qui a changé")) }
                } }
                tbody { @for (place, version) in of.versions.iter().enumerate() { tr {
                    th scope="row" { (when(desk, version.first_seen)) }
                    td { @match version.version.updated {
                        Some(at) => (when(desk, at)),
                        None => "—",
                    } }
                    td { @for (at, (name, value)) in changed(place).into_iter().enumerate() {
                        @if at > 0 { ", " } (name) " " (scalar(desk, value))
                    } }
                } } }
            }
        }
    }
}
