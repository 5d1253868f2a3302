//! Setting an installation up: how far it is, and the demo data.

use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::body::Posted;
use crate::once::once;
use crate::openapi::parts;
use crate::operation::Operation;
use crate::problem::Result;
use axum::extract::State;
use mainstay_desk::beginning::{self, Task};
use mainstay_desk::demo::{self, removal};
use mainstay_desk::{Caller, Channel, Session};
use mainstay_store::Watch;
use serde_json::{Value as Json, json};

const TAG: &str = "Installation";

/// The operations on the installation as a whole.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation::gets("/installation", read)
            .may("installation", "manage")
            .named("get_installation", TAG, "Read how far the set-up is: which first steps are true by now.")
            .gives_json(200, "How far it is.", &parts::reference("schemas", "Installation")),
        Operation::posts("/installation/begin", begin)
            .may("installation", "manage")
            .named("begin_installation", TAG, "Begin without demo data.")
            .gives(204, json!({ "description": "Done." })),
        Operation::gets("/demo", standing)
            .may("installation", "manage")
            .named(
                "get_demo",
                TAG,
                "Read what demo data there is, and what of it would stay because something true names it.",
            )
            .gives_json(200, "What there is.", &parts::reference("schemas", "Demo")),
        Operation::posts("/demo", fill)
            .may("installation", "manage")
            .named("fill_demo", TAG, "Put demo data in. Nobody of it can sign in; it takes some seconds.")
            .gives_json(200, "How many records were made.", &parts::reference("schemas", "DemoMade")),
        Operation::delete("/demo", |asker: Asker, State(api): State<Api>| remove(api, asker))
            .may("installation", "manage")
            .named("remove_demo", TAG, "Remove all demo data with its history, and nothing else."),
    ]
}

async fn read(api: Api, asker: Asker) -> Result<Answer> {
    asker
        .read(&api, |session: &mut Session<'_>, caller: &Caller| {
            let begun = beginning::read(session, caller)?;
            let done: Vec<&str> = begun.done.iter().map(|task| word(*task)).collect();
            Ok(Answer::ok(
                &json!({ "chosen": begun.chosen, "demo": begun.demo, "over": begun.is_over(), "done": done }),
            ))
        })
        .await
}

fn word(task: Task) -> &'static str {
    match task {
        Task::People => "people",
        Task::Teams => "teams",
        Task::Services => "services",
        Task::Promises => "service_levels",
        Task::Portal => "portal",
        Task::Report => "report",
    }
}

async fn begin(api: Api, asker: Asker, posted: Posted) -> Result<Answer> {
    posted.members.end()?;
    once(&api, &asker, posted.sameness, |session, caller| {
        beginning::begin_empty(session, caller)?;
        Ok(Answer::nothing())
    })
    .await
}

async fn standing(api: Api, asker: Asker) -> Result<Answer> {
    asker
        .read(&api, |session: &mut Session<'_>, caller: &Caller| {
            let standing = removal::standing(session, caller)?;
            let counted =
                standing.entries.iter().map(|(register, count)| json!({ "register": register.key, "count": count }));
            let entries: Vec<Json> = counted.collect();
            Ok(Answer::ok(&json!({ "records": standing.records, "entries": entries, "stays": standing.stays })))
        })
        .await
}

async fn fill(api: Api, asker: Asker, posted: Posted) -> Result<Answer> {
    posted.members.end()?;
    let (desk, credential) = (api.desk.clone(), asker.credential.clone());
    let played = demo::fill_for(&desk, &credential, Channel::Api, &Watch::default()).await?;
    Ok(Answer::ok(&json!({ "records": played.stories })))
}

async fn remove(api: Api, asker: Asker) -> Result<Answer> {
    asker.write(&api, |session, caller| removal::remove(session, caller).map(|_| ())).await?;
    Ok(Answer::nothing())
}
