//! What people give to be read, settings, declarations, lists and secrets, where it cannot be: a
//! clear error that names the file, at once, and the other declarations are used as ever.

use crate::bad_input::stations;
use crate::sandbox::{Kind, Ran, Sandbox};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

const NOW: &str = "2026-11-21T10:00:00Z";

/// Where somebody's file should stand, and what stands there.
const PLACES: [&str; 5] =
    ["daybook.toml", "sources/bad.toml", "sources/keys.csv", "secrets.toml", "credentials/town"];

type Odd = (&'static str, fn(&Path), &'static str);

const ODD: [Odd; 8] = [
    ("a pipe", pipe, "it is a named pipe, no regular file"),
    ("a link to a pipe", |path| linked(path, pipe), "it is a named pipe, no regular file"),
    ("a folder", |path| fs::create_dir(path).unwrap(), "it is a folder, no regular file"),
    ("a socket", socket, "it is a socket, no regular file"),
    ("a device", |path| symlink("/dev/zero", path).unwrap(), "it is a device, no regular file"),
    (
        "a link to nothing",
        |path| symlink("gone", path).unwrap(),
        "link to gone, which is not there",
    ),
    (
        "a large file",
        |path| sparse(path, (32 << 20) + 1),
        "KiB, and no more of such a file is read",
    ),
    (
        "other bytes",
        |path| fs::write(path, b"# a\n\"\xff\" = 1\n").unwrap(),
        "line 2 has other bytes",
    ),
];

fn pipe(path: &Path) {
    rustix::fs::mkfifoat(rustix::fs::CWD, path, rustix::fs::Mode::RUSR).unwrap();
}

fn linked(path: &Path, make: fn(&Path)) {
    let target = path.with_extension("target");
    make(&target);
    symlink(target, path).unwrap();
}

fn socket(path: &Path) {
    std::os::unix::net::UnixListener::bind(path).unwrap();
}

fn sparse(path: &Path, bytes: u64) {
    fs::File::create(path).unwrap().set_len(bytes).unwrap();
}

