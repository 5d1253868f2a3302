//! Records with a planned time, and what each of them touches then.

use super::windows::Reach;
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use crate::records;
use mainstay_engine::field::FieldDef;
use mainstay_engine::process::{Process, Schedule};
use mainstay_engine::record::Record;
use mainstay_engine::spine;
use mainstay_store::{Column, Filter, Question, Seen, planned as store};
use std::collections::HashMap;

/// Records that meet a stretch of time and are looked at, whoever may see them.
const MOST: i64 = 20_000;

/// A record with a planned time.
#[derive(Clone)]
pub struct Planned {
    pub record: Record,
    pub schedule: &'static Schedule,
    /// Epoch milliseconds UTC.
    pub start: i64,
    pub end: i64,
    pub services: Vec<i64>,
    /// Who is busy with it then.
    pub people: Vec<i64>,
    /// Ids of the records of a map that it touches.
    pub items: Vec<i64>,
    /// Its internal content is open to whoever asks.
    pub internal: bool,
}

/// What is known of records of a map.
#[derive(Clone)]
pub struct Item {
    pub process: &'static Process,
    pub number: String,
    /// None: not for the caller's eyes.
    pub title: Option<String>,
}

impl Planned {
    /// The record as it is, with what hangs on it still to be read; none without a planned time.
    #[must_use]
    pub fn of(record: Record) -> Option<Self> {
        let schedule = record.process.schedule.as_ref()?;
        let (start, end) = schedule.span(&record)?;
        let mut services = spine::SERVICE.def.references(record.value(spine::SERVICE.def.key));
        services.extend(schedule.services.references(record.value(schedule.services.key)));
        services.sort_unstable();
        services.dedup();
        let people = schedule.people.iter().flat_map(|field| field.references(record.value(field.key))).collect();
        Some(Self { record, schedule, start, end, services, people, items: Vec::new(), internal: true })
    }

    #[must_use]
    pub fn number(&self) -> &str {
        self.record.value(spine::NUMBER.def.key).as_text().unwrap_or_default()
    }

    #[must_use]
    pub fn title(&self) -> &str {
        self.record.value(spine::TITLE.def.key).as_text().unwrap_or_default()
    }

    /// Whether their times meet.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// It has left its first state and has still to be done.
    #[must_use]
    pub fn is_firm(&self) -> bool {
        self.record.state.phase.is_live() && self.record.state.key != self.record.process.initial().key
    }

    /// What windows ask of it; `numbers` are those of its items.
    #[must_use]
    pub fn reach<'a>(&'a self, numbers: &'a [&'a str]) -> Reach<'a> {
        let organisation = self.record.value(spine::ORGANISATION.def.key).as_int();
        Reach { process: self.record.process.key, services: &self.services, organisation, items: numbers }
    }
}

/// The processes whose records have a planned time.
pub fn scheduled() -> impl Iterator<Item = (&'static Process, &'static Schedule)> {
    mainstay_processes::ALL.iter().copied().filter_map(|process| Some((process, process.schedule.as_ref()?)))
}

/// The fields that are read of such a record beside those that every record has.
fn fields(process: &'static Process, schedule: &'static Schedule) -> Vec<&'static FieldDef> {
    let model = process.approvals.as_ref().and_then(|approvals| approvals.in_advance.as_ref());
    let mut keys =
        vec![schedule.start.key, schedule.end.key, schedule.services.key, schedule.outage.key, schedule.kind.key];
    keys.extend(schedule.people.iter().map(|field| field.key));
    keys.extend(model.map(|model| model.model.key));
    keys.into_iter().filter_map(|key| process.field(key)).collect()
}

/// A process with what it says of the planned time of its records.
pub type Of = (&'static Process, &'static Schedule);

