//! What planned records stand in each other's way with: one look, whoever asks and wherever it is shown. (CHG-14)

use super::depends::{Foundations, foundations};
use super::planned::{self, Item, Planned};
use super::windows::{self, Window};
use crate::caller::Caller;
use crate::config::Config;
use crate::desk::Session;
use crate::error::Result;
use mainstay_engine::record::Record;
use mainstay_store::entries;
use mainstay_store::planned::{self as store, AcceptedRow};
use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::sync::Arc;

/// Why two records stand in each other's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Both touch the item.
    Item(i64),
    /// One touches an item that depends on one which the other touches.
    Depends { upper: i64, lower: i64 },
    /// Both touch the service.
    Service(i64),
    /// Both keep the person busy.
    Person(i64),
}

/// What a record meets.
#[derive(Clone)]
pub enum Met {
    /// Another record at the same time.
    Record(Arc<Planned>),
    /// A freeze.
    Freeze(Freeze),
    /// None of the windows that are meant for it, by name.
    Outside(Vec<String>),
}

/// A freeze that a record lies in.
#[derive(Clone, Debug)]
pub struct Freeze {
    pub window: i64,
    pub name: String,
    pub from: i64,
    pub until: i64,
    /// It refuses such work unless whoever may has allowed an exception.
    pub blocks: bool,
    pub person: Option<i64>,
    pub role: Option<i64>,
}

/// One conflict of a record.
#[derive(Clone)]
pub struct Conflict {
    pub met: Met,
    /// Of another record, in the order of their weight.
    pub reasons: Vec<Reason>,
    /// Who accepted it as it is now, and why.
    pub accepted: Option<AcceptedRow>,
    /// Nobody has to accept it: the other record is only a draft, or the freeze lets it pass.
    pub passes: bool,
    pub(super) basis: String,
    /// As the other record has it, which may have been accepted there: its id, and what it is from there.
    there: Option<(i64, String)>,
}

impl Conflict {
    /// By what it is named: the number of the other record, `window-7`, `outside`.
    #[must_use]
    pub fn key(&self) -> String {
        match &self.met {
            Met::Record(other) => other.number().to_owned(),
            Met::Freeze(freeze) => format!("window-{}", freeze.window),
            Met::Outside(_) => "outside".to_owned(),
        }
    }

    /// Nothing is left to be said about it.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.passes || self.accepted.is_some()
    }

    /// The freeze that refuses the record as it is.
    #[must_use]
    pub fn blocking(&self) -> Option<&Freeze> {
        match &self.met {
            Met::Freeze(freeze) if freeze.blocks && !self.is_settled() => Some(freeze),
            _ => None,
        }
    }
}

/// The conflicts of some records, and the names of what they are about.
#[derive(Clone, Default)]
pub struct Conflicts {
    /// In the order of the records that were asked for.
    pub of: Vec<Vec<Conflict>>,
    pub items: HashMap<i64, Item>,
    /// Names of services, people and roles.
    pub names: HashMap<i64, String>,
}

/// The conflicts of a record as it is, or as a step would leave it: of others, those that the caller sees.
///
/// # Errors
/// The database's.
pub fn of_record(session: &mut Session<'_>, caller: &Caller, record: &Record) -> Result<Conflicts> {
    let Some(own) = Planned::of(record.clone()) else {
        return Ok(Conflicts { of: vec![Vec::new()], ..Conflicts::default() });
    };
    let mut own = [own];
    planned::reach(session, &mut own)?;
    let own = own.map(Arc::new);
    let others = live(session, caller, (own[0].start, own[0].end), &[])?;
    among(session, caller, &own, &others)
}

