//! An archive in a bucket of a real server: what is counted is there before it leaves `data/`,
//! whoever dies on the way, and all is counted again from it.

use super::proxy::Proxy;
use crate::bad_input::disk::Disk;
use crate::crash::cases::{check_all, each};
use crate::crash::is_fine;
use crate::crash::scene::{Scene, at};
use crate::recording::{BIKES, QUAKES};
use crate::recount::Recount;
use crate::sandbox::{Kind, Ran, Sandbox, wait_until};
use crate::seaweed::{Seaweed, shared};
use crate::served;
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;

/// Lets a home archive into a bucket, as somebody.
pub fn archive(home: &Sandbox, endpoint: &str, bucket: &str, who: &str) {
    home.settings("");
    let text = std::fs::read_to_string(home.path("daybook.toml")).unwrap();
    let text = format!(
        "{text}[summarizer]\narchive = \"s3://{bucket}/raw\"\n\
         [archive]\nendpoint = \"{endpoint}\"\n"
    );
    std::fs::write(home.path("daybook.toml"), text).unwrap();
    let secrets = format!("archive_key_id = \"{who}\"\narchive_key = \"{who}secret\"\n");
    std::fs::write(home.path("secrets.toml"), secrets).unwrap();
    let mode = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(home.path("secrets.toml"), mode).unwrap();
}

fn summarize(home: &Sandbox) -> Ran {
    home.run("summarizer", &["--now", &at("12:10")])
}

/// A scene whose answers wait, and a copy of it that archives into a bucket of its own.
fn waiting(server: &Seaweed) -> (Scene, Sandbox, String) {
    let scene = Scene::before_summary();
    let (home, bucket) = (scene.home.copy(Kind::Sqlite), server.bucket());
    archive(&home, &server.endpoint(), &bucket, "test");
    (scene, home, bucket)
}

/// Nothing of the two sources is left in `data/` but what is in quarantine.
pub fn is_emptied(home: &Sandbox) {
    assert_eq!(home.files("data/.batches"), [""; 0]);
    assert_eq!(home.files("data/.tmp"), [""; 0]);
    for source in [BIKES, QUAKES] {
        assert_eq!(home.files(&format!("data/{source}")), [""; 0]);
    }
}

/// What Python finds in the bucket: every object as its manifest says, encrypted; all answers.
fn holds_all(server: &Seaweed, bucket: &str, home: &Sandbox) {
    let told = server.ask(&["check", bucket, "raw/"]);
    let found: BTreeSet<String> = told.lines().map(str::to_string).collect();
    for name in home.files("served") {
        let file = name.rsplit('/').next().unwrap();
        let stem = file.trim_end_matches(".json");
        assert!(found.iter().any(|id| id.starts_with(stem)), "{file} is not in {found:#?}");
    }
    assert!(!found.is_empty());
}

fn equal(home: &Sandbox, scene: &Scene, recount: &mut Recount) {
    home.run("summarizer", &["--now", &at("13:00"), "audit"]).exits(0);
    let found = recount.differences(&served::folder(home), home.store(), &scene.unreadable);
    assert_eq!(found, [""; 0]);
}

#[test]
fn a_batch_is_one_object_and_all_is_counted_again_from_it() {
    let server = shared();
    let (scene, home, bucket) = waiting(server);
    is_fine(&summarize(&home));
    is_emptied(&home);
    holds_all(server, &bucket, &home);
    let keys = server.keys(&bucket);
    let bikes =
        keys.iter().filter(|key| key.starts_with("raw/bikes-baywheels/2026/11/21/2026-11-21T1"));
    assert_eq!(bikes.count(), 4, "{keys:#?}");
    let mut recount = Recount::start();
    equal(&home, &scene, &mut recount);
    // The store is lost: the bucket has all.
    std::fs::remove_file(home.path("daybook.sqlite")).unwrap();
    let range = ["--now", &at("12:20"), "recount", "--from", "2026-11-21", "--to", "2026-11-21"];
    is_fine(&home.run("summarizer", &[&range[..], &["--adopt"]].concat()));
    equal(&home, &scene, &mut recount);
    assert_eq!(server.keys(&bucket).len(), keys.len(), "nothing is put twice");
    is_emptied(&home);
    // A run that changes nothing asks for nothing to be put.
    is_fine(&summarize(&home));
    // What is forgotten goes there, too.
    home.run("summarizer", &["forget", BIKES, "--yes"]).exits(0);
    let left = server.keys(&bucket);
    assert!(left.iter().all(|key| !key.contains(BIKES)), "{left:#?}");
    assert!(left.iter().any(|key| key.contains(QUAKES)));
}

