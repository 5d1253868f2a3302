//! Pace: how many rows in which time, and whether it holds.

use super::Progress;
use std::time::{Duration, Instant};

/// Measures an import as it goes.
pub struct Meter {
    began: Instant,
    /// Rows done after so much time, one mark per batch.
    marks: Vec<(u64, Duration)>,
}

impl Meter {
    pub fn new() -> Self {
        Self { began: Instant::now(), marks: Vec::new() }
    }

    pub fn mark(&mut self, rows: u64, total: Option<u64>) -> Progress {
        let took = self.began.elapsed();
        self.marks.push((rows, took));
        let per_second = rate(rows, took);
        let left = total.filter(|_| rows > 0).map(|total| {
            let each = took.as_millis() / u128::from(rows);
            u64::try_from(each * u128::from(total.saturating_sub(rows))).unwrap_or(u64::MAX)
        });
        Progress { rows, total, per_second, left }
    }

    pub fn took(&self) -> Duration {
        self.began.elapsed()
    }

    /// Rows in a second in each quarter of the rows.
    pub fn quarters(&self) -> [f64; 4] {
        let total = self.marks.last().map_or(0, |(rows, _)| *rows);
        let at = |quarter: u64| self.when(total * quarter / 4);
        let rows = |quarter: u64| total * (quarter + 1) / 4 - total * quarter / 4;
        [0, 1, 2, 3].map(|q| rate(rows(q), at(q + 1).saturating_sub(at(q))))
    }

    /// When so many rows were done, between marks in proportion.
    fn when(&self, rows: u64) -> Duration {
        let (mut before, mut then) = (0, Duration::ZERO);
        for &(done, at) in &self.marks {
            if done >= rows && done > before {
                return then + at.saturating_sub(then).mul_f64(share(rows - before, done - before));
            }
            (before, then) = (done, at);
        }
        then
    }
}

#[expect(clippy::cast_precision_loss, reason = "a pace is told to a few digits")]
fn share(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

#[expect(clippy::cast_precision_loss, reason = "a pace is told to a few digits")]
fn rate(rows: u64, took: Duration) -> f64 {
    rows as f64 / took.as_secs_f64().max(0.001)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::cast_possible_truncation, reason = "small numbers")]
    fn whole(pace: f64) -> i64 {
        pace.round() as i64
    }

    #[test]
    fn quarters_tell_a_slowing_import_from_a_steady_one() {
        let seconds =
            |s: &[u64]| s.iter().enumerate().map(|(i, s)| ((i as u64 + 1) * 100, Duration::from_secs(*s))).collect();
        let steady = Meter { marks: seconds(&[1, 2, 3, 4]), ..Meter::new() };
        assert_eq!(steady.quarters().map(whole), [100; 4]);
        let slowing = Meter { marks: seconds(&[1, 2, 4, 8]), ..Meter::new() };
        assert_eq!(slowing.quarters().map(whole), [100, 100, 50, 25]);
    }
}