/// The records of every process that the caller sees, that have still to be done and meet a stretch of time. Of those
/// that are `known` already nothing is read again.
///
/// # Errors
/// The database's.
pub fn live(
    session: &mut Session<'_>,
    caller: &Caller,
    span: (i64, i64),
    known: &[Arc<Planned>],
) -> Result<Vec<Arc<Planned>>> {
    let mut all: Vec<Arc<Planned>> =
        known.iter().filter(|each| each.record.state.phase.is_live()).map(Arc::clone).collect();
    let there: HashSet<i64> = known.iter().map(|each| each.record.id).collect();
    for of in planned::scheduled() {
        let mut ids = planned::ids(session, of, span)?;
        ids.retain(|id| !there.contains(id));
        let read = planned::these(session, caller, of, Some(crate::schedule::STILL), ids)?;
        all.extend(read.into_iter().map(Arc::new));
    }
    all.sort_by_key(|each| (each.start, each.record.id));
    Ok(all)
}

/// The conflicts of each of some records with any of `others`, which are in the order of their starts, and with windows.
///
/// # Errors
/// The database's.
pub fn among(
    session: &mut Session<'_>,
    caller: &Caller,
    asked: &[Arc<Planned>],
    others: &[Arc<Planned>],
) -> Result<Conflicts> {
    let touched = touched(asked.iter().chain(others));
    let below = foundations(session, &touched)?;
    let items = planned::items(session, caller, &touched)?;
    let mut answer = Conflicts { items, ..Conflicts::default() };
    for own in asked {
        let mut found = Vec::new();
        if own.record.state.phase.is_live() {
            let ahead = others.iter().take_while(|other| other.start < own.end);
            for other in ahead.filter(|other| other.record.id != own.record.id && own.meets(other)) {
                found.extend(between(own, other, &below));
            }
            let numbers: Vec<&str> =
                own.items.iter().filter_map(|item| Some(answer.items.get(item)?.number.as_str())).collect();
            found.extend(of_windows(session.config, own, &numbers));
        }
        answer.of.push(found);
    }
    let there = answer.of.iter().flatten().filter_map(|each| Some(each.there.as_ref()?.0));
    let mut ids: Vec<i64> = asked.iter().map(|each| each.record.id).chain(there).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut accepted: HashMap<(i64, &str), &AcceptedRow> = HashMap::new();
    let rows = store::accepted(session.conn, &ids)?;
    accepted.extend(rows.iter().map(|row| ((row.record, row.with.as_str()), row)));
    for (own, found) in asked.iter().zip(&mut answer.of) {
        for each in found {
            let key = each.key();
            let here = accepted.get(&(own.record.id, key.as_str())).filter(|row| row.basis == each.basis);
            // Two records have one conflict: whoever left the draft second has examined it for both.
            let there = each
                .there
                .as_ref()
                .and_then(|(id, basis)| accepted.get(&(*id, own.number())).filter(|row| row.basis == *basis));
            each.accepted = here.or(there).map(|row| (*row).clone());
        }
    }
    answer.names = names(session, &answer.of)?;
    Ok(answer)
}

/// The items that some records touch, each once.
pub fn touched<'a>(records: impl Iterator<Item = &'a Arc<Planned>>) -> Vec<i64> {
    let mut touched: Vec<i64> = records.flat_map(|each| each.items.iter().copied()).collect();
    touched.sort_unstable();
    touched.dedup();
    touched
}

/// The conflict of two records whose times meet, where they share anything.
fn between(own: &Planned, other: &Arc<Planned>, below: &Foundations) -> Option<Conflict> {
    let reasons = reasons(own, other, below);
    if reasons.is_empty() {
        return None;
    }
    let basis = basis(own, other, &reasons);
    let there = Some((other.record.id, self::basis(other, own, &self::reasons(other, own, below))));
    let passes = !other.is_firm();
    Some(Conflict { met: Met::Record(Arc::clone(other)), reasons, accepted: None, passes, basis, there })
}

