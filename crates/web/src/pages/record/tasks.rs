//! The tasks of a record: what is to be done, by whom, until when.

use axum::response::Response;
use mainstay_desk::records::{self, TaskChange, TaskDraft};
use mainstay_desk::{Caller, Session};
use mainstay_engine::field::{Field as Declared, FieldDef};
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::spine;
use mainstay_markup::html;
use mainstay_store::hangings::{TaskRow, TimeRow};
use mainstay_words::{inside, tf};
use maud::Markup;

use super::form::listed;
use super::here::{Again, Here, Sent};
use super::sheet::{Section, Sheet};
use super::telling::learn_ids;
use super::work_time;
use crate::components::{
    Choice, Control, Field, Glyph, Nothing, Status, field, icon_small, nothing, person, status_glyph, time, token_field,
};
use crate::failure::Failure;
use crate::fields::{Asking, Pickers, json_of, resolve};
use crate::flash::{Flash, go_on};
use crate::form::Form;
use crate::session::Visit;

const TITLE: FieldDef = Declared::text("title", "What is to be done").required().def;
const DUE: FieldDef = Declared::instant("due", "Until").def;

/// The questions of a task.
pub fn asked() -> [FieldDef; 4] {
    [TITLE, spine::TEAM.def, spine::ASSIGNEE.def, DUE]
}

/// What the section shows.
struct Tasks {
    rows: Vec<TaskRow>,
    pickers: Pickers,
    times: Vec<TimeRow>,
}

/// `GET /{plural}/{number}/tasks`
pub async fn show(here: Here) -> Result<Response, Failure> {
    page(&here, Again::default()).await
}

/// The section, perhaps with a form that was refused.
///
/// # Errors
/// Not the caller's to see; the database's.
pub async fn page(here: &Here, again: Again<'_>) -> Result<Response, Failure> {
    let (sheet, tasks) = here.open(load).await?;
    let visit = &here.visit;
    let body = html! {
        div.record-body {
            @if tasks.rows.is_empty() {
                (nothing(Nothing::Yet, "No tasks", "Split the work into steps, each with a team or a person.", &html! {}, None))
            } @else { (list(&sheet, visit, &tasks.rows)) }
            @if sheet.view.can.task { (add_form(&sheet, visit, &tasks, again)) }
            (work_time::section(&sheet, visit, &tasks.times, again))
        }
    };
    Ok(sheet.page(&here.web, visit, Section::Tasks, again.status(), &body))
}

fn load(session: &mut Session<'_>, caller: &Caller, sheet: &mut Sheet) -> mainstay_desk::Result<Tasks> {
    let number = sheet.number().to_owned();
    let rows = records::tasks(session, caller, sheet.process(), &number)?;
    let times = records::times(session, caller, sheet.process(), &number)?;
    let of_tasks = rows.iter().flat_map(|task| task.team.into_iter().chain(task.assignee));
    let ids: Vec<i64> = of_tasks.chain(times.iter().map(|row| row.person)).collect();
    learn_ids(session, &ids, &mut sheet.names)?;
    let pickers = if sheet.view.can.task { Pickers::load(session, caller, &asked())? } else { Pickers::default() };
    Ok(Tasks { rows, pickers, times })
}

fn list(sheet: &Sheet, visit: &Visit, rows: &[TaskRow]) -> Markup {
    html! {
        ul.card.news aria-label="Tasks" { @for task in rows { li id={ "task-" (task.id) } { (line(sheet, visit, task, rows)) } } }
    }
}

