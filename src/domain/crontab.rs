//! The lines of a crontab that run the three programs for one home, between two marks. Lines
//! outside the marks belong to other people and are left alone, to the letter; so are lines
//! between them that are not ours, and marks that do not pair: nothing is written then.

pub mod clock;
mod job;

use chrono_tz::Tz;
use clock::Clock;
use job::{JOBS, Job, is_plain, quoted};
use std::ops::RangeInclusive;
use std::path::Path;

/// What a crontab's lines need to know of this machine: texts that a line can hold.
#[derive(Clone, Debug)]
pub struct Place {
    programs: String,
    home: String,
    clock: Clock,
}

/// Why a crontab is not written.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error(
        "{path} cannot stand in a line of a crontab: {why}\n\
         hint: move it to a path without, or use a link to it that has none"
    )]
    Path { path: String, why: &'static str },
    #[error(
        "line {line} of your crontab, {text:?}, {why}; nothing was written\n\
         hint: put it right with `crontab -e`: between {begin:?} and {end:?} stand the lines of \
         this home, and no others"
    )]
    Line { line: usize, text: String, why: &'static str, begin: String, end: String },
}

impl Place {
    /// Of the folder of the three programs and of the home, both absolute.
    pub fn new(programs: &Path, home: &Path) -> Result<Place, Refused> {
        Ok(Place { programs: writable(programs)?, home: writable(home)?, clock: Clock::Own })
    }

    /// The same for reports of the days of `zone`, by a cron that reads its lines in one of the
    /// zones `local`.
    pub fn reporting(self, zone: Tz, local: &[Tz], year: i32) -> Place {
        Place { clock: Clock::latest(zone, local, year), ..self }
    }

    /// The same for reports of the days of `zone`, by a cron that takes `CRON_TZ` and has this
    /// crontab: lines after ours are read as they were. `local` is its own zone, where that is
    /// known.
    pub fn zoned(self, zone: Tz, local: Option<Tz>, crontab: &str) -> Place {
        let begin = self.begin();
        let before = crontab.lines().take_while(|line| line.trim() != begin);
        Place { clock: Clock::told(zone, local, before), ..self }
    }

    fn begin(&self) -> String {
        format!("# >>> daybook {} >>>", self.home)
    }

    fn end(&self) -> String {
        format!("# <<< daybook {} <<<", self.home)
    }

    /// The block, with the reason for each minute.
    pub fn block(&self) -> String {
        self.block_with(&[])
    }

    /// The block, with those offers switched on that already were.
    fn block_with(&self, taken: &[&Job]) -> String {
        let mut block = self.begin() + "\n";
        for job in &JOBS {
            if !job.reason.is_empty() {
                block += &format!("{}\n", job.reason);
            }
            let is_taken = taken.iter().any(|taken| taken.when == job.when);
            let mark = if job.offered && !is_taken { "#" } else { "" };
            let program = quoted(&format!("{}/{}", self.programs, job.program));
            let when = self.clock.when(job);
            block += &self.clock.above(job);
            block += &format!("{mark}{when} {program}{}\n", self.rest(job));
        }
        block + &self.clock.after() + &self.end() + "\n"
    }

    /// What stands after the program in the line of a job.
    fn rest(&self, job: &Job) -> String {
        format!(" --home {} {}", quoted(&self.home), job.action)
    }

    /// A crontab with this home's block, in place of the one it had, else at its end.
    pub fn added_to(&self, crontab: &[u8]) -> Result<Vec<u8>, Refused> {
        let lines: Vec<&[u8]> = crontab.split_inclusive(|byte| *byte == b'\n').collect();
        let blocks = self.blocks(&lines)?;
        let inside = |place: usize| blocks.iter().any(|block| block.contains(&place));
        let (mut kept, mut taken) = (Vec::new(), Vec::new());
        for (place, line) in lines.iter().enumerate() {
            let active = self.active(line);
            match inside(place) {
                true => taken.extend(active),
                false if active.is_some() => {
                    let why = "runs a program for this home already, outside of its marks";
                    return Err(self.refused(place, line, why));
                }
                false => kept.extend_from_slice(line),
            }
        }
        if !kept.is_empty() && !kept.ends_with(b"\n") {
            kept.push(b'\n');
        }
        kept.extend(self.block_with(&taken).into_bytes());
        Ok(kept)
    }

    /// A crontab without this home's block; `None` when it has none.
    pub fn removed_from(&self, crontab: &[u8]) -> Result<Option<Vec<u8>>, Refused> {
        let lines: Vec<&[u8]> = crontab.split_inclusive(|byte| *byte == b'\n').collect();
        let blocks = self.blocks(&lines)?;
        let others = lines.iter().enumerate();
        let others = others.filter(|(n, _)| !blocks.iter().any(|block| block.contains(n)));
        let kept: Vec<u8> = others.flat_map(|(_, line)| line.iter().copied()).collect();
        Ok((!blocks.is_empty()).then_some(kept))
    }

