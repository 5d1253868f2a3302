//! Boards and their meetings: what waits for approval comes before the people who approve it, they vote, and the
//! minutes go to the records. A vote is an approval like any other; a meeting has no votes of its own. (CHG-06)

mod agenda;
mod deeds;
mod minutes;
mod rhythm;
mod votes;

pub use agenda::meeting_of;
pub use deeds::{Decision, NewMeeting, add, arrange, attend, begin, call, cancel, decide, end, plan, remove, vote};
pub use rhythm::{coming, keep};
pub use votes::{Tally, tallies};

use crate::caller::Caller;
use crate::config::{Ruled, entry_of};
use crate::deputies;
use crate::desk::Session;
use crate::error::Result;
use crate::records::{self, Round};
use mainstay_engine::condition::Checked;
use mainstay_engine::process::Process;
use mainstay_engine::record::Record;
use mainstay_engine::refusal::Refusal;
use mainstay_processes::registers::{
    BOARD_CHAIR, BOARD_LEAD, BOARD_MINUTES, BOARD_TEAM, BOARDS, PEOPLE, PERSON_TEAMS, rhythm_of,
};
use mainstay_store::approvals::ApprovalRow;
use mainstay_store::meetings::{self as store, ItemRow, MeetingRow};
use mainstay_store::{NewEvent, entries, events};
use serde_json::Value as Json;
use std::collections::HashMap;

/// What the log calls a meeting.
pub const SUBJECT: &str = "meeting";
/// Longest note and reason, in characters.
pub const LONGEST: usize = 4_000;
/// Items of an agenda, and members of a board.
const MOST: usize = 100;
const MOST_MEMBERS: i64 = 200;
/// Meetings that a list shows.
const MOST_LISTED: i64 = 100;
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// Minutes for an item where the board says nothing.
const MINUTES: i64 = 10;

/// A board as its entry says it.
#[derive(Clone)]
pub struct Board {
    pub id: i64,
    pub name: String,
    pub process: &'static Process,
    pub team: i64,
    pub chair: Option<i64>,
    /// So long before a meeting its agenda closes, in milliseconds.
    pub lead: i64,
    /// Minutes for each item.
    pub minutes: i64,
    condition: Option<Checked>,
    rhythm: Option<mainstay_engine::calendar::Recurrence>,
}

impl Board {
    fn of(rule: &Ruled) -> Option<Self> {
        let entry = &rule.entry;
        Some(Self {
            id: entry.id,
            name: entry.name.clone(),
            process: mainstay_processes::process(&rule.process)?,
            team: entry.int(BOARD_TEAM.def.key)?,
            chair: entry.int(BOARD_CHAIR.def.key),
            lead: entry.int(BOARD_LEAD.def.key).unwrap_or_default() * HOUR,
            minutes: entry.int(BOARD_MINUTES.def.key).unwrap_or(MINUTES),
            condition: rule.condition.clone(),
            rhythm: rhythm_of(&entry.values),
        })
    }

    /// The members, those who are out of use left out.
    fn members(&self, session: &mut Session<'_>) -> Result<Vec<i64>> {
        let all = entries::referring_first(session.conn, PERSON_TEAMS.def.key, self.team, MOST_MEMBERS)?;
        let known = entries::several(session.conn, PEOPLE.key, &all)?;
        Ok(known.into_iter().filter(|row| row.active).map(|row| row.id).collect())
    }

    /// Whether the caller plans its meetings: its chair, and whoever may for the process.
    fn may_plan(&self, caller: &Caller) -> bool {
        let reaches = caller.rights.in_scope(self.process.key, "meet");
        let chairs = caller.person_id().is_some_and(|me| self.chair == Some(me));
        reaches && (chairs || caller.rights.may_somewhere(self.process.key, "meet"))
    }

    fn may_run(&self, caller: &Caller, row: &MeetingRow) -> bool {
        let reaches = caller.rights.in_scope(self.process.key, "meet");
        let chairs = caller.person_id().is_some_and(|me| row.chair == Some(me));
        reaches && chairs || self.may_plan(caller)
    }

    /// Whether the caller reads of its meetings: staff of the process, the chair, the members and their deputies.
    fn reads(&self, session: &mut Session<'_>, caller: &Caller) -> Result<bool> {
        if !caller.rights.in_scope(self.process.key, "view") {
            return Ok(false);
        }
        if caller.rights.is_staff_of(self.process.key) {
            return Ok(true);
        }
        let Some(person) = &caller.person else { return Ok(caller.is_engine()) };
        if self.chair == Some(person.id) || person.teams.contains(&self.team) {
            return Ok(true);
        }
        let absent = deputies::stood_in_for(session, person.id)?;
        Ok(!absent.is_empty() && self.members(session)?.iter().any(|member| absent.contains(member)))
    }
}

