//! Tasks on a record.

use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::body::{Members, Posted};
use crate::once::once;
use crate::openapi::{fields, parts};
use crate::operation::Operation;
use crate::problem::Result;
use crate::query::{Ask, Id, IfMatch, Nothing, Place};
use crate::shape;
use axum::extract::State;
use mainstay_desk::Session;
use mainstay_desk::records::{self, TaskChange, TaskDraft};
use mainstay_engine::process::Process;
use mainstay_store::hangings::TaskRow;
use serde_json::{Value as Json, json};

/// Longest title of a task, in characters.
const LONGEST_TITLE: usize = 255;

/// The operations on the tasks of a process's records.
pub fn operations(process: &'static Process) -> Vec<Operation> {
    let (path, tag, names) =
        (format!("/{}/{{number}}/tasks", process.plural), process.label_plural, fields::Names::of(process));
    vec![
        Operation::gets_of(&path, move |api, asker, number: String| list(api, asker, process, number))
            .may(process.key, "view")
            .named(format!("list_{}_tasks", process.key), tag, "Read the tasks: staff all of them, a vendor its own.")
            .asks(names.number())
            .gives_json(200, "The tasks, in order.", &parts::items_of("Task")),
        Operation::posts_to(&path, move |api, asker, number: String, posted| add(api, asker, process, number, posted))
            .may(process.key, "task")
            .named(format!("add_{}_task", process.key), tag, "Add a task at the end.")
            .asks(names.number())
            .takes(&parts::reference("schemas", "NewTask"), true)
            .gives(201, parts::made("The task.", &parts::reference("schemas", "Task"))),
        Operation::patch(
            format!("{path}/{{task}}"),
            move |asker: Asker,
                  State(api): State<Api>,
                  Place(place): Place<(String, Id)>,
                  Ask(Nothing {}): Ask<Nothing>,
                  version: IfMatch,
                  posted: Posted| { change(api, asker, process, place, version, posted) },
        )
        .may(process.key, "task")
        .named(format!("change_{}_task", process.key), tag, "Change a task, give it another place, or say that it is done, which it cannot be before what it waits for.")
        .asks(names.number())
        .asks(parts::path("task", "The id of the task.", &parts::id_schema()))
        .takes(&parts::reference("schemas", "TaskChange"), true)
        .gives(200, parts::versioned("The task after it.", &parts::reference("schemas", "Task"))),
    ]
}

fn shown(session: &mut Session<'_>, row: &TaskRow) -> mainstay_desk::Result<Json> {
    let names = shape::names_of(session.conn, row.team.into_iter().chain(row.assignee))?;
    Ok(shape::task(row, &names))
}

async fn list(api: Api, asker: Asker, process: &'static Process, number: String) -> Result<Answer> {
    asker
        .read(&api, move |session, caller| {
            let rows = records::tasks(session, caller, process, &number)?;
            let names =
                shape::names_of(session.conn, rows.iter().flat_map(|row| row.team.into_iter().chain(row.assignee)))?;
            Ok(Answer::ok(&json!({ "items": rows.iter().map(|row| shape::task(row, &names)).collect::<Json>() })))
        })
        .await
}

async fn add(api: Api, asker: Asker, process: &'static Process, number: String, posted: Posted) -> Result<Answer> {
    let mut members = posted.members;
    let title = members.needed("title", |all, key| all.text(key, LONGEST_TITLE));
    let draft = TaskDraft {
        title,
        team: members.id("team"),
        assignee: members.id("assignee"),
        due: members.instant("due"),
        waits_for: members.ids("waits_for").unwrap_or_default(),
    };
    members.end()?;
    once(&api, &asker, posted.sameness, move |session, caller| {
        let row = records::add_task(session, caller, process, &number, &draft)?;
        let body = shown(session, &row)?;
        Ok(Answer::created(&body, format!("/{}/{number}/tasks", process.plural)).version(row.version))
    })
    .await
}

async fn change(
    api: Api,
    asker: Asker,
    process: &'static Process,
    place: (String, Id),
    version: IfMatch,
    posted: Posted,
) -> Result<Answer> {
    let (number, Id(task)) = place;
    let mut members = posted.members;
    let change = TaskChange {
        version: version.required()?,
        title: members.text("title", LONGEST_TITLE),
        state: members.text("state", 20),
        team: members.changed("team", Members::id),
        assignee: members.changed("assignee", Members::id),
        due: members.changed("due", Members::instant),
        waits_for: members.ids("waits_for"),
        position: members.count("position"),
    };
    members.end()?;
    let answer = asker
        .write(&api, move |session, caller| {
            let row = records::change_task(session, caller, process, &number, task, &change)?;
            Ok(Answer::ok(&shown(session, &row)?).version(row.version))
        })
        .await?;
    Ok(answer)
}
