//! Records as their requesters read them: what it is, how far it is, when they hear of it.

use jiff::tz::TimeZone;
use mainstay_desk::handed_out::HandedOut;
use mainstay_desk::records::{self, Listing, Row};
use mainstay_desk::{Caller, Session};
use mainstay_engine::process::{Phase, Process};
use mainstay_engine::record::Record;
use mainstay_engine::spine;
use mainstay_words::{t, tf};

use super::place_of;
use super::tasks::due_by;
use crate::components::{RequestRow, Tone, ago, when};

/// The option of a waiting record that means its requester; the tables share the word.
const THE_REQUESTER: &str = "requester";

/// One page of a process's records.
pub struct Lines {
    pub process: &'static Process,
    pub rows: Vec<Row>,
    pub next: Option<String>,
}

/// Which records a list holds.
pub struct Wanted<'a> {
    pub filter: &'a str,
    pub limit: usize,
    pub after: Option<String>,
}

impl Lines {
    /// Reads a page, last updated first.
    ///
    /// # Errors
    /// A foreign page marker; the database's.
    pub fn load(
        session: &mut Session<'_>,
        caller: &Caller,
        process: &'static Process,
        wanted: &Wanted<'_>,
    ) -> mainstay_desk::Result<Self> {
        // What nobody is invited to begin is in the portal for those only who work on it.
        if process.invitation.is_none() && !caller.rights.may_somewhere(process.key, "view") {
            return Ok(Self { process, rows: Vec::new(), next: None });
        }
        let survey = process.survey.map(|survey| [survey.asked.key.to_owned(), survey.score.key.to_owned()]);
        let surveyed = survey.into_iter().flatten();
        let listing = Listing {
            filter: (!wanted.filter.is_empty()).then(|| wanted.filter.to_owned()),
            fields: Some(process.waits_for.iter().map(|field| field.key.to_owned()).chain(surveyed).collect()),
            limit: wanted.limit,
            after: wanted.after.clone(),
            ..Listing::default()
        };
        let page = records::list(session, caller, process, &listing)?;
        Ok(Self { process, rows: page.rows, next: page.next })
    }
}

/// Narrows a condition to the viewer's own matters. Who only ever sees their own is not narrowed, so that what they
/// were made a party to is theirs as well.
pub fn own(caller: &Caller, condition: &str) -> String {
    let wide = caller.rights.grants.iter().any(|g| g.role.reach > mainstay_processes::registers::Reach::Own);
    match (wide, condition.is_empty()) {
        (false, _) => condition.to_owned(),
        (true, true) => "requester = me".to_owned(),
        (true, false) => format!("requester = me and {condition}"),
    }
}

/// Whether the record stands still until its requester says something.
pub fn waits_for_requester(record: &Record) -> bool {
    let reason = record.process.waits_for.and_then(|field| record.value(field.key).as_text());
    match record.state.phase {
        Phase::Paused => reason == Some(THE_REQUESTER),
        Phase::Done => true,
        Phase::Open | Phase::Closed => false,
    }
}

/// Where the record stands, in one plain sentence.
pub fn word(record: &Record) -> &'static str {
    if record.state.phase == Phase::Paused && waits_for_requester(record) {
        t("We are waiting for your answer")
    } else {
        t(record.state.plain)
    }
}

/// What comes next, in one plain sentence.
pub fn next(record: &Record) -> &'static str {
    if record.state.phase == Phase::Paused && waits_for_requester(record) {
        t("Work goes on as soon as you have answered.")
    } else {
        t(record.state.next)
    }
}

/// By when the requester hears of it; none while nothing runs.
pub fn expected(record: &Record, zone: &TimeZone, now: i64) -> Option<String> {
    let due = record.value(spine::DUE.def.key).as_int().filter(|_| record.state.phase == Phase::Open)?;
    Some(if due < now {
        t("Later than planned").to_owned()
    } else {
        tf("You hear from us by {when}", &[("when", &when(due, zone, now))])
    })
}

