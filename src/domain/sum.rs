//! Sums in twice the precision, so that the order of addition does not show: the pair holds
//! about 106 bits (Dekker 1971, Knuth TAOCP 2, 4.2.2: error-free transformations).

/// An unevaluated sum of two doubles; one that grows past the doubles stays at their end.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Sum {
    high: f64,
    low: f64,
}

impl Sum {
    pub const ZERO: Sum = Sum { high: 0.0, low: 0.0 };

    pub fn of(value: f64) -> Sum {
        Sum { high: value, low: 0.0 }
    }

    /// A whole number of units, each a power of two: what the sum of its parts comes to, where
    /// none of them was rounded.
    pub fn whole(number: i128, unit: f64) -> Sum {
        let high = number as f64;
        Sum { high: high * unit, low: (number - high as i128) as f64 * unit }
    }

    pub fn add(&mut self, value: f64) {
        let (high, error) = two_sum(self.high, value);
        self.normalise(high, self.low + error);
    }

    /// Adds `value` squared, without rounding the square.
    pub fn add_square(&mut self, value: f64) {
        let square = value * value;
        let error = value.mul_add(value, -square);
        let (high, carry) = two_sum(self.high, square);
        self.normalise(high, self.low + (carry + error));
    }

    pub fn absorb(&mut self, other: Sum) {
        let (high, error) = two_sum(self.high, other.high);
        self.normalise(high, self.low + (error + other.low));
    }

    pub fn value(self) -> f64 {
        self.high + self.low
    }

    /// Σ(x − mean)², from this Σx, a Σx² and the count; never below zero.
    pub fn deviations(self, squares: Sum, count: u64) -> f64 {
        let n = count as f64;
        let product = self.high * self.high;
        let error = self.high.mul_add(self.high, -product) + 2.0 * self.high * self.low;
        let quotient = product / n;
        let rest = (quotient.mul_add(-n, product) + error) / n;
        let deviations = (squares.high - quotient) + (squares.low - rest);
        if deviations.is_finite() { deviations.max(0.0) } else { f64::MAX }
    }

    fn normalise(&mut self, high: f64, low: f64) {
        let sum = high + low;
        let fits = sum.is_finite();
        self.low = if fits { low - (sum - high) } else { 0.0 };
        self.high = if fits { sum } else { high.clamp(f64::MIN, f64::MAX) };
    }
}

/// a + b and its rounding error, whatever their order of size.
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let from_b = sum - a;
    (sum, (a - (sum - from_b)) + (b - from_b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(values: &[f64]) -> (Sum, Sum) {
        let (mut sum, mut squares) = (Sum::ZERO, Sum::ZERO);
        for v in values {
            sum.add(*v);
            squares.add_square(*v);
        }
        (sum, squares)
    }

    #[test]
    fn deviations_survive_a_large_mean() {
        let (sum, squares) = total(&[1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0]);
        assert_eq!(sum.deviations(squares, 4), 90.0);
        assert_eq!(sum.value(), 4e9 + 40.0);
    }

    #[test]
    fn equal_values_do_not_deviate() {
        let (sum, squares) = total(&[0.1; 1000]);
        assert!(sum.deviations(squares, 1000) < 1e-25);
        assert_eq!(sum.value(), 100.0);
    }

    #[test]
    fn huge_values_stay_finite() {
        let (sum, squares) = total(&[f64::MAX, f64::MAX]);
        assert!(sum.value().is_finite() && sum.deviations(squares, 2).is_finite());
    }
}
