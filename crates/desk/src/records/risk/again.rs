//! When a risk is assessed anew: a timer is set in the transaction that changed what it follows from, so that nobody
//! waits for it and nothing is forgotten.

use super::super::rows;
use super::found::items as items_of;
use super::{REASSESSED, assessing, reassess};
use crate::caller::{Caller, Channel};
use crate::desk::Session;
use crate::error::{Error, Result};
use crate::maps::{self, Way};
use crate::records::apply::append;
use mainstay_engine::field::{FieldDef, Kind};
use mainstay_engine::process::{Assessed, Carries, Phase, Process};
use mainstay_engine::record::Record;
use mainstay_engine::register::{Entry, Register};
use mainstay_engine::spine;
use mainstay_processes::registers::{ITEM_CLASSES, RELATION_TYPES, RISK_RULES, SERVICES};
use mainstay_store::{Column, Filter, NewTimer, Question, TimerRow, assessed as store, timers};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

/// The kind of timers that have risks assessed anew.
pub const TIMER: &str = "risk";

/// Records that one timer assesses before it lets others go on.
const AT_ONCE: usize = 20;
/// Records under way that one timer looks at.
const LOOKED_AT: i64 = 2_000;
/// Items below one that are followed.
const MOST_ITEMS: usize = 5_000;
const DAY_MS: i64 = 86_400_000;

/// What has changed.
#[derive(Clone, Copy, Debug)]
enum Of {
    /// The record itself.
    Record(i64),
    /// A record of a map.
    Item(i64),
    /// A service.
    Service(i64),
    /// What became of a record.
    Outcome(i64),
    /// Rules, or what the map means.
    Everything,
}

impl Of {
    fn key(self) -> String {
        match self {
            Self::Record(id) => format!("risk:record:{id}"),
            Self::Item(id) => format!("risk:item:{id}"),
            Self::Service(id) => format!("risk:service:{id}"),
            Self::Outcome(id) => format!("risk:outcome:{id}"),
            Self::Everything => "risk:everything".to_owned(),
        }
    }

    fn read(payload: &Json) -> Option<Self> {
        let id = payload["id"].as_i64().unwrap_or_default();
        match payload["of"].as_str()? {
            "record" => Some(Self::Record(id)),
            "item" => Some(Self::Item(id)),
            "service" => Some(Self::Service(id)),
            "outcome" => Some(Self::Outcome(id)),
            "everything" => Some(Self::Everything),
            _ => None,
        }
    }

    fn payload(self, after: i64) -> String {
        let (of, id) = match self {
            Self::Record(id) => ("record", id),
            Self::Item(id) => ("item", id),
            Self::Service(id) => ("service", id),
            Self::Outcome(id) => ("outcome", id),
            Self::Everything => ("everything", 0),
        };
        json!({ "of": of, "id": id, "after": after }).to_string()
    }
}

/// Has what follows from this assessed anew, beginning behind a record.
fn set(session: &mut Session<'_>, of: Of, after: i64, due: i64) -> Result<()> {
    let record = match of {
        Of::Record(id) | Of::Item(id) | Of::Outcome(id) => Some(id),
        Of::Service(_) | Of::Everything => None,
    };
    let (key, kind, payload) = (of.key(), TIMER.to_owned(), of.payload(after));
    timers::set(session.conn, &NewTimer { key, due, kind, record, clock: None, payload })?;
    Ok(())
}

/// Follows a change of a record of a map, and what became of one that others are like.
pub fn of_record(session: &mut Session<'_>, before: &Record, after: &Record) -> Result<()> {
    let over = |record: &Record| record.state.phase == Phase::Closed;
    if let (Some(_), Some(way)) = (after.process.assessed(), outcome_of(after.process))
        && (over(before) != over(after) || before.value(way.key) != after.value(way.key))
        && !(before.value(way.key).is_null() && after.value(way.key).is_null())
    {
        return set(session, Of::Outcome(after.id), 0, session.now);
    }
    let Some(map) = &after.process.map else { return Ok(()) };
    let said = [map.class.key, spine::SERVICE.def.key, spine::PHASE.def.key];
    let mut keys = said.into_iter().chain(map.of_service.iter().map(|field| field.key));
    let differs = keys.any(|key| before.value(key) != after.value(key)) || over(before) != over(after);
    if before.id != 0 && differs { set(session, Of::Item(after.id), 0, session.now) } else { Ok(()) }
}