/// How many of the steps towards the end are reached, and how many there are. States of waiting and of withdrawing
/// are no steps.
pub fn progress(record: &Record) -> (usize, usize) {
    let path = record.process.states.iter().enumerate().filter(|(_, s)| s.phase != Phase::Paused && !s.void);
    let path: Vec<usize> = path.map(|(index, _)| index).collect();
    if record.state.void {
        return (0, path.len());
    }
    let at = record.process.states.iter().position(|s| s.key == record.state.key).unwrap_or_default();
    (path.iter().filter(|index| **index <= at).count(), path.len())
}

/// A record of a list as its row.
pub fn row(record: &Record, zone: &TimeZone, now: i64) -> RequestRow<'static> {
    let text = |key: &str| record.value(key).as_text().unwrap_or_default().to_owned();
    let number = text(spine::NUMBER.def.key);
    let updated = record.value(spine::UPDATED.def.key).as_int().unwrap_or_default();
    let moved = tf("updated {age}", &[("age", &ago(updated, zone, now))]);
    let summary = format!("{number} · {}", expected(record, zone, now).unwrap_or(moved));
    RequestRow {
        icon: record.process.invitation.map_or(record.process.icon, |way| way.icon),
        tone: tone(record),
        title: text(spine::TITLE.def.key).into(),
        href: place_of(&number).into(),
        summary: summary.into(),
        progress: progress(record),
        word: word(record).into(),
    }
}

/// A record with work for a vendor's team as its row: what to do, by when, in the words of those who work on it.
pub fn work_row(work: &HandedOut, zone: &TimeZone, now: i64) -> RequestRow<'static> {
    let record = &work.record;
    let plain = row(record, zone, now);
    let number = record.value(spine::NUMBER.def.key).as_text().unwrap_or_default();
    let due = if let Some(due) = work.due {
        due_by(due, zone, now)
    } else {
        let updated = record.value(spine::UPDATED.def.key).as_int().unwrap_or_default();
        tf("updated {age}", &[("age", &ago(updated, zone, now))])
    };
    let parts = std::iter::once(number).chain(work.tasks.iter().map(String::as_str)).chain([due.as_str()]);
    let summary = parts.collect::<Vec<_>>().join(" · ");
    RequestRow { summary: summary.into(), word: record.state.label.into(), ..plain }
}

fn tone(record: &Record) -> Tone {
    match record.state.phase {
        _ if record.state.void => Tone::Plain,
        Phase::Open if record.state.key == record.process.initial().key => Tone::Blue,
        Phase::Open => Tone::Amber,
        Phase::Paused => Tone::Violet,
        Phase::Done | Phase::Closed => Tone::Green,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mainstay_engine::value::Value;

    fn record(state: usize) -> Record {
        let process = mainstay_processes::ALL[0];
        let mut record = Record::new(process);
        record.state = &process.states[state];
        record
    }

    #[test]
    fn progress_grows_towards_the_end_and_a_withdrawn_one_has_none() {
        let process = mainstay_processes::ALL[0];
        let all: Vec<(usize, usize)> = (0..process.states.len()).map(|state| progress(&record(state))).collect();
        assert_eq!(all[0].0, 1, "begun");
        let last = process.states.iter().position(|s| s.phase == Phase::Closed && !s.void).expect("an end");
        assert_eq!(all[last].0, all[last].1, "finished");
        let void = process.states.iter().position(|s| s.void).expect("a way out");
        assert_eq!(all[void].0, 0);
    }

    #[test]
    fn a_requester_is_told_when_it_is_their_turn() {
        let process = mainstay_processes::ALL[0];
        let paused = process.states.iter().position(|s| s.phase == Phase::Paused).expect("a pause");
        let mut waiting = record(paused);
        assert!(!waits_for_requester(&waiting));
        let reason = process.waits_for.expect("a reason");
        waiting.put(process.field(reason.key).expect("declared"), Value::from(THE_REQUESTER));
        assert!(waits_for_requester(&waiting));
        assert_eq!(word(&waiting), "We are waiting for your answer");
    }
}
