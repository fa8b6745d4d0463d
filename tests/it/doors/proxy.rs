//! What stands between a client and its server, and changes what comes back.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

#[derive(Clone, Copy, PartialEq)]
enum How {
    /// No answer says how an object is encrypted.
    Plain,
    /// Each second answer to a PUT is cut before it comes.
    Cutting,
}

pub struct Proxy {
    port: u16,
    cut: Arc<AtomicUsize>,
}

impl Proxy {
    pub fn plain(server: &str) -> Proxy {
        Proxy::start(server, How::Plain)
    }

    pub fn cutting(server: &str) -> Proxy {
        Proxy::start(server, How::Cutting)
    }

    fn start(server: &str, how: How) -> Proxy {
        let server = server.trim_start_matches("http://").to_string();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, cut) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
        let (puts, cuts) = (Arc::new(AtomicUsize::new(0)), cut.clone());
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(&server) else { continue };
                let (puts, cuts) = (puts.clone(), cuts.clone());
                thread::spawn(move || pass(client, server, how, &puts, &cuts));
            }
        });
        Proxy { port, cut }
    }

    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// How many answers were cut.
    pub fn cut(&self) -> usize {
        self.cut.load(Ordering::SeqCst)
    }
}

/// Passes on what both say until one of them ends.
fn pass(client: TcpStream, server: TcpStream, how: How, puts: &AtomicUsize, cuts: &AtomicUsize) {
    let (mut asks, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let is_put = Arc::new(AtomicUsize::new(0));
    let puts_here = is_put.clone();
    let asking = thread::spawn(move || {
        let mut room = [0; 64 << 10];
        while let Ok(read @ 1..) = asks.read(&mut room) {
            if room.starts_with(b"PUT ") {
                puts_here.store(1, Ordering::SeqCst);
            }
            if to.write_all(&room[..read]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
    });
    let (mut answers, mut back) = (server, client);
    let mut room = [0; 64 << 10];
    while let Ok(read @ 1..) = answers.read(&mut room) {
        let answers_put = is_put.swap(0, Ordering::SeqCst) == 1;
        let is_second = answers_put && puts.fetch_add(1, Ordering::SeqCst) % 2 == 1;
        if how == How::Cutting && is_second {
            cuts.fetch_add(1, Ordering::SeqCst);
            break;
        }
        let said = &mut room[..read];
        if how == How::Plain {
            hide(said);
        }
        if back.write_all(said).is_err() {
            break;
        }
    }
    let _ = back.shutdown(Shutdown::Both);
    let _ = answers.shutdown(Shutdown::Both);
    let _ = asking.join();
}

/// Renames a head, in place.
fn hide(said: &mut [u8]) {
    const HEAD: &[u8] = b"x-amz-server-side-encryption";
    let found = said.windows(HEAD.len()).position(|part| part.eq_ignore_ascii_case(HEAD));
    if let Some(place) = found {
        said[place..place + HEAD.len()].copy_from_slice(b"x-amz-server-side-encryptioX");
    }
}
