//! Bytes that are written and read back one value after the other: whole numbers as varints
//! (LEB128; signed ones in zigzag, as in Protocol Buffers), doubles as eight bytes, the least
//! significant first.

use crate::domain::document::Malformed;
use crate::domain::quantile::scaled;

/// What was written so far.
#[derive(Clone, Debug, Default)]
pub struct Out(pub Vec<u8>);

impl Out {
    pub fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    pub fn count(&mut self, mut value: u64) {
        while value > 127 {
            self.0.push(value as u8 | 128);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    pub fn int(&mut self, value: i64) {
        self.count(zigzag(value));
    }

    pub fn float(&mut self, value: f64) {
        self.0.extend(value.to_le_bytes());
    }

    /// A value by its place on a grid, counted from `base`; of one beside the grid, how many
    /// doubles it lies beside that point.
    pub fn on_grid(&mut self, value: f64, step: f64, base: i64) {
        let key = key(value, step);
        let beside = (value.to_bits() as i64).wrapping_sub(point(key, step).to_bits() as i64);
        let place = zigzag(key.wrapping_sub(base));
        // The lowest bit says whether more follows; a place that leaves no room for it is none.
        if place >> 63 == 1 || beside == i64::MAX {
            self.count(1);
            self.int(i64::MAX);
            self.float(value);
        } else {
            self.count(place << 1 | u64::from(beside != 0));
            if beside != 0 {
                self.int(beside);
            }
        }
    }
}

/// What is still to be read.
#[derive(Clone, Copy, Debug)]
pub struct In<'a>(pub &'a [u8]);

impl In<'_> {
    pub fn byte(&mut self) -> Result<u8, Malformed> {
        let (first, rest) = self.0.split_first().ok_or_else(short)?;
        self.0 = rest;
        Ok(*first)
    }

    pub fn count(&mut self) -> Result<u64, Malformed> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 127) << shift;
            if byte < 128 {
                return Ok(value);
            }
        }
        Err(Malformed("a number of more than 64 bits".into()))
    }

    /// How many things follow, of which each takes at least a byte.
    pub fn length(&mut self) -> Result<usize, Malformed> {
        let length = self.count()?;
        usize::try_from(length).ok().filter(|n| *n <= self.0.len()).ok_or_else(short)
    }

    pub fn int(&mut self) -> Result<i64, Malformed> {
        let value = self.count()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    pub fn float(&mut self) -> Result<f64, Malformed> {
        let (bytes, rest) = self.0.split_first_chunk::<8>().ok_or_else(short)?;
        self.0 = rest;
        finite(f64::from_le_bytes(*bytes))
    }

    /// Reads what [`Out::on_grid`] wrote.
    pub fn on_grid(&mut self, step: f64, base: i64) -> Result<f64, Malformed> {
        let place = self.count()?;
        let beside = if place & 1 == 1 { self.int()? } else { 0 };
        if beside == i64::MAX {
            return self.float();
        }
        let place = place >> 1;
        let key = base.wrapping_add((place >> 1) as i64 ^ -((place & 1) as i64));
        let bits = (point(key, step).to_bits() as i64).wrapping_add(beside);
        finite(f64::from_bits(bits as u64))
    }

    /// An error unless all was read.
    pub fn end(self) -> Result<(), Malformed> {
        match self.0.len() {
            0 => Ok(()),
            more => Err(Malformed(format!("{more} bytes too many"))),
        }
    }
}

fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// The grid point nearest to a value.
pub fn key(value: f64, step: f64) -> i64 {
    (value / step).round() as i64
}

/// The value of a grid point.
pub fn point(key: i64, step: f64) -> f64 {
    let value = scaled(key as f64, step);
    // Steps that are no scale have no points; what is written then lies beside zero.
    if value.is_finite() { value } else { 0.0 }
}

fn short() -> Malformed {
    Malformed("its bytes end too early".into())
}

fn finite(value: f64) -> Result<f64, Malformed> {
    if value.is_finite() { Ok(value) } else { Err(Malformed(format!("{value} is no value"))) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_read_back_the_same(count in any::<u64>(), int in any::<i64>()) {
            let mut out = Out::default();
            out.count(count);
            out.int(int);
            let mut bytes = In(&out.0);
            prop_assert_eq!((bytes.count()?, bytes.int()?), (count, int));
            prop_assert!(bytes.end().is_ok());
        }

        #[test]
        fn any_double_reads_back_the_same_from_any_grid(
            bits in any::<u64>(), whole in -100_000i64..100_000, base in any::<i64>(),
            step in prop_oneof![Just(1.0), Just(0.1), Just(0.25), Just(1e-300), Just(1e300)],
        ) {
            for value in [f64::from_bits(bits), whole as f64 * step, -0.0, f64::MAX, f64::MIN] {
                let mut out = Out::default();
                out.on_grid(value, step, base);
                let read = In(&out.0).on_grid(step, base);
                if value.is_finite() {
                    prop_assert_eq!(read?.to_bits(), value.to_bits());
                } else {
                    prop_assert!(read.is_err());
                }
            }
        }
    }

    #[test]
    fn values_of_a_grid_take_a_byte() {
        let mut out = Out::default();
        out.on_grid(12.7, 0.1, 120);
        assert_eq!(out.0.len(), 1);
    }

    #[test]
    fn bytes_that_end_too_early_are_told() {
        assert!(In(&[128]).count().is_err() && In(&[1, 2]).float().is_err());
        assert!(In(&[200, 1]).length().is_err() && In(&[255; 11]).count().is_err());
    }
}
