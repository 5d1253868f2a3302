//! What happened along a line of time, as a drawing. Who shows it shows the rows beside it.

use mainstay_markup::html;
use mainstay_words::{t, tf};
use maud::Markup;

use super::scale::at;

/// One thing that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Epoch milliseconds.
    pub at: i64,
    /// By which it is found in the rows; none for a record, which is one of many.
    pub number: Option<usize>,
}

const WIDTH: f64 = 700.0;
const EDGE: f64 = 18.0;

/// The drawing: numbered marks above the line, records as strokes below it.
#[must_use]
pub fn course(marks: &[Mark], begin: &str, end: &str) -> Markup {
    let first = marks.iter().map(|mark| mark.at).min().unwrap_or_default();
    let last = marks.iter().map(|mark| mark.at).max().unwrap_or_default();
    let span = last.saturating_sub(first).max(1);
    #[expect(clippy::cast_precision_loss, reason = "a place on a line of 700 units")]
    let place = |mark: &Mark| EDGE + (mark.at - first) as f64 / span as f64 * (WIDTH - 2.0 * EDGE);
    html! {
        div.chart-box tabindex="0" role="group" aria-label=(tf("Chart: {title}", &[("title", &t("Timeline"))])) {
            svg.course.series-0 viewBox="0 0 700 84" aria-hidden="true" {
                line.axis x1="0" y1="46" x2=(at(WIDTH)) y2="46" {}
                @for mark in marks.iter().filter(|mark| mark.number.is_none()) {
                    rect.area x=(at(place(mark) - 1.0)) y="50" width="2" height="12" {}
                }
                @for mark in marks {
                    @if let Some(number) = mark.number {
                        line.trace x1=(at(place(mark))) y1="30" x2=(at(place(mark))) y2="46" {}
                        circle.point cx=(at(place(mark))) cy="20" r="11" {}
                        text.digits x=(at(place(mark))) y="24" text-anchor="middle" { (number) }
                    }
                }
                text x="0" y="80" { (begin) }
                text x=(at(WIDTH)) y="80" text-anchor="end" { (end) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_the_last_stand_at_the_edges() {
        let marks = [Mark { at: 0, number: Some(1) }, Mark { at: 50, number: None }, Mark { at: 100, number: Some(2) }];
        let text = course(&marks, "1 Jun", "2 Jun").into_string();
        assert!(text.contains(r#"cx="18""#) && text.contains(r#"cx="682""#) && text.contains(r#"x="349""#), "{text}");
        assert!(course(&[], "", "").into_string().contains("<svg"));
    }
}
