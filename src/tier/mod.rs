//! Procedures: the order of steps, and policy. No arithmetic, no formats, no protocol here.

mod abreast;
pub mod again;
mod age;
pub mod agenda;
pub mod analyze;
pub mod answer;
mod asking;
pub mod audit;
pub mod backfill;
pub mod backup;
mod batches;
mod budget;
pub mod careful;
pub mod choice;
pub mod commit;
mod compose;
pub mod content;
pub mod copy;
pub mod count;
mod counting;
mod dealt;
pub mod doctor;
pub mod done;
pub mod due;
mod each;
mod ends;
pub mod export;
pub mod fetch;
pub mod forget;
mod fresh;
mod gone;
mod heard;
mod known;
pub mod labels;
mod landing;
pub mod live;
mod looked;
mod names;
mod odd;
mod outcome;
mod pace;
mod pages;
mod paging;
pub mod paper;
pub mod past;
pub mod ping;
pub mod probe;
mod reading;
mod ready;
pub mod recount;
pub mod rename;
mod replace;
pub mod replay;
pub mod rest;
pub mod restore;
mod retention;
mod robots;
mod rows;
pub mod runs;
mod set;
mod sets;
pub mod sides;
pub mod silence;
mod single;
pub mod standing;
pub mod status;
pub mod summarize;
pub mod survey;
mod surveyor;
mod surveys;
pub mod tally;
mod tidy;
mod tokens;
mod told;
mod tools;
pub mod unserved;
pub mod view;
mod way;

/// Where a procedure tells a person how it goes on; nothing depends on it.
pub trait Progress: Sync {
    /// A step of some length begins.
    fn begin(&self, what: &str, steps: usize);
    /// One of its steps is done.
    fn step(&self);
    /// Something a person may want to know.
    fn tell(&self, line: &str);
    /// Something a person must know, also under cron.
    fn warn(&self, line: &str);
}
