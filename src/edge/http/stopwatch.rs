//! How long others had to answer: it stands still while an exchange waits for our own turns.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Stands at nothing until it is started.
#[derive(Default)]
pub struct Stopwatch(Mutex<Reading>);

#[derive(Default)]
struct Reading {
    spent: Option<Duration>,
    since: Option<Instant>,
}

impl Stopwatch {
    /// What comes of a future before it has run for `most` in all, or `deadline` is reached.
    pub async fn within<F: Future>(
        &self,
        most: Duration,
        deadline: Instant,
        future: F,
    ) -> Option<F::Output> {
        let now = Instant::now();
        let left = most.saturating_sub(self.spent().unwrap_or_default());
        let until = now.checked_add(left).map_or(deadline, |until| until.min(deadline));
        self.reading().since = Some(now);
        let done = tokio::time::timeout_at(until.into(), future).await;
        let spent = self.spent();
        *self.reading() = Reading { spent, since: None };
        done.ok()
    }

    /// Its time so far; none where it was not started.
    pub fn spent(&self) -> Option<Duration> {
        let Reading { spent, since } = &*self.reading();
        let running = since.as_ref().map(Instant::elapsed);
        match (*spent, running) {
            (None, None) => None,
            (spent, running) => Some(spent.unwrap_or_default() + running.unwrap_or_default()),
        }
    }

    /// Whether somebody is to answer now.
    pub fn is_running(&self) -> bool {
        self.reading().since.is_some()
    }

    fn reading(&self) -> MutexGuard<'_, Reading> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_runs_in_the_legs_only_and_ends_them_together() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        runtime.expect("a runtime").block_on(async {
            let watch = Stopwatch::default();
            assert_eq!(watch.spent(), None);
            let (most, far) = (Duration::from_millis(40), Instant::now() + Duration::from_secs(60));
            let rest = |millis| tokio::time::sleep(Duration::from_millis(millis));
            assert!(watch.within(most, far, rest(10)).await.is_some());
            let first = watch.spent().expect("it ran");
            rest(60).await;
            assert_eq!((watch.spent(), watch.is_running()), (Some(first), false));
            let running = async { assert!(watch.is_running()) };
            assert!(watch.within(most, far, running).await.is_some());
            assert!(watch.within(most, far, rest(9_000)).await.is_none());
            assert!(watch.spent() >= Some(most));
            let now = Instant::now();
            assert!(Stopwatch::default().within(most, now, rest(9_000)).await.is_none());
        });
    }
}
