//! Exports: summaries and records as plain tables, and the package that describes them.

mod package;
mod table;

pub use package::{Package, Resource, package};
pub use table::{
    Column, Kind, Table, Value, record_columns, records, summaries, summary_columns, texts,
};
