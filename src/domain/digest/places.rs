//! Records on a map by the place that they name: how many each place has, where they are in the
//! mean.

use super::facts::{Facts, SourceFacts, clipped, place};
use super::maps;
use super::records::counted;
use super::show::Show;
use crate::domain::report::figure::{MapKey, Place};
use crate::domain::report::{Block, Caption, Tone};
use crate::domain::source::Figure;
use std::collections::BTreeMap;

/// Sizes that a mark may have.
const SIZES: u8 = 5;

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
    let nowhere = places.values().map(|here| here.count - here.located).sum();
    let named = [figure.field.as_str(), "lat", "lon"];
    let least = named.iter().map(|field| source.least(field)).max().unwrap_or(1);
    let mut shown: Vec<(&str, Here)> = places
        .into_iter()
        .filter(|(_, here)| here.count >= least && here.located >= least)
        .collect();
    shown.sort_by(|a, b| b.1.count.cmp(&a.1.count).then_with(|| a.0.cmp(b.0)));
    let most = shown.iter().map(|(_, here)| here.count).max()?;
    let points: Vec<Place> = shown.iter().map(|(name, here)| point(name, here, most)).collect();
    let counts: BTreeMap<(u64, u64), u64> =
        points.iter().zip(&shown).map(|(place, (_, here))| (spot(place), here.count)).collect();
    let (drawn, far) = maps::without_strays(points);
    let on_map: u64 = drawn.iter().filter_map(|place| counts.get(&spot(place))).sum();
    let title = show.own_title(figure).unwrap_or_else(|| {
        let of = counted(source, on_map, show);
        show.lang.pick(format!("{of} by place"), format!("{of} par lieu"))
    });
    let told = (on_map, records.len() as u64, far as u64, nowhere);
    let caption = Caption::new(title, said(source, told, least, show));
    maps::block(caption, drawn, key(most, show), show)
}

/// Where a place is drawn.
fn spot(place: &Place) -> (u64, u64) {
    (place.lon.to_bits(), place.lat.to_bits())
}

/// Sizes of marks: their areas are as the counts, from none to the most.
fn size(count: u64, most: u64) -> u8 {
    (f64::from(SIZES) * (count as f64 / most.max(1) as f64).sqrt()).ceil() as u8
}

/// The most that a mark of each size stands for.
fn key(most: u64, show: &Show) -> Vec<MapKey> {
    let ends: Vec<u64> = (0..=SIZES)
        .map(|size| {
            let part = f64::from(size) / f64::from(SIZES);
            (most as f64 * part * part + 1e-9).floor() as u64
        })
        .collect();
    let label = |(from, to): (u64, u64)| match from + 1 == to {
        true => show.lang.integer(to),
        false => format!("{}–{}", show.lang.integer(from + 1), show.lang.integer(to)),
    };
    let pairs = ends.windows(2).zip(1..).filter(|(pair, _)| pair[0] < pair[1]);
    let entry = |(pair, size): (&[u64], u8)| MapKey {
        size,
        tone: Tone::Main,
        label: label((pair[0], pair[1])),
    };
    pairs.map(entry).collect()
}

fn point(name: &str, here: &Here, most: u64) -> Place {
    let n = here.located.max(1) as f64;
    let label = Some(format!("{}, {}", clipped(name), here.count));
    let lon = here.lon.1.atan2(here.lon.0).to_degrees();
    let size = size(here.count, most);
    let told = label.clone().unwrap_or_default();
    let (tone, named, key) = (Tone::Main, false, String::new());
    Place { lon, lat: here.lat / n, size, tone, label, named, key, told }
}

/// `1,310 of 1,500 job offers; places with fewer than 3 are not drawn`.
fn said(
    source: &SourceFacts,
    (drawn, all, far, nowhere): (u64, u64, u64, u64),
    least: u64,
    show: &Show,
) -> String {
    let of = counted(source, all, show);
    let drawn = show.lang.integer(drawn);
    let mut said = show.lang.pick(format!("{drawn} of {of}"), format!("{drawn} sur {of}"));
    if least > 1 {
        said += &show.lang.pick(
            format!("; places with fewer than {least} are not drawn"),
            format!("\u{a0}; lieux de moins de {least} non dessinés"),
        );
    }
    if nowhere > 0 {
        let n = show.lang.integer(nowhere);
        said += &show
            .lang
            .pick(format!("; {n} without coordinates"), format!("\u{a0}; {n} sans coordonnées"));
    }
    if far > 0 {
        let (one, many) = show.lang.pick(("place", "places"), ("lieu", "lieux"));
        let n = show.lang.count(far, one, many);
        let drawn = show.lang.plural(far, "dessiné", "dessinés");
        said += &show
            .lang
            .pick(format!("; {n} far off not drawn"), format!("\u{a0}; {n} à l’écart non {drawn}"));
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::format::Lang;

    #[test]
    fn marks_are_as_large_as_their_key_says() {
        for most in [1, 2, 3, 7, 100, 263, 12_345] {
            let key = key(most, &Show::plain(Lang::En));
            let told: Vec<(u8, u64)> = key
                .iter()
                .map(|entry| {
                    let end = entry.label.rsplit('–').next().unwrap_or_default().replace(',', "");
                    (entry.size, end.parse().unwrap_or(0))
                })
                .collect();
            assert_eq!(told.last().map(|(_, end)| *end), Some(most));
            for count in 1..=most.min(400) {
                let entry = told.iter().find(|(_, end)| count <= *end).map(|(size, _)| *size);
                assert_eq!(entry, Some(size(count, most)), "{count} of {most}");
            }
        }
    }
}
