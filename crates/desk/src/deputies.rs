//! Deputies: who approves in somebody's place, on the days that this person has set. (GEN-16)

use crate::caller::Caller;
use crate::config::entry_of;
use crate::desk::Session;
use crate::error::Result;
use crate::profile;
use crate::readable::referable;
use crate::records;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::register::Entry;
use mainstay_engine::value::date_to_day;
use mainstay_processes::registers::{DEPUTY, DEPUTY_FROM, DEPUTY_UNTIL, PEOPLE, PERSON_TEAMS};
use mainstay_store::entries;
use serde_json::{Value as Json, json};

/// Who stands in for somebody, from the first day to the last, in days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deputy {
    pub person: i64,
    pub from: i64,
    pub until: i64,
}

/// The key of the field that says where a person belongs.
const ORGANISATION: &str = "organisation";

impl Deputy {
    fn of(entry: &Entry) -> Option<Self> {
        let day = |key: &str| entry.int(key);
        Some(Self { person: day(DEPUTY.def.key)?, from: day(DEPUTY_FROM.def.key)?, until: day(DEPUTY_UNTIL.def.key)? })
    }

    fn is_on(&self, day: i64) -> bool {
        (self.from..=self.until).contains(&day)
    }
}

/// The day that it is for somebody, in days since 1970-01-01.
fn today(entry: &Entry, now: i64) -> i64 {
    let zone = TimeZone::get(entry.text("zone").unwrap_or("UTC")).unwrap_or(TimeZone::UTC);
    Timestamp::from_millisecond(now).map_or(0, |now| date_to_day(now.to_zoned(zone).date()))
}

/// The deputies of some people as (person, deputy): those of today, or with `coming` also those of later days.
///
/// # Errors
/// The database's.
pub fn of(session: &mut Session<'_>, people: &[i64], coming: bool) -> Result<Vec<(i64, i64)>> {
    let now = session.now;
    let rows = entries::several(session.conn, PEOPLE.key, people)?;
    let standing = |entry: Entry| {
        let day = today(&entry, now);
        let deputy = Deputy::of(&entry).filter(|deputy| deputy.is_on(day) || coming && deputy.until >= day)?;
        Some((entry.id, deputy.person))
    };
    Ok(rows.into_iter().map(entry_of).filter_map(standing).collect())
}

/// Whose place somebody takes today.
///
/// # Errors
/// The database's.
pub fn stood_in_for(session: &mut Session<'_>, person: i64) -> Result<Vec<i64>> {
    let named = entries::referring(session.conn, DEPUTY.def.key, person)?;
    if named.is_empty() {
        return Ok(Vec::new());
    }
    Ok(of(session, &named, false)?
        .into_iter()
        .filter(|(_, deputy)| *deputy == person)
        .map(|(absent, _)| absent)
        .collect())
}

/// The caller's own deputy, past or to come.
///
/// # Errors
/// The engine has none; the database's.
pub fn own(session: &mut Session<'_>, caller: &Caller) -> Result<Option<Deputy>> {
    let me = caller.person_id().ok_or_else(|| Refusal::missing("profile"))?;
    let entry = entries::by_id(session.conn, me)?.map(entry_of);
    Ok(entry.as_ref().and_then(Deputy::of))
}

/// Most people to choose from.
const MOST: usize = 200;

/// Those whom the caller can name as deputy without reading the directory, by name: who shares a team with them, and whom
/// the policies ask beside them, as far as they belong to the same organisation.
///
/// # Errors
/// The engine has none; the database's.
pub fn choices(session: &mut Session<'_>, caller: &Caller) -> Result<Vec<Entry>> {
    let person = caller.person.as_ref().ok_or_else(|| Refusal::missing("profile"))?;
    let mut ids = records::asked_beside(session, person.id)?;
    let most = i64::try_from(MOST).unwrap_or(i64::MAX);
    for team in &person.teams {
        ids.extend(entries::referring_first(session.conn, PERSON_TEAMS.def.key, *team, most)?);
    }
    ids.sort_unstable();
    ids.dedup();
    ids.retain(|id| *id != person.id);
    let rows = entries::several(session.conn, PEOPLE.key, &ids)?.into_iter().filter(|row| row.active);
    let mut people: Vec<Entry> =
        rows.map(entry_of).filter(|entry| entry.int(ORGANISATION) == person.organisation).collect();
    people.sort_by_key(|entry| (entry.name.to_lowercase(), entry.id));
    people.truncate(MOST);
    Ok(people)
}

/// Sets who approves in the caller's place, or nobody. Whatever is asked of the caller by then, the deputy reads too.
///
/// # Errors
/// Oneself, or nobody whom the caller knows or may choose; days in disorder; the database's.
pub fn set(session: &mut Session<'_>, caller: &Caller, deputy: Option<Deputy>) -> Result<()> {
    let me = caller.person_id().ok_or_else(|| Refusal::missing("profile"))?;
    if let Some(deputy) = &deputy {
        let known = referable(session.conn, caller, PEOPLE.key, deputy.person)?.is_some_and(|row| row.active)
            || choices(session, caller)?.iter().any(|entry| entry.id == deputy.person);
        let says = if deputy.person == me { "Nobody is their own deputy." } else { "There is no such entry." };
        if deputy.person == me || !known {
            Refusal::unless_empty(vec![FieldError::new(DEPUTY.def.key, "unknown_reference", says)])?;
        }
    }
    let date = |day: i64| mainstay_engine::value::day_to_date(day).map(|date| date.to_string());
    let values = [
        (DEPUTY.def.key, deputy.map_or(Json::Null, |deputy| json!(deputy.person))),
        (DEPUTY_FROM.def.key, deputy.map_or(Json::Null, |deputy| json!(date(deputy.from)))),
        (DEPUTY_UNTIL.def.key, deputy.map_or(Json::Null, |deputy| json!(date(deputy.until)))),
    ];
    profile::set_all(session, caller, values.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())?;
    records::share_with_deputy(session, me)
}
