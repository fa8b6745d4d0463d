//! The clock by which cron reads the lines of a home, and that of its reports: their days must be
//! over when they are printed.

use super::job::Job;
use chrono::{NaiveDate, Offset, TimeZone};
use chrono_tz::Tz;

/// How the lines of reports are written.
#[derive(Clone, Debug)]
pub enum Clock {
    /// As they stand, by cron's own clock.
    Own,
    /// So many minutes later or, with a minus, earlier; and why.
    Moved(i32, String),
    /// Cron is told the zone of the reports, and after them the one it had.
    Zoned(Tz, String),
}

/// The variable by which some crons read the lines after it in another zone.
const CRON_TZ: &str = "CRON_TZ=";

/// How the line begins that says why the report is printed when it is.
const ZONES: &str = "# Reports have the days of ";

/// The minute of the day at which a day's report is printed.
const REPORT_MINUTE: i32 = 15;

const DAY: i32 = 24 * 60;

impl Clock {
    /// For reports of the days of `zone` under a cron that reads its lines in one of the zones
    /// `local`. Where the clocks change apart it is the latest of the times of the year: an early
    /// run would find the day not over.
    pub fn latest(zone: Tz, local: &[Tz], year: i32) -> Clock {
        let apart = |local: &Tz, month: u32| -> Option<i32> {
            let at = NaiveDate::from_ymd_opt(year, month, 15)?.and_hms_opt(12, 0, 0)?;
            let east = |zone: Tz| zone.offset_from_utc_datetime(&at).fix().local_minus_utc() / 60;
            Some(east(*local) - east(zone))
        };
        let all = local.iter().flat_map(|local| (1..=12).filter_map(move |m| apart(local, m)));
        let late = later(zone);
        let apart = all.max().unwrap_or(0) + late;
        if apart == 0 {
            return Clock::Own;
        }
        let (hour, minute) = clock(REPORT_MINUTE + apart);
        let (_, of_zone) = clock(REPORT_MINUTE + late);
        let of_zone = format!("{:02}:{of_zone:02}", (REPORT_MINUTE + late) / 60);
        let local: Vec<&str> = local.iter().map(|local| local.name()).collect();
        let why = format!(
            "{ZONES}{zone}; cron reads this line in {}: there {of_zone} of {zone} is \
             {hour:02}:{minute:02} at the latest.",
            local.join(" or ")
        );
        Clock::Moved(apart, why)
    }

    /// For reports of the days of `zone` under a cron that takes [`CRON_TZ`], behind the lines
    /// `before`.
    pub fn told<'a>(zone: Tz, local: Option<Tz>, before: impl Iterator<Item = &'a str>) -> Clock {
        let given = before.filter_map(|line| line.trim().strip_prefix(CRON_TZ)).last();
        let given = given.filter(|name| !name.trim_matches(['"', '\'', ' ']).is_empty());
        let has_it = match given {
            Some(name) => name.trim_matches(['"', '\'', ' ']) == zone.name(),
            None => local == Some(zone),
        };
        // An empty name is that of cron itself.
        let after = given.unwrap_or("\"\"").to_string();
        match later(zone) {
            0 if has_it => Clock::Own,
            late if has_it => Clock::Moved(late, format!("{ZONES}{zone}, whose hours end then.")),
            _ => Clock::Zoned(zone, after),
        }
    }

    /// The minutes, hours and days of a line.
    pub fn when(&self, job: &Job) -> String {
        match self {
            Clock::Moved(apart, _) if job.program == "analyzer" => {
                moved(job.when, *apart).unwrap_or_else(|| job.when.into())
            }
            Clock::Zoned(zone, _) if job.program == "analyzer" => {
                moved(job.when, later(*zone)).unwrap_or_else(|| job.when.into())
            }
            _ => job.when.into(),
        }
    }

    /// The lines above that of a job, besides its reason.
    pub fn above(&self, job: &Job) -> String {
        match self {
            _ if job.action != "report" => String::new(),
            Clock::Own => String::new(),
            Clock::Moved(_, why) => format!("{why}\n"),
            Clock::Zoned(zone, _) => {
                format!("{ZONES}{zone}, and so are the next lines read.\n{CRON_TZ}{zone}\n")
            }
        }
    }

    /// The lines behind those of all jobs.
    pub fn after(&self) -> String {
        match self {
            Clock::Zoned(_, after) => format!("{CRON_TZ}{after}\n"),
            _ => String::new(),
        }
    }

    /// Whether a line is one of these.
    pub fn is_own(line: &[u8]) -> bool {
        line.starts_with(ZONES.as_bytes()) || line.starts_with(CRON_TZ.as_bytes())
    }
}

