//! Surveys over a publisher whose items come and go.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// A publisher: items with a time, a value of the one dimension, and an id; the newest first.
struct Publisher {
    items: BTreeSet<(i64, usize, u64)>,
    ceiling: u64,
    limit: u64,
    asked: u64,
}

impl Publisher {
    fn new(items: impl IntoIterator<Item = (i64, usize, u64)>, ceiling: u64, limit: u64) -> Self {
        Publisher { items: items.into_iter().collect(), ceiling, limit, asked: 0 }
    }

    fn answer(&mut self, ask: Ask) -> Page {
        self.asked += 1;
        let At::Number(start) = *ask.at else { panic!("it counts pages by items") };
        let slice = ask.slice;
        assert!(start + self.limit <= self.ceiling.max(self.limit), "beyond what can be had");
        let all: Vec<u64> = self
            .items
            .iter()
            .rev()
            .filter(|(at, value, _)| {
                (slice.from..slice.to).contains(at)
                    && slice.values.first().is_none_or(|only| only == value)
            })
            .map(|(_, _, id)| *id)
            .collect();
        let page = all.iter().skip(start as usize).take(self.limit as usize);
        let ids: Vec<u64> = page.copied().collect();
        Page {
            total: Some(all.len() as u64),
            items: ids.len() as u64,
            unread: 0,
            ids,
            next: None,
            full: false,
        }
    }
}

fn terms(publisher: &Publisher) -> Terms {
    Terms {
        ceiling: Some(publisher.ceiling),
        limit: publisher.limit,
        overlap: 2,
        grain: 1,
        dimensions: vec![3],
    }
}

fn survey(publisher: &Publisher, to: i64) -> Survey {
    Survey::new(terms(publisher), At::Number(0), vec![Slice::of(0, to)])
}

#[test]
fn all_that_is_there_is_seen_with_few_requests() {
    // More and more of them, as open offers are.
    let at = |k: u64| (1_000_000.0 * (k as f64 / 50_000.0).powf(0.2)) as i64;
    let mut publisher = Publisher::new((0..50_000).map(|k| (at(k), 0, k)), 3_150, 150);
    let terms = Terms { overlap: 5, ..terms(&publisher) };
    let mut survey = Survey::new(terms, At::Number(0), vec![Slice::of(0, 1_000_001)]);
    while let Some(ask) = survey.next() {
        let page = publisher.answer(ask);
        survey.take(page);
    }
    assert!(survey.is_complete());
    assert_eq!(survey.unique(), 50_000);
    let least = 50_000_u64.div_ceil(150);
    assert!(publisher.asked * 10 <= least * 12, "{} for {least}", publisher.asked);
}

#[test]
fn what_one_second_has_too_many_of_is_cut_by_the_dimension_and_else_told() {
    let items = (0..50).map(|k| (7, k as usize % 3, k));
    let mut publisher = Publisher::new(items, 20, 10);
    let mut one = survey(&publisher, 100);
    while let Some(ask) = one.next() {
        let page = publisher.answer(ask);
        one.take(page);
    }
    assert_eq!((one.unique(), one.is_complete()), (50, true));
    // Of a value that is not declared: they cannot be had.
    let items = (0..50).map(|k| (7, if k < 30 { 9 } else { 1 }, k));
    let mut publisher = Publisher::new(items, 20, 10);
    let mut other = survey(&publisher, 100);
    while let Some(ask) = other.next() {
        let page = publisher.answer(ask);
        other.take(page);
    }
    assert!(!other.is_complete());
    assert_eq!(other.without().iter().map(|(_, n)| *n).collect::<Vec<_>>(), [30]);
    let over = Publisher::new((0..50).map(|k| (7, 1, k)), 20, 10);
    let mut publisher = over;
    let mut third = survey(&publisher, 100);
    while let Some(ask) = third.next() {
        let page = publisher.answer(ask);
        third.take(page);
    }
    assert!(third.ended().iter().any(|entry| entry.end == End::Over) && !third.is_complete());
}

#[test]
fn an_error_is_never_the_end_of_a_slice_that_is_whole() {
    let mut publisher = Publisher::new((0..30).map(|k| (k, 0, k as u64)), 100, 10);
    let mut survey = survey(&publisher, 100);
    let page = publisher.answer(survey.next().unwrap());
    survey.take(page);
    assert_eq!(survey.fail("500".into()), Turn::Ended(0));
    assert!(survey.next().is_none() && !survey.is_complete());
    assert_eq!(survey.ended()[0].end, End::Failed("500".into()));
}

