//! Lists and reports as files again and again: somebody says once which one, what kind of file and when; at each time the file is
//! made with the rights that they have then, and a notice says that it is there.
//!
//! The timer of a schedule only queues the work, so that nobody waits for a large list: [`make_next`] makes the file,
//! and takes the job away in the transaction that tells of it. Whatever happens, each job ends in one file or in one
//! notice that says why there is none.

mod every;
mod others;
mod what;

pub use every::{Every, clock, minute};
pub use others::manages;
pub use what::{Asked, OfReport, What};

use crate::caller::{Caller, Channel};
use crate::desk::{Credential, Desk, Session};
use crate::error::{Error, Result};
use crate::export::Format;
use crate::inbox::{self, Kind};
use crate::notify::Reader;
use crate::reports;
use jiff::tz::TimeZone;
use mainstay_engine::process::Process;
use mainstay_engine::refusal::{FieldError, Refusal};
pub use mainstay_store::exports::{FileRow, ScheduleRow};
use mainstay_store::notices::{self, NoticeRow};
use mainstay_store::{
    JobRow, NewEvent, NewMessage, NewTimer, TimerRow, entries, events, exports, jobs, outbox, timers,
};
use mainstay_words::{during, sentence};
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// The kind of timers that begin a file, and of the jobs that make one.
pub const TIMER: &str = "export";
/// The event of a notice that a file is there.
pub const MADE: &str = "exported";
/// The event of a notice that there is none.
pub const FAILED: &str = "export_failed";
/// Files are kept so long, in milliseconds: thirty days.
pub const KEPT_MS: i64 = 30 * 86_400_000;
/// Schedules of one person.
const MOST: usize = 20;
/// Files that are listed.
const MOST_FILES: i64 = 100;
/// Longest name, in characters.
pub const LONGEST_NAME: usize = 100;
/// Longest purpose and audience, in characters.
pub const LONGEST_WORDS: usize = 300;
/// A node that makes a file has so long for it, in milliseconds, before another tries: ten minutes.
const HELD_MS: i64 = 600_000;
/// Minutes of a day.
const DAY: i64 = 1_440;
/// What is said of a file that a fault of the installation has kept from being made.
const AGAIN: &str = "The file could not be made yet. It is tried again.";
/// A file that is begun so much after its time came late, in milliseconds: a quarter of an hour.
const LATE_MS: i64 = 900_000;
/// Times that are counted of those that passed while nothing ran.
const MOST_MISSED: usize = 1_000;
/// Schedules of a catalogue.
const MOST_LISTED: i64 = 1_000;

/// A schedule that somebody wants.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// What its files are called.
    pub name: String,
    /// The kind of file, by its key.
    pub format: String,
    /// On which days, by the word for it.
    pub every: String,
    /// At what time of the day in the person's zone, as "07:30".
    pub time: String,
    /// What it is for; a report says so.
    pub purpose: String,
    /// Whom it is for; a report says so.
    pub audience: String,
    /// The list or the report.
    pub what: What,
}

impl Wanted {
    fn checked(&self) -> Result<(Format, Every, i64)> {
        let mut errors = Vec::new();
        let length = self.name.trim().chars().count();
        if length == 0 || length > LONGEST_NAME {
            errors.push(FieldError::new(
                "name",
                "bad_name",
                format!("Give it a name of up to {LONGEST_NAME} letters."),
            ));
        }
        let (format, every) = (Format::named(&self.format), Every::read(&self.every));
        if format.is_none() {
            errors.push(FieldError::new("format", "not_a_choice", "Choose csv, json or xlsx."));
        }
        if every.is_none() {
            errors.push(FieldError::new("every", "not_a_choice", "Choose the days on which it is made."));
        }
        let minute = minute(&self.time);
        if minute.is_none() {
            errors.push(FieldError::new("time", "not_a_time", "Write the time of the day as 07:30."));
        }
        for (key, text) in [("purpose", &self.purpose), ("audience", &self.audience)] {
            let length = text.trim().chars().count();
            if length > LONGEST_WORDS {
                let says = format!("Say it in up to {LONGEST_WORDS} letters.");
                errors.push(FieldError::new(key, "too_long", says));
            } else if length == 0 && self.what.report().is_some() {
                errors.push(FieldError::new(key, "required", "Say what the report is for, and for whom."));
            }
        }
        Refusal::unless_empty(errors)?;
        format.zip(every).zip(minute).map(|((f, e), m)| (f, e, m)).ok_or_else(|| Refusal::missing("schedule").into())
    }
}

