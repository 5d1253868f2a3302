//! Approving and refusing, and what follows when enough was said or nothing in time.

use super::policy::{Policy, Standing, is_involved};
use super::{
    APPROVED, DISAPPROVED, EXPIRED, GRANTED, REFUSED, end, open_step, record_of, remind_later, round_of, tell,
};
use crate::caller::{Caller, Channel};
use crate::deputies;
use crate::desk::Session;
use crate::error::Result;
use crate::inbox::Kind;
use crate::records::change::{Act, engine_step};
use crate::records::rows;
use crate::registers::stale;
use mainstay_engine::process::Process;
use mainstay_engine::record::Record;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_processes::registers::Expiry;
use mainstay_store::approvals::{self as store, ApprovalRow, RoundRow};
use mainstay_store::{TimerRow, entries, notices};

/// What somebody says when asked.
#[derive(Clone, Debug, Default)]
pub struct Voice {
    pub grants: bool,
    /// Why; whoever refuses says so.
    pub words: Option<String>,
    /// The version of the record that they had before their eyes.
    pub version: i64,
}

/// Approves a record or refuses to, as oneself or in the place of whoever is away.
///
/// # Errors
/// Not the caller's to see or to answer; not asked any more; `stale` when the record was another matter before the
/// caller's eyes; `own_record`; a refusal without words.
pub fn answer(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    approval: i64,
    voice: &Voice,
) -> Result<()> {
    let (record, seen) = rows::find(session, caller, process, number)?;
    let all = store::of_record(session.conn, &seen)?;
    let Some(row) = all.into_iter().find(|row| row.id == approval) else {
        return Err(Refusal::missing("approval").into());
    };
    let me = speaker(session, caller, process, row.approver)?;
    let words = voice.words.as_deref().map(str::trim).filter(|words| !words.is_empty());
    if !voice.grants && words.is_none() {
        return Ok(Refusal::unless_empty(vec![FieldError::new("reason", "required", "Say why you refuse it.")])?);
    }
    let held = store::hold(session.conn, row.round)?;
    let Some(round) = store::round(session.conn, row.round)?.filter(|_| held) else { return Err(not_asked().into()) };
    if voice.version < round.record_version || voice.version > record.version {
        return Err(stale(record.version).into());
    }
    let policy = Policy::of_round(session, &round)?;
    if !policy.self_approval && (is_involved(&record, me) || is_involved(&record, row.approver)) {
        let says = "Nobody approves what they ask for, own or carry out.";
        return Err(Refusal::forbidden("own_record", says).into());
    }
    let state = if voice.grants { "granted" } else { "refused" };
    let said = ApprovalRow {
        state: state.into(),
        voter: Some(me),
        at: Some(session.now),
        record_version: Some(voice.version),
        words: words.map(str::to_owned),
        ..row
    };
    if !store::answer(session.conn, &said)? {
        return Err(not_asked().into());
    }
    let part = policy.parts.iter().find(|part| part.place == said.part).map_or("", |part| part.name.as_str());
    let told = if me == said.approver {
        part.to_owned()
    } else {
        let names = entries::names(session.conn, &[said.approver])?;
        format!("{part}: {}", names.first().map_or("", |(.., name)| name.as_str()))
    };
    tell(session, caller, &record, if voice.grants { APPROVED } else { DISAPPROVED }, None, &told, words)?;
    notices::done_about(session.conn, me, record.id, Kind::Approval.key(), session.now)?;
    settle(session, caller, &record, &round, &policy, &said)
}

fn not_asked() -> Refusal {
    Refusal::conflict("not_asked", "This approval is not asked for any more. Look at the record again.")
}

/// Who speaks: the approver, or their deputy of today.
fn speaker(session: &mut Session<'_>, caller: &Caller, process: &Process, approver: i64) -> Result<i64> {
    let not_yours = || Refusal::forbidden("not_yours", "This approval is not yours to give.");
    let me = caller.person_id().filter(|_| caller.rights.in_scope(process.key, "approve")).ok_or_else(not_yours)?;
    if me != approver && !deputies::stood_in_for(session, me)?.contains(&approver) {
        return Err(not_yours().into());
    }
    Ok(me)
}

/// Goes on when the step in hand is decided: to the next one, or to the end.
fn settle(
    session: &mut Session<'_>,
    caller: &Caller,
    record: &Record,
    round: &RoundRow,
    policy: &Policy,
    said: &ApprovalRow,
) -> Result<()> {
    let voices = store::of_round(session.conn, round.id)?;
    let parts = policy.parts.iter().filter(|part| part.step == said.step && !part.advisory);
    let standings: Vec<Standing> = parts
        .map(|part| part.standing(&voices.iter().filter(|voice| voice.part == part.place).collect::<Vec<_>>()))
        .collect();
    if standings.contains(&Standing::Refused) {
        return refuse(session, caller, record, round, said.words.as_deref().unwrap_or_default());
    }
    if standings.contains(&Standing::Open) {
        return Ok(());
    }
    let next = policy.parts.iter().map(|part| part.step).filter(|step| *step > said.step).min();
    if let Some(step) = next {
        return open_step(session, caller, record, round, policy, step);
    }
    end(session, round, "granted")?;
    tell(session, &Caller::engine(Channel::Engine), record, GRANTED, None, "Granted", None)
}

/// Ends a round that can no longer be granted; the record goes where its process says.
fn refuse(session: &mut Session<'_>, caller: &Caller, record: &Record, round: &RoundRow, why: &str) -> Result<()> {
    end(session, round, "refused")?;
    tell(session, caller, record, REFUSED, None, "Refused", Some(why))?;
    let Some(approvals) = &record.process.approvals else { return Ok(()) };
    let act = Act { reason: Some(why.to_owned()), ..Act::default() };
    engine_step(session, &Caller::engine(Channel::Engine), record.id, approvals.refused, &act, true)
}

/// The time to answer is over: those who are asked hear of it again and again, or it counts as refused.
///
/// # Errors
/// The database's; the step that follows.
pub fn expire(session: &mut Session<'_>, timer: &TimerRow) -> Result<()> {
    let Some(id) = round_of(&timer.payload) else { return Ok(()) };
    let held = store::hold(session.conn, id)?;
    let Some(round) = store::round(session.conn, id)?.filter(|_| held) else { return Ok(()) };
    let Some(record) = record_of(session, &round)? else { return Ok(()) };
    let engine = Caller::engine(Channel::Engine);
    let policy = Policy::of_round(session, &round)?;
    tell(session, &engine, &record, EXPIRED, None, "Not answered", None)?;
    match policy.expiry {
        Expiry::Remind => remind_later(session, &record, &round, &policy),
        Expiry::Refuse => refuse(session, &engine, &record, &round, "Nobody answered in time."),
    }
}
