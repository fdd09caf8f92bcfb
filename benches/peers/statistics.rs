//! Medians and quartiles.

use serde::Serialize;

/// How several measurements of the same thing are spread.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// A quarter of them is below.
    pub lower_quartile: f64,
    /// Half of them is below.
    pub median: f64,
    /// A quarter of them is above.
    pub upper_quartile: f64,
}

impl Spread {
    /// Of at least one measurement.
    pub fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        Self { lower_quartile: quarter(&values, 1), median: quarter(&values, 2), upper_quartile: quarter(&values, 3) }
    }
}

/// The value below which so many quarters of the sorted ones are, to three digits; between two of them where it falls there.
fn quarter(sorted: &[f64], quarters: usize) -> f64 {
    let place = quarters * (sorted.len() - 1);
    let (low, high) = (sorted[place / 4], sorted[place.div_ceil(4)]);
    let part = [0.0, 0.25, 0.5, 0.75][place % 4];
    ((low + (high - low) * part) * 1000.0).round() / 1000.0
}
