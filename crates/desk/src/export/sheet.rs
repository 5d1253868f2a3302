//! Rows of cells as a file: CSV that no spreadsheet takes for formulas, JSON, an Excel workbook.

use crate::error::{Error, Result};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook};
use serde_json::{Map, Number, Value as Json};
use std::io::Write;

/// The kind of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// RFC 4180, UTF-8; text that a spreadsheet would take for a formula begins with an apostrophe.
    Csv,
    /// One array of objects.
    Json,
    /// Excel; text is text, whatever it begins with.
    Xlsx,
}

impl Format {
    pub const ALL: [Self; 3] = [Self::Csv, Self::Json, Self::Xlsx];

    /// Its name in addresses, and the ending of its files.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Xlsx => "xlsx",
        }
    }

    /// The format of a name.
    #[must_use]
    pub fn named(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.key() == key)
    }

    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json => "application/json",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}

/// One cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Datum {
    Empty,
    Text(String),
    Whole(i64),
    Decimal(f64),
    Flag(bool),
    /// JSON keeps the parts apart; elsewhere they stand in one cell with semicolons between.
    Parts(Vec<String>),
}

/// A column: its key for machines, its label for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub key: String,
    pub label: String,
}

/// Longest text of an Excel cell, in characters.
const LONGEST_CELL: usize = 32_767;

/// A file under construction.
pub struct Sheet<'w> {
    heads: Vec<Head>,
    body: Body<'w>,
}

enum Body<'w> {
    Csv(Box<csv::Writer<&'w mut dyn Write>>),
    Json { write: &'w mut dyn Write, empty: bool },
    Xlsx { write: &'w mut dyn Write, book: Box<Workbook>, row: u32 },
}

impl<'w> Sheet<'w> {
    /// Begins a file with its header. `now`, in epoch milliseconds UTC, is written into a workbook.
    ///
    /// # Errors
    /// What writing fails with.
    pub fn new(format: Format, heads: Vec<Head>, now: i64, write: &'w mut dyn Write) -> Result<Self> {
        let body = match format {
            Format::Csv => {
                Body::Csv(Box::new(csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(write)))
            }
            Format::Json => {
                write.write_all(b"[")?;
                Body::Json { write, empty: true }
            }
            Format::Xlsx => {
                let mut book = Box::new(Workbook::new());
                let made = ExcelDateTime::from_timestamp(now.div_euclid(1000)).map_err(unwritten)?;
                book.set_properties(&DocProperties::new().set_creation_datetime(&made));
                book.add_worksheet();
                Body::Xlsx { write, book, row: 0 }
            }
        };
        let mut sheet = Self { heads, body };
        sheet.header()?;
        Ok(sheet)
    }

    fn header(&mut self) -> Result<()> {
        let heads = &self.heads;
        let (keys, labels): (Vec<_>, Vec<_>) =
            heads.iter().map(|h| (Datum::Text(h.key.clone()), Datum::Text(h.label.clone()))).unzip();
        match &mut self.body {
            Body::Csv(_) => self.row(&keys),
            Body::Json { .. } => Ok(()),
            Body::Xlsx { .. } => self.row(&labels),
        }
    }

    /// Whether people read it rather than machines.
    #[must_use]
    pub fn is_for_people(&self) -> bool {
        matches!(self.body, Body::Xlsx { .. })
    }

    /// Adds a row, one cell for each column.
    ///
    /// # Errors
    /// What writing fails with.
    pub fn row(&mut self, cells: &[Datum]) -> Result<()> {
        match &mut self.body {
            Body::Csv(csv) => csv.write_record(cells.iter().map(Datum::in_csv)).map_err(unwritten),
            Body::Json { write, empty } => {
                let members: Map<String, Json> =
                    self.heads.iter().map(|h| h.key.clone()).zip(cells.iter().map(Datum::in_json)).collect();
                let comma = if std::mem::take(empty) { "" } else { "," };
                Ok(write!(write, "{comma}\n{}", Json::Object(members))?)
            }
            Body::Xlsx { book, row, .. } => {
                let sheet = book.worksheet_from_index(0).map_err(unwritten)?;
                for (column, cell) in (0u16..).zip(cells) {
                    cell.write_to(sheet, *row, column)?;
                }
                *row += 1;
                Ok(())
            }
        }
    }

    /// Ends the file.
    ///
    /// # Errors
    /// What writing fails with.
    pub fn end(self) -> Result<()> {
        match self.body {
            Body::Csv(mut csv) => Ok(csv.flush()?),
            Body::Json { write, .. } => Ok(write.write_all(b"\n]\n")?),
            Body::Xlsx { write, mut book, .. } => Ok(write.write_all(&book.save_to_buffer().map_err(unwritten)?)?),
        }
    }
}

impl Datum {
    fn in_csv(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => harmless(text),
            Self::Whole(number) => number.to_string(),
            Self::Decimal(number) => number.to_string(),
            Self::Flag(flag) => flag.to_string(),
            Self::Parts(parts) => harmless(&parts.join("; ")),
        }
    }

    fn in_json(&self) -> Json {
        match self {
            Self::Empty => Json::Null,
            Self::Text(text) => Json::from(text.as_str()),
            Self::Whole(number) => Json::from(*number),
            Self::Decimal(number) => Number::from_f64(*number).map_or(Json::Null, Json::Number),
            Self::Flag(flag) => Json::from(*flag),
            Self::Parts(parts) => Json::from(parts.clone()),
        }
    }

    fn write_to(&self, sheet: &mut rust_xlsxwriter::Worksheet, row: u32, column: u16) -> Result<()> {
        let short = |text: &str| text.chars().take(LONGEST_CELL).collect::<String>();
        let written = match self {
            Self::Empty => return Ok(()),
            Self::Text(text) => sheet.write_string(row, column, short(text)),
            // A workbook's numbers are floating point; what does not fit exactly stays text.
            Self::Whole(number) => match i32::try_from(*number) {
                Ok(small) => sheet.write_number(row, column, small),
                Err(_) => sheet.write_string(row, column, number.to_string()),
            },
            Self::Decimal(number) => sheet.write_number(row, column, *number),
            Self::Flag(flag) => sheet.write_boolean(row, column, *flag),
            Self::Parts(parts) => sheet.write_string(row, column, short(&parts.join("; "))),
        };
        written.map(|_| ()).map_err(unwritten)
    }
}

/// Text that a spreadsheet would calculate begins with an apostrophe. (S-29)
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { format!("'{text}") } else { text.to_owned() }
}

