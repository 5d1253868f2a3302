//! Opening a record: values, rules of assignment, a model, the first event, clocks, the receipt.

use super::apply::{announce_written, gather_new, write_new};
use super::input::{Typed, typed};
use super::origins::origins;
use super::view::{View, view, view_with};
use super::{clocks, rows};
use crate::caller::{Caller, Channel};
use crate::config::entry_of;
use crate::desk::Session;
use crate::error::Result;
use crate::readable::for_colleagues;
use mainstay_engine::decide::{self, Request};
use mainstay_engine::facts::Actor;
use mainstay_engine::field::{EntryId, FieldDef};
use mainstay_engine::process::{Process, Question};
use mainstay_engine::record::Record;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::register::Entry;
use mainstay_engine::spine;
use mainstay_engine::value::Value;
use mainstay_processes::registers::{PEOPLE, PERSON_LIMIT, PERSON_TEAMS, RULE_CALENDAR, RULE_SKILL, SKILLS};
use mainstay_store::{entries, record as store};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, HashMap};

/// What a client sends to open a record.
#[derive(Clone, Debug, Default)]
pub struct Opening {
    pub values: Map<String, Json>,
    /// Keys of answers to the process's plain questions, by the field that each decides.
    pub answers: BTreeMap<String, String>,
    pub external_key: Option<String>,
    /// The system that the external key belongs to.
    pub origin: Option<String>,
    /// Whoever opens it for somebody else stays one of the people whose matter it is.
    pub reported: bool,
    /// Numbers of the records that it is opened from: it takes over what they say, and they are linked to it.
    pub from: Vec<String>,
    /// Numbers of those of them that wait for it from now on.
    pub waits: Vec<String>,
}

/// Opens a record. A requester without staff rights opens it in their own name and organisation.
///
/// # Errors
/// No right, a process that is switched off, values that do not fit, missing fields.
pub fn open(session: &mut Session<'_>, caller: &Caller, process: &'static Process, opening: &Opening) -> Result<View> {
    may_open(session, caller, process)?;
    let mut values = typed(session, caller, process, &opening.values, &|_| Value::Null)?;
    let (staff, mut given) = name_requester(session, caller, process, &mut values)?;
    given.extend(default_source(caller, process, &mut values));
    given.extend(answered(process, &opening.answers, &values)?);
    let origins = origins(session, caller, process, &opening.from)?;
    if let Some(origins) = &origins {
        let said = |field: &FieldDef| values.iter().chain(&given).any(|(known, _)| known.key == field.key);
        let more: Typed = origins.values(process).into_iter().filter(|(field, _)| !said(field)).collect();
        given.extend(more);
    }
    let model = values.iter().find(|(f, _)| f.key == "model").and_then(|(_, v)| v.as_int());
    if let Some(model) = model {
        let empty = |key: &str| values.iter().all(|(f, v)| f.key != key || v.is_blank());
        given.extend(model_values(session, process, model, &empty)?);
    }
    let draft = draft_record(process, values.iter().chain(&given));
    if draft.get(&spine::TEAM).is_none()
        && let (Some(rule), Some(field)) = (rule_for(session, &draft), process.field(spine::TEAM.def.key))
    {
        given.push((field, Value::Int(rule.team)));
        let by_skill = draft.get(&spine::ASSIGNEE).is_none().then(|| rule.person(session)).transpose()?.flatten();
        given.extend(process.field(spine::ASSIGNEE.def.key).zip(by_skill.map(Value::Int)));
    }
    let mut gathered = gather_new(session, caller, &draft)?;
    gathered.actor = Actor { person: caller.person_id(), requester: true, staff, engine: caller.is_engine() };
    let mandatory: &[_] = if staff { &session.config.process(process).mandatory } else { &[] };
    let request = Request { values, given, ..Request::default() };
    let mut record = gathered.with(|facts| decide::open(process, &request, facts, mandatory))?;
    let planned = clocks::plan(session, &mut record)?;
    let written = write_new(session, caller, &mut record, opening)?;
    let begun = clocks::begin(session, &record, planned)?;
    // Whoever reports for somebody else follows it, too.
    let follows = opening.reported || !staff && rows::proof(session, caller, &record).is_none();
    if let Some(reporter) =
        caller.person_id().filter(|id| follows && record.get(&spine::REQUESTER) != Some(EntryId(*id)))
    {
        mainstay_store::hangings::join(session.conn, record.id, reporter, "reporter")?;
    }
    if let Some(model) = model {
        super::tasks::add_model_tasks(session, caller, &record, model)?;
    }
    super::recurrence::look(session, &record)?;
    if let Some(origins) = &origins {
        origins.link(session, caller, &record)?;
    }
    announce_written(session, caller, &record, "opened", written, &BTreeMap::new())?;
    match &origins {
        Some(origins) => origins.wait(session, caller, &opening.waits)?,
        None if opening.waits.is_empty() => {}
        None => return Err(Refusal::invalid("no_origin", "Only a record that it is opened from waits for it.").into()),
    }
    let went_on = after_open(session, process, &record)?;
    match rows::proof(session, caller, &record) {
        // Nothing hangs on it yet, so that all there is to show is at hand.
        Some(seen) if model.is_none() && origins.is_none() && !went_on => {
            let decided = gather_new(session, caller, &record)?;
            view_with(session, caller, &decided, record, seen, begun)
        }
        _ => view(session, caller, record.id, process),
    }
}

