//! The database of Mainstay: one file with `SQLite`, or a `PostgreSQL` server, behind the same calls.
//!
//! [`Db::read`] and [`Db::write`] run a closure over a [`Conn`]; SQL is written once for both databases.

pub mod approvals;
mod archive;
pub mod assessed;
pub mod begun;
mod blobs;
pub mod bulk_runs;
pub mod candidates;
pub mod captured;
mod check;
pub mod clocks;
mod conn;
mod custom;
mod db;
pub mod demo;
mod dialect;
pub mod discrepancies;
pub mod drafts;
pub mod entries;
mod error;
pub mod events;
pub mod exports;
mod filter;
pub mod hangings;
mod insertion;
mod job;
pub mod jobs;
pub mod leases;
mod limit;
pub mod maps;
pub mod meetings;
pub mod merging;
mod migrate;
pub mod mine;
pub mod notices;
pub mod outbox;
pub mod planned;
mod postgresql;
pub mod preferences;
mod query;
pub mod record;
pub mod reports;
pub mod retention;
mod row;
mod scope;
mod seen;
mod server;
pub mod sightings;
mod signals;
mod sql;
mod sqlite;
pub mod surveys;
mod table;
#[cfg(feature = "testing")]
pub mod testing;
pub mod timers;
mod tls;
mod trip;
mod value;
mod watch;
mod wire;

pub use archive::{Contents, Manifest, RESTORED, backup, restore, verify};
pub use blobs::{Blob, Blobs};
pub use check::{Finding, Weight, check};
pub use conn::{Conn, Torn};
pub use db::{Config, Db};
pub use dialect::Dialect;
pub use drafts::DraftRow;
pub use error::{Broke, Error, Result};
pub use events::{EventRow, NewEvent};
pub use filter::{Filter, Op};
pub use jobs::JobRow;
pub use limit::{limited, longest};
pub use migrate::Migration;
pub use outbox::{MessageRow, NewMessage};
pub use query::{Cursor, Listed, Page, Question, Sort};
pub use record::{Record, Spine};
pub use row::{Columns, Row};
pub use scope::{Scope, ScopeParts, StaffGrant, Which};
pub use seen::Seen;
pub use signals::Word;
pub use table::{Column, ColumnType, SPINE, Table};
pub use timers::{NewTimer, TimerRow};
pub use value::{Json, Value};
pub use watch::{Part, Watch};

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
