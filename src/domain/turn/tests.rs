//! Checks of turns: rounds, pauses, deaths, and who is gone.

use super::*;
use crate::domain::time::parse_iso;
use std::time::Duration;

fn at(minute: i64) -> Instant {
    let start = parse_iso("2026-11-24T10:00:00Z").expect("an instant");
    start.after(chrono::Duration::minutes(minute))
}

/// A source of every minute, whose slots begin on the minute.
fn minutely() -> Schedule {
    Schedule::new("a", Duration::from_secs(60), Duration::ZERO).expect("a period")
}

fn daily() -> Schedule {
    Schedule::new("a", Duration::from_secs(86_400), Duration::ZERO).expect("a period")
}

fn hold(minute: i64) -> End {
    End::Failed { hold: Some(at(minute)), all: None, wished: false }
}

/// One run of a loop: what it asks, each with its end; then what is known.
fn run(state: &mut State, schedule: &Schedule, minute: i64, ends: &[(&str, End)]) {
    let items = ["a", "b", "c"];
    let turn = state.turn(schedule, at(minute), Some(&items)).expect("a turn");
    let keys: Vec<&str> = ends.iter().map(|(key, _)| *key).collect();
    assert_eq!(turn.keys, keys, "in minute {minute}");
    let mut next = state.begun(&turn);
    ends.iter().for_each(|(key, end)| next.end(Some(key), *end, state));
    *state = next;
}

fn rests(state: &State, schedule: &Schedule, minute: i64) {
    assert_eq!(state.turn(schedule, at(minute), Some(&["a", "b", "c"])), None);
}

#[test]
fn a_round_goes_on_where_it_stopped_and_keeps_its_slot() {
    let (mut state, day) = (State::default(), daily());
    let (done, not) = (End::Answered, End::Untouched);
    run(&mut state, &day, 0, &[("a", done), ("b", not), ("c", not)]);
    let slot = state.slot;
    run(&mut state, &day, 1, &[("b", done), ("c", not)]);
    run(&mut state, &day, 2, &[("c", done)]);
    rests(&state, &day, 3);
    assert_eq!((state.slot, state.left.len()), (slot, 0));
}

#[test]
fn a_round_that_is_longer_than_the_period_is_finished_before_the_next() {
    let (mut state, minute) = (State::default(), minutely());
    let (done, not) = (End::Answered, End::Untouched);
    run(&mut state, &minute, 0, &[("a", done), ("b", not), ("c", not)]);
    run(&mut state, &minute, 1, &[("b", done), ("c", not)]);
    run(&mut state, &minute, 2, &[("c", done)]);
    run(&mut state, &minute, 3, &[("a", done), ("b", done), ("c", done)]);
    assert_eq!(state.slot, Some(at(3)));
}

#[test]
fn an_item_that_is_held_keeps_no_other_from_its_slot_and_is_asked_when_it_may_be() {
    let (mut state, minute) = (State::default(), minutely());
    let done = End::Answered;
    run(&mut state, &minute, 0, &[("a", done), ("b", hold(3)), ("c", done)]);
    rests(&state, &minute, 0);
    run(&mut state, &minute, 1, &[("a", done), ("c", done)]);
    run(&mut state, &minute, 2, &[("a", done), ("c", done)]);
    run(&mut state, &minute, 3, &[("a", done), ("b", hold(9)), ("c", done)]);
    assert_eq!(state.items["b"].failures, 2);
    let (mut state, day) = (State::default(), daily());
    state
        .items
        .insert("b".into(), Trouble { failures: 1, hold_until: Some(at(5)), ..Trouble::default() });
    run(&mut state, &day, 0, &[("a", done), ("c", done)]);
    rests(&state, &day, 4);
    run(&mut state, &day, 5, &[("b", done)]);
    rests(&state, &day, 6);
    assert!(state.items.is_empty());
}

