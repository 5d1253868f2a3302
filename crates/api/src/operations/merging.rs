//! One person instead of two: what it would do, and the doing.

use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::body::{Members, Posted};
use crate::once::once;
use crate::openapi::parts;
use crate::operation::Operation;
use crate::problem::Result;
use crate::query::{Ask, Id, Place};
use axum::extract::State;
use mainstay_desk::merging::{self, Merge};
use mainstay_engine::register::Entry;
use mainstay_processes::registers::PEOPLE;
use serde::Deserialize;
use serde_json::{Value as Json, json};

/// Longest reason, in characters.
const LONGEST_REASON: usize = 1000;

/// The operations that make one person of two.
pub fn operations() -> Vec<Operation> {
    let place = "/people/{id}/merge";
    vec![
        Operation::get(
            place,
            move |asker: Asker, State(api): State<Api>, Place(Id(id)): Place<Id>, Ask(ask): Ask<MergeAsk>| {
                preview(api, asker, id, ask)
            },
        )
        .may(PEOPLE.key, "manage")
        .named(
            "preview_merge_of_people",
            PEOPLE.label_plural,
            "Read what merging another person into this one would do. Counts end at 1,000, which stands for that many or \
             more.",
        )
        .asks(person())
        .asks(parts::needed_query("other", "The id of the person who would be retired.", &parts::id_schema()))
        .gives_json(200, "What would move and end.", &answer()),
        Operation::posts_to(place, move |api, asker, Id(id): Id, posted| take(api, asker, id, posted))
            .may(PEOPLE.key, "manage")
            .named(
                "merge_people",
                PEOPLE.label_plural,
                "Merge another person into this one: whatever names the other names this one from then on, and the other \
                 is retired. Records in work say so in their history; every record that names the other gets a new version.",
            )
            .asks(person())
            .takes(&parts::reference("schemas", "PeopleMerging"), true)
            .gives_json(200, "What moved and ended.", &answer()),
    ]
}

fn person() -> Json {
    parts::path("id", "The id of the person who stays.", &parts::id_schema())
}

fn answer() -> Json {
    parts::reference("schemas", "PeopleMerge")
}

/// Who would be retired.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MergeAsk {
    other: Id,
}

fn shown(merge: &Merge) -> Json {
    let named = |person: &Entry| json!({ "id": person.id, "name": person.name });
    json!({
        "kept": named(&merge.kept),
        "other": named(&merge.other),
        "moves": merge.moves.iter().map(|moved| json!({ "what": moved.what, "count": moved.count })).collect::<Json>(),
        "gains": merge.gains.iter().map(|field| field.key).collect::<Json>(),
        "ends": { "password": merge.ends.password, "sessions": merge.ends.sessions, "tokens": merge.ends.tokens },
    })
}

async fn preview(api: Api, asker: Asker, kept: i64, ask: MergeAsk) -> Result<Answer> {
    let Id(other) = ask.other;
    asker
        .read(&api, move |session, caller| Ok(Answer::ok(&shown(&merging::preview(session, caller, kept, other)?))))
        .await
}

async fn take(api: Api, asker: Asker, kept: i64, posted: Posted) -> Result<Answer> {
    let mut members = posted.members;
    let other = members.needed("other", Members::id);
    let reason = members.text("reason", LONGEST_REASON);
    members.end()?;
    once(&api, &asker, posted.sameness, move |session, caller| {
        Ok(Answer::ok(&shown(&merging::merge(session, caller, kept, other, reason.as_deref())?)))
    })
    .await
}
