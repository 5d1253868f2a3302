//! Telling people: rules decide who hears of what; each send is a notice in an inbox, a message
//! in the outbox and a line in the record's history.

use crate::caller::{Caller, Channel};
use crate::desk::Session;
use crate::error::Result;
use crate::inbox::{self as notices, Kind};
use crate::records;
use crate::rights::{self, Role};
use crate::texts::fill;
use mainstay_engine::field::FieldType;
use mainstay_engine::record::Record;
use mainstay_engine::spine;
use mainstay_processes::registers::Told;
use mainstay_store::{NewEvent, NewMessage, entries, events, hangings, notices as rows, outbox};
use std::collections::BTreeMap;

/// Something that people may want to hear of.
#[derive(Clone, Debug, Default)]
pub struct Occasion<'a> {
    /// A verb, `opened`, `commented`, `replied`, `response.75`, `resolution.breached`, a timer's key.
    pub event: &'a str,
    /// The history line that it belongs to.
    pub event_id: i64,
    /// Whoever did it; not told of it, unless it is the receipt for opening.
    pub actor: Option<i64>,
    pub channel: &'a str,
    /// Who has heard of it already.
    pub heard: Vec<i64>,
    /// The instant that it is about; none for that of the record.
    pub due: Option<i64>,
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
            let own = occasion.actor == Some(person) && occasion.event != "opened";
            if own || told.contains(&person) {
                continue;
            }
            let Some(heard) = heard_by(session, record, occasion, person, audience)? else { continue };
            told.push(person);
            let subject = words(session, record, &heard, rule.entry.text("subject").unwrap_or_default(), person)?;
            let body = words(session, record, &heard, rule.entry.text("body").unwrap_or_default(), person)?;
            send(session, record, occasion, person, (audience.key(), kind), &rule.entry.name, &subject, &body)?;
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
        actor: caller.person_id(),
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
    let (actor, channel) = (writer.person_id(), writer.channel.key());
    let occasion = Occasion { event: MENTION, event_id, actor, channel, ..Occasion::default() };
    let subject = words(session, record, &occasion, "{actor} mentioned you on {number}", person)?;
    let body = words(session, record, &occasion, "{title}", person)?;
    send(session, record, &occasion, person, ("mentioned", Kind::Mention), "Mention", &subject, &body)
}

/// The event of a rule for whoever a record is given to.
pub const ASSIGNED: &str = "assigned";
/// Somebody was named in words on a record.
pub const MENTION: &str = "mention";

/// The occasion as a person may hear of it: not at all without sight of the record, and without a
/// reason that only those who read its internal content read.
fn heard_by<'a>(
    session: &mut Session<'_>,
    record: &Record,
    occasion: &Occasion<'a>,
    person: i64,
    audience: Told,
) -> Result<Option<Occasion<'a>>> {
    let mut heard = occasion.clone();
    let reasoned = occasion.words.get("reason").is_some_and(|r| !r.is_empty()) && !reason_is_public(occasion.event);
    // Whoever is named on a record sees it, so that the most frequent notices cost no question.
    if matches!(audience, Told::Requester | Told::Watchers) && !reasoned {
        return Ok(Some(heard));
    }
    let Some(caller) = Caller::load(session.conn, session.config, person, Channel::Engine, None)? else {
        return Ok(None);
    };
    let Some((_, seen)) = records::find_by_id(session, &caller, record.id)? else { return Ok(None) };
    if reasoned && !seen.internal() {
        heard.words.insert("reason", String::new());
    }
    Ok(Some(heard))
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
        let for_other = occasion.channel == Channel::Portal.key() && occasion.actor != person(&spine::REQUESTER);
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
                none if none.is_empty() => managers(session, record)?,
                some => some,
            },
        },
        Told::Watchers => parties(session, "watcher")?,
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

/// Who may do everything in the record's process: told when a team has neither manager nor members,
/// so that no escalation goes unheard.
pub(crate) fn managers(session: &mut Session<'_>, record: &Record) -> Result<Vec<i64>> {
    let all = |role: &Role| role.permissions.iter().any(|p| rights::matches(p, record.process.key, "*"));
    let mut roles: Vec<i64> = session.config.roles.iter().filter(|(_, role)| all(role)).map(|(id, _)| *id).collect();
    roles.sort_unstable();
    let mut people = Vec::new();
    for role in roles {
        people.extend(entries::referring(session.conn, "grants.role", role)?);
    }
    Ok(people)
}

#[expect(clippy::too_many_arguments, reason = "one message is made of exactly these")]
fn send(
    session: &mut Session<'_>,
    record: &Record,
    occasion: &Occasion<'_>,
    person: i64,
    (audience, kind): (&str, Kind),
    rule: &str,
    subject: &str,
    body: &str,
) -> Result<()> {
    let sent = serde_json::json!([{ "field": "notice", "old": null, "new": { "person": person, "rule": rule, "subject": subject } }]);
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
            person,
            record: Some(record.id),
            event: Some(occasion.event_id),
            reason: occasion.event.to_owned(),
            kind: kind.key().to_owned(),
            text: subject.to_owned(),
            created: session.now,
            ..rows::NoticeRow::default()
        },
    )?;
    outbox::insert(
        session.conn,
        &NewMessage {
            event,
            audience: audience.to_owned(),
            recipient: Some(person),
            address: None,
            template: rule.to_owned(),
            subject: subject.to_owned(),
            body: body.to_owned(),
            created: session.now,
        },
    )?;
    Ok(())
}

/// A template with the record's words filled in, for a person: instants are those of their zone.
fn words(
    session: &mut Session<'_>,
    record: &Record,
    occasion: &Occasion<'_>,
    template: &str,
    person: i64,
) -> Result<String> {
    let mut words = occasion.words.clone();
    let text = |key: &str| record.value(key).as_text().unwrap_or_default().to_owned();
    words.insert("number", text("number"));
    words.insert("title", text("title"));
    words.insert("resolution", text("resolution"));
    words.insert("state", record.state.label.to_owned());
    if template.contains("{due}") {
        let due = occasion.due.or_else(|| record.value("due").as_int());
        let due = due.and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
        let reader = Caller::load(session.conn, session.config, person, Channel::Engine, None)?;
        let zone = reader.map_or(jiff::tz::TimeZone::UTC, |reader| reader.zone());
        let text = due.map(|due| due.to_zoned(zone).strftime("%-d %b %Y %H:%M %Z").to_string());
        words.insert("due", text.unwrap_or_default());
    }
    if template.contains("{actor}") {
        let name = match occasion.actor {
            Some(id) => entries::names(session.conn, &[id])?.pop().map(|(_, _, name)| name),
            None => None,
        };
        words.insert("actor", name.unwrap_or_else(|| "Mainstay".to_owned()));
    }
    Ok(fill(template, &words))
}
