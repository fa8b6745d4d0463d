//! Extraction: a source's declaration and the bytes of a snapshot give items and faults,
//! together. Bad data is not an error here. For one list of JSON items it is a projection: the
//! declared paths are compiled once into a tree, and the parser visits only those branches,
//! without building a document. Other forms and paths are read from a built one.

mod item;
mod moment;
mod plan;
mod read;
mod shape;
pub mod show;
mod tree;
mod value;
mod walk;

pub use item::{Extraction, Fault, Item, MAX_FAULTS};
pub use plan::Plan;
pub use value::{Span, Value};

/// Changes whenever the same declaration and bytes would give other items than before: it is
/// part of every batch id, so that a batch is never finished by another reading of it.
pub const REVISION: u32 = 2;
