//! What a database can refuse, told apart by what the caller should do next.

use rusqlite::ffi;
use tokio_postgres::error::SqlState;

/// Why a constraint held a statement back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broke {
    /// A row with the same key exists.
    Unique,
    /// A row it points to is missing, or a row that is pointed to would go.
    Reference,
    /// A column that must have a value has none.
    Required,
    /// A check or an append-only rule of the schema.
    Rule,
}

/// Every failure of this crate; cheap to clone because one failed commit answers many callers.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// A constraint held the statement back; `constraint` is named alike on both databases for unique keys
    /// (`table_column_column_key`).
    #[error("the database refused a value ({broke:?}: {constraint})")]
    Conflict {
        /// What kind of constraint it was.
        broke: Broke,
        /// Its name, or the columns it is about.
        constraint: String,
    },
    /// The row was changed since its version was read, or is gone.
    #[error("it was changed by someone else meanwhile")]
    Stale,
    /// The row asked for does not exist, or not for this caller.
    #[error("there is no such row")]
    Missing,
    /// A page was asked for with a cursor that belongs to another order, or to none.
    #[error("this cursor belongs to another list")]
    Cursor,
    /// The disk is full: nothing was written, reads go on.
    #[error("the storage is full: {0}")]
    Full(String),
    /// A read took longer than the request that waits for it may take: it was ended.
    #[error("the database took too long")]
    TooLong,
    /// The database cannot answer now; nothing was written and the same call may succeed later.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The connection was lost during COMMIT: written or not, nobody knows. Ask again by idempotency key.
    #[error("the connection was lost during commit, so its outcome is unknown: {0}")]
    Uncertain(String),
    /// The disk failed a write that was promised: the process must end and recover on its next start.
    #[error("the disk failed during commit: {0}")]
    Broken(String),
    /// The caller's closure panicked; its transaction was rolled back.
    #[error("the work panicked: {0}")]
    Panicked(String),
    /// A statement or a stored value is wrong: a fault of the program.
    #[error("the database did not understand: {0}")]
    Query(String),
    /// A blob, backup or migration is not what it should be; the sentence says what and where.
    #[error("{0}")]
    Damaged(String),
    /// A file could not be read or written.
    #[error("{0}")]
    File(String),
}

/// The result of everything that touches the database.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub(crate) fn conflict(broke: Broke, constraint: impl Into<String>) -> Self {
        Self::Conflict { broke, constraint: constraint.into() }
    }

    pub(crate) fn file(path: &std::path::Path, why: &impl std::fmt::Display) -> Self {
        Self::File(format!("{}: {why}", path.display()))
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        let text = error.to_string();
        match error.sqlite_error().map(|e| (e.code, e.extended_code)) {
            Some((Code::ConstraintViolation, extended)) => sqlite_conflict(extended, &text),
            Some((Code::OperationInterrupted, _)) => Self::TooLong,
            Some((Code::DiskFull, _)) => Self::Full(text),
            Some((Code::SystemIoFailure, _)) => Self::Full(format!("the disk fails: {text}")),
            Some((Code::DatabaseBusy | Code::DatabaseLocked | Code::CannotOpen | Code::OutOfMemory, _)) => {
                Self::Unavailable(text)
            }
            Some((Code::DatabaseCorrupt | Code::NotADatabase, _)) => Self::Damaged(text),
            _ => Self::Query(text),
        }
    }
}

fn sqlite_conflict(extended: i32, text: &str) -> Error {
    let about = text.split_once("failed: ").map_or(text, |(_, about)| about);
    match extended {
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => {
            Error::conflict(Broke::Unique, key_name(about))
        }
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => Error::conflict(Broke::Reference, about),
        ffi::SQLITE_CONSTRAINT_NOTNULL => Error::conflict(Broke::Required, about),
        _ => Error::conflict(Broke::Rule, about),
    }
}

/// `entry.register, entry.key` becomes `entry_register_key_key`, which is how `PostgreSQL` names the constraint.
fn key_name(columns: &str) -> String {
    let mut parts = columns.split(", ").filter_map(|column| column.split_once('.'));
    let Some((table, first)) = parts.next() else { return columns.to_owned() };
    let mut name = format!("{table}_{first}");
    for (_, column) in parts {
        name.push('_');
        name.push_str(column);
    }
    name + "_key"
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(db) = error.as_db_error() else {
            let text = with_cause(&error);
            return if error.is_closed() || std::error::Error::source(&error).is_some_and(is_io) {
                Self::Unavailable(text)
            } else {
                Self::Query(text)
            };
        };
        let text = db.message().to_owned();
        let named = || db.constraint().unwrap_or(db.message()).to_owned();
        match db.code() {
            &SqlState::UNIQUE_VIOLATION => Self::conflict(Broke::Unique, named()),
            &SqlState::FOREIGN_KEY_VIOLATION | &SqlState::RESTRICT_VIOLATION => {
                Self::conflict(Broke::Reference, named())
            }
            &SqlState::NOT_NULL_VIOLATION => Self::conflict(
                Broke::Required,
                format!("{}.{}", db.table().unwrap_or_default(), db.column().unwrap_or_default()),
            ),
            &SqlState::CHECK_VIOLATION | &SqlState::INTEGRITY_CONSTRAINT_VIOLATION => {
                Self::conflict(Broke::Rule, named())
            }
            &SqlState::QUERY_CANCELED => Self::TooLong,
            &SqlState::DISK_FULL => Self::Full(text),
            code if unavailable(code) => Self::Unavailable(text),
            code => Self::Query(format!("{text} ({})", code.code())),
        }
    }
}

/// Connection trouble, a server going down, a standby, contention: another try may succeed.
fn unavailable(code: &SqlState) -> bool {
    let class = &code.code()[..2];
    matches!(class, "08" | "53" | "57")
        || [
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::T_R_DEADLOCK_DETECTED,
            SqlState::LOCK_NOT_AVAILABLE,
            SqlState::READ_ONLY_SQL_TRANSACTION,
        ]
        .contains(code)
}

fn is_io(error: &(dyn std::error::Error + 'static)) -> bool {
    error.is::<std::io::Error>()
}

fn with_cause(error: &tokio_postgres::Error) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unique_key_is_named_like_postgresql_names_it() {
        assert_eq!(key_name("entry.register, entry.key"), "entry_register_key_key");
        assert_eq!(key_name("index 'odd'"), "index 'odd'");
    }
}
