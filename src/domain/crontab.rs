//! The lines of a crontab that run the three programs for one home, between two marks. Lines
//! outside the marks belong to other people and are left alone, to the letter.

use std::path::Path;

/// What a crontab's lines need to know of this machine.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The folder of the three programs, absolute.
    pub programs: &'a Path,
    /// The home, absolute.
    pub home: &'a Path,
}

impl Place<'_> {
    fn begin(&self) -> String {
        format!("# >>> daybook {} >>>", self.home.display())
    }

    fn end(&self) -> String {
        format!("# <<< daybook {} <<<", self.home.display())
    }

    /// The block, with the reason for each minute.
    pub fn block(&self) -> String {
        let call = |program: &str| {
            let path = quoted(&self.programs.join(program).display().to_string());
            format!("{path} --home {}", quoted(&self.home.display().to_string()))
        };
        let (fetcher, summarizer, analyzer) =
            (call("fetcher"), call("summarizer"), call("analyzer"));
        format!(
            "{}\n\
             # Each minute is a tick, not a rate: every source has a period of its own.\n\
             * * * * * {fetcher} run\n\
             # An hour closes two minutes after its end; at minute 5 it is summarised.\n\
             5 * * * * {summarizer} run\n\
             # Yesterday's report, and any of the last days that is missing or has changed.\n\
             15 0 * * * {analyzer} report\n\
             # A weekly and a monthly report: take the mark before the line away.\n\
             #20 0 * * 1 {analyzer} report --week\n\
             #25 0 1 * * {analyzer} report --month\n\
             {}\n",
            self.begin(),
            self.end()
        )
    }

    /// A crontab with this home's block, in place of the one it had, else at its end.
    pub fn added_to(&self, crontab: &str) -> String {
        let mut text = self.removed_from(crontab);
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text + &self.block()
    }

    /// A crontab without this home's block.
    pub fn removed_from(&self, crontab: &str) -> String {
        let (begin, end) = (self.begin(), self.end());
        let mut inside = false;
        let mut kept = String::new();
        for line in crontab.split_inclusive('\n') {
            let bare = line.trim_end_matches('\n');
            inside |= bare == begin;
            if !inside {
                kept.push_str(line);
            }
            inside &= bare != end;
        }
        kept
    }

    /// Whether a crontab has this home's block, whole.
    pub fn is_in(&self, crontab: &str) -> bool {
        let mut lines = crontab.lines();
        lines.any(|line| line == self.begin()) && lines.any(|line| line == self.end())
    }
}

/// A word for the shell of a crontab line, where an unescaped % would be a line break.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@,=".contains(c);
    let word = match word.chars().all(plain) {
        true => word.to_string(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    };
    word.replace('%', "\\%")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PLACE: (&str, &str) = ("/usr/local/bin", "/srv/day book");

    fn place() -> Place<'static> {
        Place { programs: Path::new(PLACE.0), home: Path::new(PLACE.1) }
    }

    #[test]
    fn odd_paths_are_quoted() {
        assert_eq!(quoted("/srv/daybook"), "/srv/daybook");
        assert_eq!(quoted("/srv/a b'c%"), "'/srv/a b'\\''c\\%'");
        assert!(place().block().contains("--home '/srv/day book' run\n"));
    }

    #[test]
    fn every_line_but_comments_has_six_fields_or_more() {
        for line in place().block().lines().filter(|line| !line.starts_with('#')) {
            assert!(line.split_whitespace().count() > 6, "{line}");
        }
    }

    proptest! {
        #[test]
        fn other_lines_are_left_alone(lines in proptest::collection::vec("[ -~]{0,20}", 0..6)) {
            let before: String = lines.iter().map(|line| format!("{line}\n")).collect();
            let with = place().added_to(&before);
            prop_assert!(place().is_in(&with));
            prop_assert_eq!(place().added_to(&with), with.clone());
            prop_assert_eq!(place().removed_from(&with), before.clone());
            prop_assert_eq!(place().removed_from(&before), before);
        }
    }
}
