//! Commands and queries on records of any process.

mod apply;
mod bulk;
mod change;
mod clocks;
mod hang;
mod input;
mod list;
mod open;
mod rows;
mod tasks;
mod timers;
mod view;

pub use bulk::{Bulk, BulkRow, bulk};
pub use change::{Act, Acted, Amend, act, amend};
pub use clocks::{ClockView, Exclusion, exclude};
pub use hang::{
    LinkView, NewAttachment, NewComment, attach, attachment, attachments, comment, comments, history, link, link_external, links,
    unlink, unwatch, watch, watchers,
};
pub use list::{Listing, Page, Row, count, facet, list};
pub use open::{Opening, open};
pub use tasks::{TaskChange, TaskDraft, add_task, change_task, tasks};
pub use timers::fire_due;
pub use rows::{find, find_by_id, stored, table};
pub use view::{Can, View, get, names_of, option_words, visible_fields};
