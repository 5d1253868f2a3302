//! People named in words as `@Name`: whoever may read these words watches the record from then on and hears of it.

use super::apply::append;
use super::rows;
use crate::caller::{Caller, Channel};
use crate::desk::Session;
use crate::error::{Error, Result};
use crate::notify;
use crate::registers::{EntryListing, list};
use mainstay_engine::process::Process;
use mainstay_engine::record::Record;
use mainstay_engine::register::Entry;
use mainstay_processes::registers::PEOPLE;
use mainstay_store::hangings;
use serde_json::json;

/// People that one text can name.
const MOST: usize = 10;
/// People of one beginning that are looked at.
const MOST_NAMESAKES: i64 = 100;

/// Somebody named in words on a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mentioned {
    pub id: i64,
    pub name: String,
    /// They may read what is internal on the record; else they are not told.
    pub reads: bool,
}

/// Whom words on a record name, by the full name behind an `@`. Only staff of the record names anybody.
///
/// # Errors
/// Not the caller's to see; the database's.
pub fn mentioned(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    body: &str,
) -> Result<Vec<Mentioned>> {
    let (record, seen) = rows::find(session, caller, process, number)?;
    if !seen.internal() {
        return Ok(Vec::new());
    }
    named(session, caller, &record, body)
}

/// People whose name has a text and who may be named in words on a record, by name: whoever reads the record, and for
/// internal words whoever reads what is internal on it. Only staff of the record names anybody.
///
/// # Errors
/// Not the caller's to see; the database's.
pub fn mentionable(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    text: &str,
    internal: bool,
) -> Result<Vec<(i64, String)>> {
    let (record, seen) = rows::find(session, caller, process, number)?;
    if !seen.internal() {
        return Ok(Vec::new());
    }
    let name_contains = Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let listing = EntryListing { name_contains, limit: MOST_NAMESAKES, ..EntryListing::default() };
    let people = match list(session.conn, caller, &PEOPLE, &listing) {
        Err(Error::Refused(_)) => return Ok(Vec::new()),
        other => other?,
    };
    let mut found = Vec::new();
    for person in people {
        if found.len() < MOST && reads(session, person.id, record.id, internal)? {
            found.push((person.id, person.name));
        }
    }
    Ok(found)
}

/// Whether a person may read a record, or what is internal on it.
fn reads(session: &mut Session<'_>, person: i64, record: i64, internal: bool) -> Result<bool> {
    let Some(reader) = Caller::load(session.conn, session.config, person, Channel::Engine, None)? else {
        return Ok(false);
    };
    let seen = rows::find_by_id(session, &reader, record)?;
    Ok(seen.is_some_and(|(_, seen)| seen.internal() || !internal))
}

fn named(session: &mut Session<'_>, caller: &Caller, record: &Record, body: &str) -> Result<Vec<Mentioned>> {
    let mut found: Vec<Mentioned> = Vec::new();
    for (at, _) in body.match_indices('@').take(MOST * 3) {
        let begins = body[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric());
        let rest = &body[at + 1..];
        let first: String = rest.chars().take_while(|c| c.is_alphanumeric()).take(60).collect();
        if !begins || first.chars().count() < 2 || found.len() >= MOST {
            continue;
        }
        let listing = EntryListing { name_contains: Some(first), limit: MOST_NAMESAKES, ..EntryListing::default() };
        let people = match list(session.conn, caller, &PEOPLE, &listing) {
            Err(Error::Refused(_)) => return Ok(found),
            other => other?,
        };
        let Some(person) = longest(&people, rest).filter(|person| !found.iter().any(|f| f.id == person.id)) else {
            continue;
        };
        let reads = reads(session, person.id, record.id, true)?;
        found.push(Mentioned { id: person.id, name: person.name.clone(), reads });
    }
    Ok(found)
}

/// The person with the longest name with which a text begins, as a whole word.
fn longest<'a>(people: &'a [Entry], text: &str) -> Option<&'a Entry> {
    let begins = |name: &str| {
        let mut rest = text.chars();
        let same = name.chars().all(|c| rest.next().is_some_and(|other| other.to_lowercase().eq(c.to_lowercase())));
        same && rest.next().is_none_or(|after| !after.is_alphanumeric())
    };
    people.iter().filter(|person| begins(&person.name)).max_by_key(|person| person.name.chars().count())
}

/// Lets whoever words name watch the record and hear of it. `event` is that of the words.
pub(super) fn tell(session: &mut Session<'_>, caller: &Caller, record: &Record, body: &str, event: i64) -> Result<()> {
    if !body.contains('@') || !caller.rights.is_staff(record.process.key, record.value("organisation").as_int()) {
        return Ok(());
    }
    for person in named(session, caller, record, body)?.into_iter().filter(|person| person.reads) {
        if caller.person_id() == Some(person.id) {
            continue;
        }
        if hangings::join(session.conn, record.id, person.id, "watcher")? {
            let told = json!([{ "field": "watcher", "old": null, "new": person.id }]);
            append(session, caller, record, "watched", false, &told, None)?;
        }
        notify::mention(session, record, event, caller, person.id)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use mainstay_engine::register::Values;

    #[test]
    fn the_longest_whole_name_is_meant() {
        let person = |id: i64, name: &str| Entry {
            id,
            key: String::new(),
            name: name.to_owned(),
            active: true,
            organisation: None,
            version: 1,
            values: Values::new(),
        };
        let people = [person(1, "Mei"), person(2, "Mei Chen"), person(3, "Mei Chenoweth")];
        let id = |text: &str| longest(&people, text).map(|person| person.id);
        assert_eq!(id("Mei Chen, look"), Some(2));
        assert_eq!(id("mei chenoweth"), Some(3));
        assert_eq!(id("Mei says"), Some(1));
        assert_eq!(id("Meinhard"), None);
    }
}
