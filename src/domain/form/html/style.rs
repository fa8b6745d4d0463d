//! The style that stands at an element itself. Sheets, and what a script sets, are not known.

/// The value of an attribute `style`.
#[derive(Clone, Copy)]
pub(super) struct Style<'s>(pub &'s str);

/// Beginnings of properties that leave two texts side by side on one line, or are asked for by
/// themselves.
const HARMLESS: [&str; 12] = [
    "background",
    "color",
    "cursor",
    "direction",
    "display",
    "font",
    "letter-spacing",
    "line-height",
    "text-",
    "user-select",
    "visibility",
    "white-space",
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

    /// What it gives a property, in small letters: the last one that is important counts, else the
    /// last one.
    pub fn value(self, property: &str) -> Option<String> {
        let of = |important: bool| {
            let is_it = |name: &str| name.eq_ignore_ascii_case(property);
            let mut rules = self.rules().rev();
            rules.find(|(name, _, is_so)| is_it(name) && *is_so == important)
        };
        of(true).or_else(|| of(false)).map(|(_, value, _)| value.to_ascii_lowercase())
    }

    /// How it shows its element, where that is a way that there is.
    pub fn display(self) -> Option<String> {
        let known = ["inline", "block", "flex", "grid", "table", "contents", "list-item", "none"];
        let is_known = |value: &String| known.iter().any(|known| value.starts_with(known));
        self.value("display").filter(|value| is_known(value) || value == "flow-root")
    }

    /// Whether it takes its element off the page.
    pub fn hides(self) -> bool {
        let is_off = |value: String| matches!(&*value, "hidden" | "collapse");
        self.display().is_some_and(|value| value == "none")
            || self.value("visibility").is_some_and(is_off)
    }

    /// Whether the ends of lines in its text are ends of lines on the page, where it says so.
    pub fn keeps_lines(self) -> Option<bool> {
        let value = self.value("white-space")?;
        Some(value.starts_with("pre") || value.starts_with("break-spaces"))
    }

    /// Whether its element may stand otherwise than in its line, as the text before and behind it:
    /// raised, struck out, aside.
    pub fn sets_apart(self) -> bool {
        self.rules().any(|(name, value, _)| {
            let (name, value) = (name.to_ascii_lowercase(), value.to_ascii_lowercase());
            let harmless = HARMLESS.iter().any(|begin| name.starts_with(begin));
            !harmless || value.contains("line-through") || value == "super" || value == "sub"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_one_that_is_important_counts() {
        let display = |style: &'static str| Style(style).display();
        assert_eq!(display("display:none;DISPLAY : Block").as_deref(), Some("block"));
        assert_eq!(display("display:none ! important;display:inline").as_deref(), Some("none"));
        assert_eq!(display("display:bogus"), None);
        assert!(Style("visibility:hidden!important;visibility:visible").hides());
        assert!(!Style("color:red;display:none;display:inline").hides());
    }

    #[test]
    fn what_may_stand_elsewhere_is_set_apart() {
        for plain in ["", "color:red", "font-weight: bold; FONT-size:10px", "text-decoration:none"]
        {
            assert!(!Style(plain).sets_apart(), "{plain}");
        }
        for apart in [
            "text-decoration: underline Line-Through",
            "vertical-align:super",
            "float:left",
            "position:absolute",
            "margin-left:2em",
            "--x:1",
        ] {
            assert!(Style(apart).sets_apart(), "{apart}");
        }
    }
}
