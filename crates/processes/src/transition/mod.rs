//! Service transition: changes.

pub mod change;