#[test]
fn a_slice_that_has_fewer_than_it_says_is_walked_twice_and_then_told() {
    let mut publisher = Publisher::new((0..30).map(|k| (k, 0, k as u64)), 100, 50);
    let mut survey = survey(&publisher, 100);
    while let Some(ask) = survey.next() {
        let page = publisher.answer(ask);
        survey.take(Page { total: Some(60), ..page });
        assert!(publisher.asked < 300);
    }
    assert!(matches!(&survey.ended()[0].end, End::Short | End::Failed(_)), "{:?}", survey.ended());
    assert!(!survey.is_complete());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    /// Items go and come in the midst of it: whatever was there from its beginning to its end is
    /// seen.
    #[test]
    fn what_was_there_all_the_time_is_seen(
        seed: u64, count in 1u64..400, ceiling in 2u64..8, churn in 0u64..6, span in 1i64..300,
    ) {
        let mut state = seed | 1;
        let mut chance = move |of: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % of.max(1)
        };
        let limit = 10;
        let item = |k: u64, c: u64| ((c % span as u64) as i64, (c % 3) as usize, k);
        let items: Vec<_> = (0..count).map(|k| item(k, chance(1 << 30))).collect();
        let mut publisher = Publisher::new(items.clone(), ceiling * limit, limit);
        let mut gone = BTreeSet::new();
        let mut new = count;
        let mut survey = survey(&publisher, span);
        while let Some(ask) = survey.next() {
            let page = publisher.answer(ask);
            survey.take(page);
            for _ in 0..chance(churn + 1) {
                let one = items[chance(count) as usize];
                if publisher.items.remove(&one) {
                    gone.insert(one.2);
                }
                publisher.items.insert(item(new, chance(1 << 30)));
                new += 1;
            }
            prop_assert!(publisher.asked < 100_000);
        }
        let fine = |e: &Entry| matches!(e.end, End::Whole | End::Cut(_));
        if survey.ended().iter().all(fine) {
            for (_, _, id) in items {
                prop_assert!(gone.contains(&id) || survey.seen.contains(&id), "{id} was missed");
            }
        }
    }

    /// Told the same pages again, it stands where it stood.
    #[test]
    fn it_goes_on_where_it_was(count in 1u64..300, cut in 0usize..60) {
        let items: Vec<_> = (0..count).map(|k| ((k % 50) as i64, 0, k)).collect();
        let mut publisher = Publisher::new(items, 40, 10);
        let mut first = survey(&publisher, 60);
        let mut told = Vec::new();
        while let Some(ask) = first.next().filter(|_| told.len() < cut) {
            let page = publisher.answer(ask);
            told.push(page.clone());
            first.take(page);
        }
        let mut second = survey(&publisher, 60);
        for page in told {
            second.take(page);
        }
        prop_assert_eq!(first, second);
    }
}

#[test]
fn where_no_total_is_told_all_is_seen_and_what_is_cut_off_is_cut_or_told() {
    let items = || (0..91).map(|k| (k as i64, k as usize % 3, k));
    let walk = |ceiling: u64, to: i64, grain: i64, dimensions: Vec<usize>| {
        let mut publisher = Publisher::new(items(), ceiling, 50);
        let terms = Terms { grain, dimensions, ..terms(&publisher) };
        let mut survey = Survey::new(terms, At::Number(0), vec![Slice::of(0, to)]);
        while let Some(ask) = survey.next() {
            let page = publisher.answer(ask);
            survey.take(Page { total: None, ..page });
        }
        (survey, publisher.asked)
    };
    let (one, asked) = walk(100, 91, 1, vec![]);
    assert!(one.is_complete() && one.unique() == 91 && asked <= 3, "{asked}");
    let (cut, _) = walk(50, 91, 1, vec![]);
    assert!(cut.is_complete(), "{:?}", cut.ended());
    assert_eq!(cut.unique(), 91);
    // What cannot be cut is never called whole.
    let (over, _) = walk(50, 91, 91, vec![]);
    assert_eq!(over.ended()[0].end, End::Over);
}

#[test]
fn a_publisher_that_announces_and_gives_nothing_is_told_as_such() {
    let publisher = Publisher::new([], 1_000, 50);
    let mut survey = survey(&publisher, 100);
    let ids: Vec<u64> = (0..50).collect();
    let mut asked = 0;
    while let Some(Ask { at, .. }) = survey.next() {
        let is_first = *at == At::Number(0);
        let (items, ids) = if is_first { (50, ids.clone()) } else { (0, Vec::new()) };
        survey.take(Page { total: Some(91), items, unread: 0, ids, next: None, full: false });
        asked += 1;
    }
    assert!(asked < 12, "{asked}");
    let End::Failed(why) = &survey.ended()[0].end else { panic!("{:?}", survey.ended()) };
    assert!(why.contains("91 items, and from number"), "{why}");
}

#[test]
fn the_last_page_that_can_be_had_is_no_end_of_what_there_is() {
    let last = |full| Page { items: 3, ids: vec![1, 2, 3], full, ..Page::default() };
    let terms = || Terms { grain: 1, ..Terms::default() };
    let walk = |terms: Terms, to: i64, full: bool| {
        let mut survey = Survey::new(terms, At::Start, vec![Slice::of(0, to)]);
        survey.take(last(full));
        survey
    };
    assert_eq!(walk(terms(), 10, true).ended()[0].end, End::Cut(2));
    assert_eq!(walk(terms(), 1, true).ended()[0].end, End::Over);
    assert!(walk(terms(), 10, false).is_complete());
}
