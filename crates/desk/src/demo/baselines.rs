//! A baseline of the demo's house: the core switches before a new release, of which some were changed since.

use super::stories::address;
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::{Error, Result};
use crate::records::{self, Act, Amend, Opening};
use mainstay_engine::refusal::Refusal;
use mainstay_engine::spine;
use mainstay_processes::transition::baseline::BASELINE;
use mainstay_processes::transition::configuration_item::CONFIGURATION_ITEM;
use mainstay_store::entries;
use serde_json::{Map, Value as Json, json};

/// One hour, in milliseconds.
const HOUR: i64 = 3_600_000;
const CHOSEN: &str = "model_name = \"Arista 7280R3\"";

fn object(values: Json) -> Map<String, Json> {
    if let Json::Object(values) = values { values } else { Map::new() }
}

/// Captures the baseline, and changes two of its items an hour later.
///
/// # Errors
/// What the processes refuse; the database's.
pub fn enter(session: &mut Session<'_>, caller: &Caller) -> Result<()> {
    let owner = entries::by_key(session.conn, "people", &address("priya"))?;
    let owner = owner.ok_or_else(|| Error::from(Refusal::missing("such person")))?.id;
    let values = object(json!({
        "title": "Core switches before EOS 4.32", "owner": owner, "chosen_by": CHOSEN,
        "description": "Taken before the switches get their new release, to compare with afterwards.",
    }));
    let view = records::open(session, caller, &BASELINE, &Opening { values, ..Opening::default() })?;
    let number = view.record.value(spine::NUMBER.def.key).as_text().unwrap_or_default().to_owned();
    let mut later = Session::new(session.conn, session.config, session.now + HOUR);
    records::act(&mut later, caller, &BASELINE, &number, "capture", &Act::default())?;
    let mut later = Session::new(session.conn, session.config, session.now + 2 * HOUR);
    let ids = records::meeting(&mut later, caller, &CONFIGURATION_ITEM, CHOSEN, 2)?;
    let changed = [json!({ "location": "London DC1, cage 3" }), json!({ "description": "Its uplinks were doubled." })];
    for ((item, _), values) in records::whole_of(&mut later, caller, &ids)?.into_iter().zip(changed) {
        let number = item.value(spine::NUMBER.def.key).as_text().unwrap_or_default().to_owned();
        let amend = Amend { version: item.version, values: object(values), reason: None };
        records::amend(&mut later, caller, &CONFIGURATION_ITEM, &number, &amend)?;
    }
    Ok(())
}
