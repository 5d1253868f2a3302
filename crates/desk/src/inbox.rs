//! What a person was told, and what they did about it: done with it, put off until a time, or without such news at all.
//!
//! A notice is its person's own. What they do with it is no event of its record.

use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use crate::records;
use jiff::civil::{DateTime, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use mainstay_engine::record::Record;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_processes::registers::Told;
pub use mainstay_store::notices::{NoticeRow, Shelf};
use mainstay_store::{NewEvent, NewTimer, TimerRow, events, notices, preferences, timers};
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, HashMap};

/// The kind of timers that bring a notice back.
pub const TIMER: &str = "notice";
/// What the log calls a person's inbox.
pub const SUBJECT: &str = "inbox";
/// The name under which people keep what they do without.
const NAME: &str = "notices";
/// A notice can be put off for a year.
const LONGEST_SNOOZE_MS: i64 = 366 * 86_400_000;
/// Open notices that are counted.
const MOST_COUNTED: i64 = 500;

/// Why somebody was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// They were named in words.
    Mention,
    /// A record was given to them.
    Assigned,
    /// They are asked to approve.
    Approval,
    /// The time of a service level runs out or is over.
    Level,
    /// Something happened to what they work on or asked for.
    Own,
    /// Something came to their team, or a rule names them, their role or their team.
    Team,
    /// Something happened to what they watch.
    Watched,
    /// A file that they asked for was made, or could not be.
    File,
}

impl Kind {
    /// Every one, in the order in which they are shown.
    pub const ALL: [Self; 8] =
        [Self::Mention, Self::Assigned, Self::Approval, Self::Level, Self::Own, Self::Team, Self::Watched, Self::File];

    /// The word for it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Mention => "mention",
            Self::Assigned => "assigned",
            Self::Approval => "approval",
            Self::Level => "level",
            Self::Own => "own",
            Self::Team => "team",
            Self::Watched => "watched",
            Self::File => "file",
        }
    }

    /// What people call it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Mention => "Mentions",
            Self::Assigned => "Assignments",
            Self::Approval => "Approvals",
            Self::Level => "Service levels",
            Self::Own => "Your records",
            Self::Team => "Your team",
            Self::Watched => "Watched",
            Self::File => "Files",
        }
    }

    /// Reads the word for it.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == word)
    }

    /// Why an audience hears of an event.
    #[must_use]
    pub fn of(event: &str, audience: Told) -> Self {
        match (event, audience) {
            (crate::notify::MENTION, _) => Self::Mention,
            (crate::notify::ASSIGNED, _) => Self::Assigned,
            // Of clocks alone events are called after their purpose and what happened: response.75, resolution.breached.
            (event, _) if event.contains('.') => Self::Level,
            (_, Told::Approvers) => Self::Approval,
            (_, Told::Watchers) => Self::Watched,
            (_, Told::Team | Told::TeamManager | Told::Role | Told::Person | Told::OtherTeam) => Self::Team,
            _ => Self::Own,
        }
    }
}

/// What is asked of an inbox.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Which part of it.
    pub shelf: Shelf,
    /// Only one kind.
    pub kind: Option<Kind>,
    /// Behind what an earlier page ended with.
    pub after: Option<(i64, i64)>,
    /// At most so many.
    pub limit: i64,
}

/// A notice with the record that it is about, as far as its person still sees it.
#[derive(Clone)]
pub struct Item {
    /// The notice.
    pub notice: NoticeRow,
    /// The record with what every process has.
    pub record: Option<Record>,
}

impl Item {
    /// Where it lies on a shelf, for the page behind it.
    #[must_use]
    pub fn place(&self, shelf: Shelf) -> (i64, i64) {
        let notice = &self.notice;
        let by = match shelf {
            Shelf::Open => Some(notice.came()),
            Shelf::Snoozed => notice.snoozed_until,
            Shelf::Done => notice.done_at,
        };
        (by.unwrap_or_default(), notice.id)
    }
}

fn me(caller: &Caller) -> Result<i64> {
    caller.person_id().ok_or_else(|| Refusal::missing("inbox").into())
}

