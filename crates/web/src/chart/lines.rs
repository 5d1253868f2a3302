//! Lines over time, told apart by dash and marker.

use std::fmt::Write as _;

use mainstay_markup::html;
use mainstay_words::t;
use maud::Markup;

use super::bars::canvas;
use super::scale::{Scale, at, x};
use super::{Chart, figure, legend};

/// A line for each series; a missing value interrupts it.
#[must_use]
pub fn lines(chart: &Chart) -> Markup {
    let scale = Scale::of(chart.series.iter().flat_map(|series| series.values.iter().copied().flatten()));
    let drawing = canvas(
        chart,
        &scale,
        &html! {
            @for (index, series) in chart.series.iter().enumerate() {
                g.{ "series-" (index % 6) } {
                    path.trace d=(path(&series.values, &scale, chart.labels.len())) {}
                    @for (label, value) in series.values.iter().enumerate() {
                        @if let Some(value) = value { (point(chart, &scale, index, label, *value)) }
                    }
                }
            }
        },
    );
    figure(
        chart,
        &drawing,
        &legend(chart, |index| {
            html! {
                path.trace d="M1 6h20" {}
                (marker(index, 11.0, 6.0))
            }
        }),
    )
}

fn path(values: &[Option<f64>], scale: &Scale, labels: usize) -> String {
    let mut path = String::new();
    let mut drawing = false;
    for (index, value) in values.iter().enumerate() {
        if let Some(value) = value {
            let command = if drawing { 'L' } else { 'M' };
            // Writing to a string cannot fail.
            let _ = write!(path, "{command}{} {}", at(x(index, labels)), at(scale.y(*value)));
        }
        drawing = value.is_some();
    }
    path
}

fn point(chart: &Chart, scale: &Scale, series: usize, label: usize, value: f64) -> Markup {
    html! {
        g {
            title { (chart.labels.get(label).map_or("", |name| name)) ", " (t(&chart.series[series].name)) ": " (chart.unit.words(value)) }
            (marker(series, x(label, chart.labels.len()), scale.y(value)))
        }
    }
}

/// Disc, square, diamond or triangle, by series.
fn marker(series: usize, x: f64, y: f64) -> Markup {
    let (left, top) = (at(x - 3.0), at(y - 3.0));
    html! {
        @match series % 4 {
            0 => { circle.point cx=(at(x)) cy=(at(y)) r="3" {} }
            1 => { rect.point x=(left) y=(top) width="6" height="6" {} }
            2 => { path.point d={ "M" (at(x)) " " (at(y - 4.0)) "l4 4l-4 4l-4 -4z" } {} }
            _ => { path.point d={ "M" (at(x)) " " (at(y - 4.0)) "l4 7h-8z" } {} }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_begins_a_new_line() {
        let values = [Some(1.0), None, Some(2.0), Some(3.0)];
        let scale = Scale::of(values.iter().copied().flatten());
        let path = path(&values, &scale, 4);
        assert_eq!((path.matches('M').count(), path.matches('L').count()), (2, 1), "{path}");
    }
}
