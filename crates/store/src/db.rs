//! The database as the rest of the program sees it: closures that read, closures that write.

use crate::job::{Lane, ask, guarded};
use crate::signals::{Signals, Word};
use crate::tls::Target;
use crate::{Conn, Dialect, Error, Result, limit, postgresql, sqlite};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::{broadcast, watch};

/// Bytes of a word to other nodes; `PostgreSQL` carries no longer ones.
const LONGEST_WORD: usize = 7_000;

/// Where the database is and how many connections it gets.
#[derive(Clone, Debug)]
pub struct Config {
    /// `sqlite:/path/to/file.db`, or `postgres://user@host/database?sslmode=…&sslrootcert=…`.
    pub url: String,
    /// Connections that read. On `SQLite` those kept open; more are opened while more are needed.
    pub readers: usize,
    /// Connections that write. `SQLite` always has one.
    pub writers: usize,
}

impl Config {
    /// The usual numbers of connections for an address.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), readers: 8, writers: 8 }
    }
}

enum Readers {
    /// Reads run where they are asked for: a point read takes less time than waking another thread.
    Inline {
        path: PathBuf,
        idle: Mutex<Vec<Conn>>,
        keep: usize,
    },
    Threads(Arc<Lane>),
}

struct Inner {
    dialect: Dialect,
    readers: Readers,
    writers: Arc<Lane>,
    signals: Arc<Signals>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.writers.close();
        if let Readers::Threads(lane) = &self.readers {
            lane.close();
        }
    }
}

/// A database. Clones share it; it closes when the last one goes.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

impl Db {
    /// Opens the database; `SQLite` creates a missing file. The schema is brought up by [`Db::migrate`].
    ///
    /// # Errors
    /// [`Error::Query`] for an address it does not understand, [`Error::Unavailable`] or [`Error::File`] when the
    /// database cannot be reached. A `PostgreSQL` server may come up later than this program.
    pub fn open(config: &Config) -> Result<Self> {
        match config.url.strip_prefix("sqlite:") {
            Some(path) => Self::open_sqlite(Path::new(path), config),
            None if config.url.starts_with("postgres") || config.url.starts_with("host=") => {
                Self::open_postgres(config)
            }
            None => Err(Error::Query("a database address starts with sqlite: or postgres://".into())),
        }
    }

    fn open_sqlite(path: &Path, config: &Config) -> Result<Self> {
        let (lane, signals) = (Arc::new(Lane::default()), Arc::new(Signals::new()));
        let writer = sqlite::open_writer(path)?;
        let thread = sqlite::start_writer(writer, Arc::clone(&lane), Arc::clone(&signals))
            .map_err(|why| Error::file(path, &why))?;
        let readers = Readers::Inline { path: path.to_owned(), idle: Mutex::default(), keep: config.readers };
        Ok(Self::new(Dialect::Sqlite, readers, lane, signals, vec![thread]))
    }

    fn open_postgres(config: &Config) -> Result<Self> {
        let target = Arc::new(Target::parse(&config.url)?);
        let (reading, writing) = (Arc::new(Lane::default()), Arc::new(Lane::default()));
        let signals = Arc::new(Signals::new());
        let started = || -> std::io::Result<_> {
            let mut threads = postgresql::start_writers(config.writers.max(1), &target, &writing, &signals)?;
            threads.extend(postgresql::start_readers(config.readers.max(1), &target, &reading)?);
            threads.push(postgresql::start_ears(&target, &writing, &signals)?);
            Ok(threads)
        };
        let threads = started().map_err(|why| Error::File(format!("threads: {why}")))?;
        Ok(Self::new(Dialect::Postgres, Readers::Threads(reading), writing, signals, threads))
    }

    fn new(
        dialect: Dialect,
        readers: Readers,
        writers: Arc<Lane>,
        signals: Arc<Signals>,
        threads: Vec<JoinHandle<()>>,
    ) -> Self {
        let threads = Mutex::new(threads);
        Self { inner: Arc::new(Inner { dialect, readers, writers, signals, threads }) }
    }

