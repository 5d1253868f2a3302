//! An installation: its database, its files, its door.

use crate::clock::SystemClock;
use crate::failure::Failure;
use crate::settings::Settings;
use mainstay_desk::auth::{InstallationKey, SystemEntropy};
use mainstay_desk::install::Planned;
use mainstay_desk::{Channel, Credential, Desk, install};
use mainstay_search::Index;
use mainstay_store::{Blobs, Config, Db};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An opened installation.
pub struct Installation {
    pub desk: Desk,
    pub settings: Settings,
}

impl Installation {
    /// Opens the database, making folders and an embedded database that are missing.
    ///
    /// # Errors
    /// A folder or database that cannot be opened.
    pub fn create(settings: Settings) -> Result<Self, Failure> {
        make_private(&settings.data)?;
        if let Some(folder) = embedded(&settings).as_deref().and_then(Path::parent) {
            make_private(folder)?;
        }
        Self::open_database(settings)
    }

    /// Opens what is there.
    ///
    /// # Errors
    /// There is no database yet; it cannot be opened.
    pub fn open(settings: Settings) -> Result<Self, Failure> {
        if let Some(file) = embedded(&settings).filter(|file| !file.exists()) {
            let none = Failure::not_ready(format!("there is no database at {}.", file.display()));
            return Err(none.next("Make one with `mainstay init`, or name its place with --data or --database."));
        }
        Self::open_database(settings)
    }

    fn open_database(settings: Settings) -> Result<Self, Failure> {
        let many = settings.database_connections;
        let db = Db::open(&Config { url: settings.database.clone(), readers: many, writers: many })?;
        let blobs = Blobs::open(&settings.files())?;
        let language = settings.languages.first().copied().unwrap_or_default();
        let desk = Desk::new(db, blobs, Arc::new(SystemClock), Arc::new(SystemEntropy)).with_language(language);
        Ok(Self { desk, settings })
    }

    /// Opens what is there and makes sure that it can be served.
    ///
    /// # Errors
    /// Exit code 3 with the next step when the schema is behind or nothing was installed.
    pub async fn ready(settings: Settings) -> Result<Self, Failure> {
        let installation = Self::open(settings)?;
        let pending = installation.desk.db().pending().await?;
        if let Some(first) = pending.first() {
            let behind = Failure::not_ready(format!(
                "the database's schema is {} steps behind, from {} ({}).",
                pending.len(),
                first.number,
                first.name
            ));
            return Err(
                behind.next("Back it up, then run `mainstay migrate`; a new database is made by `mainstay init`.")
            );
        }
        let db = installation.desk.db();
        let installed = db.read(install::is_installed).await?;
        if !installed || db.read(InstallationKey::load).await.is_err() {
            return Err(Failure::not_ready("the database is empty.").next("Prepare it with `mainstay init`."));
        }
        Ok(installation)
    }

    /// Puts in what this version ships and the database never had; nothing into one that waits for its first `init` or
    /// is an inert copy. Returns what it put in.
    ///
    /// # Errors
    /// The database's; a shipped entry that does not fit what is there.
    pub async fn bring_anew(&self) -> Result<Vec<Planned>, Failure> {
        let (desk, db) = (&self.desk, self.desk.db());
        if !db.read(install::is_installed).await? || db.read(install::is_copy).await? {
            return Ok(Vec::new());
        }
        let missing = db.read(install::missing).await?;
        if missing.is_empty() {
            return Ok(missing);
        }
        match desk.write(&Credential::Engine, Channel::Command, install::install).await {
            Ok(_) => Ok(missing),
            // Another node, started at the same time, was quicker.
            Err(_) if db.read(install::missing).await?.is_empty() => Ok(Vec::new()),
            Err(error) => Err(error.into()),
        }
    }

    /// The installation with its search index. One that cannot be read is begun anew; the background
    /// work then fills it.
    ///
    /// # Errors
    /// Another process has the index open; its folder cannot be written.
    pub fn with_search(self) -> Result<Self, Failure> {
        let folder = &self.settings.search;
        make_private(folder)?;
        let opened = match Index::open(folder) {
            Err(mainstay_search::Error::NeedsRebuild(why)) => {
                tracing::warn!(why, "the search index cannot be read and is built anew");
                Index::rebuilt(folder, std::iter::empty(), 0)
            }
            other => other,
        };
        let index = opened.map_err(|why| index_failed(folder, &why))?;
        Ok(Self { desk: self.desk.with_search(Arc::new(index)), ..self })
    }

    /// The key of the installation.
    ///
    /// # Errors
    /// There is none; the database's.
    pub async fn key(&self) -> Result<InstallationKey, Failure> {
        Ok(self.desk.db().read(InstallationKey::load).await?)
    }

    /// Finishes what is under way and closes the database.
    pub async fn close(&self) {
        let db = self.desk.db().clone();
        // Closing joins threads, which must not hold up the async ones.
        let _ = tokio::task::spawn_blocking(move || db.close()).await;
    }
}

/// Why the search index cannot be opened.
pub fn index_failed(folder: &Path, why: &mainstay_search::Error) -> Failure {
    let failed = Failure::failed(format!("the search index in {}: {why}.", folder.display()));
    match why {
        mainstay_search::Error::InUse => {
            failed.next("A server runs with it. Stop that one, or give this node its own folder with --set search=DIR.")
        }
        _ => failed,
    }
}

/// The file of an embedded database.
fn embedded(settings: &Settings) -> Option<PathBuf> {
    settings.database.strip_prefix("sqlite:").map(PathBuf::from)
}

/// Makes a folder that nobody else can look into.
fn make_private(folder: &Path) -> Result<(), Failure> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|why| {
        Failure::failed(format!("the folder {} cannot be made: {why}.", folder.display()))
            .next("Choose another with --data, or make it by hand.")
    })
}
