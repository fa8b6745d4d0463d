//! A small HTTP server on the loopback for tests: scripted answers, and a record of what was
//! asked. Threads of the standard library only; nothing here sleeps, slowness is a `Hold`.
//!
//! ```ignore
//! let server = Server::start();
//! server.on("/a", Answer::status(503)).on("/a", Answer::ok("late")); // in sequence
//! // ... ask server.url("/a") twice ...
//! assert_eq!(server.seen().len(), 2);
//! ```
#![allow(dead_code, reason = "each module of tests uses a part of it")]

use std::collections::{HashMap, VecDeque};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use flate2::{Compression, write::GzEncoder};

pub mod tls;

/// No test waits longer than this for anything.
const PATIENCE: Duration = Duration::from_secs(30);

/// A gate that stays shut until it is opened; clones are the same gate.
#[derive(Clone, Default)]
pub struct Hold(Arc<(Mutex<bool>, Condvar)>);

impl Hold {
    pub fn release(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }

    fn wait(&self) {
        let open = self.0.0.lock().unwrap();
        drop(self.0.1.wait_timeout_while(open, PATIENCE, |open| !*open));
    }
}

/// One scripted answer; by default with a `Content-Length`, on a connection that stays open.
#[derive(Clone)]
pub struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    framing: Framing,
    hold_head: Option<Hold>,
    hold_body: Option<(usize, Hold)>,
    cut: Option<usize>,
    raw: Option<Vec<u8>>,
    tag: Option<String>,
}

#[derive(Clone, Copy, PartialEq)]
enum Framing {
    Length,
    Chunked,
    UntilClose,
}

impl Answer {
    pub fn ok(body: impl Into<Vec<u8>>) -> Answer {
        Answer { body: body.into(), ..Answer::status(200) }
    }

    pub fn status(status: u16) -> Answer {
        Answer {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            framing: Framing::Length,
            hold_head: None,
            hold_body: None,
            cut: None,
            raw: None,
            tag: None,
        }
    }

    pub fn with_status(mut self, status: u16) -> Answer {
        self.status = status;
        self
    }

    pub fn redirect(status: u16, location: &str) -> Answer {
        Answer::status(status).header("Location", location)
    }

    /// These very bytes, then the end of the connection; none: no answer at all.
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Answer {
        Answer { raw: Some(bytes.into()), ..Answer::status(0) }
    }

    pub fn header(mut self, name: &str, value: &str) -> Answer {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// With an entity tag; 304 to who has that already.
    pub fn tagged(self, tag: &str) -> Answer {
        Answer { tag: Some(tag.into()), ..self.header("ETag", tag) }
    }

    /// What a request with this `If-None-Match` gets.
    fn unless(self, known: Option<&str>) -> Answer {
        if self.tag.is_some() && self.tag.as_deref() == known { Answer::status(304) } else { self }
    }

    pub fn gzip(mut self) -> Answer {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&self.body).unwrap();
        self.body = encoder.finish().unwrap();
        self.header("Content-Encoding", "gzip")
    }

    /// With more bytes behind its body.
    pub fn padded(mut self, tail: &[u8]) -> Answer {
        self.body.extend_from_slice(tail);
        self
    }

    pub fn chunked(self) -> Answer {
        Answer { framing: Framing::Chunked, ..self }
    }

    /// The old way: the body ends where the connection does.
    pub fn until_close(self) -> Answer {
        Answer { framing: Framing::UntilClose, ..self }
    }

    /// Nothing is sent before `hold` opens.
    pub fn held(self, hold: &Hold) -> Answer {
        Answer { hold_head: Some(hold.clone()), ..self }
    }

    /// The head and `sent` bytes of the body are sent, the rest when `hold` opens.
    pub fn held_after(self, sent: usize, hold: &Hold) -> Answer {
        Answer { hold_body: Some((sent, hold.clone())), ..self }
    }

    /// The connection ends after `sent` bytes of the body.
    pub fn cut_after(self, sent: usize) -> Answer {
        Answer { cut: Some(sent), ..self }
    }

