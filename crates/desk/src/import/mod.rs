//! The door for imports: records with their past, and entries of registers, in batches of one transaction each.
//!
//! An import tells nobody anything: it writes records, events, comments and clocks, but no notices and no messages.
//! What it writes is found again by origin and external key, so the same file twice changes nothing. Each item stands
//! alone: one that is refused leaves nothing behind and does not hold back the others.

mod batch;
mod entry;
mod given;
mod past;
mod record;
mod references;
mod source;

pub use batch::{Batch, Existing, Item, Outcome, Told, Verdict, put, put_within};
pub use entry::Listed;
pub use given::{By, FieldKey, Given, NewEntry, Reference};
pub use past::{Past, PastComment, Step};
pub use references::Known;
pub(crate) use source::{make, typed};
