//! Maps: places by size and colour, the smallest on top, named directly where there is room.

use super::super::canvas::{Anchor, Canvas, Style};
use super::super::fonts::Face;
use super::super::op::{Area, Ink, Op, Pen, Spot};
use super::super::palette::{HAIR, INK, LAND, MUTED, USUAL, WHITE, mark};
use super::super::slab::{AXIS, Setting, Slab, caption};
use super::label::Taken;
use super::line::absent;
use super::project::{Local, equal_earth, exists, land, turn};
use crate::domain::format::{Lang, decimals_for};
use crate::domain::report::Tone;
use crate::domain::report::figure::{Extent, Map, Place};

const NAME: Style = Style::new(Face::Semibold, 7.2, INK);
/// Diameters of the sizes of places.
const DIAMETERS: [f32; 6] = [1.2, 1.8, 2.6, 3.8, 5.6, 8.4];
/// Of more places the small ones are paler.
const MANY: usize = 400;
/// Steps away from its place at which a name is tried.
const LEADS: usize = 12;
/// The height of a local map, before it grows: at least, in a column, across a page.
const LOW: f32 = 110.0;
const TALL: f32 = 190.0;
const TALLEST: f32 = 250.0;
/// Around its places.
const PAD: f32 = 28.0;
/// A map across a page takes less of the width where its places lie one above the other: from so
/// much to so much of it.
const PAGE: f32 = 300.0;
const NARROW: f32 = 0.5;
const WIDEST: f32 = 0.75;
/// Between a map and what its marks mean.
const GAP: f32 = 14.0;
/// Of its height, how much a local map keeps where the page is tight.
const LEAST: f32 = 0.75;
/// How much more than its places a map of a part of the world shows.
const REGION: f64 = 1.2;
/// The parallels between which the world is shown; what lies beyond stands at the edge.
const NORTH: f64 = 84.0;
const SOUTH: f64 = -62.0;

/// Finds the spot of a place on the canvas.
type Projection = Box<dyn Fn(&Place) -> Spot>;

pub fn slabs(set: &Setting, map: &Map, width: f32, stretch: f32) -> Vec<Slab> {
    let mut canvas = Canvas::new(set.fonts);
    let top = caption(set, &mut canvas, width, &map.caption) + 10.0;
    let (area, project) = match map.extent {
        Extent::World => world(&mut canvas, top, width),
        Extent::Region | Extent::Local => local(set, &mut canvas, map, top, width, stretch),
    };
    places(&mut canvas, map, &area, &project);
    if set.screen {
        for (number, place) in map.points.iter().enumerate().filter(|(_, place)| exists(place)) {
            let (at, radius) = (tenths(project(place)), diameter(place.size, area.w) / 2.0);
            canvas.ops.push(Op::Place { at, radius, number });
        }
    }
    if !map.points.iter().any(exists) {
        absent(set, &mut canvas, &area);
    }
    let below = area.bottom() + 2.0;
    let bottom = match area.w < width {
        _ if map.key.is_empty() => below,
        true => {
            let left = area.right() + GAP;
            key(&mut canvas, map, (left, area.y + 9.0), width - left, area.w);
            below
        }
        false => key(&mut canvas, map, (0.0, area.bottom() + 12.0), width, area.w) + 3.0,
    };
    vec![Slab::block(canvas, bottom, &map.caption)]
}

