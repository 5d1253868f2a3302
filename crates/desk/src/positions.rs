//! What may be used of a product and what is used: entitlement less consumption. (SAC-16)

use crate::caller::{Caller, Channel};
use crate::desk::Session;
use crate::error::Result;
use crate::records;
use mainstay_engine::field::{FieldDef, Kind};
use mainstay_engine::process::{Counts, Entitlement, Entitles, Phase, Position, Process, Used, position, product_key};
use mainstay_engine::record::Record;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::spine;
use mainstay_engine::value::Value;
use mainstay_store::{Column, Filter, Question, maps};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Entitlements that are looked at.
const MOST: usize = 10_000;

/// One entitlement of a position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub number: String,
    pub title: String,
    pub quantity: i64,
    /// It entitles to something today.
    pub holds: bool,
    /// Its last day, in days since 1970-01-01.
    pub until: Option<i64>,
}

/// How a product stands by one metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// As the newest of its entitlements writes it.
    pub product: String,
    pub metric: String,
    pub metric_label: &'static str,
    pub position: Position,
    /// What is paid for what nobody uses, in whole units of money.
    pub unused_cost: i64,
    pub parts: Vec<Part>,
}

/// How every product stands, those that lack most first, as far as the caller sees the entitlements. What is used is
/// counted whoever sees it.
///
/// # Errors
/// A process whose records entitle to nothing; no right to see them as staff; the database's.
pub fn positions(session: &mut Session<'_>, caller: &Caller, process: &'static Process) -> Result<Vec<Standing>> {
    let entitles = may_look(caller, process)?;
    let mut groups: BTreeMap<(String, String), Vec<Record>> = BTreeMap::new();
    for record in held(session, caller, process)? {
        groups.entry(key(entitles, &record)).or_default().push(record);
    }
    let uses =
        uses(session, process, entitles, &groups.values().flatten().map(|record| record.id).collect::<Vec<_>>())?;
    let mut all = Vec::with_capacity(groups.len());
    for records in groups.into_values() {
        all.push(standing(session, caller, (process, entitles), &records, &uses));
    }
    all.sort_by_key(|each| (each.position.left(), each.product.to_lowercase()));
    Ok(all)
}

/// How the product of one entitlement stands.
///
/// # Errors
/// As [`positions`]; not the caller's to see.
pub fn position_of(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
) -> Result<Standing> {
    let entitles = may_look(caller, process)?;
    let (record, _) = records::find(session, caller, process, number)?;
    let own = key(entitles, &record);
    let mut all = held(session, caller, process)?;
    all.retain(|each| key(entitles, each) == own);
    // What was entered by mistake stands alone.
    if all.is_empty() {
        all.push(record);
    }
    let uses = uses(session, process, entitles, &all.iter().map(|each| each.id).collect::<Vec<_>>())?;
    Ok(standing(session, caller, (process, entitles), &all, &uses))
}

