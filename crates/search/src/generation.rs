//! One build of the index: its files, the writer that feeds it and the view that searches read.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use serde::{Deserialize, Serialize};
use tantivy::directory::MmapDirectory;
use tantivy::directory::error::LockError;
use tantivy::indexer::{IndexWriterOptions, LogMergePolicy};
use tantivy::{IndexReader, IndexWriter, ReloadPolicy, TantivyError, Term};

use crate::document::{Change, Document};
use crate::error::{Error, SourceError};
use crate::schema::{self, FORMAT, Fields};
use crate::stream::View;
use crate::tokens;

/// Memory in bytes that changes may take before they are written to disk. It is taken as needed
/// and given back after each commit.
const WRITER_MEMORY: usize = 50_000_000;
/// Segments of about one size that are merged into one.
const MERGED_AT_ONCE: usize = 5;
/// Share of dead entries at which a segment is rewritten.
const DEAD_SHARE: f32 = 0.3;

/// What a commit says about itself.
#[derive(Serialize, Deserialize)]
struct Mark {
    format: u32,
    cursor: i64,
}

/// One build of the index.
pub(crate) struct Generation {
    /// Where it is stored; in memory if nowhere.
    pub(crate) folder: Option<PathBuf>,
    pub(crate) fields: Fields,
    index: tantivy::Index,
    reader: IndexReader,
    writer: Mutex<Option<IndexWriter>>,
    view: RwLock<Arc<View>>,
}

impl Generation {
    /// An empty build at cursor 0, in an empty folder or in memory.
    pub(crate) fn create(folder: Option<PathBuf>) -> Result<Self, Error> {
        let (schema, fields) = schema::build();
        let builder =
            tantivy::Index::builder().schema(schema).settings(schema::settings()).tokenizers(tokens::analysers());
        let index = match &folder {
            Some(folder) => builder.create_in_dir(folder)?,
            None => builder.create_in_ram()?,
        };
        let generation = Self::of(folder, index, fields)?;
        generation.apply(&[], 0)?;
        Ok(generation)
    }

    /// The build a folder holds.
    pub(crate) fn open(folder: &Path) -> Result<Self, Error> {
        let (schema, fields) = schema::build();
        let directory = MmapDirectory::open(folder).map_err(|e| unusable(e.into()))?;
        let mut index = tantivy::Index::open(directory).map_err(unusable)?;
        let mark = mark(&index).map_err(unusable)?;
        if mark.is_none_or(|mark| mark.format != FORMAT)
            || index.schema() != schema
            || *index.settings() != schema::settings()
        {
            return Err(Error::NeedsRebuild("it was built by another version".into()));
        }
        index.set_tokenizers(tokens::analysers());
        if let Some(missing) = missing(&index, folder).map_err(unusable)? {
            return Err(Error::NeedsRebuild(format!("{} is missing", missing.display())));
        }
        Self::of(Some(folder.to_path_buf()), index, fields)
    }

    /// The event up to which the last commit of the build in a folder had read.
    pub(crate) fn reached(folder: &Path) -> Result<Option<i64>, Error> {
        let directory = MmapDirectory::open(folder).map_err(|e| unusable(e.into()))?;
        let index = tantivy::Index::open(directory).map_err(unusable)?;
        Ok(mark(&index).map_err(unusable)?.map(|mark| mark.cursor))
    }

