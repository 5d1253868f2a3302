//! From numbers to positions.

/// Width and height of a drawing in its own units.
pub(super) const SIZE: (f64, f64) = (560.0, 220.0);
/// The inside of the axes: left, top, right, bottom.
pub(super) const PLOT: (f64, f64, f64, f64) = (46.0, 10.0, 552.0, 192.0);

/// A vertical axis with round numbers that holds all values and zero.
pub(super) struct Scale {
    low: f64,
    high: f64,
    step: f64,
}

impl Scale {
    /// The axis for these values, written in whole numbers where all of them are whole.
    pub(super) fn of(values: impl Iterator<Item = f64>) -> Self {
        let wider = |(low, high, whole): (f64, f64, bool), value: f64| {
            (low.min(value), high.max(value), whole && value.fract() == 0.0)
        };
        let (low, high, whole) = values.fold((0.0, 0.0, true), wider);
        let step = round_step((high - low) / 4.0);
        let step = if whole { step.max(1.0) } else { step };
        Self { low: (low / step).floor() * step, high: ((high / step).ceil() * step).max(step), step }
    }

    /// The numbers written at the axis.
    pub(super) fn ticks(&self) -> Vec<f64> {
        let mut ticks = Vec::new();
        let mut tick = self.low;
        while tick <= self.high + self.step / 2.0 {
            ticks.push(tick);
            tick += self.step;
        }
        ticks
    }

    /// The height of a value in the drawing.
    pub(super) fn y(&self, value: f64) -> f64 {
        let (_, top, _, bottom) = PLOT;
        bottom - (value - self.low) / (self.high - self.low) * (bottom - top)
    }
}

/// The next of 1, 2, 5, 10, 20, 50 … not below `least`; 1 where there is nothing to measure.
fn round_step(least: f64) -> f64 {
    if least <= 0.0 || !least.is_finite() {
        return 1.0;
    }
    let magnitude = 10_f64.powf(least.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * magnitude)
        .find(|step| *step >= least)
        .unwrap_or(magnitude * 10.0)
}

/// The middle of the band of one label.
pub(super) fn x(index: usize, labels: usize) -> f64 {
    let (left, _, right, _) = PLOT;
    left + (right - left) * (as_f64(index) + 0.5) / as_f64(labels.max(1))
}

/// The width of the band of one label.
pub(super) fn band(labels: usize) -> f64 {
    (PLOT.2 - PLOT.0) / as_f64(labels.max(1))
}

/// The room that a label takes: letters and the gap to the next.
pub(super) fn label_width(label: &str) -> f64 {
    const LETTER: f64 = 6.4;
    const GAP: f64 = 12.0;
    as_f64(label.chars().count()) * LETTER + GAP
}

/// How many labels there are from one that is written to the next, so that they do not overlap.
pub(super) fn label_stride<'a>(labels: impl ExactSizeIterator<Item = &'a str>) -> usize {
    let band = band(labels.len());
    let widest = labels.map(label_width).fold(0.0, f64::max);
    let mut stride = 1;
    while as_f64(stride) * band < widest && as_f64(stride) * band < SIZE.0 {
        stride += 1;
    }
    stride
}

#[expect(clippy::cast_precision_loss, reason = "a chart has far fewer than 2^52 labels")]
pub(super) fn as_f64(count: usize) -> f64 {
    count as f64
}

/// A position with one decimal, as an attribute takes it.
pub(super) fn at(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_few_round_numbers_and_holds_every_value() {
        for (values, ticks) in [
            (vec![31.0], vec![0.0, 10.0, 20.0, 30.0, 40.0]),
            (vec![], vec![0.0, 1.0]),
            (vec![0.0], vec![0.0, 1.0]),
            (vec![-5.0, 10.0], vec![-5.0, 0.0, 5.0, 10.0]),
            (vec![1.0], vec![0.0, 1.0]),
            (vec![0.5, 1.0], vec![0.0, 0.5, 1.0]),
        ] {
            assert_eq!(Scale::of(values.into_iter()).ticks(), ticks);
        }
    }

    #[test]
    fn labels_that_are_written_do_not_touch() {
        for count in [1, 3, 12, 13, 26, 60] {
            let labels = vec!["Sep 2016"; count];
            let stride = label_stride(labels.iter().copied());
            let apart = as_f64(stride) * band(count);
            assert!(count <= stride || apart >= label_width("Sep 2016"), "{count}: every {stride}th, {apart} apart");
        }
        assert_eq!(label_stride(["Mon", "Tue", "Wed"].into_iter()), 1);
    }

    #[test]
    fn zero_is_at_the_bottom_and_the_largest_inside() {
        let scale = Scale::of([40.0].into_iter());
        assert!((scale.y(0.0) - PLOT.3).abs() < 1e-9);
        assert!((scale.y(40.0) - PLOT.1).abs() < 1e-9);
    }
}
