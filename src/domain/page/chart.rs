//! The kinds of charts. Each turns one figure of the report into slabs of a given width; the
//! ones that can grow take a stretch, so that neighbours end at the same height.

pub mod bars;
pub mod key;
pub mod label;
pub mod line;
pub mod map;
pub mod multiples;
pub mod plane;
pub mod project;
pub mod remark;
pub mod spark;
