//! Labels that stand at what they name: spread along an edge, or placed beside a point where
//! nothing else is.

use super::super::op::{Area, Spot};

/// Moves heights apart so that neighbours are at least `gap` from one another, inside
/// `low..high` while there is room. The order of heights stays.
pub fn spread(heights: &[f32], gap: f32, low: f32, high: f32) -> Vec<f32> {
    let mut order: Vec<usize> = (0..heights.len()).collect();
    order.sort_by(|a, b| heights[*a].total_cmp(&heights[*b]));
    let mut out = heights.to_vec();
    let mut floor = low;
    for &k in &order {
        out[k] = out[k].max(floor);
        floor = out[k] + gap;
    }
    let mut ceiling = high;
    for &k in order.iter().rev() {
        out[k] = out[k].min(ceiling);
        ceiling = out[k] - gap;
    }
    out
}

/// What already stands on a figure.
#[derive(Default)]
pub struct Taken {
    areas: Vec<Area>,
    pieces: Vec<(Spot, Spot)>,
}

impl Taken {
    pub fn add(&mut self, area: Area) {
        self.areas.push(area);
    }

    /// A line through some spots; one spot alone is a dot.
    pub fn add_line(&mut self, spots: &[Spot]) {
        match spots {
            [only] => self.pieces.push((*only, *only)),
            _ => self.pieces.extend(spots.windows(2).map(|pair| (pair[0], pair[1]))),
        }
    }

    /// Whether nothing stands there yet.
    pub fn free(&self, area: &Area) -> bool {
        let areas = self.areas.iter().any(|other| other.meets(area));
        !areas && !self.pieces.iter().any(|piece| crosses(*piece, area))
    }

    /// A place for a label of a size beside a point: right, left, above, below, then askew.
    pub fn beside(&self, at: Spot, away: f32, size: (f32, f32), inside: &Area) -> Option<Area> {
        let (w, h) = size;
        let (x, y) = at;
        let places = [
            (x + away, y - h / 2.0),
            (x - away - w, y - h / 2.0),
            (x - w / 2.0, y - away - h),
            (x - w / 2.0, y + away),
            (x + away * 0.7, y - away * 0.7 - h),
            (x + away * 0.7, y + away * 0.7),
            (x - away * 0.7 - w, y - away * 0.7 - h),
            (x - away * 0.7 - w, y + away * 0.7),
        ];
        let holds = |a: &Area| {
            a.x >= inside.x
                && a.y >= inside.y
                && a.right() <= inside.right()
                && a.bottom() <= inside.bottom()
        };
        let areas = places.into_iter().map(|(x, y)| Area::new(x, y, w, h));
        areas.into_iter().find(|a| holds(a) && self.free(a))
    }
}

/// Whether a straight piece of a line touches an area.
pub fn crosses((from, to): (Spot, Spot), area: &Area) -> bool {
    // Most pieces lie wholly on one side, which is cheaper to see than where they cross.
    if from.0.max(to.0) < area.x
        || from.0.min(to.0) > area.right()
        || from.1.max(to.1) < area.y
        || from.1.min(to.1) > area.bottom()
    {
        return false;
    }
    let sides = [
        (from.0 - to.0, from.0 - area.x),
        (to.0 - from.0, area.right() - from.0),
        (from.1 - to.1, from.1 - area.y),
        (to.1 - from.1, area.bottom() - from.1),
    ];
    // The part of the piece that is on the inner side of all four, from 0 to 1.
    let (mut enters, mut leaves) = (0.0f32, 1.0f32);
    for (step, room) in sides {
        match step {
            0.0 if room < 0.0 => return false,
            0.0 => {}
            s if s < 0.0 => enters = enters.max(room / s),
            s => leaves = leaves.min(room / s),
        }
    }
    enters <= leaves
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_moved_apart_and_kept_inside() {
        assert_eq!(spread(&[50.0, 52.0, 10.0], 9.0, 0.0, 100.0), [50.0, 59.0, 10.0]);
        assert_eq!(spread(&[98.0, 99.0], 9.0, 0.0, 100.0), [91.0, 100.0]);
        assert!(spread(&[], 9.0, 0.0, 100.0).is_empty());
    }

    #[test]
    fn a_line_takes_what_it_runs_through() {
        let area = Area::new(10.0, 10.0, 20.0, 10.0);
        assert!(crosses(((0.0, 0.0), (40.0, 30.0)), &area));
        assert!(crosses(((20.0, 0.0), (20.0, 99.0)), &area));
        assert!(crosses(((12.0, 12.0), (12.0, 12.0)), &area));
        assert!(!crosses(((0.0, 25.0), (40.0, 25.0)), &area));
        assert!(!crosses(((0.0, 0.0), (9.0, 40.0)), &area));
        assert!(!crosses(((0.0, 18.0), (9.0, 12.0)), &area));
        let mut taken = Taken::default();
        taken.add_line(&[(0.0, 0.0), (40.0, 30.0)]);
        assert!(!taken.free(&area) && taken.free(&Area::new(30.0, 0.0, 9.0, 9.0)));
    }

    #[test]
    fn a_label_goes_where_nothing_is() {
        let inside = Area::new(0.0, 0.0, 100.0, 100.0);
        let mut taken = Taken::default();
        let first = taken.beside((50.0, 50.0), 4.0, (30.0, 8.0), &inside).unwrap();
        assert_eq!((first.x, first.y), (54.0, 46.0));
        taken.add(first);
        let second = taken.beside((50.0, 50.0), 4.0, (30.0, 8.0), &inside).unwrap();
        assert_eq!((second.x, second.y), (16.0, 46.0));
        assert!(taken.beside((50.0, 50.0), 4.0, (130.0, 8.0), &inside).is_none());
    }
}
