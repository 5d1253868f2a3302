//! Events in words: what somebody did to a record, and each field's old and new value.

use std::collections::HashMap;

use mainstay_markup::html;
use mainstay_words::{sentence, t};
use maud::Markup;

use mainstay_desk::{Session, records, retention};
use mainstay_engine::field::{FieldDef, Kind, Writer};
use mainstay_engine::process::{Process, Relation};
use mainstay_engine::spine;
use mainstay_engine::value::Value;
use mainstay_processes::registers;
use mainstay_store::{EventRow, entries};
use serde_json::Value as Json;

use crate::components::short_duration;
use crate::shown::{Reader, capitalised};
use crate::told::{filled, general, named};

/// One field's change as the history says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The field's name for people.
    pub label: String,
    /// What it was; none for nothing.
    pub old: Option<String>,
    /// What it is now; none for nothing.
    pub new: Option<String>,
    /// Long text, of which a line shows only that it changed.
    pub long: bool,
    /// Follows from other changes.
    pub derived: bool,
    /// Of a table: the rows that went and those that came.
    pub rows: (Vec<String>, Vec<String>),
}

/// What events on records of a process can name, the organisation's own among it.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    of: HashMap<&'static str, &'static FieldDef>,
    /// Relations that the organisation declared, each with the key of its process.
    own: Vec<(&'static str, &'static Relation)>,
}

impl Fields {
    /// A field by key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&'static FieldDef> {
        self.of.get(key).copied()
    }

    /// Every relation that records of a process can have.
    pub fn relations(&self, process: &'static Process) -> impl Iterator<Item = &'static Relation> {
        let own = self.own.iter().filter(move |(of, _)| *of == process.key).map(|(_, relation)| *relation);
        process.relations.iter().chain(own)
    }
}

impl FromIterator<&'static FieldDef> for Fields {
    fn from_iter<I: IntoIterator<Item = &'static FieldDef>>(fields: I) -> Self {
        Self { of: fields.into_iter().map(|field| (field.key, field)).collect(), own: Vec::new() }
    }
}

/// Every field of a process, and the relations that the organisation declared.
#[must_use]
pub fn fields(session: &Session<'_>, process: &'static Process) -> Fields {
    let own_of = |other: &'static Process| {
        let own = &session.config.process(other).relations;
        own.iter().map(|relation| (other.key, *relation)).collect::<Vec<_>>()
    };
    Fields {
        own: mainstay_processes::ALL.iter().copied().flat_map(own_of).collect(),
        ..session.config.fields(process).collect()
    }
}

/// Adds the names that events mention: who acted, and what references pointed at.
///
/// # Errors
/// The database's.
pub fn learn(
    session: &mut Session<'_>,
    fields: &Fields,
    events: &[EventRow],
    names: &mut HashMap<i64, String>,
) -> mainstay_desk::Result<()> {
    let mut ids: Vec<i64> = events.iter().filter_map(|event| event.actor).collect();
    for event in events {
        for change in changes(event) {
            ids.extend(change["new"]["person"].as_i64());
            let sides = [&change["old"], &change["new"]];
            match fields.get(change["field"].as_str().unwrap_or_default()) {
                Some(field) => ids.extend(sides.iter().flat_map(|side| field.references(&Value::from_plain(side)))),
                None if change["field"] == "watcher" => ids.extend(sides.into_iter().filter_map(Json::as_i64)),
                None => {}
            }
        }
    }
    learn_ids(session, &ids, names)
}

/// Adds the names of entries; a category is named with those above it.
///
/// # Errors
/// The database's.
pub fn learn_ids(
    session: &mut Session<'_>,
    ids: &[i64],
    names: &mut HashMap<i64, String>,
) -> mainstay_desk::Result<()> {
    let mut missing: Vec<i64> = ids.iter().copied().filter(|id| !names.contains_key(id)).collect();
    missing.sort_unstable();
    missing.dedup();
    for (id, register, name) in entries::names(session.conn, &missing)? {
        let name = if register == registers::CATEGORIES.key { session.config.category_path(id) } else { name };
        names.insert(id, name);
    }
    Ok(())
}

fn changes(event: &EventRow) -> Vec<Json> {
    match serde_json::from_str(&event.changes) {
        Ok(Json::Array(changes)) => changes,
        _ => Vec::new(),
    }
}

