//! Servers that show a certificate: a good one is believed, any other is refused, told why, and
//! nothing was sent.

use super::lake;
use crate::crash::is_fine;
use crate::crash::scene::{Scene, at};
use crate::postgres::{Postgres, rows};
use crate::sandbox::{Kind, temporary};
use crate::seaweed::Seaweed;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder of certificates for this machine, made by openssl: `good` and `expired` by `ca`,
/// `stranger` by an authority of its own, `elsewhere` for another name.
struct Certificates(tempfile::TempDir);

/// Some days ago.
fn openssl(folder: &Path, days: &str, arguments: &str) {
    let mut command = Command::new("faketime");
    let command = command.args(["-f", days, "openssl"]).args(arguments.split(' '));
    let done = command.current_dir(folder).output();
    let done = done.expect("these tests need faketime and openssl: `make test-doors` brings them");
    assert!(done.status.success(), "{arguments}: {}", String::from_utf8_lossy(&done.stderr));
}

impl Certificates {
    fn new() -> Certificates {
        let folder = temporary();
        let path = folder.path();
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
        for name in ["ca", "other"] {
            let usage = "-addext keyUsage=critical,keyCertSign,cRLSign";
            let subject = format!("-subj /CN={name} -keyout {name}.key -out {name}.pem");
            openssl(path, "-9d", &format!("req -x509 {key} -days 30 {usage} {subject}"));
        }
        let sign = |name: &str, by: &str, of: &str, ago: &str| {
            let files = format!("-keyout {name}.key -out {name}.csr");
            openssl(path, "-0d", &format!("req {key} -subj /CN={name} {files}"));
            let rest = "basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n";
            std::fs::write(path.join("ext"), format!("subjectAltName={of}\n{rest}")).unwrap();
            let by = format!("-CA {by}.pem -CAkey {by}.key -CAcreateserial");
            let files = format!("-in {name}.csr -extfile ext -out {name}.pem");
            openssl(path, ago, &format!("x509 -req {by} -days 5 {files}"));
        };
        sign("good", "ca", "IP:127.0.0.1,DNS:localhost", "-1d");
        sign("stranger", "other", "IP:127.0.0.1,DNS:localhost", "-1d");
        sign("elsewhere", "ca", "DNS:elsewhere.example.org", "-1d");
        sign("expired", "ca", "IP:127.0.0.1,DNS:localhost", "-8d");
        Certificates(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

/// Whom nobody believes, and the word that says why.
const BAD: [(&str, &str); 3] =
    [("stranger", "UnknownIssuer"), ("elsewhere", "not valid for name"), ("expired", "expired")];

#[test]
fn a_store_is_believed_by_its_certificate() {
    let certificates = Certificates::new();
    let scene = Scene::before_summary();
    let trusted = certificates.path("ca.pem").display().to_string();
    let server = Postgres::with_certificate(&certificates.path("good.pem"));
    let asked = |server: &Postgres| format!("{}&sslmode=verify-full", server.url());
    let url = format!("{}&sslrootcert={trusted}", asked(&server));
    let home = super::faults::over(&scene, &url);
    is_fine(&home.run("summarizer", &["--now", &at("12:10")]));
    let spoken = "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
                  WHERE application_name = 'daybook'";
    // The audit holds its connection while this looks: none of ours is a plain one.
    assert_ne!(rows(&server.url(), spoken)[0][0].as_deref(), Some("f"));
    // Without that file this machine's authorities do not know it.
    let home = scene.home.copy(Kind::Sqlite);
    let told = |url: &str, words: &str| {
        let ran = home.run("summarizer", &["--store", url, "--now", &at("12:10")]);
        ran.exits(2).says(words).says("sslrootcert=FILE");
        assert_eq!(home.files("data/bikes-baywheels").len(), 4);
    };
    told(&asked(&server), "UnknownIssuer");
    for (name, why) in BAD {
        let server = Postgres::with_certificate(&certificates.path(&format!("{name}.pem")));
        told(&format!("{}&sslrootcert={trusted}", asked(&server)), why);
    }
    let plain = crate::postgres::shared();
    let ran = home.run("summarizer", &["--store", &asked(plain), "--now", &at("12:10")]);
    ran.exits(2).says("does not support TLS").says("sslmode=disable on a network that you trust");
}

#[test]
fn a_bucket_is_believed_by_its_certificate() {
    let certificates = Certificates::new();
    let trusted = certificates.path("ca.pem").display().to_string();
    let scene = Scene::before_summary();
    let ask = |server: &Seaweed, authorities: &str| {
        let home = scene.home.copy(Kind::Sqlite);
        lake::archive(&home, &server.secure_endpoint(), &server.bucket(), "test");
        let settings = home.path("daybook.toml");
        let text = std::fs::read_to_string(&settings).unwrap();
        std::fs::write(&settings, format!("{text}{authorities}")).unwrap();
        let ran = home.run("summarizer", &["--now", &at("12:10")]);
        (home, ran)
    };
    let ours = format!("authorities = \"{trusted}\"\n");
    let server = Seaweed::with_certificate(&certificates.path("good.pem"));
    let (home, ran) = ask(&server, &ours);
    is_fine(&ran);
    lake::is_emptied(&home);
    let (home, ran) = ask(&server, "");
    ran.exits(1).says("UnknownIssuer").says("archive.authorities names a file");
    assert!(!home.files("data/.batches").is_empty());
    for (name, why) in BAD {
        let server = Seaweed::with_certificate(&certificates.path(&format!("{name}.pem")));
        let (home, ran) = ask(&server, &ours);
        ran.exits(1).says(why);
        assert!(!home.files("data/.batches").is_empty());
    }
    let empty = certificates.path("empty.pem");
    std::fs::write(&empty, "").unwrap();
    let (_, ran) = ask(&server, &format!("authorities = \"{}\"\n", empty.display()));
    ran.exits(1).says("no certificate stands in");
}
