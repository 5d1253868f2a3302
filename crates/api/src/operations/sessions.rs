//! Where the caller is signed in, their time zone and language.

use super::tokens::whole_person;
use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::body::Posted;
use crate::once::once;
use crate::openapi::parts;
use crate::operation::Operation;
use crate::problem::Result;
use crate::query::Phrase;
use crate::shape;
use mainstay_desk::auth::InstallationKey;
use mainstay_desk::auth::sessions::{self, Live};
use mainstay_desk::{Credential, profile};
use mainstay_engine::refusal::Refusal;
use serde_json::{Value as Json, json};

/// Longest name of a session or of a time zone, in characters.
const LONGEST: usize = 60;

/// The operations on the caller's own sessions and profile.
pub fn operations() -> Vec<Operation> {
    let tag = "Me";
    vec![
        Operation::gets("/me/sessions", list)
            .may("me", "own")
            .named("list_sessions", tag, "List where the caller is signed in, the last used first.")
            .gives_json(200, "The sessions.", &parts::items_of("Session")),
        Operation::ends("/me/sessions/{session}", move |api, asker, Phrase(name): Phrase<LONGEST>| {
            end(api, asker, name)
        })
        .may("me", "own")
        .named("end_session", tag, "Sign out of one browser.")
        .asks(parts::path("session", "The name of the session in the list.", &words())),
        Operation::posts("/me/sign-out", sign_out)
            .may("me", "own")
            .named("sign_out_everywhere", tag, "Sign out of every browser. Tokens go on working.")
            .gives_json(200, "How many sessions ended.", &parts::reference("schemas", "Ended")),
        Operation::posts("/me/zone", zone)
            .may("me", "own")
            .named("set_zone", tag, "Set the time zone in which pages and mails show times to the caller.")
            .takes(&parts::reference("schemas", "Zone"), true)
            .gives(204, json!({ "description": "Done." })),
        Operation::posts("/me/language", language)
            .may("me", "own")
            .named("set_language", tag, "Set the language in which pages speak to the caller.")
            .takes(&parts::reference("schemas", "Language"), true)
            .gives(204, json!({ "description": "Done." })),
    ]
}

fn words() -> Json {
    json!({ "type": "string", "minLength": 1, "maxLength": LONGEST })
}

/// A session as its person sees it; `here` is the one that asks.
pub fn shown(live: &Live, key: &InstallationKey, here: Option<&str>) -> Json {
    json!({
        "name": live.name(key), "created": shape::instant(live.created), "seen": shape::instant(live.seen),
        "expires": shape::instant(live.expires), "second_factor": live.mfa, "address": live.address,
        "agent": live.agent, "current": here == Some(live.digest.as_str()),
    })
}

async fn list(api: Api, asker: Asker) -> Result<Answer> {
    let key = api.key().await?.clone();
    let here = match &asker.credential {
        Credential::Browser(browser) => Some(browser.digest.clone()),
        _ => None,
    };
    asker
        .read(&api, move |session, caller| {
            let all = sessions::list(session.conn, whole_person(caller)?, session.now)?;
            let items: Json = all.iter().map(|live| shown(live, &key, here.as_deref())).collect();
            Ok(Answer::ok(&json!({ "items": items })))
        })
        .await
}

async fn end(api: Api, asker: Asker, name: String) -> Result<Answer> {
    let key = api.key().await?.clone();
    asker
        .write(&api, move |session, caller| {
            let person = whole_person(caller)?;
            if sessions::end_named(session.conn, &key, person, &name, session.now)? {
                return Ok(());
            }
            Err(Refusal::missing("session").into())
        })
        .await?;
    Ok(Answer::nothing())
}

async fn sign_out(api: Api, asker: Asker, posted: Posted) -> Result<Answer> {
    posted.members.end()?;
    once(&api, &asker, posted.sameness, |session, caller| {
        whole_person(caller)?;
        Ok(Answer::ok(&json!({ "ended": mainstay_desk::access::end_own_sessions(session, caller)? })))
    })
    .await
}

async fn zone(api: Api, asker: Asker, posted: Posted) -> Result<Answer> {
    let mut members = posted.members;
    let zone = members.needed("zone", |all, key| all.text(key, LONGEST));
    members.end()?;
    once(&api, &asker, posted.sameness, move |session, caller| {
        whole_person(caller)?;
        profile::set_zone(session, caller, &zone)?;
        Ok(Answer::nothing())
    })
    .await
}

async fn language(api: Api, asker: Asker, posted: Posted) -> Result<Answer> {
    let mut members = posted.members;
    let language = members.needed("language", |all, key| all.text(key, LONGEST));
    members.end()?;
    once(&api, &asker, posted.sameness, move |session, caller| {
        whole_person(caller)?;
        profile::set_language(session, caller, &language)?;
        Ok(Answer::nothing())
    })
    .await
}
