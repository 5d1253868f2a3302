//! Two entries of the directory that turn out to be one person: whatever names the one names the other from then on.
//!
//! It is one command in one transaction. What records and registers hold is found by what their fields are declared to
//! be, so that a new process or register is covered by itself; what else names people stands in
//! [`mainstay_store::merging::PLACES`]. History keeps who it was. The one who leaves is retired, keeps the address by
//! which they were found, and says who goes on in their place.

mod entries;
mod records;

use crate::access::{may_hand_out, may_manage, within_own};
use crate::auth::{Occasion, accounts, sessions, tokens};
use crate::caller::Caller;
use crate::config::{entry_of, values_of};
use crate::desk::Session;
use crate::error::Result;
use crate::registers::{self, EntryListing, Told};
use mainstay_engine::field::{FieldDef, Kind, Writer};
use mainstay_engine::refusal::Refusal;
use mainstay_engine::register::{Entry, Register};
use mainstay_engine::value::Value;
use mainstay_processes::registers::{MERGED_INTO, PEOPLE};
use mainstay_store::entries::{self as rows, EntryRow, GOES_ON};
use mainstay_store::merging::{PLACES, Place};
use serde_json::json;

/// What the log calls it.
pub const MERGED: &str = "merged";
/// A preview counts no further.
pub const MOST: i64 = 1_000;
/// People of the same name that are offered.
const MOST_LIKELY: i64 = 20;

/// Something that names a person, and how often.
#[derive(Clone)]
pub struct Moved {
    /// The word for it, such as `record.requester`.
    pub what: String,
    /// What it is called.
    pub called: Called,
    /// How many there are; in a preview counted to [`MOST`].
    pub count: i64,
}

