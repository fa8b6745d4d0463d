//! Numbers, dates, durations and units as a reader of English or French expects to see them.
//! Text made here never breaks between a number and its unit, and a minus is U+2212.

mod elision;
mod size;

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};

pub use elision::elides;
pub use size::Size;

/// No-break space, as between a number and its unit.
pub const NBSP: &str = "\u{a0}";
/// Narrow no-break space, as between groups of three digits in French.
pub const THIN: &str = "\u{202f}";
const MINUS: char = '\u{2212}';
/// What stands for a value that is not there.
pub const ABSENT: &str = "–";
/// Beyond this many decimals a reader gains nothing, and `f64` has little left to say.
const DECIMALS_MAX: usize = 12;

/// The language of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    #[default]
    En,
    Fr,
}

impl Lang {
    /// The language tag of BCP 47.
    pub fn tag(self) -> &'static str {
        self.pick("en", "fr")
    }

    /// The choice that belongs to this language.
    pub fn pick<T>(self, en: T, fr: T) -> T {
        match self {
            Lang::En => en,
            Lang::Fr => fr,
        }
    }

    /// `12,486.5` or `12 486,5`; a dash for what is not finite.
    pub fn number(self, value: f64, decimals: usize) -> String {
        if !value.is_finite() {
            return ABSENT.into();
        }
        if value.abs() >= 1e15 {
            return self.power(value);
        }
        let plain = format!("{:.*}", decimals.min(DECIMALS_MAX), value.abs());
        let (whole, part) = plain.split_once('.').unwrap_or((&plain, ""));
        let mut out = String::new();
        if value < 0.0 && plain.bytes().any(|b| (b'1'..=b'9').contains(&b)) {
            out.push(MINUS);
        }
        out.push_str(&self.grouped(whole));
        if !part.is_empty() {
            out.push(self.pick('.', ','));
            out.push_str(part);
        }
        out
    }

    /// The digits of a number that [`Lang::number`] or [`Lang::integer`] wrote, for programs; none
    /// of another text.
    pub fn plain(self, text: &str) -> Option<String> {
        let (sign, rest) = match text.strip_prefix(MINUS) {
            Some(rest) => ("-", rest),
            None => ("", text),
        };
        let (whole, part) = match rest.split_once(self.pick('.', ',')) {
            Some((whole, part)) => (whole, Some(part)),
            None => (rest, None),
        };
        let is_plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let digits: String = whole.chars().filter(char::is_ascii_digit).collect();
        let is_number = is_plain(&digits) && part.is_none_or(is_plain);
        let is_own = digits == whole || self.grouped(&digits) == whole;
        let part = part.map(|part| format!(".{part}")).unwrap_or_default();
        (is_number && is_own).then(|| format!("{sign}{digits}{part}"))
    }

    /// A count, grouped by thousands.
    pub fn integer(self, value: impl Into<i128>) -> String {
        let value = value.into();
        let digits = self.grouped(&value.unsigned_abs().to_string());
        if value < 0 { format!("{MINUS}{digits}") } else { digits }
    }

    /// As [`Lang::number`], with a plus before what is above zero.
    pub fn signed(self, value: f64, decimals: usize) -> String {
        let text = self.number(value, decimals);
        let above = value > 0.0 && text.bytes().any(|b| (b'1'..=b'9').contains(&b));
        if above { format!("+{text}") } else { text }
    }

    /// A share of one as per cent: `98.2%` or `98,2 %`. What is not quite all never reads 100.
    pub fn percent(self, share: f64, decimals: usize) -> String {
        let ten = 10f64.powi(decimals.min(DECIMALS_MAX) as i32);
        let mut hundred = share * 100.0;
        if share < 1.0 && (hundred * ten).round() >= 100.0 * ten {
            hundred = 100.0 - 1.0 / ten;
        }
        let decimals = if hundred == 100.0 { 0 } else { decimals };
        format!("{}{}", self.number(hundred, decimals), self.pick("%", "\u{202f}%"))
    }

    /// A number with its unit: `11.8 °C`.
    pub fn quantity(self, value: f64, decimals: usize, unit: &str) -> String {
        self.with_unit(&self.number(value, decimals), unit)
    }

    /// Text and unit, never parted at the end of a line; an empty unit adds nothing.
    pub fn with_unit(self, text: &str, unit: &str) -> String {
        match unit {
            "" => text.into(),
            "%" => format!("{text}{}", self.pick("%", "\u{202f}%")),
            "°" => format!("{text}°"),
            _ => format!("{text}{NBSP}{unit}"),
        }
    }

    /// Short: `1.5M`, `3bn`; `1,5 M`, `3 Md`.
    pub fn compact(self, value: f64, decimals: usize) -> String {
        match value.abs() < 1e6 {
            true => self.number(value, decimals),
            false => self.compact_like(value, value.abs()),
        }
    }

    /// Short, in the thousands that suit `size`, so that the labels of an axis agree.
    pub fn compact_like(self, value: f64, size: f64) -> String {
        let (by, name) = match size {
            s if s >= 1e15 => return self.power(value),
            s if s >= 1e12 => (1e12, self.pick("tn", "\u{a0}Bn")),
            s if s >= 1e9 => (1e9, self.pick("bn", "\u{a0}Md")),
            _ => (1e6, self.pick("M", "\u{a0}M")),
        };
        if value == 0.0 {
            return "0".into();
        }
        format!("{}{name}", self.number(value / by, decimals_for(value / by).min(3)))
    }

    /// `1 earthquake`, `1,214 earthquakes`; in French zero and one are singular.
    pub fn count(self, n: u64, one: &str, many: &str) -> String {
        let digits = self.grouped(&n.to_string());
        format!("{digits}{NBSP}{}", self.plural(n, one, many))
    }

    /// The form of a noun that goes with `n`.
    pub fn plural<'a>(self, n: u64, one: &'a str, many: &'a str) -> &'a str {
        let single = self.pick(n == 1, n < 2);
        if single { one } else { many }
    }

    /// `Saturday 21 November 2026`.
    pub fn date(self, day: NaiveDate) -> String {
        let name = self.weekday(day);
        format!("{name} {}", self.date_short(day))
    }

    /// The date as it stands alone: `Samedi 21 novembre 2026`.
    pub fn edition(self, day: NaiveDate) -> String {
        capital(&self.date(day))
    }

    /// `21 November 2026`; in French the first of a month is `1er`.
    pub fn date_short(self, day: NaiveDate) -> String {
        let month = MONTHS[day.month0() as usize];
        let month = self.pick(month.0, month.1);
        let number = match (self, day.day()) {
            (Lang::Fr, 1) => "1er".into(),
            (_, n) => n.to_string(),
        };
        format!("{number}{NBSP}{month} {}", day.year())
    }

    /// From a day to another, what they share once: `23 to 25 November 2026`.
    pub fn days(self, first: NaiveDate, last: NaiveDate) -> String {
        let (from, to) = (self.date_short(first), self.date_short(last));
        let from = match (first.year() == last.year(), first.month() == last.month()) {
            (true, true) => from.split(NBSP).next().unwrap_or(&from).to_string(),
            (true, false) => self.day_month(first),
            _ => from,
        };
        self.pick(format!("{from} to {to}"), format!("{from} au {to}"))
    }

    /// `Saturday`, `samedi`.
    pub fn weekday(self, day: NaiveDate) -> &'static str {
        let name = WEEKDAYS[day.weekday().num_days_from_monday() as usize];
        self.pick(name.0, name.1)
    }

    /// `21 November`
    pub fn day_month(self, day: NaiveDate) -> String {
        let date = self.date_short(day);
        date.rsplit_once(' ').map_or(date.clone(), |(front, _)| front.to_string())
    }

    /// `November 2026`
    pub fn month(self, day: NaiveDate) -> String {
        let month = MONTHS[day.month0() as usize];
        format!("{} {}", self.pick(month.0, month.1), day.year())
    }

    /// The time of day, to the minute: `18:54` or `18 h 54`.
    pub fn clock(self, at: NaiveDateTime) -> String {
        let (hour, minute) = (at.hour(), at.minute());
        match self {
            Lang::En => format!("{hour:02}:{minute:02}"),
            Lang::Fr => format!("{hour}{NBSP}h{NBSP}{minute:02}"),
        }
    }

    /// A full hour on a time axis: `06:00` or `6 h`. The end of a day is 24.
    pub fn hour(self, hour: u32) -> String {
        self.pick(format!("{hour:02}:00"), format!("{hour}{NBSP}h"))
    }

    /// A length of time by its two largest units: `2 h 05 min`, `40 s`, `3 d 4 h`.
    pub fn duration(self, seconds: u64) -> String {
        let (day, hour, minute) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
        let d = self.pick("d", "j");
        let (large, small) = match seconds {
            0..60 => (format!("{seconds}{NBSP}s"), String::new()),
            60..3600 => (format!("{minute}{NBSP}min"), rest(seconds % 60, "s", false)),
            3600..86_400 => (format!("{hour}{NBSP}h"), rest(minute, "min", true)),
            _ => (format!("{}{NBSP}{d}", self.grouped(&day.to_string())), rest(hour, "h", false)),
        };
        large + &small
    }

    /// How often something comes: `every minute`, `every 5 min`, `every day`.
    pub fn every(self, seconds: u64) -> String {
        match seconds {
            60 => self.pick("every minute", "chaque minute").into(),
            3600 => self.pick("every hour", "chaque heure").into(),
            86_400 => self.pick("every day", "chaque jour").into(),
            _ => format!("{} {}", self.pick("every", "toutes les"), self.duration(seconds)),
        }
    }

    /// `a, b and c`.
    pub fn list(self, items: &[String]) -> String {
        match items {
            [] => String::new(),
            [one] => one.clone(),
            [first @ .., last] => {
                format!("{}{}{last}", first.join(", "), self.pick(" and ", " et "))
            }
        }
    }

    /// A size in decimal units: `1.2 MB`, `1,2 Mo`.
    pub fn bytes(self, n: u64) -> String {
        let units = self.pick(["B", "kB", "MB", "GB", "TB"], ["o", "ko", "Mo", "Go", "To"]);
        let step = (n.max(1).ilog10() as usize / 3).min(units.len() - 1);
        let value = n as f64 / 1000f64.powi(step as i32);
        self.quantity(value, usize::from(step > 0 && value < 100.0), units[step])
    }

    /// A colon as this language sets it after a word.
    pub fn colon(self) -> &'static str {
        self.pick(":", "\u{a0}:")
    }

    fn grouped(self, digits: &str) -> String {
        let mut out = String::with_capacity(digits.len() * 4 / 3);
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                out.push_str(self.pick(",", THIN));
            }
            out.push(digit);
        }
        out
    }

    /// `1.2 × 10²¹`, for what is too large or too small to be written out; three decimals at most.
    pub fn power(self, value: f64) -> String {
        if value == 0.0 {
            return "0".into();
        }
        let text = format!("{value:.3e}");
        let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
        let whole = digits.trim_end_matches('0');
        let digits = if whole.ends_with('.') { format!("{whole}0") } else { whole.to_string() };
        let power: String = power.chars().map(superscript).collect();
        let digits = digits.replace('-', "\u{2212}").replace('.', self.pick(".", ","));
        format!("{digits}{NBSP}×{NBSP}10{power}")
    }
}

