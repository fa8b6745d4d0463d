//! The style that stands at an element itself. Sheets, and what a script sets, are not known.

/// The value of an attribute `style`.
#[derive(Clone, Copy)]
pub(super) struct Style<'s>(pub &'s str);

/// What a style does to the place of its element in its line.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Effect {
    Nothing,
    /// Nobody knows.
    Doubtful,
    /// It is raised or lowered.
    Raised,
    /// It is struck out, or taken out of its line.
    Removed,
}

/// Beginnings of properties that leave two texts side by side on one line, or are asked for by
/// themselves.
const HARMLESS: [&str; 35] = [
    "-moz-osx-font",
    "-webkit-font",
    "-webkit-tap",
    "-webkit-text-size",
    "accent-color",
    "animation",
    "background",
    "border-bottom",
    "border-radius",
    "border-top",
    "box-sizing",
    "caret-color",
    "color",
    "cursor",
    "direction",
    "display",
    "font-",
    "hyphens",
    "letter-spacing",
    "line-",
    "mso-",
    "opacity",
    "orphans",
    "outline",
    "overflow",
    "pointer-events",
    "text-",
    "transition",
    "unicode-bidi",
    "user-select",
    "visibility",
    "white-space",
    "widows",
    "word-",
    "z-index",
];

/// Values by which a property does nothing.
const IDLE: [&str; 10] = [
    "auto", "baseline", "inherit", "initial", "none", "normal", "revert", "static", "unset",
    "visible",
];

impl<'s> Style<'s> {
    /// Its declarations, with whether they are `!important`.
    fn rules(self) -> impl DoubleEndedIterator<Item = (&'s str, &'s str, bool)> {
        self.0.split(';').filter_map(|rule| {
            let (name, value) = rule.split_once(':')?;
            let (value, mark) = value.split_once('!').unwrap_or((value, ""));
            let is_important = mark.trim().eq_ignore_ascii_case("important");
            Some((name.trim(), value.trim(), is_important))
        })
    }

    /// What it gives a property, in small letters, of values that there are: the last one that is
    /// important counts, else the last one.
    fn value(self, property: &str, is_known: impl Fn(&str) -> bool) -> Option<String> {
        let of = |important: bool| {
            self.rules().rev().find_map(|(name, value, is_so)| {
                let value = value.to_ascii_lowercase();
                let is_it = name.eq_ignore_ascii_case(property) && is_so == important;
                (is_it && (is_known(&value) || IDLE.contains(&&*value))).then_some(value)
            })
        };
        of(true).or_else(|| of(false))
    }

    /// How it shows its element.
    pub fn display(self) -> Option<String> {
        let known = ["block", "flex", "grid", "table", "contents", "list-item", "flow-root"];
        let is_known = |value: &str| {
            value.starts_with("inline") || known.iter().any(|known| value.starts_with(known))
        };
        self.value("display", |value| is_known(value) || value.contains("-box"))
    }

    /// Whether it takes its element off the page.
    pub fn hides(self) -> bool {
        let is_none = self.display().is_some_and(|value| value == "none");
        is_none || self.value("font-size", is_zero).is_some_and(|size| is_zero(&size))
    }

    /// Whether what it shows is a gap.
    pub fn blanks(self) -> bool {
        let is_off = |property, off: &[&str]| {
            self.value(property, |_| true).is_some_and(|value| off.contains(&&*value))
        };
        is_off("visibility", &["hidden", "collapse"])
            || is_off("color", &["transparent"])
            || is_off("opacity", &["0", "0%", "0.0"])
    }

    /// Whether what it holds stands in places of its own.
    pub fn lays_out(self) -> bool {
        let parts = ["flex", "grid", "-box"];
        self.display().is_some_and(|value| parts.iter().any(|part| value.contains(part)))
    }

    /// Whether the ends of lines in its text are ends of lines on the page, where it says so.
    pub fn keeps_lines(self) -> Option<bool> {
        let kept = ["pre", "pre-line", "pre-wrap", "break-spaces"];
        let value =
            self.value("white-space", |value| kept.contains(&value) || value == "nowrap")?;
        Some(kept.contains(&&*value))
    }