/// The boards in use.
fn in_use(session: &Session<'_>) -> Vec<Board> {
    session.config.boards.iter().filter_map(Board::of).collect()
}

/// The board with this id, also one that is out of use.
fn board(session: &mut Session<'_>, id: i64) -> Result<Option<Board>> {
    if let Some(rule) = session.config.boards.iter().find(|rule| rule.entry.id == id) {
        return Ok(Board::of(rule));
    }
    let Some(row) = entries::by_id(session.conn, id)?.filter(|row| row.register == BOARDS.key) else { return Ok(None) };
    Ok(session.config.ruled(vec![entry_of(row)]).first().and_then(Board::of))
}

/// The boards whose meetings the caller plans.
#[must_use]
pub fn planned_by(session: &Session<'_>, caller: &Caller) -> Vec<Board> {
    in_use(session).into_iter().filter(|board| board.may_plan(caller)).collect()
}

/// A meeting in a list.
#[derive(Clone)]
pub struct Listed {
    pub row: MeetingRow,
    pub board: Board,
}

/// The meetings that the caller reads of: what is ahead or goes on, the first first, or what is over, the last first.
///
/// # Errors
/// A token that does not reach here; the database's.
pub fn list(session: &mut Session<'_>, caller: &Caller, over: bool) -> Result<Vec<Listed>> {
    caller.reaches("me", "own")?;
    let now = session.now;
    let rows = if over {
        store::before(session.conn, i64::MAX, MOST_LISTED)?
    } else {
        store::between(session.conn, now - DAY, now + 366 * DAY, MOST_LISTED)?
    };
    let is_over = |row: &MeetingRow| match row.state.as_str() {
        "planned" => row.ends <= now,
        "running" => false,
        _ => true,
    };
    let mut found = Vec::new();
    for row in rows.into_iter().filter(|row| is_over(row) == over) {
        if let Some(board) = readable(session, caller, row.board)? {
            found.push(Listed { row, board });
        }
    }
    Ok(found)
}

fn readable(session: &mut Session<'_>, caller: &Caller, id: i64) -> Result<Option<Board>> {
    match board(session, id)? {
        Some(board) if board.reads(session, caller)? => Ok(Some(board)),
        _ => Ok(None),
    }
}

/// A meeting whose board the caller reads of.
fn open(session: &mut Session<'_>, caller: &Caller, id: i64) -> Result<(MeetingRow, Board)> {
    let missing = || Refusal::missing("meeting");
    let row = store::by_id(session.conn, id)?.ok_or_else(missing)?;
    let mut board_of = readable(session, caller, row.board)?;
    if board_of.is_none() && is_guest(session, caller, &row)? {
        board_of = board(session, row.board)?;
    }
    Ok((row, board_of.ok_or_else(missing)?))
}

/// Whether the caller was noted as somebody of this meeting.
fn is_guest(session: &mut Session<'_>, caller: &Caller, row: &MeetingRow) -> Result<bool> {
    let Some(me) = caller.person_id() else { return Ok(false) };
    Ok(row.chair == Some(me) || store::people(session.conn, row.id)?.iter().any(|(person, _)| *person == me))
}

/// Somebody of a meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attendee {
    pub person: i64,
    pub present: bool,
    /// Belongs to the board.
    pub member: bool,
}

/// A record on the agenda that the caller sees.
#[derive(Clone)]
pub struct Item {
    pub row: ItemRow,
    pub record: Record,
    /// The caller reads what is internal.
    pub internal: bool,
    /// What was asked of it, as it is or, once the meeting has ended, as it was then.
    pub round: Option<Round>,
    /// Approvals that the caller gives now.
    pub mine: Vec<ApprovalRow>,
}

/// A meeting as the caller may see it.
#[derive(Clone)]
pub struct Meeting {
    pub row: MeetingRow,
    pub board: Board,
    pub people: Vec<Attendee>,
    /// In their order.
    pub items: Vec<Item>,
    /// What was taken off the agenda, with why.
    pub removed: Vec<Item>,
    /// The caller holds it.
    pub may_run: bool,
    pub names: HashMap<i64, String>,
}

impl Meeting {
    /// Who is there.
    pub fn present(&self) -> impl Iterator<Item = i64> {
        self.people.iter().filter(|each| each.present).map(|each| each.person)
    }

    /// The item before the meeting now.
    #[must_use]
    pub fn current(&self) -> Option<&Item> {
        self.items.iter().find(|item| Some(item.row.record) == self.row.open_item)
    }
}

