//! Records that form a map: what may be joined by what, who is hit when one fails, and how it was.

mod answer;
mod carried;
mod chosen;
mod control;
mod kept;
mod law;
mod near;
mod past;
pub mod picture;

pub use answer::{Around, Asked, Impact, MOST, MOST_FAILING, MOST_HOPS, Reached, Service, Way, around, impact};
pub use carried::{carried, carried_by, items_of, names_items};
pub use chosen::{Chosen, chosen};
pub(crate) use control::{Permit, permit, under_control};
pub(crate) use kept::Kept;
pub use kept::{follow, keep_up};
pub(crate) use law::{holds_together, may_join, stand_for};
pub(crate) use near::near;
pub(crate) use past::beneath;