    fn send(&self, stream: &mut impl Write) -> io::Result<bool> {
        if let Some(raw) = &self.raw {
            stream.write_all(raw)?;
            return Ok(false);
        }
        stream.write_all(self.head().as_bytes())?;
        let whole = self.body.len();
        let end = self.cut.unwrap_or(whole);
        let pause = self.hold_body.as_ref().map_or(end, |(sent, _)| *sent);
        self.send_piece(stream, &self.body[..pause])?;
        if let Some((_, hold)) = &self.hold_body {
            hold.wait();
        }
        self.send_piece(stream, &self.body[pause..end])?;
        if self.framing == Framing::Chunked && self.cut.is_none() {
            stream.write_all(b"0\r\n\r\n")?;
        }
        stream.flush()?;
        Ok(self.cut.is_none() && self.framing != Framing::UntilClose)
    }

    fn head(&self) -> String {
        let framing = match self.framing {
            _ if matches!(self.status, 204 | 304) => String::new(),
            Framing::Length => format!("Content-Length: {}\r\n", self.body.len()),
            Framing::Chunked => "Transfer-Encoding: chunked\r\n".into(),
            Framing::UntilClose => "Connection: close\r\n".into(),
        };
        let lines = self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
        format!("HTTP/1.1 {} x\r\n{framing}{}\r\n", self.status, lines.collect::<String>())
    }

    fn send_piece(&self, stream: &mut impl Write, piece: &[u8]) -> io::Result<()> {
        if self.framing == Framing::Chunked && !piece.is_empty() {
            write!(stream, "{:x}\r\n", piece.len())?;
            stream.write_all(piece)?;
            stream.write_all(b"\r\n")?;
        } else {
            stream.write_all(piece)?;
        }
        stream.flush()
    }
}

/// A request as it came in. Names of headers are in lower case.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    /// Path and query.
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
    pub at: Instant,
    /// Requests under way at this server when this one came, itself included.
    pub under_way: usize,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// The server; dropping it closes its door.
pub struct Server {
    addr: SocketAddr,
    scheme: &'static str,
    shared: Arc<Shared>,
    door: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    closing: AtomicBool,
    script: Mutex<HashMap<String, VecDeque<Answer>>>,
    log: Mutex<Log>,
    arrival: Condvar,
}

#[derive(Default)]
struct Log {
    seen: Vec<Seen>,
    under_way: usize,
}

impl Server {
    pub fn start() -> Server {
        Server::start_with("http", |stream, shared| shared.converse(stream))
    }

    /// With a certificate for `localhost`, signed by the authority in `tls/authority.pem`.
    pub fn start_tls() -> Server {
        let config = tls::config(&[]);
        Server::start_with("https", move |stream, shared| {
            shared.converse(tls::accept(config.clone(), stream));
        })
    }

    /// The same, for none but who comes with a certificate that `tls/clients.pem` vouches for.
    pub fn start_mutual() -> Server {
        let config = tls::mutual();
        Server::start_with("https", move |stream, shared| {
            shared.converse(tls::accept(config.clone(), stream));
        })
    }

    /// On all addresses of the loopback, which are as many hosts.
    pub fn start_everywhere() -> Server {
        Server::start_on("0.0.0.0:0", "http", |stream, shared| shared.converse(stream))
    }

    fn start_with(
        scheme: &'static str,
        serve: impl Fn(TcpStream, &Shared) + Clone + Send + 'static,
    ) -> Server {
        Server::start_on("127.0.0.1:0", scheme, serve)
    }

    fn start_on(
        place: &str,
        scheme: &'static str,
        serve: impl Fn(TcpStream, &Shared) + Clone + Send + 'static,
    ) -> Server {
        let listener = TcpListener::bind(place).unwrap();
        let addr = SocketAddr::from(([127, 0, 0, 1], listener.local_addr().unwrap().port()));
        let shared = Arc::new(Shared::default());
        let door = thread::spawn({
            let shared = shared.clone();
            move || welcome(&listener, &shared, &serve)
        });
        Server { addr, scheme, shared, door: Some(door) }
    }