#[test]
fn a_summarizer_may_die_at_any_step_of_the_archive() {
    let server = shared();
    let (scene, home, _) = waiting(server);
    let list = home.path("steps");
    let hook = format!("list:{}", list.display());
    is_fine(&home.run_hooked("summarizer", &["--now", &at("12:10")], &hook));
    let text = std::fs::read_to_string(list).unwrap();
    let is_lake = |(_, line): &(usize, &str)| line.contains("lake.");
    let steps: Vec<usize> =
        text.lines().enumerate().filter(is_lake).map(|(place, _)| place + 1).collect();
    assert!(steps.len() > 20, "{text}");
    check_all("deaths at the archive", &each(3, steps), |step, recount| {
        let (home, bucket) = (scene.home.copy(Kind::Sqlite), server.bucket());
        archive(&home, &server.endpoint(), &bucket, "test");
        let kill = format!("kill:{step}");
        home.run_hooked("summarizer", &["--now", &at("12:10")], &kill).was_killed();
        is_fine(&summarize(&home));
        is_emptied(&home);
        holds_all(server, &bucket, &home);
        equal(&home, &scene, recount);
    });
}

#[test]
fn a_server_that_dies_stops_emptying_and_never_counting() {
    let mut server = Seaweed::start();
    let (scene, home, bucket) = waiting(&server);
    let go = home.path("go");
    // Held where the first object is about to be put, after its hour was committed.
    let probe = scene.home.copy(Kind::Sqlite);
    archive(&probe, &server.endpoint(), &bucket, "test");
    let list = probe.path("steps");
    let hook = format!("list:{}", list.display());
    is_fine(&probe.run_hooked("summarizer", &["--now", &at("12:10")], &hook));
    let text = std::fs::read_to_string(list).unwrap();
    let step = text.lines().position(|line| line.contains("lake.put")).unwrap() + 3;
    let bucket = server.bucket();
    archive(&home, &server.endpoint(), &bucket, "test");
    let mut run = home.command("summarizer", &["--now", &at("12:10")]);
    run.env("DAYBOOK_STEP", format!("hold:{step}:{}", go.display()));
    let run = run.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let child = run.spawn().unwrap();
    wait_until("a held summarizer", || go.with_extension("held").exists());
    server.kill();
    std::fs::write(&go, "").unwrap();
    let arguments = ["--now", "12:10"];
    let ran = Ran::of(child.wait_with_output().unwrap(), "summarizer", &arguments, &home);
    let ran = ran.exits(1).says("did not answer").says("nothing is lost");
    drop(ran);
    // All is counted, and nothing has left.
    equal(&home, &scene, &mut Recount::start());
    assert!(!home.files("data/.batches").is_empty());
    let status = home.run("summarizer", &["--now", &at("12:11"), "status"]);
    assert!(status.stdout.contains("2026-11-21 12:00 UTC"), "{}", status.about);
    let again = summarize(&home).exits(1).says("did not answer");
    assert!(!again.about.contains("committed"), "it is told once: {}", again.about);
    server.begin();
    is_fine(&summarize(&home));
    is_emptied(&home);
    holds_all(&server, &bucket, &home);
    equal(&home, &scene, &mut Recount::start());
}

#[test]
fn an_answer_that_is_lost_is_found_again() {
    let server = shared();
    let (scene, home, bucket) = waiting(server);
    // Each second answer to something that is put never comes.
    let proxy = Proxy::cutting(&server.endpoint());
    archive(&home, &proxy.address(), &bucket, "test");
    summarize(&home);
    summarize(&home);
    archive(&home, &server.endpoint(), &bucket, "test");
    is_fine(&summarize(&home));
    assert!(proxy.cut() > 0);
    is_emptied(&home);
    holds_all(server, &bucket, &home);
    equal(&home, &scene, &mut Recount::start());
}

