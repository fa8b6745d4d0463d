//! Units of systemd: the files of a user's folder, and those of the machine.

use std::path::{Path, PathBuf};

/// Where a machine keeps the units of its own.
const OF_MACHINE: &str = "/etc/systemd/system";

/// A timer that is switched on, and the text of the service that it starts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Timer {
    pub path: PathBuf,
    pub service: String,
}

/// The timers that are switched on, of a user's folder and of the machine.
pub fn timers(own: Option<&Path>) -> Vec<Timer> {
    let folders = own.into_iter().chain([Path::new(OF_MACHINE)]);
    folders.flat_map(switched_on).collect()
}

fn switched_on(folder: &Path) -> Vec<Timer> {
    let wanted = std::fs::read_dir(folder.join("timers.target.wants")).into_iter().flatten();
    let names = wanted.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let timer = |name: String| {
        let (path, service) = (folder.join(&name), name.strip_suffix(".timer")?.to_string());
        let service = std::fs::read_to_string(folder.join(service + ".service")).ok()?;
        path.is_file().then_some(Timer { path, service })
    };
    names.filter_map(timer).collect()
}
