//! Who holds a role, for what; given and taken.

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
use mainstay_desk::Session;
use mainstay_desk::permissions::{Holder, hand, holders};
use mainstay_processes::registers::{PEOPLE, ROLES};
use serde_json::{Value as Json, json};

/// Longest key of a process, in characters.
const LONGEST_KEY: usize = 60;

/// The operations on the holders of roles.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation::gets_of("/roles/{id}/holders", move |api, asker, Id(id): Id| show(api, asker, id))
            .may(ROLES.key, "view")
            .named(
                "list_role_holders",
                ROLES.label_plural,
                "Read who holds a role, for which organisation and process.",
            )
            .asks(role())
            .gives_json(200, "Its holders by name, as far as the caller may read them; at most 200 people.", &answer()),
        turn("give", "Give a role to somebody, for all or for one organisation or process alone.", true),
        turn("withdraw", "Take a role from somebody, as it was given to them.", false),
    ]
}

fn role() -> Json {
    parts::path("id", "The id of the role.", &parts::id_schema())
}

fn answer() -> Json {
    parts::items_of("RoleHolder")
}

fn turn(verb: &'static str, summary: &'static str, gives: bool) -> Operation {
    Operation::posts_to(format!("/roles/{{id}}/{verb}"), move |api, asker, Id(id): Id, posted| {
        take(api, asker, id, gives, posted)
    })
    .may(PEOPLE.key, "manage")
    .named(format!("{verb}_role"), ROLES.label_plural, summary)
    .asks(role())
    .takes(&parts::reference("schemas", "RoleHolding"), true)
    .gives_json(200, "The role as that person holds it now.", &answer())
}

fn shown(session: &mut Session<'_>, all: &[Holder]) -> mainstay_desk::Result<Json> {
    let ids = all.iter().flat_map(|holder| holder.organisation.into_iter().chain([holder.person]));
    let names = shape::names_of(session.conn, ids)?;
    let one = |holder: &Holder| {
        json!({
            "person": shape::reference(holder.person, &names),
            "organisation": shape::maybe_reference(holder.organisation, &names),
            "process": holder.process,
        })
    };
    Ok(json!({ "items": all.iter().map(one).collect::<Json>() }))
}

async fn show(api: Api, asker: Asker, role: i64) -> Result<Answer> {
    asker
        .read(&api, move |session, caller| {
            let all = holders(session, caller, role)?;
            Ok(Answer::ok(&shown(session, &all)?))
        })
        .await
}

async fn take(api: Api, asker: Asker, role: i64, gives: bool, posted: Posted) -> Result<Answer> {
    let mut members = posted.members;
    let holder = Holder {
        person: members.needed("person", Members::id),
        name: String::new(),
        organisation: members.id("organisation"),
        process: members.text("process", LONGEST_KEY),
    };
    members.end()?;
    once(&api, &asker, posted.sameness, move |session, caller| {
        let held = hand(session, caller, role, &holder, gives)?;
        Ok(Answer::ok(&shown(session, &held)?))
    })
    .await
}