/// What people call what moves.
#[derive(Clone)]
pub enum Called {
    /// Records by the field that names the person.
    Records(&'static FieldDef),
    /// Rows of some other kind.
    Rows(&'static str),
    /// Entries of a register.
    Entries(&'static Register),
}

/// Two entries that are one person, and what merging them does.
#[derive(Clone)]
pub struct Merge {
    /// The one that stays, as it is before.
    pub kept: Entry,
    /// The one that leaves, as it is before.
    pub other: Entry,
    /// What goes over, without what there is none of.
    pub moves: Vec<Moved>,
    /// What the one that stays gains for itself.
    pub gains: Vec<&'static FieldDef>,
    /// The ways in that end.
    pub ends: Ways,
}

/// Somebody's ways in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ways {
    /// They have a password.
    pub password: bool,
    /// Browsers where they are signed in.
    pub sessions: usize,
    /// API tokens in force.
    pub tokens: usize,
}

/// The entry that goes on in the place of this one.
#[must_use]
pub fn goes_on(row: &EntryRow) -> Option<i64> {
    if row.active || !row.data.contains(GOES_ON) {
        return None;
    }
    values_of(&row.data).get(GOES_ON).and_then(Value::as_int)
}

/// The id of the entry that is meant by this one today.
#[must_use]
pub fn stands_for(row: &EntryRow) -> i64 {
    goes_on(row).unwrap_or(row.id)
}

/// Whoever turned out to be this person, by name.
///
/// # Errors
/// The person is not the caller's to read; the database's.
pub fn went_into(session: &mut Session<'_>, caller: &Caller, person: i64) -> Result<Vec<Entry>> {
    registers::get(session.conn, caller, &PEOPLE, person)?;
    Ok(rows::went_into(session.conn, person)?.into_iter().map(entry_of).collect())
}

/// People who may be this one: of the same name, and of no other organisation; retired ones included.
///
/// # Errors
/// No right to read people; the database's.
pub fn likely(session: &mut Session<'_>, caller: &Caller, person: &Entry) -> Result<Vec<Entry>> {
    let listing = EntryListing {
        name_contains: Some(person.name.clone()),
        with_retired: true,
        limit: MOST_LIKELY,
        ..EntryListing::default()
    };
    let mut found = registers::list(session.conn, caller, &PEOPLE, &listing)?;
    let apart = |other: &Entry| matches!((other.organisation, person.organisation), (Some(theirs), Some(ours)) if theirs != ours);
    found.retain(|other| other.id != person.id && !apart(other) && other.value(MERGED_INTO.def.key).is_null());
    Ok(found)
}

/// Refuses what would be done to somebody who turned out to be somebody else.
pub(crate) fn still_itself(session: &mut Session<'_>, entry: &Entry) -> Result<()> {
    let Some(kept) = entry.int(MERGED_INTO.def.key) else { return Ok(()) };
    let (name, kept) = (&entry.name, name_of(session, kept)?);
    let says = format!("{name} was merged into {kept}. Change {kept} instead.");
    Err(Refusal::conflict("merged", says).into())
}

/// What is said where an entry is named that is no longer in use.
pub(crate) fn out_of_use(session: &mut Session<'_>, label: &str, row: &EntryRow) -> Result<String> {
    let name = &row.name;
    Ok(match goes_on(row) {
        None => format!("{label}: {name} is no longer in use."),
        Some(kept) => {
            let kept = name_of(session, kept)?;
            format!("{label}: {name} was merged into {kept}.")
        }
    })
}

fn name_of(session: &mut Session<'_>, id: i64) -> Result<String> {
    Ok(rows::names(session.conn, &[id])?.pop().map(|(_, _, name)| name).unwrap_or_default())
}

/// What merging two people would do.
///
/// # Errors
/// As of [`merge`].
pub fn preview(session: &mut Session<'_>, caller: &Caller, kept: i64, other: i64) -> Result<Merge> {
    let mut merge = checked(session, caller, kept, other)?;
    let mut moves = records::counted(session, kept, other)?;
    for place in PLACES.iter().filter(|place| place.moves()) {
        moves.push(moved(place, place.count(session.conn, other, MOST)?));
    }
    moves.extend(entries::counted(&entries::naming(session, other, kept)?));
    merge.moves = moves.into_iter().filter(|moved| moved.count > 0).collect();
    Ok(merge)
}

/// Makes one person of two: whatever names `other` names `kept`, and `other` is retired.
///
/// # Errors
/// No right to manage people, or `other` may do what the caller may not; `same_person`; `own_account` for oneself as the
/// one who leaves; `retired` when the one who stays is; `merged` when either was merged before; `other_organisation`
/// when they belong to different ones; the database's.
pub fn merge(session: &mut Session<'_>, caller: &Caller, kept: i64, other: i64, reason: Option<&str>) -> Result<Merge> {
    let mut merge = checked(session, caller, kept, other)?;
    let united = united(&merge.kept, &merge.other);
    let naming = entries::naming(session, other, kept)?;
    let mut moves = records::carry(session, caller, kept, other)?;
    for place in PLACES {
        let count = i64::try_from(place.carry(session.conn, other, kept)?).unwrap_or(i64::MAX);
        if place.moves() {
            moves.push(moved(place, count));
        }
    }
    let by = Occasion { actor: caller.person_id(), channel: caller.channel, now: session.now };
    tokens::revoke_all(session.conn, by, other)?;
    moves.extend(entries::counted(&naming));
    let one = format!("{} was merged into {}", merge.other.name, merge.kept.name);
    entries::carry(session, caller, naming, &one)?;
    entries::carry_schedules(session, other, kept)?;
    merge.moves = moves.into_iter().filter(|moved| moved.count > 0).collect();
    retire(session, caller, &merge, reason.unwrap_or(&one))?;
    keep(session, caller, &merge, &united, reason)?;
    Ok(merge)
}

fn moved(place: &Place, count: i64) -> Moved {
    let what = format!("{}.{}", place.table, place.column);
    Moved { what, called: Called::Rows(called(place.table)), count }
}

/// What people call what moved, by the word that the log has for it; none for any other word.
#[must_use]
pub fn called_by(what: &str) -> Option<Called> {
    let Some((table, column)) = what.split_once('.') else {
        return mainstay_processes::registers::register(what).map(Called::Entries);
    };
    let of_record = table == "record" || mainstay_processes::ALL.iter().any(|process| process.table == table);
    let field = || mainstay_processes::ALL.iter().find_map(|process| process.field(column));
    match field().filter(|_| of_record) {
        Some(field) => Some(Called::Records(field)),
        None => Some(Called::Rows(called(table))).filter(|_| called(table) != UNCALLED),
    }
}

/// What people call the rows of a table that move.
fn called(table: &str) -> &'static str {
    match table {
        "comment" => "Comments",
        "attachment" => "Files",
        "task" => "Tasks",
        "work_time" => "Time entries",
        "approval" => "Approvals",
        "conflict_accepted" => "Accepted conflicts",
        "meeting" => "Meetings",
        "meeting_person" => "Meetings attended",
        "party" => "Records watched or reported along",
        "affected" => "Troubles that hit them too",
        "legal_hold" => "Legal holds",
        "survey" => "Questions how it went",
        "notice" => "Notices",
        "draft" => "Drafts",
        "begun_form" => "Forms begun",
        "preference" => "Preferences",
        "export_schedule" => "Scheduled exports",
        "export_file" => "Exported files",
        "bulk_run" => "Bulk runs",
        _ => UNCALLED,
    }
}

const UNCALLED: &str = "Other entries";

/// The two people, if the caller may merge them.
fn checked(session: &mut Session<'_>, caller: &Caller, kept: i64, other: i64) -> Result<Merge> {
    may_manage(caller)?;
    let [kept, other] = [person(session, kept)?, person(session, other)?];
    if kept.id == other.id {
        return Err(Refusal::conflict("same_person", "These are one entry already. Choose another person.").into());
    }
    still_itself(session, &kept)?;
    may_hand_out(session, caller, other.id)?;
    if caller.person_id() == Some(other.id) {
        let says = "You would end your own account. Keep yourself and merge the other person into you.";
        return Err(Refusal::conflict("own_account", says).into());
    }
    if !kept.active {
        let says = format!("{} is retired. Restore them first, or keep the other person.", kept.name);
        return Err(Refusal::conflict("retired", says).into());
    }
    if let (Some(ours), Some(theirs)) = (kept.organisation, other.organisation)
        && ours != theirs
    {
        let says = format!(
            "{} and {} belong to different organisations. Move one of them first, if they really are one person.",
            kept.name, other.name
        );
        return Err(Refusal::conflict("other_organisation", says).into());
    }
    let united = united(&kept, &other);
    within_own(session.config, caller, &PEOPLE, [&kept, &united])?;
    let gains = PEOPLE.fields.iter().filter(|field| united.value(field.key) != kept.value(field.key));
    let ends = ways(session, &other)?;
    Ok(Merge { gains: gains.collect(), ends, kept, other, moves: Vec::new() })
}

fn person(session: &mut Session<'_>, id: i64) -> Result<Entry> {
    let row = rows::by_id(session.conn, id)?.filter(|row| row.register == PEOPLE.key);
    Ok(entry_of(row.ok_or_else(|| Refusal::missing("person"))?))
}

fn ways(session: &mut Session<'_>, person: &Entry) -> Result<Ways> {
    Ok(Ways {
        password: accounts::of(session.conn, person.id)?.password.is_some(),
        sessions: sessions::list(session.conn, person.id, session.now)?.len(),
        tokens: tokens::list(session.conn, person.id)?.iter().filter(|token| token.revoked.is_none()).count(),
    })
}

/// The one who stays with what the other had besides: memberships and roles of both, and whatever it has not itself.
fn united(kept: &Entry, other: &Entry) -> Entry {
    let mut united = kept.clone();
    for field in PEOPLE.fields.iter().filter(|field| field.writer != Writer::Engine) {
        let (own, theirs) = (kept.value(field.key), other.value(field.key));
        let both = match (field.kind, own) {
            (Kind::Refs(_) | Kind::Table(_) | Kind::Tags | Kind::MultiChoice(_), Value::List(items)) => {
                let more = theirs.as_list().iter().filter(|item| !items.contains(item));
                Value::List(items.iter().chain(more).cloned().collect())
            }
            (Kind::Bool, _) if theirs.as_bool() == Some(true) => true.into(),
            _ if own.is_blank() => theirs.clone(),
            _ => own.clone(),
        };
        let both = replaced(field, &both, other.id, kept.id).unwrap_or(both);
        let nothing = |value: &Value| value.is_blank() || value.as_bool() == Some(false);
        if both == *own || nothing(&both) && nothing(own) {
            continue;
        }
        // Nobody is their own manager.
        if field.register() == Some(PEOPLE.key) && both.as_int() == Some(kept.id) {
            united.values.remove(field.key);
        } else {
            united.values.insert(field.key.to_owned(), both);
        }
    }
    united.organisation = united.int("organisation");
    united
}

/// A value in which one person stands for another; none where it stays as it is.
fn replaced(field: &FieldDef, value: &Value, from: i64, to: i64) -> Option<Value> {
    if !field.references(value).contains(&from) {
        return None;
    }
    match field.kind {
        Kind::Ref(PEOPLE_KEY) => Some(to.into()),
        Kind::Refs(PEOPLE_KEY) => {
            let mut ids: Vec<i64> = Vec::new();
            for id in value.as_list().iter().filter_map(Value::as_int) {
                let id = if id == from { to } else { id };
                if !ids.contains(&id) {
                    ids.push(id);
                }
            }
            Some(Value::List(ids.into_iter().map(Value::from).collect()))
        }
        Kind::Table(columns) => {
            let mut rows = value.as_list().to_vec();
            for row in &mut rows {
                let Value::Row(cells) = row else { continue };
                for column in columns {
                    let anew = cells.get(column.key).and_then(|cell| replaced(column, cell, from, to));
                    if let Some(anew) = anew {
                        cells.insert(column.key.to_owned(), anew);
                    }
                }
            }
            (rows != value.as_list()).then_some(Value::List(rows))
        }
        _ => None,
    }
}

/// The key of the register of people, for patterns.
const PEOPLE_KEY: &str = PEOPLE.key;

/// Whether a field can name people.
fn names_people(field: &FieldDef) -> bool {
    let columns = if let Kind::Table(columns) = field.kind { columns } else { &[] };
    field.register() == Some(PEOPLE.key) || columns.iter().any(|column| column.register() == Some(PEOPLE.key))
}

/// The one who leaves is out of use and says who goes on.
fn retire(session: &mut Session<'_>, caller: &Caller, merge: &Merge, reason: &str) -> Result<()> {
    let Some(row) = rows::by_id(session.conn, merge.other.id)? else { return Ok(()) };
    let mut after = Entry { active: false, ..merge.other.clone() };
    after.values.insert(MERGED_INTO.def.key.to_owned(), merge.kept.id.into());
    registers::rewrite(session, caller, &PEOPLE, (row, &after), &Told { reason: Some(reason), ..Told::default() })
}

/// The one who stays has what was the other's; the line of the log says all that moved.
fn keep(session: &mut Session<'_>, caller: &Caller, merge: &Merge, united: &Entry, reason: Option<&str>) -> Result<()> {
    let Some(row) = rows::by_id(session.conn, merge.kept.id)? else { return Ok(()) };
    let other = format!("{} ({})", merge.other.name, merge.other.text("email").unwrap_or_default());
    let mut more = vec![json!({ "field": "merged", "old": null, "new": other })];
    more.extend(merge.moves.iter().map(|moved| json!({ "field": moved.what, "old": null, "new": moved.count })));
    let told = Told { verb: Some(MERGED), reason, more };
    registers::rewrite(session, caller, &PEOPLE, (row, united), &told)?;
    let rights = ["grants", "organisation", "teams"];
    if rights.iter().any(|key| united.value(key) != merge.kept.value(key)) && caller.person_id() != Some(merge.kept.id)
    {
        sessions::end_all(session.conn, merge.kept.id)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use mainstay_engine::register::Values;

    fn entry(id: i64, values: &serde_json::Value) -> Entry {
        let values = match Value::from_plain(values) {
            Value::Row(values) => values,
            _ => Values::new(),
        };
        let organisation = values.get("organisation").and_then(Value::as_int);
        Entry { id, key: String::new(), name: String::new(), active: true, organisation, version: 1, values }
    }

    #[test]
    fn the_one_who_stays_gains_what_the_other_had_besides() {
        let kept =
            entry(1, &json!({ "email": "a@x", "teams": [5], "grants": [{ "role": 9 }], "manager": 2, "vip": false }));
        let other = entry(
            2,
            &json!({ "email": "b@x", "teams": [5, 6], "grants": [{ "role": 9 }, { "role": 8, "organisation": 3 }],
                "phone": "12", "organisation": 3, "manager": 1, "vip": true }),
        );
        let expected = json!({ "email": "a@x", "teams": [5, 6], "grants": [{ "role": 9 }, { "role": 8, "organisation": 3 }],
            "phone": "12", "organisation": 3, "vip": true });
        let united = united(&kept, &other);
        assert_eq!(united.values, entry(1, &expected).values, "nobody is their own manager");
        assert_eq!(united.organisation, Some(3));
    }

    #[test]
    fn everything_that_moves_has_a_name() {
        let nameless = PLACES.iter().filter(|place| place.moves() && called(place.table) == UNCALLED);
        assert_eq!(nameless.map(|place| place.table).collect::<Vec<_>>(), Vec::<&str>::new());
    }

    #[test]
    fn no_process_names_people_in_a_table_of_its_own() {
        // Such a column holds JSON that no index finds a person in; merging people has to learn of it first.
        for process in mainstay_processes::ALL {
            let own = process.fields().filter(|field| names_people(field));
            let several: Vec<&str> =
                own.filter(|field| matches!(field.kind, Kind::Table(_))).map(|field| field.key).collect();
            assert!(several.is_empty(), "{}: {several:?}", process.key);
        }
    }
}
