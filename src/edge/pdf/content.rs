//! What a page shows, as a PDF writes it: numbers, then the operator that takes them.

use super::line::Item;

/// Digits of a number, from the last.
const DIGITS: usize = 20;

#[derive(Default)]
pub struct Content {
    pub bytes: Vec<u8>,
}

impl Content {
    /// An operator with its numbers, in hundredths.
    pub fn op(&mut self, numbers: &[f32], operator: &str) {
        for number in numbers {
            self.number(*number);
            self.bytes.push(b' ');
        }
        self.end(operator);
    }

    /// An operator whose numbers keep all their digits.
    pub fn exact(&mut self, numbers: &[f32], operator: &str) {
        for number in numbers {
            self.bytes.extend(format!("{number} ").bytes());
        }
        self.end(operator);
    }

    /// An operator that takes a name.
    pub fn named(&mut self, name: &str, operator: &str) {
        self.name(name);
        self.end(operator);
    }

    pub fn name(&mut self, name: &str) {
        self.bytes.push(b'/');
        self.bytes.extend(name.bytes());
        self.bytes.push(b' ');
    }

    /// Glyphs one after the other, and how far the next ones stand off.
    pub fn glyphs(&mut self, items: &[Item]) {
        if let [Item::Glyphs(glyphs)] = items {
            self.hex(glyphs);
            return self.end("Tj");
        }
        self.bytes.push(b'[');
        for item in items {
            match item {
                Item::Glyphs(glyphs) => self.hex(glyphs),
                Item::Kern(by) => self.number(*by),
            }
        }
        self.bytes.push(b']');
        self.end("TJ");
    }

    /// What follows, up to the end of the mark, stands for these letters.
    pub fn instead(&mut self, letters: &str) {
        self.bytes.extend(b"/Span <</ActualText ");
        let units: Vec<u16> = [0xFEFF].into_iter().chain(letters.encode_utf16()).collect();
        self.hex(&units);
        self.bytes.extend(b">> ");
        self.end("BDC");
    }

    pub fn end(&mut self, operator: &str) {
        self.bytes.extend(operator.bytes());
        self.bytes.push(b'\n');
    }

    fn hex(&mut self, numbers: &[u16]) {
        let digit = |number: u16, place: u32| {
            char::from_digit(u32::from(number >> place & 15), 16).map_or(b'0', |c| c as u8)
        };
        self.bytes.push(b'<');
        for number in numbers {
            self.bytes.extend([12, 8, 4, 0].map(|place| digit(*number, place)));
        }
        self.bytes.push(b'>');
    }

    /// Hundredths without needless digits; what is not finite is none.
    fn number(&mut self, number: f32) {
        let hundredths = (number * 100.0).round() as i64;
        if hundredths < 0 {
            self.bytes.push(b'-');
        }
        let (whole, part) = (hundredths.unsigned_abs() / 100, hundredths.unsigned_abs() % 100);
        self.whole(whole);
        if part > 0 {
            self.bytes.extend([b'.', b'0' + (part / 10) as u8]);
            if part % 10 > 0 {
                self.bytes.push(b'0' + (part % 10) as u8);
            }
        }
    }

    fn whole(&mut self, mut number: u64) {
        let (mut digits, mut at) = ([0; DIGITS], DIGITS);
        loop {
            at -= 1;
            digits[at] = b'0' + (number % 10) as u8;
            number /= 10;
            if number == 0 {
                break;
            }
        }
        self.bytes.extend(&digits[at..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(write: impl FnOnce(&mut Content), expected: &str) {
        let mut content = Content::default();
        write(&mut content);
        assert_eq!(String::from_utf8(content.bytes).unwrap(), expected);
    }

    #[test]
    fn numbers_are_short() {
        let numbers = [0.0, -0.0, 12.0, 12.5, -0.05, 788.12, 1e6, -3.999, 0.004];
        check(|c| c.op(&numbers, "x"), "0 0 12 12.5 -0.05 788.12 1000000 -4 0 x\n");
        check(|c| c.exact(&[0.123, 7.2345], "rg"), "0.123 7.2345 rg\n");
    }

    #[test]
    fn glyphs_are_shown_with_what_moves_them() {
        check(|c| c.glyphs(&[Item::Glyphs(vec![1, 0xab0f])]), "<0001ab0f>Tj\n");
        let items = [Item::Glyphs(vec![1]), Item::Kern(-12.0), Item::Glyphs(vec![2])];
        check(|c| c.glyphs(&items), "[<0001>-12<0002>]TJ\n");
        check(|c| c.instead("é"), "/Span <</ActualText <feff00e9>>> BDC\n");
    }

    proptest::proptest! {
        #[test]
        fn a_number_reads_back_as_its_hundredths(number in -99_999.0f32..99_999.0) {
            let mut content = Content::default();
            content.number(number);
            let read: f64 = String::from_utf8(content.bytes).unwrap().parse().unwrap();
            assert_eq!((read * 100.0).round(), f64::from((number * 100.0).round()));
        }
    }
}
