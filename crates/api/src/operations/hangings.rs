//! What hangs on a record: comments, history, links, watchers.

use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::body::Posted;
use crate::once::once;
use crate::openapi::{fields, parts};
use crate::operation::Operation;
use crate::problem::Result;
use crate::query::{Id, Paging, cursor};
use crate::shape::{self, Changed};
use crate::written::Whole;
use mainstay_desk::records::{self, NewComment, Split};
use mainstay_engine::process::Process;
use mainstay_engine::refusal::Refusal;
use serde_json::{Value as Json, json};

/// Longest title of a record, in characters.
const LONGEST_TITLE: usize = 255;

/// The operations on what hangs on a process's records.
pub fn operations(process: &'static Process) -> Vec<Operation> {
    let mut all = conversation(process);
    all.extend(linking(process));
    all.extend(watching(process));
    all
}

fn conversation(process: &'static Process) -> Vec<Operation> {
    let (one, tag, names) =
        (format!("/{}/{{number}}", process.plural), process.label_plural, fields::Names::of(process));
    let comments_path = format!("{one}/comments");
    vec![
        Operation::pages_of(&comments_path, move |api, asker, number: String, paging| {
            comments(api, asker, process, number, paging)
        })
        .may(process.key, "view")
        .named(format!("list_{}_comments", process.key), tag, "Read the conversation, oldest first.")
        .asks(names.number())
        .asks(parts::reference("parameters", "Limit"))
        .asks(parts::reference("parameters", "After"))
        .gives_json(200, "One page.", &parts::page_of("Comment")),
        Operation::posts_to(&comments_path, move |api, asker, number: String, posted| {
            comment(api, asker, process, number, posted)
        })
        .may(process.key, "comment")
        .named(
            format!("comment_{}", process.key),
            tag,
            "Write a public reply, or an internal note that only staff reads.",
        )
        .asks(names.number())
        .takes(&parts::reference("schemas", "NewComment"), true)
        .gives_json(201, "The comment.", &parts::reference("schemas", "Comment")),
        Operation::posts_to(
            format!("{comments_path}/{{comment}}/split"),
            move |api, asker, place: (String, Id), posted| split(api, asker, process, place, posted),
        )
        .may(process.key, "create")
        .named(
            format!("split_{}_comment", process.key),
            tag,
            "Open a record of the same requester with these words as its report, and link both. Files go along; an internal note stays internal.",
        )
        .asks(names.number())
        .asks(parts::path("comment", "The id of the comment.", &parts::id_schema()))
        .takes(&parts::reference("schemas", "Split"), true)
        .gives(201, parts::made("The new record, of the process that was named.", &of_any_process())),
        Operation::pages_of(format!("{one}/history"), move |api, asker, number: String, paging| {
            history(api, asker, process, number, paging)
        })
        .may(process.key, "view")
        .named(
            format!("list_{}_history", process.key),
            tag,
            "Read who changed what, when and by which channel, oldest first.",
        )
        .asks(names.number())
        .asks(parts::reference("parameters", "Limit"))
        .asks(parts::reference("parameters", "After"))
        .gives_json(200, "One page.", &parts::page_of("Event")),
        Operation::posts_to(format!("{one}/events/{{event}}/undo"), move |api, asker, place: (String, Id), posted| {
            undo(api, asker, process, place, posted)
        })
        .may(process.key, "update")
        .named(
            format!("undo_{}_event", process.key),
            tag,
            "Take back an edit, a step or a link of one's own of the last minutes, as long as nobody has changed the same fields since.",
        )
        .asks(names.number())
        .asks(parts::path("event", "The id of the event.", &parts::id_schema()))
        .gives(200, parts::versioned("The record after it.", &names.record())),
    ]
}

fn linking(process: &'static Process) -> Vec<Operation> {
    let (one, tag, names) =
        (format!("/{}/{{number}}", process.plural), process.label_plural, fields::Names::of(process));
    vec![
        Operation::gets_of(format!("{one}/links"), move |api, asker, number: String| {
            links(api, asker, process, number)
        })
        .may(process.key, "view")
        .named(
            format!("list_{}_links", process.key),
            tag,
            "Read the links in both directions, as far as the caller sees the other end.",
        )
        .asks(names.number())
        .gives_json(200, "The links.", &parts::reference("schemas", "Links")),
        Operation::posts_to(format!("{one}/links"), move |api, asker, number: String, posted| {
            link(api, asker, process, number, posted)
        })
        .may(process.key, "link")
        .named(format!("link_{}", process.key), tag, "Link to another record, or to a reference in another system.")
        .asks(names.number())
        .takes(&names.new_link(), true)
        .gives_json(201, "All links after it.", &parts::reference("schemas", "Links")),
        Operation::ends(
            format!("{one}/links/{{relation}}/{{to}}"),
            move |api, asker, place: (String, String, String)| unlink(api, asker, process, place),
        )
        .may(process.key, "link")
        .named(
            format!("unlink_{}", process.key),
            tag,
            "Remove a link, for both ends, or a reference in another system.",
        )
        .asks(names.number())
        .asks(parts::path("relation", "The key of the relation.", &names.relation()))
        .asks(parts::path(
            "to",
            "The number of the record at the other end, or the reference in another system.",
            &json!({ "type": "string", "minLength": 1, "maxLength": 200 }),
        )),
    ]
}

