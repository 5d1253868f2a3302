//! Holding a meeting: planning it, its agenda, who is there, what is decided, and its end.

use super::{Board, HOUR, Item, LONGEST, MOST, Meeting, agenda, board, get, item, minutes, note, open, votes};
use crate::caller::{Caller, Channel};
use crate::desk::Session;
use crate::error::Result;
use crate::records::{self, Voice, not_closed};
use mainstay_engine::record::Record;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_processes::registers::PEOPLE;
use mainstay_store::entries;
use mainstay_store::meetings::{self as store, ItemRow, MeetingRow};
use serde_json::json;

/// The longest meeting, in milliseconds.
const LONGEST_MEETING: i64 = 12 * HOUR;
/// The longest time for one item, in minutes.
const LONGEST_ITEM: i64 = 480;

/// A meeting to plan; instants are epoch milliseconds UTC.
#[derive(Clone, Copy, Debug, Default)]
pub struct NewMeeting {
    pub board: i64,
    pub starts: i64,
    /// None: an hour later.
    pub ends: Option<i64>,
    /// None: the chair of the board.
    pub chair: Option<i64>,
}

/// What a meeting decides about an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// What the votes say.
    Voted,
    /// It comes before the next meeting.
    Postponed,
    /// It was spoken of, and nothing decided.
    Discussed,
}

fn field(field: &str, code: &str, says: &str) -> Refusal {
    let error = FieldError::new(field, code, says);
    Refusal { errors: vec![error.clone()], ..Refusal::invalid("invalid_fields", error.detail) }
}

/// Plans a meeting and answers its id.
///
/// # Errors
/// Not the caller's to plan; a time that is over or no meeting's; `taken` when the board meets then already.
pub fn plan(session: &mut Session<'_>, caller: &Caller, new: NewMeeting) -> Result<i64> {
    caller.reaches("me", "own")?;
    let found = board(session, new.board)?.filter(|board| session.config.boards.iter().any(|b| b.entry.id == board.id));
    let visible = match found {
        Some(board) if board.reads(session, caller)? => Some(board),
        _ => None,
    };
    let board = visible.ok_or_else(|| field("board", "unknown_reference", "There is no such board."))?;
    if !board.may_plan(caller) {
        return Err(Refusal::forbidden("no_right", "You may not plan meetings of this board.").into());
    }
    let ends = new.ends.unwrap_or(new.starts.saturating_add(HOUR));
    if new.starts <= session.now {
        return Err(field("starts", "in_the_past", "A meeting begins at a time that is ahead.").into());
    }
    if ends <= new.starts || ends - new.starts > LONGEST_MEETING {
        return Err(field("ends", "out_of_range", "A meeting ends after it begins, twelve hours later at most.").into());
    }
    if let Some(chair) = new.chair {
        known_person(session, "chair", chair)?;
    }
    let row = MeetingRow {
        board: board.id,
        process: board.process.key.to_owned(),
        starts: new.starts,
        ends,
        chair: new.chair.or(board.chair),
        ..MeetingRow::default()
    };
    let taken = || Refusal::conflict("taken", "The board meets at that time already.");
    let id = store::plan(session.conn, &row)?.ok_or_else(taken)?;
    note(
        session,
        caller,
        &MeetingRow { id, ..row },
        "planned",
        &json!([{ "field": "board", "old": null, "new": board.name }]),
    )?;
    Ok(id)
}

fn known_person(session: &mut Session<'_>, at: &str, person: i64) -> Result<()> {
    let known = entries::several(session.conn, PEOPLE.key, &[person])?.first().is_some_and(|row| row.active);
    if known { Ok(()) } else { Err(field(at, "unknown_reference", "There is no such person.").into()) }
}

/// A meeting that the caller holds, kept from others until the transaction ends.
fn held(session: &mut Session<'_>, caller: &Caller, id: i64, states: &[&str]) -> Result<(MeetingRow, Board)> {
    let (row, board) = open(session, caller, id)?;
    if !board.may_run(caller, &row) {
        return Err(Refusal::forbidden("no_right", "Whoever is in the chair does that.").into());
    }
    taken_hold(session, row, board, states)
}

fn taken_hold(
    session: &mut Session<'_>,
    row: MeetingRow,
    board: Board,
    states: &[&str],
) -> Result<(MeetingRow, Board)> {
    let fits = states.contains(&row.state.as_str());
    if !fits || !store::hold(session.conn, row.id, &row.state)? {
        let (code, says) = match row.state.as_str() {
            "planned" => ("not_begun", "The meeting has not begun."),
            "running" => ("running", "The meeting has begun."),
            "ended" => ("ended", "The meeting is over, and its minutes stay as they are."),
            _ => ("cancelled", "The meeting is cancelled."),
        };
        return Err(Refusal::conflict(code, says).into());
    }
    Ok((row, board))
}

