//! What differs between a set as it was captured and the same choice today, or another set.

use super::{chosen, kept};
use crate::caller::{Caller, Channel};
use crate::desk::Session;
use crate::error::Result;
use crate::records;
use crate::reports::{PRESENT_ONLY, Reader};
use mainstay_engine::field::FieldDef;
use mainstay_engine::process::Process;
use mainstay_engine::record::Record;
use mainstay_engine::refusal::{Refusal, Why};
use mainstay_engine::spine;
use mainstay_engine::value::Value;
use mainstay_store::{captured as store, record as rows};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What of a record is not the same.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// It belongs to the later set only.
    Added,
    /// It belongs to the earlier set only.
    Removed,
    Changed {
        field: &'static FieldDef,
        old: Value,
        new: Value,
    },
    Linked {
        /// As read from the record.
        label: &'static str,
        relation: &'static str,
        other: String,
    },
    Unlinked {
        label: &'static str,
        relation: &'static str,
        other: String,
    },
}

impl What {
    /// Its word in files and answers.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed { .. } => "changed",
            Self::Linked { .. } => "relation_added",
            Self::Unlinked { .. } => "relation_removed",
        }
    }

    /// Every word.
    pub const KEYS: [&'static str; 5] = ["added", "removed", "changed", "relation_added", "relation_removed"];
}

/// One difference of one record.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    pub number: String,
    pub title: String,
    pub what: What,
}

/// Two sets beside each other.
#[derive(Clone)]
pub struct Comparison {
    /// The process of the records.
    pub of: &'static Process,
    /// From when to when, in epoch milliseconds UTC.
    pub from: i64,
    pub until: i64,
    /// The record whose set is the later one; none: the present.
    pub with: Option<String>,
    /// So many records are the same in both.
    pub same: usize,
    /// By record, in the order of its parts.
    pub differences: Vec<Difference>,
    pub names: HashMap<i64, String>,
}

/// One of the two sets as it stood.
struct Side {
    ids: BTreeSet<i64>,
    then: BTreeMap<i64, Record>,
    links: BTreeSet<records::LinkThen>,
}

