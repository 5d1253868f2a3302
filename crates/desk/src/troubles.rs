//! Services that have trouble, as everybody may hear of it: that they do, since when, and how many it hits.

use crate::caller::{Caller, Channel};
use crate::desk::Session;
use crate::error::{Error, Result};
use crate::records::{self, Listing};
use crate::registers;
use mainstay_engine::process::{Phase, Process};
use mainstay_engine::record::Record;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::spine;
use mainstay_processes::registers::SERVICES;
use mainstay_store::{NewEvent, events, surveys};
use serde_json::json;

/// Records that are looked at: more trouble than that at once needs no list.
const MOST: usize = 50;

/// Services that are found without asking for each.
const KNOWN: usize = 200;

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
    record: i64,
    process: &'static str,
}

/// The services of the caller that have trouble now: those first that the caller is known to suffer from, then those
/// that hit most people, then those that had it first.
///
/// # Errors
/// The database's.
pub fn now(session: &mut Session<'_>, caller: &Caller) -> Result<Vec<Trouble>> {
    let Some(person) = &caller.person else { return Ok(Vec::new()) };
    let (me, home) = (person.id, person.organisation);
    let mut found: Vec<Trouble> = Vec::new();
    let known = match registers::open_entries(session, caller, &SERVICES, KNOWN) {
        Err(Error::Refused(_)) => Vec::new(),
        other => other?,
    };
    for (process, record) in behind(session)? {
        let Some(service) = record.get(&spine::SERVICE).map(|service| service.0) else { continue };
        let own = record.get(&spine::REQUESTER).is_some_and(|requester| requester.0 == me);
        if let Some(known) = found.iter_mut().find(|known| known.service == service) {
            known.own |= own;
            continue;
        }
        // Who may not read the service hears nothing of it; a retired one is told of as long as it has trouble.
        let entry = match known.iter().find(|entry| entry.id == service) {
            Some(entry) => entry.clone(),
            None => match registers::get(session.conn, caller, &SERVICES, service) {
                Err(Error::Refused(_)) => continue,
                other => other?,
            },
        };
        let served: Vec<i64> = entry.ids("organisations").collect();
        if !served.is_empty() && !served.iter().any(|organisation| Some(*organisation) == home) {
            continue;
        }
        let since = record.value(spine::OPENED.def.key).as_int().unwrap_or(session.now);
        let plain = process.trouble.map_or("", |trouble| trouble.plain);
        let (affected, name) = (0, entry.name);
        found.push(Trouble { service, name, plain, since, affected, own, record: record.id, process: process.key });
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

/// The records that mean trouble, the most urgent of them, oldest first, whoever may see them.
fn behind(session: &mut Session<'_>) -> Result<Vec<(&'static Process, Record)>> {
    let engine = Caller::engine(Channel::Engine);
    let mut found = Vec::new();
    for process in mainstay_processes::ALL.iter().copied() {
        let Some(trouble) = process.trouble else { continue };
        let (open, paused) = (Phase::Open.number(), Phase::Paused.number());
        let listing = Listing {
            filter: Some(format!("({}) and phase in ({open}, {paused})", trouble.when)),
            sort: Some(spine::PRIORITY.def.key.to_owned()),
            fields: Some(Vec::new()),
            limit: MOST,
            after: None,
        };
        let page = records::list(session, &engine, process, &listing)?;
        found.extend(page.rows.into_iter().map(|row| (process, row.record)));
    }
    found.sort_by_key(|(_, record)| record.value(spine::OPENED.def.key).as_int());
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
