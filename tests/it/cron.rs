//! A real cron daemon and a real crontab, in a mount and process namespace of their own: nothing
//! of this machine's cron is touched, and all of it ends with the test. The daemon's clock runs
//! thirty times as fast; its jobs see the real one.

use crate::recording::{BIKES, QUAKES, answers, declaration};
use crate::sandbox::{KINDS, Kind, Sandbox, server_url, temporary, wait_until};
use crate::server::{Answer, Server};
use chrono::{DateTime, Days, Utc};
use std::fs::{self, read_to_string};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

/// An empty cron of its own, and a sendmail that keeps every mail as a file in $MAILS.
const NAMESPACE: &str = r#"
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs /var/spool/cron
mkdir -m 1730 /var/spool/cron/crontabs
chgrp crontab /var/spool/cron/crontabs
mount -t tmpfs tmpfs /run
: >/run/none
mount --bind /run/none /etc/crontab
mount -t tmpfs tmpfs /etc/cron.d
mkdir /run/upper /run/work
mount -t overlay overlay -o lowerdir=/usr/sbin,upperdir=/run/upper,workdir=/run/work /usr/sbin
printf '#!/bin/sh\nexec cat >"$(mktemp "%s/mail.XXXXXX")"\n' "$MAILS" >/run/sendmail
chmod 755 /run/sendmail
rm -f /usr/sbin/sendmail
mv /run/sendmail /usr/sbin/sendmail
"#;

