//! What administrators do to other people's ways in: links, an end to sessions and codes, tokens for programs.

use super::sessions;
use super::tokens::{self as own_tokens, Wanted};
use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::body::Posted;
use crate::once::once;
use crate::openapi::parts;
use crate::operation::Operation;
use crate::problem::Result;
use crate::query::Id;
use crate::shape;
use mainstay_desk::access::{self, Access};
use mainstay_desk::auth::links::Errand;
use mainstay_desk::auth::tokens::{Drawn, NewToken};
use mainstay_desk::auth::{InstallationKey, Secret};
use mainstay_desk::{Caller, Session};
use mainstay_processes::registers::PEOPLE;
use serde::Deserialize;
use serde_json::{Value as Json, json};

const TAG: &str = "Access";

/// A change of somebody's access.
type Act = fn(&mut Session<'_>, &Caller, i64) -> mainstay_desk::Result<()>;

/// The operations on people's access.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation::gets_of("/people/{id}/access", move |api, asker, Id(id): Id| show(api, asker, id))
            .may(PEOPLE.key, "manage")
            .named("get_access", TAG, "Read how a person gets in: account, sessions and tokens, without any secret.")
            .asks(person())
            .gives_json(200, "The person's access.", &parts::reference("schemas", "Access")),
        link(),
        act("disable", "Keep a person out at once: sessions end, links and tokens no longer work.", access::disable),
        act("enable", "Let a person in again.", access::enable),
        act("remove-codes", "Stop asking a person for one-time codes; every session ends.", access::remove_codes),
        act("sign-out", "Sign a person out of every browser.", |session, caller, id| {
            access::end_sessions(session, caller, id).map(|_| ())
        }),
        make_token(),
        revoke_token(),
    ]
}

fn person() -> Json {
    parts::path("id", "The id of the person.", &parts::id_schema())
}

fn link() -> Operation {
    Operation::posts_to("/people/{id}/access/link", move |api, asker, Id(id): Id, posted| issue(api, asker, id, posted))
    .may(PEOPLE.key, "manage")
    .named(
        "create_access_link",
        TAG,
        "Make the link by which a person sets a first or a new password; earlier ones no longer work. It is shown in \
         this answer and never again, not even to a repeated request.",
    )
    .asks(person())
    .gives_json(201, "The link.", &parts::reference("schemas", "AccessLink"))
}

fn act(verb: &'static str, summary: &'static str, act: Act) -> Operation {
    Operation::posts_to(format!("/people/{{id}}/access/{verb}"), move |api, asker, Id(id): Id, posted| {
        take(api, asker, id, act, posted)
    })
    .may(PEOPLE.key, "manage")
    .named(format!("{}_access", verb.replace('-', "_")), TAG, summary)
    .asks(person())
    .gives_json(200, "The person's access after it.", &parts::reference("schemas", "Access"))
}

fn make_token() -> Operation {
    Operation::posts_to("/people/{id}/tokens", move |api, asker, Id(id): Id, posted| token(api, asker, id, posted))
        .may(PEOPLE.key, "manage")
        .named(
            "create_token_of_person",
            TAG,
            "Make a token for a person, such as a monitoring system. It is shown in this answer and never again.",
        )
        .asks(person())
        .takes(&parts::reference("schemas", "NewToken"), true)
        .gives_json(201, "The token.", &parts::reference("schemas", "Token"))
}

fn revoke_token() -> Operation {
    Operation::ends("/people/{id}/tokens/{token}", revoke)
        .may(PEOPLE.key, "manage")
        .named("revoke_token_of_person", TAG, "Revoke a person's token for good.")
        .asks(person())
        .asks(parts::path("token", "The id of the token.", &parts::id_schema()))
}

/// A token of a person.
#[derive(Deserialize)]
struct OfPerson {
    id: Id,
    token: Id,
}

fn shown(access: &Access, key: &InstallationKey) -> Json {
    json!({
        "email": access.email,
        "enabled": access.enabled,
        "has_password": access.has_password,
        "asks_code": access.asks_code,
        "last_sign_in": access.last_sign_in.map(shape::instant),
        "sessions": access.sessions.iter().map(|live| sessions::shown(live, key, None)).collect::<Json>(),
        "tokens": access.tokens.iter().map(own_tokens::shown).collect::<Json>(),
    })
}

async fn show(api: Api, asker: Asker, id: i64) -> Result<Answer> {
    let key = api.key().await?.clone();
    asker.read(&api, move |session, caller| Ok(Answer::ok(&shown(&access::of(session, caller, id)?, &key)))).await
}

async fn take(api: Api, asker: Asker, id: i64, act: Act, posted: Posted) -> Result<Answer> {
    posted.members.end()?;
    let key = api.key().await?.clone();
    once(&api, &asker, posted.sameness, move |session, caller| {
        act(session, caller, id)?;
        Ok(Answer::ok(&shown(&access::of(session, caller, id)?, &key)))
    })
    .await
}

async fn issue(api: Api, asker: Asker, id: i64, posted: Posted) -> Result<Answer> {
    posted.members.end()?;
    let (key, secret, base) = (api.key().await?.clone(), Secret::draw(api.desk.entropy()), api.base_url.clone());
    once(&api, &asker, posted.sameness, move |session, caller| {
        let errand = access::issue_link(session, caller, &key, &secret, id)?;
        let room = if errand == Errand::Invitation { "invitation" } else { "password" };
        let kept = json!({ "errand": errand.key(), "expires": shape::instant(session.now + errand.lasts_ms()) });
        let mut body = kept.clone();
        body["link"] = format!("{base}/{room}/{}", secret.reveal()).into();
        Ok(Answer::made(&body).keeping(&kept))
    })
    .await
}

async fn token(api: Api, asker: Asker, id: i64, posted: Posted) -> Result<Answer> {
    let wanted = Wanted::of(posted.members)?;
    let drawn = Drawn::new(api.key().await?, api.desk.entropy());
    once(&api, &asker, posted.sameness, move |session, caller| {
        let new =
            NewToken { person: id, name: wanted.name.clone(), scopes: wanted.scopes.clone(), expires: wanted.expires };
        let made = access::make_token(session, caller, &new, &drawn)?;
        let kept = own_tokens::just_made(made, &new, session.now);
        let mut body = kept.clone();
        body["token"] = drawn.reveal().into();
        Ok(Answer::made(&body).keeping(&kept))
    })
    .await
}

async fn revoke(api: Api, asker: Asker, of: OfPerson) -> Result<Answer> {
    let (Id(id), Id(token)) = (of.id, of.token);
    asker.write(&api, move |session, caller| access::revoke_token(session, caller, id, token)).await?;
    Ok(Answer::nothing())
}
