//! The pages: what people see, and the forms they send.

pub mod admin;
mod alike;
pub mod approvals;
pub mod around;
pub mod calendar;
pub mod candidates;
pub mod drafts;
pub mod entrance;
pub mod exports;
pub mod files;
pub mod frame;
pub mod home;
pub mod inbox;
mod items;
pub mod keys;
pub mod live;
pub mod me;
pub mod new;
pub mod palette;
pub mod pick;
pub mod portal;
pub mod queue;
pub mod record;
pub mod reports;
pub mod search;
pub mod sources;
pub mod work;
