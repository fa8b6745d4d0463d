//! The gate before and after every operation on disk and store. In production it is open. A
//! test puts a watch there, which may stop the process, fail the operation, or hold it.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// What the watch says of one operation; an error fails it, as the device might.
pub type Watch = dyn Fn(&str) -> Result<(), String> + Send + Sync;

/// A watch that is told the path, too; an empty one where the operation is not on the disk.
pub type PathWatch = dyn Fn(&str, &Path) -> Result<(), String> + Send + Sync;

/// A gate; clones share its watch.
#[derive(Clone, Default)]
pub struct Gate(Option<Arc<PathWatch>>);

impl Gate {
    /// A gate where nobody stands.
    pub fn open() -> Gate {
        Gate(None)
    }

    pub fn watched(watch: Arc<Watch>) -> Gate {
        Gate(Some(Arc::new(move |name: &str, _: &Path| watch(name))))
    }

    pub fn watched_with_paths(watch: Arc<PathWatch>) -> Gate {
        Gate(Some(watch))
    }

    /// Whether somebody stands there.
    pub fn is_watched(&self) -> bool {
        self.0.is_some()
    }

    /// Carries out an operation between two calls of the watch: `name` before it, and
    /// `name!` after it, where a failure means "done, but the answer was lost".
    pub fn pass<T, E>(
        &self,
        name: &str,
        refused: impl Fn(String) -> E,
        operation: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        self.pass_on(Path::new(""), name, refused, operation)
    }

    /// The same for an operation on a path.
    pub fn pass_on<T, E>(
        &self,
        path: &Path,
        name: &str,
        refused: impl Fn(String) -> E,
        operation: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let Some(watch) = &self.0 else { return operation() };
        watch(name, path).map_err(&refused)?;
        let done = operation()?;
        watch(&format!("{name}!"), path).map_err(&refused)?;
        Ok(done)
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Gate(watched)" } else { "Gate(open)" })
    }
}
