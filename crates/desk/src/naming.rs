//! What entries name by key: processes, fields, states, steps, policies. A typing error is refused when it is saved,
//! not passed over in silence when it should count.

use crate::caller::{Caller, Channel};
use crate::config::Config;
use crate::error::Result;
use crate::{happenings, notify};
use mainstay_engine::condition::Condition;
use mainstay_engine::field::{FieldDef, FieldType as _, Kind, Writer};
use mainstay_engine::process::Process;
use mainstay_engine::refusal::FieldError;
use mainstay_engine::register::{Entry, Register};
use mainstay_engine::value::Value;
use mainstay_processes::registers::{self, Told};
use mainstay_store::{Conn, entries};

/// Everything that an entry names and that is not there, and what it may not become.
///
/// # Errors
/// The database's.
pub fn faults(
    conn: &mut Conn,
    config: &Config,
    register: &Register,
    before: &Entry,
    entry: &Entry,
) -> Result<Vec<FieldError>> {
    if let Some(process) = mainstay_processes::ALL.iter().find(|process| relates(process, register)) {
        return Ok(relation(config, process, before, entry));
    }
    let key = register.fields.iter().any(|f| f.key == "process").then(|| entry.text("process")).flatten();
    let Some(key) = key else { return Ok(Vec::new()) };
    let Some(process) = mainstay_processes::process(key) else {
        return Ok(vec![FieldError::new("process", "unknown_process", format!("There is no process {key}."))]);
    };
    let mut faults = condition(config, process, "condition", entry.text("condition"));
    if register.key == registers::PROCESS_SETTINGS.key {
        faults.extend(settings(config, process, entry));
    } else if register.key == registers::MODELS.key {
        faults.extend(model(conn, config, process, entry)?);
    } else if register.key == registers::CUSTOM_FIELDS.key {
        faults.extend(custom_field(conn, before, entry)?);
        let field = entry.text("field").unwrap_or_default();
        if before.id == 0 && config.relation(process, field).is_some() {
            faults.push(FieldError::new("field", "taken", format!("{field} is a relation of {}.", process.label)));
        }
    } else if register.key == registers::NOTIFICATION_RULES.key {
        faults.extend(happening(config, process, entry));
        faults.extend(crowd(conn, entry)?);
    } else if register.key == registers::APPROVAL_POLICIES.key {
        faults.extend(approvers(config, process, entry));
    } else if register.key == registers::BOARDS.key {
        faults.extend(not_approved(process));
    } else if register.key == registers::RISK_RULES.key {
        faults.extend(risks(config, process, entry));
    } else if register.key == registers::EVALUATION_RULES.key {
        faults.extend(not_evaluated(process));
    } else if register.key == registers::SERVICE_LEVELS.key {
        faults.extend(last_default(config, before, entry));
    }
    Ok(faults)
}

/// Whether the entries of a register are relations of a process.
fn relates(process: &Process, register: &Register) -> bool {
    process.map.as_ref().is_some_and(|map| map.relations == register.key)
}

/// Links are kept under the key, which therefore stays, and which no field has that names a record.
fn relation(config: &Config, process: &'static Process, before: &Entry, entry: &Entry) -> Vec<FieldError> {
    let field = registers::RELATION_KEY.def.key;
    let key = entry.text(field).unwrap_or_default();
    if before.id != 0 && before.value(field) != entry.value(field) {
        let says = "The key stays as it was made: links are kept under it.";
        return vec![FieldError::new(field, "read_only", says)];
    }
    if before.id == 0 && config.field(process, key).is_some() {
        return vec![FieldError::new(field, "taken", format!("{key} is a field of {}.", process.label))];
    }
    Vec::new()
}

/// A condition must read fields that the process has.
fn condition(config: &Config, process: &'static Process, field: &str, text: Option<&str>) -> Vec<FieldError> {
    let Some(Ok(condition)) = text.map(Condition::parse) else { return Vec::new() };
    let problems = config.check(process, &condition).err().unwrap_or_default();
    problems.into_iter().map(|p| FieldError::new(field, p.code, p.says)).collect()
}

