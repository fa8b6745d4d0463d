//! Maps of places by value: the world or a town, towns far apart one by one.

use super::show::Show;
use crate::domain::report::figure::{Extent, Map, MapKey, Place};
use crate::domain::report::{Block, Caption, Column};

/// A local map shows less than this many degrees.
const LOCAL_DEGREES: f64 = 6.0;

/// A part of the world is less wide and less tall than this, in degrees.
const WIDE_DEGREES: f64 = 100.0;
const TALL_DEGREES: f64 = 50.0;

/// One of so many stations may be far off by mistake: so many times farther than all others.
const STRAYS: usize = 10;
const FAR: f64 = 4.0;

/// Towns with more empty land between them than this share of the whole get maps of their own, if
/// it is so many times as wide as is usual between neighbours: on a grid no gap is.
const GAP: f64 = 0.3;
const WIDE: f64 = 3.0;

/// At most so many maps stand side by side.
const MAPS: usize = 3;

/// A map of its own takes at least so many places.
const PLACES: usize = 5;

/// Names on a map, where there is room, beside those that words name; few places have all theirs.
const LABELS: usize = 6;
const LABELLED: usize = 15;

/// Fewer places are told better in words, or in a table.
const LEAST: usize = 3;

/// The mean radius of the earth.
const EARTH_KM: f64 = 6371.0;

/// A map of stations: those without a place, and those that cannot be where they say, are left out
/// and told. `all` is how many there are.
pub fn stations(
    mut caption: Caption,
    points: Vec<Place>,
    all: usize,
    key: Vec<MapKey>,
    show: &Show,
) -> Option<Block> {
    let (points, far) = without_strays(points);
    let nowhere = (all - (points.len() + far).min(all)) as u64;
    let lang = show.lang;
    let (place, places) = lang.pick(("place", "places"), ("lieu", "lieux"));
    let mut told = |n: u64, en: &str, fr: (&str, &str)| {
        if n > 0 {
            let (what, fr) = (lang.count(n, place, places), lang.plural(n, fr.0, fr.1));
            let words =
                lang.pick(format!("; {what} {en} not drawn"), format!("\u{a0}; {what} {fr}"));
            caption.subtitle += &words;
        }
    };
    let far_fr = ("éloigné n’est pas tracé", "éloignés ne sont pas tracés");
    let nowhere_fr = ("sans coordonnées n’est pas tracé", "sans coordonnées ne sont pas tracés");
    told(far as u64, "far off", far_fr);
    told(nowhere, "without coordinates", nowhere_fr);
    block(caption, points, key, show)
}

/// What has a place, but for a few that lie many times farther off than all others: a mistake that
/// would make a town a world. At 0, 0 is what has none.
pub fn without_strays(points: Vec<Place>) -> (Vec<Place>, usize) {
    let nowhere = |p: &Place| p.lon == 0.0 && p.lat == 0.0;
    let mut kept: Vec<Place> = points.into_iter().filter(|p| !nowhere(p)).collect();
    let from = middle(&kept);
    let far = |place: &Place| {
        let east = turn(place.lon - from.0) * from.1.to_radians().cos();
        east.hypot(place.lat - from.1)
    };
    let mut away: Vec<f64> = kept.iter().map(far).collect();
    away.sort_by(f64::total_cmp);
    let few = (away.len() / STRAYS).max(usize::from(away.len() > PLACES));
    let cut = (away.len().saturating_sub(few)..away.len()).find(|k| {
        let reach = k.checked_sub(1).map_or(0.0, |last| away[last]);
        reach > 0.0 && away[*k] > FAR * reach
    });
    let before = kept.len();
    if let Some(cut) = cut {
        let reach = away[cut - 1];
        kept.retain(|place| far(place) <= reach);
    }
    let strays = before - kept.len();
    (kept, strays)
}

/// The median of the longitudes and that of the latitudes.
fn middle(points: &[Place]) -> (f64, f64) {
    let median = |of: Coordinate| {
        let mut values: Vec<f64> = points.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or_default()
    };
    (median(|p| p.lon), median(|p| p.lat))
}