/// What was done, as a whole sentence: who, and what in the past tense.
#[must_use]
pub fn deed(process: &'static Process, event: &EventRow, reader: &Reader<'_>) -> Markup {
    let who = named(&actor(event, reader));
    if let Some((metric, level)) = event.verb.split_once('.') {
        let metric = html! { (t(metric)) };
        return match level {
            "breached" => filled("The {metric} target was missed", &[("metric", &metric)]),
            percent => {
                let values = [("percent", &html! { (percent) }), ("metric", &metric)];
                filled("{percent}% of the time for the {metric} target is used", &values)
            }
        };
    }
    let given = given_to(event).map(|id| named(&reader.name(id)));
    let to = |key: &str| given.as_ref().map(|name| filled(key, &[("actor", &who), ("name", name)]));
    if let Some(step) = process.transition(&event.verb) {
        let told = Some(step.past_to).filter(|key| !key.is_empty()).and_then(to);
        return told.unwrap_or_else(|| match step.past {
            "" => {
                let step = html! { (t(step.label)) };
                filled("{actor} took the step “{step}”", &[("actor", &who), ("step", &step)])
            }
            past => filled(past, &[("actor", &who)]),
        });
    }
    if let Some(lapse) = process.lapses.iter().find(|lapse| lapse.event == event.verb) {
        return filled(lapse.near, &[]);
    }
    let only_given =
        event.verb == "updated" && changes(event).iter().all(|change| GIVES.iter().any(|key| change["field"] == *key));
    if let Some(told) = given.as_ref().filter(|_| only_given).and_then(|_| to("{actor} assigned it to {name}")) {
        return told;
    }
    match general(&event.verb) {
        Some(key) => filled(key, &[("actor", &who)]),
        None => filled(
            "{actor}: {what}",
            &[("actor", &who), ("what", &html! { (t(&capitalised(&event.verb.replace('_', " ")))) })],
        ),
    }
}

/// The fields that say whose a record is, whoever works on it first.
const GIVES: [&str; 2] = [spine::ASSIGNEE.def.key, spine::TEAM.def.key];

/// Whom an event gave the record to: a person, else a team.
#[must_use]
pub fn given_to(event: &EventRow) -> Option<i64> {
    let changes = changes(event);
    GIVES.iter().find_map(|key| changes.iter().find(|change| change["field"] == *key)?["new"].as_i64())
}

/// Who acted: a person, or the system by itself.
#[must_use]
pub fn actor(event: &EventRow, reader: &Reader<'_>) -> String {
    let removed = || changes(event).iter().any(|change| change["field"] == retention::ACTOR);
    match event.actor {
        Some(id) => reader.name(id),
        None if removed() => t("Somebody").to_owned(),
        None => "Mainstay".to_owned(),
    }
}

/// Every change of an event that has something to say.
#[must_use]
pub fn told(process: &'static Process, event: &EventRow, fields: &Fields, reader: &Reader<'_>) -> Vec<Told> {
    changes(event).iter().filter_map(|change| one(process, change, fields, reader)).collect()
}

fn one(process: &'static Process, change: &Json, fields: &Fields, reader: &Reader<'_>) -> Option<Told> {
    let key = change["field"].as_str()?;
    // What was said was removed for good.
    if change["old"].is_null() && change["new"].is_null() {
        return None;
    }
    let derived = fields.get(key).is_some_and(|field| field.writer == Writer::Engine);
    let told = |label: &str, old: Option<String>, new: Option<String>, long: bool| {
        Some(Told { label: t(label).to_owned(), old, new, long, derived, ..Told::default() })
    };
    let state =
        |value: &Json| value.as_str().map(|key| process.state(key).map_or(key, |state| t(state.label)).to_owned());
    if key == "state" {
        let (old, new) = (state(&change["old"]), state(&change["new"]));
        // Opening says that it began in the state it is in.
        let old = old.filter(|old| Some(old) != new.as_ref());
        return Some(Told { label: t("State").to_owned(), old, new, ..Told::default() });
    }
    if let Some(field) = fields.get(key) {
        let (old, new) = (Value::from_plain(&change["old"]), Value::from_plain(&change["new"]));
        let rows = if let Kind::Table(columns) = field.kind {
            changed_rows(columns, &old, &new, reader)
        } else {
            Default::default()
        };
        let (old, new) = (reader.words(field, &old), reader.words(field, &new));
        let long = matches!(field.kind, Kind::Markdown);
        return Some(Told { label: t(field.label).to_owned(), old, new, long, derived, rows });
    }
    let text = |value: &Json| value.as_str().map(str::to_owned);
    let person = |value: &Json| value.as_i64().map(|id| reader.name(id));
    match key {
        // The words themselves stand in the timeline; the targets' events say all in their verb.
        "comment" | "clock" | "party" | "legal_hold" | records::UNDONE => None,
        "notice" => {
            let subject = change["new"]["subject"].as_str().unwrap_or_default();
            told(
                "Recipient",
                None,
                person(&change["new"]["person"]).map(|name| format!("{name}: {}", sentence(subject))),
                false,
            )
        }
        "history" => told("Steps", None, change["new"].as_u64().map(|steps| steps.to_string()), false),
        "attachment" => told("File", None, text(&change["new"]), false),
        "task" => told("Task", text(&change["old"]), text(&change["new"]), false),
        "time" => told("Time worked", worked(&change["old"]), worked(&change["new"]), false),
        "watcher" => told("Watcher", person(&change["old"]), person(&change["new"]), false),
        "approval" => told(
            "Approval",
            text(&change["old"]).map(|word| t(&word).to_owned()),
            text(&change["new"]).map(|word| t(&word).to_owned()),
            false,
        ),
        "conflict" => told("Conflict", None, text(&change["new"]), false),
        "merged" => told("Duplicate", text(&change["old"]), text(&change["new"]), false),
        relation => {
            // A relation that another record has to this one is read from this end.
            let find = |of: &'static Process| fields.relations(of).find(|known| known.key == relation);
            let of_others = || mainstay_processes::ALL.iter().copied().find_map(find);
            let arrives = change["outgoing"] == false;
            let label = find(process).filter(|_| !arrives).map(|relation| relation.label);
            let label = label.or_else(|| of_others().map(|relation| relation.inverse)).unwrap_or(relation);
            told(label, text(&change["old"]), text(&change["new"]), false)
        }
    }
}