fn me(caller: &Caller) -> Result<i64> {
    // Whoever looks as somebody else does not see what is theirs alone.
    let own = caller.person_id().filter(|_| caller.viewer.is_none());
    own.ok_or_else(|| Refusal::missing("exports").into())
}

/// The caller's schedules, the oldest first.
///
/// # Errors
/// The engine has none; the database's.
pub fn list(session: &mut Session<'_>, caller: &Caller) -> Result<Vec<ScheduleRow>> {
    Ok(exports::of(session.conn, me(caller)?)?)
}

/// A schedule with whoever its files are for.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The schedule.
    pub row: ScheduleRow,
    /// Name of the person who has it made and receives it.
    pub receiver: String,
    /// The person is still in use; nobody receives it otherwise.
    pub received: bool,
}

/// What is made regularly for anybody, the oldest first: for whoever watches over the house (`GEN-19`).
///
/// # Errors
/// No right to oversee or to manage; the database's.
pub fn catalogue(session: &mut Session<'_>, caller: &Caller) -> Result<Vec<Listed>> {
    if !caller.rights.may("audit", "view", None) && !manages(caller) {
        return Err(Refusal::forbidden("no_right", "You may not see what others have made regularly.").into());
    }
    let rows = exports::of_everybody(session.conn, MOST_LISTED)?;
    let mut known: HashMap<i64, Option<Caller>> = HashMap::new();
    let mut listed = Vec::with_capacity(rows.len());
    for row in rows {
        let person = match known.entry(row.person) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let person = Caller::load(session.conn, session.config, row.person, Channel::Engine, None)?;
                unknown.insert(person)
            }
        };
        let person = person.as_ref().and_then(|caller| caller.person.as_ref());
        let received = person.is_some();
        let receiver = match person {
            Some(person) => person.name.clone(),
            None => entries::names(session.conn, &[row.person])?.pop().map(|(.., name)| name).unwrap_or_default(),
        };
        listed.push(Listed { row, receiver, received });
    }
    Ok(listed)
}

/// One of the caller's schedules.
///
/// # Errors
/// It is not the caller's; the database's.
pub fn get(session: &mut Session<'_>, caller: &Caller, id: i64) -> Result<ScheduleRow> {
    let me = me(caller)?;
    let row = exports::by_id(session.conn, id)?.filter(|row| row.person == me);
    row.ok_or_else(|| Refusal::missing("schedule").into())
}

/// Begins a schedule for the caller.
///
/// # Errors
/// No right to export; what the list refuses; a member that does not fit; too many schedules; the database's.
pub fn create(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    wanted: &Wanted,
) -> Result<ScheduleRow> {
    let person = me(caller)?;
    if wanted.what.report().is_none() {
        what::may_export(session, caller, process)?;
    }
    let (format, every, minute) = wanted.checked()?;
    if exports::of(session.conn, person)?.len() >= MOST {
        let says = format!("You have {MOST} exports that are made regularly. Delete one first.");
        return Err(Refusal::conflict("too_many", says).into());
    }
    wanted.what.check(session, caller, process)?;
    let mut row = ScheduleRow {
        person,
        name: wanted.name.trim().to_owned(),
        process: process.key.to_owned(),
        purpose: wanted.purpose.trim().to_owned(),
        audience: wanted.audience.trim().to_owned(),
        asked: wanted.what.kept(),
        format: format.key().to_owned(),
        every: every.key.to_owned(),
        minute: minute.min(DAY - 1),
        created: session.now,
        ..ScheduleRow::default()
    };
    row.next_at = next(&row, session.now, &caller.zone());
    row.id = exports::insert(session.conn, &row)?;
    set_timer(session, &row)?;
    log(session, caller, row.id, "scheduled")?;
    Ok(row)
}