/// Begins a meeting: the agenda is what it is now, and the first item comes before it.
///
/// # Errors
/// Not the caller's to hold; it has begun or ended.
pub fn begin(session: &mut Session<'_>, caller: &Caller, id: i64) -> Result<()> {
    let (mut row, board) = held(session, caller, id, &["planned"])?;
    let items = agenda::of(session, &board, &row)?;
    let members = board.members(session)?;
    let noted = store::people(session.conn, id)?;
    for member in members.iter().filter(|member| noted.iter().all(|(person, _)| person != *member)) {
        store::attend(session.conn, id, *member, false)?;
    }
    row.chair = row.chair.or_else(|| caller.person_id());
    if let Some(me) = caller.person_id() {
        store::attend(session.conn, id, me, true)?;
    }
    for (at, item) in items.iter().enumerate() {
        let place = i64::try_from(at).unwrap_or_default() + 1;
        store::put_item(session.conn, &ItemRow { place, ..item.clone() })?;
    }
    "running".clone_into(&mut row.state);
    row.began = Some(session.now);
    row.open_item = items.iter().find(|item| item.removed.is_none()).map(|item| item.record);
    row.called = row.open_item.map(|_| session.now);
    store::put(session.conn, &row)?;
    note(session, caller, &row, "begun", &json!([]))
}

/// Calls off a meeting that has not begun.
///
/// # Errors
/// Not the caller's to hold; no reason; it has begun or ended.
pub fn cancel(session: &mut Session<'_>, caller: &Caller, id: i64, reason: &str) -> Result<()> {
    let reason = words("reason", Some(reason), true)?;
    let (mut row, _) = held(session, caller, id, &["planned"])?;
    "cancelled".clone_into(&mut row.state);
    row.reason = reason;
    store::put(session.conn, &row)?;
    note(session, caller, &row, "cancelled", &json!([]))
}

/// Words of a person, trimmed.
fn words(at: &str, given: Option<&str>, needed: bool) -> std::result::Result<Option<String>, Refusal> {
    let given = given.map(str::trim).filter(|words| !words.is_empty());
    if needed && given.is_none() {
        return Err(field(at, "required", "Say why."));
    }
    if given.is_some_and(|words| words.chars().count() > LONGEST) {
        let says = format!("At most {LONGEST} characters.");
        return Err(field(at, "too_long", &says));
    }
    if given.is_some_and(|words| words.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))) {
        return Err(field(at, "control_character", "Words must not hold control characters."));
    }
    Ok(given.map(str::to_owned))
}

/// Notes who is there: oneself, or, as whoever holds the meeting, anybody.
///
/// # Errors
/// Not the caller's to note; nobody of that id; the meeting does not go on.
pub fn attend(session: &mut Session<'_>, caller: &Caller, id: i64, person: Option<i64>, present: bool) -> Result<()> {
    let (row, board) = open(session, caller, id)?;
    let me = caller.person_id().ok_or_else(|| Refusal::missing("person"))?;
    let person = person.unwrap_or(me);
    if person != me && !board.may_run(caller, &row) {
        return Err(Refusal::forbidden("no_right", "Whoever is in the chair does that.").into());
    }
    let (row, _) = taken_hold(session, row, board, &["running"])?;
    known_person(session, "person", person)?;
    store::attend(session.conn, row.id, person, present)?;
    note(session, caller, &row, "attended", &json!([{ "field": "person", "old": null, "new": person }]))
}

/// Votes in a meeting, which is approving or refusing like everywhere else; whoever votes is there.
///
/// # Errors
/// `not_called` when it is not before the meeting; what [`records::answer`] refuses.
pub fn vote(
    session: &mut Session<'_>,
    caller: &Caller,
    id: i64,
    number: &str,
    (approval, voice): (i64, &Voice),
) -> Result<()> {
    let (row, board) = open(session, caller, id)?;
    let (row, board) = taken_hold(session, row, board, &["running"])?;
    let (record, _) = records::find(session, caller, board.process, number)?;
    if row.open_item != Some(record.id) {
        return Err(Refusal::conflict("not_called", "It is not before the meeting now.").into());
    }
    if let Some(me) = caller.person_id() {
        store::attend(session.conn, id, me, true)?;
    }
    records::answer(session, caller, board.process, number, approval, voice)
}

