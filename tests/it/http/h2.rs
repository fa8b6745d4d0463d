//! HTTP/2: just enough of a server, by hand, to see that the door speaks it.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use super::get;
use crate::server::tls;
use daybook::domain::request::{Request, Response};
use daybook::domain::retry::{Detour, Failure, Flaw};

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RESET: u8 = 3;
const SETTINGS: u8 = 4;
const GO_AWAY: u8 = 7;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const ACK: u8 = 1;

/// A block of headers, and a body.
type Answer = (Vec<u8>, &'static [u8]);

/// Gives these answers to the requests of one connection, in order.
fn serve(stream: TcpStream, answers: &[Answer]) -> io::Result<()> {
    let mut answers = answers.iter();
    let mut stream = tls::accept(tls::config(&[b"h2"]), stream);
    stream.read_exact(&mut [0; 24])?; // "PRI * HTTP/2.0..."
    send(&mut stream, SETTINGS, 0, 0, &[])?;
    loop {
        let (kind, flags, number) = receive(&mut stream)?;
        match kind {
            SETTINGS if flags & ACK == 0 => send(&mut stream, SETTINGS, ACK, 0, &[])?,
            HEADERS => {
                let Some((head, body)) = answers.next() else { return Ok(()) };
                send(&mut stream, HEADERS, END_HEADERS, number, head)?;
                send(&mut stream, DATA, END_STREAM, number, body)?;
            }
            _ => {}
        }
    }
}

// Names of headers, by their numbers in the static table of HPACK.
const STATUS: u8 = 8;
const ENCODING: u8 = 26;
const LENGTH: u8 = 28;
const LOCATION: u8 = 46;

fn head(lines: &[(u8, &[u8])]) -> Vec<u8> {
    let line = |(name, value): &(u8, &[u8])| {
        let name = if *name < 15 { vec![*name] } else { vec![0x0f, *name - 15] };
        [name.as_slice(), &[value.len() as u8], *value].concat()
    };
    lines.iter().flat_map(line).collect()
}

fn send(to: &mut impl Write, kind: u8, flags: u8, stream: u32, body: &[u8]) -> io::Result<()> {
    let length = (body.len() as u32).to_be_bytes();
    to.write_all(&length[1..])?;
    to.write_all(&[kind, flags])?;
    to.write_all(&stream.to_be_bytes())?;
    to.write_all(body)?;
    to.flush()
}

fn receive(from: &mut impl Read) -> io::Result<(u8, u8, u32)> {
    let mut head = [0; 9];
    from.read_exact(&mut head)?;
    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
    from.read_exact(&mut vec![0; length as usize])?;
    Ok((head[3], head[4], u32::from_be_bytes([head[5], head[6], head[7], head[8]])))
}

fn ask(answers: Vec<Answer>) -> Result<Response, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}/a", listener.local_addr().unwrap().port());
    thread::spawn(move || listener.accept().map(|(stream, _)| serve(stream, &answers)));
    get(&Request::new(url))
}

fn nine(body: &'static [u8]) -> Answer {
    (head(&[(STATUS, b"200"), (LENGTH, b"9")]), body)
}

#[test]
fn the_door_speaks_http_2_where_it_is_offered() {
    assert_eq!(ask(vec![nine(b"in frames")]).unwrap().body, b"in frames");
}

#[test]
fn a_body_cut_within_http_2_is_no_body() {
    let found = ask(vec![nine(b"in fra")]);
    assert!(matches!(&found, Err(Failure::BadBody { flaw: Flaw::Cut { .. }, .. })), "{found:?}");
}

/// A frame that ends the exchange before an answer, as the only answer.
fn broken_off(kind: u8) -> Failure {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}/a", listener.local_addr().unwrap().port());
    thread::spawn(move || -> io::Result<()> {
        for stream in listener.incoming() {
            let mut stream = tls::accept(tls::config(&[b"h2"]), stream?);
            stream.read_exact(&mut [0; 24])?;
            send(&mut stream, SETTINGS, 0, 0, &[])?;
            while let Ok((seen, _, number)) = receive(&mut stream) {
                match (seen, kind) {
                    (HEADERS, RESET) => send(&mut stream, RESET, 0, number, &[0, 0, 0, 2])?,
                    (HEADERS, _) => send(&mut stream, kind, 0, 0, &[0, 0, 0, 0, 0, 0, 0, 2])?,
                    _ => {}
                }
            }
        }
        Ok(())
    });
    get(&Request::new(url)).unwrap_err()
}

#[test]
fn an_exchange_that_http_2_breaks_off_is_said_as_such() {
    for kind in [RESET, GO_AWAY] {
        let text = broken_off(kind).to_string();
        assert!(text.contains("the server broke the exchange off before it answered"), "{text}");
        assert!(!text.contains("not HTTP"), "{text}");
    }
}

#[test]
fn odd_heads_mean_the_same_in_http_2() {
    let odd = (head(&[(STATUS, b"200"), (ENCODING, b"UTF-8")]), &b"plain"[..]);
    let response = ask(vec![odd]).unwrap();
    assert_eq!((response.body.as_slice(), response.warnings.len()), (&b"plain"[..], 1));

    let way = (head(&[(STATUS, b"302"), (LOCATION, b"/caf\xe9")]), &b""[..]);
    let response = ask(vec![way.clone(), nine(b"in frames")]).unwrap();
    assert_eq!(response.body, b"in frames");
    assert!(response.final_url.ends_with("/caf%E9"), "{}", response.final_url);
    let found = ask(vec![way.clone(), way.clone(), way]);
    let back = Detour::Back { cookie: false };
    assert!(
        matches!(&found, Err(Failure::Redirect { detour, .. }) if *detour == back),
        "{found:?}"
    );
}
