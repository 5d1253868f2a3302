//! What is planned in a stretch of time, with the windows in it and the conflicts of each record.

use super::Window;
use super::conflicts::{self, Conflict};
use super::planned::{self, Item, Planned};
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use crate::records;
use mainstay_engine::process::Process;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::spine;
use mainstay_store::entries;
use std::collections::HashMap;
use std::sync::Arc;

/// Records of one answer.
const MOST: usize = 500;
/// The longest stretch that is asked for at once, in milliseconds.
const LONGEST: i64 = 400 * 86_400_000;

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Epoch milliseconds UTC, half-open.
    pub from: i64,
    pub until: i64,
    /// In the condition language.
    pub filter: Option<String>,
}

/// One planned record.
#[derive(Clone)]
pub struct Entry {
    pub planned: Arc<Planned>,
    pub conflicts: Vec<Conflict>,
}

impl Entry {
    /// Conflicts about which something is left to be said.
    #[must_use]
    pub fn open_conflicts(&self) -> usize {
        self.conflicts.iter().filter(|each| !each.is_settled()).count()
    }
}

/// A window in a stretch of time.
#[derive(Clone)]
pub struct Band {
    pub window: Window,
    pub from: i64,
    pub until: i64,
}

/// An answer.
#[derive(Clone, Default)]
pub struct Agenda {
    /// By their start.
    pub entries: Vec<Entry>,
    pub bands: Vec<Band>,
    pub items: HashMap<i64, Item>,
    /// Names of services, teams, people and roles.
    pub names: HashMap<i64, String>,
    /// There is more than is answered.
    pub more: bool,
}

/// What the caller sees of a process's planned records in a stretch of time: whatever has not come to nothing.
///
/// # Errors
/// Not for the caller; a process without planned times; a stretch that is too long or ends before it begins; a filter that cannot be read.
pub fn agenda(session: &mut Session<'_>, caller: &Caller, process: &'static Process, asked: &Asked) -> Result<Agenda> {
    records::may_list(caller, process)?;
    if !caller.rights.is_any_staff() {
        return Err(Refusal::forbidden("no_right", "The calendar is for staff. Others read of planned work.").into());
    }
    let Some(schedule) = process.schedule.as_ref() else { return Err(Refusal::missing("schedule").into()) };
    if asked.until <= asked.from || asked.until - asked.from > LONGEST {
        return Err(Refusal::invalid("bad_span", "Until lies after from, by 400 days at most.").into());
    }
    let span = (asked.from, asked.until);
    let asks = (asked.filter.as_deref(), MOST + 1);
    let mut found: Vec<Arc<Planned>> =
        planned::first(session, caller, (process, schedule), asks, span)?.into_iter().map(Arc::new).collect();
    let more = found.len() > MOST;
    found.truncate(MOST);
    // What stands in the way may begin before the stretch, and may be nothing that was asked for.
    let earliest = found.iter().map(|each| each.start).min().unwrap_or(asked.from);
    let latest = found.iter().map(|each| each.end).max().unwrap_or(asked.from);
    let others = conflicts::live(session, caller, (earliest, latest), &found)?;
    let mut met = conflicts::among(session, caller, &found, &others)?;
    let ids: Vec<i64> = found
        .iter()
        .flat_map(|each| {
            let team = each.record.value(spine::TEAM.def.key).as_int();
            each.services.iter().chain(&each.people).copied().chain(team)
        })
        .collect();
    met.names.extend(entries::names(session.conn, &ids)?.into_iter().map(|(id, _, name)| (id, name)));
    let entries = found.into_iter().zip(met.of).map(|(planned, conflicts)| Entry { planned, conflicts }).collect();
    let of = |window: &Window| -> Vec<Band> {
        let times = window.times.between(asked.from, asked.until).into_iter();
        times.map(|(from, until)| Band { window: window.clone(), from, until }).collect()
    };
    let mut bands: Vec<Band> = session.config.windows.iter().flat_map(of).collect();
    bands.sort_by_key(|band| (band.from, band.window.id));
    Ok(Agenda { entries, bands, items: met.items, names: met.names, more })
}
