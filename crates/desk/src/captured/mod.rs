//! Sets of records that a record keeps: found once, and asked of the log how they stood then. (SAC-07)

mod compare;

pub use compare::{Comparison, Difference, What, compare};

use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use crate::reports::Reader;
use crate::{maps, records};
use mainstay_engine::process::{Captures, Chooses, Phase, Process, State};
use mainstay_engine::record::Record;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::spine;
use mainstay_store::{Column, Sort, captured as store};
use std::collections::{BTreeSet, HashMap};

/// Most records of one set.
pub const MOST: usize = 2_000;
/// Sets that are offered to compare with.
const MOST_OTHERS: usize = 200;

/// A record of a set, as it stood.
#[derive(Clone, Debug)]
pub struct Item {
    pub id: i64,
    pub number: String,
    pub title: String,
    pub state: &'static State,
    pub class: Option<i64>,
}

/// A set as its reader sees it.
#[derive(Clone)]
pub struct Set {
    /// The process of the records.
    pub of: &'static Process,
    /// When they were found, in epoch milliseconds UTC.
    pub at: i64,
    pub items: Vec<Item>,
    /// So many more are not the reader's to see.
    pub hidden: usize,
}

/// Finds the records that a record is about and keeps which they are.
///
/// # Errors
/// Nothing chooses them; none is found, or too many; the database's.
pub(crate) fn capture(session: &mut Session<'_>, caller: &Caller, record: &Record, captures: &Captures) -> Result<()> {
    let found = chosen(session, caller, record, captures)?;
    if found.is_empty() {
        return Err(Refusal::invalid("nothing_captured", "Nothing that you see meets it.").into());
    }
    Ok(store::keep(session.conn, record.id, &found.into_iter().collect::<Vec<_>>())?)
}

/// The records that those choose which a record names, as they are, of what the caller sees.
fn chosen(session: &mut Session<'_>, caller: &Caller, record: &Record, captures: &Captures) -> Result<BTreeSet<i64>> {
    let of = process_of(captures)?;
    let mut found: Option<BTreeSet<i64>> = None;
    for chooses in captures.by {
        let Some(words) = record.value(chooses.field().key).as_text().map(str::trim).filter(|text| !text.is_empty())
        else {
            continue;
        };
        let some = match chooses {
            Chooses::When(_) => records::meeting(session, caller, of, words, MOST + 1)?.into_iter().collect(),
            Chooses::Beneath(_) => {
                let (top, _) = records::find(session, caller, of, words)?;
                let all = maps::beneath(session, of, top.id, (session.now, MOST + 1))?;
                all.into_iter().collect::<BTreeSet<i64>>()
            }
        };
        if some.len() > MOST {
            let says = format!("That is more than {MOST}; choose fewer.");
            return Err(Refusal::invalid("too_many", says).into());
        }
        found = Some(found.map_or_else(|| some.clone(), |before| before.intersection(&some).copied().collect()));
    }
    let Some(found) = found else {
        let says = "Say which by a condition, or name what they lie beneath.";
        let errors: Vec<FieldError> =
            captures.by.iter().map(|chooses| FieldError::new(chooses.field().key, "required", says)).collect();
        return Err(Refusal { errors, ..Refusal::invalid("invalid_fields", says) }.into());
    };
    let ids: Vec<i64> = found.into_iter().collect();
    let whole = records::whole_of(session, caller, &ids)?;
    Ok(whole.into_iter().filter(|(item, _)| item.state.phase != Phase::Closed).map(|(item, _)| item.id).collect())
}

fn process_of(captures: &Captures) -> Result<&'static Process> {
    mainstay_processes::process(captures.of).ok_or_else(|| Refusal::missing("process").into())
}

/// What a record says of its set: the record, what it captures, the process of the records, and the instant.
type Kept = (Record, &'static Captures, &'static Process, i64);

fn kept(session: &mut Session<'_>, caller: &Caller, process: &'static Process, number: &str) -> Result<Kept> {
    let captures = process.captures().ok_or_else(|| Refusal::missing("page"))?;
    let of = process_of(captures)?;
    for each in [process, of] {
        if !caller.is_engine() && !caller.rights.is_staff_of(each.key) {
            let says = format!("You may not see {}.", each.label_plural.to_lowercase());
            return Err(Refusal::forbidden("no_right", says).into());
        }
    }
    let (record, _) = records::find(session, caller, process, number)?;
    let at = record.value(captures.at.key).as_int();
    let at = at.ok_or_else(|| Refusal::conflict("not_captured", "It is not captured yet."))?;
    Ok((record, captures, of, at))
}

/// The set of a record as it stood when it was captured, as far as the caller sees it.
///
/// # Errors
/// Not the caller's to see; not captured yet; the database's.
pub fn set_of(session: &mut Session<'_>, caller: &Caller, process: &'static Process, number: &str) -> Result<Set> {
    let (record, _, of, at) = kept(session, caller, process, number)?;
    let ids = store::of(session.conn, record.id)?;
    let spines = records::spines(session, caller, &ids)?;
    let numbers: HashMap<i64, String> = spines
        .iter()
        .map(|(known, _)| (known.id, known.value(spine::NUMBER.def.key).as_text().unwrap_or_default().to_owned()))
        .collect();
    let class = of.map.as_ref().map(|map| map.class.key);
    let fields = [Some(spine::TITLE.def.key), class].into_iter().flatten().filter_map(|key| of.field(key)).collect();
    let mut items = Vec::with_capacity(ids.len());
    Reader::new(caller, of, fields).each(session, &ids, at + 1, |then| {
        let Some(number) = numbers.get(&then.id) else { return };
        items.push(Item {
            id: then.id,
            number: number.clone(),
            title: then.value(spine::TITLE.def.key).as_text().unwrap_or_default().to_owned(),
            state: then.state,
            class: class.and_then(|key| then.value(key).as_int()),
        });
    })?;
    items.sort_by_key(|item| item.id);
    Ok(Set { of, at, hidden: ids.len() - items.len(), items })
}

/// Others of a process whose sets can be compared with that of one: number and title, the newest first.
///
/// # Errors
/// The database's.
pub fn others(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
) -> Result<Vec<(String, String)>> {
    let Some(captures) = process.captures() else { return Ok(Vec::new()) };
    let newest = Sort { column: Column::Record("id"), descending: true };
    let ids = records::first(session, caller, process, "", &[], (newest, MOST_OTHERS))?;
    let mut all = records::whole_of(session, caller, &ids.into_iter().map(|(id, _)| id).collect::<Vec<_>>())?;
    all.sort_by_key(|(record, _)| std::cmp::Reverse(record.id));
    let text = |record: &Record, key: &str| record.value(key).as_text().unwrap_or_default().to_owned();
    Ok(all
        .iter()
        .filter(|(record, _)| !record.value(captures.at.key).is_blank() && !record.state.void)
        .map(|(record, _)| (text(record, spine::NUMBER.def.key), text(record, spine::TITLE.def.key)))
        .filter(|(other, _)| !other.eq_ignore_ascii_case(number))
        .collect())
}
