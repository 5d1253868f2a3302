//! A new database for each test, of both kinds, migrated or empty. A missing `PostgreSQL` fails the tests.

mod server;

use crate::{Config, Db};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

/// A database of one test: it is gone when this is dropped.
pub struct Scratch {
    db: Db,
    url: String,
    folder: TempDir,
}

impl Scratch {
    /// The address under which another process of the same test can open it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// An empty folder for blobs, backups and the like.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn open(url: String, folder: TempDir) -> Self {
        Self { db: connect(&url), url, folder }
    }

    /// The same database as another node opens it, over connections of its own.
    ///
    /// # Panics
    /// When the database cannot be opened.
    #[must_use]
    pub fn other_node(&self) -> Db {
        connect(&self.url)
    }

    /// Ends every connection and opens the database again, as a program does that starts anew.
    ///
    /// # Panics
    /// When the database cannot be opened.
    pub fn reopen(&mut self) {
        self.db.close();
        self.db = connect(&self.url);
    }
}

impl Deref for Scratch {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.db
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.db.close();
    }
}

/// A migrated database of each kind.
#[must_use]
pub fn both() -> [Scratch; 2] {
    [sqlite(), postgres()]
}

/// An empty database of each kind.
#[must_use]
pub fn both_empty() -> [Scratch; 2] {
    [sqlite_empty(), postgres_empty()]
}

/// A migrated `SQLite` database.
///
/// # Panics
/// When the temporary folder cannot be written.
#[must_use]
pub fn sqlite() -> Scratch {
    static MODEL: OnceLock<Vec<u8>> = OnceLock::new();
    let model = MODEL.get_or_init(|| {
        let scratch = sqlite_empty();
        migrate(&scratch);
        scratch.close();
        std::fs::read(file_in(scratch.folder())).expect("the model database is a file")
    });
    let folder = new_folder();
    std::fs::write(file_in(folder.path()), model).expect("the temporary folder takes a file");
    Scratch::open(sqlite_url(folder.path()), folder)
}

/// An empty `SQLite` database.
#[must_use]
pub fn sqlite_empty() -> Scratch {
    let folder = new_folder();
    Scratch::open(sqlite_url(folder.path()), folder)
}

/// A migrated `PostgreSQL` database.
///
/// # Panics
/// When no `PostgreSQL` server is installed.
#[must_use]
pub fn postgres() -> Scratch {
    static MODEL: OnceLock<()> = OnceLock::new();
    MODEL.get_or_init(|| {
        let scratch = Scratch::open(server::create_database("model", "template0"), new_folder());
        migrate(&scratch);
    });
    Scratch::open(server::create_database(&server::new_name(), "model"), new_folder())
}

/// An empty `PostgreSQL` database.
///
/// # Panics
/// When no `PostgreSQL` server is installed.
#[must_use]
pub fn postgres_empty() -> Scratch {
    Scratch::open(server::create_database(&server::new_name(), "template0"), new_folder())
}

fn connect(url: &str) -> Db {
    let config = Config { readers: 2, writers: 4, ..Config::new(url) };
    Db::open(&config).expect("the database opens")
}

/// Runs on a thread of its own, because a test may be async already.
fn migrate(scratch: &Scratch) {
    let db = scratch.db.clone();
    let done = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(db.migrate(0)).expect("an empty database can be migrated");
    });
    done.join().expect("the schema applies");
}

fn new_folder() -> TempDir {
    tempfile::Builder::new().prefix("mainstay-test-").tempdir().expect("a temporary folder")
}

fn file_in(folder: &Path) -> PathBuf {
    folder.join("mainstay.db")
}

fn sqlite_url(folder: &Path) -> String {
    format!("sqlite:{}", file_in(folder).display())
}
