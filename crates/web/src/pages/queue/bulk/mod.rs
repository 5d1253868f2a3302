//! Doing the same to many records of a list: what can be done, what it would come to, what came of it.

mod ask;
mod done;
mod offers;

pub use ask::{ask, take};
pub use done::{show, undo};
pub use offers::Offers;
