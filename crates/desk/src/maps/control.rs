//! What of a record changes only while another one permits it: fields by its class, and whether it is in use. (SAC-04)

use super::law::class_of;
use crate::caller::{Caller, Channel};
use crate::config::Config;
use crate::desk::Session;
use crate::error::Result;
use mainstay_engine::process::Control;
use mainstay_engine::record::Record;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::spine;
use mainstay_store::{hangings, record as store};

/// How a record stands with those that may permit a change of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Permit {
    /// One of them is carried out.
    Given,
    /// One of them is under way and does not permit it yet: its number.
    Underway(String),
    None,
}

/// The fields that change only by control while a record is as it is.
pub fn under_control(config: &Config, control: &Control, record: &Record) -> Vec<String> {
    if !control.held.contains(&record.state.key) {
        return Vec::new();
    }
    let classes = classes(config, record);
    classes.filter_map(|id| config.classes.get(&id)).flat_map(|class| class.controlled.iter().cloned()).collect()
}

/// The class of a record and those above it.
fn classes(config: &Config, record: &Record) -> impl Iterator<Item = i64> {
    let above = std::iter::successors(class_of(record), |id| config.parents.get(id).copied());
    above.take(64)
}

/// Whether a change that a record makes is permitted.
///
/// # Errors
/// `needs_change` for each field and for the state; the database's.
pub fn permits(session: &mut Session<'_>, control: &Control, before: &Record, after: &Record) -> Result<()> {
    if session.standard {
        return Ok(());
    }
    let config = session.config;
    let mut fields = under_control(config, control, before);
    fields.sort();
    fields.dedup();
    fields.retain(|key| before.value(key) != after.value(key));
    // Whoever takes the class away would take the control away with it.
    let class = before.process.map.as_ref().map_or("", |map| map.class.key);
    let leaves = !under_control(config, control, before).is_empty() && before.value(class) != after.value(class);
    if leaves && !fields.iter().any(|key| key == class) {
        fields.push(class.to_owned());
    }
    let (from, to) = (before.state.key, after.state.key);
    let moves = from != to && [from, to].contains(&control.live);
    let found = [from, to].iter().any(|state| control.found.contains(state));
    let by_change = classes(config, before).any(|id| config.classes.get(&id).is_some_and(|class| class.used_by_change));
    let moves = moves && !found && by_change;
    if fields.is_empty() && !moves || permit(session, control, before)? == Permit::Given {
        return Ok(());
    }
    let says = "It changes only while a change that affects this item is carried out.";
    let mut errors: Vec<FieldError> = fields.iter().map(|key| FieldError::new(key, "needs_change", says)).collect();
    if moves {
        let says = "It goes into and out of use only while a change that affects it is carried out.";
        errors.push(FieldError::new(spine::STATE.def.key, "needs_change", says));
    }
    let detail = errors[0].detail.clone();
    Err(Refusal { errors, ..Refusal::conflict("needs_change", detail) }.into())
}

/// Whether a record that is linked with this one permits that it changes now.
///
/// # Errors
/// The database's.
pub fn permit(session: &mut Session<'_>, control: &Control, record: &Record) -> Result<Permit> {
    let links = hangings::links(session.conn, record.id)?;
    let linked = links.iter().filter(|l| !l.outgoing && l.process == control.by && l.relation == control.relation);
    let ids: Vec<i64> = linked.filter(|l| l.phase < 2).map(|l| l.id).collect();
    if ids.is_empty() {
        return Ok(Permit::None);
    }
    // Whoever changes the record need not see what permits it.
    let scope = Caller::engine(Channel::Engine).scope;
    let found = store::find_all(session.conn, &scope, &ids)?;
    if found.iter().any(|spine| control.permits.contains(&spine.state.as_str())) {
        return Ok(Permit::Given);
    }
    Ok(found.into_iter().next().map_or(Permit::None, |spine| Permit::Underway(spine.number)))
}
