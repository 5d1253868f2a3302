//! The index as the rest of the product sees it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use crate::answer;
use crate::document::{Change, Document};
use crate::error::{Error, SourceError};
use crate::folder::{self, Current};
use crate::generation::Generation;
use crate::query::{Hit, Hits, Query};
use crate::scope::ScopeTerms;
use crate::similar::{self, Likeness};

/// A search index, on disk or in memory. Searches run on any thread while changes are applied.
pub struct Index {
    root: Option<PathBuf>,
    current: RwLock<Arc<Generation>>,
    rebuilding: Mutex<()>,
    /// Held for as long as the folder is ours.
    _lock: Option<File>,
}

impl Index {
    /// Opens the index in a folder, which is created if missing; a new one is empty, at cursor 0.
    ///
    /// # Errors
    /// [`Error::NeedsRebuild`] if what the folder holds is damaged or of another layout: call
    /// [`Index::rebuilt`]. [`Error::InUse`] if another process has it open.
    pub fn open(root: &Path) -> Result<Self, Error> {
        let lock = folder::lock(root)?.ok_or(Error::InUse)?;
        let generation = match folder::current(root)? {
            Current::Fresh => {
                let generation = Generation::create(Some(folder::next(root)?))?;
                publish(root, &generation)?;
                generation
            }
            Current::At(folder) => Generation::open(&folder)?,
            Current::Damaged => {
                return Err(Error::NeedsRebuild("its current build is not named".into()));
            }
        };
        if let Some(folder) = &generation.folder {
            folder::sweep(root, folder)?;
        }
        Ok(Self::of(Some((root, lock)), generation))
    }

    /// The position of the event log that the index in a folder had reached by its last commit, also while another
    /// process has it open; none when there is no index yet.
    ///
    /// # Errors
    /// [`Error::NeedsRebuild`] if what the folder holds is damaged or of another layout.
    pub fn reached(root: &Path) -> Result<Option<i64>, Error> {
        match folder::current(root)? {
            Current::Fresh => Ok(None),
            Current::At(folder) => Generation::reached(&folder),
            Current::Damaged => Err(Error::NeedsRebuild("its current build is not named".into())),
        }
    }

    /// An empty index that is gone when dropped, at cursor 0.
    ///
    /// # Errors
    /// [`Error::Engine`] if the index cannot be set up.
    pub fn in_memory() -> Result<Self, Error> {
        Ok(Self::of(None, Generation::create(None)?))
    }

    /// Builds the index in a folder anew, whatever state it is in, and opens it.
    ///
    /// # Errors
    /// As [`Index::rebuild`], and [`Error::InUse`] if another process has it open.
    pub fn rebuilt<I>(root: &Path, documents: I, cursor: i64) -> Result<Self, Error>
    where
        I: IntoIterator<Item = Result<Document, SourceError>>,
    {
        let lock = folder::lock(root)?.ok_or(Error::InUse)?;
        let generation = build(Some(root), documents, cursor)?;
        Ok(Self::of(Some((root, lock)), generation))
    }

    fn of(stored: Option<(&Path, File)>, generation: Generation) -> Self {
        let (root, lock) = stored.unzip();
        Self {
            root: root.map(Path::to_path_buf),
            current: RwLock::new(Arc::new(generation)),
            rebuilding: Mutex::new(()),
            _lock: lock,
        }
    }

    fn current(&self) -> Arc<Generation> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces the whole content while searches go on with the old one. `cursor` is the position
    /// of the event log before the first document was read; each record comes once. Changes
    /// applied meanwhile count for the old content only, so a feed reads on from
    /// [`Index::cursor`] afterwards.
    ///
    /// # Errors
    /// [`Error::Source`] if a document cannot be read, [`Error::Io`] or [`Error::Engine`] if the
    /// index cannot be written; the old content then stays.
    pub fn rebuild<I>(&self, documents: I, cursor: i64) -> Result<(), Error>
    where
        I: IntoIterator<Item = Result<Document, SourceError>>,
    {
        let _one_at_a_time = self.rebuilding.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = Arc::new(build(self.root.as_deref(), documents, cursor)?);
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let old = std::mem::replace(&mut *current, Arc::clone(&fresh));
        drop(current);
        old.close()?;
        if let (Some(root), Some(folder)) = (&self.root, &fresh.folder) {
            folder::sweep(root, folder)?;
        }
        Ok(())
    }

    /// Commits the changes together with the cursor they lead to, all or none. A commit takes
    /// about a tenth of a second, so changes come in batches; searches see them on return.
    ///
    /// # Errors
    /// [`Error::Engine`] if the index cannot be written; nothing of the batch is then kept.
    pub fn apply(&self, changes: &[Change], cursor: i64) -> Result<(), Error> {
        self.current().apply(changes, cursor)
    }

    /// The position of the event log that the index has reached, 0 if it is new.
    ///
    /// # Errors
    /// [`Error::Engine`] if the index cannot be read.
    pub fn cursor(&self) -> Result<i64, Error> {
        self.current().cursor()
    }

    /// The records the caller may read that satisfy the query. No text is an error: what cannot
    /// be understood is left out.
    ///
    /// # Errors
    /// [`Error::Engine`] if the index cannot be read.
    pub fn search(&self, query: &Query, scope: &ScopeTerms) -> Result<Hits, Error> {
        let generation = self.current();
        Ok(answer::search(&generation.view(), &generation.fields, query, scope)?)
    }

    /// Records the caller may read whose number or title begins so: the number itself first, then
    /// numbers, then titles, each newest first.
    ///
    /// # Errors
    /// [`Error::Engine`] if the index cannot be read.
    pub fn complete(&self, beginning: &str, scope: &ScopeTerms, limit: usize) -> Result<Vec<Hit>, Error> {
        let generation = self.current();
        let view = generation.view();
        Ok(answer::complete(&view, &generation.fields, beginning, scope, limit)?)
    }

    /// The records most like one in hand, as far as the caller may read them, the likest first. The time that it takes
    /// does not grow with the index.
    ///
    /// # Errors
    /// [`Error::Engine`] if the index cannot be read.
    pub fn similar(&self, like: &Likeness, scope: &ScopeTerms) -> Result<Vec<Hit>, Error> {
        let generation = self.current();
        Ok(similar::similar(&generation.view(), &generation.fields, like, scope)?)
    }

    /// Files whose content is not what was written, found by reading all of them.
    ///
    /// # Errors
    /// [`Error::Engine`] if a file cannot be read at all.
    pub fn damaged_files(&self) -> Result<Vec<PathBuf>, Error> {
        self.current().damaged_files()
    }

    /// Ends writing, waiting for merges under way; searches still work, and a later
    /// [`Index::apply`] starts again.
    ///
    /// # Errors
    /// [`Error::Engine`] if a merge failed.
    pub fn close(&self) -> Result<(), Error> {
        self.current().close()
    }
}

fn build<I>(root: Option<&Path>, documents: I, cursor: i64) -> Result<Generation, Error>
where
    I: IntoIterator<Item = Result<Document, SourceError>>,
{
    let folder = root.map(folder::next).transpose()?;
    let generation = Generation::create(folder)?;
    generation.fill(documents, cursor)?;
    if let Some(root) = root {
        publish(root, &generation)?;
    }
    Ok(generation)
}

fn publish(root: &Path, generation: &Generation) -> Result<(), Error> {
    match &generation.folder {
        Some(folder) => Ok(folder::publish(root, folder)?),
        None => Ok(()),
    }
}
