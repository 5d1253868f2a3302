//! What several test files need.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use mainstay_search::{Change, Document, Hits, Index, Query, ScopeTerms};

/// A folder that is gone after the test.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("mainstay-search-{}-{count}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A test that never got to create it has nothing to remove.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub fn everything() -> ScopeTerms {
    ScopeTerms { everything: true, ..ScopeTerms::default() }
}

pub fn incident(id: i64, title: &str) -> Document {
    Document {
        id,
        number: format!("INC-{id}"),
        process: "incident".into(),
        title: title.into(),
        state: "new".into(),
        opened: id,
        ..Document::default()
    }
}

pub fn put(document: Document) -> Change {
    Change::Put(Box::new(document))
}

pub fn filled(documents: impl IntoIterator<Item = Document>) -> Index {
    let index = Index::in_memory().expect("an index");
    let changes: Vec<Change> = documents.into_iter().map(put).collect();
    index.apply(&changes, 1).expect("applied");
    index
}

pub fn text(text: &str) -> Query {
    Query { text: text.into(), limit: 50, ..Query::default() }
}

pub fn search(index: &Index, query: &Query) -> Hits {
    index.search(query, &everything()).expect("an answer")
}

pub fn found(index: &Index, words: &str) -> Vec<i64> {
    ids(&search(index, &text(words)))
}

pub fn ids(hits: &Hits) -> Vec<i64> {
    hits.hits.iter().map(|hit| hit.id).collect()
}