/// A row of the agenda of a meeting that the caller holds.
fn on_agenda(
    session: &mut Session<'_>,
    caller: &Caller,
    (row, board): (&MeetingRow, &Board),
    number: &str,
) -> Result<(Vec<ItemRow>, ItemRow, Record)> {
    let rows = agenda::of(session, board, row)?;
    let there: Vec<ItemRow> = rows.iter().filter(|item| item.removed.is_none()).cloned().collect();
    let found = agenda::row_of(session, caller, &there, number)?;
    let (item, record) = found.ok_or_else(|| Refusal::missing("item of the agenda"))?;
    Ok((rows, item, record))
}

/// Puts a record on the agenda by hand.
///
/// # Errors
/// Not the caller's to hold or to see; a closed record; `on_agenda` when it is there; too many.
pub fn add(session: &mut Session<'_>, caller: &Caller, id: i64, number: &str, minutes: Option<i64>) -> Result<()> {
    let (row, board) = held(session, caller, id, &["planned", "running"])?;
    let found = records::find(session, caller, board.process, number.trim());
    let (record, _) = match found {
        Err(crate::Error::Refused(_)) => return Err(field("number", "unknown_link", "There is no such record.").into()),
        other => other?,
    };
    not_closed(&record)?;
    checked_minutes(minutes)?;
    let rows = agenda::of(session, &board, &row)?;
    let there = rows.iter().find(|item| item.record == record.id);
    if there.is_some_and(|item| item.removed.is_none()) {
        return Err(Refusal::conflict("on_agenda", "It is on the agenda already.").into());
    }
    if rows.len() >= MOST {
        return Err(Refusal::conflict("too_many", "There is too much on the agenda.").into());
    }
    let place = rows.iter().map(|item| item.place).max().unwrap_or_default() + 1;
    let round = mainstay_store::approvals::in_force(session.conn, record.id)?.map(|round| round.id);
    let item = ItemRow { meeting: id, record: record.id, place, minutes, by_hand: true, round, ..ItemRow::default() };
    // It comes behind what the rule has put there so far.
    for row in rows.iter().filter(|row| row.record != record.id) {
        store::put_item(session.conn, row)?;
    }
    store::put_item(session.conn, &item)?;
    note(session, caller, &row, "item_added", &changed(None, Some(super::number(&record))))
}

fn changed(old: Option<&str>, new: Option<&str>) -> serde_json::Value {
    json!([{ "field": "agenda", "old": old, "new": new }])
}

fn checked_minutes(minutes: Option<i64>) -> std::result::Result<(), Refusal> {
    if minutes.is_some_and(|minutes| !(1..=LONGEST_ITEM).contains(&minutes)) {
        return Err(field("minutes", "out_of_range", "An item takes one minute at least, and eight hours at most."));
    }
    Ok(())
}

/// Takes a record off the agenda, with why.
///
/// # Errors
/// Not the caller's to hold; not there; no reason; `decided` when something was decided about it.
pub fn remove(session: &mut Session<'_>, caller: &Caller, id: i64, number: &str, reason: &str) -> Result<()> {
    let reason = words("reason", Some(reason), true)?;
    let (mut row, board) = held(session, caller, id, &["planned", "running"])?;
    let (rows, item, record) = on_agenda(session, caller, (&row, &board), number)?;
    if item.decision.is_some() {
        return Err(Refusal::conflict("decided", "The meeting has decided about it.").into());
    }
    store::put_item(session.conn, &ItemRow { removed: reason.clone(), ..item })?;
    if row.open_item == Some(record.id) {
        next(session, &mut row, &rows, record.id)?;
    }
    let told = MeetingRow { reason, ..row.clone() };
    note(session, caller, &told, "item_removed", &changed(Some(super::number(&record)), None))
}

/// Brings the next item that nothing was decided about before the meeting.
fn next(session: &mut Session<'_>, row: &mut MeetingRow, rows: &[ItemRow], done: i64) -> Result<()> {
    let waits = |item: &&ItemRow| item.record != done && item.removed.is_none() && item.decision.is_none();
    row.open_item = rows.iter().find(waits).map(|item| item.record);
    row.called = row.open_item.map(|_| session.now);
    Ok(store::put(session.conn, row)?)
}

