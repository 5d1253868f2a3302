//! Full-text search over records of every process, filtered by what the caller may read.
//!
//! The index is a copy fed from the event log: it can be lost and rebuilt at any time, and it may
//! be about a second behind the database. Three decisions carry the rest:
//!
//! - **Newest first on disk.** Every segment is sorted by the opening time, so any query reads its
//!   newest matches first and can stop after [`HORIZON`] of them. Totals, facets and ranking are
//!   exact up to there and marked as capped beyond, which keeps the commonest word as cheap as a
//!   rare one.
//! - **Two copies of the words.** One field holds what everybody who sees the record may read, the
//!   other that and the internal text. A search reads the second only for records that a grant
//!   with internal rights covers.
//! - **No statistics in the ranking.** A score depends on the query and the one record alone, never
//!   on how often a word stands in records the caller cannot see.

mod answer;
mod any_of;

mod document;
mod error;
mod expand;
mod facets;
mod folder;
mod generation;
mod index;
mod matching;
mod number;
mod page;
mod parse;
mod plan;
mod query;
mod schema;
mod scope;
mod similar;
mod stream;
mod tokens;

pub use document::{ARCHIVE, Change, Document};
pub use error::{Error, SourceError};
pub use index::Index;
pub use query::{Cursor, Facets, Filters, Hit, Hits, Query, Sort};
pub use scope::{ScopeTerms, StaffTerms};
pub use similar::Likeness;
pub use stream::HORIZON;
