//! The index on disk: what a crash, damage and a rebuild leave.

use std::fs;
use std::path::{Path, PathBuf};

use crate::common::{Folder, found, incident, put, search, text};
use mainstay_search::{Change, Document, Error, Index, SourceError};

fn documents(titles: &[&str]) -> Vec<Result<Document, SourceError>> {
    (1..).zip(titles).map(|(id, title)| Ok(incident(id, title))).collect()
}

fn generations(root: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(root).expect("a folder");
    let folders = entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_dir());
    folders.collect()
}

fn needs_rebuild(root: &Path) -> bool {
    matches!(Index::open(root), Err(Error::NeedsRebuild(_)))
}

#[test]
fn content_and_cursor_survive_an_end_without_warning() {
    let folder = Folder::new();
    let index = Index::open(&folder.0).expect("new");
    assert_eq!(index.cursor().expect("a cursor"), 0);
    index.apply(&[put(incident(1, "printer"))], 41).expect("applied");
    index.apply(&[put(incident(2, "mailbox")), put(incident(3, "scanner"))], 41).expect("applied");
    index.apply(&[put(incident(3, "mail scanner")), Change::Remove(1)], 42).expect("applied");
    drop(index);
    let index = Index::open(&folder.0).expect("reopened");
    assert_eq!(index.cursor().expect("a cursor"), 42);
    assert!(found(&index, "printer").is_empty());
    assert_eq!(found(&index, "mailbox"), [2]);
    assert_eq!(found(&index, "mail scanner"), [3]);
    assert!(index.damaged_files().expect("checked").is_empty());
}

#[test]
fn a_batch_replayed_after_a_crash_changes_nothing() {
    let folder = Folder::new();
    let batch = [put(incident(1, "printer")), put(incident(1, "printer two"))];
    for _ in 0..2 {
        let index = Index::open(&folder.0).expect("opened");
        index.apply(&batch, 2).expect("applied");
        assert_eq!(search(&index, &text("printer")).total, 1);
        assert_eq!(found(&index, "two"), [1]);
    }
}

#[test]
fn only_one_process_writes() {
    let folder = Folder::new();
    let _index = Index::open(&folder.0).expect("new");
    assert!(matches!(Index::open(&folder.0), Err(Error::InUse)));
}

#[test]
fn how_far_it_has_read_is_seen_while_another_has_it_open() {
    let folder = Folder::new();
    fs::create_dir_all(&folder.0).expect("a folder");
    assert_eq!(Index::reached(&folder.0).expect("no index yet"), None);
    let index = Index::open(&folder.0).expect("new");
    assert_eq!(Index::reached(&folder.0).expect("a cursor"), Some(0));
    index.apply(&[put(incident(1, "printer"))], 41).expect("applied");
    assert_eq!(Index::reached(&folder.0).expect("a cursor"), Some(41));
    index.rebuild(documents(&["scanner"]), 50).expect("rebuilt");
    assert_eq!(Index::reached(&folder.0).expect("a cursor"), Some(50));
}

#[test]
fn any_damaged_file_is_reported_and_a_rebuild_heals_it() {
    let folder = Folder::new();
    drop(Index::rebuilt(&folder.0, documents(&["printer"]), 7).expect("built"));
    let generation = generations(&folder.0).remove(0);
    let files: Vec<PathBuf> = fs::read_dir(&generation)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| !path.to_string_lossy().contains("lock") && !path.ends_with(".managed.json"))
        .collect();
    assert!(files.len() > 4, "{files:?}");
    for file in files {
        let content = fs::read(&file).expect("readable");
        let half = &content[..content.len() / 2];
        for damaged in [Some(half), Some(b"".as_slice()), None] {
            match damaged {
                Some(damaged) => fs::write(&file, damaged).expect("writable"),
                None => fs::remove_file(&file).expect("removable"),
            }
            assert!(needs_rebuild(&folder.0), "{} {damaged:?}", file.display());
        }
        fs::write(&file, content).expect("writable");
    }
    fs::write(folder.0.join("current"), "../elsewhere").expect("writable");
    assert!(needs_rebuild(&folder.0));
    drop(Index::rebuilt(&folder.0, documents(&["mailbox"]), 8).expect("rebuilt"));
    let index = Index::open(&folder.0).expect("healed");
    assert_eq!(found(&index, "mailbox"), [1]);
    assert_eq!(index.cursor().expect("a cursor"), 8);
    assert_eq!(generations(&folder.0).len(), 1, "the damaged build is gone");
}

