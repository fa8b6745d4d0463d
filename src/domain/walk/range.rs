//! The header `Content-Range`: `items 0-149/1234`, `0-149/*`, `*/0`; RFC 9110, section 14.4, with
//! or without its unit, as publishers of lists write it.

/// Which of how many an answer has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ContentRange {
    /// The first and the last, from 0; none where it has none of them.
    pub span: Option<(u64, u64)>,
    pub total: Option<u64>,
}

impl ContentRange {
    /// Reads the header; one that cannot be read is none.
    pub fn parse(text: &str) -> Option<ContentRange> {
        let text = text.trim();
        let text = text.rsplit_once([' ', '=']).map_or(text, |(_, range)| range);
        let (span, total) = text.split_once('/')?;
        let total = match total.trim() {
            "*" => None,
            digits => Some(digits.parse().ok()?),
        };
        let span = match span.trim() {
            "*" => None,
            span => {
                let (first, last) = span.split_once('-')?;
                let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
                (first <= last).then_some(Some((first, last)))?
            }
        };
        Some(ContentRange { span, total })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_with_and_without_a_unit() {
        let of = |text: &str| ContentRange::parse(text).map(|range| (range.span, range.total));
        assert_eq!(of("offres 0-149/1234"), Some((Some((0, 149)), Some(1234))));
        assert_eq!(of("0-24/3573458"), Some((Some((0, 24)), Some(3_573_458))));
        assert_eq!(of("items 10-19/*"), Some((Some((10, 19)), None)));
        assert_eq!(of("*/0"), Some((None, Some(0))));
        for odd in ["", "0-24", "a-b/3", "5-2/9", "0-1/x", "99999999999999999999-1/1"] {
            assert_eq!(of(odd), None, "{odd}");
        }
    }
}
