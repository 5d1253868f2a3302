//! Exports that the caller has made again and again, and the files of them.

use super::exports;
use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::body::{Members, Posted};
use crate::once::once;
use crate::openapi::parts;
use crate::operation::Operation;
use crate::problem::Result;
use crate::query::Id;
use crate::shape;
use axum::response::Response;
use mainstay_desk::Caller;
use mainstay_desk::schedules::{self, Asked, FileRow, ScheduleRow, Wanted};
use mainstay_engine::refusal::{FieldError, Refusal};
use serde_json::{Value as Json, json};

/// The operations on the caller's regular exports.
pub fn operations() -> Vec<Operation> {
    let tag = "Exports";
    vec![
        Operation::gets("/export-schedules", list)
            .may("exports", "own")
            .named("list_export_schedules", tag, "List the exports that the caller has made regularly.")
            .gives_json(200, "The schedules, the oldest first.", &parts::items_of("ExportSchedule")),
        Operation::posts("/export-schedules", create)
            .may("exports", "own")
            .named(
                "create_export_schedule",
                tag,
                "Have a list made as a file regularly, each time with the rights that the caller has then; a notice tells of each.",
            )
            .takes(&parts::reference("schemas", "NewExportSchedule"), true)
            .gives(201, parts::made("The schedule.", &parts::reference("schemas", "ExportSchedule"))),
        Operation::ends("/export-schedules/{id}", move |api, asker, Id(id): Id| delete(api, asker, id))
            .may("exports", "own")
            .named("delete_export_schedule", tag, "End a schedule; files that it made stay for their thirty days.")
            .asks(parts::path("id", "The id of the schedule.", &parts::id_schema())),
        deed("pause", "Let a schedule rest.", Deed::Pause),
        deed("resume", "Let a schedule go on from its next time.", Deed::Resume),
        deed("run", "Have a file of a schedule made at once.", Deed::Run),
        Operation::gets("/exports", files)
            .may("exports", "own")
            .named("list_exports", tag, "List the files that were made for the caller in the last thirty days.")
            .gives_json(200, "The files, the newest first.", &parts::items_of("ExportFile")),
        Operation::gets_of("/exports/{id}", |api, asker, Id(id): Id| file(api, asker, id))
            .may("exports", "own")
            .named("get_export", tag, "Fetch a file that was made for the caller.")
            .asks(parts::path("id", "The id of the file.", &parts::id_schema()))
            .gives(200, exports::file()),
    ]
}

/// What is done with a schedule without a word more.
#[derive(Clone, Copy)]
enum Deed {
    Pause,
    Resume,
    Run,
}

fn deed(verb: &'static str, summary: &'static str, deed: Deed) -> Operation {
    Operation::posts_to(format!("/export-schedules/{{id}}/{verb}"), move |api, asker, id: Id, posted| {
        act(api, asker, id, posted, deed)
    })
    .may("exports", "own")
    .named(format!("{verb}_export_schedule"), "Exports", summary)
    .asks(parts::path("id", "The id of the schedule.", &parts::id_schema()))
    .gives_json(200, "The schedule.", &parts::reference("schemas", "ExportSchedule"))
}

fn reached(caller: &Caller, action: &str) -> mainstay_desk::Result<()> {
    if caller.rights.in_scope("exports", action) {
        return Ok(());
    }
    Err(Refusal::forbidden("no_right", "This token does not reach here.").into())
}

fn shown(row: &ScheduleRow) -> Json {
    let asked = Asked::read(&row.asked);
    json!({
        "id": row.id, "name": row.name, "process": row.process, "format": row.format, "every": row.every,
        "time": schedules::clock(row.minute), "paused": row.paused,
        "next_at": shape::maybe_instant((!row.paused).then_some(row.next_at)), "problem": row.problem,
        "view": asked.view, "filter": asked.filter, "sort": asked.sort, "fields": asked.fields,
    })
}

fn shown_file(row: &FileRow) -> Json {
    json!({
        "id": row.id, "name": row.name, "process": row.process, "format": row.format, "records": row.lines,
        "size": row.size, "at": shape::instant(row.at),
    })
}

async fn list(api: Api, asker: Asker) -> Result<Answer> {
    asker
        .read(&api, |session, caller| {
            reached(caller, "view")?;
            let all = schedules::list(session, caller)?;
            Ok(Answer::ok(&json!({ "items": all.iter().map(shown).collect::<Json>() })))
        })
        .await
}

async fn create(api: Api, asker: Asker, posted: Posted) -> Result<Answer> {
    let mut members = posted.members;
    let process = members.needed("process", |all, key| all.text(key, 60));
    let text = |members: &mut Members, key: &str, most: usize| members.needed(key, |all, key| all.text(key, most));
    let name = text(&mut members, "name", schedules::LONGEST_NAME);
    let format = text(&mut members, "format", 10);
    let every = text(&mut members, "every", 20);
    let time = text(&mut members, "time", 5);
    let asked = Asked {
        view: members.changed("view", Members::id).flatten(),
        filter: members.changed("filter", |all, key| all.text(key, 4000)).flatten().filter(|text| !text.is_empty()),
        sort: members.changed("sort", |all, key| all.text(key, 100)).flatten().filter(|text| !text.is_empty()),
        fields: members.texts("fields", 100),
    };
    members.end()?;
    let wanted = Wanted { name, format, every, time, asked };
    once(&api, &asker, posted.sameness, move |session, caller| {
        reached(caller, "create")?;
        let Some(process) = mainstay_processes::process(&process) else {
            let error = FieldError::new("process", "not_a_choice", "There is no such process.");
            return Err(Refusal::unless_empty(vec![error]).err().unwrap_or_else(|| Refusal::missing("process")).into());
        };
        let row = schedules::create(session, caller, process, &wanted)?;
        Ok(Answer::created(&shown(&row), format!("/export-schedules/{}", row.id)))
    })
    .await
}

async fn act(api: Api, asker: Asker, Id(id): Id, posted: Posted, deed: Deed) -> Result<Answer> {
    posted.members.end()?;
    once(&api, &asker, posted.sameness, move |session, caller| {
        reached(caller, "update")?;
        let row = match deed {
            Deed::Pause => schedules::pause(session, caller, id)?,
            Deed::Resume => schedules::resume(session, caller, id)?,
            Deed::Run => schedules::run(session, caller, id)?,
        };
        Ok(Answer::ok(&shown(&row)))
    })
    .await
}

async fn delete(api: Api, asker: Asker, id: i64) -> Result<Answer> {
    asker
        .write(&api, move |session, caller| {
            reached(caller, "delete")?;
            schedules::delete(session, caller, id)
        })
        .await?;
    Ok(Answer::nothing())
}

async fn files(api: Api, asker: Asker) -> Result<Answer> {
    asker
        .read(&api, |session, caller| {
            reached(caller, "view")?;
            let all = schedules::files(session, caller)?;
            Ok(Answer::ok(&json!({ "items": all.iter().map(shown_file).collect::<Json>() })))
        })
        .await
}

async fn file(api: Api, asker: Asker, id: i64) -> Result<Response> {
    let (row, format) = asker
        .read(&api, move |session, caller| {
            reached(caller, "view")?;
            schedules::file(session, caller, id)
        })
        .await?;
    let bytes = api.desk.blobs().get(&row.digest).await.map_err(mainstay_desk::Error::from)?;
    let place = mainstay_processes::process(&row.process).map_or("export", |process| process.plural);
    Ok(exports::saved(format, place, bytes))
}
