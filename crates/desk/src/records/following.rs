//! Records that take a step because another one did: those below it, and those of other processes that wait for it.

use super::allowed::may;
use super::apply::gather;
use super::change::{Act, engine_step, linked};
use super::rows;
use crate::caller::{Caller, Channel};
use crate::desk::Session;
use crate::error::{Error, Result};
use mainstay_engine::decide;
use mainstay_engine::facts::Actor;
use mainstay_engine::process::{Asks, Cascade, Effect, Process, Transition};
use mainstay_engine::record::Record;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::spine;

/// Records that are looked at beyond one.
const MOST: usize = 100;

/// The step of others that follows from this one by choice.
#[must_use]
pub fn by_choice(step: &Transition) -> Option<Cascade> {
    step.effects.iter().find_map(|effect| match effect {
        Effect::Cascade(cascade) if cascade.chosen => Some(*cascade),
        _ => None,
    })
}

/// The process of the records that follow one.
fn process_of(record: &Record, cascade: &Cascade) -> &'static Process {
    cascade.of.and_then(mainstay_processes::process).unwrap_or(record.process)
}

/// Only a step that others follow by choice is told which.
pub(super) fn must_be_asked_for(step: &Transition, followers: &[String]) -> Result<()> {
    if followers.is_empty() || by_choice(step).is_some() {
        return Ok(());
    }
    Err(refused("not_part_of_step", "No other record follows this step by choice.".to_owned()).into())
}

fn refused(code: &str, says: String) -> Refusal {
    let error = FieldError::new("followers", code, says);
    Refusal { errors: vec![error.clone()], ..Refusal::invalid("invalid_fields", error.detail) }
}

/// Takes the step that follows on others: on every live one below, where one that cannot stays as it is; or on those
/// that were chosen, where each has to be able to.
pub(super) fn carry_along(
    session: &mut Session<'_>,
    caller: &Caller,
    record: &Record,
    cascade: &Cascade,
    followers: &[String],
) -> Result<()> {
    let values = cascade.hands_on.iter().map(|h| (h.into.key.to_owned(), record.value(h.from.key).to_json(&h.into)));
    // A step that asks for a reason is told which record it follows.
    let step = process_of(record, cascade).transition(cascade.verb);
    let asked = step.is_some_and(|step| step.asks == Asks::Reason);
    let reason = asked.then(|| record.value(spine::NUMBER.def.key).as_text().unwrap_or_default().to_owned());
    let act = Act { values: values.collect(), reason, ..Act::default() };
    let engine = Caller::engine(Channel::Engine);
    let below = linked(session, record.id, cascade.relation, false)?;
    if cascade.chosen {
        for number in followers {
            let follower = chosen(session, caller, record, cascade, &below, number)?;
            engine_step(session, &engine, follower, cascade.verb, &act, true)?;
        }
        return Ok(());
    }
    for follower in below {
        let there =
            rows::by_id(session, follower)?.is_some_and(|other| other.process.key == process_of(record, cascade).key);
        if !there {
            continue;
        }
        match session.attempt(|session| engine_step(session, &engine, follower, cascade.verb, &act, true)) {
            Ok(()) | Err(Error::Refused(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// A record that was named to follow: linked, the caller's to change, and able to.
fn chosen(
    session: &mut Session<'_>,
    caller: &Caller,
    record: &Record,
    cascade: &Cascade,
    below: &[i64],
    number: &str,
) -> Result<i64> {
    let process = process_of(record, cascade);
    let found = match rows::find(session, caller, process, number.trim()) {
        Ok((found, _)) if below.contains(&found.id) => found,
        Ok(_) | Err(Error::Refused(_)) => {
            let (here, label) = (record.value(spine::NUMBER.def.key).as_text().unwrap_or_default(), process.label);
            let says = format!("There is no {} {number} here that {here} would change.", label.to_lowercase());
            return Err(refused("unknown_follower", says).into());
        }
        Err(error) => return Err(error),
    };
    may(caller, &found, "update")?;
    if let Err(why) = can_follow(session, &found, cascade)? {
        return Err(Refusal::conflict("follower_cannot", format!("{}: {}", number.to_uppercase(), why.detail)).into());
    }
    Ok(found.id)
}

/// Whether the engine could take the step there now; why not, otherwise.
fn can_follow(
    session: &mut Session<'_>,
    follower: &Record,
    cascade: &Cascade,
) -> Result<std::result::Result<(), Refusal>> {
    let Some(step) = follower.process.transition(cascade.verb) else {
        return Ok(Err(Refusal::missing("such step")));
    };
    let mut gathered = gather(session, &Caller::engine(Channel::Engine), follower)?;
    gathered.actor = Actor { engine: true, ..Actor::default() };
    Ok(gathered.with(|facts| decide::permits(follower, step, facts)))
}

/// The live records that would take a step with one, and those under them, as far as the caller sees them. Of those
/// that follow by choice, the ones that the caller may change and that could.
pub(super) fn followers(
    session: &mut Session<'_>,
    caller: &Caller,
    record: &Record,
    cascade: &Cascade,
) -> Result<Vec<Record>> {
    let (mut found, mut above, mut known) = (Vec::new(), vec![record.id], vec![record.id]);
    let process = process_of(record, cascade);
    while let Some(parent) = above.pop() {
        for child in linked(session, parent, cascade.relation, false)? {
            if known.contains(&child) || found.len() >= MOST {
                continue;
            }
            known.push(child);
            let Some((child, _)) = rows::find_by_id(session, caller, child)? else { continue };
            if child.process.key != process.key || !child.state.phase.is_live() {
                continue;
            }
            if cascade.chosen {
                if may(caller, &child, "update").is_ok() && can_follow(session, &child, cascade)?.is_ok() {
                    found.push(child);
                }
                continue;
            }
            above.push(child.id);
            found.push(child);
        }
    }
    Ok(found)
}
