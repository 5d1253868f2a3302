//! A report drawn and tabled: the table says all, the drawing its first measure.

use std::borrow::Cow;
use std::fmt::Display;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use mainstay_desk::reports::{self, Cell, Chart as Drawn, Figure, Measure, Report};
use mainstay_engine::process::Process;
use mainstay_engine::spine;
use mainstay_markup::html;
use mainstay_words::{dated, inside, t, tf};
use maud::Markup;

use super::asked::Asked;
use super::words::{figure, unit, value};
use crate::chart::{Bar, Chart, Series, Unit, bars, horizontal_bars, lines};
use crate::components::{Column, Row, data_table, icon_small};
use crate::shown::priority_word;

/// With more letters than this along the bottom, bars lie.
const MOST_LETTERS: usize = 84;
/// Longer drawings say less than the table.
pub const MOST_BARS: usize = 25;
/// Series that can be told apart.
const MOST_SERIES: usize = 6;

/// A report, and how it was asked for.
pub struct Shown<'a> {
    pub process: &'static Process,
    pub report: &'a Report,
    pub asked: &'a Asked,
    pub zone: &'a TimeZone,
    /// What the addresses of its records begin with.
    pub home: &'a str,
}

impl Shown<'_> {
    /// The drawing, with at most so many lying bars; nothing where only the table says it.
    pub fn chart(&self, most: usize) -> Markup {
        let report = self.report;
        let Some((unit, columns)) = self.drawn() else { return Markup::default() };
        if report.rows.is_empty() {
            return Markup::default();
        }
        match report.chart {
            Drawn::None => Markup::default(),
            Drawn::Lines => lines(&self.series(unit, &columns)),
            Drawn::Bars if columns.len() > 1 && self.fits_upright() => bars(&self.series(unit, &columns)),
            Drawn::Bars => self.lying(unit, columns[0], most),
        }
    }

    /// Which columns are drawn: shares where there are any, as they can be compared; else the mean that sums the rest
    /// up; else times where there are no fewer of them than of what they are means of; else those measured like the
    /// first. Beside what is held against the period before stands what there was then.
    fn drawn(&self) -> Option<(Unit, Vec<usize>)> {
        let columns = self.report.columns;
        let before = columns.iter().enumerate().find_map(|(at, column)| match column.measure {
            Measure::Before(of) => Some(vec![of, at]),
            _ => None,
        });
        if let Some(pair) = before {
            let counts = |(at, column): (usize, &reports::Column)| (column.measure == Measure::Count).then_some(at);
            // A line over months shows each month and the one before it.
            let by_month = || columns.iter().enumerate().filter_map(counts).collect();
            return Some((Unit::Count, if self.report.chart == Drawn::Lines { by_month() } else { pair }));
        }
        let mean = columns.iter().position(|column| column.measure == Measure::Mean);
        if let Some(mean) = mean.filter(|mean| self.figures(*mean).iter().any(Option::is_some)) {
            return Some((Unit::Count, vec![mean]));
        }
        let share = columns.iter().find(|column| matches!(column.measure, Measure::Share { .. }));
        let unit_of = |column: &reports::Column| unit(column.measure);
        let measured = |wanted: Unit| columns.iter().filter(|column| unit_of(column) == Some(wanted)).count();
        let first = || match measured(Unit::Duration) {
            times if times > 0 && times >= measured(Unit::Count) => Some(Unit::Duration),
            _ => columns.iter().find_map(unit_of),
        };
        let wanted = share.and_then(unit_of).or_else(first)?;
        let alike = columns.iter().enumerate().filter(|(_, column)| unit_of(column) == Some(wanted));
        let mut drawn: Vec<usize> = Vec::new();
        for (index, _) in alike {
            // Adjusted figures say something only where they differ from the raw ones; none say nothing.
            let empty = self.figures(index).iter().all(Option::is_none);
            if !empty && drawn.iter().all(|other| self.figures(*other) != self.figures(index)) {
                drawn.push(index);
            }
        }
        drawn.truncate(MOST_SERIES);
        (!drawn.is_empty()).then_some((wanted, drawn))
    }

    fn figures(&self, column: usize) -> Vec<Option<f64>> {
        self.report.rows.iter().map(|row| row.cells.get(column).and_then(|cell| value(&cell.figure))).collect()
    }

    /// Whether the names of the rows have room side by side.
    fn fits_upright(&self) -> bool {
        let longest = self.report.rows.iter().map(|row| self.name(row).chars().count()).max().unwrap_or_default();
        longest * self.report.rows.len() <= MOST_LETTERS
    }

    fn series(&self, unit: Unit, columns: &[usize]) -> Chart<'_> {
        let report = self.report;
        let of = |index: &usize| Series {
            name: t(report.columns[*index].label).into(),
            values: self.figures(*index),
            hrefs: report.rows.iter().map(|row| self.href(&row.key, *index, row.cells.get(*index)?)).collect(),
        };
        let group = inside(&report.group_label);
        let note = match columns {
            [only] => tf("{what} by {group}", &[("what", &t(report.columns[*only].label)), ("group", &group)]),
            _ => tf("By {group}", &[("group", &group)]),
        };
        Chart {
            id: self.id().into(),
            title: report.title.into(),
            note: note.into(),
            labels: report.rows.iter().map(|row| self.name(row)).collect(),
            series: columns.iter().map(of).collect(),
            unit,
        }
    }

    fn lying(&self, unit: Unit, column: usize, most: usize) -> Markup {
        let report = self.report;
        let bar = |row: &'_ reports::Row| {
            let cell = row.cells.get(column)?;
            Some(Bar {
                name: self.name(row).into_owned().into(),
                value: value(&cell.figure)?,
                href: self.href(&row.key, column, cell).map(Into::into),
            })
        };
        let mut all: Vec<Bar> = report.rows.iter().filter_map(bar).collect();
        let drawn = &report.columns[column];
        // Of many, those that matter: the lowest shares, else the largest.
        let note = if all.len() > most {
            let share = matches!(drawn.measure, Measure::Share { .. });
            let of_all: [(&str, &dyn Display); 2] = [("count", &most), ("all", &all.len())];
            let note = if share {
                tf("The {count} lowest of {all}", &of_all)
            } else {
                tf("The {count} largest of {all}", &of_all)
            };
            all.sort_by(|a, b| if share { a.value.total_cmp(&b.value) } else { b.value.total_cmp(&a.value) });
            all.truncate(most);
            note
        } else {
            String::new()
        };
        // Shares and means are called alike in every report that has one.
        let what = match drawn.measure {
            Measure::Share { .. } => report.title.to_owned(),
            Measure::Mean => format!("{}, {}", t(report.title), inside(drawn.label)),
            _ => t(drawn.label).to_owned(),
        };
        let title = tf("{what} by {group}", &[("what", &what), ("group", &inside(&report.group_label))]);
        horizontal_bars(&self.id(), &title, &note, &all, unit)
    }

    /// Told apart from the same report of another process on one page.
    fn id(&self) -> String {
        format!("{}-{}", self.process.plural, self.report.key)
    }

    fn name<'r>(&self, row: &'r reports::Row) -> Cow<'r, str> {
        row_name(&self.report.group_by, &row.label)
    }

    /// The list that holds exactly the records of a figure.
    fn href(&self, row: &str, column: usize, cell: &Cell) -> Option<String> {
        let column = self.report.columns.get(column)?;
        cell.leads.then(|| self.asked.behind(self.process, self.report.key, row, column.key))
    }

    /// Every figure, each a link to its records.
    pub fn table(&self) -> Markup {
        let report = self.report;
        let (first, rest) = match (self.is_list(), report.columns) {
            (true, [number, rest @ ..]) => (number.label, rest),
            (_, all) => (report.group_label.as_str(), all),
        };
        let mut columns = vec![Column { label: first.into(), ..Column::default() }];
        columns.extend(rest.iter().filter(|column| !column.below).map(|column| Column {
            label: column.label.into(),
            amount: unit(column.measure).is_some(),
            ..Column::default()
        }));
        let rows = report.rows.iter().chain(&report.total);
        let rows: Vec<Row> = rows.map(|row| self.row(row)).collect();
        data_table(report.title, &columns, &rows)
    }

    /// Whether the lines are records instead of sums; then the first column repeats their names.
    fn is_list(&self) -> bool {
        let named = |row: &reports::Row| {
            row.cells.first().is_some_and(|cell| matches!(&cell.figure, Figure::Text(text) if *text == row.label))
        };
        self.report.chart == Drawn::None && self.report.total.is_none() && self.report.rows.iter().all(named)
    }

    fn row(&self, row: &reports::Row) -> Row<'static> {
        let name = if self.is_list() {
            html! { a.link.nowrap href={ (self.home) "/" (row.label) } { bdi { (row.label) } } }
        } else if row.key == reports::TOTAL {
            html! { b { (row.label) } }
        } else {
            html! { bdi { (self.name(row)) } }
        };
        let mut cells = vec![name];
        for (index, cell) in row.cells.iter().enumerate().skip(usize::from(self.is_list())) {
            let shown = self.cell(row, index, cell);
            match cells.last_mut().filter(|_| self.report.columns[index].below) {
                None => cells.push(shown),
                Some(_) if cell.figure == Figure::None => {}
                Some(above) => {
                    // What the line itself is called needs no heading; anything else does.
                    let heading = self.report.columns[index].label;
                    *above = html! { (above) span.quiet.under { @if index > 1 || !self.is_list() { (t(heading)) ": " } (shown) } };
                }
            }
        }
        Row { cells, ..Row::default() }
    }

    fn cell(&self, row: &reports::Row, index: usize, cell: &Cell) -> Markup {
        let mut words = figure(&cell.figure, self.zone);
        if self.report.columns[index].key == spine::PRIORITY.def.key {
            words = priority_name(&words).into_owned();
        }
        html! {
            @match (self.href(&row.key, index, cell), &cell.figure) {
                (Some(href), _) => { a.link href=(href) { (words) span.sr { ": " (self.name(row)) ", " (self.report.columns[index].label) } } }
                (None, Figure::Change(by)) => { span.line.nowrap { @if *by != 0 { (icon_small(if *by > 0 { "arrow-up" } else { "arrow-down" })) } span { (words) } } }
                (None, _) => { span.nowrap[self.report.columns[index].key == spine::PRIORITY.def.key] dir="auto" { (words) } }
            }
        }
    }

    /// What each column means.
    pub fn meanings(&self) -> Markup {
        html! {
            details.twin {
                summary { "What the figures mean" }
                p { (t(self.report.definition)) }
                dl.admin-changes { @for column in self.report.columns { dt { (column.label) } dd { (column.means) } } }
                p.quiet { "Derived from:" " " (t(self.report.derives_from)) }
            }
        }
    }
}

