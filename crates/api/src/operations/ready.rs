//! Templates and macros on a record.

use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::body::Posted;
use crate::once::once;
use crate::openapi::{fields, parts};
use crate::operation::Operation;
use crate::problem::Result;
use crate::query::{Ask, Id, Phrase, Place};
use crate::written::Whole;
use axum::extract::State;
use mainstay_desk::records::{self, Given, Macro};
use mainstay_engine::process::Process;
use serde::Deserialize;
use serde_json::{Value as Json, json};

/// Longest part of a name to look for, in characters.
const LONGEST_NAME: usize = 100;

/// The operations on what is at hand for a process's records.
pub fn operations(process: &'static Process) -> Vec<Operation> {
    let (one, tag, names) =
        (format!("/{}/{{number}}", process.plural), process.label_plural, fields::Names::of(process));
    vec![
        Operation::gets_of(format!("{one}/templates"), move |api, asker, number: String| {
            templates(api, asker, process, number)
        })
        .may(process.key, "view")
        .named(format!("list_{}_templates", process.key), tag, "Read the templates for this record, filled in.")
        .asks(names.number())
        .gives_json(200, "The templates, by name.", &parts::items_of("FilledTemplate")),
        Operation::get(
            format!("{one}/mentionable"),
            move |asker: Asker, State(api): State<Api>, Place(number): Place<String>, Ask(ask): Ask<MentionableAsk>| {
                mentionable(api, asker, process, number, ask)
            },
        )
        .may(process.key, "view")
        .named(
            format!("list_{}_mentionable", process.key),
            tag,
            "Find people to name in words on this record: who may read it, or what is internal on it. Only staff names anybody.",
        )
        .asks(names.number())
        .asks(parts::query("q", "A part of the name.", &json!({ "type": "string", "maxLength": LONGEST_NAME })))
        .asks(parts::query("internal", "Only who reads internal words.", &json!({ "type": "boolean" })))
        .gives_json(200, "At most ten, by name.", &parts::items_of("Reference")),
        Operation::gets_of(format!("{one}/macros"), move |api, asker, number: String| {
            macros(api, asker, process, number)
        })
        .may(process.key, "view")
        .named(format!("list_{}_macros", process.key), tag, "Read what each macro would say, set and do here.")
        .asks(names.number())
        .gives_json(200, "The macros, by name.", &parts::items_of("MacroPreview")),
        Operation::posts_to(format!("{one}/macros/{{macro}}"), move |api, asker, place: (String, Id), posted| {
            apply(api, asker, process, place, posted)
        })
        .may(process.key, "view")
        .named(format!("apply_{}_macro", process.key), tag, "Apply a macro, all or nothing.")
        .asks(names.number())
        .asks(parts::path("macro", "The id of the macro.", &parts::id_schema()))
        .takes(&parts::reference("schemas", "MacroUse"), false)
        .gives(200, parts::versioned("The record after it.", &names.record())),
    ]
}

/// Whom to name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MentionableAsk {
    #[serde(default)]
    q: Option<Phrase<LONGEST_NAME>>,
    #[serde(default)]
    internal: bool,
}

async fn mentionable(
    api: Api,
    asker: Asker,
    process: &'static Process,
    number: String,
    ask: MentionableAsk,
) -> Result<Answer> {
    let (text, internal) = (ask.q.map(|text| text.0).unwrap_or_default(), ask.internal);
    asker
        .read(&api, move |session, caller| {
            let found = records::mentionable(session, caller, process, &number, &text, internal)?;
            let items = found.iter().map(|(id, name)| json!({ "id": id, "name": name }));
            Ok(Answer::ok(&json!({ "items": items.collect::<Json>() })))
        })
        .await
}

async fn templates(api: Api, asker: Asker, process: &'static Process, number: String) -> Result<Answer> {
    asker
        .read(&api, move |session, caller| {
            let found = records::templates(session, caller, process, &number)?;
            let items = found.iter().map(|each| json!({ "id": each.id, "name": each.name, "body": each.body }));
            Ok(Answer::ok(&json!({ "items": items.collect::<Json>() })))
        })
        .await
}

fn shown(each: &Macro) -> Json {
    let changes = each.changes.iter();
    json!({
        "id": each.id, "name": each.name, "confirm": each.confirm, "internal": each.internal, "body": each.body,
        "changes": changes.map(|(f, old, new)| json!({ "field": f.key, "old": old.to_json(f), "new": new })).collect::<Json>(),
        "step": each.step.map(|step| step.verb),
    })
}

async fn macros(api: Api, asker: Asker, process: &'static Process, number: String) -> Result<Answer> {
    asker
        .read(&api, move |session, caller| {
            let found = records::macros(session, caller, process, &number)?;
            Ok(Answer::ok(&json!({ "items": found.iter().map(shown).collect::<Json>() })))
        })
        .await
}

async fn apply(
    api: Api,
    asker: Asker,
    process: &'static Process,
    place: (String, Id),
    posted: Posted,
) -> Result<Answer> {
    let (number, Id(id)) = place;
    let mut members = posted.members;
    let given = Given {
        body: members.text("body", 65_536),
        confirmed: members.flag("confirmed").unwrap_or_default(),
        ..Given::default()
    };
    members.end()?;
    once(&api, &asker, posted.sameness, move |session, caller| {
        let applied = records::apply_macro(session, caller, process, &number, id, &given)?;
        let body = Whole { view: &applied.view, made: None, event: applied.events.last().copied() };
        Ok(Answer::ok(&body).version(applied.view.record.version))
    })
    .await
}
