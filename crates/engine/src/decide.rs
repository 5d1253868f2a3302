//! Decisions: what a request does to a record, as pure functions of record, request and facts.

use crate::facts::{AskedWhen, Facts, OwnGuard};
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
    /// It follows from a step of another record, which must not fail for fields that an organisation wants here.
    pub cascaded: bool,
}

impl Request {
    fn gives(&self, field: &FieldDef) -> bool {
        self.values.iter().chain(&self.given).any(|(f, _)| f.key == field.key)
    }
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
    errors.extend(missing(&record, process.initial(), mandatory, facts));
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
        match may_set(field, facts, false).and_then(|()| may_change(record, field, value, facts)) {
            Ok(()) => after.put(field, value.clone()),
            Err(why) => errors.push(why),
        }
    }
    for (field, value) in &request.given {
        after.put(field, value.clone());
    }
    derive(&mut after, facts);
    let before = missing(record, record.state, mandatory, facts);
    errors.extend(missing(&after, after.state, mandatory, facts).into_iter().filter(|e| !before.contains(e)));
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
    errors.extend(fields_missing(&after, transition, request));
    after.state = transition.to.map_or(record.state, |to| record.process.state(to.key).unwrap_or(record.state));
    errors.extend(emptied(record, &after, request));
    if errors.is_empty() {
        errors.extend(unchanged(record, &after, transition));
    }
    Refusal::unless_empty(errors)?;
    for field in transition.renews.iter().filter(|f| !request.gives(f)) {
        after.put(field, Value::Null);
    }
    guarded(&after, transition, facts)?;
    if let Some(sets) = transition.sets {
        sets(&mut after, facts);
    }
    derive(&mut after, facts);
    Refusal::unless_empty(if request.cascaded { Vec::new() } else { missing(&after, after.state, mandatory, facts) })?;
    stamp_phase(record, &mut after, facts);
    touch(&mut after, facts);
    Ok(Outcome { record: after, transition, effects: transition.effects })
}

/// Whether the transition is open to the actor now: actor, state, what has to be so, window, and guards that nothing
/// that comes with the step can change. The sentence of the first unmet condition otherwise.
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
    if let Some(when) = transition.when.filter(|when| !(when.test)(record)) {
        return Err(Refusal::conflict("not_now", when.says));
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
    match transition.guards.iter().find(|g| g.beforehand && !(g.test)(record, facts)) {
        Some(guard) => Err(Refusal::conflict(guard.code, guard.says)),
        None => Ok(()),
    }
}

/// The guards of the process, then those of the organisation, on the record as the step would leave it.
fn guarded(after: &Record, transition: &Transition, facts: &Facts<'_>) -> Result<(), Refusal> {
    if let Some(guard) = transition.guards.iter().find(|g| !(g.test)(after, facts)) {
        return Err(Refusal::conflict(guard.code, guard.says));
    }
    match facts.guards.iter().find(|g| g.refuses(transition.verb, after)) {
        Some(guard) => Err(Refusal::conflict("guarded", guard.says.as_str())),
        None => Ok(()),
    }
}

/// The transitions that the actor could apply now, in the table's order.
pub fn options<'a>(record: &'a Record, facts: &'a Facts<'_>) -> impl Iterator<Item = &'static Transition> + 'a {
    let open = move |t: &&'static Transition| offers(record, t, facts).is_ok();
    record.process.transitions.iter().filter(open)
}

/// Whether the transition is offered to the actor now: it is open, and no guard of the organisation refuses it whatever
/// comes with it. The sentence that says why not otherwise.
///
/// # Errors
/// The first condition that nothing which comes with the step can change.
pub fn offers(record: &Record, transition: &'static Transition, facts: &Facts<'_>) -> Result<(), Refusal> {
    permits(record, transition, facts)?;
    match standing(record, transition, facts) {
        Some(guard) => Err(Refusal::conflict("guarded", guard.says.as_str())),
        None => Ok(()),
    }
}

/// Everything that stands against a step as things are, not only the first of it: who acts, the state, what the process
/// and the organisation ask for.
#[must_use]
pub fn against(record: &Record, transition: &'static Transition, facts: &Facts<'_>) -> Vec<Refusal> {
    // What an earlier step said speaks for this one no more.
    let mut renewed = record.clone();
    transition.renews.iter().for_each(|field| renewed.put(field, Value::Null));
    let guards = transition.guards.iter().filter(|guard| !(guard.test)(&renewed, facts));
    let mut all: Vec<Refusal> = guards.map(|guard| Refusal::conflict(guard.code, guard.says)).collect();
    if let Err(first) = permits(record, transition, facts)
        && !all.contains(&first)
    {
        all.insert(0, first);
    }
    let own = facts.guards.iter().filter(|guard| guard.refuses(transition.verb, record));
    all.extend(own.map(|guard| Refusal::conflict("guarded", guard.says.as_str())));
    all
}

