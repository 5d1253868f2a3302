//! The schedule of planned work, whatever the process: who meets what, which steps are held to it, when there is room,
//! and what customers are told. (CHG-13, CHG-14, CHG-15)

mod agenda;
mod conflicts;
mod depends;
mod feed;
mod free;
mod hold;
mod planned;
mod told;
mod windows;

pub use agenda::{Agenda, Asked, Band, Entry, agenda};
pub use conflicts::{Conflict, Conflicts, Freeze, Met, Reason, of_record};
pub use feed::{address, feed, make as make_address, revoke as end_address};
pub use free::free;
pub use hold::{ACCEPTED, EXCEPTED, Shown, accept, against, hold, shown};
pub use planned::{Item, Planned, scheduled};
pub use told::{MOST_WORK, Work, planned_work};
pub use windows::Window;

/// What has still to be done.
pub(crate) const STILL: &str = "phase in (0, 1)";