/// A command in the namespace; `None`, said aloud, where the user may not make one.
fn inside(script: &str, home: &Sandbox, mails: &Path) -> Option<Command> {
    if !rustix::process::geteuid().is_root() {
        eprintln!("NOT RUN: the tests of cron need root, for a namespace of their own");
        return None;
    }
    let mut command = Command::new("unshare");
    let arguments = ["--mount", "--pid", "--fork", "--kill-child", "sh", "-c"];
    command.args(arguments).arg(format!("{NAMESPACE}{script}"));
    command.env("MAILS", mails).env("HOME_A", home.home()).env_remove("DAYBOOK_STEP");
    command.env("FETCHER", env!("CARGO_BIN_EXE_fetcher")).stdin(Stdio::null());
    Some(command)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A home whose path needs quotes, and % signs escaped, one of them behind a backslash.
fn odd_home(parent: &tempfile::TempDir, store: &str) -> Sandbox {
    let parent = parent.path().join(r"day book's 100% \%\");
    fs::create_dir_all(&parent).unwrap();
    Sandbox::within(&parent, store)
}

/// What `install` does to a crontab with other people's lines; each state in a file of its own.
const INSTALL: &str = r#"
cd "$MAILS"
"$FETCHER" --home "$HOME_A" --quiet install >shown
crontab -l >/dev/null 2>&1 && echo written-too-soon >&2 && exit 1
printf '# mine\n0 7 * * 1  echo "100\\%%"   # spaces   kept\n\n' | crontab -
"$FETCHER" --home "$HOME_A" --quiet install >/dev/null; crontab -l >before
"$FETCHER" --home "$HOME_A" --quiet install --yes; crontab -l >once
"$FETCHER" --home "$HOME_A" --quiet install --yes; crontab -l >twice
(crontab -l; echo '@daily true # after') | crontab -; crontab -l >foreign
"$FETCHER" --home "$HOME_B" --quiet install --yes; crontab -l >both
"$FETCHER" --home "$HOME_A" --quiet install --remove; crontab -l >other
"$FETCHER" --home "$HOME_B" --quiet install --remove; crontab -l >after
"$FETCHER" --home "$HOME_B" --quiet install --remove; crontab -l >again
"$FETCHER" --home "$HOME_A" --quiet install --yes
(crontab -l | grep -v '^# <<<'; echo '9 9 * * * true # others') | crontab -; crontab -l >damaged
"$FETCHER" --home "$HOME_A" --quiet install --yes 2>refused && echo "not refused" >&2 && exit 1
"$FETCHER" --home "$HOME_A" --quiet install --remove 2>>refused && echo "not refused" >&2 && exit 1
"$FETCHER" --home "$HOME_B" --quiet install --yes; "$FETCHER" --home "$HOME_B" install --remove
crontab -l >undamaged
"$FETCHER" --home "$HOME_C" --quiet install --yes 2>>refused && echo "not refused" >&2 && exit 1
crontab -l >unharmed
"#;

#[test]
fn install_writes_its_lines_and_leaves_those_of_others_alone() {
    let (files, parent) = (temporary(), temporary());
    let first = odd_home(&parent, "sqlite:unused");
    let second = Sandbox::new(Kind::Sqlite);
    let Some(mut command) = inside(INSTALL, &first, files.path()) else { return };
    let third = parent.path().join("a\n* * * * * touch pwned\n");
    fs::create_dir_all(&third).unwrap();
    let third = Sandbox::within(&third, "sqlite:unused");
    let command = command.env("HOME_B", second.home()).env("HOME_C", third.home());
    let output: Output = command.output().unwrap();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    let file = |name: &str| read_to_string(files.path().join(name)).unwrap();
    let mine = "# mine\n0 7 * * 1  echo \"100\\%\"   # spaces   kept\n\n";
    let shown = file("shown");
    assert!(shown.contains("\n* * * * * ") && shown.contains("\n15 0 * * * "), "{shown}");
    assert_eq!(file("before"), mine);
    assert_eq!(file("once"), format!("{mine}{shown}"));
    assert_eq!(file("twice"), file("once"));
    assert!(file("both").starts_with(&file("foreign")));
    assert!(!file("other").contains("100\\% ") && file("other").contains("@daily true # after"));
    assert_eq!(file("after"), format!("{mine}@daily true # after\n"));
    assert_eq!(file("again"), file("after"));
    for kept in ["undamaged", "unharmed"] {
        assert_eq!(file(kept), file("damaged"));
    }
    let refused = file("refused");
    assert_eq!(refused.matches("hint: put it right with `crontab -e`").count(), 2, "{refused}");
    assert!(refused.contains("cannot stand in a line of a crontab"), "{refused}");
}

/// The daemon starts some seconds before the fetcher's, the summarizer's and the analyzer's
/// minute. The foreign line proves that a job that says something does get its mail.
const DAEMON: &str = r#"
echo '* * * * * echo control' | crontab -
"$FETCHER" --home "$HOME_A" --quiet install --yes
# Not by its wrapper, whose semaphore has the pid in its name: here that is always the same.
library=$(find /usr/lib -name libfaketime.so.1 | head -n 1)
LD_PRELOAD=$library FAKETIME='@2026-11-22 00:03:50 x30' exec cron -f
"#;

/// Ends the namespace, and with it the daemon and its jobs.
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Yesterday's answers wait in the home: one at noon, one a little later.
fn fetched_yesterday(home: &Sandbox, server: &Server, yesterday: DateTime<Utc>) {
    for source in [BIKES, QUAKES] {
        let path = format!("/{source}");
        for answer in answers(source).into_iter().take(3) {
            server.on(&path, Answer::ok(answer));
        }
        home.source(source, &declaration(source, "1m", server));
    }
    for minute in [0, 7] {
        let at = yesterday + chrono::Duration::minutes(minute);
        let now = at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        home.run("fetcher", &["--now", &now]).exits(0);
    }
}

fn under_cron(kind: Kind) {
    let (mails, parent, server) = (temporary(), temporary(), Server::start());
    let url = (kind == Kind::Server).then(server_url);
    let store = url.as_ref().map(|url| format!("store = \"{url}\"\n")).unwrap_or_default();
    let home = odd_home(&parent, "");
    home.settings(&store);
    let day = Utc::now().date_naive() - Days::new(1);
    let noon = day.and_hms_opt(12, 0, 0).unwrap().and_utc();
    fetched_yesterday(&home, &server, noon);
    let Some(mut command) = inside(DAEMON, &home, mails.path()) else { return };
    let pipes = command.stdout(Stdio::null()).stderr(Stdio::null());
    let _daemon = Daemon(pipes.spawn().unwrap());

    let came = |name: &String| !name.starts_with('.') && !name.contains(&day.to_string());
    let fresh = || home.files(&format!("data/{BIKES}")).iter().any(came);
    wait_until("an answer of today in data/", fresh);
    let report = home.path(&format!("reports/daybook_{day}.pdf"));
    wait_until("yesterday's report", || report.exists());
    let control = |mail: &String| mail.contains("echo control");
    wait_until("a mail", || letters(mails.path()).iter().any(control));
    let others: Vec<String> = letters(mails.path()).into_iter().filter(|m| !control(m)).collect();
    assert_eq!(others, [""; 0], "cron mailed this");
    let audit = home.run("summarizer", &["audit"]).exits(0);
    let account = |source: &str| {
        let line = audit.stdout.lines().find(|line| line.starts_with(&format!("{source} ")));
        line.map(|line| line.split_whitespace().nth(3).unwrap().to_string())
    };
    assert_eq!((account(BIKES), account(QUAKES)), (Some("2".into()), Some("2".into())));
    let left = home.files(&format!("data/{BIKES}")).into_iter().filter(|name| !came(name));
    assert_eq!(left.collect::<Vec<_>>(), [""; 0]);
}

fn letters(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    // One that is still being written has no body yet.
    files.map(|path| read_to_string(path).unwrap()).filter(|mail| mail.contains("\n\n")).collect()
}

#[test]
fn cron_runs_all_three_and_has_nothing_to_mail() {
    KINDS.into_iter().for_each(under_cron);
}
