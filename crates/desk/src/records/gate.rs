//! Whether the work on a record that is approved may begin now, for those who would begin it by a machine.

use super::apply::gather;
use super::{risk, rows};
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use crate::schedule;
use mainstay_engine::decide;
use mainstay_engine::process::{Approvals, Process, Transition};
use mainstay_engine::record::Record;
use mainstay_engine::refusal::Refusal;

/// The answer at a gate.
#[derive(Clone)]
pub struct Gate {
    pub record: Record,
    /// The step that begins the work.
    pub step: &'static Transition,
    /// The work has begun, and is not over.
    pub begun: bool,
    /// Everything that stands against it as things are; nothing: go.
    pub against: Vec<Refusal>,
}

/// Asks whether the caller may begin the work on a record now. Every condition is one of the step that begins it, so
/// that gate and step never say different things.
///
/// # Errors
/// Not the caller's to see; a process without approvals; the database's.
pub fn gate(session: &mut Session<'_>, caller: &Caller, process: &'static Process, number: &str) -> Result<Gate> {
    let (record, _) = rows::find(session, caller, process, number)?;
    let begins = process.approvals.as_ref().and_then(|approvals| beginning(approvals, &record));
    let step = begins.ok_or_else(|| Refusal::missing("gate"))?;
    // Whoever comes again after the step was taken is let through, as with the same request sent twice.
    let begun = step.to.is_some_and(|to| to.key == record.state.key);
    let mut gathered = gather(session, caller, &record)?;
    gathered.actor.staff &= caller.rights.may(process.key, step.verb, record.value("organisation").as_int());
    gathered.actor.requester &= caller.rights.in_scope(process.key, step.verb);
    let mut against = gathered.with(|facts| if begun { Vec::new() } else { decide::against(&record, step, facts) });
    if !begun {
        against.extend(risk::against(session, &record, &record, step)?);
        against.extend(schedule::against(session, caller, &record, step)?);
    }
    Ok(Gate { record, step, begun, against })
}

/// The step by which the work on this record begins.
fn beginning(approvals: &Approvals, record: &Record) -> Option<&'static Transition> {
    let is_for = |step: &&'static Transition| step.when.is_none_or(|when| (when.test)(record));
    approvals.begins.iter().filter_map(|verb| record.process.transition(verb)).find(is_for)
}
