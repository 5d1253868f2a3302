//! One task on a page of its own: what is to be done, by whom, until when, after what.

use axum::response::Response;
use mainstay_desk::records::{self, TaskChange};
use mainstay_desk::{Caller, Session};
use mainstay_engine::field::{FieldDef, Kind};
use mainstay_engine::refusal::Refusal;
use mainstay_engine::spine;
use mainstay_engine::value::Value;
use mainstay_markup::html;
use mainstay_store::hangings::TaskRow;
use maud::Markup;

use super::form::hidden;
use super::here::{Again, Here, Sent};
use super::tasks::{asked, draft, waits_field, waits_of};
use crate::components::{field, form_foot};
use crate::failure::Failure;
use crate::fields::{Asking, Pickers, given_of};
use crate::flash::{Flash, go_on};
use crate::pages::frame::Frame;

/// What the page shows.
struct Shown {
    frame: Frame,
    task: TaskRow,
    all: Vec<TaskRow>,
    pickers: Pickers,
}

/// `GET /{plural}/{number}/tasks/{id}`
pub async fn ask(here: Here) -> Result<Response, Failure> {
    page(&here, Again::default()).await
}

/// `POST /{plural}/{number}/tasks/{id}/edit`
pub async fn change(Sent { here, form }: Sent) -> Result<Response, Failure> {
    let (process, number, id, given) = (here.process, here.number.clone(), here.id, form.clone());
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let draft = draft(session, caller, &given)?;
        let change = TaskChange {
            version: given.number("version").unwrap_or_default(),
            title: Some(draft.title),
            team: Some(draft.team),
            assignee: Some(draft.assignee),
            due: Some(draft.due),
            waits_for: Some(draft.waits_for),
            ..TaskChange::default()
        };
        records::change_task(session, caller, process, &number, id, &change)
    };
    match here.write(work).await? {
        Ok(_) => Ok(go_on(&here.at("/tasks"), Some(Flash::done("Task saved.")))),
        Err(refusal) => page(&here, Again::of(&form, &refusal)).await,
    }
}

async fn page(here: &Here, again: Again<'_>) -> Result<Response, Failure> {
    let shown = load(here).await?;
    Ok(here.page(&shown.frame, &shown.task.title, "/tasks", again, &shown.form(here, again)))
}

async fn load(here: &Here) -> Result<Shown, Failure> {
    let (process, number, id) = (here.process, here.number.clone(), here.id);
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let frame = Frame::load(session, caller)?;
        let view = records::get(session, caller, process, &number)?;
        let all = records::tasks(session, caller, process, &number)?;
        let task = all.iter().find(|task| task.id == id).cloned().ok_or_else(|| Refusal::missing("task"))?;
        if !view.can.task {
            return Err(Refusal::forbidden("no_right", "You may not edit this, or it is closed.").into());
        }
        let mut names = view.names.clone();
        super::telling::learn_ids(
            session,
            &task.team.into_iter().chain(task.assignee).collect::<Vec<_>>(),
            &mut names,
        )?;
        let pickers = Pickers::load(session, caller, &asked())?.knowing(&names);
        Ok(Shown { frame, task, all, pickers })
    };
    here.read(work).await
}

impl Shown {
    fn form(&self, here: &Here, again: Again<'_>) -> Markup {
        let asking = Asking { pickers: &self.pickers, zone: &self.frame.zone, errors: again.errors() };
        let given = |def: &FieldDef| again.given(def, || given_of(def, &self.held(def), &self.frame.zone));
        let waits_for = again.form().map_or_else(|| self.task.waits_for.clone(), waits_of);
        let waits = waits_field(&self.all, Some(self.task.id), &waits_for, again.errors());
        html! {
            form.form method="post" action=(here.at(&format!("/tasks/{}/edit", self.task.id))) {
                (again.summary())
                (hidden(here.visit.token(), self.task.version, asked().iter()))
                div.form-grid {
                    @for def in &asked() { (field(&asking.field(def, &given(def)))) }
                    @if let Some(waits) = &waits { (field(waits)) }
                }
                (form_foot("Save", Some(&here.at("/tasks"))))
            }
        }
    }

    fn held(&self, def: &FieldDef) -> Value {
        let number = match def.kind {
            Kind::Text { .. } => return Value::Text(self.task.title.clone()),
            _ if def.key == spine::TEAM.def.key => self.task.team,
            _ if def.key == spine::ASSIGNEE.def.key => self.task.assignee,
            _ => self.task.due,
        };
        number.map_or(Value::Null, Value::Int)
    }
}
