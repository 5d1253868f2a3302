//! Approvals as people see them: of a record, and what waits for somebody.

use super::policy::{Policy, Standing};
use crate::caller::Caller;
use crate::deputies;
use crate::desk::Session;
use crate::error::Result;
use crate::records::rows;
use mainstay_engine::process::Process;
use mainstay_engine::record::Record;
use mainstay_engine::refusal::Refusal;
use mainstay_store::approvals::{self as store, ApprovalRow, RoundRow};
use mainstay_store::entries;

/// Lines of what waits for somebody; who has more sees the first.
const MOST: i64 = 200;

/// What was asked of a record once, with what was said.
#[derive(Clone, Debug)]
pub struct Round {
    pub row: RoundRow,
    /// The name of the policy.
    pub policy: String,
    pub parts: Vec<Part>,
}

/// A part of it.
#[derive(Clone, Debug)]
pub struct Part {
    pub step: i64,
    pub name: String,
    /// The team whose members it asks, where it asks one.
    pub team: Option<i64>,
    /// How many have to approve.
    pub needed: usize,
    pub advisory: bool,
    pub standing: Standing,
    pub voices: Vec<ApprovalRow>,
}

impl Standing {
    /// The word for it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Granted => "granted",
            Self::Refused => "refused",
        }
    }
}

/// The approvals of a record, the last round first.
///
/// # Errors
/// Not the caller's to see; the database's.
pub fn approvals(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
) -> Result<Vec<Round>> {
    let (_, seen) = rows::find(session, caller, process, number)?;
    let mut voices = store::of_record(session.conn, &seen)?;
    if !seen.internal() {
        // What others said is said within the house.
        let me = caller.person_id();
        for voice in voices.iter_mut().filter(|voice| voice.voter != me) {
            voice.words = None;
        }
    }
    let mut rounds = Vec::new();
    for row in store::rounds(session.conn, &seen)? {
        let policy = Policy::of_round(session, &row)?;
        let parts = policy.parts.iter().map(|part| {
            let own: Vec<ApprovalRow> =
                voices.iter().filter(|voice| voice.round == row.id && voice.part == part.place).cloned().collect();
            Part {
                step: part.step,
                name: part.name.clone(),
                team: part.team(),
                needed: part.needed(own.len()),
                advisory: part.advisory,
                standing: part.standing(&own.iter().collect::<Vec<_>>()),
                voices: own,
            }
        });
        let parts = parts.collect();
        let policy = entries::names(session.conn, &[row.policy])?.pop().map(|(.., name)| name).unwrap_or_default();
        rounds.push(Round { row, policy, parts });
    }
    Ok(rounds)
}

/// An approval that waits for somebody, with its record.
#[derive(Clone)]
pub struct Waiting {
    pub row: ApprovalRow,
    /// What it is called in its policy.
    pub name: String,
    pub record: Record,
}

/// Whose approvals the caller gives: one's own, and those of whoever one stands in for.
fn voices_of(session: &mut Session<'_>, caller: &Caller) -> Result<Vec<i64>> {
    let me = caller.person_id().ok_or_else(|| Refusal::missing("person"))?;
    let mut people = vec![me];
    people.extend(deputies::stood_in_for(session, me)?);
    Ok(people)
}

/// What waits for the caller's approval, the longest first.
///
/// # Errors
/// The engine approves nothing; the database's.
pub fn waiting(session: &mut Session<'_>, caller: &Caller) -> Result<Vec<Waiting>> {
    let people = voices_of(session, caller)?;
    let asked = store::waiting_for(session.conn, &people, MOST)?;
    let mut found = Vec::new();
    for row in asked {
        let Some((record, _)) = rows::find_by_id(session, caller, row.record)? else { continue };
        found.push(named(session, row, record)?);
    }
    Ok(found)
}

/// How many approvals wait for the caller, or for whoever they stand in for; none where nobody ever asked them.
///
/// # Errors
/// The engine approves nothing; the database's.
pub fn ever_asked(session: &mut Session<'_>, caller: &Caller) -> Result<Option<i64>> {
    let people = voices_of(session, caller)?;
    let (ever, open) = store::asked_so_far(session.conn, &people)?;
    Ok((ever > 0).then_some(open))
}

/// What the caller is asked about one record.
///
/// # Errors
/// Not the caller's to see; the database's.
pub fn asked_of(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
) -> Result<Vec<Waiting>> {
    let (record, seen) = rows::find(session, caller, process, number)?;
    let people = voices_of(session, caller)?;
    let open = |row: &ApprovalRow| row.state == "open" && people.contains(&row.approver);
    let mut found = Vec::new();
    for row in store::of_record(session.conn, &seen)?.into_iter().filter(open) {
        found.push(named(session, row, record.clone())?);
    }
    Ok(found)
}

fn named(session: &mut Session<'_>, row: ApprovalRow, record: Record) -> Result<Waiting> {
    let round = store::round(session.conn, row.round)?;
    let policy = match &round {
        Some(round) => Some(Policy::of_round(session, round)?),
        None => None,
    };
    let part = policy.and_then(|policy| policy.parts.into_iter().find(|part| part.place == row.part));
    Ok(Waiting { name: part.map(|part| part.name).unwrap_or_default(), row, record })
}
