//! Templates and macros on a record.

use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::body::Posted;
use crate::once::once;
use crate::openapi::{fields, parts};
use crate::operation::Operation;
use crate::problem::Result;
use crate::query::Id;
use crate::written::Whole;
use mainstay_desk::records::{self, Given, Macro};
use mainstay_engine::process::Process;
use serde_json::{Value as Json, json};

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
