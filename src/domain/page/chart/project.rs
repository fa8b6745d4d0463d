//! From longitude and latitude to places on a map: Equal Earth for the world, a plain local
//! projection for a town. Also the land, as rings.

use crate::domain::report::figure::Place;

/// Equal Earth (Šavrič, Patterson, Jenny 2018), in units of the earth's radius, y up.
pub fn equal_earth(lon: f64, lat: f64) -> (f64, f64) {
    const A: [f64; 4] = [1.340264, -0.081106, 0.000893, 0.003796];
    let half = 3f64.sqrt() / 2.0;
    let t = (half * lat.to_radians().sin()).asin();
    let (t2, t6) = (t * t, t.powi(6));
    let slope = A[0] + 3.0 * A[1] * t2 + t6 * (7.0 * A[2] + 9.0 * A[3] * t2);
    let x = lon.to_radians() * t.cos() / (half * slope);
    (x, t * (A[0] + A[1] * t2 + t6 * (A[2] + A[3] * t2)))
}

/// The land of the world; longitude and latitude of the points of its rings, none of which
/// crosses the date line.
pub fn land() -> impl Iterator<Item = Vec<(f64, f64)>> {
    rings().flat_map(cut)
}

/// Cuts a ring into those east and those west of the date line.
fn cut(ring: Vec<(f64, f64)>) -> Vec<Vec<(f64, f64)>> {
    let mut parts: Vec<Vec<(f64, f64)>> = vec![vec![]];
    for (place, point) in ring.iter().enumerate() {
        let before = ring[(place + ring.len() - 1) % ring.len()];
        let jumps = place > 0 && (point.0 - before.0).abs() > 180.0;
        if let Some(part) = parts.last_mut().filter(|_| jumps) {
            let lat = (point.1 + before.1) / 2.0;
            part.push((180f64.copysign(before.0), lat));
            parts.push(vec![(180f64.copysign(point.0), lat)]);
        }
        parts.iter_mut().next_back().into_iter().for_each(|part| part.push(*point));
    }
    // The ring ends where it began: on the same side, the last part goes on with the first.
    if parts.len() > 1 && ring.first().zip(ring.last()).is_some_and(|(a, b)| a.0 * b.0 > 0.0) {
        let first = parts.remove(0);
        parts.iter_mut().next_back().into_iter().for_each(|part| part.extend(&first));
    }
    parts
}

fn rings() -> impl Iterator<Item = Vec<(f64, f64)>> {
    const BYTES: &[u8] = include_bytes!("../../../../assets/land.bin");
    let word = |at: usize| BYTES.get(at..at + 2).map_or([0; 2], |b| [b[0], b[1]]);
    let count = u16::from_le_bytes(word(0));
    let mut at = 2;
    (0..count).map(move |_| {
        let points = usize::from(u16::from_le_bytes(word(at)));
        let start = at + 2;
        at = start + points * 4;
        let degrees = |at| f64::from(i16::from_le_bytes(word(at))) / 100.0;
        (start..at).step_by(4).map(|at| (degrees(at), degrees(at + 2))).collect()
    })
}

/// Whether the place is on the earth.
pub fn exists(place: &Place) -> bool {
    place.lat.abs() <= 90.0 && place.lon.abs() <= 540.0
}

/// A plane that touches the earth in the middle of some places; kilometres, y up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Local {
    lon: f64,
    lat: f64,
}

const KM_IN_DEGREE: f64 = 111.195;

impl Local {
    /// Around the places; those beyond the date line are taken as near.
    pub fn around(places: &[&Place]) -> Option<Local> {
        let first = places.first()?.lon;
        let middle = |of: &dyn Fn(&Place) -> f64| {
            let values = places.iter().map(|p| of(p));
            let low = values.clone().fold(f64::MAX, f64::min);
            (low + values.fold(f64::MIN, f64::max)) / 2.0
        };
        let lon = first + middle(&|p| turn(p.lon - first));
        Some(Local { lon, lat: middle(&|p| p.lat) })
    }

    pub fn place(&self, place: &Place) -> (f64, f64) {
        self.flat(self.lon + turn(place.lon - self.lon), place.lat)
    }

    /// A longitude as it is, not brought near.
    pub fn flat(&self, lon: f64, lat: f64) -> (f64, f64) {
        let x = (lon - self.lon) * self.lat.to_radians().cos();
        (x * KM_IN_DEGREE, (lat - self.lat) * KM_IN_DEGREE)
    }
}

/// Degrees brought between -180 and 180.
pub fn turn(degrees: f64) -> f64 {
    (degrees + 180.0).rem_euclid(360.0) - 180.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_world_has_known_corners() {
        let (x, y) = equal_earth(180.0, 0.0);
        assert!((x - 2.7066).abs() < 1e-3 && y == 0.0, "{x}");
        assert!((equal_earth(0.0, 90.0).1 - 1.3173).abs() < 1e-3);
        assert!(land().count() > 50);
        let wide = |r: Vec<(f64, f64)>| r.windows(2).any(|w| (w[0].0 - w[1].0).abs() > 180.0);
        assert!(!land().filter(|r| r.iter().all(|p| p.1 > -60.0)).any(wide));
        assert!(land().flatten().all(|(lon, lat)| lon.abs() <= 180.0 && lat.abs() <= 90.0));
    }

    #[test]
    fn a_town_on_the_date_line_stays_together() {
        let at = |lon| Place { lon, lat: -17.0, ..Place::default() };
        let (west, east) = (at(179.9), at(-179.9));
        let local = Local::around(&[&west, &east]).unwrap();
        let width = local.place(&east).0 - local.place(&west).0;
        assert!((width - 21.27).abs() < 0.05, "{width}");
    }
}
