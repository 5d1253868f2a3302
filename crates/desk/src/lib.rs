//! The desk: commands and queries, and the only crate that opens a transaction.
//!
//! Every write from every edge is one command here: authorise, load, let the engine decide, then
//! one transaction with the record, its event, its clocks, timers and messages.

pub mod access;
mod admission;
pub mod auth;
pub mod beginning;
pub mod begun;
pub mod boards;
pub mod caller;
pub mod captured;
mod choices;
pub mod config;
pub mod custom;
pub mod demo;
pub mod deputies;
mod desk;
pub mod doctor;
pub mod door;
pub mod error;
pub mod export;
pub mod feed;
pub mod handed_out;
pub mod happenings;
pub mod holidays;
pub mod import;
pub mod inbox;
pub mod install;
pub mod live;
pub mod log;
pub mod looks;
pub mod maps;
pub mod merging;
pub mod mine;
mod naming;
pub mod notify;
pub mod permissions;
pub mod pins;
pub mod positions;
pub mod profile;
mod readable;
mod recall;
pub mod records;
pub mod registers;
pub mod reports;
pub mod retention;
pub mod rights;
pub mod schedule;
pub mod schedules;
pub mod shortcuts;
pub mod sources;
pub mod texts;
pub mod troubles;
pub mod uses;
pub mod view_as;
pub mod writing;

pub use caller::{Caller, Channel, Person};
pub use desk::{Clock, Credential, Desk, Session};
pub use error::{Error, Result};
pub use readable::{colleague, for_colleagues};