    fn of(folder: Option<PathBuf>, index: tantivy::Index, fields: Fields) -> Result<Self, Error> {
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual);
        let reader: IndexReader = reader.try_into().map_err(unusable)?;
        let view = View::open(reader.searcher()).map_err(unusable)?;
        let writer = writer(&index).map_err(unusable)?;
        Ok(Self { folder, fields, index, reader, writer: Mutex::new(Some(writer)), view: RwLock::new(Arc::new(view)) })
    }

    /// The state of the last commit.
    pub(crate) fn view(&self) -> Arc<View> {
        Arc::clone(&self.view.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The event up to which the last commit had read.
    pub(crate) fn cursor(&self) -> Result<i64, Error> {
        Ok(mark(&self.index)?.map_or(0, |mark| mark.cursor))
    }

    /// Commits the changes with the cursor, all or none.
    pub(crate) fn apply(&self, changes: &[Change], cursor: i64) -> Result<(), Error> {
        self.write(|writer| {
            for change in changes {
                let id = match change {
                    Change::Put(document) => document.id,
                    Change::Remove(id) => *id,
                };
                writer.delete_term(Term::from_field_i64(self.fields.id, id));
                if let Change::Put(document) = change {
                    writer.add_document(self.fields.entry(document))?;
                }
            }
            commit(writer, cursor)
        })
    }

    /// Fills an empty build and commits once.
    pub(crate) fn fill<I>(&self, documents: I, cursor: i64) -> Result<(), Error>
    where
        I: IntoIterator<Item = Result<Document, SourceError>>,
    {
        self.write(|writer| {
            for document in documents {
                let document = document.map_err(Error::Source)?;
                writer.add_document(self.fields.entry(&document))?;
            }
            commit(writer, cursor)
        })
    }

    fn write(&self, work: impl FnOnce(&mut IndexWriter) -> Result<(), Error>) -> Result<(), Error> {
        let mut slot = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut open = match slot.take() {
            Some(open) => open,
            None => writer(&self.index)?,
        };
        // A writer that failed is dropped with what it had gathered; the next call opens another.
        work(&mut open)?;
        *slot = Some(open);
        self.reader.reload()?;
        let view = Arc::new(View::open(self.reader.searcher())?);
        *self.view.write().unwrap_or_else(PoisonError::into_inner) = view;
        Ok(())
    }

    /// Ends the writer and waits for merges under way.
    pub(crate) fn close(&self) -> Result<(), Error> {
        let mut slot = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        slot.take().map_or(Ok(()), |writer| Ok(writer.wait_merging_threads()?))
    }

    /// Files whose content is not what was written, found by reading all of them.
    pub(crate) fn damaged_files(&self) -> Result<Vec<PathBuf>, Error> {
        Ok(self.index.validate_checksum()?.into_iter().collect())
    }
}

fn writer(index: &tantivy::Index) -> tantivy::Result<IndexWriter> {
    let options = IndexWriterOptions::builder()
        .num_worker_threads(1)
        .num_merge_threads(1)
        .memory_budget_per_thread(WRITER_MEMORY)
        .build();
    let writer = index.writer_with_options(options)?;
    let mut merging = LogMergePolicy::default();
    merging.set_min_num_segments(MERGED_AT_ONCE);
    merging.set_del_docs_ratio_before_merge(DEAD_SHARE);
    writer.set_merge_policy(Box::new(merging));
    Ok(writer)
}

fn commit(writer: &mut IndexWriter, cursor: i64) -> Result<(), Error> {
    let mark = Mark { format: FORMAT, cursor };
    let mark = serde_json::to_string(&mark).map_err(std::io::Error::from)?;
    let mut commit = writer.prepare_commit()?;
    commit.set_payload(&mark);
    commit.commit()?;
    Ok(())
}

fn mark(index: &tantivy::Index) -> tantivy::Result<Option<Mark>> {
    let payload = index.load_metas()?.payload;
    Ok(payload.and_then(|payload| serde_json::from_str(&payload).ok()))
}

/// A file that the last commit names and the folder lacks; the reader would find out too late.
fn missing(index: &tantivy::Index, folder: &Path) -> tantivy::Result<Option<PathBuf>> {
    let files = index.load_metas()?.list_segment_files().into_iter();
    // Lists of dead entries are named even where there are none, and opened first of all.
    let mut files = files.filter(|file| file.extension().is_none_or(|kind| kind != "del"));
    Ok(files.find(|file| !folder.join(file).exists()))
}

/// What a failure to open means: someone else has it, or the files are no good.
fn unusable(error: TantivyError) -> Error {
    match error {
        TantivyError::LockFailure(LockError::LockBusy, _) => Error::InUse,
        other => Error::NeedsRebuild(other.to_string()),
    }
}
