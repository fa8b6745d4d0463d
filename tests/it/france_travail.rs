//! The search for job offers of France Travail, as it behaves, on this machine:
//! `tests/france_travail/server.py`.

use crate::sandbox::Sandbox;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The instant at which it stands still.
pub const NOW: &str = "2026-11-01T00:00:00Z";

/// It ends with this value.
pub struct FranceTravail {
    child: Child,
    port: u16,
}

impl FranceTravail {
    pub fn start(options: &[&str]) -> FranceTravail {
        let python = std::env::var("DAYBOOK_PYTHON").unwrap_or_else(|_| "python3".into());
        let mut server = Command::new(python);
        server.arg(format!("{ROOT}/tests/france_travail/server.py")).args(["--now", NOW]);
        server.args(["--burst", "0"]).args(options).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = server.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        FranceTravail { child, port: line.trim().parse().unwrap() }
    }

    /// Declares the shipped source in a home, led here.
    pub fn declare(&self, home: &Sandbox, change: &[(&str, &str)]) {
        let shipped = std::fs::read_to_string(format!("{ROOT}/sources/france-travail.toml"));
        let here = format!("http://127.0.0.1:{}", self.port);
        let mut text =
            shipped.unwrap().replace("https://api.francetravail.io/part", &format!("{here}/part"));
        text = text.replace("https://entreprise.francetravail.fr/conn", &format!("{here}/conn"));
        // Tests look at what is kept by an export, which its terms do not let out.
        text = text.replace("share       = \"aggregates\"\n", "");
        for (from, to) in change {
            assert!(text.contains(from), "{from}");
            text = text.replace(from, to);
        }
        home.source("france-travail", &text);
        let secrets = home.path("secrets.toml");
        let text = "france-travail-id = \"PAR_daybook_test\"\n\
                    france-travail-key = \"a-secret-of-nobody\"\n";
        std::fs::write(&secrets, text).unwrap();
        std::fs::set_permissions(&secrets, std::fs::Permissions::from_mode(0o600)).unwrap();
    }

    fn ask_by(&self, method: &str, path: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split_once("\r\n\r\n").unwrap().1.to_string()
    }

    fn ask(&self, path: &str) -> String {
        self.ask_by("GET", path)
    }

    /// An offer is withdrawn.
    pub fn vanish(&self, id: &str) {
        assert_eq!(self.ask_by("POST", &format!("/_/vanish?id={id}")), "True");
    }

    /// An offer is refused where it is asked for by itself.
    pub fn refuse(&self, id: &str) {
        assert_eq!(self.ask_by("POST", &format!("/_/refuse?id={id}")), "True");
    }

    /// The ids of offers that are open now.
    pub fn open(&self) -> BTreeSet<String> {
        self.ask("/_/open").lines().map(str::to_string).collect()
    }

    /// How often something was asked.
    pub fn count(&self, what: &str) -> u64 {
        let counts: serde_json::Value = serde_json::from_str(&self.ask("/_/counts")).unwrap();
        counts[what].as_u64().unwrap_or(0)
    }

    /// Pages that were asked for.
    pub fn pages(&self) -> u64 {
        self.count("search origin 1") + self.count("search origin 2")
    }
}

impl Drop for FranceTravail {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
