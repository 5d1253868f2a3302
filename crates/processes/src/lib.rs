//! The product as tables: the processes by stage, and the registers they stand on.
//!
//! Adding a process: write its file, add its line to [`ALL`], its narrow table to the migrations.

pub mod bundles;
pub mod operation;
pub mod registers;
pub mod shipped;
pub mod transition;

use mainstay_engine::process::Process;

/// Every process of the product, in the order menus show them.
pub static ALL: &[&Process] = &[
    &operation::incident::INCIDENT,
    &operation::problem::PROBLEM,
    &transition::change::CHANGE,
    &transition::evaluation::EVALUATION,
    &transition::configuration_item::CONFIGURATION_ITEM,
    &transition::asset::ASSET,
    &transition::licence::LICENCE,
    &transition::baseline::BASELINE,
];
const _: () = mainstay_engine::process::together(ALL);

/// The process with this key.
#[must_use]
pub fn process(key: &str) -> Option<&'static Process> {
    ALL.iter().copied().find(|p| p.key == key)
}

/// The process whose numbers begin as this one does, in letters of either size.
#[must_use]
pub fn of_number(number: &str) -> Option<&'static Process> {
    let prefix = number.split_once('-')?.0;
    ALL.iter().copied().find(|p| p.prefix.eq_ignore_ascii_case(prefix))
}
