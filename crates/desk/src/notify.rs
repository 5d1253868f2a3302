//! Telling people: rules decide who hears of what; each send is a notice in an inbox, a message
//! in the outbox and a line in the record's history.

use crate::caller::{Caller, Channel, Person};
use crate::config::{Config, entry_of};
use crate::deputies;
use crate::desk::Session;
use crate::error::Result;
use crate::inbox::{self as notices, Kind};
use crate::records;
use crate::rights::{self, Role};
use crate::texts::fill;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use mainstay_engine::field::FieldType;
use mainstay_engine::process::Process;
use mainstay_engine::record::Record;
use mainstay_engine::spine;
use mainstay_processes::registers::Told;
use mainstay_store::{NewEvent, NewMessage, approvals, entries, events, hangings, notices as rows, outbox};
use mainstay_words::{Language, dated, during, t};
use serde_json::json;
use std::collections::BTreeMap;

/// Something that people may want to hear of.
#[derive(Clone, Debug, Default)]
pub struct Occasion<'a> {
    /// A verb, `opened`, `commented`, `replied`, `response.75`, `resolution.breached`, a timer's key.
    pub event: &'a str,
    /// The history line that it belongs to.
    pub event_id: i64,
    /// Whoever did it, none for the engine; not told of it, unless it is the receipt for opening.
    pub by: Option<&'a Person>,
    pub channel: &'a str,
    /// Who has heard of it already.
    pub heard: Vec<i64>,
    /// The instant that it is about; none for that of the record.
    pub due: Option<i64>,
    /// The day that it is about, in days since 1970-01-01.
    pub day: Option<i64>,
    /// What the templates may name beside the record's own words.
    pub words: BTreeMap<&'static str, String>,
}

/// Applies the notification rules. Each person is told once, by the first rule that reaches them.
/// Returns whom.
///
/// # Errors
/// The database's.
pub fn announce(session: &mut Session<'_>, record: &Record, occasion: &Occasion<'_>) -> Result<Vec<i64>> {
    let config = session.config;
    let mut told: Vec<i64> = occasion.heard.clone();
    for rule in config
        .notifications
        .iter()
        .filter(|r| r.process == record.process.key && r.entry.text("event") == Some(occasion.event))
    {
        if let Some(condition) = &rule.condition {
            let resolved = condition.resolve(&session.context());
            if !resolved.matches(&|key| record.read(key)) {
                continue;
            }
        }
        let Some(audience) = Told::from_value(rule.entry.value("audience")) else { continue };
        let kind = Kind::of(occasion.event, audience);
        let mut people = match audience.named_by() {
            Some(field) => named(session, audience, rule.entry.int(field))?,
            None => people(session, record, occasion, audience)?,
        };
        if rule.entry.flag("optional") {
            notices::leave_out_who_does_without(session, kind, &mut people)?;
        }
        for person in people {
            let own = occasion.by.is_some_and(|by| by.id == person) && occasion.event != "opened";
            if own || told.contains(&person) {
                continue;
            }
            let Some((heard, reader)) = heard_by(session, record, occasion, person, audience)? else { continue };
            told.push(person);
            let template = |key: &str| rule.entry.text(key).unwrap_or_default();
            let said = Said {
                rule: &rule.entry.name,
                audience: audience.key(),
                kind,
                subject: template("subject"),
                body: template("body"),
            };
            send(session, record, &heard, &reader, &said)?;
        }
    }
    Ok(told)
}

/// Tells whoever has a record now that it is theirs, unless they took it themselves. Answers whom.
///
/// # Errors
/// The database's.
pub fn announce_assigned(
    session: &mut Session<'_>,
    caller: &Caller,
    before: &Record,
    after: &Record,
    event_id: i64,
) -> Result<Vec<i64>> {
    let of = |record: &Record| record.value(spine::ASSIGNEE.def.key).as_int();
    if of(after).is_none() || of(after) == of(before) {
        return Ok(Vec::new());
    }
    let occasion = Occasion {
        event: ASSIGNED,
        event_id,
        by: caller.person.as_ref(),
        channel: caller.channel.key(),
        ..Occasion::default()
    };
    announce(session, after, &occasion)
}

/// Tells somebody who may read what is internal on a record that they were mentioned there.
///
/// # Errors
/// The database's.
pub(crate) fn mention(
    session: &mut Session<'_>,
    record: &Record,
    event_id: i64,
    writer: &Caller,
    person: i64,
) -> Result<()> {
    let (by, channel) = (writer.person.as_ref(), writer.channel.key());
    let occasion = Occasion { event: MENTION, event_id, by, channel, ..Occasion::default() };
    let said = Said {
        rule: "Mention",
        audience: "mentioned",
        kind: Kind::Mention,
        subject: "{actor} mentioned you on {number}",
        body: "{title}",
    };
    let reader = Reader::find(session, person)?;
    send(session, record, &occasion, &reader, &said)
}

/// The event of a rule for whoever a record is given to.
pub const ASSIGNED: &str = "assigned";
/// Somebody was named in words on a record.
pub const MENTION: &str = "mention";

