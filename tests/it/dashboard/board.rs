//! A dashboard that runs, and a visitor of it.

use crate::recording::whole_day;
use crate::sandbox::{Kind, Sandbox};
use rustix::process::{Pid, Signal, kill_process};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

/// A home with the recorded day of all sources, of its own.
pub fn day() -> Sandbox {
    static DAY: OnceLock<Sandbox> = OnceLock::new();
    DAY.get_or_init(|| whole_day(Kind::Sqlite, "")).copy(Kind::Sqlite)
}

pub struct Board {
    child: Child,
    /// `127.0.0.1:40123`
    pub address: String,
}

/// An answer, its body as it came.
#[derive(Debug)]
pub struct Told {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Told {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub fn is(self, status: u16) -> Told {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        self
    }
}

impl Board {
    /// Starts one on a port of its own, and waits for its first look.
    pub fn start(home: &Sandbox, more: &[&str]) -> Board {
        Board::start_at(home, "127.0.0.1:0", more)
    }

    /// The same, on a port.
    pub fn start_at(home: &Sandbox, listen: &str, more: &[&str]) -> Board {
        let board = Board::begin_at(home, listen, more);
        crate::sandbox::wait_until("the first look", || board.get("/healthz").status == 200);
        board
    }

    /// Starts one that may not let us in.
    pub fn begin(home: &Sandbox, more: &[&str]) -> Board {
        Board::begin_at(home, "127.0.0.1:0", more)
    }

    fn begin_at(home: &Sandbox, listen: &str, more: &[&str]) -> Board {
        let arguments = [&["serve", "--listen", listen], more].concat();
        let mut command = home.command("analyzer", &arguments);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().trim_start_matches("http://").trim_end_matches('/').to_string();
        assert!(address.starts_with("127.0.0.1:"), "{line:?}");
        Board { child, address }
    }

    pub fn get(&self, path: &str) -> Told {
        self.ask(path, &[])
    }

    pub fn ask(&self, path: &str, headers: &[(&str, &str)]) -> Told {
        self.send("GET", path, headers)
    }

    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Told {
        let mut head = format!("{method} {path} HTTP/1.1\r\n");
        if headers.iter().all(|(name, _)| *name != "host") {
            head += &format!("host: {}\r\n", self.address);
        }
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        let mut stream = self.connect();
        stream.write_all((head + "connection: close\r\n\r\n").as_bytes()).unwrap();
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        told(&bytes)
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream
    }

    /// A stream of events, its head read already.
    pub fn events(&self, last: Option<&str>) -> BufReader<TcpStream> {
        let mut stream = self.connect();
        let last = last.map(|id| format!("last-event-id: {id}\r\n")).unwrap_or_default();
        let head = format!("GET /events HTTP/1.1\r\nhost: {}\r\n{last}\r\n", self.address);
        stream.write_all(head.as_bytes()).unwrap();
        let mut reader = BufReader::new(stream);
        while !line(&mut reader).is_empty() {}
        reader
    }

    /// A figure of `/metrics`.
    pub fn gauge(&self, name: &str) -> f64 {
        let told = self.get("/metrics");
        let line = told.text().lines().find(|line| line.starts_with(&format!("{name} "))).unwrap();
        line.rsplit_once(' ').unwrap().1.parse().unwrap()
    }

    pub fn end(mut self) -> ExitStatus {
        self.tell(Signal::TERM);
        self.child.wait().unwrap()
    }

    pub fn tell(&self, signal: Signal) {
        let _ = kill_process(Pid::from_child(&self.child), signal);
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn line(reader: &mut impl BufRead) -> String {
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    line.trim_end().to_string()
}

fn told(bytes: &[u8]) -> Told {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("an answer has a head");
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let pairs = head.lines().skip(1).filter_map(|line| line.split_once(": "));
    let headers: BTreeMap<String, String> =
        pairs.map(|(name, value)| (name.to_ascii_lowercase(), value.to_string())).collect();
    let body = &bytes[end + 4..];
    let is_chunked = headers.get("transfer-encoding").is_some_and(|coding| coding == "chunked");
    let body = if is_chunked { unchunked(body) } else { body.to_vec() };
    Told { status, headers, body }
}

fn unchunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let end = bytes.windows(2).position(|two| two == b"\r\n").expect("a chunk has a size");
        let size = usize::from_str_radix(std::str::from_utf8(&bytes[..end]).unwrap(), 16).unwrap();
        if size == 0 {
            return out;
        }
        out.extend(&bytes[end + 2..end + 2 + size]);
        bytes = &bytes[end + 4 + size..];
    }
}