/// A line in the log; it also wakes whoever makes files.
fn log(session: &mut Session<'_>, caller: &Caller, id: i64, verb: &str) -> Result<()> {
    let event = NewEvent {
        at: session.now,
        actor: caller.person_id(),
        channel: caller.channel.key().to_owned(),
        subject: TIMER.into(),
        subject_id: id,
        process: None,
        verb: verb.to_owned(),
        public: false,
        changes: "[]".into(),
        reason: None,
    };
    events::append(session.conn, &event)?;
    Ok(())
}

/// When a schedule is due next; a day later where a zone knows no such minute.
fn next(row: &ScheduleRow, now: i64, zone: &TimeZone) -> i64 {
    Every::read(&row.every).and_then(|every| every.next(now, row.minute, zone)).unwrap_or(now + 86_400_000)
}

fn key(id: i64) -> String {
    format!("{TIMER}:{id}")
}

fn set_timer(session: &mut Session<'_>, row: &ScheduleRow) -> Result<()> {
    let timer = NewTimer {
        key: key(row.id),
        due: row.next_at,
        kind: TIMER.into(),
        record: None,
        clock: None,
        payload: json!({ "schedule": row.id }).to_string(),
    };
    Ok(timers::set(session.conn, &timer)?)
}

/// Lets a schedule rest: one of the caller's, or anybody's for whoever manages exports.
///
/// # Errors
/// It is not in the caller's hands; the database's.
pub fn pause(session: &mut Session<'_>, caller: &Caller, id: i64) -> Result<ScheduleRow> {
    let row = ScheduleRow { paused: true, ..others::in_hand(session, caller, id)? };
    timers::cancel(session.conn, &key(id))?;
    exports::put(session.conn, &row)?;
    others::tell(session, caller, &row, others::Deed::Paused)?;
    log(session, caller, id, "paused")?;
    Ok(row)
}

/// Lets such a schedule go on from its next time.
///
/// # Errors
/// It is not in the caller's hands; the database's.
pub fn resume(session: &mut Session<'_>, caller: &Caller, id: i64) -> Result<ScheduleRow> {
    let mut row = ScheduleRow { paused: false, problem: None, ..others::in_hand(session, caller, id)? };
    let zone = others::zone_of(session, caller, &row)?;
    row.next_at = next(&row, session.now, &zone);
    set_timer(session, &row)?;
    exports::put(session.conn, &row)?;
    others::tell(session, caller, &row, others::Deed::Resumed)?;
    log(session, caller, id, "resumed")?;
    Ok(row)
}

/// Has a file of one of the caller's schedules made at once, beside its times.
///
/// # Errors
/// It is not the caller's; the database's.
pub fn run(session: &mut Session<'_>, caller: &Caller, id: i64) -> Result<ScheduleRow> {
    let row = get(session, caller, id)?;
    queue(session, id, None)?;
    log(session, caller, id, "wanted")?;
    Ok(row)
}

/// Ends such a schedule; its files stay for their time.
///
/// # Errors
/// It is not in the caller's hands; the database's.
pub fn delete(session: &mut Session<'_>, caller: &Caller, id: i64) -> Result<()> {
    let row = others::in_hand(session, caller, id)?;
    timers::cancel(session.conn, &key(row.id))?;
    exports::remove(session.conn, row.id)?;
    others::tell(session, caller, &row, others::Deed::Ended)?;
    log(session, caller, row.id, "deleted")
}

/// Moves the caller's schedules to the same times of the day in another zone.
///
/// # Errors
/// The database's.
pub(crate) fn move_to(session: &mut Session<'_>, person: i64, zone: &TimeZone) -> Result<()> {
    for mut row in exports::of(session.conn, person)?.into_iter().filter(|row| !row.paused) {
        row.next_at = next(&row, session.now, zone);
        set_timer(session, &row)?;
        exports::put(session.conn, &row)?;
    }
    Ok(())
}

