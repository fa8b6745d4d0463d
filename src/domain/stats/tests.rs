//! Tests of the statistics of a field.

use super::*;
use crate::domain::time::from_millis;
use proptest::prelude::*;

fn gathered(values: &[(f64, i64)]) -> Option<Numbers> {
    of(values, Quantiles::grid(0.5))
}

fn of(values: &[(f64, i64)], quantiles: Quantiles) -> Option<Numbers> {
    let mut g = Gathering::new(quantiles, Some(Trace::new(600)));
    values.iter().for_each(|&(v, ms)| {
        g.add(v, ms, ms);
    });
    g.finish()
}

/// All of these, and the same cut into parts of some length that are merged back to front.
fn whole_and_merged(values: &[(f64, i64)], part: usize, quantiles: &Quantiles) -> [Numbers; 2] {
    let parts = values.chunks(part).rev().map(|part| of(part, quantiles.clone()).unwrap());
    let merged = parts.reduce(|all, part| all.merge(&part).unwrap()).unwrap();
    [of(values, quantiles.clone()).unwrap(), merged]
}

/// One value, of which the instant may not be known.
fn part(value: f64, ms: Option<i64>) -> Numbers {
    let mut numbers = gathered(&[(value, 0)]).unwrap();
    let extreme = Extreme { value, at: ms.map(from_millis) };
    (numbers.min, numbers.max) = (extreme, extreme);
    numbers
}

/// Values of every size and sign, on a grid and off it.
fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        -1e3..1e3,
        -1e140..1e140,
        (-40i32..40).prop_map(|v| f64::from(v) / 4.0),
        (-3i32..3).prop_map(|v| f64::from(v) * 1e-300),
        prop_oneof![Just(0.0), Just(-0.0), Just(5e-324), Just(1e308), Just(-1e308)],
    ]
}

/// Every kind of counting, among them grids that most values are not on.
fn kinds() -> [Quantiles; 3] {
    [Quantiles::sketch(), Quantiles::grid(1.0), Quantiles::grid(0.1)]
}

fn close(a: f64, b: f64, scale: f64) -> bool {
    (a - b).abs() <= 1e-12 * scale.max(1.0)
}

fn rank(n: &Numbers, q: f64) -> f64 {
    n.quantile(q).unwrap()
}

