//! What can be done with the record at hand: the steps and edits that its page offers, and words on it.

use mainstay_desk::records::{self, View};
use mainstay_desk::{Caller, Error, Session};
use mainstay_engine::field::{FieldDef, Kind};
use mainstay_engine::process::{Phase, Transition};
use mainstay_engine::spine;
use mainstay_words::{inside, t, tf};

use super::{At, Does, Line};
use crate::pages::record::{LINK_FIELD, at_once, begetting, editable};

/// The record's group.
pub(super) struct Here {
    pub title: String,
    pub lines: Vec<Line>,
}

/// What the caller may do with a record now; none when it is not theirs to see.
pub(super) fn load(session: &mut Session<'_>, caller: &Caller, at: &At) -> mainstay_desk::Result<Option<Here>> {
    let view = match records::get(session, caller, at.process, &at.number) {
        Err(Error::Refused(_)) => return Ok(None),
        other => other?,
    };
    let watchers = records::watchers(session, caller, at.process, &at.number)?;
    let me = caller.person_id().unwrap_or_default();
    let mut lines = words(&view);
    lines.extend(steps(at, &view));
    lines.extend(edits(at, &view, me));
    lines.extend(around(at, &view, watchers.contains(&me)));
    Ok(Some(Here { title: tf("On this {process}", &[("process", &inside(at.process.label))]), lines }))
}

fn words(view: &View) -> Vec<Line> {
    let mut lines = Vec::new();
    if view.can.comment {
        lines.push(Line::new("send", "Reply", Does::Press("reply")).keyed("reply"));
    }
    if view.can.note {
        lines.push(Line::new("lock", "Write an internal note", Does::Press("note")).keyed("note"));
    }
    lines
}

fn steps(at: &At, view: &View) -> Vec<Line> {
    let is_done = |step: &Transition| step.to.is_some_and(|to| to.phase == Phase::Done && !to.void);
    let is_void = |step: &Transition| step.to.is_some_and(|to| to.void);
    let first = |ends: &dyn Fn(&Transition) -> bool| view.options.iter().find(|step| ends(step)).map(|step| step.verb);
    let (finish, cancel) = (first(&is_done), first(&is_void));
    let line = |step: &&'static Transition| {
        let action = at.path(&format!("/{}", step.verb));
        let asks = !at_once(&view.record, step);
        let label = if asks { format!("{}…", t(step.label)) } else { t(step.label).to_owned() };
        let version = ("version".to_owned(), view.record.version.to_string());
        let does = if asks { Does::Visit(action) } else { Does::Post(action, vec![version]) };
        let key = [(finish, "finish"), (cancel, "cancel")].into_iter().find(|(verb, _)| *verb == Some(step.verb));
        Line { verb: Some(step.verb), key: key.map(|(_, key)| key), ..Line::new(sign(step), label, does) }
    };
    view.options.iter().map(line).collect()
}

/// The icon of a step: of the state that it leads to.
fn sign(step: &Transition) -> &'static str {
    match step.to {
        Some(to) if to.void => "circle-x",
        Some(to) => match to.phase {
            Phase::Open => "play",
            Phase::Paused => "pause",
            Phase::Done | Phase::Closed => "circle-check",
        },
        None => "zap",
    }
}

fn edits(at: &At, view: &View, me: i64) -> Vec<Line> {
    if !view.can.update {
        return Vec::new();
    }
    let mut lines = Vec::new();
    for field in editable(view) {
        let people = matches!(field.kind, Kind::Ref("people"));
        if field.key == spine::ASSIGNEE.def.key && view.record.value(field.key).as_int() != Some(me) {
            let does = Does::Post(at.path("/edit"), setting(view, field, &me.to_string()));
            lines.push(Line::new("user-round", "Assign to me", does).keyed("assign-me"));
        }
        let (label, icon) = if field.key == spine::ASSIGNEE.def.key {
            ("Assign to…".to_owned(), "user-round-plus")
        } else {
            (format!("{}…", t(field.label)), if people { "user-round" } else { "pencil" })
        };
        let line = Line { also: "set change edit".into(), ..Line::new(icon, label, way(at, field)) };
        let key = KEYED.into_iter().find(|key| *key == field.key);
        lines.push(Line { key, more: key.is_none(), ..line });
    }
    lines
}

/// Fields with a shortcut of their own, which is called after them.
const KEYED: [&str; 4] = ["assignee", "team", "priority", "tags"];

/// A field with few values is set here; any other on the page of all fields.
fn way(at: &At, field: &FieldDef) -> Does {
    if matches!(field.kind, Kind::Ref(_) | Kind::Choice(_) | Kind::Bool) {
        let place = at.path("");
        let asked = crate::address::query([("at", place.as_str()), ("field", field.key)]);
        return Does::Ask(format!("/palette/choices?{asked}"), format!("{}…", t(field.label)));
    }
    Does::Visit(format!("{}#field-{}", at.path("/edit"), field.key))
}

/// The form that sets one field.
pub fn setting(view: &View, field: &FieldDef, value: &str) -> Vec<(String, String)> {
    let version = view.record.version.to_string();
    [("version", version.as_str()), ("_fields", field.key), (field.key, value)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
}

fn around(at: &At, view: &View, watching: bool) -> Vec<Line> {
    let visit = |icon, label: &str, rest: &str| Line::new(icon, label, Does::Visit(at.path(rest)));
    let mut lines = Vec::new();
    if watching || view.record.state.phase != Phase::Closed {
        let (label, rest) = if watching { ("Stop watching", "/unwatch") } else { ("Watch", "/watch") };
        lines.push(Line::new("bell", label, Does::Post(at.path(rest), Vec::new())).keyed("watch"));
    }
    if view.can.task {
        lines.push(visit("list-checks", "Add a task…", "/tasks").more());
    }
    if view.can.link {
        let place = format!("{}#{LINK_FIELD}", at.path("/related"));
        lines.push(Line::new("link", "Link to a record…", Does::Visit(place)).more());
    }
    for process in &view.begets {
        let (label, place) = begetting(process, &at.number);
        lines.push(Line { also: "create new".into(), ..Line::new(process.icon, label, Does::Visit(place)) }.more());
    }
    lines.push(visit("history", "Show its history", "/history").more());
    lines.push(Line::new("copy", "Copy the number", Does::Press("copy-number")).keyed("copy-number"));
    lines.push(Line::new("copy", "Copy the address", Does::Press("copy-address")).keyed("copy-address").more());
    lines
}
