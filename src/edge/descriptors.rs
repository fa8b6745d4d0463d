//! How many files and connections this process may have open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// As many as the system lets us have without asking anybody; what it refuses stays as it was.
const ENOUGH: u64 = 4_096;

/// Raises the soft limit towards the hard one, where it is low.
pub fn raise() {
    let now = getrlimit(Resource::Nofile);
    let most = now.maximum.unwrap_or(u64::MAX).min(ENOUGH);
    if now.current.is_some_and(|current| current < most) {
        let wanted = Rlimit { current: Some(most), maximum: now.maximum };
        // With fewer there are fewer requests at once.
        let _ = setrlimit(Resource::Nofile, wanted);
    }
}
