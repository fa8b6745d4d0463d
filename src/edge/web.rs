//! The dashboard's door: pages, data and events over HTTP. What is shown comes through a [`View`];
//! nothing is written, and nothing but GET and HEAD is understood.

mod api;
mod assets;
mod blocks;
mod chosen;
mod desk;
mod events;
mod figure;
mod files;
mod guard;
mod lines;
mod links;
mod listen;
mod lists;
mod metrics;
mod openapi;
mod page;
mod pages;
mod parts;
mod patient;
mod reply;
mod router;
mod rows;
mod shelf;
mod state;
mod svg;
mod table;
mod view;
mod whole;

pub use guard::{Door, Origin};
pub use listen::{Address, Listening, listen};
pub use view::{Bell, View};
