//! The dashboard: that it sees each answer once, wherever the summarizer has it; its pages, its
//! data and its events over real HTTP; what it does to hostile names and to hostile visitors.

mod board;
mod browser;
mod doors;
mod flow;
mod hostile;
mod news;
mod paper;
mod programs;
mod truth;