    /// Whether a line that is no comment, of a crontab or another list of commands, runs a program
    /// for this home, however it is written.
    pub fn is_run(&self, program: &str, lines: &str) -> bool {
        let lines = lines.lines().map(str::trim_start).filter(|line| !line.starts_with('#'));
        let homes = [self.home.clone(), quoted(&self.home)];
        let names = |line: &str, home: &String| {
            let ends = |rest: &str| !rest.starts_with(|c| is_plain(c) && c != '/');
            line.match_indices(home.as_str()).any(|(at, _)| ends(&line[at + home.len()..]))
        };
        let mut lines = lines.filter(|line| homes.iter().any(|home| names(line, home)));
        let calls = |word: &str| word.trim_matches(['\'', '"']).rsplit('/').next() == Some(program);
        lines.any(|line| line.split_whitespace().any(calls))
    }

    /// Where this home's blocks are, marks and all: each whole, with nothing in it but our lines.
    fn blocks(&self, lines: &[&[u8]]) -> Result<Vec<RangeInclusive<usize>>, Refused> {
        let (begin, end) = (self.begin(), self.end());
        let (mut begun, mut found) = (None, Vec::new());
        for (place, line) in lines.iter().enumerate() {
            let bare = line.trim_ascii();
            let why = match begun {
                None if bare == begin.as_bytes() => {
                    begun = Some(place);
                    continue;
                }
                None if bare == end.as_bytes() => "ends the lines of this home, which never began",
                Some(start) if bare == end.as_bytes() => {
                    found.push(start..=place);
                    begun = None;
                    continue;
                }
                Some(_) if !self.is_own(bare) => {
                    "stands behind the mark where the lines of this home begin, before the one \
                     where they end, and is none of them"
                }
                _ => continue,
            };
            return Err(self.refused(place, line, why));
        }
        match begun {
            None => Ok(found),
            Some(place) => {
                let why = "begins the lines of this home, and no line ends them";
                Err(self.refused(place, lines[place], why))
            }
        }
    }

    fn refused(&self, place: usize, line: &[u8], why: &'static str) -> Refused {
        let text = String::from_utf8_lossy(line.trim_ascii()).into_owned();
        Refused::Line { line: place + 1, text, why, begin: self.begin(), end: self.end() }
    }

    /// Whether `install` wrote a line, now or before: nobody else loses it.
    fn is_own(&self, line: &[u8]) -> bool {
        let is_reason = |job: &Job| !job.reason.is_empty() && job.reason.as_bytes() == line;
        let marks = line.iter().take_while(|byte| b"# ".contains(byte)).count();
        line.is_empty()
            || Clock::is_own(line)
            || JOBS.iter().any(is_reason)
            || self.run_by(&line[marks..]).is_some()
    }

    /// The job that a line runs for this home, now.
    fn active(&self, line: &[u8]) -> Option<&'static Job> {
        self.run_by(line.trim_ascii())
    }

    /// The job of a line; its minutes, and where its program stands, may be others.
    fn run_by(&self, line: &[u8]) -> Option<&'static Job> {
        let line = std::str::from_utf8(line).ok().filter(|line| !line.starts_with('#'))?;
        let fields = if line.starts_with('@') { 1 } else { 5 };
        JOBS.iter().find(|job| {
            let Some(before) = line.strip_suffix(&self.rest(job)) else { return false };
            let mut rest = before.trim_start();
            for _ in 0..fields {
                let field = rest.find(char::is_whitespace).unwrap_or(rest.len());
                rest = rest[field..].trim_start();
            }
            let path = rest.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
            let path = path.or(rest.chars().all(is_plain).then_some(rest));
            path.is_some_and(|path| path.ends_with(&format!("/{}", job.program)))
        })
    }
}

