//! The console: progress for a person who watches, silence under cron unless something is
//! wrong. Results go to standard output, everything else to standard error.

use super::{Mail, output};
use crate::domain::incident::Complaint;
use crate::edge::config::Faults;
use crate::tier::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::Mutex;

/// Where messages go.
pub struct Console {
    bar: Mutex<ProgressBar>,
    animated: bool,
    talks: bool,
    /// Where nobody watches, what must be seen goes here.
    pub mail: Mail,
}

impl Console {
    pub fn new(watched: bool, quiet: bool, verbose: bool, mail: Mail) -> Console {
        let (animated, bar) = (watched && !quiet, Mutex::new(ProgressBar::hidden()));
        Console { bar, animated, talks: verbose || animated, mail }
    }

    /// Whether a person waits in front of it.
    pub fn is_watched(&self) -> bool {
        self.animated
    }

    /// Whether anybody reads what is done.
    pub fn talks(&self) -> bool {
        self.talks
    }

    /// A line of the result, unless nobody reads it.
    pub fn say(&self, line: &str) {
        if self.talks {
            self.print(line);
        }
    }

    /// What must be seen, unless it was told already.
    pub fn complain_unless_told(&self, complaint: Complaint) {
        let text = complaint.text.clone();
        if !self.mail.takes(complaint) && !self.talks {
            self.print(&text);
        }
    }

    /// What must be seen.
    pub fn complain(&self, complaint: Complaint) {
        let text = complaint.text.clone();
        if !self.mail.takes(complaint) {
            self.print(&text);
        }
    }

    /// Faults of files that people write, and what is done in spite of them.
    pub fn warn_of_faults(&self, faults: &Faults, done: &str) {
        if !self.mail.takes_faults(faults, done) {
            self.print(&faults.to_string());
        }
    }

    fn print(&self, line: &str) {
        match self.bar.lock() {
            Ok(bar) if self.animated => bar.suspend(|| output::tell(line)),
            _ => output::tell(line),
        }
    }

    /// Takes the bar away.
    pub fn end(&self) {
        if let Ok(bar) = self.bar.lock() {
            bar.finish_and_clear();
        }
    }
}

impl Progress for Console {
    fn begin(&self, what: &str, steps: usize) {
        let Ok(mut bar) = self.bar.lock() else { return };
        bar.finish_and_clear();
        if !self.animated {
            return;
        }
        *bar = if steps > 0 {
            let style = ProgressStyle::with_template("{msg} {wide_bar:.dim} {pos}/{len}");
            let bar =
                ProgressBar::with_draw_target(Some(steps as u64), ProgressDrawTarget::stderr());
            bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        } else {
            let style = ProgressStyle::with_template("{spinner} {msg}");
            let bar = ProgressBar::new_spinner();
            bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
        };
        bar.set_message(what.to_string());
        bar.tick();
    }

    fn step(&self) {
        if let Ok(bar) = self.bar.lock() {
            bar.inc(1);
        }
    }

    fn tell(&self, line: &str) {
        self.say(line);
    }

    fn warn(&self, line: &str) {
        if !self.mail.takes_line(line) {
            self.print(line);
        }
    }
}
