//! What the demo's house runs on: some four hundred items and how they hang together, as an inventory brought them.

mod plan;

use super::assets;
use super::baselines;
use super::stories::{self, address};
use crate::caller::{Caller, Channel};
use crate::desk::Session;
use crate::error::{Error, Result};
use crate::import::{self, Batch, Existing, Given, Item, Past, Step, Verdict};
use crate::install::{Planned, values};
use crate::records;
use mainstay_engine::process::State;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::value::day_to_date;
use mainstay_processes::transition::configuration_item::CONFIGURATION_ITEM;
use mainstay_store::{entries, record as store};
use plan::{Part, Stands, plan};
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;

pub const DAY: i64 = 86_400_000;
/// Last days near the present one: what the keys of the items begin with, the field, in how many days.
const LAST_DAYS: &[(&str, &str, i64)] = &[
    ("vpn-gateway", "warranty_until", -45),
    ("line-", "contract_until", 400),
    ("line-l", "contract_until", 24),
    ("fw-", "supported_until", 26),
];
/// The system that the items came from.
pub const ORIGIN: &str = "inventory";

/// Enters all items and links them, as the manager who brought the inventory in.
///
/// # Errors
/// What the process refuses; the database's.
pub fn enter(session: &mut Session<'_>) -> Result<()> {
    let missing = || Error::from(Refusal::missing("such person"));
    let id = entries::by_key(session.conn, "people", &address("priya"))?.ok_or_else(missing)?.id;
    let caller = Caller::load(session.conn, session.config, id, Channel::Import, None)?.ok_or_else(missing)?;
    let estate = plan();
    let mut items = Vec::with_capacity(estate.parts.len());
    for (part, place) in estate.parts.iter().zip(0..) {
        items.push(Item::Record(past(session, part, place)?));
    }
    let batch = Batch { needs: Arc::default(), items, existing: Existing::Keep, calendar: None, dry_run: false };
    let outcome = import::put_within(session, &caller, &batch)?;
    for (verdict, part) in outcome.verdicts.iter().zip(&estate.parts) {
        if let Verdict::Rejected(refusal) = verdict {
            return Err(Refusal { detail: format!("{}: {}", part.key, refusal.detail), ..refusal.clone() }.into());
        }
    }
    let mut numbers: HashMap<&str, String> = HashMap::new();
    for part in &estate.parts {
        let spine = store::find_external(session.conn, &caller.scope, ORIGIN, &part.key)?;
        numbers.insert(&part.key, spine.number);
    }
    for (from, relation, to) in &estate.links {
        let number = |key: &str| numbers.get(key).cloned().ok_or_else(|| Error::from(Refusal::missing(key)));
        records::link(session, &caller, &CONFIGURATION_ITEM, &number(from)?, relation, &number(to)?)?;
    }
    assets::enter(session, &caller)?;
    baselines::enter(session, &caller)
}

/// An item with the way that it took, some of it long before the demo's first story.
fn past(session: &mut Session<'_>, part: &Part, place: i64) -> Result<Past> {
    let mut plan = Planned {
        register: CONFIGURATION_ITEM.plural,
        key: part.key.clone(),
        name: String::new(),
        values: part.values.clone(),
    };
    for (prefix, field, days) in LAST_DAYS {
        let day = day_to_date(session.now / DAY + stories::DAYS + days).filter(|_| part.key.starts_with(prefix));
        if let Some(day) = day {
            plan.values[*field] = json!(day.to_string());
        }
    }
    let begun = session.now - (60 + place * 7 % 900) * DAY;
    let state = |key: &str| CONFIGURATION_ITEM.state(key).unwrap_or(CONFIGURATION_ITEM.initial());
    let way: &[&str] = match part.stands {
        Stands::Planned => &["planned"],
        Stands::Ordered => &["planned", "on_order"],
        Stands::Stock => &["planned", "on_order", "in_stock"],
        Stands::Test => &["planned", "in_stock", "in_test"],
        Stands::Live => &["planned", "in_stock", "in_test", "live"],
        Stands::Maintenance => &["planned", "in_stock", "in_test", "live", "maintenance"],
        Stands::Missing => &["planned", "on_order", "in_stock", "in_test", "live", "missing"],
        Stands::Retired => &["planned", "in_stock", "in_test", "live", "retired"],
    };
    let mut given: Vec<(import::FieldKey, Given)> =
        values(session.conn, &plan)?.into_iter().map(|(key, value)| (key.into(), Given::Plain(value))).collect();
    let mut steps = Vec::with_capacity(way.len());
    for (at, key) in (0..).zip(way) {
        let late = matches!(*key, "maintenance" | "missing" | "retired");
        let at = if late { session.now - (1 + place % 5) * DAY } else { begun + at * DAY };
        let state: &'static State = state(key);
        steps.push(Step { at, actor: None, verb: None, state, values: std::mem::take(&mut given), links: Vec::new() });
    }
    Ok(Past {
        process: &CONFIGURATION_ITEM,
        origin: ORIGIN.to_owned(),
        external_key: part.key.clone(),
        steps,
        comments: Vec::new(),
    })
}
