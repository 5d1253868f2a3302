//! Rows of a file: CSV with a heading, or one JSON object per line.

use super::cell::Fault;
use super::file::Mapping;
use crate::import::{ImportError, Result, SourceRow};
use serde_json::{Map, Value as Json};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

/// Longest line of JSON in bytes.
const LONGEST: u64 = 1 << 20;

/// How a file holds its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Csv,
    JsonLines,
}

impl Format {
    /// By the end of the name; a zip is taken by what is before `.zip`, CSV when that says nothing.
    #[must_use]
    pub fn of(path: &Path) -> Self {
        let zipped = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("zip"));
        let name = if zipped { Path::new(path.file_stem().unwrap_or_default()) } else { path };
        match name.extension().and_then(|e| e.to_str()).map(str::to_lowercase).as_deref() {
            Some("jsonl" | "ndjson") => Self::JsonLines,
            _ => Self::Csv,
        }
    }
}

/// One row, by the names of its columns.
pub enum Row {
    Csv { columns: Arc<HashMap<String, usize>>, cells: Vec<String> },
    Json(Map<String, Json>),
}

impl Row {
    /// What stands in a column; none when it is not there.
    pub fn get(&self, column: &str) -> Option<Json> {
        match self {
            Self::Csv { columns, cells } => cells.get(*columns.get(column)?).map(|cell| Json::String(cell.clone())),
            Self::Json(map) => map.get(column).or_else(|| nested(map, column)).cloned(),
        }
    }
}

fn nested<'j>(map: &'j Map<String, Json>, path: &str) -> Option<&'j Json> {
    let (first, rest) = path.split_once('.')?;
    let inner = map.get(first)?.as_object()?;
    inner.get(rest).or_else(|| nested(inner, rest))
}

enum Source<'r> {
    Csv { reader: Box<csv::Reader<&'r mut dyn Read>>, columns: Arc<HashMap<String, usize>>, width: usize },
    Json { reader: BufReader<&'r mut dyn Read>, line: u64 },
}

/// The rows of a file, one at a time.
pub struct Rows<'r> {
    source: Source<'r>,
    heading: Arc<[String]>,
}

/// A row as it stood, and what could be read of it.
pub type Next = (SourceRow, std::result::Result<Row, Fault>);

impl<'r> Rows<'r> {
    /// Begins; a CSV file begins with its heading.
    ///
    /// # Errors
    /// A heading that cannot be read.
    pub fn new(reader: &'r mut dyn Read, format: Format, mapping: &Mapping) -> Result<Self> {
        if format == Format::JsonLines {
            let source = Source::Json { reader: BufReader::new(reader), line: 0 };
            return Ok(Self { source, heading: Arc::from(["row".to_owned()]) });
        }
        let delimiter = u8::try_from(mapping.delimiter)
            .map_err(|_| ImportError::Mapping(vec!["The delimiter must be one ASCII character.".into()]))?;
        let mut reader = csv::ReaderBuilder::new().flexible(true).delimiter(delimiter).from_reader(reader);
        let headers = reader.headers().map_err(|why| ImportError::Input(why.to_string()))?;
        let heading: Arc<[String]> =
            headers.iter().map(|name| name.trim_start_matches('\u{feff}').trim().to_owned()).collect();
        let columns = Arc::new(places(&heading));
        Ok(Self { source: Source::Csv { reader: Box::new(reader), columns, width: heading.len() }, heading })
    }

    /// The heading; of JSON lines a single column with the line as it stood.
    pub fn columns(&self) -> Arc<[String]> {
        Arc::clone(&self.heading)
    }

    /// Whether the heading has a column; JSON lines have none and may hold any.
    pub fn has(&self, column: &str) -> bool {
        match &self.source {
            Source::Csv { columns, .. } => columns.contains_key(column),
            Source::Json { .. } => true,
        }
    }

    /// The next row; none at the end.
    pub fn next(&mut self) -> Option<Result<Next>> {
        let next = match &mut self.source {
            Source::Csv { reader, columns, width } => next_csv(reader, columns, *width),
            Source::Json { reader, line } => next_json(reader, line),
        };
        next.transpose()
    }
}