/// The guard of the organisation that refuses the step whatever comes with it: it reads nothing that the step asks for.
fn standing<'a>(record: &Record, transition: &'static Transition, facts: &'a Facts<'_>) -> Option<&'a OwnGuard> {
    let mut guards = facts.guards.iter().filter(|g| g.verb == transition.verb).peekable();
    guards.peek()?;
    let mut after = record.clone();
    after.state = transition.to.map_or(record.state, |to| record.process.state(to.key).unwrap_or(record.state));
    transition.renews.iter().for_each(|field| after.put(field, Value::Null));
    let asks = |g: &OwnGuard| transition.needs.iter().chain(transition.takes).any(|f| g.condition.reads(f.key));
    guards.find(|g| !asks(g) && g.refuses(transition.verb, &after))
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

/// What the step needs and has not: empty fields, and fields only steps set that this request does not give.
fn fields_missing(after: &Record, transition: &Transition, request: &Request) -> Vec<FieldError> {
    let stale = |f: &FieldDef| f.writer == Writer::Transition && !request.gives(f);
    let lacks = |f: &&FieldDef| after.value(f.key).is_blank() || stale(f);
    transition.needs.iter().filter(lacks).map(FieldError::required).collect()
}

/// A step empties nothing that the record's way to this phase needed.
fn emptied(before: &Record, after: &Record, request: &Request) -> Vec<FieldError> {
    let was = |f: &FieldDef| !before.value(f.key).is_blank() && after.value(f.key).is_blank();
    let emptied = request.values.iter().map(|(f, _)| *f).filter(|f| was(f) && after.process.keeps(after.state, f));
    emptied.map(|f| stays_filled(f, after.state)).collect()
}

/// The error of a step that has to change one of its fields and changes none.
fn unchanged(before: &Record, after: &Record, transition: &Transition) -> Option<FieldError> {
    let differs = |f: &FieldDef| !after.value(f.key).is_blank() && after.value(f.key) != before.value(f.key);
    let first = transition.changes.first()?;
    if transition.changes.iter().any(differs) {
        return None;
    }
    let labels: Vec<String> = transition.changes.iter().map(|f| f.label.to_lowercase()).collect();
    Some(FieldError::new(
        first.key,
        "unchanged",
        format!("{} needs another {}.", transition.label, labels.join(" or ")),
    ))
}

fn stays_filled(field: &FieldDef, state: &State) -> FieldError {
    FieldError::new(
        field.key,
        "required",
        format!("{} is needed while it is {}.", field.label, state.label.to_lowercase()),
    )
}

/// Beyond its first state a record changes some fields by steps only, and keeps what its way so far needed.
fn may_change(record: &Record, field: &FieldDef, value: &Value, facts: &Facts<'_>) -> Result<(), FieldError> {
    if facts.actor.engine || record.value(field.key) == value {
        return Ok(());
    }
    if record.process.moves_by_step(record.state, field) {
        return Err(FieldError::new(field.key, "by_step", changes_by(record, field)));
    }
    if value.is_blank() && record.process.keeps(record.state, field) {
        return Err(stays_filled(field, record.state));
    }
    Ok(())
}

/// By which steps a field changes now.
fn changes_by(record: &Record, field: &FieldDef) -> String {
    let asks = |t: &&Transition| t.leaves(record.state) && t.who.has(Who::STAFF) && t.asks_for(field);
    let steps: Vec<&str> = record.process.transitions.iter().filter(asks).map(|t| t.label).collect();
    if steps.is_empty() {
        return format!("{} stays while it is {}.", field.label, record.state.label.to_lowercase());
    }
    format!("{} changes only by the step {}.", field.label, steps.join(" or "))
}

/// Whether somebody with the right to edit the record may set the field directly in its present state.
#[must_use]
pub fn is_editable(record: &Record, field: &FieldDef) -> bool {
    record.state.phase != Phase::Closed
        && matches!(field.writer, Writer::Anyone | Writer::Staff)
        && !record.process.moves_by_step(record.state, field)
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

fn missing(record: &Record, state: &State, mandatory: &[Mandatory], facts: &Facts<'_>) -> Vec<FieldError> {
    let declared = record.process.fields().filter(|f| f.required);
    // What never was what it claimed to be owes only what is wanted in that very state.
    let applies = |m: &&Mandatory| m.state.map_or(!state.void, |s| s == state.key);
    let ruled = mandatory.iter().filter(applies).map(|m| m.field);
    let mut errors: Vec<FieldError> = Vec::new();
    let hidden = hidden(record, facts.asked_when);
    for field in declared.chain(ruled).filter(|field| !hidden.contains(&field.key)) {
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
    // Emptying one field may take the ground from under another.
    while let Some(each) =
        facts.asked_when.iter().find(|each| !record.value(each.field.key).is_blank() && !each.is_asked(record))
    {
        record.put(each.field, Value::Null);
    }
}

/// The keys of the fields that the record does not have.
#[must_use]
pub fn hidden(record: &Record, asked_when: &[AskedWhen]) -> Vec<&'static str> {
    asked_when.iter().filter(|each| !each.is_asked(record)).map(|each| each.field.key).collect()
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
