//! A real PostgreSQL server that ends with this process. As root it runs as nobody: it refuses to
//! be root's.

use crate::sandbox::{free_port, temporary, wait_until};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// Nobody, on every Linux.
const NOBODY: u32 = 65534;

pub struct Postgres {
    port: u16,
    /// Its standard input keeps the server alive.
    guard: Option<Child>,
    folder: tempfile::TempDir,
    /// More of its command line.
    options: String,
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if self.guard.is_some() {
            self.kill();
        }
    }
}

/// Gives a file to whom the server is.
fn owned(path: &Path) {
    if rustix::process::geteuid().is_root() {
        std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    }
}

/// What stands before a program of the server: it refuses to be root's.
fn by() -> String {
    match rustix::process::geteuid().is_root() {
        true => format!("setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups"),
        false => String::new(),
    }
}

/// The folder of the programs of PostgreSQL.
fn programs() -> PathBuf {
    let found = Command::new("sh")
        .args(["-c", "command -v initdb || ls -d /usr/lib/postgresql/*/bin/initdb | tail -n 1"])
        .output()
        .unwrap();
    let found = String::from_utf8(found.stdout).unwrap();
    let initdb = Path::new(found.trim()).canonicalize();
    let initdb =
        initdb.expect("these tests need initdb of PostgreSQL: `make test-doors` brings it");
    initdb.parent().unwrap().to_path_buf()
}

impl Postgres {
    /// A server of its own that lets its roles in by this rule: `trust`, `scram-sha-256`.
    pub fn start(rule: &str) -> Postgres {
        Postgres::started(rule, temporary(), |_| String::new())
    }

    /// One that shows a certificate, whose key lies beside it.
    pub fn with_certificate(file: &Path) -> Postgres {
        Postgres::started("trust", temporary(), |folder| {
            let own = folder.join("own.pem");
            for (from, to) in [("pem", "pem"), ("key", "key")] {
                let to = own.with_extension(to);
                std::fs::copy(file.with_extension(from), &to).unwrap();
                std::fs::set_permissions(&to, std::fs::Permissions::from_mode(0o600)).unwrap();
                owned(&to);
            }
            let own = own.display().to_string();
            let key = own.replace(".pem", ".key");
            format!("-c ssl=on -c ssl_cert_file={own} -c ssl_key_file={key}")
        })
    }

    /// One in a folder that is there already.
    pub fn within(folder: tempfile::TempDir) -> Postgres {
        Postgres::started("trust", folder, |_| String::new())
    }

    fn started(
        rule: &str,
        folder: tempfile::TempDir,
        options: impl Fn(&Path) -> String,
    ) -> Postgres {
        let port = free_port();
        owned(folder.path());
        let options = options(folder.path());
        let word = folder.path().join("word");
        std::fs::write(&word, "right\n").unwrap();
        let script = format!(
            "{} {}/initdb -D {} -U postgres -A {rule} --pwfile={} --no-sync --locale=C \
             --encoding=UTF8 --no-instructions --wal-segsize=1 >/dev/null",
            by(),
            programs().display(),
            folder.path().join("data").display(),
            word.display()
        );
        assert!(Command::new("sh").args(["-c", &script]).status().unwrap().success());
        let mut server = Postgres { port, guard: None, folder, options };
        server.begin();
        server
    }

    /// Starts it over what it holds.
    pub fn begin(&mut self) {
        let (data, programs) = (self.folder.path().join("data"), programs());
        let (data, programs, port) = (data.display(), programs.display(), self.port);
        let script = format!(
            "{} {programs}/postgres -D {data} -c listen_addresses=127.0.0.1 -c port={port} \
             -c unix_socket_directories= -c shared_buffers=64MB -c max_connections=200 \
             -c max_wal_size=256MB -c jit=off -c autovacuum=off -c fsync=off \
             -c log_min_messages=fatal {} >/dev/null 2>&1 & server=$!\n\
             cat >/dev/null; kill -9 $server; wait $server",
            by(),
            self.options
        );
        let guard = Command::new("sh").args(["-c", &script]).stdin(Stdio::piped()).spawn();
        self.guard = Some(guard.unwrap());
        let ready = || {
            let asked = Command::new(format!("{programs}/pg_isready"))
                .args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()])
                .status();
            asked.is_ok_and(|status| status.success())
        };
        wait_until(&format!("PostgreSQL on port {port}"), ready);
    }

    /// Ends it as a power cut would, and waits for all of its processes.
    pub fn kill(&mut self) {
        let mut guard = self.guard.take().unwrap();
        drop(guard.stdin.take());
        guard.wait().unwrap();
        let lock = self.folder.path().join("data/postmaster.pid");
        let _ = std::fs::remove_file(lock);
    }

    /// A store of its own, in a schema of its own.
    pub fn url(&self) -> String {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        let process = std::process::id();
        format!("postgres://postgres@127.0.0.1:{}/postgres?schema=t{process}_{number}", self.port)
    }
}

/// A transaction of somebody who does nothing more; it ends with this value.
pub struct Held(Child);

impl Drop for Held {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Postgres {
    /// An empty database of an encoding; its address.
    pub fn database(&self, encoding: &str) -> String {
        let name = format!("in_{}", encoding.to_lowercase());
        let made = Command::new(programs().join("createdb"))
            .args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", "postgres"])
            .args(["-E", encoding, "-T", "template0", "-l", "C", &name])
            .status();
        assert!(made.unwrap().success());
        self.url().replace("/postgres?", &format!("/{name}?"))
    }

    /// Holds what a statement reads in a store.
    pub fn hold(&self, url: &str, sql: &str) -> Held {
        let (server, schema) = url.split_once("?schema=").unwrap();
        let mut child = Command::new(programs().join("psql"))
            .args(["-X", "-q", "-d", server])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = format!("SET search_path = {schema};\nBEGIN;\n{sql};\n\\echo held\n");
        child.stdin.as_mut().unwrap().write_all(lines.as_bytes()).unwrap();
        let told = BufReader::new(child.stdout.take().unwrap());
        assert!(told.lines().any(|line| line.unwrap() == "held"));
        Held(child)
    }
}

/// The one server of this test run.
pub fn shared() -> &'static Postgres {
    static SERVER: OnceLock<Postgres> = OnceLock::new();
    SERVER.get_or_init(|| Postgres::start("trust"))
}

/// What statements give in a store's schema, as text.
pub fn rows(url: &str, sql: &str) -> Vec<Vec<Option<String>>> {
    use tokio_postgres::{NoTls, SimpleQueryMessage};
    let (server, schema) = url.split_once("?schema=").unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(server, NoTls).await.unwrap();
        tokio::spawn(connection);
        let all = format!("SET timezone = 'UTC'; SET search_path = {schema}; {sql}");
        let told = client.simple_query(&all).await.unwrap();
        let row = |message: SimpleQueryMessage| match message {
            SimpleQueryMessage::Row(row) => {
                Some((0..row.len()).map(|at| row.get(at).map(str::to_string)).collect())
            }
            _ => None,
        };
        told.into_iter().filter_map(row).collect()
    })
}