fn settings(config: &Config, process: &'static Process, entry: &Entry) -> Vec<FieldError> {
    let rows = |key: &str| entry.value(key).as_list().iter();
    let mut faults: Vec<FieldError> = rows("policies").filter_map(|row| policy(process, row)).collect();
    for row in rows("mandatory") {
        let (field, state) = (row.column("field").as_text().unwrap_or_default(), row.column("state").as_text());
        if config.field(process, field).is_none() {
            faults.push(no_field("mandatory", process, field));
        }
        if let Some(state) = state.filter(|state| process.state(state).is_none()) {
            let known = process.states.iter().map(|s| s.key).collect::<Vec<_>>().join(", ");
            let says = format!("There is no state {state}; the states are {known}.");
            faults.push(FieldError::new("mandatory", "unknown_state", says));
        }
    }
    for (index, row) in rows("guards").enumerate() {
        let at = |column: &str| format!("guards.{index}.{column}");
        let (step, text) = (row.column("step").as_text().unwrap_or_default(), row.column("condition").as_text());
        if process.transition(step).is_none() {
            let says = format!("{} has no step called {step}.", process.label);
            faults.push(FieldError::new(&at("step"), "unknown_verb", says));
        }
        if let Some(Err(fault)) = text.map(Condition::parse) {
            faults.push(FieldError::new(&at("condition"), fault.code, fault.says));
        }
        faults.extend(condition(config, process, &at("condition"), text));
    }
    faults
}

/// Rules of evaluation are for records that others evaluate.
fn not_evaluated(process: &'static Process) -> Option<FieldError> {
    let says = || format!("{} are not evaluated.", process.label_plural);
    (!crate::records::is_ruled(process)).then(|| FieldError::new("process", "not_evaluated", says()))
}

/// Rules of risk are for a process that assesses it, and their conditions read its fields.
fn risks(config: &Config, process: &'static Process, entry: &Entry) -> Vec<FieldError> {
    if process.assessed().is_none() {
        let says = format!("{} has no risk to assess.", process.label_plural);
        return vec![FieldError::new("process", "no_risk", says)];
    }
    let rules = entry.value("rules").as_list().iter().enumerate();
    let faults = rules.map(|(index, row)| {
        condition(config, process, &format!("rules.{index}.condition"), row.column("condition").as_text())
    });
    faults.flatten().collect()
}

fn policy(process: &Process, row: &Value) -> Option<FieldError> {
    let (key, value) = (row.column("policy").as_text()?, row.column("value").as_int()?);
    let Some(policy) = process.policies.iter().find(|p| p.key == key) else {
        let known = process.policies.iter().map(|p| p.key).collect::<Vec<_>>().join(", ");
        let says = format!("There is no policy {key}; the policies are {known}.");
        return Some(FieldError::new("policies", "unknown_policy", says));
    };
    let says = || format!("{}: at most {}.", policy.label, policy.max);
    (value > policy.max).then(|| FieldError::new("policies", "out_of_range", says()))
}

fn model(conn: &mut Conn, config: &Config, process: &'static Process, entry: &Entry) -> Result<Vec<FieldError>> {
    let mut faults = Vec::new();
    for row in entry.value("values").as_list() {
        let (Some(key), Some(words)) = (row.column("field").as_text(), row.column("value").as_text()) else { continue };
        let Some(field) = config.field(process, key) else {
            faults.push(no_field("values", process, key));
            continue;
        };
        if !matches!(field.writer, Writer::Anyone | Writer::Opener | Writer::Staff) {
            let says = format!("{} cannot be set when a record is opened.", field.label);
            faults.push(FieldError::new("values", "read_only", says));
            continue;
        }
        match Value::from_json(field, &field.json_of_words(words)) {
            Err(misfit) => {
                faults.push(FieldError::new("values", misfit.code, format!("{} {}.", field.label, misfit.says)));
            }
            Ok(value) => faults.extend(unknown_entry(conn, field, &value)?),
        }
    }
    let level = entry.int("service_level").and_then(|id| config.levels.iter().find(|l| l.entry.id == id));
    if level.is_some_and(|level| level.process != process.key) {
        let says = format!("That service level is not for {}.", process.label_plural.to_lowercase());
        faults.push(FieldError::new("service_level", "other_process", says));
    }
    Ok(faults)
}

fn unknown_entry(conn: &mut Conn, field: &FieldDef, value: &Value) -> Result<Option<FieldError>> {
    if let (Kind::Link(_), Some(number)) = (field.kind, value.as_text()) {
        let all = Caller::engine(Channel::Engine).scope;
        let known = mainstay_store::record::numbered(conn, &all, &[number])?;
        let says = || format!("{}: there is no {number}.", field.label);
        return Ok(known.is_empty().then(|| FieldError::new("values", "unknown_link", says())));
    }
    let (Kind::Ref(register) | Kind::Refs(register)) = field.kind else { return Ok(None) };
    let ids: Vec<i64> = value.as_int().into_iter().chain(value.as_list().iter().filter_map(Value::as_int)).collect();
    let known = entries::names(conn, &ids)?;
    let unknown = ids.iter().find(|id| !known.iter().any(|(known, of, _)| known == *id && of == register));
    let says = |id: &i64| format!("{}: there is no entry {id}.", field.label);
    Ok(unknown.map(|id| FieldError::new("values", "unknown_reference", says(id))))
}

