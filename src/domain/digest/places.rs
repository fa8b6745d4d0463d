//! Records on a map by the place that they name: how many each place has, where they are in the
//! mean.

use super::classes::Classes;
use super::facts::{Facts, SourceFacts, clipped, place};
use super::maps;
use super::measure::{Grid, Measure};
use super::records::counted;
use super::show::Show;
use crate::domain::report::figure::Place;
use crate::domain::report::{Block, Caption};
use crate::domain::source::Figure;
use std::collections::BTreeMap;

/// The records of one place: how many, how many of them have coordinates, and the sum of these.
#[derive(Default)]
struct Here {
    count: u64,
    located: u64,
    /// Longitudes as places on a circle: east and west of the date line lie side by side.
    lon: (f64, f64),
    lat: f64,
}

/// Where the records are, by the texts of a field.
pub fn map(source: &SourceFacts, figure: &Figure, facts: &Facts, show: &Show) -> Option<Block> {
    let records = source.records(&facts.period);
    let mut places: BTreeMap<&str, Here> = BTreeMap::new();
    for record in &records {
        let Some(name) = record.text(&figure.field).filter(|name| !name.trim().is_empty()) else {
            continue;
        };
        let here = places.entry(name).or_default();
        here.count += 1;
        // At 0, 0 is what has no place.
        if let Some((lon, lat)) = place(*record).filter(|place| *place != (0.0, 0.0)) {
            here.located += 1;
            here.lon.0 += lon.to_radians().cos();
            here.lon.1 += lon.to_radians().sin();
            here.lat += lat;
        }
    }
    let named = [figure.field.as_str(), "lat", "lon"];
    let least = named.iter().map(|field| source.least(field)).max().unwrap_or(1);
    let mut shown: Vec<(&str, Here)> = places
        .into_iter()
        .filter(|(_, here)| here.count >= least && here.located >= least)
        .collect();
    shown.sort_by(|a, b| b.1.count.cmp(&a.1.count).then_with(|| a.0.cmp(b.0)));
    let scale = Classes::of_counts(shown.iter().map(|(_, here)| here.count as f64))?;
    let points: Vec<Place> = shown.iter().map(|(name, here)| point(name, here, &scale)).collect();
    let on_map: u64 = shown.iter().map(|(_, here)| here.count).sum();
    let title = show.own_title(figure).unwrap_or_else(|| {
        let of = counted(source, on_map, show);
        show.lang.pick(format!("{of} by place"), format!("{of} par lieu"))
    });
    let caption = Caption::new(title, said(source, (on_map, records.len()), least, show));
    let measure = Measure::new("", "", Grid::Declared(0));
    let all = points.len();
    maps::stations(caption, points, all, scale.key(&measure, show), show)
}

fn point(name: &str, here: &Here, scale: &Classes) -> Place {
    let (size, tone) = scale.mark(here.count as f64);
    let n = here.located.max(1) as f64;
    let label = Some(format!("{}, {}", clipped(name), here.count));
    let lon = here.lon.1.atan2(here.lon.0).to_degrees();
    Place { lon, lat: here.lat / n, size, tone, label, named: false }
}

/// `1,310 of 1,500 job offers; places with fewer than 3 are not drawn`.
fn said(source: &SourceFacts, (drawn, all): (u64, usize), least: u64, show: &Show) -> String {
    let of = counted(source, all as u64, show);
    let drawn = show.lang.integer(drawn);
    let few = match least {
        1 => String::new(),
        n => show.lang.pick(
            format!("; places with fewer than {n} are not drawn"),
            format!("\u{a0}; les lieux à moins de {n} ne sont pas dessinés"),
        ),
    };
    show.lang.pick(format!("{drawn} of {of}"), format!("{drawn} sur {of}")) + &few
}
