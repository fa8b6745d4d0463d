//! A home in a temporary folder, the three real binaries, and a real mongod beside them.

use crate::postgres;
use daybook::domain::hash::Digest;
use daybook::tier::Progress;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// A home of its own, with a store of its own.
pub struct Sandbox {
    folder: tempfile::TempDir,
    store: Store,
}

/// The stores that are tested: the embedded one, and one behind a server. That is MongoDB; with
/// `DAYBOOK_SERVER=postgres`, which `make test-doors` sets, PostgreSQL.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Sqlite,
    Server,
}

pub const KINDS: [Kind; 2] = [Kind::Sqlite, Kind::Server];

#[derive(Clone)]
struct Store(String);

impl Sandbox {
    /// A home without sources, over a fresh store.
    pub fn new(kind: Kind) -> Sandbox {
        let folder = temporary();
        std::fs::create_dir(folder.path().join("sources")).unwrap();
        Sandbox::fresh(folder, kind)
    }

    /// A copy of this home, names and links and all, over a fresh store.
    pub fn copy(&self, kind: Kind) -> Sandbox {
        let folder = temporary();
        let mut copy = Command::new("cp");
        copy.arg("-a").arg(self.home().join(".")).arg(folder.path());
        assert!(copy.status().unwrap().success());
        Sandbox::fresh(folder, kind)
    }

    /// Another home over the store of this one.
    pub fn neighbour(&self) -> Sandbox {
        let folder = temporary();
        std::fs::create_dir(folder.path().join("sources")).unwrap();
        Sandbox { folder, store: self.store.clone() }
    }

    fn fresh(folder: tempfile::TempDir, kind: Kind) -> Sandbox {
        let store = match kind {
            Kind::Sqlite => format!("sqlite:{}", folder.path().join("daybook.sqlite").display()),
            Kind::Server => server_url(),
        };
        Sandbox { folder, store: Store(store) }
    }

    /// A home without sources over the store at an address.
    pub fn over(store: &str) -> Sandbox {
        let folder = temporary();
        std::fs::create_dir(folder.path().join("sources")).unwrap();
        Sandbox { folder, store: Store(store.into()) }
    }

    /// A home in a folder of its own below `parent`, over any store; "" for that of its settings.
    pub fn within(parent: &Path, store: &str) -> Sandbox {
        let folder = tempfile::tempdir_in(parent).unwrap();
        std::fs::create_dir(folder.path().join("sources")).unwrap();
        Sandbox { folder, store: Store(store.into()) }
    }

    pub fn home(&self) -> &Path {
        self.folder.path()
    }

    pub fn kind(&self) -> Kind {
        if self.store().starts_with("sqlite:") { Kind::Sqlite } else { Kind::Server }
    }

    pub fn store(&self) -> &str {
        &self.store.0
    }

    /// A path inside the home.
    pub fn path(&self, inside: &str) -> PathBuf {
        self.home().join(inside)
    }

    /// Declares a source.
    pub fn source(&self, name: &str, toml: &str) {
        std::fs::write(self.path(&format!("sources/{name}.toml")), toml).unwrap();
    }

    /// Settings for tests: no waiting between requests, no splay.
    pub fn settings(&self, more: &str) {
        let text = format!(
            "contact = \"tests@example.org\"\n{more}\n[fetcher]\npace = \"0ms\"\nsplay = \"0s\"\n\
             retries = 0\nreserve = \"1MiB\"\n"
        );
        std::fs::write(self.path("daybook.toml"), text).unwrap();
    }

    /// A command of ours, in this home, over this store.
    pub fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let path = match program {
            "fetcher" => env!("CARGO_BIN_EXE_fetcher"),
            "summarizer" => env!("CARGO_BIN_EXE_summarizer"),
            "analyzer" => env!("CARGO_BIN_EXE_analyzer"),
            other => panic!("no program is called {other}"),
        };
        let mut command = Command::new(path);
        if !arguments.contains(&"--home") {
            command.arg("--home").arg(self.home());
        }
        if !arguments.contains(&"--store") && !self.store().is_empty() {
            command.arg("--store").arg(self.store());
        }
        command.args(arguments).stdin(Stdio::null()).env_remove("DAYBOOK_STEP");
        // The same pages on every machine, whatever fonts it has.
        command.env("DAYBOOK_FONTS", "");
        command
    }

    /// Runs as cron does, to somebody who was told nothing yet.
    pub fn run(&self, program: &str, arguments: &[&str]) -> Ran {
        self.forget_told();
        self.run_again(program, arguments)
    }

    /// Runs as cron does, after what it said before.
    pub fn run_again(&self, program: &str, arguments: &[&str]) -> Ran {
        Ran::of(self.command(program, arguments).output().unwrap(), program, arguments, self)
    }

    fn forget_told(&self) {
        let home = self.home().canonicalize().unwrap_or(self.home().into());
        let name = Digest::of(home.to_string_lossy().as_bytes()).hex();
        let user = rustix::process::geteuid().as_raw();
        for folder in [format!("/dev/shm/daybook-{user}"), format!("/tmp/daybook-{user}")] {
            let _ = std::fs::remove_file(format!("{folder}/told-{}.json", &name[..16]));
        }
        let told = self.path("data/.state/told.json");
        if told.exists() {
            std::fs::write(told, "{}").unwrap();
        }
    }

    /// Runs under a hook at the gate, such as `kill:7`.
    pub fn run_hooked(&self, program: &str, arguments: &[&str], step: &str) -> Ran {
        self.forget_told();
        let output = self.command(program, arguments).env("DAYBOOK_STEP", step).output().unwrap();
        Ran::of(output, program, arguments, self)
    }

    /// All files below a folder of the home, in order, as paths inside it.
    pub fn files(&self, inside: &str) -> Vec<String> {
        let root = self.path(inside);
        let walk = walkdir::WalkDir::new(&root).sort_by_file_name();
        let files = walk.into_iter().flatten().filter(|entry| entry.file_type().is_file());
        let name = |entry: walkdir::DirEntry| {
            entry.path().strip_prefix(&root).unwrap().display().to_string()
        };
        files.map(name).collect()
    }
}