/// A page of the caller's inbox.
///
/// # Errors
/// The engine has none; the database's.
pub fn list(session: &mut Session<'_>, caller: &Caller, asked: &Asked) -> Result<Vec<Item>> {
    let kind = asked.kind.map(Kind::key);
    let rows = notices::on(session.conn, me(caller)?, asked.shelf, kind, asked.after, asked.limit)?;
    with_records(session, caller, rows)
}

/// Notices with the records that they are about.
///
/// # Errors
/// The database's.
pub fn with_records(session: &mut Session<'_>, caller: &Caller, rows: Vec<NoticeRow>) -> Result<Vec<Item>> {
    let mut ids: Vec<i64> = rows.iter().filter_map(|row| row.record).collect();
    ids.sort_unstable();
    ids.dedup();
    let found = if ids.is_empty() { Vec::new() } else { records::spines(session, caller, &ids)? };
    let found: HashMap<i64, Record> = found.into_iter().map(|(record, _)| (record.id, record)).collect();
    let item = |notice: NoticeRow| Item { record: notice.record.and_then(|id| found.get(&id).cloned()), notice };
    Ok(rows.into_iter().map(item).collect())
}

/// One of the caller's notices.
///
/// # Errors
/// It is not the caller's; the database's.
pub fn get(session: &mut Session<'_>, caller: &Caller, id: i64) -> Result<Item> {
    let notice = one(session, caller, id)?;
    let mut items = with_records(session, caller, vec![notice])?;
    items.pop().ok_or_else(|| Refusal::missing("notice").into())
}

/// How many open notices of each kind there are; the sum ends at some hundreds.
///
/// # Errors
/// The database's.
pub fn counts(session: &mut Session<'_>, caller: &Caller) -> Result<BTreeMap<Kind, i64>> {
    let found = notices::kinds(session.conn, me(caller)?, MOST_COUNTED)?;
    Ok(found.into_iter().filter_map(|(kind, count)| Some((Kind::read(&kind)?, count))).collect())
}

fn one(session: &mut Session<'_>, caller: &Caller, id: i64) -> Result<NoticeRow> {
    notices::one(session.conn, me(caller)?, id)?.ok_or_else(|| Refusal::missing("notice").into())
}

/// Marks one of the caller's notices as read.
///
/// # Errors
/// It is not the caller's; the database's.
pub fn read(session: &mut Session<'_>, caller: &Caller, id: i64) -> Result<()> {
    let notice = one(session, caller, id)?;
    let read_at = notice.read_at.or(Some(session.now));
    Ok(notices::put(session.conn, &NoticeRow { read_at, ..notice })?)
}

/// Puts one of the caller's notices away as done.
///
/// # Errors
/// It is not the caller's; the database's.
pub fn done(session: &mut Session<'_>, caller: &Caller, id: i64) -> Result<()> {
    let notice = one(session, caller, id)?;
    timers::cancel(session.conn, &timer_key(id))?;
    let now = Some(session.now);
    let put =
        NoticeRow { read_at: notice.read_at.or(now), done_at: notice.done_at.or(now), snoozed_until: None, ..notice };
    Ok(notices::put(session.conn, &put)?)
}

/// Brings one of the caller's notices back into the inbox, wherever it lay.
///
/// # Errors
/// It is not the caller's; the database's.
pub fn reopen(session: &mut Session<'_>, caller: &Caller, id: i64) -> Result<()> {
    let notice = one(session, caller, id)?;
    timers::cancel(session.conn, &timer_key(id))?;
    Ok(notices::put(session.conn, &NoticeRow { done_at: None, snoozed_until: None, ..notice })?)
}

/// Puts one of the caller's notices off until an instant.
///
/// # Errors
/// It is not the caller's; an instant that is past or too far away; the database's.
pub fn snooze(session: &mut Session<'_>, caller: &Caller, id: i64, until: i64) -> Result<()> {
    let notice = one(session, caller, id)?;
    if until <= session.now || until > session.now + LONGEST_SNOOZE_MS {
        let error = FieldError::new("until", "not_ahead", "Choose a time that is ahead, within a year.");
        Refusal::unless_empty(vec![error])?;
    }
    let timer = NewTimer {
        key: timer_key(id),
        due: until,
        kind: TIMER.into(),
        record: None,
        clock: None,
        payload: json!({ "notice": id }).to_string(),
    };
    timers::set(session.conn, &timer)?;
    let read_at = notice.read_at.or(Some(session.now));
    Ok(notices::put(session.conn, &NoticeRow { read_at, done_at: None, snoozed_until: Some(until), ..notice })?)
}

