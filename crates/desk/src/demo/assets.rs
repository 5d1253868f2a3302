//! What the demo's house owns: notebooks and telephones with those who have them, seats of programs, what lies idle, and
//! licences of which one lacks some and one has some to spare.

use super::cast::PEOPLE;
use super::estate::{DAY, ORIGIN};
use super::stories;
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use crate::import::{self, Batch, Existing, Given, Item, Past, Step, Verdict};
use crate::install::{Planned, values};
use crate::records;
use mainstay_engine::process::{Process, State};
use mainstay_engine::refusal::Refusal;
use mainstay_engine::value::day_to_date;
use mainstay_processes::transition::asset::ASSET;
use mainstay_processes::transition::configuration_item::{ASSET_OF, CONFIGURATION_ITEM, LICENSED_BY};
use mainstay_processes::transition::licence::LICENCE;
use mainstay_store::record as store;
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Devices that have an asset.
const DEVICES: i64 = 90;

/// One asset or licence: its key, the items that belong to it and by which relation, how far it has come, what is known
/// of it.
struct Owned {
    process: &'static Process,
    key: String,
    items: Vec<String>,
    relation: &'static str,
    way: &'static [&'static str],
    values: Json,
}

/// Enters all of it and links it with its items.
///
/// # Errors
/// What the process refuses; the database's.
pub fn enter(session: &mut Session<'_>, caller: &Caller) -> Result<()> {
    let today = session.now / DAY + stories::DAYS;
    let mut all = Vec::new();
    for n in 1..=DEVICES {
        let key = format!("device-{n:03}");
        let spine = store::find_external(session.conn, &caller.scope, ORIGIN, &key)?;
        all.push(device(n, key, &spine.title, today));
    }
    all.extend(others(today));
    all.extend(licences(today));
    let mut items = Vec::with_capacity(all.len());
    for (owned, place) in all.iter().zip(0..) {
        items.push(Item::Record(past(session, owned, place)?));
    }
    let batch = Batch { needs: Arc::default(), items, existing: Existing::Keep, calendar: None, dry_run: false };
    let outcome = import::put_within(session, caller, &batch)?;
    for (verdict, owned) in outcome.verdicts.iter().zip(&all) {
        if let Verdict::Rejected(refusal) = verdict {
            return Err(Refusal { detail: format!("{}: {}", owned.key, refusal.detail), ..refusal.clone() }.into());
        }
    }
    for owned in &all {
        let asset = store::find_external(session.conn, &caller.scope, ORIGIN, &owned.key)?.number;
        for item in &owned.items {
            let item = store::find_external(session.conn, &caller.scope, ORIGIN, item)?.number;
            records::link(session, caller, &CONFIGURATION_ITEM, &item, owned.relation, &asset)?;
        }
    }
    Ok(())
}

fn day(day: i64) -> String {
    day_to_date(day).map(|day| day.to_string()).unwrap_or_default()
}

/// A notebook or a telephone; each seventh lies in stock, and of some nobody has heard for long.
fn device(n: i64, item: String, title: &str, today: i64) -> Owned {
    let telephone = n % 4 == 0;
    let mut values = json!({
        "title": title, "kind": "hardware", "held": "bought", "organisation": "@organisations/retail-bank",
        "inventory_number": format!("INV-{:05}", 4_000 + n * 13), "model_name": if telephone { "Apple iPhone 15" } else { "Lenovo T14 Gen 5" },
        "bought_on": day(today - 120 - n * 11 % 900), "price": if telephone { 640 } else { 1_480 }, "life_months": if telephone { 24 } else { 48 },
    });
    let stock = n % 7 == 0;
    if !stock {
        let person = &PEOPLE[usize::try_from(n).unwrap_or_default() % PEOPLE.len()];
        values["custodian"] = json!(format!("@people/{}", person.email()));
        values["last_used_on"] = json!(day(today - if n % 13 == 0 { 100 + n } else { n % 5 }));
    }
    let way: &[&str] = if stock { &["planned", "ordered", "in_stock"] } else { &["planned", "in_stock", "in_use"] };
    Owned { process: &ASSET, key: format!("asset-{item}"), items: vec![item], relation: ASSET_OF, way, values }
}

