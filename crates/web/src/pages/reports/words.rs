//! Figures as people read them, and as drawings take them.

use jiff::tz::TimeZone;
use mainstay_desk::reports::{Figure, Measure};
use mainstay_words::{amount, number, t, tf};

use crate::chart::Unit;
use crate::components::{absolute, short_duration};

/// A figure in words.
pub fn figure(figure: &Figure, zone: &TimeZone) -> String {
    match figure {
        Figure::None => "–".to_owned(),
        Figure::Count(n) => Unit::Count.words(value(figure).unwrap_or_else(|| as_f64(*n))),
        Figure::Share { part, whole } => match figure.permyriad() {
            Some(share) => tf(
                "{share}% ({part} of {whole})",
                &[("share", &hundredths(share)), ("part", &number(*part)), ("whole", &number(*whole))],
            ),
            None => "–".to_owned(),
        },
        Figure::Time(ms) => short_duration(*ms),
        Figure::Mean { .. } => figure.hundredths().map_or_else(|| "–".to_owned(), hundredths),
        Figure::Text(text) => t(text).to_owned(),
        Figure::Change(0) => t("The same").to_owned(),
        Figure::Change(more @ 1..) => tf("{n} more than before", &[("n", &number(*more))]),
        Figure::Change(fewer) => tf("{n} fewer than before", &[("n", &number(-fewer))]),
        Figure::At(ms) => absolute(*ms, zone),
    }
}

fn hundredths(n: i64) -> String {
    amount(n)
}

/// A figure as a length to draw; none of words, instants and nothing.
pub fn value(figure: &Figure) -> Option<f64> {
    match figure {
        Figure::Count(n) | Figure::Time(n) => Some(as_f64(*n)),
        Figure::Share { .. } => figure.permyriad().map(|n| as_f64(n) / 100.0),
        Figure::Mean { .. } => figure.hundredths().map(|n| as_f64(n) / 100.0),
        Figure::None | Figure::Text(_) | Figure::Change(_) | Figure::At(_) => None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts and milliseconds lie far below 2^53")]
fn as_f64(n: i64) -> f64 {
    n as f64
}

/// The unit of a column's figures; none where there is nothing to draw.
pub fn unit(measure: Measure) -> Option<Unit> {
    match measure {
        Measure::Count | Measure::Before(_) | Measure::Mean | Measure::Sum => Some(Unit::Count),
        Measure::Share { .. } => Some(Unit::Percent),
        Measure::MeanTime | Measure::Time => Some(Unit::Duration),
        Measure::Change { .. } | Measure::Words | Measure::At => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_said_with_what_it_is_a_share_of() {
        let words = |f: Figure| figure(&f, &TimeZone::UTC);
        assert_eq!(words(Figure::Share { part: 90, whole: 98 }), "91.84% (90 of 98)");
        assert_eq!(words(Figure::Share { part: 0, whole: 0 }), "–");
        assert_eq!(words(Figure::Mean { sum: 5, of: 4 }), "1.25");
        assert_eq!(words(Figure::Count(1204)), "1,204");
        assert_eq!(words(Figure::Time(90 * 60_000)), "1h 30m");
    }
}