proptest! {
    #[test]
    fn any_split_in_any_order_merges_to_the_whole(
        values in proptest::collection::vec((-1000i64..1000, 0i64..3_600_000), 2..60),
        cut in 1usize..59,
    ) {
        let values: Vec<_> = values.iter().map(|&(v, ms)| (v as f64 / 2.0, ms)).collect();
        let cut = cut.min(values.len() - 1);
        let (a, b) = (gathered(&values[..cut]).unwrap(), gathered(&values[cut..]).unwrap());
        let whole = gathered(&values).unwrap();
        let mut shuffled = values.clone();
        shuffled.reverse();
        prop_assert_eq!(&gathered(&shuffled).unwrap(), &whole);
        for merged in [a.merge(&b).unwrap(), b.merge(&a).unwrap()] {
            prop_assert!(close(merged.m2, whole.m2, whole.m2));
            prop_assert_eq!(Numbers { m2: whole.m2, ..merged }, whole.clone());
        }
    }

    /// Of few different values the extremes come again and again: the first instant counts.
    #[test]
    fn an_extreme_has_the_first_instant_that_reached_it(
        values in proptest::collection::vec((-2i8..3, 0i64..50), 1..40), part in 1usize..40,
    ) {
        let values: Vec<(f64, i64)> =
            values.iter().map(|(v, ms)| (f64::from(*v) * 0.5, *ms)).collect();
        let earliest = |end: f64| values.iter().filter(|(v, _)| *v == end).map(|(_, ms)| *ms).min();
        let least = values.iter().map(|(v, _)| *v).fold(f64::INFINITY, f64::min);
        let most = values.iter().map(|(v, _)| *v).fold(f64::NEG_INFINITY, f64::max);
        for n in whole_and_merged(&values, part, &Quantiles::grid(0.5)) {
            let at = |end| earliest(end).map(from_millis);
            prop_assert_eq!(n.min, Extreme { value: least, at: at(least) });
            prop_assert_eq!(n.max, Extreme { value: most, at: at(most) });
        }
    }

    /// Parts of earlier versions among them: what is not known stays so, in any order.
    #[test]
    fn parts_that_do_not_know_when_merge_in_any_order(
        parts in proptest::collection::vec((-2i8..3, proptest::option::of(0i64..50)), 3),
    ) {
        let parts: Vec<Numbers> = parts.iter().map(|(v, ms)| part(f64::from(*v), *ms)).collect();
        let [a, b, c] = [&parts[0], &parts[1], &parts[2]];
        let join = |x: &Numbers, y: &Numbers| x.merge(y).unwrap();
        let ends = |n: Numbers| (n.min, n.max);
        let whole = ends(join(&join(a, b), c));
        for other in [join(a, &join(b, c)), join(&join(c, a), b), join(&join(b, c), a)] {
            prop_assert_eq!(ends(other), whole);
        }
        let unknown = |end: f64, of: fn(&Numbers) -> Extreme| {
            parts.iter().any(|p| of(p).value == end && of(p).at.is_none())
        };
        prop_assert_eq!(whole.0.at.is_none(), unknown(whole.0.value, |n| n.min));
        prop_assert_eq!(whole.1.at.is_none(), unknown(whole.1.value, |n| n.max));
    }

    #[test]
    fn no_quantile_and_no_mean_is_beyond_the_values(
        values in proptest::collection::vec((value(), 0i64..3_600_000), 1..40), part in 1usize..40,
    ) {
        for kind in kinds() {
            for n in whole_and_merged(&values, part, &kind) {
                let (min, max) = n.ends();
                prop_assert_eq!((rank(&n, 0.0), rank(&n, 1.0)), (min, max));
                let ranks = (0..=40).map(|k| rank(&n, f64::from(k) / 40.0));
                let ranks: Vec<f64> = ranks.collect();
                prop_assert!(ranks.iter().all(|q| (min..=max).contains(q)), "{ranks:?}");
                prop_assert!(ranks.is_sorted(), "{ranks:?}");
                prop_assert!((min..=max).contains(&n.mean()), "{} {min} {max}", n.mean());
                let most = (max / 2.0 - min / 2.0) * 1.000001;
                prop_assert!((0.0..=most).contains(&n.deviation()), "{} {most}", n.deviation());
            }
        }
    }

    #[test]
    fn equal_values_are_their_own_quantiles_and_do_not_deviate(
        value in value(), times in 1usize..200, part in 1usize..200,
    ) {
        all_one(value, times, part);
    }
}

#[test]
fn different_grids_do_not_mix() {
    let a = gathered(&[(1.0, 0)]).unwrap();
    let mut g = Gathering::new(Quantiles::grid(1.0), Some(Trace::new(600)));
    g.add(1.0, 0, 0);
    assert_eq!(a.merge(&g.finish().unwrap()), None);
}

#[test]
fn sums_do_not_cancel() {
    let n = gathered(&[(1e15, 0), (0.5, 1), (-1e15, 2)]).unwrap();
    assert_eq!(n.sum, 0.5);
}

fn all_one(value: f64, times: usize, part: usize) {
    let values: Vec<(f64, i64)> = (0..times as i64).map(|k| (value, k * 1000)).collect();
    for kind in kinds() {
        for n in whole_and_merged(&values, part, &kind) {
            assert_eq!((n.mean(), n.m2, n.deviation()), (value, 0.0, 0.0), "{value} {times}");
            for q in [0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0] {
                assert_eq!(rank(&n, q), value, "{value} {times} times, {q}, {kind:?}");
            }
        }
    }
}

