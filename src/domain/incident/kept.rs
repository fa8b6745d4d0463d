//! Incidents as they are kept between runs.

use super::{Incident, Incidents, KINDS, WAITING};
use crate::domain::document::Doc;

impl Incidents {
    pub fn doc(&self) -> Doc {
        Doc::Map(self.0.iter().map(|(key, one)| (key.clone().into(), one.doc())).collect())
    }

    /// What can be read of it; what cannot be costs one further mail.
    pub fn of(doc: &Doc) -> Incidents {
        let pairs = doc.pairs().iter();
        Incidents(
            pairs.filter_map(|(key, doc)| Some((key.to_string(), Incident::of(doc)?))).collect(),
        )
    }
}

impl Incident {
    fn doc(&self) -> Doc {
        Doc::map([
            ("since", Doc::Instant(self.since)),
            ("last", Doc::Instant(self.last)),
            ("times", Doc::Int(self.times.into())),
            ("told", Doc::option(self.told, Doc::Instant)),
            ("well", Doc::option(self.well, Doc::Instant)),
            ("again", Doc::Int(self.again.into())),
            ("text", Doc::text(&*self.text)),
            ("cause", Doc::option(self.cause.as_deref(), Doc::text)),
            ("under", Doc::option(self.under.as_deref(), Doc::text)),
            ("back", Doc::option(self.back, Doc::Instant)),
            ("named", Doc::text(&*self.named)),
            ("told_cause", Doc::option(self.told_cause.as_deref(), Doc::text)),
            ("kinds", list(&self.kinds)),
            ("waiting", list(&self.waiting)),
        ])
    }

    fn of(doc: &Doc) -> Option<Incident> {
        let text = |key: &str| doc.get(key).as_text().ok().map(str::to_string);
        let small = |key: &str| doc.get(key).as_count().unwrap_or(0).try_into().unwrap_or(u32::MAX);
        Some(Incident {
            since: doc.get("since").as_instant().ok()?,
            last: doc.get("last").as_instant().ok()?,
            times: small("times"),
            told: doc.get("told").as_instant().ok(),
            well: doc.get("well").as_instant().ok(),
            again: small("again"),
            text: text("text")?,
            cause: text("cause"),
            under: text("under"),
            back: doc.get("back").as_instant().ok(),
            named: text("named").unwrap_or_default(),
            // Who kept none has told of the cause that it had.
            told_cause: match doc.get("named") {
                Doc::Null => text("cause"),
                _ => text("told_cause"),
            },
            kinds: texts(doc.get("kinds"), KINDS),
            waiting: texts(doc.get("waiting"), WAITING),
        })
    }
}

fn list(texts: &[String]) -> Doc {
    Doc::List(texts.iter().map(|text| Doc::text(&**text)).collect())
}

fn texts(doc: &Doc, most: usize) -> Vec<String> {
    let Doc::List(list) = doc else { return Vec::new() };
    let texts = list.iter().filter_map(|text| text.as_text().ok());
    texts.take(most).map(str::to_string).collect()
}