    /// An address where nobody listens.
    pub fn refused() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    }

    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The address of a path; by name when the certificate needs that.
    pub fn url(&self, path: &str) -> String {
        let host = if self.scheme == "https" { "localhost" } else { "127.0.0.1" };
        format!("{}://{host}:{}{path}", self.scheme, self.addr.port())
    }

    /// Adds an answer for a path, with its query or with any. The last one is given again and
    /// again; what has none is answered by 404.
    pub fn on(&self, path: &str, answer: Answer) -> &Server {
        let mut script = self.shared.script.lock().unwrap();
        script.entry(path.into()).or_default().push_back(answer);
        drop(script);
        self
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.shared.log.lock().unwrap().seen.clone()
    }

    /// The only request there was.
    pub fn only(&self) -> Seen {
        let mut seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen.remove(0)
    }

    /// Blocks until `count` requests have come.
    pub fn wait_for(&self, count: usize) {
        let log = self.shared.log.lock().unwrap();
        let missing = |log: &mut Log| log.seen.len() < count;
        let (log, _) = self.shared.arrival.wait_timeout_while(log, PATIENCE, missing).unwrap();
        assert!(log.seen.len() >= count, "only {} requests came", log.seen.len());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.closing.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.addr);
        if let Some(door) = self.door.take() {
            let _ = door.join();
        }
    }
}

fn welcome<S>(listener: &TcpListener, shared: &Arc<Shared>, serve: &S)
where
    S: Fn(TcpStream, &Shared) + Clone + Send + 'static,
{
    for stream in listener.incoming().flatten() {
        if shared.closing.load(Ordering::SeqCst) {
            return;
        }
        let _ = stream.set_nodelay(true);
        let _ = stream.set_read_timeout(Some(PATIENCE));
        let (shared, serve) = (shared.clone(), serve.clone());
        thread::spawn(move || serve(stream, &shared));
    }
}

impl Shared {
    /// Serves one connection until either side ends it.
    fn converse(&self, stream: impl Read + Write) {
        let mut stream = BufReader::new(stream);
        while let Some(seen) = receive(&mut stream) {
            let answer = self.answer_to(&seen.target).unless(seen.header("if-none-match"));
            self.arrived(seen);
            answer.hold_head.iter().for_each(Hold::wait);
            // Whoever has the answer may ask again before this thread goes on.
            self.log.lock().unwrap().under_way -= 1;
            let stays = answer.send(stream.get_mut()).unwrap_or(false);
            if !stays {
                return;
            }
        }
    }

    fn arrived(&self, seen: Seen) {
        let mut log = self.log.lock().unwrap();
        log.under_way += 1;
        let under_way = log.under_way;
        log.seen.push(Seen { under_way, ..seen });
        self.arrival.notify_all();
    }

    fn answer_to(&self, target: &str) -> Answer {
        let path = target.split('?').next().unwrap_or_default();
        let mut script = self.script.lock().unwrap();
        let known = if script.contains_key(target) { target } else { path };
        match script.get_mut(known) {
            Some(answers) if answers.len() > 1 => answers.pop_front().unwrap(),
            Some(answers) => answers[0].clone(),
            None => Answer::status(404),
        }
    }
}

fn receive(stream: &mut impl BufRead) -> Option<Seen> {
    let line = read_line(stream)?;
    let mut words = line.split(' ').map(String::from);
    let (method, target) = (words.next()?, words.next()?);
    let mut headers = Vec::new();
    while let Some((name, value)) = read_line(stream)?.split_once(": ") {
        headers.push((name.to_ascii_lowercase(), value.to_string()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    let body = String::from_utf8_lossy(&body).into_owned();
    Some(Seen { method, target, headers, body, at: Instant::now(), under_way: 0 })
}

fn read_line(stream: &mut impl BufRead) -> Option<String> {
    let mut line = Vec::new();
    stream.read_until(b'\n', &mut line).ok().filter(|read| *read > 0)?;
    Some(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_string())
}