/// From public reports of other programs, where one of these gave a quantile beyond the only
/// value, a deviation of NaN, or one that is not zero.
#[test]
fn values_that_led_others_astray_are_their_own_quantiles() {
    let told = [
        (12.5, 1),
        (0.4, 3),
        (0.99986, 2),
        (28.0, 1),
        (1080.0, 1),
        (0.11, 3),
        (94.97, 7),
        (-0.087, 3),
        (60.0, 1000),
        (1.81, 1448),
        (2.1, 3000),
        (1e140, 5),
        (1e-300, 5),
    ];
    for (value, times) in told {
        [1, 2, times].into_iter().for_each(|part| all_one(value, times, part));
    }
}

#[test]
fn a_sketch_gives_the_first_and_the_last_rank_exactly() {
    let of = |values: &[f64]| {
        let values: Vec<_> = values.iter().map(|v| (*v, 0)).collect();
        let n = of(&values, Quantiles::sketch()).unwrap();
        [0.05, 0.5, 0.95].map(|q| rank(&n, q))
    };
    assert_eq!(of(&[5.0, 15.75, 110.5, 120.25])[2], 120.25);
    assert_eq!(of(&[-7.0, -6.9])[0], -7.0);
    assert_eq!(of(&[0.5, -0.5]), [-0.5, -0.5, 0.5]);
    // Half of them at one value, and that value an end: the bin lies beyond it.
    assert_eq!(of(&[1.0, 1.0, 1.0, 9.0]), [1.0, 1.0, 9.0]);
    assert_eq!(of(&[-12.5, -1.0, -1.0, -1.0])[1..], [-1.0, -1.0]);
}

#[test]
fn a_grid_that_the_values_are_not_on_does_not_move_the_ends() {
    let n = of(&[(2.5, 0), (3.5, 1)], Quantiles::grid(1.0)).unwrap();
    assert_eq!([0.05, 0.5, 0.95].map(|q| rank(&n, q)), [2.5, 2.5, 3.5]);
    let n = of(&[(0.4, 0), (0.4, 1), (0.4, 2), (0.6, 3)], Quantiles::grid(1.0)).unwrap();
    assert_eq!([0.05, 0.5, 0.95].map(|q| rank(&n, q)), [0.4, 0.4, 0.6]);
}

/// Workers fold snapshots in any order, and what one of them gathered joins what another did.
#[test]
fn what_workers_gather_has_the_first_instants_too() {
    let gather = |values: &[(f64, i64)]| {
        let mut gathering = Gathering::new(Quantiles::sketch(), None);
        values.iter().for_each(|(v, ms)| {
            gathering.add(*v, *ms, *ms);
        });
        gathering
    };
    let (late, early) = ([(7.0, 40), (-0.0, 30)], [(0.0, 20), (7.0, 50), (3.0, 10)]);
    for (a, b) in [(&late[..], &early[..]), (&early[..], &late[..])] {
        let mut gathering = gather(a);
        gathering.absorb(gather(b));
        let n = gathering.finish().unwrap();
        assert_eq!(n.min, Extreme { value: 0.0, at: Some(from_millis(20)) });
        assert_eq!(n.max, Extreme { value: 7.0, at: Some(from_millis(40)) });
        assert!(n.min.value.is_sign_positive());
    }
}

#[test]
fn an_old_row_knows_of_its_first_value_when_it_was() {
    let old = |values: &[(f64, i64)]| {
        let mut numbers = gathered(values).unwrap();
        (numbers.min.at, numbers.max.at) = (None, None);
        let mut stats = FieldStats { unit: None, values: Values::Numbers(Box::new(numbers)) };
        stats.recall();
        let n = stats.numbers().unwrap().clone();
        (n.min.at, n.max.at)
    };
    let at = |ms| Some(from_millis(ms));
    assert_eq!(old(&[(3.0, 60)]), (at(60), at(60)));
    assert_eq!(old(&[(3.0, 60), (5.0, 70)]), (at(60), None));
    assert_eq!(old(&[(3.0, 60), (2.0, 70), (5.0, 80), (4.0, 90)]), (None, None));
}

