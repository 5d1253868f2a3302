//! What the caller chose for themselves.

use super::tokens::whole_person;
use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::body::{Members, Posted};
use crate::once::once;
use crate::openapi::parts;
use crate::operation::Operation;
use crate::problem::Result;
use mainstay_desk::looks::{self, Looks};
use mainstay_desk::pins;
use mainstay_desk::shortcuts::{self, Keys, Use};
use mainstay_desk::writing;
use mainstay_engine::refusal::{FieldError, Refusal};
use serde_json::{Value as Json, json};

/// Longest word for a choice.
const LONGEST: usize = 20;

/// The operations on the caller's preferences.
pub fn operations() -> Vec<Operation> {
    let tag = "Me";
    vec![
        Operation::gets("/me/shortcuts", keys)
            .may("me", "own")
            .named("get_shortcuts", tag, "Read the caller's keyboard shortcuts.")
            .gives_json(200, "The shortcuts.", &parts::reference("schemas", "Shortcuts")),
        Operation::posts("/me/shortcuts", set_keys)
            .may("me", "own")
            .named("set_shortcuts", tag, "Set the caller's keyboard shortcuts.")
            .takes(&parts::reference("schemas", "NewShortcuts"), true)
            .gives_json(200, "The shortcuts.", &parts::reference("schemas", "Shortcuts")),
        Operation::gets("/me/pins", pinned)
            .may("me", "own")
            .named("get_pins", tag, "Read the views at the top of the caller's sidebar, the topmost first.")
            .gives_json(200, "The views.", &parts::reference("schemas", "Pins")),
        Operation::posts("/me/pins", pin)
            .may("me", "own")
            .named("set_pins", tag, "Put exactly these views at the top of the caller's sidebar.")
            .takes(&parts::reference("schemas", "NewPins"), true)
            .gives_json(200, "The views.", &parts::reference("schemas", "Pins")),
        Operation::gets("/me/looks", looks_now)
            .may("me", "own")
            .named("get_looks", tag, "Read how pages look to the caller.")
            .gives_json(200, "The choice.", &parts::reference("schemas", "Looks")),
        Operation::posts("/me/looks", set_looks)
            .may("me", "own")
            .named("set_looks", tag, "Set how pages look to the caller, on every device.")
            .takes(&parts::reference("schemas", "NewLooks"), true)
            .gives_json(200, "The choice.", &parts::reference("schemas", "Looks")),
        Operation::gets("/me/writing", written)
            .may("me", "own")
            .named("get_writing", tag, "Read how the caller likes to write on records.")
            .gives_json(200, "The choice.", &parts::reference("schemas", "Writing")),
        Operation::posts("/me/writing", write)
            .may("me", "own")
            .named("set_writing", tag, "Set how the caller likes to write on records.")
            .takes(&parts::reference("schemas", "NewWriting"), true)
            .gives_json(200, "The choice.", &parts::reference("schemas", "Writing")),
    ]
}

fn shown(keys: &Keys) -> Json {
    let one = |each: &shortcuts::Shortcut| {
        json!({
            "id": each.id, "words": each.words, "screen": each.screen.key(), "keys": keys.set_for(each), "shipped": each.keys,
        })
    };
    json!({ "use": keys.used.key(), "items": shortcuts::ALL.iter().map(one).collect::<Json>() })
}

async fn keys(api: Api, asker: Asker) -> Result<Answer> {
    asker
        .read(&api, |session, caller| {
            whole_person(caller)?;
            Ok(Answer::ok(&shown(&shortcuts::of(session, caller)?)))
        })
        .await
}

async fn pinned(api: Api, asker: Asker) -> Result<Answer> {
    asker
        .read(&api, |session, caller| {
            whole_person(caller)?;
            Ok(Answer::ok(&json!({ "views": pins::of(session, caller)? })))
        })
        .await
}

async fn pin(api: Api, asker: Asker, posted: Posted) -> Result<Answer> {
    let mut members = posted.members;
    let views = members.needed("views", Members::ids);
    members.end()?;
    once(&api, &asker, posted.sameness, move |session, caller| {
        whole_person(caller)?;
        Ok(Answer::ok(&json!({ "views": pins::set(session, caller, &views)? })))
    })
    .await
}

fn shown_looks(looks: Looks) -> Answer {
    Answer::ok(&json!({ "theme": looks.theme, "density": looks.density }))
}

async fn looks_now(api: Api, asker: Asker) -> Result<Answer> {
    asker
        .read(&api, |session, caller| {
            whole_person(caller)?;
            Ok(shown_looks(looks::of(session, caller)?))
        })
        .await
}

async fn set_looks(api: Api, asker: Asker, posted: Posted) -> Result<Answer> {
    let mut members = posted.members;
    let theme = members.text("theme", LONGEST);
    let density = members.text("density", LONGEST);
    members.end()?;
    let chosen = Looks::of(&theme.unwrap_or_default(), &density.unwrap_or_default())?;
    once(&api, &asker, posted.sameness, move |session, caller| {
        whole_person(caller)?;
        looks::set(session, caller, chosen)?;
        Ok(shown_looks(chosen))
    })
    .await
}

async fn written(api: Api, asker: Asker) -> Result<Answer> {
    asker
        .read(&api, |session, caller| {
            whole_person(caller)?;
            Ok(Answer::ok(&json!({ "rich": writing::is_rich(session, caller)? })))
        })
        .await
}

async fn write(api: Api, asker: Asker, posted: Posted) -> Result<Answer> {
    let mut members = posted.members;
    let rich = members.needed("rich", Members::flag);
    members.end()?;
    once(&api, &asker, posted.sameness, move |session, caller| {
        whole_person(caller)?;
        writing::set(session, caller, rich)?;
        Ok(Answer::ok(&json!({ "rich": rich })))
    })
    .await
}

async fn set_keys(api: Api, asker: Asker, posted: Posted) -> Result<Answer> {
    let mut members = posted.members;
    let used = members.text("use", LONGEST);
    let keys = members.object("keys").unwrap_or_default();
    Members::end(members)?;
    let used = match used.as_deref().map(Use::read) {
        None => Use::default(),
        Some(Some(used)) => used,
        Some(None) => {
            let error = FieldError::new("use", "not_a_choice", "use must be all, modified or off.");
            Refusal::unless_empty(vec![error])?;
            Use::default()
        }
    };
    once(&api, &asker, posted.sameness, move |session, caller| {
        whole_person(caller)?;
        Ok(Answer::ok(&shown(&shortcuts::set(session, caller, used, &keys)?)))
    })
    .await
}
