//! The sources of a report, with their licences: they travel with every output.

use super::facts::{Facts, SourceFacts};
use super::show::Show;
use super::{former, quality};
use crate::domain::report::quality::SourceCard;
use crate::domain::report::{Block, Caption, Section};
use crate::domain::source::{About, Access, Reuse, Share, Token};

/// The last section: where the data comes from.
pub fn section(facts: &Facts, show: &Show) -> Section {
    let cards = facts.sources.iter().map(|source| card(source, show)).collect();
    let name = show.pick("Sources and licences", "Sources et licences");
    Section {
        id: "sources".into(),
        name: name.into(),
        title: String::new(),
        blocks: vec![Block::Sources(Caption::default(), cards)],
        run_on: true,
        ..Section::default()
    }
}

/// The card of a source among those of a period.
pub fn card_of(source: &SourceFacts, facts: &Facts) -> SourceCard {
    card(source, &Show::of(facts))
}

fn card(source: &SourceFacts, show: &Show) -> SourceCard {
    let about = &source.source.about;
    SourceCard {
        name: show.title(&source.source).into(),
        homepage: about.homepage.clone(),
        content: about.content.clone(),
        licence: licence(about, show),
        licence_url: Some(about.licence.url.clone()),
        period: show.lang.every(about.period.as_secs()),
        access: access(source, show),
        attribution: about.attribution.clone(),
        state: last(source, show),
    }
}

/// Under which terms it is had: `Licence of Etalab 2.0 (free re-use)`.
pub fn licence(about: &About, show: &Show) -> String {
    let share = match about.share {
        Share::All => "",
        Share::Aggregates => {
            show.pick(", records are not passed on", ", fiches non transmissibles")
        }
        Share::None => {
            show.pick(", nothing is shown or passed on", ", rien n’est montré ni transmis")
        }
    };
    format!("{} ({}{share})", about.licence.name, reuse(about.licence.reuse, show))
}

/// That a source is collected, and that its terms let nothing of it be shown.
pub fn withheld<'a>(source: &SourceFacts, show: &Show) -> Option<&'a str> {
    let said = show.lang.pick(
        "Collected and kept: its terms let no figure of it be shown",
        "Collectée et gardée\u{a0}: ses conditions n’en laissent montrer aucun chiffre",
    );
    source.is_withheld().then_some(said)
}

/// Whether the data may be used again.
pub fn reuse(reuse: Reuse, show: &Show) -> &str {
    match reuse {
        Reuse::Free => show.pick("free re-use", "réutilisation libre"),
        Reuse::Conditions => show.pick("re-use under conditions", "réutilisation sous conditions"),
        Reuse::Forbidden => show.pick("no re-use", "réutilisation interdite"),
        Reuse::Unknown => show.pick("re-use unknown", "réutilisation inconnue"),
    }
}

/// How people have it, and whether they need a key.
pub fn access(source: &SourceFacts, show: &Show) -> String {
    let way = match source.source.about.access {
        Access::Api => "API",
        Access::Download => show.pick("download", "téléchargement"),
        Access::Scrape => show.pick("web page", "page web"),
        Access::Database => show.pick("database", "base de données"),
        Access::File => show.pick("file", "fichier"),
    };
    let token = match source.source.about.token {
        Token::None => show.pick("no key", "sans clé"),
        Token::Optional => show.pick("key optional", "clé facultative"),
        Token::Required => show.pick("key required", "clé requise"),
    };
    format!("{way}, {token}")
}

/// When the last answer of the period came, and of which days it is.
pub fn last(source: &SourceFacts, show: &Show) -> String {
    let last = source.snapshots().last().map(|id| show.at(id.instant()));
    let recorded = quality::recorded_days(source, show).map(|days| format!(" · {days}"));
    let text: String = match last {
        None => show.pick("no answer in the period", "aucune réponse dans la période").into(),
        Some(at) => show.lang.pick(
            format!("last answer of the period {at}"),
            format!("dernière réponse de la période {at}"),
        ),
    };
    let gone = former::gone(source, show).map(|gone| format!(" · {gone}"));
    text + &recorded.unwrap_or_default() + &gone.unwrap_or_default()
}