/// What rounding left in a row that was written before it was held at zero.
#[test]
fn an_old_row_of_equal_values_does_not_deviate() {
    let old = Numbers { m2: 2.8e-17, sum: 1.2000000000000004, ..gathered(&[(0.4, 0); 3]).unwrap() };
    assert_eq!((old.deviation(), old.mean()), (0.0, 0.4));
    let merged = old.merge(&old).unwrap();
    assert_eq!((merged.m2, merged.deviation(), merged.mean()), (0.0, 0.0, 0.4));
}

/// Two public reports: a gap into which others interpolated, and a tail a hundred times as far.
#[test]
fn a_quantile_is_near_a_value_that_came_not_in_a_gap() {
    let near = |values: &[f64], q: f64| {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let want = sorted[(q * values.len() as f64).ceil() as usize - 1];
        let values: Vec<(f64, i64)> = values.iter().map(|v| (*v, 0)).collect();
        for n in whole_and_merged(&values, 7, &Quantiles::sketch()) {
            let got = rank(&n, q);
            assert!((got - want).abs() <= 0.010001 * want && got <= n.max.value, "{got} {want}");
        }
    };
    let timeouts = [vec![5.0; 96], vec![1500.0; 6]].concat();
    [0.5, 0.94, 0.95, 1.0].into_iter().for_each(|q| near(&timeouts, q));
    let slow = [50100.0, 51246.0, 52247.0, 52249.0, 53243.0, 59248.0, 575_247.0];
    let skewed = [&[240.0, 241.0, 242.0, 247.249, 250.0, 245.0][..], &slow].concat();
    [0.25, 0.46, 0.5, 0.95].into_iter().for_each(|q| near(&skewed, q));
}

/// Values on grids and off them, near and far, at instants in the window and out of it.
fn seen() -> impl Strategy<Value = (f64, i64, i64)> {
    let near = (-700i32..700).prop_map(f64::from);
    let value = prop_oneof![
        9 => near,
        3 => (-40i32..40).prop_map(|v| f64::from(v) / 4.0),
        1 => (-5_000_000i32..5_000_000).prop_map(f64::from),
        1 => value(),
    ];
    let offset = prop_oneof![9 => 0i64..3_600_000, 1 => -9_000_000_000i64..9_000_000_000];
    let start = prop_oneof![9 => Just(1_795_132_800_000i64), 1 => Just(0i64)];
    (value, offset, start).prop_map(|(value, offset, start)| (value, start + offset, offset))
}

/// What the plain way holds, of how many times each.
fn plainly(quantiles: &Quantiles, trace: Option<u32>, seen: &[(f64, i64, i64)]) -> plain::Plain {
    let mut plain = plain::Plain::new(quantiles.clone(), trace.map(Trace::new));
    for (value, ms, offset) in seen {
        plain.add(*value, *ms, *offset);
    }
    plain
}

fn gathering(
    quantiles: &Quantiles,
    trace: Option<u32>,
    seen: &[(f64, i64, i64)],
) -> (Gathering, Vec<bool>) {
    let mut gathering = Gathering::new(quantiles.clone(), trace.map(Trace::new));
    let new = seen.iter().map(|(value, ms, offset)| gathering.add(*value, *ms, *offset));
    let new = new.collect();
    (gathering, new)
}

/// To the last bit, and the sign of nothing.
fn bits(numbers: &Option<Numbers>) -> String {
    let sorted = |n: &Numbers| match &n.quantiles {
        Quantiles::Grid { step, counts } => {
            format!("{step} {:?}", counts.iter().collect::<Vec<_>>())
        }
        sketch => format!("{sketch:?}"),
    };
    let quantiles = numbers.as_ref().map(sorted);
    let rest = numbers.clone().map(|n| Numbers { quantiles: Quantiles::sketch(), ..n });
    format!("{rest:?} {quantiles:?}")
}

