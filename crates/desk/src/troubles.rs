//! Services that have trouble, as everybody may hear of it: that they do, since when, and how many it hits.

use crate::caller::{Caller, Channel};
use crate::desk::Session;
use crate::error::{Error, Result};
use crate::records;
use crate::registers;
use mainstay_engine::process::{Phase, Process};
use mainstay_engine::refusal::Refusal;
use mainstay_engine::register::Entry;
use mainstay_engine::spine;
use mainstay_processes::registers::SERVICES;
use mainstay_store::{Column, NewEvent, Sort, events, surveys};
use serde_json::json;

/// Records that are looked at: more trouble than that at once needs no list.
const MOST: usize = 50;

/// Services that are found without asking for each.
const KNOWN: usize = 200;

/// Shorter words name no service, in letters: "pay" for Payments is the shortest.
const TELLING: usize = 3;

/// Shorter words stand in titles of all kinds, in letters.
const IN_TITLE: usize = 4;

/// A service that has trouble. Nothing of the record behind it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The id of the service.
    pub service: i64,
    pub name: String,
    /// What people read behind the name.
    pub plain: &'static str,
    /// Since when, in epoch milliseconds UTC.
    pub since: i64,
    /// How many said that it hits them too.
    pub affected: i64,
    /// The caller is one of them, or has reported it.
    pub own: bool,
    /// What the record behind it is called, to find the trouble by; not to be shown. Empty where few may read it.
    title: String,
    record: i64,
    process: &'static str,
}

impl Trouble {
    /// Whether it may be the matter that somebody writes of: they chose its service, or a word of theirs is one of the
    /// service's name or of the trouble's title.
    #[must_use]
    pub fn is_about(&self, words: &str, service: Option<i64>) -> bool {
        let (theirs, name) = (telling(words), telling(&self.name));
        let title = self.title.to_lowercase();
        let meets = |word: &String| {
            name.iter().any(|own| own.starts_with(word.as_str()) || word.starts_with(own.as_str()))
                || word.chars().count() >= IN_TITLE && title.contains(word.as_str())
        };
        service == Some(self.service) || theirs.iter().any(meets)
    }
}

/// The words of a text that are long enough to tell matters apart.
fn telling(text: &str) -> Vec<String> {
    let text = text.to_lowercase();
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() >= TELLING);
    words.map(str::to_owned).collect()
}

/// The services in use that the caller may know of, by name.
///
/// # Errors
/// The database's.
pub fn services(session: &mut Session<'_>, caller: &Caller) -> Result<Vec<Entry>> {
    match registers::open_entries(session, caller, &SERVICES, KNOWN) {
        Err(Error::Refused(_)) => Ok(Vec::new()),
        other => other,
    }
}

/// The services of the caller that have trouble now: those first that the caller is known to suffer from, then those
/// that hit most people, then those that had it first.
///
/// # Errors
/// The database's.
pub fn now(session: &mut Session<'_>, caller: &Caller) -> Result<Vec<Trouble>> {
    let known = services(session, caller)?;
    among(session, caller, &known)
}

/// As [`now`], for who has read the caller's [`services`] already.
///
/// # Errors
/// The database's.
pub fn among(session: &mut Session<'_>, caller: &Caller, known: &[Entry]) -> Result<Vec<Trouble>> {
    let Some(person) = &caller.person else { return Ok(Vec::new()) };
    let (me, home) = (person.id, person.organisation);
    let mut found: Vec<Trouble> = Vec::new();
    for Behind { record, title, service, requester, since, process } in behind(session)? {
        let own = requester == Some(me);
        if let Some(told) = found.iter_mut().find(|told| told.service == service) {
            told.own |= own;
            continue;
        }
        // Who may not read the service hears nothing of it; a retired one is told of as long as it has trouble.
        let retired;
        let entry = match known.iter().find(|entry| entry.id == service) {
            Some(entry) => entry,
            None => match registers::get(session.conn, caller, &SERVICES, service) {
                Err(Error::Refused(_)) => continue,
                other => {
                    retired = other?;
                    &retired
                }
            },
        };
        if !serves(entry, home) {
            continue;
        }
        let plain = process.trouble.map_or("", |trouble| trouble.plain);
        let (affected, name) = (0, entry.name.clone());
        found.push(Trouble { service, name, plain, since, affected, own, title, record, process: process.key });
    }
    let records: Vec<i64> = found.iter().map(|trouble| trouble.record).collect();
    for (record, all, own) in surveys::affected(session.conn, &records, me)? {
        for trouble in found.iter_mut().filter(|trouble| trouble.record == record) {
            trouble.affected = all;
            trouble.own |= own;
        }
    }
    found.sort_by_key(|trouble| (!trouble.own, -trouble.affected));
    Ok(found)
}

