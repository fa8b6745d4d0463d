//! Where marks and names of a map stand, and that its key shows marks as they are.

use super::super::super::fonts::Fonts;
use super::super::super::op::{Op, texts};
use super::*;
use crate::domain::format::Lang;
use crate::domain::report::figure::MapKey;

/// Marks in the order in which they are drawn: middle and diameter.
fn marks(ops: &[Op]) -> Vec<(Spot, f32)> {
    let mark = |op: &Op| match op {
        Op::Dots { at, diameter, .. } => at.iter().map(|spot| (*spot, *diameter)).collect(),
        Op::Circle { at, radius, .. } => vec![(*at, radius * 2.0)],
        _ => vec![],
    };
    ops.iter().flat_map(mark).collect()
}

fn drawn(points: Vec<Place>, key: Vec<MapKey>) -> Vec<Op> {
    let fonts = Fonts::default();
    let set = Setting { fonts: &fonts, lang: Lang::En, screen: false };
    let map = Map { extent: Extent::Local, points, key, ..Map::default() };
    slabs(&set, &map, 250.0, 0.0).swap_remove(0).ops
}

fn place(k: usize, size: u8, label: &str) -> Place {
    // Spread over a town, some close to one another, as a generator of numbers would.
    let (lon, lat) = ((k * 7919 % 97) as f64 / 970.0, (k * 104_729 % 89) as f64 / 890.0);
    Place { lon, lat: 48.0 + lat, size, label: Some(label.into()), ..Place::default() }
}

#[test]
fn no_name_covers_a_mark_or_another_name() {
    for count in [3, 12, 40, 300, 1500] {
        let name = |k: usize| format!("Rue de la République {k}");
        let points = (0..count).map(|k| place(k, (k % 5) as u8 + 1, &name(k))).collect();
        let ops = drawn(points, vec![]);
        let named: Vec<Area> = texts(&ops)
            .into_iter()
            .filter(|text| text.run.text.starts_with("Rue"))
            .map(|text| text.area())
            .collect();
        assert!(count > 40 || named.len() > 2, "{count}");
        for (at, name) in named.iter().enumerate() {
            let covered =
                |((x, y), d): &(Spot, f32)| Area::new(x - d / 2.0, y - d / 2.0, *d, *d).meets(name);
            assert!(!marks(&ops).iter().any(covered), "{count}: {name:?}");
            assert!(!named[at + 1..].iter().any(|other| other.meets(name)), "{count}");
        }
    }
}

#[test]
fn a_small_mark_lies_on_a_large_one() {
    let sizes = [2, 5, 3, 1];
    let points = sizes.map(|size| Place { lon: 2.0, lat: 48.0, size, ..Place::default() });
    let drawn: Vec<f32> = marks(&drawn(points.into(), vec![])).iter().map(|m| m.1).collect();
    assert!(drawn.len() == 4 && drawn.windows(2).all(|pair| pair[0] > pair[1]), "{drawn:?}");
}

#[test]
fn two_of_one_size_at_one_place_are_seen_as_two() {
    let at = |lon| Place { lon, lat: 48.0, size: 5, ..Place::default() };
    let ops = drawn(vec![at(2.0), at(2.0), at(2.4)], vec![]);
    let hollow = |op: &&Op| matches!(op, Op::Circle { fill: None, .. });
    assert_eq!(ops.iter().filter(hollow).count(), 1);
}

#[test]
fn the_key_shows_marks_as_the_map_does() {
    for count in [5, 500] {
        let points = (0..count).map(|k| place(k, (k % 5) as u8 + 1, "")).collect();
        let entry = |size| MapKey { size, tone: Tone::Plain, label: format!("class {size}") };
        let ops = drawn(points, (1..=5).map(entry).collect());
        let mut looks: Vec<String> = ops
            .iter()
            .filter_map(|op| match op {
                Op::Dots { diameter, ink, .. } => Some(format!("{diameter} {ink:?}")),
                Op::Circle { radius, fill: Some(ink), pen, .. } => {
                    Some(format!("{radius} {ink:?} {pen:?}"))
                }
                _ => None,
            })
            .collect();
        looks.sort();
        looks.dedup();
        assert_eq!(looks.len(), 5, "{looks:?}");
    }
}

#[test]
fn what_words_name_is_labelled_where_it_is_crowded() {
    let mut points: Vec<Place> = (0..300).map(|k| place(k, 2, "")).collect();
    points[150].label = Some("Nordkapp".into());
    points[150].named = true;
    let ops = drawn(points, vec![]);
    assert!(texts(&ops).iter().any(|text| text.run.text == "Nordkapp"));
}
