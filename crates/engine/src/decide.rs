//! Decisions: what a request does to a record, as pure functions of record, request and facts.

use crate::facts::Facts;
use crate::field::{FieldDef, Writer};
use crate::process::{Asks, Effect, Phase, Process, State, Transition, Who};
use crate::record::Record;
use crate::refusal::{FieldError, Refusal};
use crate::spine;
use crate::value::Value;

/// A field that an organisation made mandatory: always, or in one state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mandatory {
    pub field: &'static FieldDef,
    pub state: Option<&'static str>,
}

/// What somebody asks of a record.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// What the person sets, held to what they may set.
    pub values: Vec<(&'static FieldDef, Value)>,
    /// What rules decided beforehand: set whoever asks.
    pub given: Vec<(&'static FieldDef, Value)>,
    pub reason: Option<String>,
    /// A comment for the requester comes with the request.
    pub comment: bool,
}

/// What a decided transition leads to.
#[derive(Clone)]
pub struct Outcome {
    pub record: Record,
    pub transition: &'static Transition,
    pub effects: &'static [Effect],
}

/// Opens a record with the given values.
///
/// # Errors
/// Fields the actor may not set, missing mandatory fields.
pub fn open(
    process: &'static Process,
    request: &Request,
    facts: &Facts<'_>,
    mandatory: &[Mandatory],
) -> Result<Record, Refusal> {
    let mut record = Record::new(process);
    let mut errors = Vec::new();
    for (field, value) in &request.values {
        match may_set(field, facts, true) {
            Ok(()) => record.put(field, value.clone()),
            Err(why) => errors.push(why),
        }
    }
    for (field, value) in &request.given {
        record.put(field, value.clone());
    }
    record.set(&spine::OPENED, crate::field::Instant(facts.now));
    derive(&mut record, facts);
    errors.extend(missing(&record, process.initial(), mandatory));
    Refusal::unless_empty(errors)?;
    touch(&mut record, facts);
    Ok(record)
}

/// Edits fields of a record.
///
/// # Errors
/// A closed record, fields the actor may not set, emptied mandatory fields.
pub fn amend(
    record: &Record,
    request: &Request,
    facts: &Facts<'_>,
    mandatory: &[Mandatory],
) -> Result<Record, Refusal> {
    if record.state.phase == Phase::Closed {
        return Err(Refusal::conflict(
            "closed",
            format!("It is {} and can only be read.", record.state.label.to_lowercase()),
        ));
    }
    let mut after = record.clone();
    let mut errors = Vec::new();
    for (field, value) in &request.values {
        match may_set(field, facts, false) {
            Ok(()) => after.put(field, value.clone()),
            Err(why) => errors.push(why),
        }
    }
    derive(&mut after, facts);
    let before = missing(record, record.state, mandatory);
    errors.extend(missing(&after, after.state, mandatory).into_iter().filter(|e| !before.contains(e)));
    Refusal::unless_empty(errors)?;
    touch(&mut after, facts);
    Ok(after)
}

/// Applies a transition.
///
/// # Errors
/// The first unmet condition: unknown verb, wrong state, wrong actor, a closed window, a guard,
/// missing words, missing fields.
pub fn act(
    record: &Record,
    verb: &str,
    request: &Request,
    facts: &Facts<'_>,
    mandatory: &[Mandatory],
) -> Result<Outcome, Refusal> {
    let Some(transition) = record.process.transition(verb) else {
        return Err(Refusal::new(
            crate::refusal::Why::Missing,
            "unknown_verb",
            format!("{} has no step called {verb}.", record.process.label),
        ));
    };
    permits(record, transition, facts)?;
    let mut after = record.clone();
    let mut errors = Vec::new();
    for (field, value) in &request.values {
        if transition.asks_for(field) {
            after.put(field, value.clone());
        } else {
            errors.push(FieldError::new(
                field.key,
                "not_part_of_step",
                format!("{} is not part of this step.", field.label),
            ));
        }
    }
    for (field, value) in &request.given {
        after.put(field, value.clone());
    }
    errors.extend(words_missing(&after, transition, request));
    errors.extend(transition.needs.iter().filter(|f| after.value(f.key).is_blank()).map(FieldError::required));
    Refusal::unless_empty(errors)?;
    after.state = transition.to.map_or(record.state, |to| record.process.state(to.key).unwrap_or(record.state));
    let guarded = transition.guards.iter().find(|g| !(g.test)(&after, facts));
    if let Some(guard) = guarded {
        return Err(Refusal::conflict(guard.code, guard.says));
    }
    if let Some(sets) = transition.sets {
        sets(&mut after, facts);
    }
    derive(&mut after, facts);
    Refusal::unless_empty(if facts.actor.engine { Vec::new() } else { missing(&after, after.state, mandatory) })?;
    stamp_phase(record, &mut after, facts);
    touch(&mut after, facts);
    Ok(Outcome { record: after, transition, effects: transition.effects })
}

/// Whether the transition is open to the actor now: state, actor, window, and guards that no
/// input can change. The sentence of the first unmet condition otherwise.
///
/// # Errors
/// That condition.
pub fn permits(record: &Record, transition: &'static Transition, facts: &Facts<'_>) -> Result<(), Refusal> {
    if !may_act(transition, facts) {
        return Err(Refusal::forbidden("not_yours", format!("{} is not yours to do here.", transition.label)));
    }
    if !transition.leaves(record.state) {
        return Err(Refusal::conflict(
            "wrong_state",
            format!(
                "{} is not possible while the {} is {}.",
                transition.label,
                record.process.label.to_lowercase(),
                record.state.label.to_lowercase()
            ),
        ));
    }
    if let Some((since, policy)) = transition.within
        && !inside_window(record, since, policy, facts)
    {
        return Err(Refusal::conflict(
            "window_passed",
            format!(
                "{} was possible for {} working days; that time has passed.",
                transition.label,
                facts.policy(policy)
            ),
        ));
    }
    Ok(())
}

/// The transitions that the actor could apply now, in the table's order.
pub fn options<'a>(record: &'a Record, facts: &'a Facts<'_>) -> impl Iterator<Item = &'static Transition> + 'a {
    record.process.transitions.iter().filter(move |t| permits(record, t, facts).is_ok())
}

