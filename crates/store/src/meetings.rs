//! Meetings of boards: when they are, who was there, what was on the agenda and what was decided about it.

use crate::sql::Sql;
use crate::{Columns, Conn, Result, Row};

/// A meeting. `state` is `planned`, `running`, `ended` or `cancelled`; instants are epoch milliseconds UTC.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MeetingRow {
    pub id: i64,
    pub board: i64,
    pub process: String,
    pub starts: i64,
    pub ends: i64,
    pub chair: Option<i64>,
    pub state: String,
    /// The board's rhythm made it.
    pub rhythm: bool,
    pub began: Option<i64>,
    pub ended: Option<i64>,
    /// The record before the meeting now, and since when.
    pub open_item: Option<i64>,
    pub called: Option<i64>,
    /// Why it is cancelled.
    pub reason: Option<String>,
    pub version: i64,
}

impl Row for MeetingRow {
    fn read(c: &Columns<'_>) -> Result<Self> {
        Ok(Self {
            id: c.get(0)?,
            board: c.get(1)?,
            process: c.get(2)?,
            starts: c.get(3)?,
            ends: c.get(4)?,
            chair: c.get(5)?,
            state: c.get(6)?,
            rhythm: c.get(7)?,
            began: c.get(8)?,
            ended: c.get(9)?,
            open_item: c.get(10)?,
            called: c.get(11)?,
            reason: c.get(12)?,
            version: c.get(13)?,
        })
    }
}

const MEETING: &str = "SELECT id, board, process, starts, ends, chair, state, rhythm, began, ended, open_item, called, reason, version FROM meeting";

/// A record on an agenda.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ItemRow {
    pub meeting: i64,
    pub record: i64,
    pub place: i64,
    /// How long is meant for it; none: as long as the board says.
    pub minutes: Option<i64>,
    /// Somebody put it there; otherwise the rule of the board did.
    pub by_hand: bool,
    /// Why it is not on the agenda any more.
    pub removed: Option<String>,
    /// The round of approvals that was voted on.
    pub round: Option<i64>,
    /// `approved`, `refused`, `postponed`, `discussed` or `not_reached`.
    pub decision: Option<String>,
    /// The votes were advice only.
    pub advice: bool,
    pub note: Option<String>,
    pub decided: Option<i64>,
}

impl Row for ItemRow {
    fn read(c: &Columns<'_>) -> Result<Self> {
        Ok(Self {
            meeting: c.get(0)?,
            record: c.get(1)?,
            place: c.get(2)?,
            minutes: c.get(3)?,
            by_hand: c.get(4)?,
            removed: c.get(5)?,
            round: c.get(6)?,
            decision: c.get(7)?,
            advice: c.get(8)?,
            note: c.get(9)?,
            decided: c.get(10)?,
        })
    }
}

const ITEM: &str = "SELECT meeting, record, place, minutes, by_hand, removed, round, decision, advice, note, decided FROM meeting_item";

/// Makes a planned meeting and answers its id; none where the board meets at that instant already.
///
/// # Errors
/// The database's.
pub fn plan(conn: &mut Conn, row: &MeetingRow) -> Result<Option<i64>> {
    let there = "SELECT id FROM meeting WHERE board = $1 AND starts = $2";
    if conn.maybe::<i64>(there, &[row.board.into(), row.starts.into()])?.is_some() {
        return Ok(None);
    }
    let sql = "INSERT INTO meeting (board, process, starts, ends, chair, state, rhythm, version)
        VALUES ($1, $2, $3, $4, $5, 'planned', $6, 1)";
    let values = [
        row.board.into(),
        row.process.as_str().into(),
        row.starts.into(),
        row.ends.into(),
        row.chair.into(),
        row.rhythm.into(),
    ];
    conn.insert(sql, &values).map(Some)
}

/// One meeting.
///
/// # Errors
/// The database's.
pub fn by_id(conn: &mut Conn, id: i64) -> Result<Option<MeetingRow>> {
    conn.maybe(&format!("{MEETING} WHERE id = $1"), &[id.into()])
}

/// The meetings that end after an instant or still go on, and begin before another, the first first.
///
/// # Errors
/// The database's.
pub fn between(conn: &mut Conn, from: i64, until: i64, limit: i64) -> Result<Vec<MeetingRow>> {
    let sql = format!("{MEETING} WHERE (ends > $1 OR state = 'running') AND starts < $2 ORDER BY starts, id LIMIT $3");
    conn.fetch(&sql, &[from.into(), until.into(), limit.into()])
}

/// The meetings that are over by an instant, the last first.
///
/// # Errors
/// The database's.
pub fn before(conn: &mut Conn, until: i64, limit: i64) -> Result<Vec<MeetingRow>> {
    let sql = format!("{MEETING} WHERE ends <= $1 ORDER BY starts DESC, id DESC LIMIT $2");
    conn.fetch(&sql, &[until.into(), limit.into()])
}

/// The meetings of a board that are still to be held, or are held now, the first first.
///
/// # Errors
/// The database's.
pub fn live(conn: &mut Conn, board: i64, now: i64) -> Result<Vec<MeetingRow>> {
    let sql = format!(
        "{MEETING} WHERE board = $1 AND (state = 'running' OR (state = 'planned' AND ends > $2)) ORDER BY starts, id"
    );
    conn.fetch(&sql, &[board.into(), now.into()])
}

