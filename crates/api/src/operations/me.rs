//! Who the caller is and what it may do.

use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::openapi::parts;
use crate::operation::Operation;
use crate::problem::{Problem, Result};
use crate::shape;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use mainstay_desk::Caller;
use mainstay_desk::config::Config;
use mainstay_desk::rights::Rights;
use mainstay_engine::process::Process;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// The operations on oneself, and the description of the API.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation::gets("/me", me)
            .may("me", "own")
            .named("get_me", "Me", "Who the token or session belongs to, and what it may do.")
            .gives_json(200, "The caller.", &parts::reference("schemas", "Me")),
        Operation::gets("/openapi.json", description)
            .may("me", "own")
            .named("get_description", "Me", "This description, with the fields that this installation added.")
            .gives_json(200, "An OpenAPI 3.1 document.", &json!({ "type": "object" })),
    ]
}

async fn me(api: Api, asker: Asker) -> Result<Answer> {
    let body = asker
        .read(&api, |session, caller| {
            let Some(person) = &caller.person else { return Ok(None) };
            let names = shape::names_of(session.conn, person.teams.iter().copied().chain(person.organisation))?;
            Ok(Some(json!({
                "id": person.id,
                "name": person.name,
                "email": person.email,
                "zone": person.zone,
                "language": person.language,
                "organisation": shape::maybe_reference(person.organisation, &names),
                "teams": person.teams.iter().map(|id| shape::reference(*id, &names)).collect::<Json>(),
                "staff": caller.rights.is_any_staff(),
                "processes": in_use(session.config),
                "scopes": caller.rights.scopes,
                "permissions": permissions(caller),
            })))
        })
        .await?;
    Ok(Answer::ok(&body.ok_or_else(Problem::unknown)?))
}

/// The processes that are switched on.
fn in_use(config: &Config) -> Json {
    let enabled = mainstay_processes::ALL.iter().filter(|process| config.process(process).enabled);
    let one =
        |p: &&Process| json!({ "key": p.key, "plural": p.plural, "label": p.label, "label_plural": p.label_plural });
    enabled.map(one).collect()
}

/// Every right that some operation needs, as (area, action), each once.
static RIGHTS: LazyLock<BTreeSet<(&'static str, &'static str)>> = LazyLock::new(|| {
    let needed = super::all().into_iter().map(|operation| (operation.area, operation.action));
    needed.filter(|(_, action)| *action != "own").collect()
});

/// What the caller may do for at least one organisation.
fn permissions(caller: &Caller) -> Vec<String> {
    let rights: &Rights = &caller.rights;
    let open = RIGHTS.iter().filter(|(area, action)| rights.may_somewhere(area, action));
    open.map(|(area, action)| format!("{area}.{action}")).collect()
}

async fn description(api: Api, asker: Asker) -> Result<Response> {
    let document = asker
        .read(&api, |session, caller| {
            let staff = caller.rights.is_any_staff();
            Ok(crate::openapi::document(&|process| crate::openapi::fields::added(session.config, process, staff)))
        })
        .await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], document.to_string()).into_response())
}