#[test]
fn each_lacking_right_is_told_and_nothing_is_lost() {
    let server = shared();
    let told = [
        ("noput", "this key may not do that"),
        ("noget", "this key may not do that"),
        ("nobody", "archive_key_id"),
    ];
    for (who, words) in told {
        let (scene, home, bucket) = waiting(server);
        archive(&home, &server.endpoint(), &bucket, who);
        summarize(&home).exits(1).says(words);
        equal(&home, &scene, &mut Recount::start());
        assert!(!home.files("data/.batches").is_empty(), "{who}");
        archive(&home, &server.endpoint(), &bucket, "test");
        is_fine(&summarize(&home));
        holds_all(server, &bucket, &home);
    }
    // Who may not list archives, and cannot count again; who may not delete cannot forget.
    let (_scene, home, bucket) = waiting(server);
    archive(&home, &server.endpoint(), &bucket, "nolist");
    is_fine(&summarize(&home));
    let range = ["recount", "--from", "2026-11-21", "--to", "2026-11-21"];
    let ran = home.run("summarizer", &[&["--now", &at("12:20")], &range[..]].concat());
    assert!(ran.code != Some(0), "{}", ran.about);
    ran.says("this key may not do that");
    archive(&home, &server.endpoint(), &bucket, "nodelete");
    is_fine(&home.run("summarizer", &[&["--now", &at("12:20")], &range[..]].concat()));
    let ran = home.run("summarizer", &["forget", BIKES, "--yes"]);
    assert!(ran.code != Some(0), "{}", ran.about);
    ran.says("this key may not do that");
    // The least rights that docs/lake.md asks for are enough for all of it.
    let (_scene, home, bucket) = waiting(server);
    archive(&home, &server.endpoint(), &bucket, "least");
    is_fine(&summarize(&home));
    is_fine(&home.run("summarizer", &[&["--now", &at("12:20")], &range[..]].concat()));
    home.run("summarizer", &["forget", BIKES, "--yes"]).exits(0);
}

#[test]
fn what_cannot_be_an_archive_is_told() {
    let server = shared();
    let (scene, home, bucket) = waiting(server);
    let doctor = || home.run("fetcher", &["--now", &at("12:10"), "doctor"]).stdout;
    let wrong = |endpoint: &str, bucket: &str, words: &str| {
        archive(&home, endpoint, bucket, "test");
        let told = doctor();
        assert!(told.contains("WRONG  archive") && told.contains(words), "{told}");
        summarize(&home).exits(1).says(words);
        assert!(!home.files("data/.batches").is_empty(), "{words}");
    };
    wrong(&server.endpoint(), "there-is-none", "there is no such bucket");
    wrong("http://127.0.0.1:9", &bucket, "did not answer");
    wrong("http://bucket.example.org", &bucket, "is not encrypted");
    let proxy = Proxy::plain(&server.endpoint());
    archive(&home, &proxy.address(), &bucket, "test");
    summarize(&home).exits(1).says("says nothing of its encryption, not AES256");
    assert!(doctor().contains("says nothing of its encryption, not AES256"));
    let keys = server.keys(&bucket);
    assert_eq!(keys, ["raw/daybook.json"], "a bucket that does not encrypt gets no answer");
    std::fs::remove_file(home.path("secrets.toml")).unwrap();
    summarize(&home).exits(1).says("the secret archive_key_id is not given");
    archive(&home, &server.endpoint(), &bucket, "test");
    is_fine(&summarize(&home));
    assert!(doctor().contains("it answers, and encrypts by AES256"));
    equal(&home, &scene, &mut Recount::start());
    let odd = ["s3://", "s3://UPPER/x", "s3://lake/../x", "s3:/lake", "S3://lake", "gs://lake/x"];
    for odd in odd.into_iter().chain(["https://lake.example.org/x"]) {
        home.settings(&format!("[summarizer]\narchive = \"{odd}\""));
        summarize(&home).exits(2).says("s3://NAME/PREFIX");
    }
}

#[test]
fn the_documented_lines_read_the_bucket() {
    let server = shared();
    let (_scene, home, bucket) = waiting(server);
    is_fine(&summarize(&home));
    let root = env!("CARGO_MANIFEST_DIR");
    let text = std::fs::read_to_string(format!("{root}/docs/lake.md")).unwrap();
    let (_, code) = text.split_once("```python\n").unwrap();
    let (code, _) = code.split_once("```").unwrap();
    assert!(code.lines().count() <= 11, "{code}");
    let code = code.replace("https://s3.example.org", &server.endpoint());
    let code = code.replace("city-lake", &bucket).replace("bikes-oslo", BIKES);
    let output = std::process::Command::new(format!("{root}/target/test-needs/doors/bin/python"))
        .args(["-c", &code])
        .current_dir(home.home())
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "testsecret")
        .output()
        .unwrap();
    let (said, wrong) = (String::from_utf8_lossy(&output.stdout), &output.stderr);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(wrong));
    // Five stations, in both answers of the hour.
    assert_eq!(said.matches(", 2)").count(), 5, "{said}");
}