fn watching(process: &'static Process) -> Vec<Operation> {
    let (one, tag, names) =
        (format!("/{}/{{number}}", process.plural), process.label_plural, fields::Names::of(process));
    vec![
        Operation::gets_of(format!("{one}/watchers"), move |api, asker, number: String| {
            watchers(api, asker, process, number)
        })
        .may(process.key, "view")
        .named(
            format!("list_{}_watchers", process.key),
            tag,
            "Read who watches: staff all, others whether they do themselves.",
        )
        .asks(names.number())
        .gives_json(200, "The watchers.", &parts::reference("schemas", "Watchers")),
        Operation::posts_to(format!("{one}/watchers"), move |api, asker, number: String, posted| {
            watch(api, asker, process, number, posted)
        })
        .may(process.key, "watch")
        .named(
            format!("watch_{}", process.key),
            tag,
            "Watch the record, or let somebody else watch it, who then sees it too.",
        )
        .asks(names.number())
        .takes(&parts::reference("schemas", "NewWatcher"), false)
        .gives_json(201, "The watchers after it.", &parts::reference("schemas", "Watchers")),
        Operation::ends(format!("{one}/watchers/{{person}}"), move |api, asker, place: (String, Id)| {
            unwatch(api, asker, process, place)
        })
        .may(process.key, "watch")
        .named(format!("unwatch_{}", process.key), tag, "End somebody's watching.")
        .asks(names.number())
        .asks(parts::path("person", "The id of the person.", &parts::id_schema())),
    ]
}

async fn comments(api: Api, asker: Asker, process: &'static Process, number: String, paging: Paging) -> Result<Answer> {
    let (after, limit) = (paging.after.id()?, paging.limit);
    asker
        .read(&api, move |session, caller| {
            let rows = records::comments(session, caller, process, &number, after, limit.items_i64())?;
            let names = shape::names_of(session.conn, rows.iter().filter_map(|row| row.author))?;
            let next = rows.last().filter(|_| rows.len() == limit.items()).map(|row| cursor(&row.id.to_string()));
            let items: Json = rows.iter().map(|row| shape::comment(row, &names)).collect();
            Ok(Answer::ok(&json!({ "items": items, "next": next })))
        })
        .await
}

async fn comment(api: Api, asker: Asker, process: &'static Process, number: String, posted: Posted) -> Result<Answer> {
    let mut members = posted.members;
    let body = members.needed("body", |all, key| all.text(key, 65_536));
    let new = NewComment { body, internal: members.flag("internal").unwrap_or_default(), ..NewComment::default() };
    members.end()?;
    once(&api, &asker, posted.sameness, move |session, caller| {
        let row = records::comment(session, caller, process, &number, &new)?;
        let names = shape::names_of(session.conn, row.author)?;
        Ok(Answer::created(&shape::comment(&row, &names), format!("/{}/{number}/comments", process.plural)))
    })
    .await
}

/// A record of whichever process.
fn of_any_process() -> Json {
    let all: Vec<Json> = mainstay_processes::ALL.iter().map(|process| fields::Names::of(process).record()).collect();
    json!({ "anyOf": all })
}

async fn split(
    api: Api,
    asker: Asker,
    process: &'static Process,
    place: (String, Id),
    posted: Posted,
) -> Result<Answer> {
    let (number, Id(comment)) = place;
    let mut members = posted.members;
    let title = members.needed("title", |all, key| all.text(key, LONGEST_TITLE));
    let into = members.text("process", 40);
    members.end()?;
    let unknown = || Refusal::invalid("unknown_process", "There is no such process.");
    let into = into.map_or(Ok(process), |key| mainstay_processes::process(&key).ok_or_else(unknown))?;
    let asked = Split { title, into };
    once(&api, &asker, posted.sameness, move |session, caller| {
        let view = records::split(session, caller, process, &number, comment, &asked)?;
        let own = view.record.value("number").as_text().unwrap_or_default();
        let body = Whole { view: &view, made: None, event: None };
        Ok(Answer::created(&body, format!("/{}/{own}", into.plural)).version(view.record.version))
    })
    .await
}

async fn history(api: Api, asker: Asker, process: &'static Process, number: String, paging: Paging) -> Result<Answer> {
    let (after, limit) = (paging.after.id()?, paging.limit);
    asker
        .read(&api, move |session, caller| {
            let rows = records::history(session, caller, process, &number, after, limit.items_i64())?;
            let changes: Vec<Vec<Changed>> =
                rows.iter().map(|row| Changed::of_record(session.config, Some(process), row)).collect();
            let actors = rows.iter().filter_map(|row| row.actor);
            let names = shape::names_of(session.conn, actors.chain(changes.iter().flatten().flat_map(Changed::ids)))?;
            let next = rows.last().filter(|_| rows.len() == limit.items()).map(|row| cursor(&row.id.to_string()));
            let items: Json =
                rows.iter().zip(&changes).map(|(row, changes)| shape::event(row, changes, &names)).collect();
            Ok(Answer::ok(&json!({ "items": items, "next": next })))
        })
        .await
}

