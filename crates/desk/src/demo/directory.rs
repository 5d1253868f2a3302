//! Entering the cast and the agreements into the registers.

use super::cast::{ORGANISATIONS, PEOPLE, Part, TEAMS};
use super::stories::address;
use super::{agreements, changes};
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use crate::install::{Planned, put_as, values};
use crate::registers::{EntryDraft, update};
use mainstay_processes::registers;
use mainstay_store::entries;
use serde_json::{Value as Json, json};

/// Enters everybody and everything that the stories need.
///
/// # Errors
/// What a register refuses; the database's.
pub fn enter(session: &mut Session<'_>, caller: &Caller) -> Result<()> {
    put_as(session, caller, &organisations(), true)?;
    put_as(session, caller, &teams(), true)?;
    put_as(session, caller, &PEOPLE.iter().map(person).collect::<Vec<_>>(), true)?;
    name_managers(session, caller)?;
    put_as(session, caller, &agreements::entries(), true)?;
    put_as(session, caller, &changes::entries(session.now), true)
}

/// The first entry of the installation's own that has the key of one of the demo.
///
/// # Errors
/// The database's.
pub fn in_the_way(session: &mut Session<'_>) -> Result<Option<String>> {
    let people = PEOPLE.iter().map(person).collect();
    for entry in [organisations(), teams(), people, agreements::entries(), changes::entries(session.now)].concat() {
        if entries::by_key(session.conn, entry.register, &entry.key)?.is_some() {
            return Ok(Some(entry.name));
        }
    }
    Ok(None)
}

fn organisations() -> Vec<Planned> {
    let plan = |(key, name, kind): &(&str, &str, &str)| {
        planned("organisations", key, name, json!({ "kind": kind, "zone": "Europe/London" }))
    };
    ORGANISATIONS.iter().map(plan).collect()
}

fn teams() -> Vec<Planned> {
    let plan = |(key, name, organisation, _, words): &(&str, &str, &str, &str, &str)| {
        planned(
            "teams",
            key,
            name,
            json!({ "organisation": format!("@organisations/{organisation}"), "description": words }),
        )
    };
    TEAMS.iter().map(plan).collect()
}

fn planned(register: &'static str, key: &str, name: &str, values: Json) -> Planned {
    Planned { register, key: key.to_owned(), name: name.to_owned(), values }
}

fn person(part: &Part) -> Planned {
    let organisation = format!("@organisations/{}", part.organisation);
    let mut grants = vec![json!({ "role": "@roles/requester" })];
    if let Some(role) = part.role {
        let mut grant = json!({ "role": format!("@roles/{role}") });
        if role == "customer-representative" {
            grant["organisation"] = json!(organisation);
        }
        grants.push(grant);
    }
    let teams: Vec<String> = part.teams.iter().map(|team| format!("@teams/{team}")).collect();
    let values = json!({
        "email": part.email(), "organisation": organisation, "teams": teams, "grants": grants, "zone": part.zone, "vip": part.vip,
    });
    planned("people", &part.email(), part.name, values)
}

/// Teams come before people and people lead teams, so leaders are named afterwards.
fn name_managers(session: &mut Session<'_>, caller: &Caller) -> Result<()> {
    for (key, name, _, manager, _) in TEAMS {
        let plan = planned("teams", key, name, json!({ "manager": format!("@people/{}", address(manager)) }));
        let draft = EntryDraft { values: values(session.conn, &plan)?, ..EntryDraft::default() };
        if let Some(row) = entries::by_key(session.conn, "teams", key)? {
            update(session, caller, &registers::TEAMS, row.id, row.version, &draft)?;
        }
    }
    Ok(())
}
