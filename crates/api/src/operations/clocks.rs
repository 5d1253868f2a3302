//! Service-level clocks of a record.

use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::body::{Members, Posted};
use crate::once::once;
use crate::openapi::{fields, parts};
use crate::operation::Operation;
use crate::problem::Result;
use crate::query::Id;
use crate::shape;
use crate::written::{self, Clock};
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
        Operation::gets_of(&path, move |api, asker, number: String| list(api, asker, process, number))
            .may(process.key, "view")
            .named(format!("list_{}_clocks", process.key), tag, "Read the service-level clocks with their segments.")
            .asks(names.number())
            .gives_json(200, "The clocks.", &parts::items_of("Clock")),
        Operation::posts_to(format!("{path}/{{clock}}/exclude"), move |api, asker, place: (String, Id), posted| {
            exclude(api, asker, process, place, posted)
        })
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
    let (from, to) = (members.needed("from", Members::instant), members.needed("to", Members::instant));
    let reason = members.needed("reason", |all, key| all.text(key, 1000));
    members.end()?;
    let exclusion = Exclusion { from, to, reason };
    once(&api, &asker, posted.sameness, move |session, caller| {
        let clock = records::exclude(session, caller, process, &number, id, &exclusion)?;
        let names = shape::names_of(session.conn, clock.ids())?;
        Ok(Answer::ok(&Clock { clock: &clock, names: &names }))
    })
    .await
}
