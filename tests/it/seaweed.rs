//! A real server of buckets (SeaweedFS) that ends with this process, and a client in Python.

use crate::sandbox::{temporary, wait_until};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, AtomicU32, Ordering};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Who may do what: each other one lacks a right.
const IDENTITIES: &str = include_str!("../lake/identities.json");

pub struct Seaweed {
    port: u16,
    folder: tempfile::TempDir,
    /// More of its command line.
    options: String,
    /// Its standard input keeps the server alive.
    guard: Option<Child>,
}

/// How much higher than the first port the one for TLS is.
const TLS: u16 = 5;

/// Six ports beside one another, below those that systems give away; it takes as many again
/// 10,000 higher.
fn ports() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let is_free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    let start = 12_000 + (std::process::id() % 900) as u16 * 8;
    loop {
        let port = start + NEXT.fetch_add(8, Ordering::SeqCst) % 7_200;
        if (port..port + 6).all(|one| is_free(one) && is_free(one + 10_000)) {
            return port;
        }
    }
}

impl Seaweed {
    pub fn start() -> Seaweed {
        Seaweed::started(temporary(), |_| String::new())
    }

    /// One in a folder that is there already.
    pub fn within(folder: tempfile::TempDir) -> Seaweed {
        Seaweed::started(folder, |_| String::new())
    }

    /// One that also speaks TLS, five ports higher, with a certificate whose key lies beside it.
    pub fn with_certificate(file: &Path) -> Seaweed {
        let (file, key) = (file.display(), file.with_extension("key"));
        Seaweed::started(temporary(), |port| {
            let key = key.display();
            let port = port + TLS;
            format!("-s3.port.https={port} -s3.cert.file={file} -s3.key.file={key}")
        })
    }

    fn started(folder: tempfile::TempDir, options: impl Fn(u16) -> String) -> Seaweed {
        let port = ports();
        std::fs::write(folder.path().join("s3.json"), IDENTITIES).unwrap();
        let mut server = Seaweed { port, folder, options: options(port), guard: None };
        server.begin();
        server
    }

    /// Starts it over what it holds.
    pub fn begin(&mut self) {
        let weed = format!("{ROOT}/target/test-needs/weed");
        assert!(Path::new(&weed).exists(), "these tests need {weed}: `make test-doors` brings it");
        let (folder, port) = (self.folder.path().display(), self.port);
        let script = format!(
            "{weed} -logtostderr=true mini -dir={folder} -ip=127.0.0.1 -ip.bind=127.0.0.1 \
             -s3.port={port} -master.port={} -volume.port={} -filer.port={} -admin.port={} \
             -webdav=false -admin.ui=false -s3.port.iceberg=0 -s3.port.lance=0 \
             {} -s3.config={folder}/s3.json -bucket=first -s3.autoCreateBucket=false \
             >{folder}/log 2>&1 & server=$!\ncat >/dev/null; kill -9 $server; wait $server",
            port + 1,
            port + 2,
            port + 3,
            port + 4,
            self.options
        );
        let guard = Command::new("sh").args(["-c", &script]).stdin(Stdio::piped()).spawn().unwrap();
        self.guard = Some(guard);
        wait_until("a server of buckets", || self.python(&["ready"]).is_some());
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        let mut guard = self.guard.take().unwrap();
        drop(guard.stdin.take());
        guard.wait().unwrap();
    }

    /// A bucket of its own.
    pub fn bucket(&self) -> String {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("bucket-{}", NUMBER.fetch_add(1, Ordering::SeqCst));
        self.ask(&["make", &name]);
        name
    }

    pub fn secure_endpoint(&self) -> String {
        format!("https://127.0.0.1:{}", self.port + TLS)
    }

    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What `tests/lake/bucket.py` says.
    pub fn ask(&self, arguments: &[&str]) -> String {
        self.python(arguments).unwrap_or_else(|| panic!("{arguments:?} failed"))
    }

    fn python(&self, arguments: &[&str]) -> Option<String> {
        let python = format!("{ROOT}/target/test-needs/doors/bin/python");
        let output = Command::new(python)
            .arg(format!("{ROOT}/tests/lake/bucket.py"))
            .arg(self.endpoint())
            .args(arguments)
            .stderr(if arguments == ["ready"] { Stdio::null() } else { Stdio::inherit() })
            .output()
            .unwrap();
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
    }

    /// The keys of a bucket.
    pub fn keys(&self, bucket: &str) -> Vec<String> {
        self.ask(&["list", bucket]).lines().map(str::to_string).collect()
    }
}

impl Drop for Seaweed {
    fn drop(&mut self) {
        if self.guard.is_some() {
            self.kill();
        }
    }
}

/// The one server of this test run.
pub fn shared() -> &'static Seaweed {
    static SERVER: OnceLock<Seaweed> = OnceLock::new();
    SERVER.get_or_init(Seaweed::start)
}