/// A name that stands twice is told apart by its number: `category`, `category.2`.
fn places(heading: &[String]) -> HashMap<String, usize> {
    let mut places = HashMap::new();
    for (index, name) in heading.iter().enumerate() {
        let mut own = name.clone();
        let mut n = 2;
        while places.contains_key(&own) {
            own = format!("{name}.{n}");
            n += 1;
        }
        places.insert(own, index);
    }
    places
}

fn next_csv(
    reader: &mut csv::Reader<&mut dyn Read>,
    columns: &Arc<HashMap<String, usize>>,
    width: usize,
) -> Result<Option<Next>> {
    let mut record = csv::ByteRecord::new();
    if !reader.read_byte_record(&mut record).map_err(|why| ImportError::Input(why.to_string()))? {
        return Ok(None);
    }
    let line = record.position().map_or(0, csv::Position::line);
    let readable = record.iter().all(|cell| std::str::from_utf8(cell).is_ok());
    let cells: Vec<String> = record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect();
    let row = if !readable {
        Err(Fault::new("not_utf8", "The row is not UTF-8 text."))
    } else if cells.len() != width {
        Err(Fault::new("cells", format!("The row has {} cells and the heading {width}.", cells.len())))
    } else {
        Ok(Row::Csv { columns: Arc::clone(columns), cells: cells.clone() })
    };
    Ok(Some((SourceRow { line, cells }, row)))
}

fn next_json(reader: &mut BufReader<&mut dyn Read>, line: &mut u64) -> Result<Option<Next>> {
    loop {
        let mut bytes = Vec::new();
        let read = reader
            .by_ref()
            .take(LONGEST)
            .read_until(b'\n', &mut bytes)
            .map_err(|why| ImportError::Input(why.to_string()))?;
        if read == 0 {
            return Ok(None);
        }
        *line += 1;
        if read as u64 == LONGEST && bytes.last() != Some(&b'\n') {
            return Err(ImportError::Input(format!("line {line} is longer than {LONGEST} bytes")));
        }
        let text = String::from_utf8_lossy(&bytes).trim().to_owned();
        if text.is_empty() {
            continue;
        }
        let row = match serde_json::from_slice(&bytes) {
            Ok(Json::Object(map)) => Ok(Row::Json(map)),
            Ok(_) => Err(Fault::new("not_an_object", "The line holds no JSON object.")),
            Err(why) => Err(Fault::new("not_json", format!("The line is no JSON: {why}."))),
        };
        return Ok(Some((SourceRow { line: *line, cells: vec![text] }, row)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, format: Format) -> Vec<Next> {
        let mapping = Mapping::parse("into = \"people\"\norigin = \"x\"\nkey = \"a\"\n[fields]\n").expect("a mapping");
        let mut bytes = text.as_bytes();
        let mut rows = Rows::new(&mut bytes, format, &mapping).expect("a heading");
        std::iter::from_fn(|| rows.next()).map(|next| next.expect("readable")).collect()
    }

    #[test]
    fn csv_rows_keep_their_line_and_odd_ones_are_told() {
        let rows = read("\u{feff}a,b,b\n1,\"two\nlines\",3\n4,5\n6,7,8\n", Format::Csv);
        let first = rows[0].1.as_ref().expect("a row");
        assert_eq!(first.get("a"), Some("1".into()));
        assert_eq!((first.get("b"), first.get("b.2")), (Some("two\nlines".into()), Some("3".into())));
        assert_eq!(rows[1].1.as_ref().err().map(|f| f.code), Some("cells"));
        assert_eq!(rows.iter().map(|(source, _)| source.line).collect::<Vec<_>>(), [2, 4, 5]);
    }

    #[test]
    fn json_lines_reach_into_objects() {
        let rows = read("{\"a\": 1, \"who\": {\"email\": \"x@y\"}, \"d.e\": true}\n\n[1]\n{", Format::JsonLines);
        let first = rows[0].1.as_ref().expect("a row");
        assert_eq!(first.get("who.email"), Some("x@y".into()));
        assert_eq!(first.get("d.e"), Some(true.into()));
        assert_eq!(first.get("a"), Some(1.into()));
        let codes: Vec<_> =
            rows[1..].iter().map(|(source, row)| (source.line, row.as_ref().err().map(|f| f.code))).collect();
        assert_eq!(codes, [(3, Some("not_an_object")), (4, Some("not_json"))]);
    }
}