/// A meeting with its agenda, as far as the caller sees the records on it.
///
/// # Errors
/// Not the caller's to see; the database's.
pub fn get(session: &mut Session<'_>, caller: &Caller, id: i64) -> Result<Meeting> {
    let (row, board) = open(session, caller, id)?;
    let may_run = board.may_run(caller, &row);
    let mut names: Vec<i64> = row.chair.into_iter().collect();
    let people = people(session, &board, &row)?;
    names.extend(people.iter().map(|each| each.person));
    let (mut items, mut removed) = (Vec::new(), Vec::new());
    for each in agenda::of(session, &board, &row)? {
        let Some(item) = item(session, caller, &row, each)? else { continue };
        let voices = item.round.iter().flat_map(|round| &round.parts).flat_map(|part| &part.voices);
        names.extend(voices.flat_map(|voice| voice.voter.into_iter().chain([voice.approver])));
        if item.row.removed.is_some() { removed.push(item) } else { items.push(item) }
    }
    let names = entries::names(session.conn, &names)?.into_iter().map(|(id, _, name)| (id, name)).collect();
    Ok(Meeting { row, board, people, items, removed, may_run, names })
}

/// What a meeting shows, in short: another one when something has changed in it.
///
/// # Errors
/// Not the caller's to see; the database's.
pub fn mark(session: &mut Session<'_>, caller: &Caller, id: i64) -> Result<String> {
    let (row, _) = open(session, caller, id)?;
    let seen = match row.open_item {
        Some(record) => records::find_by_id(session, caller, record)?.map(|(_, seen)| seen),
        None => None,
    };
    let newest = match seen {
        Some(seen) => events::newest_of(session.conn, &seen)?,
        None => 0,
    };
    Ok(format!("{}.{newest}", row.version))
}

/// Whoever belongs to a meeting: the members while it is ahead, and whoever was noted.
fn people(session: &mut Session<'_>, board: &Board, row: &MeetingRow) -> Result<Vec<Attendee>> {
    let members = board.members(session)?;
    let noted = store::people(session.conn, row.id)?;
    let mut all: Vec<Attendee> = noted
        .iter()
        .map(|(person, present)| Attendee { person: *person, present: *present, member: members.contains(person) })
        .collect();
    if row.state == "planned" {
        let ahead = members.iter().filter(|member| noted.iter().all(|(person, _)| person != *member));
        all.extend(ahead.map(|member| Attendee { person: *member, present: false, member: true }));
    }
    Ok(all)
}

fn item(session: &mut Session<'_>, caller: &Caller, meeting: &MeetingRow, row: ItemRow) -> Result<Option<Item>> {
    let Some((record, seen)) = records::find_by_id(session, caller, row.record)? else { return Ok(None) };
    let number = number(&record).to_owned();
    let mut rounds = records::approvals(session, caller, record.process, &number)?;
    let kept = |round: &Round| match row.round.filter(|_| row.decision.is_some() || meeting.ended.is_some()) {
        Some(id) => round.row.id == id,
        None => matches!(round.row.state.as_str(), "open" | "granted") || Some(round.row.id) == row.round,
    };
    let place = rounds.iter().position(kept);
    let mut round = place.map(|place| rounds.swap_remove(place));
    if let (Some(round), Some(ended)) = (round.as_mut(), meeting.ended) {
        votes::as_of(round, ended);
    }
    let mine = if meeting.state == "running" {
        let waiting = records::asked_of(session, caller, record.process, &number);
        match waiting {
            Ok(all) => all.into_iter().map(|each| each.row).collect(),
            Err(crate::Error::Refused(_)) => Vec::new(),
            Err(other) => return Err(other),
        }
    } else {
        Vec::new()
    };
    Ok(Some(Item { row, internal: seen.internal(), record, round, mine }))
}

/// A record's number.
fn number(record: &Record) -> &str {
    record.value(mainstay_engine::spine::NUMBER.def.key).as_text().unwrap_or_default()
}

/// A line of the log about a meeting.
fn note(session: &mut Session<'_>, caller: &Caller, row: &MeetingRow, verb: &str, changes: &Json) -> Result<()> {
    events::append(
        session.conn,
        &NewEvent {
            at: session.now,
            actor: caller.person_id(),
            channel: caller.channel.key().into(),
            subject: SUBJECT.into(),
            subject_id: row.id,
            process: Some(row.process.clone()),
            verb: verb.into(),
            public: false,
            changes: changes.to_string(),
            reason: row.reason.clone(),
        },
    )?;
    Ok(())
}