/// A path as a text that stays on its line.
fn writable(path: &Path) -> Result<String, Refused> {
    let refused = |why| Refused::Path { path: format!("{path:?}"), why };
    let text = path.to_str().ok_or_else(|| refused("it is no UTF-8 text"))?;
    if text.chars().any(char::is_control) {
        return Err(refused("it has a control character, such as the end of a line"));
    }
    Ok(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    fn place() -> Place {
        Place::new(Path::new("/usr/local/bin"), Path::new("/srv/day book")).unwrap()
    }

    fn added(crontab: &str) -> String {
        String::from_utf8(place().added_to(crontab.as_bytes()).unwrap()).unwrap()
    }

    fn removed(crontab: &str) -> Option<String> {
        let left = place().removed_from(crontab.as_bytes()).unwrap();
        left.map(|left| String::from_utf8(left).unwrap())
    }

    #[test]
    fn the_report_is_printed_once_its_day_is_over_whatever_clock_cron_reads() {
        let line = |zone: Tz, local: Tz| {
            let own = place().reporting(zone, &[local], 2026);
            let block = own.block();
            let renewed = own.added_to(block.as_bytes()).unwrap();
            assert_eq!(String::from_utf8(renewed).unwrap(), block);
            assert!(place().removed_from(block.as_bytes()).unwrap().is_some());
            let report = block.lines().find(|line| line.ends_with("report")).unwrap();
            report.split(" '").next().unwrap().split(" /").next().unwrap().to_string()
        };
        let (paris, utc) = (chrono_tz::Europe::Paris, Tz::UTC);
        assert_eq!(line(utc, utc), "15 0 * * *");
        assert_eq!(line(paris, paris), "15 0 * * *");
        assert_eq!(line(paris, utc), "15 23 * * *");
        assert_eq!(line(utc, paris), "15 2 * * *");
        assert_eq!(line(utc, chrono_tz::Asia::Kolkata), "45 5 * * *");
        assert_eq!(line(paris, chrono_tz::America::New_York), "15 19 * * *");
        // Where it is not known in which of two zones, it is late enough for both.
        let block = place().reporting(paris, &[utc, paris], 2026).block();
        assert!(block.contains("\n15 0 * * * "), "{block}");
        let block = place().reporting(utc, &[utc, paris], 2026).block();
        assert!(block.contains("\n15 2 * * * ") && block.contains("in UTC or Europe/Paris"));
    }

    #[test]
    fn a_cron_that_takes_a_zone_is_told_it_and_after_our_lines_its_own_again() {
        let paris = chrono_tz::Europe::Paris;
        let zoned = |crontab: &str| place().zoned(paris, Some(Tz::UTC), crontab);
        let block = zoned("").block();
        let (before, after) = block.split_once("CRON_TZ=Europe/Paris\n15 0 * * * ").unwrap();
        assert!(!before.contains("CRON_TZ") && after.contains("\nCRON_TZ=\"\"\n# <<<"), "{block}");
        assert!(!place().zoned(paris, Some(paris), "").block().contains("CRON_TZ"));
        assert!(place().zoned(paris, None, "").block().contains("CRON_TZ=Europe/Paris"));
        let mine = "CRON_TZ=Asia/Tokyo\n9 9 * * * mine\n";
        assert!(zoned(mine).block().contains("\nCRON_TZ=Asia/Tokyo\n# <<<"));
        assert!(!zoned("CRON_TZ=Europe/Paris\n").block().contains("CRON_TZ"));
        // Written again, and taken back: lines of others stay as they are.
        let once = String::from_utf8(zoned(mine).added_to(mine.as_bytes()).unwrap()).unwrap();
        let twice = zoned(&once).added_to(once.as_bytes()).unwrap();
        assert_eq!(String::from_utf8(twice).unwrap(), once);
        assert_eq!(removed(&once).unwrap(), mine);
    }

    #[test]
    fn lines_that_run_a_program_for_this_home_are_known_however_they_are_written() {
        let runs = |line: &str| place().is_run("fetcher", line);
        assert!(runs(&place().block()) && runs("* * * * * fetcher -q --home \"/srv/day book\""));
        assert!(runs("@hourly root cd '/srv/day book/' && /opt/fetcher"));
        for other in ["#* * * * * fetcher --home '/srv/day book'", "1 * * * * tar '/srv/day book'"]
        {
            assert!(!runs(other), "{other}");
        }
        assert!(!runs("* * * * * fetcher --home '/srv/day books'"));
    }

    #[test]
    fn paths_that_would_break_a_line_are_refused() {
        for bad in [&b"/srv/a\n* * * * * touch pwned"[..], b"/srv/a\rb", b"/srv/\x1b[2J", b"/\xff"]
        {
            let bad = Path::new(OsStr::from_bytes(bad));
            for (programs, home) in [(bad, Path::new("/srv")), (Path::new("/bin"), bad)] {
                let told = Place::new(programs, home).unwrap_err().to_string();
                assert!(told.contains("cannot stand in a line"), "{told}");
                assert!(!told.lines().next().unwrap().contains(char::is_control), "{told:?}");
            }
        }
    }

    #[test]
    fn every_line_but_comments_has_six_fields_or_more() {
        for line in place().block().lines().filter(|line| !line.starts_with('#')) {
            assert!(line.split_whitespace().count() > 6, "{line}");
        }
    }

    /// Marks that do not pair, and lines of others between them: nothing is written.
    #[test]
    fn a_damaged_block_is_refused_not_guessed() {
        let (block, mine) = (place().block(), "9 9 * * * mine\n");
        let (begin, end) = (place().begin() + "\n", place().end() + "\n");
        let other = Place::new(Path::new("/bin"), Path::new("/srv/day")).unwrap();
        let no_end = block.replace(&end, "");
        let no_begin = block.replace(&begin, "");
        let damaged = [
            format!("{mine}{no_end}"),
            format!("{no_end}{mine}"),
            format!("{no_end}{mine}{block}"),
            format!("{no_end}{block}"),
            format!("{mine}{no_begin}"),
            format!("{block}{no_begin}{mine}"),
            format!("{begin}{block}{end}"),
            format!("{end}{begin}"),
            no_end.clone() + &other.block() + &end,
            block.replace(&end, &format!("{mine}{end}")),
            block.replace(&end, &format!("# my own\n{end}")),
            block.replace(" run\n", " run && mine\n"),
            block.replace(&end, "# <<< daybook /srv/day book <<\n"),
            begin.replace('\n', ""),
        ];
        for crontab in damaged {
            let whys = [
                place().added_to(crontab.as_bytes()).unwrap_err(),
                place().removed_from(crontab.as_bytes()).unwrap_err(),
            ];
            for why in whys {
                assert!(why.to_string().contains("nothing was written"), "{why}\n{crontab}");
            }
            // Another home's block can come and go beside it, as long as it is not inside.
            let with = other.added_to(mine.as_bytes()).unwrap();
            assert_eq!(other.removed_from(&with).unwrap().unwrap(), mine.as_bytes());
        }
    }

    #[test]
    fn lines_without_marks_are_not_doubled() {
        let bare: String =
            place().block().lines().skip(1).map(|line| format!("{line}\n")).collect();
        let bare = bare.replace(&(place().end() + "\n"), "");
        let told = place().added_to(bare.as_bytes()).unwrap_err().to_string();
        assert!(told.starts_with("line 2 of your crontab") && told.contains("already"), "{told}");
        assert_eq!(removed(&bare), None);
    }

    #[test]
    fn lines_that_end_as_on_other_systems_and_foreign_letters_are_left_alone() {
        let block = place().block();
        let crlf = format!("1 1 * * * mine\r\n{}# last", block.replace('\n', "\r\n"));
        assert_eq!(added(&crlf), format!("1 1 * * * mine\r\n# last\n{block}"));
        assert_eq!(removed(&crlf).unwrap(), "1 1 * * * mine\r\n# last");
        let latin = b"# caf\xe9\n".to_vec();
        let with = place().added_to(&latin).unwrap();
        assert_eq!(place().removed_from(&with).unwrap(), Some(latin));
    }

    /// Two whole blocks become one; what was switched on stays so, wherever the programs are.
    #[test]
    fn a_block_is_renewed() {
        let old = place().block().replace("/usr/local/bin", "/opt/day's book");
        let old = old.replace("#20 0 * * 1", "30 6 * * 1");
        let quoted = "'/opt/day's book/";
        let old = old.replace(" /opt/day's book/", &format!(" {quoted}"));
        let old = ["fetcher", "summarizer", "analyzer"].iter().fold(old, |old, program| {
            old.replace(&format!("{quoted}{program} "), &format!("{quoted}{program}' "))
        });
        let new = added(&format!("{old}# mine\n{old}"));
        let taken = place().block().replace("#20 0 * * 1", "20 0 * * 1");
        assert_eq!(new, format!("# mine\n{taken}"));
        assert_eq!(added(&new), new);
    }

    proptest! {
        #[test]
        fn other_lines_are_left_alone(
            lines in proptest::collection::vec("[ -~\t\r]{0,20}", 0..6),
            homes in proptest::collection::btree_set("/[ -~é]{1,12}", 1..4),
        ) {
            let before: String = lines.iter().map(|line| format!("{line}\n")).collect();
            let place = |home: &String| Place::new(Path::new("/b c"), Path::new(home)).unwrap();
            let mut crontab = before.clone().into_bytes();
            for home in &homes {
                crontab = place(home).added_to(&crontab).unwrap();
                prop_assert_eq!(&place(home).added_to(&crontab).unwrap(), &crontab);
            }
            for home in &homes {
                crontab = place(home).removed_from(&crontab).unwrap().unwrap();
                prop_assert_eq!(place(home).removed_from(&crontab).unwrap(), None);
            }
            prop_assert_eq!(crontab, before.into_bytes());
        }
    }
}