fn timer_key(id: i64) -> String {
    format!("notice:{id}")
}

/// Brings back what was put off; its person's pages hear of it.
///
/// # Errors
/// The database's.
pub fn wake(session: &mut Session<'_>, timer: &TimerRow) -> Result<()> {
    let payload: Json = serde_json::from_str(&timer.payload).unwrap_or_default();
    let Some(id) = payload["notice"].as_i64() else { return Ok(()) };
    match notices::wake(session.conn, id, session.now)? {
        Some(person) => note(session, person, "woken").map(|_| ()),
        None => Ok(()),
    }
}

/// A line in the log by which a person's pages hear of their inbox; answers its id.
pub(crate) fn note(session: &mut Session<'_>, person: i64, verb: &str) -> Result<i64> {
    let event = NewEvent {
        at: session.now,
        actor: None,
        channel: crate::caller::Channel::Engine.key().to_owned(),
        subject: SUBJECT.into(),
        subject_id: person,
        process: None,
        verb: verb.to_owned(),
        public: false,
        changes: "[]".into(),
        reason: None,
    };
    Ok(events::append(session.conn, &event)?)
}

/// A time to put something off to: a word for forms, words for people, and the instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Later {
    /// The word for it.
    pub key: &'static str,
    /// What people call it.
    pub words: &'static str,
    /// The instant in epoch milliseconds UTC.
    pub until: i64,
}

