//! Time that people have worked on a record.

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
use mainstay_desk::records::{self, NewTime, TimeChange};
use mainstay_engine::process::Process;
use mainstay_store::hangings::TimeRow;
use serde_json::{Value as Json, json};

/// Longest note, in characters.
const LONGEST_NOTE: usize = 255;

/// The operations on the time worked on a process's records.
pub fn operations(process: &'static Process) -> Vec<Operation> {
    let (path, tag, names) =
        (format!("/{}/{{number}}/time", process.plural), process.label_plural, fields::Names::of(process));
    let one = format!("{path}/{{time}}");
    let id = || parts::path("time", "The id of the time.", &parts::id_schema());
    vec![
        Operation::gets_of(&path, move |api, asker, number: String| list(api, asker, process, number))
            .may(process.key, "view")
            .named(
                format!("list_{}_time", process.key),
                tag,
                "Read the time worked, with its sum: nothing for those who do not read what is internal.",
            )
            .asks(names.number())
            .gives_json(200, "The time, the newest day first.", &parts::reference("schemas", "Times")),
        Operation::posts_to(&path, move |api, asker, number: String, posted| add(api, asker, process, number, posted))
            .may(process.key, "note")
            .named(format!("add_{}_time", process.key), tag, "Write down time that one has worked.")
            .asks(names.number())
            .takes(&parts::reference("schemas", "NewTime"), true)
            .gives(201, parts::made("The time.", &parts::reference("schemas", "Time"))),
        Operation::patch(
            &one,
            move |asker: Asker,
                  State(api): State<Api>,
                  Place(place): Place<(String, Id)>,
                  Ask(Nothing {}): Ask<Nothing>,
                  version: IfMatch,
                  posted: Posted| { change(api, asker, process, place, version, posted) },
        )
        .may(process.key, "note")
        .named(format!("change_{}_time", process.key), tag, "Change time that one has written down oneself.")
        .asks(names.number())
        .asks(id())
        .takes(&parts::reference("schemas", "TimeChange"), true)
        .gives(200, parts::versioned("The time after it.", &parts::reference("schemas", "Time"))),
        Operation::ends(&one, move |api, asker, place: (String, Id)| remove(api, asker, process, place))
            .may(process.key, "note")
            .named(format!("remove_{}_time", process.key), tag, "Remove time that one has written down oneself.")
            .asks(names.number())
            .asks(id()),
    ]
}

fn shown(session: &mut Session<'_>, row: &TimeRow) -> mainstay_desk::Result<Json> {
    let names = shape::names_of(session.conn, [row.person])?;
    Ok(shape::time(row, &names))
}

async fn list(api: Api, asker: Asker, process: &'static Process, number: String) -> Result<Answer> {
    asker
        .read(&api, move |session, caller| {
            let rows = records::times(session, caller, process, &number)?;
            let names = shape::names_of(session.conn, rows.iter().map(|row| row.person))?;
            let items: Json = rows.iter().map(|row| shape::time(row, &names)).collect();
            let minutes: i64 = rows.iter().map(|row| row.minutes).sum();
            Ok(Answer::ok(&json!({ "items": items, "minutes": minutes })))
        })
        .await
}

async fn add(api: Api, asker: Asker, process: &'static Process, number: String, posted: Posted) -> Result<Answer> {
    let mut members = posted.members;
    let minutes = members.needed("minutes", Members::id);
    let new = NewTime { minutes, day: members.day("day"), note: members.text("note", LONGEST_NOTE) };
    members.end()?;
    once(&api, &asker, posted.sameness, move |session, caller| {
        let row = records::add_time(session, caller, process, &number, &new)?;
        let body = shown(session, &row)?;
        Ok(Answer::created(&body, format!("/{}/{number}/time", process.plural)).version(row.version))
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
    let (number, Id(time)) = place;
    let mut members = posted.members;
    let change = TimeChange {
        version: version.required()?,
        minutes: members.id("minutes"),
        day: members.day("day"),
        note: members.changed("note", |all, key| all.text(key, LONGEST_NOTE)),
    };
    members.end()?;
    let answer = asker
        .write(&api, move |session, caller| {
            let row = records::change_time(session, caller, process, &number, time, &change)?;
            Ok(Answer::ok(&shown(session, &row)?).version(row.version))
        })
        .await?;
    Ok(answer)
}

async fn remove(api: Api, asker: Asker, process: &'static Process, place: (String, Id)) -> Result<Answer> {
    let (number, Id(time)) = place;
    asker.write(&api, move |session, caller| records::remove_time(session, caller, process, &number, time)).await?;
    Ok(Answer::nothing())
}
