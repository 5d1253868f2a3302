//! Lists as files again and again: somebody says once which list, what kind of file and when; at each time the file is
//! made with the rights that they have then, and a notice says that it is there.
//!
//! The timer of a schedule only queues the work, so that nobody waits for a large list: [`make_next`] makes the file,
//! and takes the job away in the transaction that tells of it. Whatever happens, each job ends in one file or in one
//! notice that says why there is none.

use crate::caller::{Caller, Channel};
use crate::desk::{Credential, Desk, Session};
use crate::error::{Error, Result};
use crate::export::{self, Format};
use crate::inbox::{self, Kind};
use crate::records::{self, Listing};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use mainstay_engine::process::Process;
use mainstay_engine::refusal::{FieldError, Refusal};
pub use mainstay_store::exports::{FileRow, ScheduleRow};
use mainstay_store::notices::{self, NoticeRow};
use mainstay_store::{JobRow, NewEvent, NewMessage, NewTimer, TimerRow, Watch, events, exports, jobs, outbox, timers};
use serde_json::{Value as Json, json};

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
/// A node that makes a file has so long for it, in milliseconds, before another tries: ten minutes.
const HELD_MS: i64 = 600_000;
/// Minutes of a day.
const DAY: i64 = 1_440;

/// On which days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Every {
    /// The word for it.
    pub key: &'static str,
    /// What people call it.
    pub words: &'static str,
    /// Days of the week, Monday first.
    days: [bool; 7],
}

const fn every(key: &'static str, words: &'static str, first: usize, last: usize) -> Every {
    let mut days = [false; 7];
    let mut day = first;
    while day <= last {
        days[day] = true;
        day += 1;
    }
    Every { key, words, days }
}

impl Every {
    /// Every choice, in the order in which they are shown.
    pub const ALL: [Self; 9] = [
        every("day", "Every day", 0, 6),
        every("workday", "Monday to Friday", 0, 4),
        every("monday", "Every Monday", 0, 0),
        every("tuesday", "Every Tuesday", 1, 1),
        every("wednesday", "Every Wednesday", 2, 2),
        every("thursday", "Every Thursday", 3, 3),
        every("friday", "Every Friday", 4, 4),
        every("saturday", "Every Saturday", 5, 5),
        every("sunday", "Every Sunday", 6, 6),
    ];

    /// Reads the word for it.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|each| each.key == word)
    }

    /// The first instant after `now` that is such a day's minute in a zone.
    #[must_use]
    pub fn next(&self, now: i64, minute: i64, zone: &TimeZone) -> Option<i64> {
        let today = Timestamp::from_millisecond(now).ok()?.to_zoned(zone.clone()).date();
        let (hour, minute) = (i8::try_from(minute / 60).ok()?, i8::try_from(minute % 60).ok()?);
        (0..=8_i64).find_map(|ahead| {
            let day = today.checked_add(ahead.days()).ok()?;
            let at = usize::try_from(day.weekday().to_monday_zero_offset()).ok()?;
            let instant = day.at(hour, minute, 0, 0).to_zoned(zone.clone()).ok()?.timestamp().as_millisecond();
            (self.days[at] && instant > now).then_some(instant)
        })
    }
}

/// A minute of the day as people write it.
#[must_use]
pub fn clock(minute: i64) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// Reads a minute of the day.
#[must_use]
pub fn minute(text: &str) -> Option<i64> {
    let (hour, minute) = text.split_once(':')?;
    let whole = |part: &str| (part.len() == 2).then(|| part.parse::<i64>().ok()).flatten();
    let (hour, minute) = (whole(hour)?, whole(minute)?);
    ((0..24).contains(&hour) && (0..60).contains(&minute)).then_some(hour * 60 + minute)
}

/// What a list is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The saved view that it begins with, as that stands when a file is made.
    pub view: Option<i64>,
    /// A condition beside it.
    pub filter: Option<String>,
    /// Its order.
    pub sort: Option<String>,
    /// The columns.
    pub fields: Option<Vec<String>>,
}

impl Asked {
    pub(crate) fn kept(&self) -> String {
        json!({ "view": self.view, "filter": self.filter, "sort": self.sort, "fields": self.fields }).to_string()
    }