    /// Which database this is.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.inner.dialect
    }

    /// Runs `work` on one consistent snapshot. Keep it short (milliseconds): on `SQLite` it runs on the calling
    /// thread. What scans many rows belongs into [`Db::read_long`].
    ///
    /// # Errors
    /// What `work` answers, or why the database cannot.
    pub async fn read<T, E>(&self, work: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        match &self.inner.readers {
            Readers::Inline { .. } => self.read_inline(limit::longest(), work),
            Readers::Threads(lane) => answered(submit_read(lane, work).await),
        }
    }

    /// Like [`Db::read`], for reports and exports: on `SQLite` it runs on a thread kept for blocking work.
    ///
    /// # Errors
    /// What `work` answers, or why the database cannot.
    pub async fn read_long<T, E>(&self, work: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        match &self.inner.readers {
            Readers::Inline { .. } => {
                let (db, longest) = (self.clone(), limit::longest());
                let done = tokio::task::spawn_blocking(move || db.read_inline(longest, work)).await;
                done.unwrap_or_else(|why| Err(Error::Panicked(why.to_string()).into()))
            }
            Readers::Threads(_) => self.read(work).await,
        }
    }

    /// [`Db::read`] for code that is not async; never call it on an async thread.
    ///
    /// # Errors
    /// What `work` answers, or why the database cannot.
    pub fn read_blocking<T, E>(&self, work: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        match &self.inner.readers {
            Readers::Inline { .. } => self.read_inline(limit::longest(), work),
            Readers::Threads(lane) => answered(submit_read(lane, work).blocking_recv()),
        }
    }

    /// Runs `work` as one transaction and answers after it is safe on disk. On `SQLite` many callers share one
    /// commit; a failing one undoes only its own changes. `work` may run more than once, so it must do nothing but
    /// talk to the database.
    ///
    /// # Errors
    /// What `work` answers, or why the database did not keep it.
    pub async fn write<T, E>(&self, work: impl FnMut(&mut Conn) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (job, answer) = ask(work);
        self.inner.writers.submit(job);
        answered(answer.await)
    }

    /// [`Db::write`] for code that is not async; never call it on an async thread.
    ///
    /// # Errors
    /// What `work` answers, or why the database did not keep it.
    pub fn write_blocking<T, E>(&self, work: impl FnMut(&mut Conn) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (job, answer) = ask(work);
        self.inner.writers.submit(job);
        answered(answer.blocking_recv())
    }

    /// The id of the newest event known to be committed, for those who follow the event log. On `PostgreSQL` it is
    /// a wake-up call only: events of other transactions may still be on their way, see [`Db::events_after`].
    #[must_use]
    pub fn on_commit(&self) -> watch::Receiver<i64> {
        self.inner.signals.commits()
    }

    /// Says something to the other nodes of the installation. It is a passing word: whoever does not hear it now never
    /// will, and what is said while nodes cannot reach each other is lost. An embedded database has no other nodes.
    pub fn say(&self, text: String) {
        if self.inner.dialect == Dialect::Postgres && text.len() <= LONGEST_WORD {
            self.inner.signals.say(text);
        }
    }

    /// What the other nodes say from now on.
    #[must_use]
    pub fn words(&self) -> broadcast::Receiver<Word> {
        self.inner.signals.words()
    }

    /// Becomes `Some(why)` when the disk failed a commit: the process must then end.
    #[must_use]
    pub fn broken(&self) -> watch::Receiver<Option<String>> {
        self.inner.signals.broken()
    }

    /// Finishes the queued work and closes every connection. Blocks; never call it inside a database closure.
    pub fn close(&self) {
        self.inner.writers.close();
        match &self.inner.readers {
            Readers::Threads(lane) => lane.close(),
            Readers::Inline { idle, .. } => idle.lock().unwrap_or_else(PoisonError::into_inner).clear(),
        }
        let threads = std::mem::take(&mut *self.inner.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            // A thread that panicked has nothing left to finish.
            let _ = thread.join();
        }
    }

    fn read_inline<T, E: From<Error>>(
        &self,
        longest: Option<Duration>,
        work: impl FnOnce(&mut Conn) -> Result<T, E>,
    ) -> Result<T, E> {
        let Readers::Inline { path, idle, keep } = &self.inner.readers else {
            return Err(Error::Unavailable("its reads run on threads of their own".into()).into());
        };
        let pooled = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut conn = pooled.map_or_else(|| sqlite::open_reader(path), Ok)?;
        conn.fresh();
        conn.reads_only = true;
        conn.control(conn.dialect().begin_read())?;
        conn.limit(longest)?;
        let answer = guarded(&mut conn, work);
        conn.limit(None)?;
        conn.rollback();
        let mut idle = idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < *keep {
            idle.push(conn);
        }
        answer
    }
}

fn submit_read<T, E>(
    lane: &Lane,
    work: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
) -> crate::job::Answer<T, E>
where
    T: Send + 'static,
    E: From<Error> + Send + 'static,
{
    let mut work = Some(work);
    let (job, answer) = ask(move |conn: &mut Conn| match work.take() {
        Some(work) => work(conn),
        None => Err(Error::Unavailable("the connection was lost while reading".into()).into()),
    });
    lane.submit(job);
    answer
}

fn answered<T, E: From<Error>>(answer: Result<Result<T, E>, tokio::sync::oneshot::error::RecvError>) -> Result<T, E> {
    answer.unwrap_or_else(|_| Err(Error::Unavailable("it shut down before answering".into()).into()))
}