const DAY_SECONDS: i64 = 86_400;

/// Whoever is told, as far as their words depend on them.
pub(crate) struct Reader {
    id: i64,
    zone: TimeZone,
    /// What a message to them is written in.
    pub language: Language,
}

impl Reader {
    fn new(config: &Config, id: i64, zone: &str, language: Option<&str>) -> Self {
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        Self { id, zone, language: language.and_then(Language::of_tag).unwrap_or(config.language) }
    }

    /// Somebody of whom all is known.
    fn known(config: &Config, person: &Person) -> Self {
        Self::new(config, person.id, &person.zone, person.language.as_deref())
    }

    /// Somebody of whom nothing is known yet.
    pub fn find(session: &mut Session<'_>, id: i64) -> Result<Self> {
        let entry = entries::by_id(session.conn, id)?.map(entry_of);
        let text = |key: &str| entry.as_ref().and_then(|entry| entry.text(key));
        Ok(Self::new(session.config, id, text("zone").unwrap_or("UTC"), text("language")))
    }
}

/// The occasion as a person may hear of it: not at all without sight of the record, and without a
/// reason that only those who read its internal content read.
fn heard_by<'a>(
    session: &mut Session<'_>,
    record: &Record,
    occasion: &Occasion<'a>,
    person: i64,
    audience: Told,
) -> Result<Option<(Occasion<'a>, Reader)>> {
    let mut heard = occasion.clone();
    let reasoned = occasion.words.get("reason").is_some_and(|r| !r.is_empty()) && !reason_is_public(occasion.event);
    // Whoever is named on a record sees it, so that the most frequent notices ask for no rights.
    if matches!(audience, Told::Requester | Told::Watchers) && !reasoned {
        let reader = match occasion.by.filter(|by| by.id == person) {
            Some(known) => Reader::known(session.config, known),
            None => Reader::find(session, person)?,
        };
        return Ok(Some((heard, reader)));
    }
    let Some(caller) = Caller::load(session.conn, session.config, person, Channel::Engine, None)? else {
        return Ok(None);
    };
    let Some((_, seen)) = records::find_by_id(session, &caller, record.id)? else { return Ok(None) };
    if reasoned && !seen.internal() {
        heard.words.insert("reason", String::new());
    }
    Ok(caller.person.as_ref().map(|person| (heard, Reader::known(session.config, person))))
}

/// Whether everybody who may see the record may read why this was done: the requester's own steps.
pub(crate) fn reason_is_public(verb: &str) -> bool {
    matches!(verb, "reopen" | "cancel" | "report_again" | "complain")
}

/// The people behind an audience, as the record and the directory stand now.
fn people(session: &mut Session<'_>, record: &Record, occasion: &Occasion<'_>, audience: Told) -> Result<Vec<i64>> {
    let person =
        |field: &mainstay_engine::field::Field<_>| record.get(field).map(|id: mainstay_engine::field::EntryId| id.0);
    let parties = |session: &mut Session<'_>, role: &str| -> Result<Vec<i64>> {
        // Whoever reports it, too, or watches it comes later; only who reports it in the portal for somebody else is
        // there from the beginning.
        let for_other =
            occasion.channel == Channel::Portal.key() && occasion.by.map(|by| by.id) != person(&spine::REQUESTER);
        if occasion.event == "opened" && !for_other {
            return Ok(Vec::new());
        }
        Ok(hangings::parties(session.conn, record.id)?
            .into_iter()
            .filter(|(_, r)| r == role)
            .map(|(id, _)| id)
            .collect())
    };
    let team = person(&spine::TEAM);
    let members = |session: &mut Session<'_>| -> Result<Vec<i64>> {
        Ok(match team {
            Some(team) => entries::referring(session.conn, "teams", team)?,
            None => Vec::new(),
        })
    };
    Ok(match audience {
        Told::Requester => {
            let mut people: Vec<i64> = person(&spine::REQUESTER).into_iter().collect();
            people.extend(parties(session, "reporter")?);
            people
        }
        Told::Assignee => person(&spine::ASSIGNEE).into_iter().collect(),
        Told::Team => members(session)?,
        Told::Owner => {
            let owner = record.value("owner").as_int().or_else(|| person(&spine::ASSIGNEE));
            match owner {
                Some(owner) => vec![owner],
                None => members(session)?,
            }
        }
        Told::TeamManager => match team.and_then(|t| session.config.teams.get(&t)).and_then(|t| t.manager) {
            Some(manager) => vec![manager],
            None => match members(session)? {
                none if none.is_empty() => managers(session, record.process)?,
                some => some,
            },
        },
        Told::Watchers => parties(session, "watcher")?,
        Told::Approvers => {
            let mut people = approvals::asked(session.conn, record.id)?;
            let deputies = deputies::of(session, &people, false)?;
            people.extend(deputies.into_iter().map(|(_, deputy)| deputy));
            people
        }
        Told::Role | Told::Person | Told::OtherTeam => Vec::new(),
    })
}