async fn undo(
    api: Api,
    asker: Asker,
    process: &'static Process,
    place: (String, Id),
    posted: Posted,
) -> Result<Answer> {
    let (number, Id(event)) = place;
    posted.members.end()?;
    once(&api, &asker, posted.sameness, move |session, caller| {
        let view = records::undo(session, caller, process, &number, event)?;
        Ok(Answer::ok(&Whole { view: &view, made: None, event: None }).version(view.record.version))
    })
    .await
}

fn links_shown(
    session: &mut mainstay_desk::Session<'_>,
    caller: &mainstay_desk::Caller,
    process: &'static Process,
    number: &str,
) -> mainstay_desk::Result<Json> {
    let (links, external) = records::links(session, caller, process, number)?;
    let records = links.iter().map(|link| {
        json!({
            "relation": link.relation, "label": link.label, "outgoing": link.outgoing, "by_field": link.by_field,
            "process": link.other.process.key, "number": link.other.value("number").plain(),
            "title": link.other.value("title").plain(), "state": link.other.state.key,
            "state_label": link.other.state.label, "phase": link.other.state.phase.key(),
        })
    });
    let external = external.iter().map(|(relation, reference)| json!({ "relation": relation, "reference": reference }));
    Ok(json!({ "records": records.collect::<Json>(), "external": external.collect::<Json>() }))
}

async fn links(api: Api, asker: Asker, process: &'static Process, number: String) -> Result<Answer> {
    asker.read(&api, move |session, caller| Ok(Answer::ok(&links_shown(session, caller, process, &number)?))).await
}

async fn link(api: Api, asker: Asker, process: &'static Process, number: String, posted: Posted) -> Result<Answer> {
    let mut members = posted.members;
    let relation = members.needed("relation", |all, key| all.text(key, 60));
    let (to, reference) = (members.text("to", 40), members.text("reference", 200));
    members.end()?;
    if to.is_some() == reference.is_some() {
        let says = "Name either a record as to, or a reference in another system.";
        return Err(Refusal::invalid("one_end_needed", says).into());
    }
    once(&api, &asker, posted.sameness, move |session, caller| {
        if let Some(to) = &to {
            records::link(session, caller, process, &number, &relation, to)?;
        }
        if let Some(reference) = &reference {
            records::link_external(session, caller, process, &number, &relation, reference)?;
        }
        let body = links_shown(session, caller, process, &number)?;
        Ok(Answer::created(&body, format!("/{}/{number}/links", process.plural)))
    })
    .await
}

async fn unlink(api: Api, asker: Asker, process: &'static Process, place: (String, String, String)) -> Result<Answer> {
    let (number, relation, to) = place;
    asker
        .write(&api, move |session, caller| {
            records::unlink(session, caller, process, &number, &relation, &to).map(|_| ())
        })
        .await?;
    Ok(Answer::nothing())
}

fn watchers_shown(
    session: &mut mainstay_desk::Session<'_>,
    caller: &mainstay_desk::Caller,
    process: &'static Process,
    number: &str,
) -> mainstay_desk::Result<Json> {
    let people = records::watchers(session, caller, process, number)?;
    let names = shape::names_of(session.conn, people.iter().copied())?;
    Ok(json!({ "items": people.iter().map(|id| shape::reference(*id, &names)).collect::<Json>() }))
}

async fn watchers(api: Api, asker: Asker, process: &'static Process, number: String) -> Result<Answer> {
    asker.read(&api, move |session, caller| Ok(Answer::ok(&watchers_shown(session, caller, process, &number)?))).await
}

async fn watch(api: Api, asker: Asker, process: &'static Process, number: String, posted: Posted) -> Result<Answer> {
    let mut members = posted.members;
    let named = members.id("person");
    members.end()?;
    once(&api, &asker, posted.sameness, move |session, caller| {
        let nobody = || Refusal::invalid("person_needed", "Name the person who is to watch.");
        let person = named.or(caller.person_id()).ok_or_else(nobody)?;
        records::watch(session, caller, process, &number, person)?;
        let body = watchers_shown(session, caller, process, &number)?;
        Ok(Answer::created(&body, format!("/{}/{number}/watchers", process.plural)))
    })
    .await
}

async fn unwatch(api: Api, asker: Asker, process: &'static Process, place: (String, Id)) -> Result<Answer> {
    let (number, Id(person)) = place;
    asker.write(&api, move |session, caller| records::unwatch(session, caller, process, &number, person)).await?;
    Ok(Answer::nothing())
}