fn closed(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// A home with one good declaration, one with a list, one with a secret.
fn home() -> Sandbox {
    let home = Sandbox::new(Kind::Sqlite);
    home.settings("");
    let url = "http://127.0.0.1:9/{item}?k={secret:town}";
    home.source("good", &stations("http://127.0.0.1:9/", ""));
    home.source("bad", &stations(url, "items = { file = \"keys.csv\", key = \"key\" }"));
    fs::write(home.path("sources/keys.csv"), "key\none\n").unwrap();
    fs::write(home.path("secrets.toml"), "town = \"x\"\n").unwrap();
    fs::create_dir(home.path("credentials")).unwrap();
    fs::write(home.path("credentials/town"), "x\n").unwrap();
    for secret in ["secrets.toml", "credentials/town"] {
        closed(&home.path(secret), 0o600);
    }
    home
}

/// Runs the fetcher, for a while only: what waits for ever fails by its exit code.
fn fetcher(home: &Sandbox, arguments: &[&str], user: Option<u32>) -> Ran {
    let plain = home.command("fetcher", arguments);
    let mut command = Command::new("timeout");
    command.args(["-k", "1", "30"]).arg(plain.get_program()).args(plain.get_args());
    command.env_remove("DAYBOOK_STEP").env("CREDENTIALS_DIRECTORY", home.path("credentials"));
    user.map(|user| command.uid(user).gid(user));
    Ran::of(command.output().unwrap(), "fetcher", arguments, home)
}

fn run(home: &Sandbox) -> Ran {
    fetcher(home, &["--now", NOW, "run"], None)
}

#[test]
fn what_is_no_small_regular_file_is_refused_at_once() {
    for place in PLACES {
        for (name, make, words) in ODD {
            let home = home();
            let path = home.path(place);
            fs::remove_file(&path).unwrap();
            make(&path);
            // Of secrets it is looked first whether others can read them.
            if fs::metadata(&path).is_ok_and(|file| file.is_file()) {
                closed(&path, 0o600);
            }
            let ran = run(&home).exits(2).says(words);
            assert_eq!(
                ran.stderr.matches(path.to_str().unwrap()).count(),
                1,
                "{name}: {}",
                ran.about
            );
            assert!(!ran.stderr.contains("UTF-8 text;"), "{name}: {}", ran.about);
            let told = match place {
                "sources/bad.toml" | "sources/keys.csv" => {
                    format!("{}: cannot be read: ", path.display())
                }
                _ => format!("cannot read {}: ", path.display()),
            };
            ran.says(&told);
        }
    }
}

#[test]
fn a_bound_is_named_and_what_is_just_within_is_read() {
    for (place, most) in PLACES.into_iter().zip([1 << 20, 1 << 20, 32 << 20, 1 << 20, 1 << 20]) {
        let home = home();
        let path = home.path(place);
        let text = fs::read_to_string(&path).unwrap();
        let of = |bytes: usize| match place.ends_with("toml") {
            true => format!("{text}#{}\n", "x".repeat(bytes - text.len() - 2)),
            false => format!("{text}{}", "\n".repeat(bytes - text.len())),
        };
        fs::write(&path, of(most)).unwrap();
        run(&home).exits(2).says("/one?k=***: the connection was refused");
        fs::write(&path, of(most + 1)).unwrap();
        run(&home).exits(2).says(&format!("it is larger than {} KiB, and", most >> 10));
    }
}

#[test]
fn links_to_what_people_keep_elsewhere_are_followed() {
    let home = home();
    let elsewhere = tempfile::tempdir().unwrap();
    for (number, place) in PLACES.into_iter().enumerate() {
        let (path, kept) = (home.path(place), elsewhere.path().join(number.to_string()));
        fs::copy(&path, &kept).unwrap();
        fs::remove_file(&path).unwrap();
        symlink(&kept, &path).unwrap();
    }
    // All is read, and nobody answers.
    run(&home).exits(2).says("bad: failed").says("/one?k=***: the connection was refused");
    fetcher(&home, &["check"], None).exits(0).says("good: good").says("bad: good");
}

#[test]
fn one_declaration_that_cannot_be_read_stops_no_other() {
    for (_, make, words) in ODD {
        let home = home();
        fs::remove_file(home.path("sources/bad.toml")).unwrap();
        make(&home.path("sources/bad.toml"));
        fetcher(&home, &["check"], None).exits(1).says("good: good").says(words);
    }
}

/// Nothing is said of what was expected: the file may be right in all but its rights.
#[test]
fn an_error_of_rights_says_whose_the_file_is() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("NOT RUN: files that another user may not read take root");
        return;
    }
    for place in PLACES {
        for folder in [false, true] {
            let home = home();
            ["", "sources"].iter().for_each(|path| closed(&home.path(path), 0o755));
            let others = ["secrets.toml", "credentials/town"].map(|name| home.path(name));
            for path in others {
                std::os::unix::fs::chown(path, Some(65_534), None).unwrap();
            }
            let path = home.path(place);
            let around = path.parent().unwrap();
            let shut = if folder { around } else { &path };
            if shut == home.home() {
                continue;
            }
            std::os::unix::fs::chown(shut, Some(0), None).unwrap();
            closed(shut, 0o700);
            let ran = fetcher(&home, &["--now", NOW, "run"], Some(65_534)).exits(2);
            let ran = ran.says("Permission denied (os error 13)\nhint: this program runs as");
            let ran = ran.says("runs as user 65534; ");
            let ran = ran.says(&format!("{} belongs to root, with mode 700", shut.display()));
            assert!(!ran.stderr.contains("UTF-8"), "{}", ran.about);
            assert!(!ran.stderr.contains("CSV"), "{}", ran.about);
        }
    }
}