#[test]
fn a_changed_byte_is_found_by_the_check() {
    let folder = Folder::new();
    let index = Index::rebuilt(&folder.0, documents(&["printer", "mailbox"]), 7).expect("built");
    let generation = generations(&folder.0).remove(0);
    let files = fs::read_dir(&generation).expect("a folder").map(|e| e.expect("an entry").path());
    let mut files = files.into_iter();
    let file = files.find(|path| path.extension().is_some_and(|kind| kind == "idx"));
    let file = file.expect("posting lists");
    drop(index);
    let mut content = fs::read(&file).expect("readable");
    content[0] ^= 1;
    fs::write(&file, content).expect("writable");
    let index = Index::open(&folder.0).expect("not noticed");
    assert_eq!(index.damaged_files().expect("checked").len(), 1);
}

#[test]
fn an_index_of_another_layout_is_reported() {
    let folder = Folder::new();
    drop(Index::rebuilt(&folder.0, documents(&["printer"]), 7).expect("built"));
    let meta = generations(&folder.0).remove(0).join("meta.json");
    let content = fs::read_to_string(&meta).expect("readable");
    for (now, then) in [("\\\"format\\\":1", "\\\"format\\\":0"), ("\"title\"", "\"subject\"")] {
        assert!(content.contains(now), "{content}");
        fs::write(&meta, content.replace(now, then)).expect("writable");
        assert!(needs_rebuild(&folder.0), "{then}");
    }
}

#[test]
fn a_rebuild_swaps_at_once() {
    let folder = Folder::new();
    let index = Index::rebuilt(&folder.0, documents(&["printer"]), 7).expect("built");
    let asked_meanwhile = documents(&["mailbox"]).into_iter().inspect(|_| {
        assert_eq!(found(&index, "printer"), [1]);
        index.apply(&[put(incident(2, "scanner"))], 9).expect("applied to the old content");
        assert_eq!(found(&index, "scanner"), [2]);
    });
    index.rebuild(asked_meanwhile, 8).expect("rebuilt");
    assert!(found(&index, "printer").is_empty());
    assert_eq!(found(&index, "mailbox"), [1]);
    assert_eq!(index.cursor().expect("a cursor"), 8, "the feed repeats what came meanwhile");
    index.apply(&[put(incident(2, "scanner"))], 9).expect("applied to the new content");
    assert_eq!(generations(&folder.0).len(), 1);
    drop(index);
    let index = Index::open(&folder.0).expect("reopened");
    assert_eq!(found(&index, "scanner"), [2]);
}

#[test]
fn a_rebuild_that_breaks_off_keeps_the_old_content() {
    let folder = Folder::new();
    let index = Index::rebuilt(&folder.0, documents(&["printer"]), 7).expect("built");
    let broken = [Ok(incident(5, "mailbox")), Err("the database is gone".into())];
    assert!(matches!(index.rebuild(broken, 8), Err(Error::Source(_))));
    assert_eq!(found(&index, "printer"), [1]);
    assert_eq!(index.cursor().expect("a cursor"), 7);
    drop(index);
    let index = Index::open(&folder.0).expect("reopened");
    assert_eq!(found(&index, "printer"), [1]);
    assert_eq!(generations(&folder.0).len(), 1, "the unfinished build is swept away");
}

#[test]
fn closing_ends_writing_until_the_next_change() {
    let folder = Folder::new();
    let index = Index::rebuilt(&folder.0, documents(&["printer"]), 7).expect("built");
    index.close().expect("closed");
    assert_eq!(found(&index, "printer"), [1]);
    index.apply(&[Change::Remove(1)], 8).expect("applied");
    assert!(found(&index, "printer").is_empty());
}