/// The text with its first letter large, as at the start of a sentence.
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    first + chars.as_str()
}

/// The same, but for a name that has large letters of its own: `pH` stays.
pub fn headed(text: &str) -> String {
    let word = text.split(' ').next().unwrap_or_default();
    if word.chars().any(char::is_uppercase) { text.into() } else { capital(text) }
}

/// The text as it stands inside a sentence: a first word that is like any other loses its large
/// letter, a name or an abbreviation keeps it.
pub fn inside(text: &str) -> String {
    let mut chars = text.chars();
    let Some(first) = chars.next() else { return String::new() };
    let word = chars.as_str().split(' ').next().unwrap_or_default();
    let like_any = word.chars().count() > 1 && word.chars().all(char::is_lowercase);
    if like_any { format!("{}{}", first.to_lowercase(), chars.as_str()) } else { text.into() }
}

/// Decimals that tell neighbours `step` apart: 2 for a step of 0.05.
pub fn decimals_for(step: f64) -> usize {
    let whole = |d: usize| is_whole(step * 10f64.powi(d as i32));
    (0..DECIMALS_MAX).find(|&d| whole(d)).unwrap_or(DECIMALS_MAX)
}

fn is_whole(value: f64) -> bool {
    (value - value.round()).abs() < 1e-6 * value.round().abs()
}

