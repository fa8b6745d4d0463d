//! Whatever the umask says, nobody else reads what the programs keep for themselves, nor holds
//! their locks; answers, journals and reports stay as the umask says.

use crate::recording::{QUAKES, answers, declaration};
use crate::sandbox::{Kind, Sandbox};
use crate::server::{Answer, Server};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

/// Runs a program under an umask; it may be killed at a step.
fn under(umask: &str, home: &Sandbox, program: &str, arguments: &[&str], step: Option<&str>) {
    let plain = home.command(program, arguments);
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("umask {umask}; exec \"$0\" \"$@\"")).arg(plain.get_program());
    command.args(plain.get_args()).env_remove("DAYBOOK_STEP");
    command.envs(step.map(|step| ("DAYBOOK_STEP", step))).output().unwrap();
}

/// What is open to others, of what should not be, with its mode.
fn open(home: &Sandbox) -> Vec<String> {
    let data = home.path("data");
    let entries = walkdir::WalkDir::new(&data).min_depth(1).into_iter();
    // A run that was killed soon has made none yet.
    let entries = entries.filter_map(Result::ok);
    let named = entries.map(|entry| {
        let name = entry.path().strip_prefix(&data).unwrap().display().to_string();
        (name, entry.metadata().unwrap())
    });
    let wrong = named.filter(|(name, metadata)| {
        // Of the last answers the folder is enough: they have names outside too, for people.
        let state = name.starts_with(".state");
        let own = state && (metadata.is_dir() || !name.starts_with(".state/last"));
        (own || name.ends_with("lock")) && metadata.permissions().mode() & 0o77 > 0
    });
    wrong.map(|(name, metadata)| format!("{name} {:o}", metadata.permissions().mode())).collect()
}

fn mode(home: &Sandbox, file: &str) -> u32 {
    std::fs::metadata(home.path(file)).unwrap().permissions().mode() & 0o777
}

fn home(server: &Server) -> Sandbox {
    let home = Sandbox::new(Kind::Sqlite);
    home.settings("[summarizer]\narchive = \"archive\"\n");
    home.source(QUAKES, &declaration(QUAKES, "1m", server));
    let path = format!("/{QUAKES}");
    server.on(&path, Answer::ok(answers(QUAKES).remove(0)));
    for _ in 0..40 {
        server.on(&path, Answer::status(500));
    }
    home
}

fn fetch(umask: &str, home: &Sandbox, minute: u32, step: Option<&str>) {
    let now = format!("2026-11-21T10:{minute:02}:00Z");
    under(umask, home, "fetcher", &["--now", &now], step);
}

const SUMMARIZE: [&str; 3] = ["--now", "2026-11-21T11:05:00Z", "run"];

#[test]
fn what_programs_keep_for_themselves_is_closed_to_others_under_any_umask() {
    for (umask, file) in [("000", 0o666), ("022", 0o644), ("027", 0o640)] {
        let server = Server::start();
        let home = home(&server);
        fetch(umask, &home, 0, None);
        let landed = home.files(&format!("data/{QUAKES}"));
        assert_eq!(landed.len(), 1);
        assert_eq!(mode(&home, &format!("data/{QUAKES}/{}", landed[0])), file);
        fetch(umask, &home, 5, None);
        assert_eq!(open(&home), [""; 0], "umask {umask}");
        under(umask, &home, "summarizer", &SUMMARIZE, None);
        assert_eq!(open(&home), [""; 0], "umask {umask}");
        let archived = home.files(&format!("archive/{QUAKES}"));
        assert_eq!(mode(&home, &format!("archive/{QUAKES}/{}", archived[0])), file);
        let day = ["--now", "2026-11-22T00:15:00Z", "report", "--date", "2026-11-21"];
        under(umask, &home, "analyzer", &day, None);
        assert_eq!(mode(&home, "reports/daybook_2026-11-21.pdf"), file);
        assert_eq!(open(&home), [""; 0], "umask {umask}");
    }
}

/// Also of what a killed run leaves; and what an older version left open is closed.
#[test]
fn what_a_killed_run_leaves_is_closed_and_old_homes_are_closed_by_the_next_run() {
    let server = Server::start();
    let home = home(&server);
    for step in 1..20 {
        fetch("000", &home, step, Some(&format!("kill:{step}")));
        assert_eq!(open(&home), [""; 0], "fetcher, step {step}");
    }
    for step in 1..20 {
        under("000", &home, "summarizer", &SUMMARIZE, Some(&format!("kill:{step}")));
        assert_eq!(open(&home), [""; 0], "summarizer, step {step}");
    }
    let all = Command::new("chmod").args(["-R", "a+rwX"]).arg(home.path("data")).status();
    assert!(all.unwrap().success());
    fetch("000", &home, 40, None);
    assert_eq!(mode(&home, "data/.state"), 0o700);
    let locks: Vec<String> = home.files("data/.state");
    let locks = locks.iter().filter(|name| name.ends_with("fetcher.lock"));
    let open: Vec<_> = locks.map(|name| mode(&home, &format!("data/.state/{name}"))).collect();
    assert_eq!(open, [0o600]);
}