#[test]
fn what_holds_all_holds_those_of_the_round_that_are_left() {
    let (mut state, day) = (State::default(), daily());
    let limit = End::Failed { hold: Some(at(9)), all: Some(at(3)), wished: true };
    let (done, not) = (End::Answered, End::Untouched);
    run(&mut state, &day, 0, &[("a", limit), ("b", done), ("c", not)]);
    rests(&state, &day, 2);
    run(&mut state, &day, 3, &[("c", done)]);
    rests(&state, &day, 9);
}

#[test]
fn after_one_death_a_source_is_asked_once_more_in_its_slot() {
    let (day, pause) = (daily(), |times: u32| Some(at(i64::from(times) * 10)));
    let turn = |state: &State, minute| state.turn(&day, at(minute), None);
    let first = State::default();
    let dead = first.asking(&turn(&first, 0).expect("due"), pause);
    let twice = dead.asking(&turn(&dead, 1).expect("once more"), pause);
    assert_eq!((twice.tries, twice.trouble.hold_until), (2, Some(at(10))));
    assert!(turn(&twice, 2).is_none() && turn(&twice, 60).is_none());
    let tomorrow = turn(&twice, 1_440).expect("another slot");
    let mut next = twice.begun(&tomorrow);
    next.end(None, End::Answered, &twice);
    assert_eq!((next.tries, next.trouble), (0, Trouble::default()));
}

#[test]
fn who_was_not_asked_is_as_before_and_late_in_the_end() {
    let minute = minutely();
    let before = State { slot: Some(at(0)), ..State::default() };
    let turn = before.turn(&minute, at(1), None).expect("due");
    assert!(!turn.is_late);
    let mut next = before.begun(&turn);
    next.end(None, End::Untouched, &before);
    assert_eq!(next, before);
    assert!(next.turn(&minute, at(2), None).expect("due").is_late);
    let failing = State { trouble: Trouble { failures: 1, ..Trouble::default() }, ..before };
    assert!(!failing.turn(&minute, at(9), None).expect("due").is_late);
}

#[test]
fn a_hold_by_a_clock_that_was_wrong_is_ignored() {
    let held =
        |minutes| Trouble { failures: 1, hold_until: Some(at(minutes)), ..Trouble::default() };
    assert!(held(24 * 60).is_held(at(0)) && !held(24 * 60 + 1).is_held(at(0)));
    assert!(!held(5).is_held(at(5)));
}

#[test]
fn an_edit_ends_what_was_waited_for_and_who_was_gone_is_remembered() {
    let (one, two) = (Digest::of(b"one"), Digest::of(b"two"));
    let mut state = State { by: Some(one), ..State::default() };
    state.trouble = Trouble { failures: 3, hold_until: Some(at(50)), ..Trouble::default() };
    state.items.insert("b".into(), Trouble { failures: 1, gone: true, ..Trouble::default() });
    assert_eq!(*state.under(&one), state);
    let edited = state.under(&two).into_owned();
    assert_eq!((edited.trouble.failures, edited.trouble.hold_until), (3, None));
    assert!(!edited.items["b"].gone && edited.by == Some(two));
    state.trouble.wished = true;
    assert_eq!(state.under(&two).trouble.hold_until, Some(at(50)), "its publisher asked for it");
    let old = State { by: None, ..state.clone() };
    assert_eq!(*old.under(&two), old, "it is not known by which it was asked");
    state.gone = Some(Gone { declaration: one, at: Some(at(0)) });
    state.asked_by(&one, at(5));
    assert!(state.is_gone(&one) && state.gone_since(&one) == Some(at(0)));
    state.asked_by(&two, at(9));
    assert!(state.gone.is_none() && state.ended == [(at(0), at(9))]);
}

#[test]
fn an_item_that_is_gone_is_not_asked_and_holds_no_other() {
    let (mut state, day) = (State::default(), minutely());
    let done = End::Answered;
    run(&mut state, &day, 0, &[("a", done), ("b", End::Gone), ("c", done)]);
    rests(&state, &day, 0);
    run(&mut state, &day, 1, &[("a", done), ("c", done)]);
    run(&mut state, &day, 9_000, &[("a", done), ("c", done)]);
}
