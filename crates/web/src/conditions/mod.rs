//! Conditions as people state them: sentences over the fields of a process, or the condition language.

mod builder;
mod page;
mod sentences;

pub use builder::{Builder, Within, askable, name_entries, sent_lines};
pub use page::{Chooser, Ways, conclude, typed};
pub use sentences::{Draft, Line};
