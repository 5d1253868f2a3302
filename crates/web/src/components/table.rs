//! Tables for lists that are read column by column, and the way through their pages.

use mainstay_markup::html;
use mainstay_words::t;
use maud::Markup;

use super::row::pick_box;
use super::{Text, icon_small};

/// A column and how it is ordered.
#[derive(Clone, Debug, Default)]
pub struct Column<'a> {
    /// Heading.
    pub label: Text<'a>,
    /// Where the list ordered by this column is; none where it cannot be.
    pub sort: Option<Text<'a>>,
    /// The order in force, if it is by this column.
    pub sorted: Option<Order>,
    /// Holds amounts, set at the end of the cell.
    pub amount: bool,
}

/// Which way a column is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// A line of a table.
#[derive(Clone, Debug, Default)]
pub struct Row<'a> {
    /// Unique on the page and the same on every rendering.
    pub id: Text<'a>,
    /// One cell for each column; the first names the line.
    pub cells: Vec<Markup>,
    /// Number of the record that the box of the line chooses; none where lines cannot be chosen.
    pub select: Option<Text<'a>>,
    /// Words and number of a heading that stands above the line.
    pub above: Option<(Text<'a>, Text<'a>)>,
}

/// With fewer columns than this a table fits on a phone.
const WIDE: usize = 3;

/// A table. Where a wide one has no room, each of its lines becomes a card with the headings before the values.
#[must_use]
pub fn data_table(caption: &str, columns: &[Column], rows: &[Row]) -> Markup {
    boxed(caption, (columns.len() >= WIDE).then_some("table-stacks"), columns, rows)
}

/// A table of marks that is read across as well as down: it scrolls, and the names of its lines stay in sight.
#[must_use]
pub fn matrix(caption: &str, columns: &[Column], rows: &[Row]) -> Markup {
    boxed(caption, Some("table-matrix"), columns, rows)
}

fn boxed(caption: &str, kind: Option<&str>, columns: &[Column], rows: &[Row]) -> Markup {
    let selects = rows.iter().any(|row| row.select.is_some());
    html! {
        div.table-box.(kind.unwrap_or_default()) tabindex="0" role="region" aria-label=(t(caption)) data-live-rows {
            table.table {
                caption.sr { (t(caption)) }
                thead { tr {
                    @if selects { td { span.sr { "Select" } } }
                    @for column in columns { (heading(column)) }
                } }
                tbody {
                    @for row in rows {
                        @if let Some((words, count)) = &row.above {
                            tr.table-group { th scope="rowgroup" colspan=(columns.len() + usize::from(selects)) { bdi { (words) } " " span.quiet.digits { (count) } } }
                        }
                        (line(row, columns, selects))
                    }
                }
            }
        }
    }
}

fn heading(column: &Column) -> Markup {
    let sorted = column.sorted.map(|order| match order {
        Order::Ascending => ("ascending", "arrow-up"),
        Order::Descending => ("descending", "arrow-down"),
    });
    html! {
        th.amount[column.amount] scope="col" aria-sort=[sorted.map(|(name, _)| name)] {
            @match &column.sort {
                Some(href) => { a href=(href) { (column.label) @if let Some((_, arrow)) = sorted { (icon_small(arrow)) } } }
                None => (column.label),
            }
        }
    }
}

fn line(row: &Row, columns: &[Column], selects: bool) -> Markup {
    html! {
        tr id=[(!row.id.is_empty()).then_some(&row.id)] {
            @if selects {
                td.table-pick { @if let Some(number) = &row.select { (pick_box(number)) } }
            }
            @for (index, cell) in row.cells.iter().enumerate() {
                @let column = columns.get(index);
                @let amount = column.is_some_and(|column| column.amount);
                @if index == 0 { th.amount[amount] scope="row" { (cell) } }
                @else { td.amount[amount] data-label=[column.map(|column| t(&column.label))] { (cell) } }
            }
        }
    }
}

/// The way to the neighbouring pages of a long list; a page knows its neighbours, not how many there are.
#[must_use]
pub fn pages(shown: &str, newer: Option<&str>, older: Option<&str>) -> Markup {
    html! {
        div.pages {
            span { (shown) }
            @if newer.is_some() || older.is_some() {
                nav aria-label="Pages" { (page_link(newer, "Newer", "prev")) (page_link(older, "Older", "next")) }
            }
        }
    }
}

fn page_link(href: Option<&str>, label: &str, rel: &str) -> Markup {
    html! {
        @match href {
            Some(href) => { a.btn.btn-s href=(href) rel=(rel) { (label) } }
            None => { span.btn.btn-s aria-disabled="true" { (label) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_cell_names_the_line_and_amounts_keep_to_the_end() {
        let columns = [
            Column { label: "Team".into(), ..Column::default() },
            Column { label: "Open".into(), amount: true, ..Column::default() },
        ];
        let row = Row { id: "t1".into(), cells: vec![html! { "Network" }, html! { "27" }], ..Row::default() };
        let text = data_table("Teams", &columns, &[row]).into_string();
        assert!(
            text.contains(r#"<th class="" scope="row">Network</th><td class="amount" data-label="Open">27</td>"#),
            "{text}"
        );
        assert!(!text.contains("Select"));
    }

    #[test]
    fn a_sorted_column_says_which_way() {
        let column =
            Column { label: "Due".into(), sort: Some("?s=due".into()), sorted: Some(Order::Descending), amount: false };
        let text = data_table("x", &[column], &[]).into_string();
        assert!(
            text.contains(r#"aria-sort="descending""#)
                && text.contains("#arrow-down")
                && text.contains(r#"href="?s=due""#),
            "{text}"
        );
    }

    #[test]
    fn there_is_no_link_to_a_page_that_is_not_there() {
        let text = pages("50 shown", None, Some("?after=9")).into_string();
        assert!(text.contains(r#"<span class="btn btn-s" aria-disabled="true">Newer</span>"#), "{text}");
        assert!(text.contains(r#"href="?after=9" rel="next">Older"#));
        assert!(!pages("3 shown", None, None).into_string().contains("nav"));
    }
}