/// The name of a row for people: a month is written out, a priority named.
pub fn row_name<'r>(group_by: &str, label: &'r str) -> Cow<'r, str> {
    if group_by == spine::PRIORITY.def.key {
        return priority_name(label);
    }
    if group_by == "month" {
        return month_name(label).map_or(Cow::Borrowed(label), Cow::Owned);
    }
    match label.rsplit_once(", ").and_then(|(name, month)| Some((name, month_name(month)?))) {
        Some((name, month)) => format!("{}, {month}", t(name)).into(),
        None => Cow::Borrowed(t(label)),
    }
}

/// A month such as 2026-10 written out.
fn month_name(month: &str) -> Option<String> {
    format!("{month}-01").parse::<Date>().ok().map(|day| dated(day, "%b %Y"))
}

/// A priority with its word; a text that is none stays as it is.
fn priority_name(level: &str) -> Cow<'_, str> {
    level.parse().map_or(Cow::Borrowed(level), |level| format!("P{level} {}", t(priority_word(level))).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use mainstay_desk::reports::{Column as Measured, Row};

    const COLUMNS: &[Measured] = &[
        Measured { key: "resolved", label: "Resolved", measure: Measure::Count, means: "", below: false },
        Measured { key: "mean", label: "Mean", measure: Measure::Mean, means: "", below: false },
    ];

    fn report(group: (&str, &str), row: &str, chart: Drawn, mean: Figure) -> Report {
        let cell = |figure| Cell::new(figure, Vec::new());
        let cells = vec![cell(Figure::Count(40)), cell(mean)];
        Report {
            key: "hops",
            title: "Reassignments",
            definition: "",
            derives_from: "",
            from: 0,
            to: 1,
            zone: "UTC".to_owned(),
            group_by: group.0.to_owned(),
            group_label: group.1.to_owned(),
            columns: COLUMNS,
            rows: vec![Row { key: row.to_owned(), label: row.to_owned(), cells }],
            total: None,
            more: false,
            next: None,
            chart,
            against: None,
            kept: false,
        }
    }

    fn drawn(report: &Report) -> String {
        let (process, asked) = (mainstay_processes::ALL[0], Asked::default());
        let shown = Shown { process, report, asked: &asked, zone: &TimeZone::UTC, home: "/incidents" };
        shown.chart(MOST_BARS).into_string()
    }

    #[test]
    fn a_mean_is_drawn_instead_of_what_it_is_a_mean_of() {
        let half = Figure::Mean { sum: 20, of: 40 };
        let by_team = drawn(&report(("team", "Team"), "Network", Drawn::Bars, half.clone()));
        assert!(by_team.contains("Reassignments, mean by team") && by_team.contains(">0.5<"), "{by_team}");
        assert!(!by_team.contains("Resolved"), "{by_team}");
        let by_month = drawn(&report(("month", "Month"), "2016-03", Drawn::Lines, half));
        assert!(by_month.contains("Mean by month") && !by_month.contains("Resolved"), "{by_month}");
        let without = drawn(&report(("team", "Team"), "Network", Drawn::Bars, Figure::None));
        assert!(without.contains("Resolved by team"), "{without}");
    }

    #[test]
    fn times_are_drawn_where_they_are_what_a_report_is_about() {
        const TIMES: &[Measured] = &[
            Measured { key: "resolved", label: "Resolved", measure: Measure::Count, means: "", below: false },
            Measured {
                key: "time",
                label: "Mean time to resolve",
                measure: Measure::MeanTime,
                means: "",
                below: false,
            },
        ];
        let hour =
            Report { columns: TIMES, ..report(("team", "Team"), "Network", Drawn::Bars, Figure::Time(3_600_000)) };
        let text = drawn(&hour);
        assert!(text.contains("Mean time to resolve by team") && text.contains(">1h<"), "{text}");
    }

    #[test]
    fn months_are_written_out() {
        let text = drawn(&report(("month", "Month"), "2016-03", Drawn::Lines, Figure::None));
        assert!(text.contains("Mar 2016") && !text.contains("2016-03"), "{text}");
        let team = drawn(&report(("team", "Team"), "2016-03", Drawn::Bars, Figure::None));
        assert!(team.contains("2016-03"), "a team may be called so: {team}");
        assert_eq!(row_name("team_month", "Network, 2016-03"), "Network, Mar 2016");
        assert_eq!(row_name("team", "Network, north"), "Network, north");
    }
}