/// Land and a net of meridians and parallels.
fn world(canvas: &mut Canvas, top: f32, width: f32) -> (Area, Projection) {
    let scale = f64::from(width) / (2.0 * equal_earth(180.0, 0.0).0);
    let (north, south) = (equal_earth(0.0, NORTH).1, equal_earth(0.0, SOUTH).1);
    let area = Area::new(0.0, top, width, ((north - south) * scale) as f32);
    let spot = move |lon: f64, lat: f64| {
        let (x, y) = equal_earth(lon, lat.clamp(SOUTH, NORTH));
        (width / 2.0 + (x * scale) as f32, top + ((north - y) * scale) as f32)
    };
    for lat in [-30.0, 0.0, 30.0, 60.0] {
        let line = (-18..=18).map(|k| spot(f64::from(k) * 10.0, lat)).collect();
        canvas.polyline(line, Pen::round(HAIR, 0.4));
    }
    for meridian in -3..=3 {
        let line = (-62..=84).step_by(2);
        let line = line.map(|lat| spot(f64::from(meridian) * 60.0, f64::from(lat)));
        canvas.polyline(line.collect(), Pen::round(HAIR, 0.4));
    }
    let rings = land().map(|ring| coarse(ring.into_iter().map(|p| spot(p.0, p.1))));
    let rings = rings.filter(|ring: &Vec<Spot>| ring.len() > 2).collect();
    canvas.clip(area, |inner| inner.fill(rings, LAND));
    (area, Box::new(move |place| spot(turn(place.lon), place.lat)))
}

/// Leaves out points that stand closer to the last than a print can show.
fn coarse(points: impl Iterator<Item = Spot>) -> Vec<Spot> {
    let mut kept: Vec<Spot> = vec![];
    for (x, y) in points {
        if kept.last().is_none_or(|l| (l.0 - x).abs() + (l.1 - y).abs() > 0.5) {
            kept.push(tenths((x, y)));
        }
    }
    kept
}

/// Tenths of a point are enough for places, and shorter to write.
fn tenths((x, y): Spot) -> Spot {
    ((x * 10.0).round() / 10.0, (y * 10.0).round() / 10.0)
}

/// A plain ground, or the land of a part of the world, with a bar of distance; its height follows
/// the places.
fn local(
    set: &Setting,
    canvas: &mut Canvas,
    map: &Map,
    top: f32,
    width: f32,
    stretch: f32,
) -> (Area, Projection) {
    let known: Vec<&Place> = map.points.iter().filter(|p| exists(p)).collect();
    let centre = Local::around(&known);
    let spots = known.iter().filter_map(|p| Some(centre?.place(p)));
    let (east, north) =
        spots.fold((0.5, 0.5), |m: (f64, f64), p| (m.0.max(p.0.abs()), m.1.max(p.1.abs())));
    // A part of the world shows what lies around.
    let wider = if map.extent == Extent::Region { REGION } else { 1.0 };
    let (east, north) = (east * wider, north * wider);
    let (wide, tall) = frame(width, (north / east) as f32, stretch);
    let area = Area::new(0.0, top, wide, tall);
    let fits = |room: f32, half: f64| f64::from(room - PAD) / (2.0 * half);
    let scale = fits(wide, east).min(fits(tall, north));
    let middle = (area.w / 2.0, area.y + area.h / 2.0);
    match centre.filter(|_| map.extent == Extent::Region) {
        Some(centre) => ground(canvas, &area, centre, scale),
        None => canvas.rect(area, USUAL),
    }
    distance(canvas, set.lang, &area, scale);
    let project = move |place: &Place| {
        let (x, y) = centre.map_or((0.0, 0.0), |c| c.place(place));
        (middle.0 + (x * scale) as f32, middle.1 - (y * scale) as f32)
    };
    (area, Box::new(project))
}

/// Width and height of a local map, by the shape of what it shows. Across a page it leaves room
/// beside it where that is tall; how it grows does not change that.
fn frame(width: f32, aspect: f32, stretch: f32) -> (f32, f32) {
    let most = if width > PAGE { TALLEST } else { TALL };
    let tall = ((width - PAD) * aspect + PAD).clamp(LOW, most);
    let stretch = stretch.max(tall * (LEAST - 1.0));
    let filled = |tall: f32| (tall - PAD) / aspect + PAD;
    let wide = match width > PAGE && filled(tall) < width * WIDEST {
        true => filled(tall + stretch).clamp(width * NARROW, width * WIDEST),
        false => width,
    };
    (wide, tall + stretch)
}

