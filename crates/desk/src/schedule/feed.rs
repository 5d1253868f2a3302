//! What is planned as a calendar that programs subscribe to, at an address that stands for a person. (CHG-13)
//!
//! The address holds a token of the person's that reaches nothing else: it is revoked like any other.

use super::agenda::{Asked, Entry, agenda};
use super::planned::scheduled;
use super::told::{MOST_WORK, planned_work};
use crate::auth::Occasion;
use crate::auth::tokens::{self, Drawn, NewToken, Token};
use crate::boards;
use crate::caller::{Caller, Channel};
use crate::desk::Session;
use crate::error::Result;
use jiff::Timestamp;
use mainstay_engine::process::Process;
use mainstay_engine::refusal::{Refusal, Why};
use mainstay_words::{Language, during, t, tf};
use std::fmt::Write as _;

/// The scope of such a token, and of nothing else.
const SCOPE: &str = "calendar.view";
/// How such tokens are called.
const NAME: &str = "Calendar address";
const DAY: i64 = 86_400_000;
/// What is handed out: from so many days ago to so many ahead.
const BACK: i64 = 30 * DAY;
const AHEAD: i64 = 180 * DAY;
/// Longest line of the format, in bytes. (RFC 5545, 3.1)
const LINE: usize = 74;

/// One entry of the calendar.
struct Event {
    id: String,
    start: i64,
    end: i64,
    title: String,
    words: String,
}

fn is_of_calendar(token: &Token) -> bool {
    token.scopes == [SCOPE]
}

/// The caller's own address that is in force, if there is one.
///
/// # Errors
/// Nobody asks; the database's.
pub fn address(session: &mut Session<'_>, caller: &Caller) -> Result<Option<Token>> {
    let person = whole(caller)?;
    let all = tokens::list(session.conn, person)?;
    Ok(all.into_iter().find(|token| is_of_calendar(token) && token.revoked.is_none()))
}

/// Makes the caller a new address; the one before ends with it.
///
/// # Errors
/// Nobody asks, or whoever only looks; the database's.
pub fn make(session: &mut Session<'_>, caller: &Caller, drawn: &Drawn) -> Result<()> {
    revoke(session, caller)?;
    let new = NewToken { person: whole(caller)?, name: NAME.into(), scopes: vec![SCOPE.into()], expires: None };
    tokens::make(session.conn, occasion(session, caller), &new, drawn).map(|_| ())
}

/// Ends the caller's address, if there is one.
///
/// # Errors
/// Nobody asks; the database's.
pub fn revoke(session: &mut Session<'_>, caller: &Caller) -> Result<()> {
    let person = whole(caller)?;
    match address(session, caller)? {
        Some(token) => tokens::revoke(session.conn, occasion(session, caller), person, token.id),
        None => Ok(()),
    }
}

fn occasion(session: &Session<'_>, caller: &Caller) -> Occasion {
    Occasion { actor: caller.person_id(), channel: caller.channel, now: session.now }
}

/// The person, unless a token narrows what they may.
fn whole(caller: &Caller) -> Result<i64> {
    let says = "Sign in first.";
    let person = caller.person_id().filter(|_| caller.rights.scopes.is_none());
    person.ok_or_else(|| Refusal::new(Why::Unknown, "not_signed_in", says).into())
}

/// The calendar of whoever comes with such a token, as text: for staff the planned records that they see, for others the
/// agreed work on services that they use.
///
/// # Errors
/// Another token; the database's.
pub fn feed(session: &mut Session<'_>, caller: &Caller, site: &str) -> Result<String> {
    let scopes = caller.rights.scopes.as_deref();
    let (Some([SCOPE]), Some(person)) =
        (scopes.map(|all| all.iter().map(String::as_str).collect::<Vec<_>>()).as_deref(), caller.person_id())
    else {
        return Err(Refusal::missing("calendar").into());
    };
    let whole = Caller::load(session.conn, session.config, person, Channel::Portal, None)?;
    let whole = whole.ok_or_else(|| Refusal::missing("calendar"))?;
    let chosen = whole.person.as_ref().and_then(|person| person.language.as_deref()).and_then(Language::of_tag);
    let language = chosen.unwrap_or(session.config.language);
    let events = during(language, || {
        let planned =
            if whole.rights.is_any_staff() { of_staff(session, &whole) } else { of_customer(session, &whole) };
        let mut events = planned?;
        events.extend(of_boards(session, &whole)?);
        Ok::<_, crate::Error>(events)
    })?;
    Ok(written(&events, site, session.now))
}

/// The meetings of the boards that the person belongs to.
fn of_boards(session: &mut Session<'_>, caller: &Caller) -> Result<Vec<Event>> {
    let coming = boards::coming(session, caller, session.now - BACK, session.now + AHEAD)?;
    let event = |each: boards::Listed| Event {
        id: format!("meeting-{}", each.row.id),
        start: each.row.starts,
        end: each.row.ends,
        title: tf("Meeting: {board}", &[("board", &each.board.name)]),
        words: t(each.board.process.label_plural).to_owned(),
    };
    Ok(coming.into_iter().map(event).collect())
}

