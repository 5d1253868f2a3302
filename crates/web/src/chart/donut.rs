//! Few parts of a whole.

use std::borrow::Cow;
use std::f64::consts::TAU;

use mainstay_markup::html;
use mainstay_words::{t, tf};
use maud::Markup;

use super::scale::{as_f64, at};
use super::{Unit, texture, textures, twin};

const OUTER: f64 = 74.0;
const INNER: f64 = 50.0;

/// A part of the whole.
#[derive(Clone, Debug, Default)]
pub struct Slice<'a> {
    /// Name.
    pub name: Cow<'a, str>,
    /// How much, not below zero.
    pub value: f64,
}

/// A ring with the total in its middle, and the parts with their numbers beside it.
#[must_use]
pub fn donut(id: &str, title: &str, slices: &[Slice], unit: Unit) -> Markup {
    let total: f64 = slices.iter().map(|slice| slice.value).sum();
    html! {
        figure.chart.card id=(id) {
            figcaption { (t(title)) }
            div.donut {
                svg viewBox="-80 -80 160 160" role="img" aria-label=(tf("{title}, the table below holds the numbers", &[("title", &t(title))])) {
                    (textures(id))
                    (ring(id, slices, total, unit))
                    text.total text-anchor="middle" y="7" { (unit.words(total)) }
                }
                ul.legend {
                    @for (index, slice) in slices.iter().enumerate() {
                        li.{ "series-" (index % 6) } {
                            svg viewBox="0 0 22 12" aria-hidden="true" { (sample(id, index)) }
                            span dir="auto" { (slice.name) }
                            span.digits { (unit.words(slice.value)) }
                        }
                    }
                }
            }
            (twin::parts(title, slices, unit))
        }
    }
}

fn sample(id: &str, index: usize) -> Markup {
    html! {
        rect.area width="22" height="12" rx="2" {}
        @if let Some(fill) = texture(id, index) { rect fill=(fill) width="22" height="12" rx="2" {} }
    }
}

fn ring(id: &str, slices: &[Slice], total: f64, unit: Unit) -> Markup {
    if total <= 0.0 {
        return html! { circle.grid r=(OUTER) fill="none" {} };
    }
    let starts = slices.iter().scan(0.0, |turn, slice| {
        let from = *turn;
        *turn += slice.value / total;
        Some(from)
    });
    html! {
        @for (index, (slice, from)) in slices.iter().zip(starts).enumerate() {
            @let shape = arc(from, slice.value / total);
            g.{ "series-" (index % 6) } {
                title { (slice.name) ": " (unit.words(slice.value)) }
                path.area.slice d=(shape) {}
                @if let Some(fill) = texture(id, index) { path fill=(fill) d=(shape) {} }
            }
        }
    }
}

/// The outline of a part that begins at `from` and takes `share` of the turn, clockwise from the top.
fn arc(from: f64, share: f64) -> String {
    // A full turn would end where it begins and draw nothing.
    let share = share.min(0.9999);
    let point = |turn: f64, radius: f64| {
        let (sine, cosine) = (turn * TAU).sin_cos();
        format!("{} {}", at(sine * radius), at(-cosine * radius))
    };
    let large = as_f64(usize::from(share > 0.5));
    let to = from + share;
    format!(
        "M{}A{OUTER} {OUTER} 0 {large} 1 {}L{}A{INNER} {INNER} 0 {large} 0 {}z",
        point(from, OUTER),
        point(to, OUTER),
        point(to, INNER),
        point(from, INNER)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_begins_at_the_top_and_ends_at_the_right() {
        assert_eq!(arc(0.0, 0.25), "M0 -74A74 74 0 0 1 74 -0L50 -0A50 50 0 0 0 0 -50z");
    }

    #[test]
    fn the_parts_and_the_total_stand_in_words() {
        let slices = [Slice { name: "Portal".into(), value: 30.0 }, Slice { name: "Mail".into(), value: 10.0 }];
        let text = donut("c", "By channel", &slices, Unit::Count).into_string();
        assert!(
            text.contains(">40</text>")
                && text.contains("Portal: 30</title>")
                && text.contains("<td class=\"amount\">10</td>"),
            "{text}"
        );
        assert_eq!(text.matches("class=\"area slice\"").count(), 2);
    }

    #[test]
    fn an_empty_whole_has_no_slices() {
        let text = donut("c", "x", &[Slice::default()], Unit::Count).into_string();
        assert!(!text.contains("NaN") && !text.contains("area slice"), "{text}");
    }
}
