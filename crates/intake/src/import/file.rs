//! Files: plain or inside a zip, and the one beside them for what was rejected.

use super::{ImportError, Rejected, Result};
use std::ffi::OsString;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

const BUFFER: usize = 1 << 16;

/// Reads a text file, or the one text file inside a zip, from its beginning.
///
/// # Errors
/// The file cannot be read; a zip without exactly one file in it that `names` accepts.
pub fn with_text<T>(path: &Path, work: impl FnOnce(&mut dyn Read) -> Result<T>) -> Result<T> {
    let file = File::open(path).map_err(|why| ImportError::file(path, why))?;
    if path.extension().is_none_or(|e| !e.eq_ignore_ascii_case("zip")) {
        return work(&mut BufReader::with_capacity(BUFFER, file));
    }
    let mut archive = zip::ZipArchive::new(BufReader::new(file)).map_err(|why| ImportError::file(path, why))?;
    let names = archive.file_names().enumerate();
    let mut texts =
        names.filter_map(|(at, name)| name.is_ok_and(|name| is_text(&name)).then_some(at)).collect::<Vec<_>>();
    let (Some(at), true) = (texts.pop(), texts.is_empty()) else {
        return Err(ImportError::file(path, "A zip must hold exactly one .csv or .jsonl file."));
    };
    let entry = archive.by_index(at).map_err(|why| ImportError::file(path, why))?;
    work(&mut BufReader::with_capacity(BUFFER, entry))
}

/// What a person packs; systems add folders and shadow files of their own.
fn is_text(name: &str) -> bool {
    let extension = Path::new(name).extension().and_then(|e| e.to_str()).unwrap_or_default().to_lowercase();
    matches!(extension.as_str(), "csv" | "jsonl" | "ndjson") && !name.starts_with("__MACOSX/")
}

/// How many lines a file has: the measure of progress, close enough even where a quoted cell spans several.
///
/// # Errors
/// The file cannot be read.
pub fn count_lines(path: &Path) -> Result<u64> {
    with_text(path, |reader| {
        let mut buffer = vec![0; BUFFER];
        let mut lines = 0;
        loop {
            let read = reader.read(&mut buffer).map_err(|why| ImportError::file(path, why))?;
            if read == 0 {
                return Ok(lines);
            }
            lines += buffer[..read].split(|byte| *byte == b'\n').count() as u64 - 1;
        }
    })
}

/// The file beside an input that takes its rejected rows: `log.csv` has `log.csv.rejected.csv`.
#[must_use]
pub fn rejected_beside(input: &Path) -> PathBuf {
    let mut name: OsString = input.as_os_str().to_owned();
    name.push(".rejected.csv");
    PathBuf::from(name)
}

/// Writes rejected rows to a file that exists only if there are any.
pub(crate) struct RejectedFile {
    path: PathBuf,
    writer: Option<csv::Writer<File>>,
}

impl RejectedFile {
    /// Begins; what an earlier run left is gone, so that the file always speaks of the last run.
    ///
    /// # Errors
    /// The old file cannot be removed.
    pub fn new(path: PathBuf) -> Result<Self> {
        match std::fs::remove_file(&path) {
            Err(why) if why.kind() != std::io::ErrorKind::NotFound => Err(ImportError::file(&path, why)),
            _ => Ok(Self { path, writer: None }),
        }
    }

    pub fn write(&mut self, rejected: &Rejected) -> std::io::Result<()> {
        if self.writer.is_none() {
            let mut writer = csv::WriterBuilder::new().flexible(true).from_path(&self.path)?;
            let columns = rejected.columns.iter().map(String::as_str);
            writer.write_record(["line", "code", "reason"].into_iter().chain(columns))?;
            self.writer = Some(writer);
        }
        if let Some(writer) = &mut self.writer {
            let line = rejected.line.to_string();
            let cells = rejected.cells.iter().map(String::as_str);
            writer.write_record([line.as_str(), &rejected.code, &rejected.reason].into_iter().chain(cells))?;
        }
        Ok(())
    }

    /// Ends; the path when there was something to write.
    pub fn end(self) -> Result<Option<PathBuf>> {
        let Some(mut writer) = self.writer else { return Ok(None) };
        writer.flush().map_err(ImportError::Rejects)?;
        Ok(Some(self.path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn zip_of(folder: &Path, names: &[&str]) -> PathBuf {
        let path = folder.join("in.zip");
        let mut zip = zip::ZipWriter::new(File::create(&path).expect("a file"));
        for name in names {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).expect("an entry");
            zip.write_all(b"a,b\n1,2\n").expect("bytes");
        }
        zip.finish().expect("a zip");
        path
    }

    #[test]
    fn a_zip_is_read_like_the_file_in_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = zip_of(folder.path(), &["log/log.csv", "readme.txt"]);
        assert_eq!(count_lines(&path).expect("readable"), 2);
        let two = zip_of(folder.path(), &["a.csv", "b.csv"]);
        assert!(count_lines(&two).is_err(), "which of the two is meant?");
    }

    #[test]
    fn rejected_rows_stand_beside_the_input_and_only_when_there_are_any() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = rejected_beside(&folder.path().join("log.csv"));
        assert!(path.ends_with("log.csv.rejected.csv"));
        std::fs::write(&path, "of an earlier run").expect("written");
        let none = RejectedFile::new(path.clone()).expect("begun").end().expect("ended");
        assert!(none.is_none() && !path.exists());
        let mut file = RejectedFile::new(path.clone()).expect("begun");
        let columns = std::sync::Arc::from(["a".to_owned()]);
        let rejected =
            Rejected { line: 7, code: "bad".into(), reason: "No, really".into(), columns, cells: vec!["x".into()] };
        file.write(&rejected).expect("written");
        assert_eq!(file.end().expect("ended"), Some(path.clone()));
        assert_eq!(std::fs::read_to_string(&path).expect("there"), "line,code,reason,a\n7,bad,\"No, really\",x\n");
    }
}