/// Policies and boards are for a process whose records are approved.
fn not_approved(process: &'static Process) -> Option<FieldError> {
    let says = || format!("{} are not approved.", process.label_plural);
    process.approvals.is_none().then(|| FieldError::new("process", "not_approved", says()))
}

/// A field that says who approves has to name people or a team; a process without approvals asks for none.
fn approvers(config: &Config, process: &'static Process, entry: &Entry) -> Vec<FieldError> {
    let mut faults: Vec<FieldError> = not_approved(process).into_iter().collect();
    for (index, row) in entry.value("steps").as_list().iter().enumerate() {
        let Some(key) = row.column("field").as_text() else { continue };
        let register = config.field(process, key).and_then(FieldDef::register);
        if !register.is_some_and(|register| [registers::PEOPLE.key, registers::TEAMS.key].contains(&register)) {
            let says = format!("{key} names neither people nor teams.");
            faults.push(FieldError::new(&format!("steps.{index}.field"), "unknown_field", says));
        }
    }
    faults
}

/// A rule for something that never happens would never tell anybody.
fn happening(config: &Config, process: &'static Process, entry: &Entry) -> Option<FieldError> {
    let event = entry.text("event")?;
    if happenings::is_known(config, process, event) {
        return None;
    }
    let known = happenings::of(config, process).into_iter().map(|known| known.key).collect::<Vec<_>>().join(", ");
    let says =
        format!("Nothing called {event} happens to {}; what does: {known}.", process.label_plural.to_lowercase());
    Some(FieldError::new("event", "unknown_event", says))
}

/// A rule tells no more people than one transaction may ask for.
fn crowd(conn: &mut Conn, entry: &Entry) -> Result<Option<FieldError>> {
    let Some(audience) = Told::from_value(entry.value("audience")) else { return Ok(None) };
    let (Some(by), Some(field)) = (notify::referred_by(audience), audience.named_by()) else { return Ok(None) };
    let Some(id) = entry.int(field) else { return Ok(None) };
    let found = entries::referring_first(conn, by, id, notify::MOST_TOLD + 1)?.len();
    let says = format!("More than {} people: choose a smaller role or team.", notify::MOST_TOLD);
    let many = i64::try_from(found).is_ok_and(|found| found > notify::MOST_TOLD);
    Ok(many.then(|| FieldError::new(field, "too_many", says)))
}

/// Records hold values under the field's key in the form of its kind: neither changes, and no other field takes the
/// key, not even that of a retired one.
fn custom_field(conn: &mut Conn, before: &Entry, entry: &Entry) -> Result<Vec<FieldError>> {
    let fixed =
        ["process", "field", "kind"].into_iter().filter(|key| before.id != 0 && before.value(key) != entry.value(key));
    let says = "Process, key and kind stay as they were made: records hold values of that form.";
    let mut faults: Vec<FieldError> = fixed.map(|key| FieldError::new(key, "read_only", says)).collect();
    if let Some(lost) = lost_column(before, entry) {
        let says = format!("The column {lost} stays with its kind: records hold values of it.");
        faults.push(FieldError::new("columns", "read_only", says));
    }
    let same = |key: &str, other: &Entry| other.value(key) == entry.value(key);
    let others = entries::all(conn, registers::CUSTOM_FIELDS.key)?.into_iter().map(crate::config::entry_of);
    let taken =
        others.into_iter().any(|other| other.id != entry.id && same("process", &other) && same("field", &other));
    if taken {
        faults.push(FieldError::new("field", "taken", "Another custom field, perhaps a retired one, has this key."));
    }
    Ok(faults)
}

/// The first column of a table that is gone or of another kind.
fn lost_column(before: &Entry, entry: &Entry) -> Option<String> {
    let stays = |column: &Value| {
        let same = |other: &Value| ["key", "kind"].iter().all(|key| other.column(key) == column.column(key));
        entry.value("columns").as_list().iter().any(same)
    };
    let lost = before.value("columns").as_list().iter().find(|column| !stays(column))?;
    lost.column("key").as_text().map(str::to_owned)
}

/// The last default of a process stays: what no other level fits would have no clock. (SLM-03)
fn last_default(config: &Config, before: &Entry, entry: &Entry) -> Option<FieldError> {
    let process = before.text("process")?;
    let is_default = |e: &Entry| e.active && e.flag("fallback") && e.text("process") == Some(process);
    let another = config.levels.iter().any(|level| level.entry.id != entry.id && is_default(&level.entry));
    let says =
        "It is the last default: records that no other level fits would have no targets. Make another one first.";
    (is_default(before) && !is_default(entry) && !another).then(|| FieldError::new("fallback", "last_default", says))
}

fn no_field(at: &str, process: &Process, key: &str) -> FieldError {
    FieldError::new(at, "unknown_field", format!("{} has no field {key}.", process.label))
}
