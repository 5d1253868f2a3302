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
use crate::query::{Ask, Id};
use crate::shape;
use axum::extract::State;
use axum::response::Response;
use mainstay_desk::Caller;
use mainstay_desk::schedules::{self, Asked, FileRow, OfReport, ScheduleRow, Wanted, What};
use mainstay_engine::refusal::{FieldError, Refusal};
use serde::Deserialize;
use serde_json::{Value as Json, json};

/// Whose schedules are wanted.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Whose {
    Everybody,
}

/// The question of the list.
#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    of: Option<Whose>,
}

/// The operations on the caller's regular exports.
pub fn operations() -> Vec<Operation> {
    let tag = "Exports";
    vec![
        Operation::get("/export-schedules", |asker: Asker, State(api): State<Api>, Ask(listed): Ask<Listed>| {
            list(api, asker, listed)
        })
            .may("exports", "own")
            .named(
                "list_export_schedules",
                tag,
                "List the exports that the caller has made regularly, or, for whoever oversees the installation, everybody's.",
            )
            .asks(json!({ "name": "of", "in": "query", "description": "Whose: the caller's own unless everybody's are asked for.", "schema": { "enum": ["everybody"] } }))
            .gives_json(200, "The schedules, the oldest first.", &parts::items_of("ExportSchedule")),
        Operation::posts("/export-schedules", create)
            .may("exports", "own")
            .named(
                "create_export_schedule",
                tag,
                "Have a list or a report made as a file regularly, each time with the rights that the caller has then; a notice tells of each. A report says its purpose and audience.",
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
    let mut shown = json!({
        "id": row.id, "person": row.person, "name": row.name, "process": row.process, "format": row.format, "every": row.every,
        "time": schedules::clock(row.minute), "purpose": row.purpose, "audience": row.audience, "paused": row.paused,
        "next_at": shape::maybe_instant((!row.paused).then_some(row.next_at)), "problem": row.problem,
        "view": null, "filter": null, "sort": null, "fields": null, "report": null, "period": null, "group_by": null,
        "of": null,
    });
    match What::read(&row.asked) {
        What::List(of) => {
            shown["view"] = json!(of.view);
            shown["filter"] = json!(of.filter);
            shown["sort"] = json!(of.sort);
            shown["fields"] = json!(of.fields);
        }
        What::Report(of) => {
            shown["report"] = json!(of.key);
            shown["period"] = json!(of.period);
            shown["group_by"] = json!(of.group_by);
            shown["filter"] = json!(of.filter);
            shown["of"] = json!(of.of);
        }
    }
    shown
}

fn shown_file(row: &FileRow) -> Json {
    json!({
        "id": row.id, "name": row.name, "process": row.process, "report": row.report, "format": row.format,
        "records": row.lines, "size": row.size, "at": shape::instant(row.at),
    })
}

async fn list(api: Api, asker: Asker, listed: Listed) -> Result<Answer> {
    asker
        .read(&api, move |session, caller| {
            reached(caller, "view")?;
            let all = match listed.of {
                None => schedules::list(session, caller)?,
                Some(Whose::Everybody) => {
                    schedules::catalogue(session, caller)?.into_iter().map(|each| each.row).collect()
                }
            };
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
    let may = |members: &mut Members, key: &str, most: usize| {
        members.changed(key, |all, key| all.text(key, most)).flatten().filter(|text| !text.is_empty())
    };
    let words = |members: &mut Members, key: &str| may(members, key, schedules::LONGEST_WORDS).unwrap_or_default();
    let (purpose, audience) = (words(&mut members, "purpose"), words(&mut members, "audience"));
    let filter = may(&mut members, "filter", 4000);
    let what = if let Some(key) = may(&mut members, "report", 60) {
        let period = text(&mut members, "period", 30);
        What::Report(OfReport {
            key,
            period,
            group_by: may(&mut members, "group_by", 60),
            filter,
            of: may(&mut members, "of", 60),
        })
    } else {
        What::List(Asked {
            view: members.changed("view", Members::id).flatten(),
            filter,
            sort: may(&mut members, "sort", 100),
            fields: members.texts("fields", 100),
        })
    };
    members.end()?;
    let wanted = Wanted { name, format, every, time, purpose, audience, what };
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