/// A folder in memory where there is enough of it: what these tests end is processes, not the
/// power, so a sync need not wait for a platter.
pub fn temporary() -> tempfile::TempDir {
    const MEMORY: &str = "/dev/shm";
    let free = rustix::fs::statvfs(MEMORY).map_or(0, |stat| stat.f_bavail * stat.f_frsize);
    if free > 2 << 30 { tempfile::tempdir_in(MEMORY) } else { tempfile::tempdir() }.unwrap()
}

/// What a program did; its assertions print all of it when they fail.
pub struct Ran {
    pub code: Option<i32>,
    signal: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    pub about: String,
}

#[allow(clippy::wrong_self_convention, reason = "they are assertions, in chains")]
impl Ran {
    pub fn of(output: Output, program: &str, arguments: &[&str], sandbox: &Sandbox) -> Ran {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        let about = format!(
            "$ {program} {}\n{}\n--- stdout\n{stdout}--- stderr\n{stderr}--- data/\n{}",
            arguments.join(" "),
            output.status,
            sandbox.files("data").join("\n")
        );
        let signal = output.status.signal();
        Ran { code: output.status.code(), signal, stdout, stderr, about }
    }

    #[track_caller]
    pub fn exits(self, code: i32) -> Ran {
        assert_eq!(self.code, Some(code), "{}", self.about);
        self
    }

    /// Ended by SIGKILL.
    #[track_caller]
    pub fn was_killed(self) -> Ran {
        assert_eq!(self.signal, Some(9), "{}", self.about);
        self
    }

    #[track_caller]
    pub fn says(self, words: &str) -> Ran {
        let said = self.stdout.contains(words) || self.stderr.contains(words);
        assert!(said, "nobody said {words:?}\n{}", self.about);
        self
    }

    #[track_caller]
    pub fn is_silent(self) -> Ran {
        assert!(self.stdout.is_empty() && self.stderr.is_empty(), "{}", self.about);
        self
    }
}

/// Whether the server of this run is MongoDB.
pub fn is_mongodb() -> bool {
    std::env::var("DAYBOOK_SERVER").map_or(true, |server| server != "postgres")
}

/// A store of its own on the server of this run.
pub fn server_url() -> String {
    if is_mongodb() { mongodb_url() } else { postgres::shared().url() }
}

/// A database of its own on the one mongod of this test run.
pub fn mongodb_url() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::SeqCst);
    format!("mongodb://127.0.0.1:{}/t{}_{number}", mongod().port, std::process::id())
}

/// A server that ends with this process.
pub struct Mongod {
    port: u16,
    /// Its standard input keeps the server alive: it ends with this process.
    _guard: Child,
    _folder: tempfile::TempDir,
}

impl Mongod {
    pub fn port(&self) -> u16 {
        self.port
    }
}

fn mongod() -> &'static Mongod {
    static MONGOD: OnceLock<Mongod> = OnceLock::new();
    MONGOD.get_or_init(|| mongod_with(""))
}

/// A server of its own, started with more options.
pub fn mongod_with(options: &str) -> Mongod {
    let built = concat!(env!("CARGO_MANIFEST_DIR"), "/target/mongod/mongod");
    let program = std::env::var("DAYBOOK_MONGOD").unwrap_or_else(|_| built.into());
    assert!(
        Path::new(&program).exists(),
        "these tests need a real mongod at {program}: run them by `make test`, which brings it"
    );
    let port = free_port();
    let folder = temporary();
    let script = format!(
        "{program} --dbpath '{0}' --port {port} --bind_ip 127.0.0.1 --nounixsocket --quiet \
         --wiredTigerCacheSizeGB 0.25 --oplogSize 16 \
         --wiredTigerEngineConfigString 'log=(file_max=4MB,prealloc=false)' \
         --setParameter diagnosticDataCollectionEnabled=false \
         --setParameter enableTestCommands=1 {options} >/dev/null 2>&1 & server=$!; \
         cat >/dev/null; kill -9 $server; wait $server; rm -rf '{0}'",
        folder.path().display()
    );
    let guard = Command::new("sh").args(["-c", &script]).stdin(Stdio::piped()).spawn().unwrap();
    wait_for_port(port);
    Mongod { port, _guard: guard, _folder: folder }
}

pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn wait_for_port(port: u16) {
    let open = || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok();
    wait_until(&format!("mongod's port {port}"), open);
}

/// Waits for something that another process does.
#[track_caller]
pub fn wait_until(what: &str, is_there: impl Fn() -> bool) {
    for _ in 0..1200 {
        if is_there() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("there was no sign of {what} within 60 s");
}

/// Tells nobody how far a run is.
pub struct Silence;

impl Progress for Silence {
    fn begin(&self, _: &str, _: usize) {}
    fn step(&self) {}
    fn tell(&self, _: &str) {}
    fn warn(&self, _: &str) {}
}
