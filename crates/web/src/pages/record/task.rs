//! One task on a page of its own: what is to be done, by whom, until when, after what.

use axum::extract::{Extension, Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use mainstay_desk::records::{self, TaskChange};
use mainstay_desk::{Caller, Channel, Session};
use mainstay_engine::field::{FieldDef, Kind};
use mainstay_engine::process::Process;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::spine;
use mainstay_engine::value::Value;
use mainstay_markup::html;
use mainstay_store::hangings::TaskRow;

use super::back;
use super::form::{Page, Wrong};
use super::tasks::{asked, draft, waits_field, waits_of};
use crate::components::{field, form_foot, token_field};
use crate::failure::{Failure, status_of};
use crate::fields::{Asking, Pickers, given_of};
use crate::flash::{Flash, go_on};
use crate::form::Form;
use crate::pages::frame::{Frame, Place};
use crate::session::{Posted, Visit};
use crate::web::Web;

/// What the page shows.
struct Shown {
    frame: Frame,
    task: TaskRow,
    all: Vec<TaskRow>,
    pickers: Pickers,
}

/// `GET /{plural}/{number}/tasks/{id}`
pub async fn ask(
    State(web): State<Web>,
    Extension(process): Extension<&'static Process>,
    Path((number, id)): Path<(String, i64)>,
    RawQuery(query): RawQuery,
    visit: Visit,
) -> Result<Response, Failure> {
    let shown = load(&web, &visit, process, &number, id).await?;
    let to = back(process, &number, "/tasks", query.as_deref());
    Ok(shown.page(&web, &visit, process, &number, &to, None, None))
}

/// `POST /{plural}/{number}/tasks/{id}/edit`
pub async fn change(
    State(web): State<Web>,
    Extension(process): Extension<&'static Process>,
    Path((number, id)): Path<(String, i64)>,
    RawQuery(query): RawQuery,
    Posted { visit, form }: Posted,
) -> Result<Response, Failure> {
    let (at, given) = (number.clone(), form.clone());
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
        records::change_task(session, caller, process, &at, id, &change)
    };
    let to = back(process, &number, "/tasks", query.as_deref());
    match web.write(&visit, Channel::Desk, work).await.map_err(Failure::for_form) {
        Ok(_) => Ok(go_on(&to, Some(Flash::done("Task saved.")))),
        Err(Ok(refusal)) => {
            let shown = load(&web, &visit, process, &number, id).await?;
            Ok(shown.page(&web, &visit, process, &number, &to, Some(&form), Some(&refusal)))
        }
        Err(Err(failure)) => Err(failure),
    }
}

async fn load(web: &Web, visit: &Visit, process: &'static Process, number: &str, id: i64) -> Result<Shown, Failure> {
    let number = number.to_owned();
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
    web.read(visit, Channel::Desk, work).await
}

impl Shown {
    #[expect(clippy::too_many_arguments, reason = "what a refused form needs beside the page")]
    fn page(
        &self,
        web: &Web,
        visit: &Visit,
        process: &'static Process,
        number: &str,
        to: &str,
        form: Option<&Form>,
        refusal: Option<&Refusal>,
    ) -> Response {
        let errors = refusal.map(|refusal| refusal.errors.as_slice()).unwrap_or_default();
        let asking = Asking { pickers: &self.pickers, zone: &self.frame.zone, errors };
        let given = |def: &FieldDef| match form {
            Some(form) => form.all(def.key),
            None => given_of(def, &self.held(def), &self.frame.zone),
        };
        let waits_for = form.map_or_else(|| self.task.waits_for.clone(), waits_of);
        let waits = waits_field(&self.all, Some(self.task.id), &waits_for, errors);
        let action = to.replacen("/tasks", &format!("/tasks/{}/edit", self.task.id), 1);
        let body = html! {
            form.form method="post" action=(action) {
                (Wrong { refusal }.summary())
                (token_field(visit.token()))
                input type="hidden" name="version" value=(self.task.version);
                @for def in &asked() { input type="hidden" name="_fields" value=(def.key); }
                div.form-grid {
                    @for def in &asked() { (field(&asking.field(def, &given(def)))) }
                    @if let Some(waits) = &waits { (field(waits)) }
                }
                (form_foot("Save", Some(to)))
            }
        };
        let status = refusal.map_or(StatusCode::OK, status_of);
        let (above, place) = ((number, to.to_owned()), Place::Process(process.key));
        Page { frame: &self.frame, title: &self.task.title, above, place, status }.respond(web, visit, &body)
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