fn line(sheet: &Sheet, visit: &Visit, task: &TaskRow, all: &[TaskRow]) -> Markup {
    let waits: Vec<&TaskRow> =
        all.iter().filter(|other| other.state == "open" && task.waits_for.contains(&other.id)).collect();
    let (glyph, word) = match task.state.as_str() {
        "done" => (Glyph::Done, "Done"),
        "skipped" => (Glyph::Stopped, "Skipped"),
        _ if !waits.is_empty() => (Glyph::Paused, "Waiting"),
        _ => (Glyph::New, "Open"),
    };
    let reader = sheet.reader();
    html! {
        div.with-deeds {
            div {
                div.line {
                    (status_glyph(&Status { glyph, word: word.into() }))
                    span.grow.strong dir="auto" { (task.title) }
                }
                div.line.wrap.quiet {
                    @if !waits.is_empty() { span { "waits for" " " (named(&waits)) } }
                    @if let Some(team) = task.team { bdi { (reader.name(team)) } }
                    @if let Some(id) = task.assignee { (person(&reader.person(id))) }
                    @if let Some(due) = task.due { span { "until" " " (time(due, &sheet.frame.zone, visit.now())) } }
                    @if let Some(done) = task.done_at { span { (inside(word)) " " (time(done, &sheet.frame.zone, visit.now())) } }
                }
            }
            @if sheet.view.can.task || sheet.view.can.follow_up {
                div.line {
                    @if sheet.view.can.task { (places(sheet, visit, task, all)) }
                    (buttons(sheet, visit, task, waits.is_empty()))
                }
            }
        }
    }
}

fn named(tasks: &[&TaskRow]) -> Markup {
    html! { @for (at, task) in tasks.iter().enumerate() { @if at > 0 { ", " } bdi { (task.title) } } }
}

/// Moving it among the others, and the page on which it is edited.
fn places(sheet: &Sheet, visit: &Visit, task: &TaskRow, all: &[TaskRow]) -> Markup {
    let at = all.iter().position(|other| other.id == task.id).unwrap_or_default();
    let ways = [
        ("arrow-up", "Move up", at.checked_sub(1)),
        ("arrow-down", "Move down", Some(at + 1).filter(|place| *place < all.len())),
    ];
    html! {
        form.btn-row method="post" action=(sheet.beside(&format!("/tasks/{}", task.id))) {
            (token_field(visit.token()))
            input type="hidden" name="version" value=(task.version);
            @for (name, label, place) in ways {
                button.icon-btn type="submit" name="position" value=(place.unwrap_or(at)) disabled[place.is_none()]
                    aria-label={ (label) ": " (task.title) } title=(label) { (icon_small(name)) }
            }
            a.icon-btn href=(sheet.beside(&format!("/tasks/{}", task.id)))
                aria-label=(tf("Edit the task {title}", &[("title", &task.title)])) title="Edit" { (icon_small("pencil")) }
        }
    }
}

/// Finishing it; one that waits for others can only be skipped.
fn buttons(sheet: &Sheet, visit: &Visit, task: &TaskRow, ready: bool) -> Markup {
    let ways: &[(&str, &str)] = match task.state.as_str() {
        "open" if ready => &[("done", "Done"), ("skipped", "Skip")],
        "open" => &[("skipped", "Skip")],
        _ => &[("open", "Open again")],
    };
    html! {
        form.btn-row method="post" action=(sheet.beside(&format!("/tasks/{}", task.id))) {
            (token_field(visit.token()))
            input type="hidden" name="version" value=(task.version);
            @for (state, label) in ways {
                button.btn.btn-s type="submit" name="state" value=(state) { (label) span.sr { ": " (task.title) } }
            }
        }
    }
}

/// The question which tasks come before one.
pub fn waits_field(all: &[TaskRow], but: Option<i64>, given: &[i64], errors: &[FieldError]) -> Option<Field<'static>> {
    let others = all.iter().filter(|task| Some(task.id) != but && (task.state == "open" || given.contains(&task.id)));
    let choice = |task: &TaskRow| Choice::new(task.id.to_string(), task.title.clone(), given.contains(&task.id));
    let options: Vec<Choice<'static>> = others.map(choice).collect();
    if options.is_empty() {
        return None;
    }
    let mut asked = Field::new("waits_for", "After these tasks", Control::Checks { options });
    let error = errors.iter().find(|error| error.field == "waits_for");
    asked.error = error.map(|error| error.detail.clone().into());
    Some(asked)
}

