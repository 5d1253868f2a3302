//! What an event changed, in words: old and new value of each field, with names for what they refer to.

use std::collections::HashMap;

use super::merge::said;
use jiff::tz::TimeZone;
use mainstay_desk::demo::removal::GONE;
use mainstay_desk::merging::called_by;
use mainstay_engine::field::{FieldDef, Kind};
use mainstay_engine::register::{Entry, Register};
use mainstay_engine::value::Value;
use mainstay_markup::html;
use mainstay_store::EventRow;
use mainstay_words::{t, tc};
use maud::Markup;
use serde_json::Value as Json;

use crate::components::{icon_small, moment};
use crate::pages::record::telling;
use crate::shown::{Reader, capitalised};
use crate::told::{filled, general, named};

/// One changed field.
struct Change {
    field: String,
    old: Value,
    new: Value,
}

fn changes(event: &EventRow) -> Vec<Change> {
    let Ok(Json::Array(all)) = serde_json::from_str::<Json>(&event.changes) else { return Vec::new() };
    let change = |json: &Json| Change {
        field: json["field"].as_str().unwrap_or_default().to_owned(),
        old: Value::from_plain(&json["old"]),
        new: Value::from_plain(&json["new"]),
    };
    all.iter().map(change).collect()
}

/// Every id that the events name: who did it, and what references point at.
pub fn ids(events: &[EventRow], register: impl Fn(&EventRow) -> Option<&'static Register>) -> Vec<i64> {
    let mut ids: Vec<i64> = events.iter().filter_map(|event| event.actor).collect();
    ids.extend(events.iter().filter(|event| event.subject == "record").filter_map(telling::given_to));
    for event in events {
        for change in changes(event) {
            let field = register(event).and_then(|register| register.field(&change.field));
            let values = [&change.old, &change.new];
            ids.extend(field.into_iter().flat_map(|field| values.map(|value| field.references(value))).flatten());
        }
    }
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// What was done, as the histories of records say it too.
fn deed(event: &EventRow, who: &Markup, reader: &Reader<'_>) -> Markup {
    let process = event.process.as_deref().filter(|_| event.subject == "record").and_then(mainstay_processes::process);
    match (process, general(&event.verb)) {
        (Some(process), _) => telling::deed(process, event, reader),
        (None, Some(key)) => filled(key, &[("actor", who)]),
        (None, None) => {
            let what = html! { (t(&event.verb.replace('_', " "))) };
            filled("{actor}: {what}", &[("actor", who), ("what", &what)])
        }
    }
}

/// How events are told.
pub struct Teller<'a> {
    pub names: &'a HashMap<i64, String>,
    pub zone: &'a TimeZone,
    pub now: i64,
}

impl Teller<'_> {
    /// An event with what it changed; `subject` stands before the verb where the page does not say it.
    pub fn event(&self, event: &EventRow, register: Option<&'static Register>, subject: Option<&Markup>) -> Markup {
        let reader = Reader::new(self.names, self.zone);
        let who = named(&event.actor.map_or_else(|| t("The system").to_owned(), |id| reader.name(id)));
        html! {
            article.card.admin-event id={ "event-" (event.id) } {
                div.line {
                    (icon_small("history"))
                    @if let Some(subject) = subject { span { (subject) ":" } }
                    span { (deed(event, &who, &reader)) }
                    span.grow {}
                    span.quiet { (tc("channel", &event.channel)) " · " (moment(event.at, self.zone, self.now)) }
                }
                @if let Some(reason) = &event.reason { p.quiet dir="auto" { "“" (reason) "”" } }
                // Which records left is for the search; people read how many.
                @let changes: Vec<Change> = changes(event).into_iter().filter(|change| change.field != GONE).collect();
                @if !changes.is_empty() {
                    dl.admin-changes { @for change in &changes { (self.change(change, register)) } }
                }
            }
        }
    }

    /// What an entry would lose and gain by saying what another version of it says; none where that is nothing.
    pub fn differences(&self, register: &'static Register, now: &Entry, then: &Entry) -> Option<Markup> {
        let of = |field: &'static FieldDef| Change {
            field: field.key.to_owned(),
            old: now.value(field.key).clone(),
            new: then.value(field.key).clone(),
        };
        let name = Change { field: "name".into(), old: now.name.as_str().into(), new: then.name.as_str().into() };
        let all = std::iter::once(name).chain(register.fields.iter().map(of));
        let all: Vec<Change> = all.filter(|change| change.old != change.new).collect();
        (!all.is_empty())
            .then(|| html! { dl.admin-changes { @for change in &all { (self.change(change, Some(register))) } } })
    }

    fn change(&self, change: &Change, register: Option<&'static Register>) -> Markup {
        let field = register.and_then(|register| register.field(&change.field));
        let dotted = || called_by(&change.field).filter(|_| change.field.contains('.'));
        let label = match (field, dotted()) {
            (Some(field), _) => field.label.to_owned(),
            (None, Some(called)) => said(&called),
            (None, None) => capitalised(&change.field.replace(['_', '.'], " ")),
        };
        let (gone, came) = if change.old.as_list().is_empty() && change.new.as_list().is_empty() {
            (self.each(field, &change.old), self.each(field, &change.new))
        } else {
            let without = |these: &Value, those: &Value| -> Vec<String> {
                let left = these.as_list().iter().filter(|item| !those.as_list().contains(item));
                left.flat_map(|item| self.each(field, &Value::List(vec![item.clone()]))).collect()
            };
            (without(&change.old, &change.new), without(&change.new, &change.old))
        };
        html! {
            dt { (t(&label)) }
            dd {
                @for words in &gone { del dir="auto" { (words) } " " }
                @for words in &came { ins dir="auto" { (words) } " " }
            }
        }
    }

    /// A value in words: one text, or one for each item.
    fn each(&self, field: Option<&FieldDef>, value: &Value) -> Vec<String> {
        let reader = Reader::new(self.names, self.zone);
        match (field.map(|field| field.kind), value) {
            (_, Value::Null) => Vec::new(),
            (Some(Kind::Table(columns)), Value::List(rows)) => {
                rows.iter().map(|row| reader.row(columns, row)).collect()
            }
            (Some(_), _) => field.and_then(|field| reader.words(field, value)).into_iter().collect(),
            (None, Value::Bool(yes)) => vec![t(if *yes { "Yes" } else { "No" }).to_owned()],
            (None, Value::Text(text)) => vec![t(text).to_owned()],
            (None, other) => vec![other.plain().to_string()],
        }
    }
}
