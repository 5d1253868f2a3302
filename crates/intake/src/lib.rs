//! Intake: what comes in from elsewhere is parsed here and handed to the desk, and to nobody else.
//!
//! Nothing here decides a rule, opens a transaction or asks the clock: an importer reads rows, names what they say in
//! the words of the processes, and the desk does the rest.

pub mod import;
pub mod mapping;
pub mod servicenow;
