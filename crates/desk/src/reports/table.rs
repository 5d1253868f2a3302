//! The shape of a report: columns, rows, figures, and the records behind each figure.

/// How a column's figures come about and what they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// How many records.
    Count,
    /// The records of the column `part` as a share of those of the columns `whole`.
    Share { part: usize, whole: &'static [usize] },
    /// The mean of lengths of time.
    MeanTime,
    /// The mean of numbers.
    Mean,
    /// The sum of numbers.
    Sum,
    /// How many records the column of this place had in the period before.
    Before(usize),
    /// How many more or fewer the column `now` has than the column `before`.
    Change { now: usize, before: usize },
    /// Words, one line of a list each.
    Words,
    /// An instant of a list.
    At,
    /// A length of time of a list.
    Time,
}

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    pub key: &'static str,
    pub label: &'static str,
    /// What the number means, in a sentence.
    pub means: &'static str,
    pub measure: Measure,
    /// Belongs to the column before it: a page shows it below that one's figure.
    pub below: bool,
}

impl Column {
    /// The same, below the column before it on a page.
    #[must_use]
    pub const fn below(mut self) -> Self {
        self.below = true;
        self
    }
}

pub(super) const fn column(key: &'static str, label: &'static str, measure: Measure, means: &'static str) -> Column {
    Column { key, label, means, measure, below: false }
}

/// One number, instant or text of a report. Instants are epoch milliseconds UTC, times milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Figure {
    /// Nothing to measure.
    None,
    Count(i64),
    Share {
        part: i64,
        whole: i64,
    },
    Time(i64),
    Mean {
        sum: i64,
        of: i64,
    },
    Text(String),
    /// So many more than before, or fewer where it is below nothing.
    Change(i64),
    At(i64),
}

impl Figure {
    /// A change in words; no sign of arithmetic at the beginning, which a spreadsheet would take for a formula.
    #[must_use]
    pub fn changed(by: i64) -> String {
        match by {
            0 => "The same".to_owned(),
            more @ 1.. => format!("{more} more"),
            fewer => format!("{} fewer", -fewer),
        }
    }

    /// Hundredths of a per cent, rounded to the nearest; none of anything but a share.
    #[must_use]
    pub fn permyriad(&self) -> Option<i64> {
        match self {
            Self::Share { part, whole } if *whole > 0 => Some((part * 10_000 + whole / 2) / whole),
            _ => None,
        }
    }

    /// Hundredths of a mean, rounded to the nearest; none of anything but a mean.
    #[must_use]
    pub fn hundredths(&self) -> Option<i64> {
        match self {
            Self::Mean { sum, of } if *of > 0 => Some((sum * 100 + of / 2).div_euclid(*of)),
            _ => None,
        }
    }
}

/// A figure and the records that it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    pub figure: Figure,
    /// There are records behind it.
    pub leads: bool,
    /// Their ids, where they were asked for.
    pub(super) records: Vec<i64>,
}

impl Cell {
    /// A figure with the ids of the records that it counts.
    #[must_use]
    pub fn new(figure: Figure, records: Vec<i64>) -> Self {
        Self { figure, leads: !records.is_empty(), records }
    }

    pub(super) fn plain(figure: Figure) -> Self {
        Self::new(figure, Vec::new())
    }
}

/// One group, or one line of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What the group has in common, as text: an id, a key of a choice, a month such as `2025-06`; empty for records
    /// without a value.
    pub key: String,
    pub label: String,
    /// One for each column.
    pub cells: Vec<Cell>,
}

/// How a report is best drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chart {
    /// A bar for each row.
    Bars,
    /// A line over months.
    Lines,
    /// Only a table says it.
    None,
}

/// A report as it came out.
#[derive(Clone, Debug)]
pub struct Report {
    pub key: &'static str,
    pub title: &'static str,
    /// What its figures mean.
    pub definition: &'static str,
    /// The facts that it follows from.
    pub derives_from: &'static str,
    /// From this instant, in epoch milliseconds UTC, …
    pub from: i64,
    /// … to before this one.
    pub to: i64,
    /// IANA name of the zone in which months begin.
    pub zone: String,
    /// Key of the field that rows stand for, `month`, or empty.
    pub group_by: String,
    pub group_label: String,
    pub columns: &'static [Column],
    pub rows: Vec<Row>,
    /// All rows together; none of a list, nor of what was there at the ends of months.
    pub total: Option<Row>,
    /// The list ends before all is told.
    pub more: bool,
    /// Where it goes on then, where it can.
    pub next: Option<String>,
    pub chart: Chart,
    /// The period that it is held against, from an instant to before another, where it is.
    pub against: Option<(i64, i64)>,
    /// It was counted from what this node keeps in memory.
    pub kept: bool,
}

impl Report {
    /// The cell of a row (`total` for all together) and a column, with both.
    #[must_use]
    pub fn place(&self, row: &str, column: &str) -> Option<(&Row, &'static Column, &Cell)> {
        let at = self.columns.iter().position(|c| c.key == column)?;
        let total = self.total.as_ref().filter(|total| total.key == row);
        let row = total.or_else(|| self.rows.iter().find(|r| r.key == row))?;
        Some((row, &self.columns[at], row.cells.get(at)?))
    }
}

/// The key of the row of all together. No id, choice or month is called so.
pub const TOTAL: &str = "total";

#[cfg(test)]
mod tests {
    use super::Figure;

    #[test]
    fn slm_14_v14_shares_are_rounded_to_two_decimals() {
        assert_eq!(Figure::Share { part: 90, whole: 98 }.permyriad(), Some(9184));
        assert_eq!(Figure::Share { part: 2, whole: 3 }.permyriad(), Some(6667));
        assert_eq!(Figure::Share { part: 0, whole: 0 }.permyriad(), None);
        assert_eq!(Figure::Mean { sum: 5, of: 4 }.hundredths(), Some(125));
    }
}
