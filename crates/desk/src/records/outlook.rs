//! What a step would bring about beyond its record, before it is taken: which records would follow, and how a merged
//! conversation would read. It shows what the caller may see, and writes nothing.

use super::change::linked;
use super::rows;
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use mainstay_engine::process::{Effect, Process, Transition};
use mainstay_engine::record::Record;
use mainstay_store::hangings::{self, CommentRow};

/// Records below one that are looked at.
const MOST_FOLLOWERS: usize = 100;
/// Words of each record that a preview shows.
const MOST_WORDS: i64 = 200;

/// What would follow from a step.
#[derive(Clone, Default)]
pub struct Outlook {
    /// Live records that would take a step with this one, as far as the caller sees them.
    pub followers: Vec<Record>,
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
            Effect::Cascade { relation, .. } => outlook.followers = followers(session, caller, &record, relation)?,
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

/// The live records under one, and under those.
fn followers(session: &mut Session<'_>, caller: &Caller, record: &Record, relation: &str) -> Result<Vec<Record>> {
    let (mut found, mut above, mut known) = (Vec::new(), vec![record.id], vec![record.id]);
    while let Some(parent) = above.pop() {
        for child in linked(session, parent, relation, false)? {
            if known.contains(&child) || found.len() >= MOST_FOLLOWERS {
                continue;
            }
            known.push(child);
            let Some((child, _)) = rows::find_by_id(session, caller, child)? else { continue };
            if child.state.phase.is_live() {
                above.push(child.id);
                found.push(child);
            }
        }
    }
    Ok(found)
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
