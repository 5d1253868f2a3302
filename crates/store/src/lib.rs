//! The database of Mainstay: one file with `SQLite`, or a `PostgreSQL` server, behind the same calls.
//!
//! [`Db::read`] and [`Db::write`] run a closure over a [`Conn`]; SQL is written once for both databases.

pub mod clocks;
mod conn;
mod db;
mod dialect;
pub mod entries;
mod error;
pub mod hangings;
mod job;
mod migrate;
pub mod notices;
mod postgresql;
mod row;
mod seen;
mod signals;
mod sqlite;
#[cfg(feature = "testing")]
pub mod testing;
mod tls;
mod value;

pub use conn::Conn;
pub use db::{Config, Db};
pub use dialect::Dialect;
pub use error::{Broke, Error, Result};
pub use migrate::Migration;
pub use row::{Columns, Row};
pub use seen::Seen;
pub use value::{Json, Value};

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
