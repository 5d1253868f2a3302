//! The run of a number, small enough for a tile.

use std::fmt::Write as _;

use mainstay_markup::html;
use maud::Markup;

use super::scale::{as_f64, at};

/// A line over the values, oldest first; decoration, the tile says the number.
#[must_use]
pub fn sparkline(values: &[f64]) -> Markup {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let span = if high > low { high - low } else { 1.0 };
    let step = 100.0 / as_f64(values.len().saturating_sub(1).max(1));
    let mut path = String::new();
    for (index, value) in values.iter().enumerate() {
        let command = if index == 0 { 'M' } else { 'L' };
        // Writing to a string cannot fail.
        let _ = write!(path, "{command}{} {}", at(step * as_f64(index)), at(28.0 - (value - low) / span * 24.0));
    }
    html! {
        svg.spark viewBox="0 0 100 32" preserveAspectRatio="none" aria-hidden="true" {
            path.under d={ (path) "L100 32L0 32z" } {}
            path.trace d=(path) {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_of_equal_numbers_is_a_level_line() {
        assert!(sparkline(&[3.0, 3.0, 3.0]).into_string().contains("d=\"M0 28L50 28L100 28\""));
    }
}