/// Compares the set of a record with that of another, or with what the same choice finds today, as far as the caller sees
/// the records of both.
///
/// # Errors
/// Not the caller's to see; not captured yet; sets of different processes; the database's.
pub fn compare(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
    with: Option<&str>,
) -> Result<Comparison> {
    let (record, captures, of, from) = kept(session, caller, process, number)?;
    let with = with.map(str::trim).filter(|with| !with.is_empty());
    let (until, later, with) = match with {
        None => (session.now, chosen(session, caller, &record, captures)?, None),
        Some(with) => {
            let (other, _, _, until) = kept(session, caller, process, with).map_err(|error| match error {
                crate::Error::Refused(refusal) if refusal.why == Why::Missing => unknown(with).into(),
                error => error,
            })?;
            let number = other.value(spine::NUMBER.def.key).as_text().map(str::to_owned);
            (until, store::of(session.conn, other.id)?.into_iter().collect(), number)
        }
    };
    let earlier: BTreeSet<i64> = store::of(session.conn, record.id)?.into_iter().collect();
    let all: Vec<i64> = earlier.union(&later).copied().collect();
    // Who may see which field is asked of the present, as everywhere.
    let visible: BTreeMap<i64, (String, String, Vec<&'static FieldDef>)> = records::whole_of(session, caller, &all)?
        .into_iter()
        .map(|(record, seen)| {
            let text = |key: &str| record.value(key).as_text().unwrap_or_default().to_owned();
            let fields = compared(records::visible_fields(session, of, &seen));
            (record.id, (text(spine::NUMBER.def.key), text(spine::TITLE.def.key), fields))
        })
        .collect();
    let seen: Vec<i64> = visible.keys().copied().collect();
    let fields = compared(session.config.fields(of).collect());
    let before = side(session, of, &seen, &fields, (from, earlier))?;
    let after = side(session, of, &seen, &fields, (until, later))?;
    let linked = linked(session, caller, of, (&before, &after))?;
    let mut drafts = Vec::new();
    let (mut differences, mut same) = (Vec::new(), 0);
    for (id, (number, title, fields)) in &visible {
        let whats = differing(*id, fields, (&before, &after), linked.get(id).map_or(&[], Vec::as_slice));
        same += usize::from(whats.is_empty());
        for what in &whats {
            if let What::Changed { field, old, new } = what {
                drafts.extend([old, new].map(|value| {
                    let mut draft = Record::new(of);
                    draft.put(field, value.clone());
                    draft
                }));
            }
        }
        let one = |what| Difference { number: number.clone(), title: title.clone(), what };
        differences.extend(whats.into_iter().map(one));
    }
    let names = records::names_of(session.conn, session.config, &fields, &drafts)?;
    Ok(Comparison { of, from, until, with, same, differences, names })
}

fn unknown(with: &str) -> Refusal {
    Refusal::invalid("unknown_record", format!("There is no {with} here that you may see."))
}

/// Fields whose past the log keeps, but those that say when something was touched.
fn compared(mut fields: Vec<&'static FieldDef>) -> Vec<&'static FieldDef> {
    let touched = [spine::OPENED, spine::RESOLVED, spine::CLOSED, spine::ARCHIVED, spine::REMOVED].map(|f| f.def.key);
    let apart = |key: &str| PRESENT_ONLY.contains(&key) || touched.contains(&key) || key == spine::PHASE.def.key;
    fields.retain(|field| !apart(field.key));
    fields
}

fn side(
    session: &mut Session<'_>,
    of: &'static Process,
    seen: &[i64],
    fields: &[&'static FieldDef],
    (at, mut ids): (i64, BTreeSet<i64>),
) -> Result<Side> {
    ids.retain(|id| seen.binary_search(id).is_ok());
    let these: Vec<i64> = ids.iter().copied().collect();
    let mut then = BTreeMap::new();
    let engine = Caller::engine(Channel::Engine);
    Reader::new(&engine, of, fields.to_vec()).each(session, &these, at + 1, |standing| {
        let mut record = Record::new(of);
        (record.id, record.state) = (standing.id, standing.state);
        for field in fields {
            record.put(field, standing.value(field.key));
        }
        then.insert(standing.id, record);
    })?;
    let links = records::links_before(session, of, &these, None, at + 1)?;
    Ok(Side { ids, then, links })
}

/// What is linked otherwise, by the record that says it: both ends are records of the process that the caller sees.
fn linked(
    session: &mut Session<'_>,
    caller: &Caller,
    of: &'static Process,
    (before, after): (&Side, &Side),
) -> Result<HashMap<i64, Vec<What>>> {
    let both: BTreeSet<i64> = before.ids.intersection(&after.ids).copied().collect();
    let touches = |link: &&records::LinkThen| both.contains(&link.0) || both.contains(&link.2);
    let made: Vec<_> = after.links.difference(&before.links).filter(touches).collect();
    let undone: Vec<_> = before.links.difference(&after.links).filter(touches).collect();
    let ends: BTreeSet<i64> = made.iter().chain(&undone).flat_map(|(from, _, to)| [*from, *to]).collect();
    let ends: Vec<i64> = ends.into_iter().collect();
    let spines = rows::find_all(session.conn, &caller.scope, &ends)?;
    let numbers: HashMap<i64, String> =
        spines.into_iter().filter(|spine| spine.process == of.key).map(|spine| (spine.id, spine.number)).collect();
    let mut all: HashMap<i64, Vec<What>> = HashMap::new();
    for (links, is_new) in [(made, true), (undone, false)] {
        for (from, key, to) in links {
            let Some(relation) = session.config.relation(of, key) else { continue };
            if !numbers.contains_key(from) || !numbers.contains_key(to) {
                continue;
            }
            // Said once: by the record that has the relation, where it is in both sets.
            let (own, other, label) =
                if both.contains(from) { (from, to, relation.label) } else { (to, from, relation.inverse) };
            let (relation, other) = (relation.key, numbers[other].clone());
            let what = if is_new {
                What::Linked { label, relation, other }
            } else {
                What::Unlinked { label, relation, other }
            };
            all.entry(*own).or_default().push(what);
        }
    }
    Ok(all)
}

fn differing(id: i64, fields: &[&'static FieldDef], (before, after): (&Side, &Side), linked: &[What]) -> Vec<What> {
    let (Some(old), Some(new)) = (before.then.get(&id), after.then.get(&id)) else {
        return vec![if before.then.contains_key(&id) { What::Removed } else { What::Added }];
    };
    let mut whats = Vec::new();
    for field in fields {
        let (old, new) = if field.key == spine::STATE.def.key {
            (Value::from(old.state.key), Value::from(new.state.key))
        } else {
            (old.value(field.key).clone(), new.value(field.key).clone())
        };
        if old != new && !(old.is_blank() && new.is_blank()) {
            whats.push(What::Changed { field, old, new });
        }
    }
    whats.extend_from_slice(linked);
    whats
}