/// The times to put something off to, as a person's day has them, the nearest first.
#[must_use]
pub fn laters(now: i64, zone: &TimeZone) -> Vec<Later> {
    let Ok(here) = Timestamp::from_millisecond(now).map(|now| now.to_zoned(zone.clone()).datetime()) else {
        return Vec::new();
    };
    let at = |days: i64, hour: i8| here.date().checked_add(days.days()).ok().map(|day| day.at(hour, 0, 0, 0));
    let monday = 7 - i64::from(here.date().weekday().since(Weekday::Monday));
    let later = |key, words, then: Option<DateTime>| {
        let until = then?.to_zoned(zone.clone()).ok()?.timestamp().as_millisecond();
        (until > now).then_some(Later { key, words, until })
    };
    let evening = at(0, 18).filter(|_| here.hour() < 16);
    [
        later("hour", "In an hour", here.checked_add(1.hour()).ok()),
        later("hours", "In three hours", here.checked_add(3.hours()).ok().filter(|then| then.date() == here.date())),
        later("evening", "This evening", evening),
        later("tomorrow", "Tomorrow morning", at(1, 9)),
        later("monday", "On Monday morning", at(monday, 9).filter(|_| monday > 1)),
        later("week", "In a week", at(7, 9)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What a person does without.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Without(Vec<Kind>);

impl Without {
    fn parse(kept: &str) -> Self {
        let kept: Json = serde_json::from_str(kept).unwrap_or_default();
        Self(Kind::ALL.into_iter().filter(|kind| kept[kind.key()] == "off").collect())
    }

    /// Whether the person does without news of a kind, as far as that is left to them.
    #[must_use]
    pub fn has(&self, kind: Kind) -> bool {
        self.0.contains(&kind)
    }
}

/// What the caller does without.
///
/// # Errors
/// The database's.
pub fn without(session: &mut Session<'_>, caller: &Caller) -> Result<Without> {
    let kept = preferences::read(session.conn, me(caller)?, NAME)?;
    Ok(kept.map(|kept| Without::parse(&kept)).unwrap_or_default())
}

/// The kinds of which some rule lets people do without.
#[must_use]
pub fn optional(session: &Session<'_>) -> Vec<Kind> {
    let rules = session.config.notifications.iter().filter(|rule| rule.entry.flag("optional"));
    let open = rules.filter_map(|rule| {
        let audience = <Told as mainstay_engine::field::FieldType>::from_value(rule.entry.value("audience"))?;
        Some(Kind::of(rule.entry.text("event")?, audience))
    });
    let open: Vec<Kind> = open.collect();
    Kind::ALL.into_iter().filter(|kind| open.contains(kind)).collect()
}

/// Sets for kinds whether the caller wants them in the inbox (`inbox`) or does without (`off`); the others stay.
///
/// # Errors
/// A kind that nobody knows or that the organisation leaves nobody out of; another word; the database's.
pub fn choose(session: &mut Session<'_>, caller: &Caller, wanted: &Map<String, Json>) -> Result<Without> {
    let person = me(caller)?;
    let open = optional(session);
    let mut without = without(session, caller)?;
    let mut errors = Vec::new();
    for (key, choice) in wanted {
        let Some(kind) = Kind::read(key) else {
            errors.push(FieldError::new(key, "unknown_member", format!("There is no kind “{key}” of notices.")));
            continue;
        };
        without.0.retain(|each| *each != kind);
        match choice.as_str() {
            Some("inbox") => {}
            Some("off") if open.contains(&kind) => without.0.push(kind),
            Some("off") => {
                let says = format!("{}: your organisation wants you to hear of these.", kind.words());
                errors.push(FieldError::new(key, "not_optional", says));
            }
            _ => errors.push(FieldError::new(key, "not_a_choice", format!("{}: choose inbox or off.", kind.words()))),
        }
    }
    Refusal::unless_empty(errors)?;
    without.0.sort_unstable();
    if without.0.is_empty() {
        preferences::forget(session.conn, person, NAME)?;
    } else {
        let kept: Map<String, Json> = without.0.iter().map(|kind| (kind.key().to_owned(), Json::from("off"))).collect();
        preferences::keep(session.conn, person, NAME, &Json::Object(kept).to_string(), session.now)?;
    }
    Ok(without)
}

/// Leaves out of those to be told who does without, in one question.
pub(crate) fn leave_out_who_does_without(session: &mut Session<'_>, kind: Kind, people: &mut Vec<i64>) -> Result<()> {
    if people.is_empty() {
        return Ok(());
    }
    let kept = preferences::of_all(session.conn, people, NAME)?;
    people.retain(|person| !kept.iter().any(|(of, kept)| of == person && Without::parse(kept).has(kind)));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().expect("an instant").as_millisecond()
    }

    fn words(now: &str) -> Vec<(&'static str, String)> {
        let zone = TimeZone::get("Europe/Berlin").expect("a zone");
        let shown =
            |later: Later| (later.key, Timestamp::from_millisecond(later.until).expect("an instant").to_string());
        laters(at(now), &zone).into_iter().map(shown).collect()
    }

    #[test]
    fn times_to_put_off_to_follow_the_persons_day() {
        // A Friday morning in summer.
        assert_eq!(
            words("2026-06-05T08:00:00Z"),
            [
                ("hour", "2026-06-05T09:00:00Z".to_owned()),
                ("hours", "2026-06-05T11:00:00Z".to_owned()),
                ("evening", "2026-06-05T16:00:00Z".to_owned()),
                ("tomorrow", "2026-06-06T07:00:00Z".to_owned()),
                ("monday", "2026-06-08T07:00:00Z".to_owned()),
                ("week", "2026-06-12T07:00:00Z".to_owned()),
            ]
        );
        // Late on a Sunday tomorrow is Monday, and the evening is over.
        let keys: Vec<_> = words("2026-06-07T21:30:00Z").into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, ["hour", "tomorrow", "week"]);
    }

    #[test]
    fn why_somebody_hears_of_something_follows_from_what_it_is_and_who_they_are() {
        assert_eq!(Kind::of("response.75", Told::Watchers), Kind::Level);
        assert_eq!(Kind::of("assigned", Told::Assignee), Kind::Assigned);
        assert_eq!(Kind::of("resolve", Told::Watchers), Kind::Watched);
        assert_eq!(Kind::of("assign", Told::Team), Kind::Team);
        assert_eq!(Kind::of("replied", Told::Owner), Kind::Own);
    }
}
