//! The numbers of a drawing as a table.

use mainstay_markup::html;
use mainstay_words::{t, tf};
use maud::Markup;

use super::{Chart, Slice, Unit};

/// One line for each label, one column for each series.
pub(super) fn table(chart: &Chart) -> Markup {
    folded(
        &chart.title,
        &html! {
            thead { tr {
                td { span.sr { "Label" } }
                @for series in &chart.series { th.amount scope="col" { (t(&series.name)) } }
            } }
            tbody {
                @for (index, label) in chart.labels.iter().enumerate() {
                    tr {
                        th scope="row" { (label) }
                        @for series in &chart.series {
                            @let words = series.values.get(index).copied().flatten().map_or_else(|| "–".to_owned(), |value| chart.unit.words(value));
                            td.amount {
                                @match series.hrefs.get(index).and_then(Option::as_deref) {
                                    Some(href) => { a.link href=(href) aria-label={ (words) ": " (label) ", " (t(&series.name)) } { (words) } }
                                    None => (words)
                                }
                            }
                        }
                    }
                }
            }
        },
    )
}

/// One line for each part.
pub(super) fn parts(title: &str, slices: &[Slice], unit: Unit) -> Markup {
    folded(
        title,
        &html! {
            tbody { @for slice in slices { tr { th scope="row" { (slice.name) } td.amount { (unit.words(slice.value)) } } } }
        },
    )
}

fn folded(title: &str, rows: &Markup) -> Markup {
    html! {
        details.twin {
            summary { "Show as table" span.sr { ": " (t(title)) } }
            div.table-box tabindex="0" role="region" aria-label=(tf("Table: {title}", &[("title", &t(title))])) { table.table { caption.sr { (t(title)) } (rows) } }
        }
    }
}
