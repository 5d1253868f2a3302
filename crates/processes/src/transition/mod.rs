//! Service transition: what there is, and how it changes.

pub mod change;
pub mod configuration_item;
