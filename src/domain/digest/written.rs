//! The written report: what it is for, each source in full, what the sources share, how figures
//! are made, which runs were missed.

mod common;
mod methods;
mod missed;
mod part;
mod sources;
mod study;

use super::facts::Facts;
use super::show::Show;
use crate::domain::report::Section;

/// What it is about: stands before the findings.
pub fn opening(facts: &Facts, show: &Show) -> Option<Section> {
    facts.study.as_ref().map(|told| study::section(told, facts, show))
}

/// How it was made: stands behind the findings and the data. The sources in full come last.
pub fn closing(facts: &Facts, show: &Show) -> Option<Vec<Section>> {
    facts.study.as_ref()?;
    let sections = [
        missed::section(facts, show),
        common::section(facts, show),
        Some(methods::section(facts, show)),
        Some(sources::section(facts, show)),
    ];
    Some(sections.into_iter().flatten().collect())
}