/// Moves an item to a place in the order, from 1, or gives it another length.
///
/// # Errors
/// Not the caller's to hold; not there; no time.
pub fn arrange(
    session: &mut Session<'_>,
    caller: &Caller,
    id: i64,
    number: &str,
    (place, minutes): (Option<i64>, Option<i64>),
) -> Result<()> {
    checked_minutes(minutes)?;
    let (row, board) = held(session, caller, id, &["planned", "running"])?;
    let (rows, mut item, _) = on_agenda(session, caller, (&row, &board), number)?;
    item.minutes = minutes.or(item.minutes);
    let mut order: Vec<ItemRow> = rows.into_iter().filter(|other| other.record != item.record).collect();
    let there = order.iter().filter(|other| other.removed.is_none() && other.place < item.place).count();
    let wanted = place.map_or(there, |place| usize::try_from(place - 1).unwrap_or_default());
    let mut seen = 0;
    let at = order.iter().position(|other| {
        let here = other.removed.is_none() && seen == wanted;
        seen += usize::from(other.removed.is_none());
        here
    });
    order.insert(at.unwrap_or(order.len()), item);
    for (at, item) in order.into_iter().enumerate() {
        let place = i64::try_from(at).unwrap_or_default() + 1;
        store::put_item(session.conn, &ItemRow { place, ..item })?;
    }
    note(session, caller, &row, "arranged", &json!([]))
}

/// Brings an item before the meeting.
///
/// # Errors
/// Not the caller's to hold; not there; the meeting does not go on.
pub fn call(session: &mut Session<'_>, caller: &Caller, id: i64, number: &str) -> Result<()> {
    let (mut row, board) = held(session, caller, id, &["running"])?;
    let (_, item, _) = on_agenda(session, caller, (&row, &board), number)?;
    (row.open_item, row.called) = (Some(item.record), Some(session.now));
    store::put(session.conn, &row)?;
    note(session, caller, &row, "item_called", &json!([{ "field": "agenda", "old": null, "new": number }]))
}

/// Keeps what a meeting decides about an item, and goes on to the next. By vote it is what the votes say: the approvals
/// themselves follow from the votes, not from this.
///
/// # Errors
/// Not the caller's to hold; not there; `no_quorum` while too few have voted; `not_asked`; no words with a postponement.
pub fn decide(
    session: &mut Session<'_>,
    caller: &Caller,
    id: i64,
    number: &str,
    (decision, said): (Decision, Option<&str>),
) -> Result<()> {
    let said = words("note", said, decision != Decision::Voted)?;
    let (mut row, board) = held(session, caller, id, &["running"])?;
    let (rows, kept, record) = on_agenda(session, caller, (&row, &board), number)?;
    let now = item(session, caller, &row, ItemRow { decision: None, ..kept.clone() })?;
    let round = now.and_then(|item| item.round);
    let (key, advice) = match decision {
        Decision::Voted => votes::outcome(&board, round.as_ref())?,
        Decision::Postponed => ("postponed", false),
        Decision::Discussed => ("discussed", false),
    };
    let round = round.map(|round| round.row.id).or(kept.round);
    let after =
        ItemRow { round, decision: Some(key.to_owned()), advice, note: said, decided: Some(session.now), ..kept };
    store::put_item(session.conn, &after)?;
    if row.open_item == Some(record.id) {
        next(session, &mut row, &rows, record.id)?;
    }
    note(session, caller, &row, "item_decided", &json!([{ "field": number.to_uppercase(), "old": null, "new": key }]))
}

/// Ends a meeting: each record on its agenda gets its minutes, and from then on they stay as they are.
///
/// # Errors
/// Not the caller's to hold; the meeting does not go on.
pub fn end(session: &mut Session<'_>, caller: &Caller, id: i64) -> Result<()> {
    let (mut row, _) = held(session, caller, id, &["running"])?;
    for item in store::items(session.conn, id)? {
        if item.removed.is_none() && item.decision.is_none() {
            store::put_item(session.conn, &ItemRow { decision: Some("not_reached".into()), ..item })?;
        }
    }
    "ended".clone_into(&mut row.state);
    (row.ended, row.open_item, row.called) = (Some(session.now), None, None);
    store::put(session.conn, &row)?;
    note(session, caller, &row, "ended", &json!([]))?;
    // The minutes go to each record, whoever of the meeting may see it.
    let engine = Caller::engine(Channel::Engine);
    let whole: Meeting = get(session, &engine, id)?;
    for item in &whole.items {
        minutes_of(session, caller, &whole, item)?;
    }
    Ok(())
}

fn minutes_of(session: &mut Session<'_>, caller: &Caller, whole: &Meeting, item: &Item) -> Result<()> {
    if crate::retention::is_archived(&item.record) {
        return Ok(());
    }
    minutes::write(session, caller, whole, item)
}