/// How many minutes later than elsewhere a report is printed in a zone off the full hour: the hour
/// of UTC in which its day ends closes so much later.
pub fn later(zone: Tz) -> i32 {
    // A zone's minutes hardly ever change, unlike its hours.
    const YEAR: i32 = 2026;
    let off = |month: u32| -> Option<i32> {
        let at = NaiveDate::from_ymd_opt(YEAR, month, 15)?.and_hms_opt(12, 0, 0)?;
        let east = zone.offset_from_utc_datetime(&at).fix().local_minus_utc() / 60;
        Some(east.rem_euclid(60))
    };
    (1..=12).filter_map(off).max().unwrap_or(0)
}

/// Hour and minute of a minute of a day, or of another day than it began in.
fn clock(minute: i32) -> (i32, i32) {
    let minute = minute.rem_euclid(DAY);
    (minute / 60, minute % 60)
}

/// The five fields of a line so many minutes later. One of some days goes on to the next day where
/// it must, and never back: the day before the first of a month has no name, and late is right too.
fn moved(when: &str, apart: i32) -> Option<String> {
    let fields: Vec<&str> = when.split(' ').collect();
    let [minute, hour, day, month, weekday] = fields[..] else { return None };
    let minute = hour.parse::<i32>().ok()? * 60 + minute.parse::<i32>().ok()?;
    let daily = day == "*" && weekday == "*";
    let minute = minute + if daily { apart } else { apart.max(0) };
    let days = if daily { 0 } else { minute.div_euclid(DAY) };
    let later = |field: &str| field.parse::<i32>().map_or(field.into(), |n| (n + days).to_string());
    let (hour, minute) = clock(minute);
    Some(format!("{minute} {hour} {} {month} {}", later(day), later(weekday)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_days_end_between_full_hours_the_last_hour_is_counted_first() {
        use chrono_tz::{Asia, Australia, Europe, UTC};
        let of = |zone: Tz, local: Tz| {
            let clock = Clock::latest(zone, &[local], 2026);
            let jobs = super::super::job::JOBS.iter().filter(|job| job.program == "analyzer");
            jobs.map(|job| clock.when(job)).collect::<Vec<_>>()
        };
        assert_eq!(of(Asia::Kolkata, UTC)[0], "15 19 * * *");
        assert_eq!(of(Asia::Kolkata, Asia::Kolkata), ["45 0 * * *", "50 0 * * 1", "55 0 1 * *"]);
        assert_eq!(of(Asia::Kathmandu, UTC)[0], "15 19 * * *");
        assert_eq!(of(Australia::Lord_Howe, Australia::Lord_Howe)[0], "45 0 * * *");
        assert_eq!(of(Europe::Paris, Asia::Kolkata)[0], "45 4 * * *");
        assert_eq!([Europe::Paris, Asia::Kathmandu, UTC].map(later), [0, 45, 0]);
        let told = Clock::told(Asia::Kolkata, Some(Asia::Kolkata), [].into_iter());
        assert_eq!(told.when(&super::super::job::JOBS[2]), "45 0 * * *");
        let told = Clock::told(Asia::Kolkata, Some(UTC), [].into_iter());
        assert_eq!(told.when(&super::super::job::JOBS[2]), "45 0 * * *");
    }

    #[test]
    fn a_week_and_a_month_are_over_too_when_they_are_printed() {
        let all = ["15 0 * * *", "20 0 * * 1", "25 0 1 * *"];
        let by = |apart| all.map(|when| moved(when, apart).unwrap());
        assert_eq!(by(360), ["15 6 * * *", "20 6 * * 1", "25 6 1 * *"]);
        assert_eq!(by(24 * 60 + 30), ["45 0 * * *", "50 0 * * 2", "55 0 2 * *"]);
        assert_eq!(by(-60), ["15 23 * * *", "20 0 * * 1", "25 0 1 * *"]);
        assert_eq!(moved("@daily", 60), None);
    }
}