/// Whether a service is for the people of an organisation: its own, or everybody's.
#[must_use]
pub fn serves(service: &Entry, organisation: Option<i64>) -> bool {
    let mut served = service.ids("organisations").peekable();
    served.peek().is_none() || served.any(|id| Some(id) == organisation)
}

/// A record that means trouble.
struct Behind {
    record: i64,
    /// Empty where it is restricted.
    title: String,
    service: i64,
    requester: Option<i64>,
    /// Epoch milliseconds UTC.
    since: i64,
    process: &'static Process,
}

/// The records that mean trouble, the most urgent of them, oldest first, whoever may see them.
fn behind(session: &mut Session<'_>) -> Result<Vec<Behind>> {
    let engine = Caller::engine(Channel::Engine);
    let urgent = Sort { column: Column::Record(spine::PRIORITY.def.key), descending: false };
    let columns =
        [spine::SERVICE.def, spine::REQUESTER.def, spine::OPENED.def, spine::TITLE.def, spine::RESTRICTED.def]
            .map(|field| Column::Record(field.key));
    let mut found = Vec::new();
    for process in mainstay_processes::ALL.iter().copied() {
        let Some(trouble) = process.trouble else { continue };
        let (open, paused) = (Phase::Open.number(), Phase::Paused.number());
        let condition = format!("({}) and phase in ({open}, {paused})", trouble.when);
        let rows = records::first(session, &engine, process, &condition, &columns, (urgent, MOST))?;
        found.extend(rows.into_iter().filter_map(|(record, values)| {
            let [service, requester, opened, title, restricted] = values.as_slice() else { return None };
            let (service, since) = (service.as_int()?, opened.as_int()?);
            let open = restricted.as_bool() == Some(false);
            let title = title.as_text().filter(|_| open).unwrap_or_default().to_owned();
            Some(Behind { record, title, service, requester: requester.as_int(), since, process })
        }));
    }
    found.sort_by_key(|behind| behind.since);
    Ok(found)
}

/// Counts the caller among those whom the trouble of a service hits; once, however often it is said. Whoever works on
/// it reads of it in the history.
///
/// # Errors
/// The service has no trouble that the caller is told of.
pub fn hits_me(session: &mut Session<'_>, caller: &Caller, service: i64) -> Result<()> {
    let Some(person) = caller.person_id() else { return Ok(()) };
    let trouble = now(session, caller)?.into_iter().find(|trouble| trouble.service == service);
    let Some(trouble) = trouble else {
        return Err(Refusal::conflict("no_trouble", "That works again, as far as we know.").into());
    };
    if trouble.own || !surveys::affect(session.conn, trouble.record, person, session.now)? {
        return Ok(());
    }
    events::append(
        session.conn,
        &NewEvent {
            at: session.now,
            actor: Some(person),
            channel: caller.channel.key().to_owned(),
            subject: "record".into(),
            subject_id: trouble.record,
            process: Some(trouble.process.to_owned()),
            verb: "affected".into(),
            public: false,
            changes: json!([{ "field": "affected", "old": trouble.affected, "new": trouble.affected + 1 }]).to_string(),
            reason: None,
        },
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trouble_is_met_by_its_service_and_by_words_of_its_name_and_title() {
        let trouble = Trouble {
            service: 7,
            name: "Payments".into(),
            plain: "",
            since: 0,
            affected: 0,
            own: false,
            title: "Terminals say no in every branch".into(),
            record: 1,
            process: "",
        };
        assert!(trouble.is_about("", Some(7)) && !trouble.is_about("", Some(8)) && !trouble.is_about("", None));
        for words in ["I cannot pay", "PAYMENT refused", "payments", "my terminal is dead", "Branch 7 is out"] {
            assert!(trouble.is_about(words, None), "{words}");
        }
        for words in ["The printer hums", "no", "It says: not in", ""] {
            assert!(!trouble.is_about(words, None), "{words}");
        }
        let restricted = Trouble { title: String::new(), ..trouble };
        assert!(restricted.is_about("pay", None) && !restricted.is_about("terminal", None));
    }
}
