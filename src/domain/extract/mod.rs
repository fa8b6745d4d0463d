//! Extraction: a source's declaration and the bytes of a snapshot give items, faults and remarks,
//! together. Bad data is not an error here. For one list of JSON items it is a projection: the
//! declared paths are compiled once into a tree, and the reader visits only those branches,
//! without building a document. Other forms and paths are read from a built one. Both give the
//! same, since both read values by the same rules.

mod answer;
mod clean;
mod identity;
mod iso;
mod item;
mod kept;
mod known;
mod learn;
mod learnt;
mod moment;
mod notice;
mod outer;
mod peek;
mod plan;
mod remark;
mod shape;
pub mod show;
mod stream;
pub mod strftime;
mod value;
mod walk;
mod zone;

pub use answer::TOO_LARGE;
pub use item::{Extraction, Fault, Item};
pub use peek::{Count, Found};
pub use plan::Plan;
pub use remark::{FILTERED, Remark};
pub use value::{Span, Value};

/// Changes whenever the same declaration and bytes would give other items than before: it is
/// part of every batch id, so that a batch is never finished by another reading of it.
pub const REVISION: u32 = 6;