/// The records of a process that the caller sees, that meet a filter, and whose planned time meets a stretch of time, by
/// their start: at least `most` where there are so many, and no more of them are read than that takes. What has come to
/// nothing is left out.
///
/// # Errors
/// A filter that cannot be read; the database's.
pub fn first(
    session: &mut Session<'_>,
    caller: &Caller,
    of: Of,
    (filter, most): (Option<&str>, usize),
    span: (i64, i64),
) -> Result<Vec<Planned>> {
    let ids = ids(session, of, span)?;
    let (mut rest, mut found, mut part) = (ids.as_slice(), Vec::new(), most + most / 10);
    while !rest.is_empty() && found.len() < most {
        let (now, later) = rest.split_at(part.min(rest.len()));
        let read = these(session, caller, of, filter, now.to_vec())?;
        found.extend(read.into_iter().filter(|each| !each.record.state.void));
        // A filter that few meet is asked of more and more at once.
        (rest, part) = (later, part * 2);
    }
    Ok(found)
}

/// The ids of the records of a process that meet a stretch of time, by their start, whoever may see them.
///
/// # Errors
/// The database's.
pub fn ids(session: &mut Session<'_>, (process, schedule): Of, span: (i64, i64)) -> Result<Vec<i64>> {
    let columns = (schedule.start.key, schedule.end.key);
    Ok(store::meeting(session.conn, records::table(process), columns, span, MOST)?)
}

/// Those of some records that the caller sees and that meet a filter, by their start; what they touch is read too.
///
/// # Errors
/// A filter that cannot be read; the database's.
pub fn these(
    session: &mut Session<'_>,
    caller: &Caller,
    (process, schedule): Of,
    filter: Option<&str>,
    ids: Vec<i64>,
) -> Result<Vec<Planned>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let found = records::these(session, caller, process, filter, ids, &fields(process, schedule))?;
    let of = |(record, seen): (Record, Seen)| Some(Planned { internal: seen.internal(), ..Planned::of(record)? });
    let mut planned: Vec<Planned> = found.into_iter().filter_map(of).collect();
    planned.sort_by_key(|each| (each.start, each.record.id));
    reach(session, &mut planned)?;
    Ok(planned)
}

/// Reads which items planned records touch and who has tasks of them, where that is open to whoever asks.
///
/// # Errors
/// The database's.
pub fn reach(session: &mut Session<'_>, planned: &mut [Planned]) -> Result<()> {
    let open = planned.iter().enumerate().filter(|(_, each)| each.internal);
    let place: HashMap<i64, usize> = open.map(|(place, each)| (each.record.id, place)).collect();
    let ids: Vec<i64> = planned.iter().filter(|each| each.internal).map(|each| each.record.id).collect();
    let maps: Vec<&str> = mapped().map(|process| process.key).collect();
    for (record, item) in store::touched(session.conn, &ids, &maps)? {
        planned[place[&record]].items.push(item);
    }
    for (record, person) in store::busy(session.conn, &ids)? {
        planned[place[&record]].people.push(person);
    }
    for each in planned {
        for list in [&mut each.items, &mut each.people] {
            list.sort_unstable();
            list.dedup();
        }
    }
    Ok(())
}

fn mapped() -> impl Iterator<Item = &'static Process> {
    mainstay_processes::ALL.iter().copied().filter(|process| process.map.is_some())
}

/// What is known of some items: the numbers of all of them, as windows name them, and titles of those that the caller
/// sees.
///
/// # Errors
/// The database's.
pub fn items(session: &mut Session<'_>, caller: &Caller, ids: &[i64]) -> Result<HashMap<i64, Item>> {
    let mut known = HashMap::new();
    if ids.is_empty() {
        return Ok(known);
    }
    let engine = Caller::engine(crate::caller::Channel::Engine);
    let columns = [Column::Record(spine::NUMBER.def.key), Column::Record(spine::TITLE.def.key)];
    for process in mapped() {
        for (scope, open) in [(&engine.scope, false), (&caller.scope, true)] {
            let these = Filter::Few(ids.to_vec(), Box::new(Filter::Always));
            let question = Question { scope, table: Some(records::table(process)), filter: &these };
            question.columns(session.conn, &columns, |id, values| {
                let text = |at: usize| values[at].as_text().unwrap_or_default().to_owned();
                known.insert(id, Item { process, number: text(0), title: open.then(|| text(1)) });
                Ok(())
            })?;
        }
    }
    Ok(known)
}
