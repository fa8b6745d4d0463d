//! What the crontab's lines of a home run, and when; and words as such a line holds them.

/// A line of the block that runs something.
pub struct Job {
    /// A comment above the line.
    pub reason: &'static str,
    /// Minute, hour, day, month and day of the week.
    pub when: &'static str,
    pub program: &'static str,
    pub action: &'static str,
    /// Switched off until a person takes the mark before it away.
    pub offered: bool,
}

const fn job(
    reason: &'static str,
    when: &'static str,
    program: &'static str,
    action: &'static str,
) -> Job {
    Job { reason, when, program, action, offered: false }
}

pub const JOBS: [Job; 5] = [
    job(
        "# Each minute is a tick, not a rate: every source has a period of its own.",
        "* * * * *",
        "fetcher",
        "run",
    ),
    job(
        "# An hour closes two minutes after its end; at minute 5 it is summarised.",
        "5 * * * *",
        "summarizer",
        "run",
    ),
    job(
        "# Yesterday's report, and any of the last days that is missing or has changed.",
        "15 0 * * *",
        "analyzer",
        "report",
    ),
    Job {
        offered: true,
        ..job(
            "# A weekly and a monthly report: take the mark before the line away.",
            "20 0 * * 1",
            "analyzer",
            "report --week",
        )
    },
    Job { offered: true, ..job("", "25 0 1 * *", "analyzer", "report --month") },
];

/// Whether a letter stands for itself in the shell and in a crontab.
pub fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "/._-+:@,=".contains(c)
}

/// A word for the shell of a crontab line. Cron breaks the line at a bare %, and takes the
/// backslash before an escaped one away; after a backslash of the word itself it would not see
/// the escape, so that a new pair of quotes begins between the two.
pub fn quoted(word: &str) -> String {
    if word.chars().all(is_plain) {
        return word.to_string();
    }
    let inner = word.replace('\'', "'\\''").replace('%', "\\%").replace("\\\\%", "\\''\\%");
    format!("'{inner}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_paths_are_quoted() {
        assert_eq!(quoted("/srv/daybook"), "/srv/daybook");
        assert_eq!(quoted("/srv/a b'c%"), "'/srv/a b'\\''c\\%'");
        assert_eq!(quoted("/srv/a\\%b\\"), "'/srv/a\\''\\%b\\'");
    }
}
