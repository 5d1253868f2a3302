//! What a database tells those who wait: a newer event, a word of another node, or that its disk failed.

use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{broadcast, watch};

/// Words that wait for their way out; while other nodes cannot be reached, older ones are not worth keeping.
const MOST_WORDS: usize = 1_000;

/// A passing word of another node of the same installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Which node said it; the same number as long as its connection lives.
    pub node: i32,
    /// What it said.
    pub text: Arc<str>,
}

/// Shared by the threads that commit and everyone who listens.
pub(crate) struct Signals {
    newest_event: watch::Sender<i64>,
    broken: watch::Sender<Option<String>>,
    said: Mutex<Vec<String>>,
    heard: broadcast::Sender<Word>,
}

impl Signals {
    pub(crate) fn new() -> Self {
        Self {
            newest_event: watch::Sender::new(0),
            broken: watch::Sender::new(None),
            said: Mutex::default(),
            heard: broadcast::Sender::new(MOST_WORDS),
        }
    }

    /// Keeps a word for the other nodes.
    pub(crate) fn say(&self, text: String) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.len() >= MOST_WORDS {
            said.clear();
        }
        said.push(text);
    }

    /// The words that have not gone out yet.
    pub(crate) fn take_said(&self) -> Vec<String> {
        std::mem::take(&mut *self.said.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Passes on a word of another node.
    pub(crate) fn hear(&self, node: i32, text: &str) {
        // Nobody may be listening.
        let _ = self.heard.send(Word { node, text: text.into() });
    }

    pub(crate) fn words(&self) -> broadcast::Receiver<Word> {
        self.heard.subscribe()
    }

    /// Tells everyone that events up to `id` are committed; older news is ignored.
    pub(crate) fn committed(&self, id: i64) {
        self.newest_event.send_if_modified(|newest| {
            let newer = id > *newest;
            if newer {
                *newest = id;
            }
            newer
        });
    }

    pub(crate) fn newest_event(&self) -> i64 {
        *self.newest_event.borrow()
    }

    pub(crate) fn commits(&self) -> watch::Receiver<i64> {
        self.newest_event.subscribe()
    }

    pub(crate) fn break_down(&self, why: &str) {
        tracing::error!(why, "the disk failed during commit; no more writes are accepted");
        self.broken.send_replace(Some(why.to_owned()));
    }

    pub(crate) fn broken(&self) -> watch::Receiver<Option<String>> {
        self.broken.subscribe()
    }

    pub(crate) fn why_broken(&self) -> Option<String> {
        self.broken.borrow().clone()
    }
}