/// A map of places, weightiest first; or, where they lie in towns far apart, a map of each.
pub fn block(
    caption: Caption,
    mut points: Vec<Place>,
    key: Vec<MapKey>,
    show: &Show,
) -> Option<Block> {
    if points.len() < LEAST {
        return None;
    }
    run_on(&mut points);
    let extent = extent(&points);
    if extent != Extent::Local {
        return Some(Block::Map(Map { caption, extent, points: labelled(points), key }));
    }
    let mut towns = towns(points);
    towns.sort_by_key(|town| std::cmp::Reverse(town.len()));
    let main = centre(&towns[0]);
    let captions = towns.iter().enumerate().map(|(rank, town)| match rank {
        0 if towns.len() == 1 => caption.clone(),
        0 => {
            Caption { subtitle: main_words(&caption.subtitle, town.len(), show), ..caption.clone() }
        }
        _ => Caption::new(away(main, centre(town), show), more_words(town.len(), show)),
    });
    let captions: Vec<Caption> = captions.collect();
    let maps = captions.into_iter().zip(towns).map(|(caption, points)| {
        Block::Map(Map { caption, extent, points: labelled(points), key: key.clone() })
    });
    let mut maps: Vec<Block> = maps.collect();
    if maps.len() == 1 {
        return maps.pop();
    }
    let span = (12 / maps.len()) as u8;
    Some(Block::Columns(maps.into_iter().map(|map| Column::new(span, [map])).collect()))
}

/// Only the weightiest places keep their names, and those that words name.
fn labelled(mut points: Vec<Place>) -> Vec<Place> {
    let most = if points.len() <= LABELLED { LABELLED } else { LABELS };
    let others = points.iter_mut().skip(most).filter(|place| !place.named);
    others.for_each(|place| place.label = None);
    points
}

fn main_words(subtitle: &str, n: usize, show: &Show) -> String {
    let n = n as u64;
    let n =
        show.lang.pick(show.lang.count(n, "place", "places"), show.lang.count(n, "lieu", "lieux"));
    format!("{subtitle}, {n}")
}

fn more_words(n: usize, show: &Show) -> String {
    let (one, many) = show.lang.pick(("more place", "more places"), ("autre lieu", "autres lieux"));
    show.lang.count(n as u64, one, many)
}

/// How far off a town is, and which way: `62 km to the south-east`.
fn away(main: (f64, f64), other: (f64, f64), show: &Show) -> String {
    let (east, north) = ((other.0 - main.0) * main.1.to_radians().cos(), other.1 - main.1);
    let km = show.lang.quantity(great_circle(main, other), 0, "km");
    let names = show.lang.pick(
        ["east", "north-east", "north", "north-west", "west", "south-west", "south", "south-east"],
        ["l’est", "nord-est", "nord", "nord-ouest", "l’ouest", "sud-ouest", "sud", "sud-est"],
    );
    let eighth = (north.atan2(east).to_degrees() / 45.0).round().rem_euclid(8.0) as usize;
    let way = names[eighth.min(7)];
    let to = if way.starts_with("l’") { "à" } else { "au" };
    show.lang.pick(format!("{km} to the {way}"), format!("{km} {to} {way}"))
}

/// Kilometres between two places, by the haversine formula.
fn great_circle(a: (f64, f64), b: (f64, f64)) -> f64 {
    let half = |degrees: f64| (degrees.to_radians() / 2.0).sin().powi(2);
    let across = a.1.to_radians().cos() * b.1.to_radians().cos() * half(b.0 - a.0);
    2.0 * EARTH_KM * (half(b.1 - a.1) + across).sqrt().min(1.0).asin()
}

/// Longitudes that run on across the date line, from the east of the widest gap.
fn run_on(points: &mut [Place]) {
    let mut lons: Vec<f64> = points.iter().map(|p| p.lon.rem_euclid(360.0)).collect();
    lons.sort_by(f64::total_cmp);
    let Some((first, last)) = lons.first().zip(lons.last()) else { return };
    let ends = lons.windows(2).map(|pair| (pair[1] - pair[0], pair[1]));
    let ends = ends.chain([(first + 360.0 - last, *first)]);
    let from = ends.max_by(|a, b| a.0.total_cmp(&b.0)).map_or(*first, |(_, from)| from);
    // Whole turns only are added: a difference would make of the first place one behind the last.
    let east = |p: &Place| if p.lon.rem_euclid(360.0) < from { 360.0 } else { 0.0 };
    let turns = if from >= 180.0 { 360.0 } else { 0.0 };
    points.iter_mut().for_each(|p| p.lon = p.lon.rem_euclid(360.0) + east(p) - turns);
}

fn centre(points: &[Place]) -> (f64, f64) {
    let n = points.len().max(1) as f64;
    let sum = |of: Coordinate| points.iter().map(of).sum::<f64>();
    (sum(|p| p.lon) / n, sum(|p| p.lat) / n)
}

