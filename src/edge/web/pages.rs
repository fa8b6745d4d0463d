//! The pages of the dashboard, each from a scene.

pub mod data;
pub mod health;
pub mod lost;
pub mod map;
pub mod now;
pub mod records;
pub mod reports;
pub mod series;
pub mod sources;
pub mod topic;