/// Keeps others from a meeting in this state until the transaction ends; false when it is in another.
///
/// # Errors
/// The database's.
pub fn hold(conn: &mut Conn, id: i64, state: &str) -> Result<bool> {
    let sql = "UPDATE meeting SET version = version + 1 WHERE id = $1 AND state = $2";
    Ok(conn.run(sql, &[id.into(), state.into()])? > 0)
}

/// Writes how a meeting goes on.
///
/// # Errors
/// The database's.
pub fn put(conn: &mut Conn, row: &MeetingRow) -> Result<()> {
    let sql =
        "UPDATE meeting SET chair = $2, state = $3, began = $4, ended = $5, open_item = $6, called = $7, reason = $8
        WHERE id = $1";
    let values = [
        row.id.into(),
        row.chair.into(),
        row.state.as_str().into(),
        row.began.into(),
        row.ended.into(),
        row.open_item.into(),
        row.called.into(),
        row.reason.as_deref().into(),
    ];
    conn.run(sql, &values).map(|_| ())
}

/// Forgets a planned meeting that a rhythm made and that nobody has touched.
///
/// # Errors
/// The database's.
pub fn forget(conn: &mut Conn, id: i64) -> Result<bool> {
    let sql = "DELETE FROM meeting WHERE id = $1 AND state = 'planned' AND rhythm AND version = 1
        AND NOT EXISTS (SELECT 1 FROM meeting_item WHERE meeting = $1)
        AND NOT EXISTS (SELECT 1 FROM meeting_person WHERE meeting = $1)";
    Ok(conn.run(sql, &[id.into()])? > 0)
}

/// Who was noted as there or not, as (person, present).
///
/// # Errors
/// The database's.
pub fn people(conn: &mut Conn, meeting: i64) -> Result<Vec<(i64, bool)>> {
    conn.fetch("SELECT person, present FROM meeting_person WHERE meeting = $1 ORDER BY person", &[meeting.into()])
}

/// Notes whether somebody is there.
///
/// # Errors
/// The database's.
pub fn attend(conn: &mut Conn, meeting: i64, person: i64, present: bool) -> Result<()> {
    conn.run(
        "INSERT INTO meeting_person (meeting, person, present) VALUES ($1, $2, $3)
         ON CONFLICT (meeting, person) DO UPDATE SET present = excluded.present",
        &[meeting.into(), person.into(), present.into()],
    )?;
    Ok(())
}

/// The rows of an agenda, those that were removed too.
///
/// # Errors
/// The database's.
pub fn items(conn: &mut Conn, meeting: i64) -> Result<Vec<ItemRow>> {
    conn.fetch(&format!("{ITEM} WHERE meeting = $1 ORDER BY place, record"), &[meeting.into()])
}

/// The rows of the agendas of some meetings.
///
/// # Errors
/// The database's.
pub fn items_of(conn: &mut Conn, meetings: &[i64]) -> Result<Vec<ItemRow>> {
    let mut sql = Sql::new(conn.dialect(), ITEM);
    sql.push(" WHERE ").is_one_of("meeting", meetings).push(" ORDER BY meeting, place, record");
    conn.fetch(&sql.text, &sql.values)
}

/// The rounds about which meetings of a board have decided.
///
/// # Errors
/// The database's.
pub fn decided(conn: &mut Conn, board: i64, rounds: &[i64]) -> Result<Vec<i64>> {
    let mut sql = Sql::new(
        conn.dialect(),
        "SELECT DISTINCT i.round FROM meeting_item i JOIN meeting m ON m.id = i.meeting WHERE m.board = ",
    );
    sql.bind(board).push(" AND i.decision IN ('approved', 'refused', 'discussed') AND ").is_one_of("i.round", rounds);
    conn.fetch(&sql.text, &sql.values)
}

/// Writes a row of an agenda.
///
/// # Errors
/// The database's.
pub fn put_item(conn: &mut Conn, row: &ItemRow) -> Result<()> {
    let there: Option<i64> = conn.maybe(
        "SELECT record FROM meeting_item WHERE meeting = $1 AND record = $2",
        &[row.meeting.into(), row.record.into()],
    )?;
    let sql = if there.is_some() {
        "UPDATE meeting_item SET place = $3, minutes = $4, by_hand = $5, removed = $6, round = $7, decision = $8,
            advice = $9, note = $10, decided = $11 WHERE meeting = $1 AND record = $2"
    } else {
        "INSERT INTO meeting_item (meeting, record, place, minutes, by_hand, removed, round, decision, advice, note, decided)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
    };
    let values = [
        row.meeting.into(),
        row.record.into(),
        row.place.into(),
        row.minutes.into(),
        row.by_hand.into(),
        row.removed.as_deref().into(),
        row.round.into(),
        row.decision.as_deref().into(),
        row.advice.into(),
        row.note.as_deref().into(),
        row.decided.into(),
    ];
    conn.run(sql, &values).map(|_| ())
}