/// Parts places where there is most empty land between them, again and again.
fn towns(points: Vec<Place>) -> Vec<Vec<Place>> {
    let scale = centre(&points).1.to_radians().cos();
    let width = (spread(&points, |p| p.lon) * scale).max(spread(&points, |p| p.lat));
    let mut towns = vec![points];
    while towns.len() < MAPS {
        let cuts = towns.iter().enumerate();
        let cuts = cuts.filter_map(|(at, town)| Some((at, cut(town, scale)?)));
        let wide = cuts.filter(|(_, cut)| cut.gap > GAP * width);
        let Some((at, cut)) = wide.max_by(|a, b| a.1.gap.total_cmp(&b.1.gap)) else { break };
        let town = towns.swap_remove(at);
        let (before, after) = town.into_iter().partition(|place| cut.is_before(place));
        towns.extend([before, after]);
    }
    towns
}

/// Degrees brought between -180 and 180.
fn turn(degrees: f64) -> f64 {
    (degrees + 180.0).rem_euclid(360.0) - 180.0
}

fn spread(points: &[Place], of: Coordinate) -> f64 {
    let ends = (f64::INFINITY, f64::NEG_INFINITY);
    let (low, high) = points.iter().map(of).fold(ends, |(a, b), x| (a.min(x), b.max(x)));
    high - low
}

/// Longitude or latitude.
type Coordinate = fn(&Place) -> f64;

/// A line between places, across the widest gap.
struct Cut {
    of: Coordinate,
    at: f64,
    /// Empty land across it, in degrees of latitude.
    gap: f64,
}

impl Cut {
    fn is_before(&self, place: &Place) -> bool {
        (self.of)(place) < self.at
    }
}

/// The line across the widest gap that has places enough on both sides.
fn cut(points: &[Place], scale: f64) -> Option<Cut> {
    let axes: [(Coordinate, f64); 2] = [(|p| p.lon, scale), (|p| p.lat, 1.0)];
    let gaps = axes.into_iter().flat_map(|(of, scale)| {
        let mut values: Vec<f64> = points.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        let usual = usual_gap(&values);
        let middle = PLACES..(values.len() + 1).saturating_sub(PLACES);
        middle.filter_map(move |k| {
            let (low, high) = (values[k - 1], values[k]);
            let cut = Cut { of, at: f64::midpoint(low, high), gap: (high - low) * scale };
            (high - low > WIDE * usual).then_some(cut)
        })
    });
    gaps.max_by(|a, b| a.gap.total_cmp(&b.gap))
}

/// The median distance of neighbours among sorted values that differ.
fn usual_gap(values: &[f64]) -> f64 {
    let gaps = values.windows(2).map(|pair| pair[1] - pair[0]);
    let mut gaps: Vec<f64> = gaps.filter(|gap| *gap > 1e-9).collect();
    gaps.sort_by(f64::total_cmp);
    gaps.get(gaps.len() / 2).copied().unwrap_or_default()
}

/// A town, a part of the world, or all of it.
fn extent(points: &[Place]) -> Extent {
    let (wide, tall) = (around(points), spread(points, |p| p.lat));
    match wide.max(tall) {
        degrees if degrees < LOCAL_DEGREES => Extent::Local,
        _ if wide < WIDE_DEGREES && tall < TALL_DEGREES => Extent::Region,
        _ => Extent::World,
    }
}

