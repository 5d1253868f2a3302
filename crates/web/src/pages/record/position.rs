//! How the product of an entitlement stands.

use mainstay_desk::{Caller, Session, positions};
use maud::Markup;

use super::tabs::Around;
use crate::pages::positions::of_one;

/// The section.
///
/// # Errors
/// Not the caller's to see; the database's.
pub fn section(session: &mut Session<'_>, caller: &Caller, around: &Around<'_>) -> mainstay_desk::Result<Markup> {
    let (process, number) = (around.sheet.process(), around.sheet.number());
    let standing = positions::position_of(session, caller, process, number)?;
    Ok(of_one(process, number, &standing))
}