/// Whether the caller may open records of a process that is in use: before a form is shown, and when it comes back.
///
/// # Errors
/// No right, a process that is switched off.
pub fn may_open(session: &Session<'_>, caller: &Caller, process: &'static Process) -> Result<()> {
    if !caller.rights.may_somewhere(process.key, "create") {
        let says = format!("You may not open {}.", process.label_plural.to_lowercase());
        return Err(Refusal::forbidden("no_right", says).into());
    }
    must_be_enabled(session, process)
}

/// A process that is switched off takes no new records, whichever way they come.
pub(super) fn must_be_enabled(session: &Session<'_>, process: &'static Process) -> Result<()> {
    if session.config.process(process).enabled {
        return Ok(());
    }
    Err(Refusal::conflict("process_disabled", format!("{} is switched off here.", process.label)).into())
}

/// Staff may open for others, representatives for people of their organisation, others for colleagues where their
/// organisation allows it, and everybody for themselves. Returns whether as staff, and requester and organisation.
fn name_requester(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    values: &mut Typed,
) -> Result<(bool, Typed)> {
    let (Some(requester_field), Some(organisation_field)) = (process.field("requester"), process.field("organisation"))
    else {
        return Ok((false, Typed::new()));
    };
    let take = |values: &mut Typed, key: &str| {
        let at = values.iter().position(|(f, _)| f.key == key);
        at.map(|at| values.remove(at)).and_then(|(_, v)| v.as_int())
    };
    let (own, home) = caller.person.as_ref().map_or((None, None), |p| (Some(p.id), p.organisation));
    // What nobody asks for is nobody's matter until staff name somebody.
    let requester =
        take(values, "requester").or(own.filter(|_| process.invitation.is_some() || process.approvals.is_some()));
    let named = take(values, "organisation");
    let of_requester = match requester {
        Some(id) if requester != own => entries::by_id(session.conn, id)?.and_then(|row| row.organisation),
        _ => home,
    };
    let organisation = named.or(of_requester);
    let given = vec![(requester_field, requester.into()), (organisation_field, organisation.into())];
    let rights = &caller.rights;
    let staff = caller.is_engine() || rights.is_staff(process.key, organisation);
    let represents = organisation.is_some()
        && organisation == home
        && organisation == of_requester
        && rights.may(process.key, "view", organisation);
    let for_self = requester == own && organisation == home;
    let of_home = organisation.is_some() && organisation == home && organisation == of_requester;
    let may = staff && rights.may(process.key, "create", organisation) || represents || for_self;
    if !(may || of_home && for_colleagues(session.conn, caller)?) {
        return Err(Refusal::forbidden("not_yours", "You can open it for yourself only.").into());
    }
    Ok((staff, given))
}

/// The source is the channel, unless staff name another: a call, a conversation.
fn default_source(
    caller: &Caller,
    process: &'static Process,
    values: &mut Typed,
) -> Option<(&'static FieldDef, Value)> {
    let field = process.field("source")?;
    let named = values.iter().any(|(f, v)| f.key == "source" && !v.is_null());
    if named && (caller.rights.is_any_staff() || caller.is_engine()) {
        return None;
    }
    values.retain(|(f, _)| f.key != "source");
    let source = match caller.channel {
        Channel::Portal => "portal",
        Channel::Api => "api",
        Channel::Import => "import",
        Channel::Engine => "event",
        Channel::Desk | Channel::Command => "manual",
    };
    Some((field, Value::from(source)))
}

/// What the answers to plain questions decide; a value that is set outright outranks an answer.
fn answered(process: &'static Process, answers: &BTreeMap<String, String>, values: &Typed) -> Result<Typed> {
    let mut decided = Typed::new();
    let mut errors = Vec::new();
    for (key, answer) in answers {
        let offered = |question: &Question| question.answers.iter().any(|a| a.key == answer);
        let Some(question) = process.question(key).filter(|question| offered(question)) else {
            errors.push(FieldError::new(
                key,
                "not_an_answer",
                format!("{answer} is no answer to a question about {key}."),
            ));
            continue;
        };
        let set = values.iter().any(|(f, v)| f.key == key && !v.is_null());
        if let Some(field) = process.field(question.field.key).filter(|_| !set) {
            decided.push((field, Value::from(answer.as_str())));
        }
    }
    Refusal::unless_empty(errors)?;
    Ok(decided)
}

fn draft_record<'a>(process: &'static Process, values: impl Iterator<Item = &'a (&'static FieldDef, Value)>) -> Record {
    let mut draft = Record::new(process);
    for (field, value) in values {
        draft.put(field, value.clone());
    }
    draft
}

