//! The folder an index lives in: one sub-folder per generation and a file that names the current
//! one, so that a rebuild becomes visible at once or not at all.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const LOCK: &str = "lock";
const CURRENT: &str = "current";
const NEXT: &str = "current.next";
const PREFIX: &str = "generation-";

/// What the folder says about its current generation.
pub(crate) enum Current {
    /// Nothing was ever stored.
    Fresh,
    /// The sub-folder that holds it.
    At(PathBuf),
    /// The file that names it cannot be understood.
    Damaged,
}

/// Takes the folder for this process until the file is dropped; `None` if another has it.
pub(crate) fn lock(root: &Path) -> io::Result<Option<File>> {
    fs::create_dir_all(root)?;
    let file = File::create(root.join(LOCK))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Reads which generation is current.
pub(crate) fn current(root: &Path) -> io::Result<Current> {
    let name = match fs::read(root.join(CURRENT)) {
        Ok(name) => name,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Current::Fresh),
        Err(error) => return Err(error),
    };
    let name = String::from_utf8(name).unwrap_or_default();
    Ok(match number(&name) {
        Some(_) => Current::At(root.join(name)),
        None => Current::Damaged,
    })
}

/// Creates an empty sub-folder for another generation.
pub(crate) fn next(root: &Path) -> io::Result<PathBuf> {
    let highest = generations(root)?.into_iter().map(|(number, _)| number).max();
    let folder = root.join(format!("{PREFIX}{}", highest.unwrap_or(0) + 1));
    fs::create_dir(&folder)?;
    Ok(folder)
}

/// Makes a generation the current one, for good even if the power fails.
pub(crate) fn publish(root: &Path, generation: &Path) -> io::Result<()> {
    let name = generation.file_name().unwrap_or_default().to_string_lossy();
    let next = root.join(NEXT);
    let mut file = File::create(&next)?;
    file.write_all(name.as_bytes())?;
    file.sync_all()?;
    fs::rename(next, root.join(CURRENT))?;
    File::open(root)?.sync_all()
}

/// Removes what earlier generations and interrupted rebuilds left behind.
pub(crate) fn sweep(root: &Path, keep: &Path) -> io::Result<()> {
    for (_, generation) in generations(root)? {
        if generation != keep {
            fs::remove_dir_all(generation)?;
        }
    }
    Ok(())
}

fn generations(root: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root)? {
        let name = entry?.file_name();
        if let Some(number) = name.to_str().and_then(number) {
            found.push((number, root.join(name)));
        }
    }
    Ok(found)
}

fn number(name: &str) -> Option<u64> {
    name.strip_prefix(PREFIX)?.parse().ok()
}