/// The field that says what became of a record.
fn outcome_of(process: &Process) -> Option<&FieldDef> {
    Some(&process.approvals.as_ref()?.in_advance.as_ref()?.outcome)
}

/// Follows a change that was taken back.
pub fn taken_back(session: &mut Session<'_>, before: &Record, after: &Record) -> Result<()> {
    if after.process.assessed().is_some() {
        set(session, Of::Record(after.id), 0, session.now)?;
    }
    of_record(session, before, after)
}

/// Follows a link that was made or removed: of a record with what it touches, or of two records of a map.
pub fn linked(session: &mut Session<'_>, record: &Record, relation: &str, other: &Record) -> Result<()> {
    if record.process.assessed().is_some_and(|assessed| assessed.touches == relation) {
        return set(session, Of::Record(record.id), 0, session.now);
    }
    if record.process.map.is_none() || session.config.carries(record.process, relation) == Carries::Nothing {
        return Ok(());
    }
    set(session, Of::Item(record.id), 0, session.now)?;
    set(session, Of::Item(other.id), 0, session.now)
}

/// Follows a change of an entry.
pub fn of_entry(session: &mut Session<'_>, register: &Register, before: &Entry, after: &Entry) -> Result<()> {
    let said = |keys: &[&str]| keys.iter().any(|key| before.value(key) != after.value(key));
    if register.key == SERVICES.key {
        let differs = before.id != 0 && said(&["criticality", "organisations"]);
        return if differs { set(session, Of::Service(after.id), 0, session.now) } else { Ok(()) };
    }
    let keys: &[&str] = match register.key {
        key if key == RISK_RULES.key => &["condition", "medium", "high", "rules", "questions", "position", "process"],
        key if key == ITEM_CLASSES.key => &["service"],
        key if key == RELATION_TYPES.key => &["carries"],
        _ => return Ok(()),
    };
    // What is new of a map has nothing to do with any record yet.
    let counts = before.id != 0 || register.key == RISK_RULES.key;
    let differs = said(keys) || before.active != after.active;
    if counts && differs && !concerned(session, Of::Everything, 0)?.0.is_empty() {
        set(session, Of::Everything, 0, session.now)?;
    }
    Ok(())
}

/// Assesses the next records that a timer is about.
pub(in crate::records) fn fire(session: &mut Session<'_>, timer: &TimerRow) -> Result<()> {
    let payload: Json = serde_json::from_str(&timer.payload).unwrap_or_default();
    let Some(of) = Of::read(&payload) else { return Ok(()) };
    let after = payload["after"].as_i64().unwrap_or_default();
    let (ids, next) = concerned(session, of, after)?;
    for id in ids {
        match session.attempt(|session| reassess(session, id)) {
            // Nobody is there to approve it anew, say: it is noted, and tried again tomorrow.
            Err(Error::Refused(refusal)) => {
                let Some(record) = rows::by_id(session, id)? else { continue };
                let told = json!([{ "field": REASSESSED, "old": null, "new": refusal.code }]);
                append(session, &Caller::engine(Channel::Engine), &record, "postponed", false, &told, None)?;
                set(session, Of::Record(id), 0, session.now + DAY_MS)?;
            }
            other => other?,
        }
    }
    match next {
        Some(last) => set(session, of, last, session.now),
        None => Ok(()),
    }
}

/// The next records behind one whose risk may follow from what has changed, before the work on them is over; and behind
/// which one to go on, unless that was all. What is under way is looked at, in parts, and nothing of what is over.
fn concerned(session: &mut Session<'_>, of: Of, after: i64) -> Result<(Vec<i64>, Option<i64>)> {
    if let Of::Record(id) = of {
        return Ok((vec![id], None));
    }
    let (mut found, mut end) = (Vec::new(), i64::MAX);
    for (process, assessed) in assessing() {
        let ids = store::underway(session.conn, rows::table(process), after, LOOKED_AT)?;
        if let Some(last) = ids.last().filter(|_| i64::try_from(ids.len()).is_ok_and(|count| count == LOOKED_AT)) {
            end = end.min(*last);
        }
        found.extend(of_these(session, (process, assessed), of, ids)?);
    }
    found.retain(|id| *id <= end);
    found.sort_unstable();
    let next = match found.get(AT_ONCE - 1) {
        Some(last) if found.len() > AT_ONCE => Some(*last),
        _ => (end != i64::MAX).then_some(end),
    };
    found.truncate(AT_ONCE);
    Ok((found, next))
}