fn of_staff(session: &mut Session<'_>, caller: &Caller) -> Result<Vec<Event>> {
    let now = session.now;
    let mut events = Vec::new();
    for (process, _) in scheduled() {
        // What is ahead comes first: an answer holds so many only.
        let ahead = agenda(session, caller, process, &Asked { from: now, until: now + AHEAD, filter: None })?.entries;
        let past = lately(session, caller, process)?;
        for entry in past.iter().chain(&ahead) {
            let planned = &entry.planned;
            let met: Vec<String> = entry.conflicts.iter().map(super::Conflict::key).collect();
            let mut words = t(planned.record.state.label).to_owned();
            if !met.is_empty() {
                let _ = write!(words, "\n{}", tf("Conflicts: {numbers}", &[("numbers", &met.join(", "))]));
            }
            events.push(Event {
                id: planned.number().to_owned(),
                start: planned.start,
                end: planned.end,
                title: format!("{} {}", planned.number(), planned.title()),
                words,
            });
        }
    }
    Ok(events)
}

/// What is over, of as many days as an answer holds.
fn lately(session: &mut Session<'_>, caller: &Caller, process: &'static Process) -> Result<Vec<Entry>> {
    let (now, mut back) = (session.now, BACK);
    loop {
        let mut past = agenda(session, caller, process, &Asked { from: now - back, until: now, filter: None })?;
        if !past.more {
            past.entries.retain(|entry| entry.planned.end <= now);
            return Ok(past.entries);
        }
        if back <= DAY {
            return Ok(Vec::new());
        }
        back /= 2;
    }
}

fn of_customer(session: &mut Session<'_>, caller: &Caller) -> Result<Vec<Event>> {
    let work = planned_work(session, caller, MOST_WORK)?;
    let event = |work: super::Work| {
        let names: Vec<&str> = work.services.iter().map(|(_, name)| name.as_str()).collect();
        let words = match work.outage {
            None => t("Short interruptions are possible.").to_owned(),
            Some(0) => t("It can be used all the time.").to_owned(),
            Some(minutes) => tf("Not available for about {minutes} minutes in this time.", &[("minutes", &minutes)]),
        };
        let title = tf("Planned work: {services}", &[("services", &names.join(", "))]);
        Event { id: format!("work-{}", work.id), start: work.start, end: work.end, title, words }
    };
    Ok(work.into_iter().map(event).collect())
}

/// The text of a calendar. (RFC 5545)
fn written(events: &[Event], site: &str, now: i64) -> String {
    let mut text = String::new();
    let mut line = |words: &str| folded(&mut text, words);
    let at = |at: i64| Timestamp::from_millisecond(at).unwrap_or_default().strftime("%Y%m%dT%H%M%SZ").to_string();
    line("BEGIN:VCALENDAR");
    line("VERSION:2.0");
    line("PRODID:-//Mainstay//Schedule//EN");
    line(&format!("X-WR-CALNAME:{}", escaped(site)));
    for event in events {
        line("BEGIN:VEVENT");
        line(&format!("UID:{}@mainstay", escaped(&event.id)));
        line(&format!("DTSTAMP:{}", at(now)));
        line(&format!("DTSTART:{}", at(event.start)));
        line(&format!("DTEND:{}", at(event.end)));
        line(&format!("SUMMARY:{}", escaped(&event.title)));
        line(&format!("DESCRIPTION:{}", escaped(&event.words)));
        line("END:VEVENT");
    }
    line("END:VCALENDAR");
    text
}

fn escaped(words: &str) -> String {
    let mut text = String::with_capacity(words.len());
    for letter in words.chars() {
        match letter {
            '\\' | ';' | ',' => text.extend(['\\', letter]),
            '\n' => text.push_str("\\n"),
            letter if letter.is_control() => {}
            letter => text.push(letter),
        }
    }
    text
}

/// Writes a line in parts that the format allows, none of them ending within a letter.
fn folded(text: &mut String, words: &str) {
    let mut length = 0;
    for letter in words.chars() {
        if length + letter.len_utf8() > LINE {
            text.push_str("\r\n ");
            length = 1;
        }
        text.push(letter);
        length += letter.len_utf8();
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chg_13_no_words_leave_their_line() {
        let title = format!("Swap; \\ a, b\r\nEND:VCALENDAR {}", "ü".repeat(60));
        let event = Event { id: "CHG-1".into(), start: 0, end: 3_600_000, title, words: "Two\nlines".into() };
        let text = written(&[event], "North, wind", 0);
        assert_eq!(text.matches("END:VCALENDAR\r\n").count(), 1);
        assert!(text.contains("SUMMARY:Swap\\; \\\\ a\\, b\\nEND:VCALENDAR ü"), "{text}");
        assert!(text.contains("DTEND:19700101T010000Z\r\n") && text.contains("DESCRIPTION:Two\\nlines\r\n"));
        assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
        assert!(text.contains("X-WR-CALNAME:North\\, wind"));
    }
}