impl Transition {
    /// Whether the transition's input may hold this field.
    #[must_use]
    pub fn asks_for(&self, field: &FieldDef) -> bool {
        self.needs.iter().chain(self.takes).any(|f| f.key == field.key)
    }
    /// Whether words are needed with the transition from this record.
    #[must_use]
    pub fn asks_words(&self, record: &Record) -> Asks {
        match self.asks_when {
            Some(when) if !when(record) => Asks::Nothing,
            _ => self.asks,
        }
    }
}

fn may_act(transition: &Transition, facts: &Facts<'_>) -> bool {
    let actor = facts.actor;
    (actor.engine && transition.who.has(Who::ENGINE))
        || (actor.staff && transition.who.has(Who::STAFF))
        || (actor.requester && transition.who.has(Who::REQUESTER))
}

fn inside_window(record: &Record, since: FieldDef, policy: &str, facts: &Facts<'_>) -> bool {
    let Some(start) = record.value(since.key).as_int() else { return true };
    (facts.working_days)(start, facts.policy(policy)).is_some_and(|end| facts.now <= end)
}

fn words_missing(after: &Record, transition: &Transition, request: &Request) -> Option<FieldError> {
    match transition.asks_words(after) {
        Asks::Reason if request.reason.as_deref().is_none_or(|r| r.trim().is_empty()) => {
            Some(FieldError::new("reason", "required", "A reason is needed."))
        }
        Asks::Comment if !request.comment => {
            Some(FieldError::new("comment", "required", "Words for the requester are needed."))
        }
        _ => None,
    }
}

fn may_set(field: &FieldDef, facts: &Facts<'_>, opening: bool) -> Result<(), FieldError> {
    let allowed = match field.writer {
        Writer::Anyone => true,
        Writer::Opener => opening || facts.actor.engine,
        Writer::Staff => facts.actor.staff || facts.actor.engine,
        Writer::Transition | Writer::Engine => false,
    };
    if allowed {
        return Ok(());
    }
    let says = match field.writer {
        Writer::Engine => format!("{} is set by the system.", field.label),
        Writer::Opener => format!("{} stays as it was first written.", field.label),
        Writer::Transition => format!("{} changes only through a step that asks for it.", field.label),
        _ => format!("{} is not yours to set.", field.label),
    };
    Err(FieldError::new(field.key, "read_only", says))
}

fn missing(record: &Record, state: &State, mandatory: &[Mandatory]) -> Vec<FieldError> {
    let declared = record.process.fields().filter(|f| f.required);
    let ruled = mandatory.iter().filter(|m| m.state.is_none_or(|s| s == state.key)).map(|m| m.field);
    let mut errors: Vec<FieldError> = Vec::new();
    for field in declared.chain(ruled) {
        if record.value(field.key).is_blank() && !errors.iter().any(|e| e.field == field.key) {
            errors.push(FieldError::required(field));
        }
    }
    errors
}

fn derive(record: &mut Record, facts: &Facts<'_>) {
    for bundle in record.process.bundles {
        if let Some(derive) = bundle.derive {
            derive(record, facts);
        }
    }
}

fn stamp_phase(before: &Record, after: &mut Record, facts: &Facts<'_>) {
    use crate::field::Instant;
    match (before.state.phase, after.state.phase) {
        (Phase::Open | Phase::Paused, Phase::Done) => after.set(&spine::RESOLVED, Instant(facts.now)),
        (Phase::Done | Phase::Closed, Phase::Open | Phase::Paused) => {
            after.clear(&spine::RESOLVED);
            after.clear(&spine::CLOSED);
        }
        (from, Phase::Closed) if from != Phase::Closed => after.set(&spine::CLOSED, Instant(facts.now)),
        _ => {}
    }
}

fn touch(record: &mut Record, facts: &Facts<'_>) {
    record.set(&spine::UPDATED, crate::field::Instant(facts.now));
    record.version += 1;
}
