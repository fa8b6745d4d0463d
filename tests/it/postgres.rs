//! A real PostgreSQL server that ends with this process. As root it runs as nobody: it refuses to
//! be root's.

use crate::sandbox::{free_port, temporary, wait_until};
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
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if self.guard.is_some() {
            self.kill();
        }
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
        let (folder, port) = (temporary(), free_port());
        if rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        }
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
        let mut server = Postgres { port, guard: None, folder };
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
             -c log_min_messages=fatal >/dev/null 2>&1 & server=$!\n\
             cat >/dev/null; kill -9 $server; wait $server",
            by()
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
