//! What a step would bring about beyond its record, before it is taken: which records would follow, and how a merged
//! conversation would read. It shows what the caller may see, and writes nothing.

use super::apply::gather;
use super::following::followers;
use super::rows;
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use mainstay_engine::decide;
use mainstay_engine::process::{Effect, Process, Transition};
use mainstay_engine::record::Record;
use mainstay_engine::refusal::Refusal;
use mainstay_store::hangings::{self, CommentRow};

/// Words of each record that a preview shows.
const MOST_WORDS: i64 = 200;

/// What would follow from a step.
#[derive(Clone, Default)]
pub struct Outlook {
    /// Live records that would take a step with this one, as far as the caller sees them.
    pub followers: Vec<Record>,
    /// Live records that could take a step with this one, where it is by choice which do.
    pub choices: Vec<Record>,
    /// The record that would take this one in.
    pub into: Option<Record>,
    /// The words of both in the order of their instants, each with the number of its record.
    pub words: Vec<(String, CommentRow)>,
    /// How many files the survivor would have.
    pub files: usize,
}

/// Looks ahead of a step; `link` is the record that it would name.
///
/// # Errors
/// Not the caller's to see; no such record to link to.
pub fn outlook(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    step: &'static Transition,
    link: Option<&str>,
) -> Result<Outlook> {
    let (record, _) = rows::find(session, caller, process, number)?;
    let mut outlook = Outlook::default();
    for effect in step.effects {
        match *effect {
            Effect::Cascade(cascade) => {
                let found = followers(session, caller, &record, &cascade)?;
                if cascade.chosen {
                    outlook.choices = found;
                } else {
                    outlook.followers = found;
                }
            }
            Effect::Absorb { relation } => {
                let target = process.relation(relation).and_then(|relation| relation.to);
                let target = target.and_then(mainstay_processes::process).unwrap_or(process);
                if let Some(link) = link {
                    let (into, _) = rows::find(session, caller, target, link)?;
                    merged(session, caller, &record, into, &mut outlook)?;
                }
            }
            _ => {}
        }
    }
    Ok(outlook)
}

/// Why a step is not offered to the caller as things stand; none where nothing stands against it.
///
/// # Errors
/// Not the caller's to see; the database's.
pub fn why_not(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    step: &'static Transition,
) -> Result<Option<Refusal>> {
    let (record, _) = rows::find(session, caller, process, number)?;
    let mut gathered = gather(session, caller, &record)?;
    gathered.actor.staff &= caller.rights.may(process.key, step.verb, record.value("organisation").as_int());
    gathered.actor.requester &= caller.rights.in_scope(process.key, step.verb);
    Ok(gathered.with(|facts| decide::offers(&record, step, facts)).err())
}

fn merged(
    session: &mut Session<'_>,
    caller: &Caller,
    record: &Record,
    into: Record,
    outlook: &mut Outlook,
) -> Result<()> {
    for one in [record, &into] {
        let Some((_, seen)) = rows::find_by_id(session, caller, one.id)? else { continue };
        let number = one.value("number").as_text().unwrap_or_default().to_owned();
        let said = hangings::comments(session.conn, &seen, 0, MOST_WORDS)?;
        outlook.words.extend(said.into_iter().filter(|row| !row.held).map(|row| (number.clone(), row)));
        outlook.files += hangings::attachments(session.conn, &seen)?.len();
    }
    outlook.words.sort_by_key(|(_, row)| (row.at, row.id));
    outlook.into = Some(into);
    Ok(())
}