/// To whom a rule of assignment gives work.
struct Assignment {
    team: i64,
    skill: Option<String>,
}

impl Assignment {
    /// Whoever of the team has the skill and room for one more, with the fewest open records; nobody without a skill.
    fn person(&self, session: &mut Session<'_>) -> Result<Option<i64>> {
        let Some(skill) = &self.skill else { return Ok(None) };
        let members = entries::referring(session.conn, PERSON_TEAMS.def.key, self.team)?;
        let people = entries::several(session.conn, PEOPLE.key, &members)?;
        let people: Vec<Entry> = people.into_iter().filter(|row| row.active).map(entry_of).collect();
        let skilled: Vec<&Entry> = people.iter().filter(|person| has_skill(person, skill)).collect();
        let ids: Vec<i64> = skilled.iter().map(|person| person.id).collect();
        let carried: HashMap<i64, i64> = store::carried(session.conn, &ids)?.into_iter().collect();
        let room = |person: &&&Entry| {
            let limit = person.int(PERSON_LIMIT.def.key);
            limit.is_none_or(|limit| carried.get(&person.id).copied().unwrap_or_default() < limit)
        };
        let load = |person: &&&Entry| (carried.get(&person.id).copied().unwrap_or_default(), person.id);
        Ok(skilled.iter().filter(room).min_by_key(load).map(|person| person.id))
    }
}

fn has_skill(person: &Entry, skill: &str) -> bool {
    let known = person.value(SKILLS.def.key);
    known.as_list().iter().filter_map(Value::as_text).any(|known| known.to_lowercase() == skill.to_lowercase())
}

/// The first rule that fits a record without a team, in the hours that it is for.
fn rule_for(session: &Session<'_>, draft: &Record) -> Option<Assignment> {
    let context = session.context();
    let on_shift = |calendar: Option<i64>| {
        let open = |id| session.config.calendars.get(&id).is_some_and(|dated| dated.calendar.is_open(session.now));
        calendar.is_none_or(open)
    };
    session
        .config
        .assignment
        .iter()
        .filter(|rule| rule.process == draft.process.key && on_shift(rule.entry.int(RULE_CALENDAR.def.key)))
        .find(|rule| rule.condition.as_ref().is_none_or(|c| c.resolve(&context).matches(&|key| draft.read(key))))
        .and_then(|rule| {
            let skill = rule.entry.text(RULE_SKILL.def.key).map(str::trim).filter(|skill| !skill.is_empty());
            Some(Assignment { team: rule.entry.int("team")?, skill: skill.map(str::to_owned) })
        })
}

/// Gives a record that nobody has assigned yet to the team of the first rule that fits it now, and to the person whom
/// the rule looks for; whether one did. Whoever takes the team away on purpose has the last word.
pub(super) fn route(session: &mut Session<'_>, after: &mut Record, asked: &Map<String, Json>) -> Result<bool> {
    let new = after.state.key == after.process.initial().key;
    if !new || after.has(&spine::TEAM) || asked.contains_key(spine::TEAM.def.key) {
        return Ok(false);
    }
    let Some(rule) = rule_for(session, after) else { return Ok(false) };
    after.set(&spine::TEAM, EntryId(rule.team));
    if !after.has(&spine::ASSIGNEE)
        && let Some(person) = rule.person(session)?
    {
        after.set(&spine::ASSIGNEE, EntryId(person));
    }
    Ok(true)
}

/// What a model sets in fields that are empty.
pub(super) fn model_values(
    session: &mut Session<'_>,
    process: &'static Process,
    model: i64,
    empty: &dyn Fn(&str) -> bool,
) -> Result<Typed> {
    let Some(entry) = session.config.models.get(&model).filter(|m| m.text("process") == Some(process.key)) else {
        return Err(Refusal::invalid("unknown_model", "There is no such model.").into());
    };
    let mut wanted = Map::new();
    for row in entry.value("values").as_list() {
        let (Some(key), Some(text)) = (row.column("field").as_text(), row.column("value").as_text()) else { continue };
        if let Some(field) = session.config.field(process, key).filter(|_| empty(key)) {
            wanted.insert(key.to_owned(), field.json_of_words(text));
        }
    }
    typed(session, &Caller::engine(Channel::Engine), process, &wanted, &|_| Value::Null)
}

/// The step that the process takes by itself right after opening, when its conditions hold; whether it tried.
pub(super) fn after_open(session: &mut Session<'_>, process: &'static Process, record: &Record) -> Result<bool> {
    let Some(verb) = process.after_open else { return Ok(false) };
    let ready = process.transition(verb).is_some_and(|t| t.needs.iter().all(|f| !record.value(f.key).is_blank()));
    if !ready {
        return Ok(false);
    }
    let engine = Caller::engine(Channel::Engine);
    let act = super::change::Act::default();
    match session.attempt(|session| super::change::act_as_engine(session, &engine, record.id, verb, &act)) {
        Ok(()) | Err(crate::error::Error::Refused(_)) => Ok(true),
        Err(error) => Err(error),
    }
}