/// The land inside an area, wherever the date line runs.
fn ground(canvas: &mut Canvas, area: &Area, centre: Local, scale: f64) {
    let middle = (area.w / 2.0, area.y + area.h / 2.0);
    let spot = |(x, y): (f64, f64)| (middle.0 + (x * scale) as f32, middle.1 - (y * scale) as f32);
    let turns = [-360.0, 0.0, 360.0];
    let rings = land().flat_map(|ring| {
        turns.map(|turn| coarse(ring.iter().map(|(lon, lat)| spot(centre.flat(lon + turn, *lat)))))
    });
    let meets = |ring: &Vec<Spot>| {
        let (mut low, mut high) = ((f32::MAX, f32::MAX), (f32::MIN, f32::MIN));
        for (x, y) in ring {
            low = (low.0.min(*x), low.1.min(*y));
            high = (high.0.max(*x), high.1.max(*y));
        }
        ring.len() > 2
            && low.0 < area.right()
            && high.0 > area.x
            && low.1 < area.bottom()
            && high.1 > area.y
    };
    let rings: Vec<Vec<Spot>> = rings.filter(meets).collect();
    canvas.clip(*area, |inner| inner.fill(rings, LAND));
    canvas.frame(*area, Pen::flat(HAIR, 0.5));
}

/// A bar as long as a round distance, at the lower left.
fn distance(canvas: &mut Canvas, lang: Lang, area: &Area, scale: f64) {
    let most = f64::from(area.w) * 0.25 / scale;
    let ten = 10f64.powf(most.log10().floor());
    let km = [5.0, 2.0, 1.0].into_iter().find(|r| r * ten <= most).unwrap_or(1.0) * ten;
    let (x, y, w) = (area.x + 8.0, area.bottom() - 8.0, (km * scale) as f32);
    let pen = Pen::flat(MUTED, 0.7);
    canvas.rule(x, y, w, pen);
    canvas.line((x, y - 2.5), (x, y), pen);
    canvas.line((x + w, y - 2.5), (x + w, y), pen);
    let text = match km < 1.0 {
        true => lang.quantity(km * 1000.0, 0, "m"),
        false => lang.quantity(km, decimals_for(km), "km"),
    };
    canvas.text(x + w + 4.0, y + 1.0, AXIS, Anchor::Left, &text);
}

fn places(canvas: &mut Canvas, map: &Map, area: &Area, project: &Projection) {
    let mut order: Vec<&Place> = map.points.iter().filter(|p| exists(p)).collect();
    // The smallest are drawn last: none is hidden under a larger one.
    order.sort_by_key(|p| std::cmp::Reverse(p.size));
    let cover = cover(order.len());
    for group in order.chunk_by(|a, b| a.size == b.size && a.tone == b.tone) {
        let spots: Vec<Spot> = group.iter().map(|p| tenths(project(p))).collect();
        let wide = diameter(group[0].size, area.w);
        mark_places(canvas, &spots, (group[0].size, group[0].tone), wide, cover);
    }
    names(canvas, map, area, project);
}

/// How much small marks cover, in per cent: they are paler the more there are.
fn cover(count: usize) -> u8 {
    if count > MANY { 50 } else { 80 }
}

/// Small places are dots; large ones have an edge.
fn mark_places(
    canvas: &mut Canvas,
    spots: &[Spot],
    (size, tone): (u8, Tone),
    wide: f32,
    cover: u8,
) {
    let colour = mark(tone);
    if size < 3 {
        return canvas.dots(spots.to_vec(), wide, Ink { colour, cover });
    }
    for (place, spot) in spots.iter().enumerate() {
        let near = |other: &Spot| (other.0 - spot.0).hypot(other.1 - spot.1) < wide * 0.2;
        // Of two at one place the second would hide the first: it is a ring.
        let (radius, fill, edge) = match spots[..place].iter().any(near) {
            true => (wide * 0.3, None, 0.8),
            false => (wide * 0.5, Some(colour.into()), 0.4),
        };
        canvas.circle(*spot, radius, fill, Some(Pen::flat(WHITE, edge)));
    }
}

