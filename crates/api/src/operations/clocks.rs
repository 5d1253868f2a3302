//! Service-level clocks of a record.

use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::body::Posted;
use crate::once::once;
use crate::openapi::{fields, parts};
use crate::operation::Operation;
use crate::problem::Result;
use crate::query::{Ask, Id, Nothing, Place};
use crate::shape;
use crate::written::{self, Clock};
use axum::extract::State;
use mainstay_desk::records::{self, Exclusion};
use mainstay_engine::process::Process;
use serde_json::json;

/// The operations on the clocks of a process's records; none when it has no clocks.
pub fn operations(process: &'static Process) -> Vec<Operation> {
    if !process.has_clocks() {
        return Vec::new();
    }
    let (path, tag, names) =
        (format!("/{}/{{number}}/clocks", process.plural), process.label_plural, fields::Names::of(process));
    vec![
        Operation::get(
            &path,
            move |asker: Asker, State(api): State<Api>, Place(number): Place<String>, Ask(Nothing {}): Ask<Nothing>| {
                list(api, asker, process, number)
            },
        )
        .may(process.key, "view")
        .named(format!("list_{}_clocks", process.key), tag, "Read the service-level clocks with their segments.")
        .asks(names.number())
        .gives_json(200, "The clocks.", &parts::items_of("Clock")),
        Operation::post(
            format!("{path}/{{clock}}/exclude"),
            move |asker: Asker,
                  State(api): State<Api>,
                  Place(place): Place<(String, Id)>,
                  Ask(Nothing {}): Ask<Nothing>,
                  posted: Posted| { exclude(api, asker, process, place, posted) },
        )
        .may("exclusions", "manage")
        .named(
            format!("exclude_{}_time", process.key),
            tag,
            "Leave a stretch out of the adjusted result; the raw one stays beside it.",
        )
        .asks(names.number())
        .asks(parts::path("clock", "The id of the clock.", &parts::id_schema()))
        .takes(&parts::reference("schemas", "Exclusion"), true)
        .gives_json(200, "The clock after it.", &parts::reference("schemas", "Clock")),
    ]
}

async fn list(api: Api, asker: Asker, process: &'static Process, number: String) -> Result<Answer> {
    asker
        .read(&api, move |session, caller| {
            let view = records::get(session, caller, process, &number)?;
            Ok(Answer::ok(&json!({ "items": written::clocks(&view.clocks, &view.names) })))
        })
        .await
}

async fn exclude(
    api: Api,
    asker: Asker,
    process: &'static Process,
    place: (String, Id),
    posted: Posted,
) -> Result<Answer> {
    let (number, Id(id)) = place;
    let mut members = posted.members;
    let (from, to, reason) = (members.instant("from"), members.instant("to"), members.text("reason", 1000));
    let from = members.needed("from", from).unwrap_or_default();
    let to = members.needed("to", to).unwrap_or_default();
    let reason = members.needed("reason", reason).unwrap_or_default();
    members.end()?;
    let exclusion = Exclusion { from, to, reason };
    once(&api, &asker, posted.sameness, move |session, caller| {
        let clock = records::exclude(session, caller, process, &number, id, &exclusion)?;
        let names = shape::names_of(session.conn, clock.ids())?;
        Ok(Answer::ok(&Clock { clock: &clock, names: &names }))
    })
    .await
}