#[test]
fn a_prefix_is_that_of_one_home() {
    let server = shared();
    let (_scene, home, bucket) = waiting(server);
    is_fine(&summarize(&home));
    let (_scene, other, _) = waiting(server);
    archive(&other, &server.endpoint(), &bucket, "test");
    let before = server.keys(&bucket);
    summarize(&other).exits(1).says("is that of another home").says("a prefix of its own");
    assert!(!other.files("data/.batches").is_empty());
    // Nothing is read from there, either, and nothing taken away.
    let range = ["recount", "--from", "2026-11-21", "--to", "2026-11-21"];
    for order in [&range[..], &["forget", BIKES, "--yes"]] {
        let ran = other.run("summarizer", &[&["--now", &at("12:20")], order].concat());
        assert_ne!(ran.code, Some(0), "{}", ran.about);
        ran.says("is that of another home");
    }
    assert!(other.run("fetcher", &["doctor"]).stdout.contains("is that of another home"));
    assert_eq!(server.keys(&bucket), before);
}

#[test]
fn what_may_be_kept_for_a_time_goes_whole_in_time() {
    let server = shared();
    let (_scene, home, bucket) = waiting(server);
    is_fine(&summarize(&home));
    let of = |hour: &str| {
        let keys = server.keys(&bucket);
        let inner = format!("{QUAKES}/2026/11/21/2026-11-21T{hour}");
        keys.iter().filter(|key| key.contains(&inner)).count()
    };
    assert_eq!((of("10"), of("11")), (2, 2));
    let path = home.path(&format!("sources/{QUAKES}.toml"));
    let text = std::fs::read_to_string(&path).unwrap();
    let kept = "[records]\nwithdrawable = [\"place\"]\nraw_for = \"32d\"\n";
    let kept = text.replacen("[records]\n", kept, 1);
    assert_ne!(kept, text);
    std::fs::write(&path, kept).unwrap();
    // So long behind the begin of an hour its object goes, with its manifest; a later one stays.
    let later = |time: &str| format!("2026-12-23T{time}:00Z");
    let summarize = |time: &str| home.run("summarizer", &["--now", &later(time)]);
    summarize("09:59");
    assert_eq!((of("10"), of("11")), (2, 2));
    summarize("10:30");
    assert_eq!((of("10"), of("11")), (0, 2));
    summarize("12:30");
    assert_eq!((of("10"), of("11")), (0, 0));
    assert!(server.keys(&bucket).iter().any(|key| key.contains(BIKES)), "those of others stay");
    home.run("summarizer", &["--now", &later("12:40"), "audit"]).exits(0);
}

#[test]
fn a_key_service_encrypts_what_is_asked_so() {
    let server = shared();
    let (scene, home, bucket) = waiting(server);
    let path = home.path("daybook.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let key = "encryption = \"aws:kms\"\nkms_key = \"city\"\n";
    std::fs::write(&path, text + key).unwrap();
    is_fine(&summarize(&home));
    is_emptied(&home);
    let keys = server.keys(&bucket);
    assert!(keys.len() > 8, "{keys:?}");
    for key in keys {
        let told = server.ask(&["head", &bucket, &key]);
        assert!(told.starts_with("aws:kms "), "{key}: {told}");
    }
    equal(&home, &scene, &mut Recount::start());
}

#[test]
fn a_full_disk_of_the_bucket_stops_emptying_and_never_counting() {
    let Some(disk) = Disk::of("size=400m") else { return };
    let server = Seaweed::within(tempfile::tempdir_in(disk.path()).unwrap());
    let (scene, home, bucket) = waiting(&server);
    disk.fill(0);
    summarize(&home).exits(1).says("nothing is lost");
    equal(&home, &scene, &mut Recount::start());
    assert!(!home.files("data/.batches").is_empty());
    disk.relieve();
    wait_until("a bucket with room again", || {
        summarize(&home);
        home.files("data/.batches").is_empty()
    });
    holds_all(&server, &bucket, &home);
    equal(&home, &scene, &mut Recount::start());
}