/// Those of some records that what has changed may concern.
fn of_these(
    session: &mut Session<'_>,
    (process, assessed): (&'static Process, &'static Assessed),
    of: Of,
    ids: Vec<i64>,
) -> Result<Vec<i64>> {
    let which = match of {
        Of::Record(_) | Of::Everything => return Ok(ids),
        Of::Outcome(id) => like(session, assessed, id)?,
        Of::Item(id) => touching(session, (process, assessed), &ids, &[id])?,
        Of::Service(id) => {
            let mut standing = Vec::new();
            for other in mainstay_processes::ALL.iter().copied() {
                if let Some(map) = &other.map {
                    standing.extend(maps::stand_for(session, other, map, id)?);
                }
            }
            let by_item = touching(session, (process, assessed), &ids, &standing)?;
            Filter::Or(vec![by_item, naming(process, assessed, &[id])])
        }
    };
    let scope = Caller::engine(Channel::Engine).scope;
    let few = Filter::Few(ids, Box::new(which));
    let question = Question { scope: &scope, table: Some(rows::table(process)), filter: &few };
    let mut all = Vec::new();
    question.columns(session.conn, &[], |id, _| {
        all.push(id);
        Ok(())
    })?;
    Ok(all)
}

/// The records of which another one may be an earlier one: of its team, or with something in common by which records are
/// alike.
fn like(session: &mut Session<'_>, assessed: &'static Assessed, id: i64) -> Result<Filter> {
    let Some(record) = rows::by_id(session, id)? else { return Ok(Filter::Never) };
    let by = |field: &FieldDef| {
        let value = record.value(field.key).as_int()?;
        Some(Filter::is(rows::column(record.process.field(field.key)?)?, value))
    };
    let mut any: Vec<Filter> = assessed.alike.iter().chain([&spine::TEAM.def]).filter_map(by).collect();
    let links = mainstay_store::hangings::links(session.conn, id)?;
    let items = links.iter().filter(|link| link.outgoing && link.relation == assessed.touches);
    any.extend(items.map(|item| Filter::LinkedTo(assessed.touches.to_owned(), Some(item.id))));
    Ok(Filter::Or(any))
}

/// Records of a map and what they stand on.
fn below(session: &mut Session<'_>, start: &[i64]) -> Result<Vec<i64>> {
    let mut all: Vec<i64> = start.to_vec();
    for process in mainstay_processes::ALL.iter().copied().filter(|process| process.map.is_some()) {
        all.extend(maps::near(session, process, start, Way::Foundations, MOST_ITEMS)?);
    }
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

/// Which of some records touch any of these items or what they stand on, by a link or by naming the service that one
/// stands for. The links of the records are read, never those of the items: everything may touch one of those.
pub fn touching(
    session: &mut Session<'_>,
    (process, assessed): (&'static Process, &'static Assessed),
    ids: &[i64],
    items: &[i64],
) -> Result<Filter> {
    if items.is_empty() || ids.is_empty() {
        return Ok(Filter::Never);
    }
    let items = below(session, items)?;
    let mut linked = Vec::new();
    store::linked(session.conn, ids, assessed.touches, |from, to| {
        if items.binary_search(&to).is_ok() {
            linked.push(from);
        }
    })?;
    linked.dedup();
    let mut services = BTreeSet::new();
    for mapped in mainstay_processes::ALL.iter().copied() {
        if let Some(map) = &mapped.map {
            services.extend(items_of(session, mapped, map, &items)?.into_iter().filter_map(|(service, _)| service));
        }
    }
    let services: Vec<i64> = services.into_iter().collect();
    let by_link = Filter::In(Column::Record("id"), linked.into_iter().map(Into::into).collect());
    Ok(Filter::Or(vec![by_link, naming(process, assessed, &services)]))
}

/// The records of which a field names one of some services.
pub fn naming(process: &'static Process, assessed: &'static Assessed, services: &[i64]) -> Filter {
    let values: Vec<mainstay_store::Value> = services.iter().map(|id| (*id).into()).collect();
    let by = |field: &FieldDef| {
        let column = rows::column(process.field(field.key)?)?;
        let several = matches!(field.kind, Kind::Refs(_));
        Some(if several { Filter::HasAny(column, values.clone()) } else { Filter::In(column, values.clone()) })
    };
    if services.is_empty() { Filter::Never } else { Filter::Or(assessed.services.iter().filter_map(by).collect()) }
}
