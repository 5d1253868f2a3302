//! The engine: fields, states, transitions, conditions, calendars and clocks as pure rules.
//!
//! It knows no process by name, no database, no wall clock and no chance: instants, policies and
//! relations come in as [`facts::Facts`], decisions go out as values.

pub mod calendar;
pub mod clock;
pub mod condition;
pub mod decide;
pub mod facts;
pub mod field;
pub mod graph;
pub mod network;
pub mod process;
pub mod record;
pub mod refusal;
pub mod register;
pub mod spine;
pub mod value;