/// Why two records stand in each other's way.
pub fn reasons(own: &Planned, other: &Planned, below: &Foundations) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = shared(&own.items, &other.items).map(Reason::Item).collect();
    for one in &own.items {
        for two in other.items.iter().filter(|two| *two != one) {
            if below.has(*one, *two) {
                reasons.push(Reason::Depends { upper: *one, lower: *two });
            } else if below.has(*two, *one) {
                reasons.push(Reason::Depends { upper: *two, lower: *one });
            }
        }
    }
    reasons.extend(shared(&own.services, &other.services).map(Reason::Service));
    reasons.extend(shared(&own.people, &other.people).map(Reason::Person));
    reasons
}

/// What a conflict is: with another time or for other reasons it is another one.
fn basis(own: &Planned, other: &Planned, reasons: &[Reason]) -> String {
    let mut basis = format!("{}-{} {}-{}", own.start, own.end, other.start, other.end);
    for reason in reasons {
        let _ = match reason {
            Reason::Item(id) => write!(basis, " i{id}"),
            Reason::Depends { upper, lower } => write!(basis, " d{upper}-{lower}"),
            Reason::Service(id) => write!(basis, " s{id}"),
            Reason::Person(id) => write!(basis, " p{id}"),
        };
    }
    basis
}

fn shared<'a>(one: &'a [i64], other: &'a [i64]) -> impl Iterator<Item = i64> + 'a {
    one.iter().copied().filter(|id| other.contains(id))
}

/// The freezes that a record lies in, and that it lies outside the windows that are meant for it.
fn of_windows(config: &Config, own: &Planned, numbers: &[&str]) -> Vec<Conflict> {
    let reach = own.reach(numbers);
    let exempt = (own.schedule.exempt)(&own.record);
    let mut found: Vec<Conflict> = Vec::new();
    for window in windows::freezes(config, &reach) {
        let Some((from, until)) = window.times.between(own.start, own.end).first().copied() else { continue };
        let Window { id, version, person, role, .. } = *window;
        let freeze = Freeze { window: id, name: window.name.clone(), from, until, blocks: window.blocks, person, role };
        found.push(Conflict {
            met: Met::Freeze(freeze),
            reasons: Vec::new(),
            accepted: None,
            passes: exempt,
            basis: format!("{}-{} {from}-{until} v{version}", own.start, own.end),
            there: None,
        });
    }
    let meant = windows::meant_for(config, &reach);
    let inside = |window: &&Window| {
        let mut times = window.times.between(own.start, own.end).into_iter();
        times.any(|(from, until)| from <= own.start && own.end <= until)
    };
    if !meant.is_empty() && !meant.iter().any(inside) {
        let kept: Vec<String> = meant.iter().map(|window| format!("{}v{}", window.id, window.version)).collect();
        found.push(Conflict {
            met: Met::Outside(meant.iter().map(|window| window.name.clone()).collect()),
            reasons: Vec::new(),
            accepted: None,
            passes: exempt,
            basis: format!("{}-{} {}", own.start, own.end, kept.join(" ")),
            there: None,
        });
    }
    found
}

/// Whether an instant lies in a freeze that is about the record.
#[must_use]
pub fn is_frozen_at(config: &Config, own: &Planned, numbers: &[&str]) -> bool {
    let reach = own.reach(numbers);
    windows::freezes(config, &reach).any(|window| !window.times.between(own.start, own.end).is_empty())
}

fn names(session: &mut Session<'_>, all: &[Vec<Conflict>]) -> Result<HashMap<i64, String>> {
    let mut ids: Vec<i64> = Vec::new();
    for each in all.iter().flatten() {
        ids.extend(each.reasons.iter().filter_map(|reason| match reason {
            Reason::Service(id) | Reason::Person(id) => Some(*id),
            Reason::Item(_) | Reason::Depends { .. } => None,
        }));
        ids.extend(each.accepted.iter().map(|accepted| accepted.person));
        if let Met::Freeze(freeze) = &each.met {
            ids.extend(freeze.person.into_iter().chain(freeze.role));
        }
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(entries::names(session.conn, &ids)?.into_iter().map(|(id, _, name)| (id, name)).collect())
}