/// Queues the file of a schedule; `missed` says what became of the times before, where something did.
fn queue(session: &mut Session<'_>, id: i64, missed: Option<&str>) -> Result<()> {
    let payload = json!({ "schedule": id, "missed": missed }).to_string();
    jobs::insert(session.conn, TIMER, &payload, session.now)?;
    Ok(())
}

/// What is to be said of deliveries that did not come at their times.
fn missed(row: &ScheduleRow, now: i64, zone: &TimeZone) -> Option<String> {
    let after = |at: &i64| Some(next(row, *at, zone)).filter(|next| *next <= now);
    let times = std::iter::successors(Some(row.next_at), after).take(MOST_MISSED).count();
    match times {
        0 | 1 if now - row.next_at < LATE_MS => None,
        0 | 1 => Some("The last file came late: nothing ran at its time.".to_owned()),
        times => Some(format!("{times} times passed while nothing ran; one file made up for them.")),
    }
}

/// Queues the file of a schedule whose time has come, and sets the next time. Times that passed while nothing ran are
/// made up for by one file.
///
/// # Errors
/// The database's.
pub fn begin(session: &mut Session<'_>, timer: &TimerRow) -> Result<()> {
    let Some(mut row) = schedule_of(session, &timer.payload)?.filter(|row| !row.paused) else { return Ok(()) };
    let owner = Caller::load(session.conn, session.config, row.person, Channel::Engine, None)?;
    let zone = owner.map_or(TimeZone::UTC, |owner| owner.zone());
    let missed = missed(&row, session.now, &zone);
    queue(session, row.id, missed.as_deref())?;
    log(session, &Caller::engine(Channel::Engine), row.id, if missed.is_some() { "missed" } else { "due" })?;
    row.next_at = next(&row, session.now, &zone);
    set_timer(session, &row)?;
    Ok(exports::put(session.conn, &row)?)
}

fn schedule_of(session: &mut Session<'_>, payload: &str) -> Result<Option<ScheduleRow>> {
    let payload: Json = serde_json::from_str(payload).unwrap_or_default();
    let Some(id) = payload["schedule"].as_i64() else { return Ok(None) };
    Ok(exports::by_id(session.conn, id)?)
}

/// Makes the file of the next job, if one waits; false when none does.
///
/// # Errors
/// The database's and the disk's; the job is tried again later then.
pub async fn make_next(desk: &Desk) -> Result<bool> {
    let take = |session: &mut Session<'_>, _: &Caller| {
        let Some(job) = jobs::take(session.conn, session.now, session.now + HELD_MS, 1)?.pop() else { return Ok(None) };
        let row = schedule_of(session, &job.payload)?;
        if row.is_none() {
            jobs::finish(session.conn, job.id)?;
        }
        Ok(Some((job, row)))
    };
    let Some((job, row)) = desk.write(&Credential::Engine, Channel::Engine, take).await? else { return Ok(false) };
    let Some(row) = row else { return Ok(true) };
    let made = match made(desk, &row).await {
        Ok(file) => Ok(file),
        Err(Error::Refused(refusal)) => Err(refusal.to_string()),
        Err(error) => {
            let (wait, says) = (60_000 << job.attempts.clamp(0, 6), error.to_string());
            let delay = move |session: &mut Session<'_>, _: &Caller| {
                if let Some(now) = exports::by_id(session.conn, row.id)? {
                    exports::put(session.conn, &ScheduleRow { problem: Some(AGAIN.to_owned()), ..now })?;
                }
                Ok(jobs::delay(session.conn, job.id, session.now + wait, &says)?)
            };
            desk.write(&Credential::Engine, Channel::Engine, delay).await?;
            return Err(error);
        }
    };
    let end = move |session: &mut Session<'_>, _: &Caller| tell(session, &job, &row, &made);
    desk.write(&Credential::Engine, Channel::Engine, end).await?;
    Ok(true)
}