fn unwritten(why: impl std::fmt::Display) -> Error {
    Error::Io(format!("the file could not be written: {why}"))
}

impl From<std::io::Error> for Error {
    fn from(why: std::io::Error) -> Self {
        unwritten(why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn file(format: Format, rows: &[Vec<Datum>]) -> Vec<u8> {
        let head = |key: &str, label: &str| Head { key: key.into(), label: label.into() };
        let mut bytes = Vec::new();
        let mut sheet =
            Sheet::new(format, vec![head("title", "Title"), head("hops", "=Hops")], 1_750_000_000_000, &mut bytes)
                .expect("a sheet");
        for row in rows {
            sheet.row(row).expect("a row");
        }
        sheet.end().expect("an end");
        bytes
    }

    fn text(text: &str) -> Datum {
        Datum::Text(text.into())
    }

    #[test]
    fn s_29_text_is_never_a_formula_in_csv() {
        let evil = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"];
        let rows: Vec<Vec<Datum>> = evil.iter().map(|t| vec![text(t), Datum::Whole(-1)]).collect();
        let bytes = file(Format::Csv, &rows);
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        assert_eq!(reader.headers().expect("a header"), vec!["title", "hops"]);
        let read: Vec<csv::StringRecord> = reader.records().map(|r| r.expect("a row")).collect();
        for (row, evil) in read.iter().zip(evil) {
            assert_eq!(&row[0], format!("'{evil}"));
            assert_eq!(&row[1], "-1", "a number is no text");
        }
        assert_eq!(read.len(), evil.len());
    }

    #[test]
    fn csv_is_rfc_4180() {
        let bytes = file(
            Format::Csv,
            &[
                vec![text("a \"b\", c\nd"), Datum::Empty],
                vec![Datum::Parts(vec!["x".into(), "=y".into()]), Datum::Flag(true)],
            ],
        );
        let expected = "title,hops\r\n\"a \"\"b\"\", c\nd\",\r\nx; =y,true\r\n";
        assert_eq!(String::from_utf8(bytes).expect("UTF-8"), expected);
    }

    #[test]
    fn json_keeps_types_and_text() {
        let bytes = file(
            Format::Json,
            &[vec![text("=1+1"), Datum::Whole(7)], vec![Datum::Parts(vec!["a".into()]), Datum::Decimal(91.84)]],
        );
        let read: Json = serde_json::from_slice(&bytes).expect("JSON");
        assert_eq!(read, serde_json::json!([{ "title": "=1+1", "hops": 7 }, { "title": ["a"], "hops": 91.84 }]));
        assert_eq!(serde_json::from_slice::<Json>(&file(Format::Json, &[])).expect("JSON"), serde_json::json!([]));
    }

    #[test]
    fn s_29_text_is_a_string_cell_in_a_workbook() {
        let bytes = file(Format::Xlsx, &[vec![text("=1+1"), Datum::Whole(7)]]);
        let mut book = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a workbook is a zip file");
        let mut part = |name: &str| {
            let mut text = String::new();
            book.by_name(name).expect("a part").read_to_string(&mut text).expect("text");
            text
        };
        let (sheet, strings) = (part("xl/worksheets/sheet1.xml"), part("xl/sharedStrings.xml"));
        assert!(!sheet.contains("<f>"), "{sheet}");
        assert!(sheet.contains(r#"<c r="A2" t="s">"#), "{sheet}");
        assert!(strings.contains("=1+1") && strings.contains("=Hops"), "{strings}");
    }
}
