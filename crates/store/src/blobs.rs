//! Files by the digest of their content: stored once, never changed, checked on every read.

use crate::{Error, Result};
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt};
use sha2::{Digest, Sha256};
use std::path::Path;
use std::sync::Arc;

/// A folder of blobs. Clones share it.
#[derive(Clone, Debug)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
}

/// A stored blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// SHA-256 of its bytes in lower-case hexadecimal.
    pub digest: String,
    /// In bytes.
    pub size: i64,
}

impl Blobs {
    /// Opens a folder, which is made when it is missing.
    ///
    /// # Errors
    /// [`Error::File`] when it cannot be made or opened.
    pub fn open(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder).map_err(|why| Error::file(folder, &why))?;
        // Synced file and directory before it answers: the row that names a blob must never outlive it.
        let store = LocalFileSystem::new_with_prefix(folder).map_err(|why| Error::file(folder, &why))?.with_fsync(true);
        Ok(Self { store: Arc::new(store) })
    }

    /// Stores bytes; when this returns they are safe on disk. What is stored already is written again, which keeps
    /// it young enough not to be swept away before its row is written.
    ///
    /// # Errors
    /// [`Error::Full`] or [`Error::File`] when the disk refuses.
    pub async fn put(&self, bytes: Vec<u8>) -> Result<Blob> {
        let (digest, bytes) = digested(bytes).await?;
        let blob = Blob { size: i64::try_from(bytes.len()).unwrap_or(i64::MAX), digest };
        self.store.put(&key(&blob.digest)?, bytes.into()).await.map_err(|why| failure(&why))?;
        Ok(blob)
    }

    /// The bytes of a blob, checked against their digest.
    ///
    /// # Errors
    /// [`Error::Missing`] when there is no such blob, [`Error::Damaged`] when its bytes are others.
    pub async fn get(&self, digest: &str) -> Result<Vec<u8>> {
        let answer = self.store.get(&key(digest)?).await.map_err(|why| failure(&why))?;
        let bytes = answer.bytes().await.map_err(|why| failure(&why))?;
        let (found, bytes) = digested(bytes.into()).await?;
        if found == digest { Ok(bytes) } else { Err(Error::Damaged(format!("the stored file {digest} has changed"))) }
    }

    /// Removes a blob that no row names; one that is gone already is fine.
    ///
    /// # Errors
    /// [`Error::File`] when the disk refuses.
    pub async fn remove(&self, digest: &str) -> Result<()> {
        match self.store.delete(&key(digest)?).await.map_err(|why| failure(&why)) {
            Err(Error::Missing) => Ok(()),
            other => other,
        }
    }

    /// Removes a blob that no row names, unless it was written at or after an instant in epoch milliseconds UTC:
    /// then somebody may be about to name it anew.
    ///
    /// # Errors
    /// [`Error::File`] when the disk refuses.
    pub async fn remove_older(&self, digest: &str, than: i64) -> Result<()> {
        match self.store.head(&key(digest)?).await.map_err(|why| failure(&why)) {
            Ok(object) if object.last_modified.timestamp_millis() < than => self.remove(digest).await,
            Ok(_) | Err(Error::Missing) => Ok(()),
            Err(other) => Err(other),
        }
    }

    /// Every blob, with the instant it was last written in epoch milliseconds UTC.
    ///
    /// # Errors
    /// [`Error::File`] when the folder cannot be read.
    pub async fn all(&self) -> Result<Vec<(Blob, i64)>> {
        let listed = self.store.list_with_delimiter(None).await.map_err(|why| failure(&why))?;
        let mut all = Vec::new();
        for folder in listed.common_prefixes {
            let listed = self.store.list_with_delimiter(Some(&folder)).await.map_err(|why| failure(&why))?;
            for object in listed.objects {
                let Some(digest) = object.location.filename().filter(|name| is_digest(name)) else { continue };
                let blob = Blob { digest: digest.to_owned(), size: i64::try_from(object.size).unwrap_or(i64::MAX) };
                all.push((blob, object.last_modified.timestamp_millis()));
            }
        }
        Ok(all)
    }
}

/// Hashing megabytes would hold up everybody else on the thread.
async fn digested(bytes: Vec<u8>) -> Result<(String, Vec<u8>)> {
    tokio::task::spawn_blocking(move || (crate::hex(&Sha256::digest(&bytes)), bytes))
        .await
        .map_err(|why| Error::Panicked(why.to_string()))
}

/// Two hundred and fifty-six folders, so that none grows unwieldy. Nothing but a digest becomes a path.
fn key(digest: &str) -> Result<Key> {
    if is_digest(digest) { Ok(Key::from(format!("{}/{digest}", &digest[..2]))) } else { Err(Error::Missing) }
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn failure(error: &object_store::Error) -> Error {
    if matches!(error, object_store::Error::NotFound { .. }) {
        return Error::Missing;
    }
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(one) = cause {
        let io = one.downcast_ref::<std::io::Error>();
        if io.is_some_and(|io| io.kind() == std::io::ErrorKind::StorageFull) {
            return Error::Full(error.to_string());
        }
        cause = one.source();
    }
    Error::File(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn bytes_come_back_by_their_digest_and_damage_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(&folder.path().join("blobs")).unwrap();
        let blob = blobs.put(b"hello".to_vec()).await.unwrap();
        assert_eq!(blob.digest, "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
        assert_eq!(blobs.put(b"hello".to_vec()).await.unwrap(), blob);
        assert_eq!(blobs.get(&blob.digest).await.unwrap(), b"hello");
        assert_eq!(blobs.all().await.unwrap().len(), 1);

        std::fs::write(folder.path().join("blobs/2c").join(&blob.digest), b"hullo").unwrap();
        assert!(matches!(blobs.get(&blob.digest).await, Err(Error::Damaged(_))));
        blobs.remove_older(&blob.digest, 0).await.unwrap();
        assert_eq!(blobs.all().await.unwrap().len(), 1, "written since");
        blobs.remove_older(&blob.digest, i64::MAX).await.unwrap();
        blobs.remove(&blob.digest).await.unwrap();
        assert_eq!(blobs.get(&blob.digest).await, Err(Error::Missing));
    }

    #[tokio::test]
    async fn nothing_but_a_digest_is_a_path() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).unwrap();
        for name in ["", "../../etc/passwd", "2CF24DBA5FB0A30E26E83B2AC5B9E29E1B161E5C1FA7425E73043362938B9824"] {
            assert_eq!(blobs.get(name).await, Err(Error::Missing), "{name}");
        }
    }
}