/// Seats of programs that nobody opens any more, a lease that ends, and what is on its way or gone.
fn others(today: i64) -> Vec<Owned> {
    let owned = |key: &str, way, values: Json| Owned {
        process: &ASSET,
        key: format!("asset-{key}"),
        items: Vec::new(),
        relation: ASSET_OF,
        way,
        values,
    };
    let seat = |n: i64, program: &str, price: i64, unused: i64| {
        let person = &PEOPLE[usize::try_from(n * 5).unwrap_or_default() % PEOPLE.len()];
        owned(
            &format!("seat-{n}"),
            &["planned", "in_stock", "in_use"],
            json!({
                "title": format!("{program}, seat {n}"), "kind": "software", "held": "leased", "price": price,
                "custodian": format!("@people/{}", person.email()), "last_used_on": day(today - unused),
                "bought_on": day(today - 400), "life_months": 12,
            }),
        )
    };
    vec![
        seat(1, "AutoCAD", 1_900, 130),
        seat(2, "AutoCAD", 1_900, 3),
        seat(3, "Visio", 260, 210),
        seat(4, "Visio", 260, 95),
        owned(
            "printer-lease",
            &["planned", "in_stock", "in_use"],
            json!({
                "title": "Large format printer", "kind": "hardware", "held": "leased", "model_name": "HP DesignJet T1700",
                "leased_until": day(today + 21), "custodian": format!("@people/{}", stories::address("elena")), "price": 5_400,
            }),
        ),
        owned(
            "notebooks-ordered",
            &["planned", "ordered"],
            json!({ "title": "Notebook for the Leeds office", "kind": "hardware", "order_number": "PO-2211", "price": 1_520 }),
        ),
        owned(
            "scanner-planned",
            &["planned"],
            json!({ "title": "Document scanner", "kind": "hardware", "price": 780 }),
        ),
        owned(
            "projector-repair",
            &["planned", "in_stock", "in_repair"],
            json!({ "title": "Projector, board room", "kind": "hardware", "price": 2_300, "bought_on": day(today - 700) }),
        ),
        owned(
            "tablet-missing",
            &["planned", "in_stock", "in_use", "missing"],
            json!({ "title": "Tablet 12", "kind": "hardware", "price": 610, "custodian": format!("@people/{}", stories::address("amara")) }),
        ),
    ]
}

/// Devices that lack licences, gateways that have just enough until their subscription ends, and seats to spare.
fn licences(today: i64) -> Vec<Owned> {
    let owned = |key: &str, items: Vec<String>, values: Json| {
        let mut all = json!({
            "organisation": "@organisations/retail-bank", "owner": format!("@people/{}", stories::address("elena")),
            "valid_from": day(today - 300),
        });
        for (key, value) in values.as_object().into_iter().flatten() {
            all[key] = value.clone();
        }
        let (key, way) = (format!("licence-{key}"), &["planned", "active"] as &[&str]);
        Owned { process: &LICENCE, key, items, relation: LICENSED_BY, way, values: all }
    };
    let notebooks = (1..=DEVICES).filter(|n| n % 4 != 0).map(|n| format!("device-{n:03}")).collect();
    let gateways = ["fw-lon", "fw-lds", "vpn-gateway-01", "vpn-gateway-02"].map(str::to_owned).to_vec();
    let people =
        |keys: &[&str]| keys.iter().map(|key| format!("@people/{}", stories::address(key))).collect::<Vec<_>>();
    vec![
        owned(
            "windows",
            notebooks,
            json!({
                "title": "Windows for notebooks", "product": "Windows 11 Enterprise", "metric": "device", "quantity": 50,
                "price": 4_100, "order_number": "EA-7741",
            }),
        ),
        owned(
            "windows-later",
            Vec::new(),
            json!({
                "title": "Windows, later order", "product": "Windows 11 Enterprise", "metric": "device", "quantity": 12,
                "price": 1_080, "order_number": "EA-7741-2",
            }),
        ),
        owned(
            "fortinet",
            gateways,
            json!({
                "title": "Updates of the gateways", "product": "FortiGuard Unified Threat Protection", "metric": "subscription",
                "quantity": 4, "valid_until": day(today + 19), "price": 7_600,
            }),
        ),
        owned(
            "autocad",
            Vec::new(),
            json!({
                "title": "AutoCAD for facilities", "product": "AutoCAD", "metric": "named_user", "quantity": 5, "price": 9_500,
                "users": people(&["amara", "ravi"]),
            }),
        ),
        Owned {
            way: &["planned"],
            ..owned(
                "monitoring",
                Vec::new(),
                json!({ "title": "Monitoring, more cores", "product": "Zabbix support", "metric": "core", "quantity": 32 }),
            )
        },
    ]
}

fn past(session: &mut Session<'_>, owned: &Owned, place: i64) -> Result<Past> {
    let plan =
        Planned { register: ASSET.plural, key: owned.key.clone(), name: String::new(), values: owned.values.clone() };
    let begun = session.now - (60 + place * 7 % 900) * DAY;
    let mut given: Vec<(import::FieldKey, Given)> =
        values(session.conn, &plan)?.into_iter().map(|(key, value)| (key.into(), Given::Plain(value))).collect();
    let mut steps = Vec::with_capacity(owned.way.len());
    for (at, key) in (0..).zip(owned.way) {
        let state: &'static State = owned.process.state(key).unwrap_or(owned.process.initial());
        let at = begun + at * DAY;
        steps.push(Step { at, actor: None, verb: None, state, values: std::mem::take(&mut given), links: Vec::new() });
    }
    Ok(Past {
        process: owned.process,
        origin: ORIGIN.to_owned(),
        external_key: owned.key.clone(),
        steps,
        comments: Vec::new(),
    })
}
