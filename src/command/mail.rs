//! What a run says when nobody watches it: cron mails each word, so that an incident is told when
//! it begins and once a day while it lasts. A person who watches, or asks for all with `-v`, is
//! told everything at once.

use super::{output, told};
use crate::domain::gate::Gate;
use crate::domain::incident::{Complaint, Well, shape};
use crate::domain::time::Instant;
use crate::edge::config::Faults;
use crate::edge::spool::Spool;
use crate::tier::choice::Misasked;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// The letter of one run; its clones are the same letter.
#[derive(Clone, Default)]
pub struct Mail(Option<Arc<Mutex<Draft>>>);

#[derive(Default)]
struct Draft {
    program: &'static str,
    /// A person is told each thing at once: it is only kept that it was so.
    speaks: bool,
    complaints: Vec<Complaint>,
    wells: Vec<Well>,
    /// What is tried now: with which incidents an error belongs that ends the run.
    about: Option<String>,
}

/// What each run says of itself; and where that is tried, of the store, which is that of all
/// programs.
pub const STORE: &str = "store/";

/// The key of what belongs to a file that people write.
fn of_file(path: &str) -> String {
    format!("file/{path}/")
}

impl Mail {
    /// The letter of a run `for_cron`, to be written at its end, unless it `speaks` at once.
    pub fn new(program: &'static str, for_cron: bool, speaks: bool) -> Mail {
        let draft = Draft { program, speaks, ..Draft::default() };
        Mail(for_cron.then(|| Arc::new(Mutex::new(draft))))
    }

    fn draft<T>(&self, act: impl FnOnce(&mut Draft) -> T) -> Option<T> {
        let draft = self.0.as_ref()?;
        Some(act(&mut draft.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    /// Takes a complaint; false where it is to be said at once.
    pub fn takes(&self, complaint: Complaint) -> bool {
        self.takes_by(|draft| draft.complain(complaint))
    }

    /// Takes a line of a run, which belongs to the incident that its words tell.
    pub fn takes_line(&self, line: &str) -> bool {
        self.takes_by(|draft| draft.complain(draft.line(line)))
    }

    /// Notes what is complained of; false where it is to be said at once.
    fn takes_by(&self, act: impl FnOnce(&mut Draft)) -> bool {
        let taken = self.draft(|draft| {
            act(draft);
            !draft.speaks
        });
        taken.unwrap_or(false)
    }

    /// The store is tried from here on, until [`Mail::has_store`].
    pub fn tries_store(&self) {
        self.well(STORE.into());
        self.draft(|draft| draft.about = Some(STORE.into()));
    }

    pub fn has_store(&self) {
        self.draft(|draft| draft.about = None);
    }

    /// Takes the faults of files that people write.
    pub fn takes_faults(&self, faults: &Faults, done: &str) -> bool {
        let take = |draft: &mut Draft| {
            for (file, text) in faults.by_file() {
                let text = format!(
                    "{text}\nhint: `fetcher check` and `fetcher status` tell when it is right"
                );
                let (key, done) = (of_file(&file), done.to_string());
                let complaint = Complaint { key, text, done, exact: true, ..Complaint::default() };
                draft.complain(complaint);
            }
        };
        self.takes_by(take)
    }

    /// What ends a run.
    fn takes_error(&self, error: &anyhow::Error) -> bool {
        if error.is::<Misasked>() {
            return false;
        }
        match error.downcast_ref::<Faults>() {
            Some(faults) => self.takes_faults(faults, "no program works until it is mended"),
            None => self.takes_by(|draft| draft.complain(draft.end(&told(error)))),
        }
    }

    /// These files were read, or all below a folder; what is wrong with them is complained of.
    pub fn read(&self, file: &Path) {
        self.well(of_file(&file.display().to_string()));
    }

    pub fn read_all(&self, folder: &Path) {
        self.well(format!("file/{}/", folder.display()));
    }

    /// The run looked at all that it complains of in lines.
    pub fn looked(&self) {
        self.draft(|draft| draft.well(format!("{}/run/", draft.program)));
    }

    /// What begins so is well, unless it is complained of.
    pub fn well(&self, prefix: String) {
        self.draft(|draft| draft.well(prefix));
    }

    pub fn well_but(&self, well: Well) {
        self.draft(|draft| draft.wells.push(well));
    }

    /// What there was to say, line by line.
    pub fn said(&self) -> String {
        let texts = |draft: &mut Draft| -> Vec<String> {
            draft.complaints.iter().map(|complaint| complaint.text.clone()).collect()
        };
        self.draft(texts).unwrap_or_default().join("\n")
    }

    /// Says what is to be said now, and keeps that it was: who dies between says it once more.
    pub fn send(&self, home: &Path, now: Instant, error: Option<&anyhow::Error>) {
        if error.is_some_and(|error| !self.takes_error(error)) {
            error.iter().for_each(|error| output::tell(told(error)));
        }
        self.draft(|draft| draft.send(home, now));
    }
}

impl Draft {
    fn line(&self, line: &str) -> Complaint {
        let key = format!("{}/run/{}/", self.program, shape(line));
        Complaint { key, text: line.into(), ..Complaint::default() }
    }

    /// What ends the run.
    fn end(&self, line: &str) -> Complaint {
        let Some(about) = &self.about else { return self.line(line) };
        Complaint { key: format!("{about}{}/", shape(line)), ..self.line(line) }
    }

    /// Complaints of one incident are one.
    fn complain(&mut self, complaint: Complaint) {
        match self.complaints.iter_mut().find(|known| known.key == complaint.key) {
            Some(known) if known.text == complaint.text => {}
            Some(known) => known.text = format!("{}\n{}", known.text, complaint.text),
            None => self.complaints.push(complaint),
        }
    }

    fn well(&mut self, prefix: String) {
        self.wells.push(Well { prefix, ..Well::default() });
    }

    fn send(&self, home: &Path, now: Instant) {
        let spool = Spool::new(home, Gate::open());
        if self.complaints.is_empty() && spool.incidents().0.is_empty() {
            return;
        }
        // A home that a person mistypes is none of which anything is kept.
        if self.speaks && !spool.is_made() {
            return;
        }
        let mut told = spool.telling();
        if self.speaks {
            told.incidents.note(now, &self.complaints, &self.wells);
            return told.keep();
        }
        let notices = told.incidents.judge(self.program, now, &self.complaints, &self.wells);
        notices.lines.iter().for_each(output::tell);
        if notices.fresh {
            output::tell(format_args!(
                "This is told once, and once a day while it lasts; how it stands: {} --home {} \
                 status",
                self.program,
                home.display()
            ));
        }
        told.keep();
    }
}
