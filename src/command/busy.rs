//! What a run says when another one is at work.

use super::{Exit, Setup};
use crate::tier::Progress;

/// A held lock: leave at once, quietly, unless the holder is too old to be right.
pub(super) fn busy(setup: &Setup, job: &str, holder: Option<&str>, patience_s: i64) -> Exit {
    let mut words = holder.unwrap_or_default().split_whitespace();
    let pid = words.next().unwrap_or("?");
    let since: Option<i64> = words.next().and_then(|word| word.parse().ok());
    let age = since.map_or(0, |since| setup.clock.started().timestamp() - since);
    if age <= patience_s {
        setup.console.say(&format!("{job}: another run (process {pid}) is at work"));
        return Exit::AllDone;
    }
    setup.console.warn(&format!(
        "{job}: process {pid} holds the lock since {age} s\n\
         hint: if it hangs, end it: nothing is lost"
    ));
    Exit::NothingDone
}
