//! What a database tells those who wait: a newer event, or that its disk failed.

use tokio::sync::watch;

/// Shared by the threads that commit and everyone who listens.
pub(crate) struct Signals {
    newest_event: watch::Sender<i64>,
    broken: watch::Sender<Option<String>>,
}

impl Signals {
    pub(crate) fn new() -> Self {
        Self { newest_event: watch::Sender::new(0), broken: watch::Sender::new(None) }
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