/// How many degrees of longitude hold all places: the circle without its widest gap.
fn around(points: &[Place]) -> f64 {
    let mut lons: Vec<f64> = points.iter().map(|p| p.lon.rem_euclid(360.0)).collect();
    lons.sort_by(f64::total_cmp);
    let Some((first, last)) = lons.first().zip(lons.last()) else { return 0.0 };
    let over = first + 360.0 - last;
    let gap = lons.windows(2).map(|pair| pair[1] - pair[0]).fold(over, f64::max);
    360.0 - gap
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::format::Lang;

    fn town(lon: f64, lat: f64, n: usize) -> Vec<Place> {
        let place = |k: usize| Place {
            lon: lon + (k % 5) as f64 * 0.01,
            lat: lat + (k / 5) as f64 * 0.01,
            ..Place::default()
        };
        (0..n).map(place).collect()
    }

    fn sizes(towns_of: &[Vec<Place>]) -> Vec<usize> {
        let mut sizes: Vec<usize> =
            towns(towns_of.concat()).iter().map(|town| town.len()).collect();
        sizes.sort_unstable();
        sizes
    }

    #[test]
    fn towns_far_apart_are_parted() {
        let (near, far) = (town(-122.4, 37.7, 60), town(-121.9, 37.3, 20));
        assert_eq!(sizes(&[near.clone(), far.clone()]), [20, 60]);
        assert_eq!(sizes(&[near.clone(), far, town(-122.9, 37.3, 9)]), [9, 20, 60]);
        // A few strays make no town, and one place has nothing to part.
        assert_eq!(sizes(&[near, town(-121.9, 37.3, 3)]), [63]);
        assert_eq!(sizes(&[town(2.35, 48.86, 1)]), [1]);
        assert_eq!(sizes(&[vec![Place::default(); 30]]), [30]);
    }

    #[test]
    fn a_few_that_are_nowhere_make_no_town_a_world() {
        let at = |lon, lat| Place { lon, lat, ..Place::default() };
        let kept = |more: Vec<Place>| {
            let (kept, strays) = without_strays([town(2.35, 48.86, 30), more].concat());
            (kept.len(), strays, extent(&kept))
        };
        assert_eq!(kept(vec![at(0.0, 0.0)]), (30, 0, Extent::Local));
        // Longitude and latitude changed over.
        assert_eq!(kept(vec![at(48.86, 2.35)]), (30, 1, Extent::Local));
        assert_eq!(kept(town(-74.0, 40.7, 30)), (60, 0, Extent::Region));
        assert_eq!(without_strays(vec![at(0.0, 0.0), at(9.9, 48.4)]).0.len(), 1);
        assert_eq!(without_strays(vec![at(9.9, 48.4), at(-74.0, 40.7)]).1, 0);
        // Three of many, and none of a grid or of the world.
        assert_eq!(
            kept(vec![at(48.8, 2.3), at(2.3, 40.0), at(-74.0, 40.7)]),
            (30, 3, Extent::Local)
        );
        let world: Vec<Place> = (0..21)
            .map(|k| at(f64::from(k) * 17.0 - 170.0, f64::from(k % 5) * 20.0 - 40.0))
            .collect();
        assert_eq!(without_strays(world).1, 0);
    }

    #[test]
    fn a_town_on_a_grid_is_one_town_wherever_it_lies() {
        // Of coordinates that are rounded the first is the start of the widest gap, to the bit.
        for (lon, lat, step) in [(2.35, 48.86, 0.01), (-3.7, 40.4, 0.1), (179.98, -17.0, 0.01)] {
            let places = (0..48).map(|k| Place {
                lon: turn(lon + f64::from(k % 8) * step),
                lat: lat + f64::from(k / 8) * step,
                ..Place::default()
            });
            let mut places: Vec<Place> = places.collect();
            run_on(&mut places);
            assert!(spread(&places, |p| p.lon) < 8.0 * step, "{lon}");
            assert_eq!(towns(places).len(), 1, "{lon}");
        }
        // Few rows and columns are far apart beside the whole, and no farther than others.
        for (rows, columns) in [(4, 5), (4, 8), (3, 9), (2, 12), (4, 4)] {
            let place = |k: i32| Place {
                lon: 2.35 + f64::from(k % columns) * 0.02,
                lat: 48.86 + f64::from(k / columns) * 0.02,
                ..Place::default()
            };
            assert_eq!(towns((0..rows * columns).map(place).collect()).len(), 1, "{rows}");
        }
    }

    #[test]
    fn a_part_of_the_world_is_no_world() {
        let at = |(lon, lat)| Place { lon, lat, ..Place::default() };
        let of =
            |places: &[(f64, f64)]| extent(&places.iter().copied().map(at).collect::<Vec<_>>());
        assert_eq!(of(&[(26.0, 36.0), (45.0, 41.0)]), Extent::Region);
        assert_eq!(of(&[(176.0, -38.0), (-170.0, -20.0)]), Extent::Region);
        assert_eq!(of(&[(179.9, -17.0), (-179.9, -17.1)]), Extent::Local);
        assert_eq!(of(&[(-120.0, 36.0), (140.0, 38.0)]), Extent::World);
    }

    #[test]
    fn another_town_is_told_by_distance_and_direction() {
        let show = |lang| Show::plain(lang);
        let (from, to) = ((-122.4, 37.8), (-121.9, 37.3));
        assert_eq!(away(from, to, &show(Lang::En)), "71\u{a0}km to the south-east");
        assert_eq!(away(to, from, &show(Lang::Fr)), "71\u{a0}km au nord-ouest");
        assert_eq!(away(from, (-122.0, 37.8), &show(Lang::Fr)), "35\u{a0}km à l’est");
    }
}
