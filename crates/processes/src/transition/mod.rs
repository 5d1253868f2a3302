//! Service transition: what there is, and how it changes.

pub mod asset;
pub mod baseline;
pub mod change;
pub mod configuration_item;
pub mod evaluation;
pub mod licence;