/// Makes the file with the rights that its receiver has now, and stores its bytes.
async fn made(desk: &Desk, row: &ScheduleRow) -> Result<FileRow> {
    let (wanted, receiver) = (row.clone(), Credential::Person(row.person));
    let make = move |session: &mut Session<'_>, caller: &Caller| {
        let process = mainstay_processes::process(&wanted.process).ok_or_else(|| Refusal::missing("process"))?;
        let format = Format::named(&wanted.format).ok_or_else(|| Refusal::missing("format"))?;
        let mut bytes = Vec::new();
        let lines = What::read(&wanted.asked).write(session, caller, process, format, &mut bytes)?;
        Ok((bytes, i64::try_from(lines).unwrap_or(i64::MAX), session.now))
    };
    let (bytes, lines, at) = desk.read_long(&receiver, Channel::Engine, make).await?;
    let blob = desk.blobs().put(bytes).await?;
    Ok(FileRow {
        id: 0,
        person: row.person,
        process: row.process.clone(),
        report: What::read(&row.asked).report().map(str::to_owned),
        name: row.name.clone(),
        format: row.format.clone(),
        lines,
        size: blob.size,
        digest: blob.digest,
        at,
    })
}

/// Ends a job: with the file and a notice that it is there, or with one that says why it is not.
fn tell(
    session: &mut Session<'_>,
    job: &JobRow,
    row: &ScheduleRow,
    made: &std::result::Result<FileRow, String>,
) -> Result<()> {
    if !jobs::finish(session.conn, job.id)? {
        return Ok(());
    }
    let name = &row.name;
    let (reason, text) = match made {
        Ok(file) => {
            exports::insert_file(session.conn, file)?;
            let text = match file.lines {
                _ if file.report.is_some() => format!("“{name}” is there: a report."),
                1 => format!("“{name}” is there: 1 record."),
                lines => format!("“{name}” is there: {lines} records."),
            };
            (MADE, text)
        }
        Err(why) => (FAILED, format!("“{name}” could not be made: {why}")),
    };
    // It may have been paused or deleted while the file was made.
    if let Some(now) = exports::by_id(session.conn, row.id)? {
        let payload: Json = serde_json::from_str(&job.payload).unwrap_or_default();
        let missed = payload["missed"].as_str().map(str::to_owned);
        exports::put(session.conn, &ScheduleRow { problem: made.clone().err().or(missed), ..now })?;
    }
    let event = inbox::note(session, row.person, reason)?;
    let notice = NoticeRow {
        person: row.person,
        event: Some(event),
        reason: reason.to_owned(),
        kind: Kind::File.key().to_owned(),
        text: text.clone(),
        created: session.now,
        ..NoticeRow::default()
    };
    notices::insert(session.conn, &notice)?;
    let reader = Reader::find(session, row.person)?;
    let message = NewMessage {
        event,
        audience: "receiver".into(),
        recipient: Some(row.person),
        address: None,
        template: "Export".into(),
        subject: during(reader.language, || sentence(&text).into_owned()),
        body: String::new(),
        created: session.now,
    };
    outbox::insert(session.conn, &message)?;
    Ok(())
}

/// The caller's files, the newest first.
///
/// # Errors
/// The engine has none; the database's.
pub fn files(session: &mut Session<'_>, caller: &Caller) -> Result<Vec<FileRow>> {
    Ok(exports::files_of(session.conn, me(caller)?, MOST_FILES)?)
}

/// One of the caller's files, with its kind, while they may still have such files.
///
/// # Errors
/// It is not the caller's; the right to export is gone; the database's.
pub fn file(session: &mut Session<'_>, caller: &Caller, id: i64) -> Result<(FileRow, Format)> {
    let row = exports::file(session.conn, me(caller)?, id)?.ok_or_else(|| Refusal::missing("file"))?;
    let process = mainstay_processes::process(&row.process).ok_or_else(|| Refusal::missing("file"))?;
    match &row.report {
        None => what::may_export(session, caller, process)?,
        Some(key) => {
            reports::may_run(session, caller, process, key)?;
        }
    }
    let format = Format::named(&row.format).ok_or_else(|| Refusal::missing("file"))?;
    Ok((row, format))
}

/// Forgets files that have had their time, and answers the digests of blobs that nothing names any more.
///
/// # Errors
/// The database's.
pub fn forget_old(session: &mut Session<'_>) -> Result<Vec<String>> {
    Ok(exports::forget_files(session.conn, session.now - KEPT_MS)?)
}