fn may_look(caller: &Caller, process: &'static Process) -> Result<&'static Entitles> {
    let entitles = process.entitles.as_ref().ok_or_else(|| Refusal::missing("page"))?;
    if caller.is_engine() || caller.rights.is_staff_of(process.key) {
        return Ok(entitles);
    }
    let says = format!("You may not see {}.", process.label_plural.to_lowercase());
    Err(Refusal::forbidden("no_right", says).into())
}

fn key(entitles: &Entitles, record: &Record) -> (String, String) {
    let metric = record.value(entitles.metric.key).as_text().unwrap_or_default();
    (product_key(record.value(entitles.product.key)), metric.to_owned())
}

/// The entitlements that the caller sees, but those that were entered by mistake.
fn held(session: &mut Session<'_>, caller: &Caller, process: &'static Process) -> Result<Vec<Record>> {
    let void: Vec<_> = process.states.iter().filter(|state| state.void).map(|state| state.key.into()).collect();
    let filter = Filter::Not(Box::new(Filter::In(Column::Record(spine::STATE.def.key), void)));
    let question = Question { scope: &caller.scope, table: Some(records::table(process)), filter: &filter };
    let mut ids = Vec::new();
    question.columns(session.conn, &[], |id, _| {
        ids.push(id);
        Ok(())
    })?;
    ids.truncate(MOST);
    let mut all: Vec<Record> =
        records::whole_of(session, caller, &ids)?.into_iter().map(|(record, _)| record).collect();
    all.sort_by_key(|record| record.id);
    Ok(all)
}

/// What entitlements are linked with: by each, the items that use it; and what is known of each item.
#[derive(Default)]
struct Uses {
    of: HashMap<i64, BTreeSet<i64>>,
    items: HashMap<i64, Item>,
    /// What an entitlement is an upgrade of.
    upgrades: HashMap<i64, i64>,
}

struct Item {
    over: bool,
    size: i64,
    place: Option<String>,
}

fn uses(session: &mut Session<'_>, process: &'static Process, entitles: &Entitles, ids: &[i64]) -> Result<Uses> {
    let mut uses = Uses::default();
    let of_items = mainstay_processes::ALL
        .iter()
        .copied()
        .find(|other| other.relation(entitles.used_by).is_some_and(|relation| relation.to == Some(process.key)));
    let Some(of_items) = of_items.filter(|_| !ids.is_empty()) else { return Ok(uses) };
    let mut linked = Vec::new();
    maps::links(session.conn, &[entitles.used_by, entitles.upgrades], Some(ids), |from, relation, to| {
        if relation == entitles.upgrades {
            uses.upgrades.insert(from, to);
            return Ok(());
        }
        if uses.of.entry(to).or_default().insert(from) {
            linked.push(from.into());
        }
        Ok(())
    })?;
    let scope = Caller::engine(Channel::Engine).scope;
    let void: Vec<_> = of_items.states.iter().filter(|state| state.void).map(|state| state.key.into()).collect();
    let filter = Filter::And(vec![
        Filter::In(Column::Record("id"), linked),
        Filter::Not(Box::new(Filter::In(Column::Record(spine::STATE.def.key), void))),
    ]);
    let question = Question { scope: &scope, table: Some(records::table(of_items)), filter: &filter };
    let own = |field: &FieldDef| Column::Narrow(field.key);
    let columns = [Column::Record(spine::PHASE.def.key), own(&entitles.size), own(&entitles.place)];
    question.columns(session.conn, &columns, |id, values| {
        let over = values[0].as_int() == Some(Phase::Closed.number());
        let place = values[2].as_text().map(str::to_owned);
        uses.items.insert(id, Item { over, size: values[1].as_int().unwrap_or(1), place });
        Ok(())
    })?;
    Ok(uses)
}

fn standing(
    session: &Session<'_>,
    caller: &Caller,
    (process, entitles): (&'static Process, &'static Entitles),
    records: &[Record],
    uses: &Uses,
) -> Standing {
    let today = records::today(session, caller);
    let holds = |record: &Record| {
        let day = |field: &FieldDef| record.value(field.key).as_int();
        let begun = day(&entitles.from).is_none_or(|from| from <= today);
        let ended = day(&entitles.until).is_some_and(|until| until < today);
        record.state.key == entitles.holds_in && begun && !ended
    };
    let number = |record: &Record, field: &FieldDef| record.value(field.key).as_int().unwrap_or_default();
    let entitlement = |record: &Record| Entitlement {
        id: record.id,
        quantity: number(record, &entitles.quantity),
        holds: holds(record),
        upgrades: uses.upgrades.get(&record.id).copied(),
        people: record.value(entitles.people.key).as_list().iter().filter_map(Value::as_int).collect(),
        peak: number(record, &entitles.peak),
    };
    let entitlements: Vec<Entitlement> = records.iter().map(entitlement).collect();
    let counts_over = session.config.process(process).policies.get(entitles.counts_over).is_some_and(|n| *n > 0);
    let (_, metric) = records.first().map(|record| key(entitles, record)).unwrap_or_default();
    let counts = entitles.counts.iter().find(|(key, _)| *key == metric).map_or(Counts::Items, |(_, counts)| *counts);
    let position = position(&entitlements, &used(entitles, records, uses), counts, counts_over);
    let text = |record: &Record, key: &str| record.value(key).as_text().unwrap_or_default().to_owned();
    let options = if let Kind::Choice(options) = entitles.metric.kind { options } else { &[] };
    let paid: i64 = records
        .iter()
        .filter(|record| holds(record))
        .filter_map(|record| record.value(entitles.price.key).as_int())
        .sum();
    let unused = position.left().max(0);
    Standing {
        product: records.last().map(|record| text(record, entitles.product.key)).unwrap_or_default(),
        metric_label: options.iter().find(|option| option.key == metric).map_or("", |option| option.label),
        metric,
        position,
        unused_cost: if position.entitled > 0 { paid.saturating_mul(unused) / position.entitled } else { 0 },
        parts: records
            .iter()
            .map(|record| Part {
                number: text(record, spine::NUMBER.def.key),
                title: text(record, spine::TITLE.def.key),
                quantity: record.value(entitles.quantity.key).as_int().unwrap_or_default(),
                holds: holds(record),
                until: record.value(entitles.until.key).as_int(),
            })
            .collect(),
    }
}

/// Each item once, however many of the entitlements it is linked with.
fn used(entitles: &Entitles, records: &[Record], uses: &Uses) -> Vec<Used> {
    let mut by_item: BTreeMap<i64, Vec<&Record>> = BTreeMap::new();
    for record in records {
        for item in uses.of.get(&record.id).into_iter().flatten() {
            by_item.entry(*item).or_default().push(record);
        }
    }
    let excludes = |record: &&Record, place: &str| {
        record.value(entitles.not_counted.key).as_list().iter().any(|each| each.as_text() == Some(place))
    };
    let one = |(item, records): (i64, Vec<&Record>)| {
        let known = uses.items.get(&item)?;
        let apart = known.place.as_deref().is_some_and(|place| records.iter().all(|record| excludes(record, place)));
        Some(Used { item, over: known.over, apart, size: known.size })
    };
    by_item.into_iter().filter_map(one).collect()
}