    /// What it does to the place of its element.
    pub fn effect(self) -> Effect {
        let effect = |(name, value, _): (&str, &str, bool)| {
            effect(&name.to_ascii_lowercase(), &value.to_ascii_lowercase())
        };
        self.rules().map(effect).max().unwrap_or(Effect::Nothing)
    }
}

fn effect(name: &str, value: &str) -> Effect {
    let is_idle = IDLE.contains(&value) || value.split_ascii_whitespace().all(is_zero);
    match name {
        _ if value.contains("line-through") => Effect::Removed,
        _ if is_idle => Effect::Nothing,
        "float" => Effect::Removed,
        "position" if value != "relative" => Effect::Removed,
        "vertical-align" if value == "middle" => Effect::Nothing,
        "vertical-align" => Effect::Raised,
        // Another size is another number, perhaps: cents.
        "font-size" | "text-indent" => Effect::Doubtful,
        _ if name.starts_with("margin") || name.starts_with("padding") => {
            match value.split_ascii_whitespace().all(is_narrow) {
                true => Effect::Nothing,
                false => Effect::Doubtful,
            }
        }
        _ if HARMLESS.iter().any(|begin| name.starts_with(begin)) => Effect::Nothing,
        _ => Effect::Doubtful,
    }
}

/// A length: its number and its unit.
fn length(text: &str) -> Option<(f64, &str)> {
    let end = text.find(|c: char| c.is_ascii_alphabetic() || c == '%').unwrap_or(text.len());
    Some((text[..end].parse().ok()?, &text[end..]))
}

fn is_zero(text: &str) -> bool {
    length(text).is_some_and(|(number, _)| number == 0.0)
}

/// Whether a gap of this length may stand in a number, between its thousands.
fn is_narrow(text: &str) -> bool {
    length(text).is_some_and(|(number, unit)| {
        let most = match unit {
            "em" | "rem" | "ex" | "ch" => 0.5,
            "px" => 8.0,
            "pt" => 6.0,
            _ => 0.0,
        };
        number.abs() <= most
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_one_that_is_known_and_important_counts() {
        let display = |style: &'static str| Style(style).display();
        assert_eq!(display("display:none;DISPLAY : Block").as_deref(), Some("block"));
        assert_eq!(display("display:none ! important;display:inline").as_deref(), Some("none"));
        assert_eq!(display("display:none;display:bogus").as_deref(), Some("none"));
        assert!(Style("visibility:hidden!important;visibility:visible").blanks());
        assert!(!Style("color:red;display:none;display:inline").hides());
        let lines = "white-space:pre-wrap;white-space:-moz-pre-wrap;white-space:-o-pre-wrap";
        assert_eq!(Style(lines).keeps_lines(), Some(true));
        assert_eq!(Style("white-space:nowrap").keeps_lines(), Some(false));
    }

    #[test]
    fn what_may_stand_elsewhere_is_not_side_by_side() {
        for plain in [
            "",
            "color:red",
            "font-weight: bold; FONT-style:italic;padding:0 0",
            "text-decoration:none;margin-left:.25em;float:none;position:static",
            "mso-bidi-font-size:12.0pt;word-spacing:0px;vertical-align:baseline;opacity:1",
        ] {
            assert_eq!(Style(plain).effect(), Effect::Nothing, "{plain}");
        }
        for doubt in ["margin-left:2em", "font-size:60%", "--x:1", "transform:scale(2)"] {
            assert_eq!(Style(doubt).effect(), Effect::Doubtful, "{doubt}");
        }
        assert_eq!(Style("vertical-align:super").effect(), Effect::Raised);
        let away = ["text-decoration: underline Line-Through", "float:left", "position:absolute"];
        for away in away {
            assert_eq!(Style(away).effect(), Effect::Removed, "{away}");
        }
    }
}