const STEPS: [f64; 9] = [1.0, 0.5, 0.25, 5.0, 10.0, 1000.0, 0.1, 1e-30, 3.0];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]
    #[test]
    fn counts_on_a_grid_tell_all_to_the_last_bit(
        seen in proptest::collection::vec(seen(), 0..60),
        step in proptest::sample::select(&STEPS[..]),
        trace in prop_oneof![Just(None), Just(Some(600)), Just(Some(60)), Just(Some(3_600))],
        cut in 0usize..60,
    ) {
        let kind = Quantiles::grid(step);
        let seen: Vec<_> = seen.iter().map(|(v, ms, at)| (v * step.max(1.0), *ms, *at)).collect();
        let mut plain = plain::Plain::new(kind.clone(), trace.map(Trace::new));
        let room: Vec<bool> = seen.iter().map(|(v, ms, at)| plain.add(*v, *ms, *at)).collect();
        let (whole, new) = gathering(&kind, trace, &seen);
        prop_assert_eq!(room, new);
        prop_assert_eq!(bits(&whole.finish()), bits(&plain.finish()));

        let (one, other) = seen.split_at(cut.min(seen.len()));
        let mut both = plainly(&kind, trace, one);
        both.absorb(plainly(&kind, trace, other));
        let ((mut joined, _), (theirs, _)) =
            (gathering(&kind, trace, one), gathering(&kind, trace, other));
        let bins = |seen| plainly(&kind, trace, seen).quantiles;
        prop_assert_eq!(joined.bins_beyond(&theirs), bins(one).bins_beyond(&bins(other)));
        joined.absorb(theirs);
        prop_assert_eq!(bits(&joined.finish()), bits(&both.finish()));
    }
}

#[test]
fn a_count_may_grow_beyond_its_cell() {
    let kind = Quantiles::grid(1.0);
    let many: Vec<_> =
        (0..70_000).map(|n| (f64::from(n % 2), i64::from(n), i64::from(n))).collect();
    let more: Vec<_> = many.iter().map(|(_, ms, at)| (1.0, *ms, *at)).collect();
    for seen in [many, more] {
        let (one, other) = seen.split_at(35_000);
        let (mut joined, _) = gathering(&kind, Some(600), one);
        joined.absorb(gathering(&kind, Some(600), other).0);
        let mut plain = plainly(&kind, Some(600), one);
        plain.absorb(plainly(&kind, Some(600), other));
        assert_eq!(bits(&joined.finish()), bits(&plain.finish()));
        let whole = gathering(&kind, Some(600), &seen).0;
        assert_eq!(bits(&whole.finish()), bits(&plainly(&kind, Some(600), &seen).finish()));
    }
}

proptest! {
    /// Thinning before a merge and after it come to the same, whoever merges with whom.
    #[test]
    fn what_is_thinned_keeps_its_plain_figures(
        values in proptest::collection::vec((value(), 0i64..3_600_000), 2..40), part in 1usize..39,
    ) {
        let part = part.min(values.len() - 1);
        for kind in kinds() {
            let [whole, a, b] = [&values[..], &values[..part], &values[part..]]
                .map(|values| of(values, kind.clone()).unwrap());
            let thin = |n: &Numbers| {
                let mut thin = n.clone();
                thin.thin();
                thin
            };
            let merged = thin(&a.merge(&b).unwrap());
            prop_assert_eq!(&thin(&a).merge(&b).unwrap(), &merged);
            prop_assert_eq!(&a.merge(&thin(&b)).unwrap(), &merged);
            prop_assert_eq!(&thin(&a).merge(&thin(&b)).unwrap(), &merged);
            prop_assert_eq!(merged.quantile(0.5), None);
            prop_assert_eq!((merged.count, merged.ends()), (whole.count, whole.ends()));
            prop_assert_eq!((merged.first, merged.last), (whole.first, whole.last));
        }
    }
}
