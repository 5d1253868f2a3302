//! Keeping a list as a view of one's own, or for everybody.

use axum::extract::{Extension, State};
use axum::response::Response;
use mainstay_desk::registers::{self as door, EntryDraft};
use mainstay_desk::{Caller, Channel, Session};
use mainstay_engine::process::Process;
use mainstay_processes::registers;
use serde_json::{Map, Value as Json, json};

use crate::failure::Failure;
use crate::flash::{Flash, go_on};
use crate::session::Posted;
use crate::web::Web;

/// `POST /{plural}/views`
pub async fn save(
    State(web): State<Web>,
    Extension(process): Extension<&'static Process>,
    Posted { visit, form }: Posted,
) -> Result<Response, Failure> {
    let name = form.filled("name").unwrap_or_default().to_owned();
    let shared = if form.has("shared") { "everyone" } else { "own" };
    let values: Map<String, Json> = [
        ("process", Some(json!(process.key))),
        ("condition", form.filled("condition").map(Json::from)),
        ("sort", form.filled("sort").map(Json::from)),
        ("shared", Some(json!(shared))),
    ]
    .into_iter()
    .filter_map(|(key, value)| value.map(|value| (key.to_owned(), value)))
    .collect();
    let draft = EntryDraft { name: Some(name.clone()), values, ..EntryDraft::default() };
    let work =
        move |session: &mut Session<'_>, caller: &Caller| door::create(session, caller, &registers::VIEWS, &draft);
    let view = web.write(&visit, Channel::Desk, work).await?;
    Ok(go_on(
        &format!("/{}?view={}", process.plural, view.id),
        Some(Flash::done(format!("“{name}” is in the sidebar now."))),
    ))
}