    /// Reads what a row keeps.
    #[must_use]
    pub fn read(kept: &str) -> Self {
        let kept: Json = serde_json::from_str(kept).unwrap_or_default();
        let text = |key: &str| kept[key].as_str().map(str::to_owned);
        let keys = |all: &Vec<Json>| all.iter().filter_map(|key| key.as_str().map(str::to_owned)).collect();
        Self {
            view: kept["view"].as_i64(),
            filter: text("filter"),
            sort: text("sort"),
            fields: kept["fields"].as_array().map(keys),
        }
    }

    fn listing(self, session: &mut Session<'_>, caller: &Caller, process: &Process) -> Result<Listing> {
        let listing = Listing { filter: self.filter, sort: self.sort, fields: self.fields, ..Listing::default() };
        listing.through(session, caller, process, self.view)
    }
}

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
    /// The list.
    pub asked: Asked,
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
        Refusal::unless_empty(errors)?;
        format.zip(every).zip(minute).map(|((f, e), m)| (f, e, m)).ok_or_else(|| Refusal::missing("schedule").into())
    }
}

fn me(caller: &Caller) -> Result<i64> {
    // Whoever looks as somebody else does not see what is theirs alone.
    let own = caller.person_id().filter(|_| caller.viewer.is_none());
    own.ok_or_else(|| Refusal::missing("exports").into())
}

fn may_export(session: &Session<'_>, caller: &Caller, process: &Process) -> Result<()> {
    if session.config.process(process).enabled && caller.rights.may_somewhere(process.key, "export") {
        return Ok(());
    }
    let says = format!("You may not export {}.", process.label_plural.to_lowercase());
    Err(Refusal::forbidden("no_right", says).into())
}

