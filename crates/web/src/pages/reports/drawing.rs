//! A report drawn and tabled: the table says all, the drawing its first measure.

use jiff::tz::TimeZone;
use mainstay_desk::reports::{self, Cell, Chart as Drawn, Measure, Report};
use mainstay_engine::process::Process;
use maud::{Markup, html};

use super::asked::Asked;
use super::words::{figure, unit, value};
use crate::chart::{Bar, Chart, Series, Unit, bars, horizontal_bars, lines};
use crate::components::{Column, Row, data_table};

/// With more letters than this along the bottom, bars lie.
const MOST_LETTERS: usize = 84;
/// Longer drawings say less than the table.
const MOST_BARS: usize = 25;
/// Series that can be told apart.
const MOST_SERIES: usize = 6;

/// A report, and how it was asked for.
pub struct Shown<'a> {
    pub process: &'static Process,
    pub report: &'a Report,
    pub asked: &'a Asked,
    pub zone: &'a TimeZone,
}

impl Shown<'_> {
    /// The drawing; nothing where only the table says it.
    pub fn chart(&self) -> Markup {
        let report = self.report;
        let Some((unit, columns)) = self.drawn() else { return Markup::default() };
        if report.rows.is_empty() {
            return Markup::default();
        }
        match report.chart {
            Drawn::None => Markup::default(),
            Drawn::Lines => lines(&self.series(unit, &columns)),
            Drawn::Bars if columns.len() > 1 && self.fits_upright() => bars(&self.series(unit, &columns)),
            Drawn::Bars => self.lying(unit, columns[0]),
        }
    }

    /// Which columns are drawn: shares where there are any, as they can be compared; else those measured like the
    /// first.
    fn drawn(&self) -> Option<(Unit, Vec<usize>)> {
        let columns = self.report.columns;
        let share = columns.iter().find(|column| matches!(column.measure, Measure::Share { .. }));
        let unit_of = |column: &reports::Column| unit(column.measure);
        let wanted = share.or_else(|| columns.iter().find(|column| unit_of(column).is_some())).and_then(unit_of)?;
        let alike = columns.iter().enumerate().filter(|(_, column)| unit_of(column) == Some(wanted));
        let mut drawn: Vec<usize> = Vec::new();
        for (index, _) in alike {
            // Adjusted figures say something only where they differ from the raw ones.
            if drawn.iter().all(|other| self.figures(*other) != self.figures(index)) {
                drawn.push(index);
            }
        }
        drawn.truncate(MOST_SERIES);
        Some((wanted, drawn))
    }

    fn figures(&self, column: usize) -> Vec<Option<f64>> {
        self.report.rows.iter().map(|row| row.cells.get(column).and_then(|cell| value(&cell.figure))).collect()
    }

    /// Whether the names of the rows have room side by side.
    fn fits_upright(&self) -> bool {
        let longest = self.report.rows.iter().map(|row| row.label.chars().count()).max().unwrap_or_default();
        longest * self.report.rows.len() <= MOST_LETTERS
    }

    fn series(&self, unit: Unit, columns: &[usize]) -> Chart<'_> {
        let report = self.report;
        let of = |index: &usize| Series { name: report.columns[*index].label.into(), values: self.figures(*index) };
        Chart {
            id: report.key.into(),
            title: report.title.into(),
            note: format!("By {}", report.group_label.to_lowercase()).into(),
            labels: report.rows.iter().map(|row| row.label.as_str().into()).collect(),
            series: columns.iter().map(of).collect(),
            unit,
        }
    }

    fn lying(&self, unit: Unit, column: usize) -> Markup {
        let report = self.report;
        let bar = |row: &'_ reports::Row| {
            let cell = row.cells.get(column)?;
            Some(Bar {
                name: row.label.clone().into(),
                value: value(&cell.figure)?,
                href: self.href(&row.key, column, cell).map(Into::into),
            })
        };
        let all: Vec<Bar> = report.rows.iter().filter_map(bar).take(MOST_BARS).collect();
        let drawn = &report.columns[column];
        // Shares are called alike in every report that has one.
        let what = if matches!(drawn.measure, Measure::Share { .. }) { report.title } else { drawn.label };
        let title = format!("{what} by {}", report.group_label.to_lowercase());
        horizontal_bars(report.key, &title, &all, unit)
    }

    /// The list that holds exactly the records of a figure.
    fn href(&self, row: &str, column: usize, cell: &Cell) -> Option<String> {
        let column = self.report.columns.get(column)?;
        (!cell.records.is_empty()).then(|| self.asked.behind(self.process, self.report.key, row, column.key))
    }

    /// Every figure, each a link to its records.
    pub fn table(&self) -> Markup {
        let report = self.report;
        let mut columns = vec![Column { label: report.group_label.as_str().into(), ..Column::default() }];
        columns.extend(report.columns.iter().map(|column| Column {
            label: column.label.into(),
            amount: unit(column.measure).is_some(),
            ..Column::default()
        }));
        let rows = report.rows.iter().chain(&report.total);
        let rows: Vec<Row> = rows.map(|row| self.row(row)).collect();
        data_table(report.title, &columns, &rows)
    }

    fn row(&self, row: &reports::Row) -> Row<'static> {
        let name = if self.report.chart == Drawn::None && self.report.total.is_none() {
            html! { a.link href={ "/" (self.process.plural) "/" (row.label) } { bdi { (row.label) } } }
        } else if row.key == reports::TOTAL {
            html! { b { (row.label) } }
        } else {
            html! { bdi { (row.label) } }
        };
        let cells = row.cells.iter().enumerate().map(|(index, cell)| {
            let words = figure(&cell.figure, self.zone);
            html! {
                @match self.href(&row.key, index, cell) {
                    Some(href) => { a.link href=(href) { (words) span.sr { ": " (row.label) ", " (self.report.columns[index].label) } } }
                    None => { span dir="auto" { (words) } }
                }
            }
        });
        Row { cells: std::iter::once(name).chain(cells).collect(), ..Row::default() }
    }

    /// What each column means.
    pub fn meanings(&self) -> Markup {
        html! {
            details.twin {
                summary { "What the figures mean" }
                p { (self.report.definition) }
                dl.admin-changes { @for column in self.report.columns { dt { (column.label) } dd { (column.means) } } }
                p.quiet { "Derived from: " (self.report.derives_from) }
            }
        }
    }
}