/// Time that somebody worked, in words.
fn worked(time: &Json) -> Option<String> {
    let length = short_duration(time["minutes"].as_i64()? * 60_000);
    Some(time["note"].as_str().map_or_else(|| length.clone(), |note| format!("{length}, {note}")))
}

/// The rows of a table that are no more, and those that are new, in words; a row that changed is one of each.
pub fn changed_rows(columns: &[FieldDef], old: &Value, new: &Value, reader: &Reader<'_>) -> (Vec<String>, Vec<String>) {
    let without = |these: &Value, those: &Value| {
        let mut left = those.as_list().to_vec();
        let gone = these.as_list().iter().filter(|row| match left.iter().position(|other| other == *row) {
            Some(at) => {
                left.swap_remove(at);
                false
            }
            None => true,
        });
        gone.map(|row| reader.row(columns, row)).collect()
    };
    (without(old, new), without(new, old))
}

/// The icon of an event's line.
#[must_use]
pub fn icon(process: &'static Process, event: &EventRow) -> &'static str {
    if event.verb.ends_with(".breached") {
        return "circle-alert";
    }
    if event.verb.contains('.') {
        return "clock";
    }
    match event.verb.as_str() {
        "linked" | "unlinked" | "absorbed" | "split" => "link",
        "watched" | "unwatched" => "bell",
        "task_added" | "task_changed" => "list-checks",
        "time_added" | "time_changed" | "time_removed" => "clock",
        "approval_asked" | "approved" | "disapproved" | "approvals_granted" | "approvals_refused"
        | "approvals_void" => "stamp",
        "conflict_accepted" | "exception_allowed" => "triangle-alert",
        "attached" => "paperclip",
        "updated" => "pencil",
        records::UNDONE => "undo-2",
        verb if process.transition(verb).is_some_and(|transition| transition.to.is_some()) => "arrow-up-down",
        _ if event.actor.is_none() => "zap",
        _ => "history",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;

    fn event(verb: &str, changes: &str) -> EventRow {
        EventRow {
            id: 1,
            at: 0,
            actor: Some(7),
            channel: "desk".into(),
            subject: "record".into(),
            subject_id: 1,
            process: None,
            verb: verb.into(),
            public: true,
            changes: changes.into(),
            reason: None,
        }
    }

    #[test]
    fn changes_are_told_by_the_names_of_people_and_things() {
        let process = mainstay_processes::ALL[0];
        let fields: Fields = process.fields().collect();
        let names = HashMap::from([(7, "Agent L1".to_owned()), (9, "Network".to_owned())]);
        let zone = TimeZone::UTC;
        let reader = Reader::new(&names, &zone);
        let first = process.states[0];
        let event = event(
            "updated",
            &format!(
                r#"[{{"field":"state","old":null,"new":"{}"}},{{"field":"team","old":null,"new":9}},{{"field":"comment","old":null,"new":3}}]"#,
                first.key
            ),
        );
        let told = told(process, &event, &fields, &reader);
        assert_eq!(told.len(), 2, "a comment stands in the timeline itself");
        assert_eq!(told[0].new.as_deref(), Some(first.label));
        assert_eq!((told[1].label.as_str(), told[1].new.as_deref()), ("Team", Some("Network")));
        assert_eq!(plain(deed(process, &event, &reader)), "Agent L1 changed it");
    }

    /// A sentence without its tags.
    fn plain(sentence: Markup) -> String {
        let text = sentence.into_string();
        text.split('<').map(|part| part.split_once('>').map_or(part, |(_, words)| words)).collect()
    }

    #[test]
    fn a_step_is_told_in_the_past_tense_and_by_whom_it_was_given_to() {
        let names = HashMap::from([(7, "Agent L1".to_owned()), (8, "Agent L2".to_owned()), (9, "Network".to_owned())]);
        let zone = TimeZone::UTC;
        let reader = Reader::new(&names, &zone);
        let process = mainstay_processes::ALL[0];
        let said = |verb: &str, changes: &str| plain(deed(process, &event(verb, changes), &reader));
        assert_eq!(said("take", "[]"), "Agent L1 took it");
        let (team, person) = (r#"{"field":"team","old":null,"new":9}"#, r#"{"field":"assignee","old":null,"new":8}"#);
        assert_eq!(said("assign", &format!("[{team}]")), "Agent L1 assigned it to Network");
        assert_eq!(said("assign", &format!("[{team},{person}]")), "Agent L1 assigned it to Agent L2");
        assert_eq!(said("assign", "[]"), "Agent L1 assigned it");
        assert_eq!(said("updated", &format!("[{person}]")), "Agent L1 assigned it to Agent L2");
        for (process, step) in mainstay_processes::ALL.iter().flat_map(|p| p.transitions.iter().map(move |t| (p, t))) {
            for told in [step.past, step.past_to].into_iter().filter(|told| !told.is_empty()) {
                assert!(told.contains("{actor}"), "{} {}: {told}", process.key, step.verb);
            }
            assert!(step.past_to.is_empty() || step.past_to.contains("{name}"), "{}", step.past_to);
            assert!(plain(deed(process, &event(step.verb, "[]"), &reader)).starts_with("Agent L1 "), "{}", step.verb);
        }
    }

    #[test]
    fn a_link_is_read_from_the_end_at_which_it_stands() {
        let process = mainstay_processes::ALL[0];
        let relation = process.relations.iter().find(|relation| relation.label != relation.inverse).expect("one");
        let (names, zone) = (HashMap::new(), TimeZone::UTC);
        let label = |more: &str| {
            let change = format!(r#"[{{"field":"{}","old":null,"new":"X-1"{more}}}]"#, relation.key);
            let event = event("linked", &change);
            told(process, &event, &Fields::default(), &Reader::new(&names, &zone))[0].label.clone()
        };
        assert_eq!((label("").as_str(), label(r#","outgoing":false"#).as_str()), (relation.label, relation.inverse));
    }

    #[test]
    fn a_table_says_how_many_rows_it_has_and_which_of_them_changed() {
        use mainstay_engine::field::Field;
        const PARTS: FieldDef =
            Field::<Value>::any("parts", "Parts", Kind::Table(&[Field::text("name", "Name").def])).def;
        let process = mainstay_processes::ALL[0];
        let (names, zone) = (HashMap::new(), TimeZone::UTC);
        let fields: Fields = std::iter::once(&PARTS).collect();
        let row = |name: &str| format!(r#"{{"name":"{name}"}}"#);
        let (old, new) = ([row("Nut"), row("Nut")].join(","), [row("Nut"), row("Cable"), row("Screw")].join(","));
        let event = event("updated", &format!(r#"[{{"field":"parts","old":[{old}],"new":[{new}]}}]"#));
        let told = told(process, &event, &fields, &Reader::new(&names, &zone));
        assert_eq!((told[0].old.as_deref(), told[0].new.as_deref()), (Some("2 rows"), Some("3 rows")));
        assert_eq!(told[0].rows, (vec!["Nut".to_owned()], vec!["Cable".to_owned(), "Screw".to_owned()]));
    }

    #[test]
    fn an_import_says_how_many_steps_it_brought() {
        let process = mainstay_processes::ALL[0];
        let (names, zone) = (HashMap::new(), TimeZone::UTC);
        let reader = Reader::new(&names, &zone);
        let event = event("imported", r#"[{"field":"history","old":null,"new":23}]"#);
        let told = told(process, &event, &Fields::default(), &reader);
        assert_eq!((told[0].label.as_str(), told[0].new.as_deref()), ("Steps", Some("23")));
    }

    #[test]
    fn what_a_target_did_is_said_in_its_verb() {
        let process = mainstay_processes::ALL[0];
        let (names, zone) = (HashMap::new(), TimeZone::UTC);
        let said = |verb: &str| plain(deed(process, &event(verb, "[]"), &Reader::new(&names, &zone)));
        assert_eq!(said("resolution.75"), "75% of the time for the resolution target is used");
        assert_eq!(said("response.breached"), "The response target was missed");
    }
}
