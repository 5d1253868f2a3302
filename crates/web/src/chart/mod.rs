//! Charts as SVG drawn on the server, each with the table of the same numbers.
//!
//! A series differs from the next by pattern, dash or marker as well as by colour. Positions are attributes,
//! never styles. [`bars`] takes one series or several side by side; [`lines`] takes several; [`horizontal_bars`]
//! is a table that draws itself; [`donut`] is for few parts of a whole; [`sparkline`] for a tile. [`dashboard`] sets them side by side.

mod bars;
mod course;
mod donut;
mod fishbone;
mod lines;
mod scale;
mod spark;
mod twin;

use std::borrow::Cow;

use mainstay_markup::html;
use mainstay_words::{decimal, percent, t, tf};
use maud::Markup;

pub use bars::{Bar, bars, horizontal_bars, pareto};
pub use course::{Mark, course};
pub use donut::{Slice, donut};
pub use fishbone::{Bone, Cause, fishbone};
pub use lines::lines;
pub use spark::sparkline;

/// What the numbers are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// Things counted.
    #[default]
    Count,
    /// Percent, 0 to 100.
    Percent,
    /// Lengths of time in milliseconds.
    Duration,
}

impl Unit {
    /// The number as people read it: `1,204`, `94.5%`, `3h 10m`.
    #[must_use]
    pub fn words(self, value: f64) -> String {
        match self {
            Self::Count => decimal(value),
            Self::Percent => percent(value),
            #[expect(clippy::cast_possible_truncation, reason = "a length of time in milliseconds is far below 2^53")]
            Self::Duration => crate::components::short_duration(value as i64),
        }
    }
}

/// One line or one set of bars.
#[derive(Clone, Debug, Default)]
pub struct Series<'a> {
    /// Name for the legend and the table.
    pub name: Cow<'a, str>,
    /// One value for each label; none leaves a gap.
    pub values: Vec<Option<f64>>,
    /// The records behind each value; none where it leads nowhere.
    pub hrefs: Vec<Option<String>>,
}

/// What a chart shows.
#[derive(Clone, Debug, Default)]
pub struct Chart<'a> {
    /// Unique on the page and the same on every rendering.
    pub id: Cow<'a, str>,
    /// What is shown.
    pub title: Cow<'a, str>,
    /// Over which time, for which team.
    pub note: Cow<'a, str>,
    /// Names along the bottom, oldest first.
    pub labels: Vec<Cow<'a, str>>,
    /// Up to six series.
    pub series: Vec<Series<'a>>,
    /// What the numbers are.
    pub unit: Unit,
}

/// Charts side by side where there is room.
#[must_use]
pub fn dashboard(charts: &[Markup]) -> Markup {
    html! { div.dashboard { @for chart in charts { (chart) } } }
}

/// The frame of every chart: title, drawing, legend, table.
fn figure(chart: &Chart, drawing: &Markup, legend: &Markup) -> Markup {
    html! {
        figure.chart.card id=(chart.id) {
            figcaption { (t(&chart.title)) @if !chart.note.is_empty() { small { (t(&chart.note)) } } }
            div.chart-box tabindex="0" role="group" aria-label=(tf("Chart: {title}", &[("title", &t(&chart.title))])) { (drawing) }
            @if chart.series.len() > 1 { (legend) }
            (twin::table(chart))
        }
    }
}

/// The names of the series, each with what `sample` draws for it.
fn legend(chart: &Chart, sample: impl Fn(usize) -> Markup) -> Markup {
    html! {
        ul.legend {
            @for (index, series) in chart.series.iter().enumerate() {
                li.{ "series-" (index % 6) } {
                    svg viewBox="0 0 22 12" aria-hidden="true" { (sample(index)) }
                    span dir="auto" { (t(&series.name)) }
                }
            }
        }
    }
}

/// The textures that tell filled series apart; the first is plain.
fn textures(id: &str) -> Markup {
    const SHAPES: [&str; 5] =
        ["M-2 2l4-4M0 8l8-8M6 10l4-4", "M2 2h.01M6 6h.01", "M0 2h8M0 6h8", "M0 0l8 8M8 0l-8 8", "M2 0v8M6 0v8"];
    html! {
        defs {
            @for (index, shape) in SHAPES.iter().enumerate() {
                pattern id={ (id) "-texture-" (index + 1) } width="8" height="8" patternUnits="userSpaceOnUse" {
                    path.texture d=(shape) stroke-linecap="round" {}
                }
            }
        }
    }
}

/// The fill that lays a series' texture over its colour; nothing for the first.
fn texture(id: &str, series: usize) -> Option<String> {
    (!series.is_multiple_of(6)).then(|| format!("url(#{id}-texture-{})", series % 6))
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn sample() -> Chart<'static> {
        Chart {
            id: "opened".into(),
            title: "Opened <and> resolved".into(),
            note: "This week".into(),
            labels: ["Mon", "Tue", "Wed"].map(Into::into).to_vec(),
            series: vec![
                Series { name: "Opened".into(), values: vec![Some(12.0), Some(0.0), Some(31.0)], ..Series::default() },
                Series { name: "Resolved".into(), values: vec![Some(10.0), None, Some(1204.0)], ..Series::default() },
            ],
            unit: Unit::Count,
        }
    }

    #[test]
    fn a_11_every_drawing_has_a_table_with_the_same_numbers() {
        for text in [bars(&sample()).into_string(), lines(&sample()).into_string()] {
            for number in ["12", "0", "31", "10", "1,204"] {
                assert!(text.contains(&format!("<td class=\"amount\">{number}</td>")), "{number} in {text}");
                assert!(text.contains(&format!(": {number}</title>")), "{number} drawn in {text}");
            }
            assert!(text.contains("<td class=\"amount\">–</td>"), "a gap is a dash");
            assert!(text.contains("Opened &lt;and&gt; resolved") && !text.contains("style="));
        }
    }

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(Unit::Count.words(1_234_567.0), "1,234,567");
        assert_eq!(Unit::Count.words(2.26), "2.3");
        assert_eq!(Unit::Percent.words(94.5), "94.5%");
        assert_eq!(Unit::Duration.words(11_400_000.0), "3h 10m");
        assert_eq!(Unit::Count.words(-1200.0), "-1,200");
    }

    #[test]
    fn filled_series_differ_by_more_than_colour() {
        assert_eq!(texture("c", 0), None);
        assert_eq!(texture("c", 1).as_deref(), Some("url(#c-texture-1)"));
        assert!(bars(&sample()).into_string().contains("fill=\"url(#opened-texture-1)\""));
    }
}