/// Whom a rule means by the role, person or team that it names.
fn named(session: &mut Session<'_>, audience: Told, id: Option<i64>) -> Result<Vec<i64>> {
    let Some(id) = id else { return Ok(Vec::new()) };
    Ok(match audience {
        Told::Person => vec![id],
        Told::Role if !session.config.roles.contains_key(&id) => Vec::new(),
        _ => match referred_by(audience) {
            Some(by) => entries::referring_first(session.conn, by, id, MOST_TOLD)?,
            None => Vec::new(),
        },
    })
}

/// The most people of a role or team that one rule can tell: each is asked for whether they may read the record, in the
/// transaction of what they are told.
pub(crate) const MOST_TOLD: i64 = 200;

/// The field of people by which they belong to what a rule names.
pub(crate) const fn referred_by(audience: Told) -> Option<&'static str> {
    match audience {
        Told::Role => Some("grants.role"),
        Told::OtherTeam => Some("teams"),
        _ => None,
    }
}

/// Who may do everything in a process: told when a team has neither manager nor members,
/// so that no escalation goes unheard.
pub(crate) fn managers(session: &mut Session<'_>, process: &Process) -> Result<Vec<i64>> {
    let all = |role: &Role| role.permissions.iter().any(|p| rights::matches(p, process.key, "*"));
    let mut roles: Vec<i64> = session.config.roles.iter().filter(|(_, role)| all(role)).map(|(id, _)| *id).collect();
    roles.sort_unstable();
    let mut people = Vec::new();
    for role in roles {
        people.extend(entries::referring(session.conn, "grants.role", role)?);
    }
    Ok(people)
}

/// What somebody is told, and why: the templates are those of the rule.
struct Said<'a> {
    rule: &'a str,
    audience: &'a str,
    kind: Kind,
    subject: &'a str,
    body: &'a str,
}

/// Tells one person. The notice is kept as its rule says it and is read in the language of the page; a message leaves in
/// that of whoever gets it.
fn send(
    session: &mut Session<'_>,
    record: &Record,
    occasion: &Occasion<'_>,
    reader: &Reader,
    said: &Said<'_>,
) -> Result<()> {
    let filled =
        |template: &str, language: Language| during(language, || filled(record, occasion, template, &reader.zone));
    let text = filled(said.subject, Language::ENGLISH);
    let sent =
        json!([{ "field": "notice", "old": null, "new": { "person": reader.id, "rule": said.rule, "subject": text } }]);
    let event = events::append(
        session.conn,
        &NewEvent {
            at: session.now,
            actor: None,
            channel: occasion.channel.to_owned(),
            subject: "record".into(),
            subject_id: record.id,
            process: Some(record.process.key.into()),
            verb: "notified".into(),
            public: false,
            changes: sent.to_string(),
            reason: None,
        },
    )?;
    rows::insert(
        session.conn,
        &rows::NoticeRow {
            person: reader.id,
            record: Some(record.id),
            event: Some(occasion.event_id),
            reason: occasion.event.to_owned(),
            kind: said.kind.key().to_owned(),
            text,
            created: session.now,
            ..rows::NoticeRow::default()
        },
    )?;
    outbox::insert(
        session.conn,
        &NewMessage {
            event,
            audience: said.audience.to_owned(),
            recipient: Some(reader.id),
            address: None,
            template: said.rule.to_owned(),
            subject: filled(said.subject, reader.language),
            body: filled(said.body, reader.language),
            created: session.now,
        },
    )?;
    Ok(())
}

/// A template in the language that is spoken, with the record's words filled in; instants are those of a zone.
fn filled(record: &Record, occasion: &Occasion<'_>, template: &str, zone: &TimeZone) -> String {
    let mut words = occasion.words.clone();
    let text = |key: &str| record.value(key).as_text().unwrap_or_default().to_owned();
    words.insert("number", text("number"));
    words.insert("title", text("title"));
    words.insert("resolution", text("resolution"));
    words.insert("state", t(record.state.label).to_owned());
    words.insert("actor", occasion.by.map_or("Mainstay", |by| by.name.as_str()).to_owned());
    if template.contains("{due}") {
        let due = occasion.due.or_else(|| record.value("due").as_int());
        let due = due.and_then(|ms| Timestamp::from_millisecond(ms).ok());
        let due = due.map(|due| dated(&due.to_zoned(zone.clone()), "%-d %b %Y %H:%M %Z"));
        words.insert("due", due.unwrap_or_default());
    }
    if template.contains("{date}") {
        let day = occasion.day.and_then(|day| Timestamp::from_second(day.saturating_mul(DAY_SECONDS)).ok());
        let day = day.map(|day| dated(&day.to_zoned(TimeZone::UTC), "%-d %b %Y"));
        words.insert("date", day.unwrap_or_default());
    }
    // Each paragraph is a text of its own: those that only hold what somebody wrote have no translation.
    let said: Vec<&str> = template.split("\n\n").map(t).collect();
    fill(&said.join("\n\n"), &words)
}