/// The tasks that a form names as coming before.
pub fn waits_of(form: &Form) -> Vec<i64> {
    form.all("waits_for").iter().filter_map(|id| id.parse().ok()).collect()
}

fn add_form(sheet: &Sheet, visit: &Visit, tasks: &Tasks, again: Again<'_>) -> Markup {
    // What was refused below is said there.
    let again = again.only_if(|form| !work_time::is_of(form));
    let asking = Asking { pickers: &tasks.pickers, zone: &sheet.frame.zone, errors: again.errors() };
    let waits = waits_field(&tasks.rows, None, &again.form().map(waits_of).unwrap_or_default(), again.errors());
    html! {
        form #add-task .form.form-section method="post" action=(sheet.beside("/tasks")) {
            h2 { "Add a task" }
            (again.summary())
            (token_field(visit.token()))
            @for def in &asked() { input type="hidden" name="_fields" value=(def.key); }
            div.form-grid {
                @for def in &asked() { (field(&asking.field(def, &again.given(def, Vec::new)))) }
                @if let Some(waits) = &waits { (field(waits)) }
            }
            div.form-foot { button.btn.btn-primary type="submit" { "Add task" } }
        }
    }
}

/// `POST /{plural}/{number}/tasks`
pub async fn add(Sent { here, form }: Sent) -> Result<Response, Failure> {
    let (process, number, given) = (here.process, here.number.clone(), form.clone());
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let draft = draft(session, caller, &given)?;
        records::add_task(session, caller, process, &number, &draft)
    };
    match here.write(work).await? {
        Ok(_) => Ok(go_on(&here.at("/tasks"), Some(Flash::done("Task added.")))),
        Err(refusal) => page(&here, Again::of(&form, &refusal)).await,
    }
}

/// The task that a form describes.
///
/// # Errors
/// Words that name nothing; a time that cannot be read.
pub fn draft(session: &mut Session<'_>, caller: &Caller, form: &Form) -> mainstay_desk::Result<TaskDraft> {
    let fields = asked();
    let named: Vec<&FieldDef> = fields.iter().filter(|field| listed(form, field)).collect();
    let zone = caller.zone();
    let mut values: serde_json::Map<String, serde_json::Value> =
        named.iter().map(|field| (field.key.to_owned(), json_of(field, form, field.key, &zone))).collect();
    resolve(session, caller, named, &mut values)?;
    let id = |key: &str| values.get(key).and_then(serde_json::Value::as_i64);
    let due = mainstay_engine::value::Value::from_json(&DUE, values.get("due").unwrap_or(&serde_json::Value::Null));
    let misfit = |why| Refusal::unless_empty(vec![FieldError::misfit(&DUE, &why)]);
    let due = match due {
        Ok(value) => value.as_int(),
        Err(why) => return Err(misfit(why).err().unwrap_or_else(|| Refusal::invalid("invalid_fields", "")).into()),
    };
    Ok(TaskDraft {
        title: form.get("title").unwrap_or_default().to_owned(),
        team: id(spine::TEAM.def.key),
        assignee: id(spine::ASSIGNEE.def.key),
        due,
        waits_for: waits_of(form),
    })
}

/// `POST /{plural}/{number}/tasks/{id}`
pub async fn change(Sent { here, form }: Sent) -> Result<Response, Failure> {
    let change = TaskChange {
        version: form.number("version").unwrap_or_default(),
        state: form.filled("state").map(str::to_owned),
        position: form.number("position"),
        ..TaskChange::default()
    };
    let moved = change.position.is_some();
    let (process, number, id) = (here.process, here.number.clone(), here.id);
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        records::change_task(session, caller, process, &number, id, &change)
    };
    let says = match here.write(work).await? {
        Ok(_) if moved => None,
        Ok(task) => Some(Flash::done(format!("Task {}.", word(&task.state)))),
        Err(refusal) => Some(Flash::failed(refusal.detail)),
    };
    Ok(go_on(&here.at("/tasks"), says))
}

fn word(state: &str) -> &'static str {
    match state {
        "done" => "done",
        "skipped" => "skipped",
        _ => "open again",
    }
}