/// Larger maps carry slightly larger marks.
fn diameter(size: u8, width: f32) -> f32 {
    DIAMETERS[usize::from(size).min(DIAMETERS.len() - 1)] * (width / 250.0).powf(0.3)
}

/// Names the places that ask for it, first come first served, where neither a mark nor another
/// name stands; those that words name come first, and are led to where there is room.
fn names(canvas: &mut Canvas, map: &Map, area: &Area, project: &Projection) {
    let places = || map.points.iter().filter(|p| exists(p));
    let mut taken = Taken::default();
    for place in places() {
        let ((x, y), r) = (project(place), diameter(place.size, area.w) / 2.0);
        taken.add(Area::new(x - r, y - r, 2.0 * r, 2.0 * r));
    }
    let (named, others): (Vec<&Place>, Vec<&Place>) = places().partition(|place| place.named);
    for place in named.into_iter().chain(others) {
        let Some(label) = place.label.as_deref().filter(|l| !l.is_empty()) else { continue };
        let label = canvas.fit(NAME, area.w * 0.45, label);
        let size = (canvas.width(NAME, &label) + 1.0, 8.6);
        let away = diameter(place.size, area.w) / 2.0 + 1.6;
        let at = project(place);
        let near = taken.beside(at, away, size, area);
        let far = || if place.named { led(canvas, &taken, (at, away), size, area) } else { None };
        if let Some(spot) = near.or_else(far) {
            canvas.halo(spot.x + 0.5, spot.y + 6.6, NAME, Anchor::Left, &label);
            taken.add(spot);
        }
    }
}

/// A place farther off, with a line that leads to it.
fn led(
    canvas: &mut Canvas,
    taken: &Taken,
    (at, away): (Spot, f32),
    size: (f32, f32),
    inside: &Area,
) -> Option<Area> {
    let mut ways = (1..=LEADS).map(|step| away + step as f32 * 4.0);
    let spot = ways.find_map(|way| taken.beside(at, way, size, inside))?;
    let to = (at.0.clamp(spot.x, spot.right()), at.1.clamp(spot.y, spot.bottom()));
    let part = (away - 1.6) / (to.0 - at.0).hypot(to.1 - at.1).max(away);
    let edge = (at.0 + (to.0 - at.0) * part, at.1 + (to.1 - at.1) * part);
    canvas.line(edge, to, Pen::flat(INK, 0.5));
    Some(spot)
}

/// What the sizes and colours mean, drawn as they are on a map of such a width and so many
/// places, on as many lines as it takes; returns the last baseline.
fn key(canvas: &mut Canvas, map: &Map, (left, y): Spot, width: f32, of: f32) -> f32 {
    let cover = cover(map.points.iter().filter(|p| exists(p)).count());
    let (mut x, mut y) = (left, y);
    for entry in &map.key {
        let wide = diameter(entry.size, of);
        let room = wide.max(1.4);
        let label = canvas.fit(AXIS, width - room - 3.0, &entry.label);
        let whole = room + 3.0 + canvas.width(AXIS, &label);
        // Beside a map each has a line of its own.
        if x > left && (left > 0.0 || x + whole > width) {
            (x, y) = (left, y + 10.0);
        }
        let spot = (x + room / 2.0, y - 2.4);
        mark_places(canvas, &[spot], (entry.size, entry.tone), wide, cover);
        canvas.text(x + room + 3.0, y, AXIS, Anchor::Left, &label);
        x += whole + 9.0;
    }
    y
}

#[cfg(test)]
mod tests;
