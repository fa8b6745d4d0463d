//! Work abreast: of what comes in a row, one is worked on by other threads while this thread ends
//! the one before and begins the next. What it does itself, it does in the same order each time.

use std::sync::mpsc::{Receiver, channel};

/// Begins each as the iterator gives it, works on it elsewhere, and ends it here, one after the
/// other. One that may not wait is ended before the next is worked on.
pub fn abreast<T: Send>(
    begun: impl Iterator<Item = T>,
    work: impl Fn(T) -> T + Sync,
    may_wait: impl Fn(&T) -> bool,
    mut end: impl FnMut(T),
) {
    let work = &work;
    rayon::in_place_scope(|scope| {
        let mut last: Option<Receiver<T>> = None;
        for next in begun {
            // The work on it panicked: so does this scope.
            let Ok(done) = last.take().map(|last| last.recv()).transpose() else { return };
            let waiting = match done {
                Some(done) if !may_wait(&done) => {
                    end(done);
                    None
                }
                done => done,
            };
            let (sender, receiver) = channel();
            scope.spawn(move |_| drop(sender.send(work(next))));
            last = Some(receiver);
            waiting.into_iter().for_each(&mut end);
        }
        last.and_then(|last| last.recv().ok()).into_iter().for_each(&mut end);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    /// What this thread does, in order; all but every third of the work may wait.
    fn done(count: usize) -> Vec<String> {
        let done = RefCell::new(Vec::new());
        let note = |what: &str, n: usize| done.borrow_mut().push(format!("{what} {n}"));
        let begun = (0..count).inspect(|n| note("begin", *n));
        abreast(begun, |n| n + 100, |n| n % 3 != 0, |n| note("end", n));
        done.into_inner()
    }

    #[test]
    fn each_is_worked_on_and_ended_in_order() {
        assert_eq!(done(0), [""; 0]);
        assert_eq!(done(1), ["begin 0", "end 100"]);
        let four = "begin 0, begin 1, end 100, begin 2, end 101, begin 3, end 102, end 103";
        assert_eq!(done(4).join(", "), four);
    }

    #[test]
    fn one_is_worked_on_while_the_one_before_is_ended() {
        let (sender, receiver) = channel();
        let sender = std::sync::Mutex::new(sender);
        let work = |n: usize| {
            sender.lock().unwrap().send(n).unwrap();
            n
        };
        // Ends the first only once the second is being worked on.
        let mut ended = 0;
        abreast(
            0..2,
            work,
            |_| true,
            |n| {
                ended += 1;
                if n == 0 {
                    assert_eq!((receiver.recv().unwrap(), receiver.recv().unwrap()), (0, 1));
                }
            },
        );
        assert_eq!(ended, 2);
    }
}
