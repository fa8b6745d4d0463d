//! What is wrong in files that people write: each with its place, what was found, what is allowed.

use crate::edge::disk;
use std::collections::BTreeMap;
use std::fmt;

/// One thing that is wrong in a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    pub file: String,
    /// From 1; 0 when it concerns the whole file.
    pub line: usize,
    pub found: String,
    /// Empty where that says it all.
    pub allowed: String,
}

impl Fault {
    pub fn of_file(file: &str, found: &str, allowed: &str) -> Fault {
        Fault { file: file.into(), line: 0, found: found.into(), allowed: allowed.into() }
    }

    /// What could not be had at all: why says enough, nothing else was expected of it.
    pub fn unread(file: &str, what: &str, why: &disk::Error) -> Fault {
        Fault::of_file(file, &format!("{what}: {}", why.why()), "")
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let line = if self.line > 0 { format!(":{}", self.line) } else { String::new() };
        write!(f, "{}{line}: {}", self.file, self.found)?;
        if self.allowed.is_empty() { Ok(()) } else { write!(f, "; {}", self.allowed) }
    }
}

/// All faults of some files, in the order of their lines.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Faults(pub(super) Vec<Fault>);

impl Faults {
    pub fn one(fault: Fault) -> Faults {
        Faults(vec![fault])
    }

    pub fn push(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub fn extend(&mut self, more: Faults) {
        self.0.extend(more.0);
    }

    /// The files that have faults, each with all of them in its text.
    pub fn by_file(&self) -> BTreeMap<String, String> {
        let mut files: BTreeMap<String, String> = BTreeMap::new();
        for fault in &self.0 {
            let text = files.entry(fault.file.clone()).or_default();
            *text = if text.is_empty() { fault.to_string() } else { format!("{text}\n{fault}") };
        }
        files
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The faults, or nothing when there are none.
    pub fn some(self) -> Option<Faults> {
        (!self.is_empty()).then_some(self)
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(Fault::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for Faults {}
