//! Bars: upright for time, lying for names.

use std::borrow::Cow;

use mainstay_markup::html;
use mainstay_words::{t, tf};
use maud::Markup;

use super::scale::{PLOT, SIZE, Scale, as_f64, at, band, label_stride, label_width, x};
use super::{Chart, Unit, figure, legend, texture, textures};

/// Upright bars, one for each label and series.
#[must_use]
pub fn bars(chart: &Chart) -> Markup {
    let scale = Scale::of(chart.series.iter().flat_map(|series| series.values.iter().copied().flatten()));
    let drawing = html! {
        (canvas(chart, &scale, &html! {
            (textures(&chart.id))
            @for (index, series) in chart.series.iter().enumerate() {
                g.{ "series-" (index % 6) } {
                    @for (label, value) in series.values.iter().enumerate() {
                        @if let Some(value) = value { (bar(chart, &scale, index, label, *value)) }
                    }
                }
            }
        }))
    };
    figure(
        chart,
        &drawing,
        &legend(chart, |index| {
            html! {
                rect.area width="22" height="12" rx="2" {}
                @if let Some(fill) = texture(&chart.id, index) { rect fill=(fill) width="22" height="12" rx="2" {} }
            }
        }),
    )
}

fn bar(chart: &Chart, scale: &Scale, series: usize, label: usize, value: f64) -> Markup {
    let group = (band(chart.labels.len()) * 0.7).min(40.0 * as_f64(chart.series.len()));
    let width = group / as_f64(chart.series.len());
    let left = x(label, chart.labels.len()) - group / 2.0 + width * as_f64(series);
    let (from, to) = (scale.y(0.0), scale.y(value));
    let (left, top, width, height) = (at(left), at(from.min(to)), at((width - 2.0).max(1.0)), at((from - to).abs()));
    html! {
        g {
            title { (chart.labels.get(label).map_or("", |name| name)) ", " (t(&chart.series[series].name)) ": " (chart.unit.words(value)) }
            rect.area x=(left) y=(top) width=(width) height=(height) rx="2" {}
            @if let Some(fill) = texture(&chart.id, series) { rect fill=(fill) x=(left) y=(top) width=(width) height=(height) rx="2" {} }
        }
    }
}

/// The axes with their words, and `content` between them.
pub(super) fn canvas(chart: &Chart, scale: &Scale, content: &Markup) -> Markup {
    let (left, _, right, bottom) = PLOT;
    let stride = label_stride(chart.labels.iter().map(AsRef::as_ref));
    // A word too long for its middle ends where the drawing does.
    let over = |index: usize, label: &str| x(index, chart.labels.len()) + label_width(label) / 2.0 > SIZE.0 - 4.0;
    html! {
        svg viewBox={ "0 0 " (SIZE.0) " " (SIZE.1) } role="img" aria-label=(tf("{title}, the table below holds the numbers", &[("title", &t(&chart.title))])) {
            @for tick in scale.ticks() {
                line.(if tick == 0.0 { "axis" } else { "grid" }) x1=(left) x2=(right) y1=(at(scale.y(tick))) y2=(at(scale.y(tick))) {}
                text x=(left - 8.0) y=(at(scale.y(tick) + 4.0)) text-anchor="end" { (chart.unit.words(tick)) }
            }
            (content)
            @for (index, label) in chart.labels.iter().enumerate().step_by(stride) {
                @if over(index, label) {
                    text x=(at(SIZE.0)) y=(bottom + 18.0) text-anchor="end" { (label) }
                } @else {
                    text x=(at(x(index, chart.labels.len()))) y=(bottom + 18.0) text-anchor="middle" { (label) }
                }
            }
        }
    }
}

/// A name and its number.
#[derive(Clone, Debug, Default)]
pub struct Bar<'a> {
    /// Name at the start of the line.
    pub name: Cow<'a, str>,
    /// The number, not below zero.
    pub value: f64,
    /// The records behind it.
    pub href: Option<Cow<'a, str>>,
}

/// Names with lying bars; the table is the drawing. The note says what is left out.
#[must_use]
pub fn horizontal_bars(id: &str, title: &str, note: &str, bars: &[Bar], unit: Unit) -> Markup {
    let most = bars.iter().map(|bar| bar.value).fold(0.0, f64::max);
    html! {
        figure.chart.card id=(id) {
            figcaption { (t(title)) @if !note.is_empty() { small { (t(note)) } } }
            table.bar-table {
                caption.sr { (t(title)) }
                tbody.series-0 {
                    @for bar in bars {
                        tr {
                            th.bar-name scope="row" dir="auto" { @match &bar.href { Some(href) => { a href=(href) { (bar.name) } } None => (bar.name) } }
                            td { (lying(bar.value, most)) }
                            td.amount { (unit.words(bar.value)) }
                        }
                    }
                }
            }
        }
    }
}

/// Names with lying bars, the longest first, and how much of the whole they and those before them make up.
#[must_use]
pub fn pareto(id: &str, title: &str, bars: &[Bar], unit: Unit) -> Markup {
    let most = bars.iter().map(|bar| bar.value).fold(0.0, f64::max);
    let whole: f64 = bars.iter().map(|bar| bar.value).sum();
    let mut upto = 0.0;
    html! {
        figure.chart.card id=(id) {
            figcaption { (t(title)) }
            table.bar-table {
                caption.sr { (t(title)) }
                thead.sr { tr { th scope="col" { "Value" } td {} th scope="col" { "Records" } th scope="col" { "With those above" } } }
                tbody.series-0 {
                    @for bar in bars {
                        @let share = { upto += bar.value; if whole > 0.0 { upto / whole * 100.0 } else { 0.0 } };
                        tr {
                            th.bar-name scope="row" dir="auto" { @match &bar.href { Some(href) => { a href=(href) { (bar.name) } } None => (bar.name) } }
                            td { (lying(bar.value, most)) }
                            td.amount { (unit.words(bar.value)) }
                            td.amount { (Unit::Percent.words(share)) }
                        }
                    }
                }
            }
        }
    }
}

fn lying(value: f64, most: f64) -> Markup {
    let share = if most > 0.0 { value / most * 100.0 } else { 0.0 };
    html! {
        svg viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true" {
            rect.track width="100" height="12" {}
            rect.area width=(at(share)) height="12" {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::Series;

    #[test]
    fn the_longest_bar_fills_its_line() {
        let rows = [
            Bar { name: "VPN".into(), value: 8.0, href: None },
            Bar { name: "Mail".into(), value: 2.0, href: Some("/q".into()) },
        ];
        let text = horizontal_bars("c", "By service", "", &rows, Unit::Count).into_string();
        assert!(
            text.contains(r#"width="100" height="12"></rect><rect class="area" width="100""#)
                && text.contains(r#"class="area" width="25""#),
            "{text}"
        );
        assert!(text.contains(r#"<a href="/q">Mail</a>"#));
    }

    #[test]
    fn nothing_to_draw_is_still_a_chart() {
        let empty = Chart { series: vec![Series::default()], ..Chart::default() };
        assert!(bars(&empty).into_string().contains("<svg"));
        assert!(!horizontal_bars("c", "x", "", &[Bar::default()], Unit::Count).into_string().contains("NaN"));
    }
}
