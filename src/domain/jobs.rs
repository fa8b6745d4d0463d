//! Job offers: what a field of one is called, in every source that has them, and how they stand
//! in a table. The columns, and their order, are those of `NormalizedJobOffer`, which collectors
//! of job offers in France are used to.

use super::source::{Field, Kind};

/// A field of the schema `job-offer`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Term {
    pub name: &'static str,
    pub is_number: bool,
    /// What it says, for people.
    pub says: &'static str,
}

const fn text(name: &'static str, says: &'static str) -> Term {
    Term { name, is_number: false, says }
}

const fn number(name: &'static str, says: &'static str) -> Term {
    Term { name, is_number: true, says }
}

/// All fields of the schema. Its `time` is when the offer was made, its `updated` when it was
/// changed last.
pub const TERMS: [Term; 31] = [
    text("title", "what the offer is called"),
    text("description", "its text"),
    text("company", "who employs"),
    text("place", "where, as the publisher writes it"),
    text("country", "in which country"),
    text("postcode", "its post code"),
    text("commune", "the code of the commune (INSEE)"),
    number("lat", "latitude, in degrees"),
    number("lon", "longitude, in degrees"),
    text("contract", "`CDI`, `CDD`, `MIS` (temporary work), `LIB` (free lance), ..."),
    text("contract_duration", "the contract in words, with its length"),
    text("working_time", "full or part time"),
    text("salary", "what is said of the salary, in words"),
    number("salary_min", "the least salary of a `salary_period`, as stated"),
    number("salary_max", "the most"),
    text("salary_currency", "`EUR`, `USD`, ..."),
    text("salary_period", "`year`, `month`, `week`, `day`, `hour`"),
    number("salary_year_min", "the least salary of a year, by the rule of `salary`"),
    number("salary_year_max", "the most"),
    text("experience", "what experience is wanted"),
    text("category", "the kind of work, as the publisher sorts it"),
    text("sector", "what the employer does"),
    text("skills", "what one must know, several joined by `; `"),
    text("languages", "which languages, several joined by `; `"),
    text("remote", "whether it may be done from elsewhere"),
    text("accessible", "whether it is open to disabled people"),
    text("rome", "the code of the profession (ROME)"),
    text("profession", "its name, by the publisher"),
    number("positions", "how many are wanted"),
    text("application_url", "where one applies"),
    text("source_url", "where the publisher shows it"),
];

/// What stands in a column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Column {
    Id,
    Source,
    /// When it was made, and when it was changed.
    Time,
    Updated,
    /// When it was asked for.
    Asked,
    Field(&'static str),
}

use Column::{Asked, Field as F, Id, Source, Time, Updated};

/// The columns of a table of job offers.
pub const COLUMNS: [(&str, Column); 28] = [
    ("id", Id),
    ("source", Source),
    ("title", F("title")),
    ("description", F("description")),
    ("company_name", F("company")),
    ("location_name", F("place")),
    ("latitude", F("lat")),
    ("longitude", F("lon")),
    ("date_created", Time),
    ("date_updated", Updated),
    ("contract_type", F("contract")),
    ("contract_duration", F("contract_duration")),
    ("working_hours", F("working_time")),
    ("salary_min", F("salary_min")),
    ("salary_max", F("salary_max")),
    ("salary_currency", F("salary_currency")),
    ("salary_period", F("salary_period")),
    ("experience_required", F("experience")),
    ("category", F("category")),
    ("sector", F("sector")),
    ("application_url", F("application_url")),
    ("source_url", F("source_url")),
    ("skills", F("skills")),
    ("remote_work", F("remote")),
    ("is_handicap_accessible", F("accessible")),
    ("code_rome", F("rome")),
    ("langues", F("languages")),
    ("date_extraction", Asked),
];

/// What is wrong with a field of a source of job offers; nothing where it is one of the schema's,
/// or none that is like one.
///
/// # Errors
///
/// What is declared, and what is needed.
pub fn judge(field: &Field) -> Result<(), String> {
    let is_number = matches!(field.kind, Kind::Number(_));
    if let Some(term) = TERMS.iter().find(|term| term.name == field.name) {
        let kind = |is_number| if is_number { "number" } else { "text" };
        return match term.is_number == is_number {
            true => Ok(()),
            false => Err(format!(
                "{} is a {} in a job offer, and declared as {}",
                field.name,
                kind(term.is_number),
                kind(is_number)
            )),
        };
    }
    let like = |term: &Term| strsim::normalized_levenshtein(term.name, &field.name);
    let near = TERMS.iter().max_by(|a, b| like(a).total_cmp(&like(b)));
    match near.filter(|term| like(term) >= 0.7) {
        Some(term) => {
            Err(format!("{} is no field of a job offer; is it {}?", field.name, term.name))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn columns_lead_to_terms_and_all_names_are_once() {
        let names: BTreeSet<&str> = TERMS.iter().map(|term| term.name).collect();
        assert_eq!(names.len(), TERMS.len());
        for (_, column) in COLUMNS {
            assert!(!matches!(column, F(name) if !names.contains(name)), "{column:?}");
        }
        let columns: BTreeSet<&str> = COLUMNS.iter().map(|(name, _)| *name).collect();
        assert_eq!(columns.len(), 28);
    }
}
