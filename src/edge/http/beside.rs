//! Who asks the same hosts at the same time, in another process.

use std::any::Any;
use std::time::Duration;

/// Keeps pace and places with them.
pub trait Beside: Send + Sync {
    /// A place at a host, from now on; or how long to wait before one asks for it again. `gap` is
    /// the least time between two starts, `at_once` how many may hold a place.
    fn enter(&self, host: &str, gap: Duration, at_once: usize) -> Result<Held, Duration>;
}

/// A place that is held until this is dropped.
pub type Held = Box<dyn Any + Send + Sync>;
