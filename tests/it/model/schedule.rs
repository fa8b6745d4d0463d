//! A schedule: what happens, in which order, and what goes wrong at which step. A seed makes one.

use crate::crash::cases::Dice;

#[derive(Debug)]
pub struct Schedule {
    pub acts: Vec<Act>,
    pub archive: Archive,
    /// At this step of all, another home summarises what it has; in between.
    pub second: Option<(u64, Fate)>,
    /// What it has that the first one has too.
    pub copies: Vec<&'static str>,
    /// These have rotten before anything is done.
    pub rotten: Vec<&'static str>,
    /// At this step of all, a snapshot lands; in between.
    pub mid: u64,
    /// A death is that of the machine.
    pub power: bool,
}

/// A job, how it ends, and what happens then.
#[derive(Debug)]
pub struct Act {
    pub job: Job,
    pub fate: Fate,
    pub then: Vec<Event>,
}

#[derive(Clone, Debug)]
pub enum Job {
    Run,
    /// A run in which hours thin as soon as they are closed.
    Thin,
    Replay,
    /// Under the declaration of this version, or today's.
    Recount(Option<u8>),
    /// A fetch of these.
    Land(Vec<&'static str>),
}

#[derive(Clone, Copy, Debug)]
pub enum Archive {
    Nowhere,
    Own,
    /// One for both homes.
    Shared,
}

/// What becomes of a run; steps are counted from zero.
#[derive(Clone, Copy, Debug)]
pub enum Fate {
    Lives,
    /// It dies before this step; what it had asked of the store then is on its way.
    Dies(u32, Flight),
    /// It dies as it asks for this kind of thing for the so manieth time.
    DiesAsking(Ask, u32, Flight),
    /// The answer to this step at the store, or at one after it, does not come.
    Waits(u32, Flight),
    /// This step is refused, and was not done.
    Refused(u32),
}

/// What may be asked of the store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ask {
    Rows,
    Entry,
    Removal,
}

/// What becomes of an operation whose answer nobody gets.
#[derive(Clone, Copy, Debug)]
pub enum Flight {
    Lost,
    Applied,
    /// Applied so many steps later, whoever is at work by then.
    Later(u64),
}

#[derive(Clone, Debug)]
pub enum Event {
    Land(&'static str),
    /// Someone copies files back that may be counted.
    Back(Vec<&'static str>),
    /// The declaration of this version is today's.
    Declare(u8),
    /// The bytes of this one rot, wherever it waits.
    Damage(&'static str),
    /// Its good copy is put back among what waits.
    Restore(&'static str),
}

/// More steps than most jobs have.
const STEPS: usize = 110;

impl Schedule {
    pub fn of(seed: u64) -> Schedule {
        let mut dice = Dice(seed);
        let dice = &mut dice;
        let mut jobs = jobs(dice);
        thin_some(&mut jobs, &mut Dice(seed ^ 0x7417));
        let events = events(dice);
        let power = dice.below(2) == 0;
        let archive = [Archive::Nowhere, Archive::Own, Archive::Own, Archive::Shared];
        let archive = archive[dice.below(4)];
        let second = (dice.below(4) > 0).then(|| (dice.below(150) as u64, fate(dice)));
        let copies = ["a", "partial", "torn", "next"];
        let copies = copies.into_iter().filter(|_| dice.below(2) == 0).collect();
        let rotten = ["b", "next", "late"].into_iter().filter(|_| dice.below(8) == 0).collect();
        let act = |(place, job): (usize, Job)| {
            let then = if place == 0 { events.clone() } else { between(dice) };
            Act { job, fate: fate(dice), then }
        };
        let acts = jobs.into_iter().enumerate().map(act).collect();
        Schedule { acts, archive, second, copies, rotten, mid: dice.below(60) as u64, power }
    }
}

/// The orders of the model of the protocol, and any others.
fn jobs(dice: &mut Dice) -> Vec<Job> {
    let (run, replay, recount) = (Job::Run, Job::Replay, Job::Recount(None));
    let (back, land) = (Job::Recount(Some(1)), Job::Land(vec!["late", "mid"]));
    let orders = [
        vec![&run, &run],
        vec![&run, &replay],
        vec![&run, &recount],
        vec![&recount, &recount],
        vec![&run, &recount, &recount],
        vec![&run, &replay, &recount],
        vec![&run, &recount, &replay],
        vec![&run, &replay, &back],
        vec![&run, &replay, &back, &replay],
        vec![&run, &replay, &back, &recount],
        vec![&land, &run, &land, &run],
    ];
    let any = [&run, &run, &replay, &recount, &back, &land];
    let order = match dice.below(3) {
        0 => (0..2 + dice.below(4)).map(|_| any[dice.below(any.len())]).collect(),
        _ => orders[dice.below(orders.len())].clone(),
    };
    order.into_iter().cloned().collect()
}

/// Of the runs, some let hours thin; the seeds of before keep all else.
fn thin_some(jobs: &mut [Job], dice: &mut Dice) {
    for job in jobs.iter_mut().filter(|job| matches!(job, Job::Run)) {
        if dice.below(3) == 0 {
            *job = Job::Thin;
        }
    }
}

/// What happens after the first job.
fn events(dice: &mut Dice) -> Vec<Event> {
    let late = Event::Land("late");
    let back = Event::Back(vec!["a", "b"]);
    let mended = Event::Declare(2 + dice.below(2) as u8);
    match dice.below(7) {
        5 => vec![Event::Damage("b"), late],
        6 => vec![Event::Damage("next"), late, mended],
        0 => vec![late],
        1 => vec![late, back],
        2 => vec![late, Event::Declare(4)],
        3 => vec![late, mended],
        _ => vec![late, back, mended],
    }
}

/// What may happen after any other.
fn between(dice: &mut Dice) -> Vec<Event> {
    let names = ["a", "b", "partial", "broken", "late", "next"];
    let name = names[dice.below(names.len())];
    match dice.below(8) {
        0 | 1 => vec![Event::Back(names.into_iter().filter(|_| dice.below(2) == 0).collect())],
        2 => vec![Event::Declare(1 + dice.below(4) as u8)],
        3 => vec![Event::Damage(name)],
        4 => vec![Event::Restore(name)],
        5 => vec![Event::Damage(name), Event::Restore(name)],
        _ => Vec::new(),
    }
}

fn fate(dice: &mut Dice) -> Fate {
    let flight = match dice.below(10) {
        0 | 1 => Flight::Lost,
        2 | 3 => Flight::Applied,
        other => Flight::Later([2, 3, 5, 8, 13, 34][other - 4]),
    };
    let step = dice.below(STEPS) as u32;
    let ask = [Ask::Rows, Ask::Entry, Ask::Entry, Ask::Removal][dice.below(4)];
    match dice.below(8) {
        0 | 1 => Fate::Lives,
        2 => Fate::Waits(step / 4, flight),
        3 => Fate::Refused(step),
        4 | 5 => {
            Fate::DiesAsking(ask, dice.below(if ask == Ask::Rows { 12 } else { 3 }) as u32, flight)
        }
        _ => Fate::Dies(step, flight),
    }
}
