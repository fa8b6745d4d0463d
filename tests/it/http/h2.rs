//! HTTP/2: just enough of a server, by hand, to see that the door speaks it.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use super::get;
use crate::server::tls;
use daybook::domain::request::Request;
use daybook::domain::retry::{Failure, Flaw};

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const ACK: u8 = 1;
const STREAM: u32 = 1;

/// Answers the first request of one connection by `body`, announced as `announced` bytes.
fn serve(stream: TcpStream, body: &[u8], announced: &str) -> io::Result<()> {
    let mut stream = tls::accept(tls::config(&[b"h2"]), stream);
    stream.read_exact(&mut [0; 24])?; // "PRI * HTTP/2.0..."
    send(&mut stream, SETTINGS, 0, 0, &[])?;
    loop {
        let (kind, flags) = receive(&mut stream)?;
        match kind {
            SETTINGS if flags & ACK == 0 => send(&mut stream, SETTINGS, ACK, 0, &[])?,
            HEADERS => {
                send(&mut stream, HEADERS, END_HEADERS, STREAM, &head(announced))?;
                send(&mut stream, DATA, END_STREAM, STREAM, body)?;
            }
            _ => {}
        }
    }
}

/// ":status 200" and "content-length" by their numbers in the static table of HPACK.
fn head(announced: &str) -> Vec<u8> {
    let mut head = vec![0x88, 0x0f, 28 - 15, announced.len() as u8];
    head.extend(announced.bytes());
    head
}

fn send(to: &mut impl Write, kind: u8, flags: u8, stream: u32, body: &[u8]) -> io::Result<()> {
    let length = (body.len() as u32).to_be_bytes();
    to.write_all(&length[1..])?;
    to.write_all(&[kind, flags])?;
    to.write_all(&stream.to_be_bytes())?;
    to.write_all(body)?;
    to.flush()
}

fn receive(from: &mut impl Read) -> io::Result<(u8, u8)> {
    let mut head = [0; 9];
    from.read_exact(&mut head)?;
    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
    from.read_exact(&mut vec![0; length as usize])?;
    Ok((head[3], head[4]))
}

fn ask(body: &'static [u8], announced: &'static str) -> Result<Vec<u8>, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}/a", listener.local_addr().unwrap().port());
    thread::spawn(move || listener.accept().map(|(stream, _)| serve(stream, body, announced)));
    get(&Request::new(url)).map(|response| response.body)
}

#[test]
fn the_door_speaks_http_2_where_it_is_offered() {
    assert_eq!(ask(b"in frames", "9"), Ok(b"in frames".to_vec()));
}

#[test]
fn a_body_cut_within_http_2_is_no_body() {
    let found = ask(b"in fra", "9");
    assert!(matches!(&found, Err(Failure::BadBody { flaw: Flaw::Cut { .. }, .. })), "{found:?}");
}
