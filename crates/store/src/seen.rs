//! The proof that a caller sees a record: what hangs on it can only be read with one.

/// A record that a scope has let through, and whether its internal content is open too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    record: i64,
    internal: bool,
}

impl Seen {
    pub(crate) fn new(record: i64, internal: bool) -> Self {
        Self { record, internal }
    }

    /// The record.
    #[must_use]
    pub fn record(&self) -> i64 {
        self.record
    }

    /// Whether internal comments, attachments and fields may be shown.
    #[must_use]
    pub fn internal(&self) -> bool {
        self.internal
    }
}
