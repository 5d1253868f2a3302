//! Conditions as people state them: sentences over the fields of a process, or the condition language.

mod builder;
mod page;
mod sentences;

pub use builder::{Builder, Within, askable, sent_lines, stated};
pub use page::{Chooser, Ways, conclude, typed};
pub use sentences::Draft;
