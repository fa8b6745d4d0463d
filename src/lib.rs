pub mod domain;
pub mod edge;