fn rest(value: u64, unit: &str, padded: bool) -> String {
    match (value, padded) {
        (0, _) => String::new(),
        (_, true) => format!("{NBSP}{value:02}{NBSP}{unit}"),
        (_, false) => format!("{NBSP}{value}{NBSP}{unit}"),
    }
}

fn superscript(digit: char) -> char {
    const SUPERSCRIPTS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    match digit.to_digit(10) {
        Some(d) => SUPERSCRIPTS[d as usize],
        None => '⁻',
    }
}

const WEEKDAYS: [(&str, &str); 7] = [
    ("Monday", "lundi"),
    ("Tuesday", "mardi"),
    ("Wednesday", "mercredi"),
    ("Thursday", "jeudi"),
    ("Friday", "vendredi"),
    ("Saturday", "samedi"),
    ("Sunday", "dimanche"),
];

const MONTHS: [(&str, &str); 12] = [
    ("January", "janvier"),
    ("February", "février"),
    ("March", "mars"),
    ("April", "avril"),
    ("May", "mai"),
    ("June", "juin"),
    ("July", "juillet"),
    ("August", "août"),
    ("September", "septembre"),
    ("October", "octobre"),
    ("November", "novembre"),
    ("December", "décembre"),
];

/// A count with its noun, for messages: `1 answer`, `2 answers`.
pub fn english(n: u64, one: &str, many: &str) -> String {
    format!("{n} {}", Lang::En.plural(n, one, many))
}

/// `is` or `are`, after so many of something.
pub fn be(n: u64) -> &'static str {
    Lang::En.plural(n, "is", "are")
}

#[cfg(test)]
mod tests;