/// The caller's schedules, the oldest first.
///
/// # Errors
/// The engine has none; the database's.
pub fn list(session: &mut Session<'_>, caller: &Caller) -> Result<Vec<ScheduleRow>> {
    Ok(exports::of(session.conn, me(caller)?)?)
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
    may_export(session, caller, process)?;
    let (format, every, minute) = wanted.checked()?;
    if exports::of(session.conn, person)?.len() >= MOST {
        let says = format!("You have {MOST} exports that are made regularly. Delete one first.");
        return Err(Refusal::conflict("too_many", says).into());
    }
    let listing = wanted.asked.clone().listing(session, caller, process)?;
    // What cannot be listed now would be refused each time.
    records::list(session, caller, process, &Listing { limit: 1, ..listing })?;
    let mut row = ScheduleRow {
        person,
        name: wanted.name.trim().to_owned(),
        process: process.key.to_owned(),
        asked: wanted.asked.kept(),
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

/// Lets one of the caller's schedules rest.
///
/// # Errors
/// It is not the caller's; the database's.
pub fn pause(session: &mut Session<'_>, caller: &Caller, id: i64) -> Result<ScheduleRow> {
    let row = ScheduleRow { paused: true, ..get(session, caller, id)? };
    timers::cancel(session.conn, &key(id))?;
    exports::put(session.conn, &row)?;
    log(session, caller, id, "paused")?;
    Ok(row)
}

/// Lets one of the caller's schedules go on from its next time.
///
/// # Errors
/// It is not the caller's; the database's.
pub fn resume(session: &mut Session<'_>, caller: &Caller, id: i64) -> Result<ScheduleRow> {
    let mut row = ScheduleRow { paused: false, problem: None, ..get(session, caller, id)? };
    row.next_at = next(&row, session.now, &caller.zone());
    set_timer(session, &row)?;
    exports::put(session.conn, &row)?;
    log(session, caller, id, "resumed")?;
    Ok(row)
}

/// Has a file of one of the caller's schedules made at once, beside its times.
///
/// # Errors
/// It is not the caller's; the database's.
pub fn run(session: &mut Session<'_>, caller: &Caller, id: i64) -> Result<ScheduleRow> {
    let row = get(session, caller, id)?;
    queue(session, id)?;
    log(session, caller, id, "wanted")?;
    Ok(row)
}

/// Ends one of the caller's schedules; its files stay for their time.
///
/// # Errors
/// It is not the caller's; the database's.
pub fn delete(session: &mut Session<'_>, caller: &Caller, id: i64) -> Result<()> {
    let row = get(session, caller, id)?;
    timers::cancel(session.conn, &key(row.id))?;
    exports::remove(session.conn, row.id)?;
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

fn queue(session: &mut Session<'_>, id: i64) -> Result<()> {
    jobs::insert(session.conn, TIMER, &json!({ "schedule": id }).to_string(), session.now)?;
    Ok(())
}

/// Queues the file of a schedule whose time has come, and sets the next time. Times that passed while nothing ran are
/// made up for by one file.
///
/// # Errors
/// The database's.
pub fn begin(session: &mut Session<'_>, timer: &TimerRow) -> Result<()> {
    let Some(mut row) = schedule_of(session, &timer.payload)?.filter(|row| !row.paused) else { return Ok(()) };
    queue(session, row.id)?;
    log(session, &Caller::engine(Channel::Engine), row.id, "due")?;
    let owner = Caller::load(session.conn, session.config, row.person, Channel::Engine, None)?;
    let zone = owner.map_or(TimeZone::UTC, |owner| owner.zone());
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
        may_export(session, caller, process)?;
        let listing = Asked::read(&wanted.asked).listing(session, caller, process)?;
        let mut bytes = Vec::new();
        let lines = export::records(session, caller, process, &listing, format, &mut bytes, &Watch::default())?;
        Ok((bytes, i64::try_from(lines).unwrap_or(i64::MAX), session.now))
    };
    let (bytes, lines, at) = desk.read_long(&receiver, Channel::Engine, make).await?;
    let blob = desk.blobs().put(bytes).await?;
    Ok(FileRow {
        id: 0,
        person: row.person,
        process: row.process.clone(),
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
                1 => format!("“{name}” is there: 1 record."),
                lines => format!("“{name}” is there: {lines} records."),
            };
            (MADE, text)
        }
        Err(why) => (FAILED, format!("“{name}” could not be made: {why}")),
    };
    // It may have been paused or deleted while the file was made.
    if let Some(now) = exports::by_id(session.conn, row.id)? {
        exports::put(session.conn, &ScheduleRow { problem: made.clone().err(), ..now })?;
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
    let message = NewMessage {
        event,
        audience: "receiver".into(),
        recipient: Some(row.person),
        address: None,
        template: "Export".into(),
        subject: text,
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

/// One of the caller's files, with its kind, while they may still export such records.
///
/// # Errors
/// It is not the caller's; the right to export is gone; the database's.
pub fn file(session: &mut Session<'_>, caller: &Caller, id: i64) -> Result<(FileRow, Format)> {
    let row = exports::file(session.conn, me(caller)?, id)?.ok_or_else(|| Refusal::missing("file"))?;
    let process = mainstay_processes::process(&row.process).ok_or_else(|| Refusal::missing("file"))?;
    may_export(session, caller, process)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().expect("an instant").as_millisecond()
    }

    fn next(every: &str, time: &str, now: &str) -> String {
        let zone = TimeZone::get("Europe/Berlin").expect("a zone");
        let next = Every::read(every).expect("a word").next(at(now), minute(time).expect("a time"), &zone);
        Timestamp::from_millisecond(next.expect("a time")).expect("an instant").to_string()
    }

    #[test]
    fn the_next_time_is_a_time_of_the_day_where_the_person_is() {
        // A Monday in summer: two hours ahead of UTC.
        assert_eq!(next("day", "07:30", "2026-06-01T05:00:00Z"), "2026-06-01T05:30:00Z");
        assert_eq!(next("day", "07:30", "2026-06-01T05:30:00Z"), "2026-06-02T05:30:00Z", "not the same again");
        assert_eq!(next("monday", "07:30", "2026-06-01T06:00:00Z"), "2026-06-08T05:30:00Z");
        assert_eq!(next("workday", "18:00", "2026-06-05T16:00:00Z"), "2026-06-08T16:00:00Z", "over the weekend");
        // The night in which clocks go forward knows no half past two; the day has its file all the same.
        assert_eq!(next("day", "02:30", "2026-03-28T12:00:00Z"), "2026-03-29T01:30:00Z");
        assert_eq!(next("day", "08:00", "2026-03-28T12:00:00Z"), "2026-03-29T06:00:00Z");
    }

    #[test]
    fn a_time_of_the_day_is_four_digits() {
        assert_eq!((minute("07:30"), minute("23:59")), (Some(450), Some(1_439)));
        for wrong in ["7:30", "24:00", "12:60", "12", "", "ab:cd", "-1:00"] {
            assert_eq!(minute(wrong), None, "{wrong}");
        }
        assert_eq!(clock(450), "07:30");
    }
}
