//! The caller's own API tokens.

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
use mainstay_desk::auth::Occasion;
use mainstay_desk::auth::tokens::{self, Drawn, NewToken, Token};
use mainstay_desk::{Caller, Session};
use mainstay_engine::refusal::Refusal;
use serde_json::{Value as Json, json};

/// Scopes of a token that names none: all the person's rights but administration.
const USUAL: [&str; 2] = ["read", "write"];

/// The operations on tokens.
pub fn operations() -> Vec<Operation> {
    let tag = "Tokens";
    vec![
        Operation::gets("/tokens", list)
            .may("tokens", "own")
            .named("list_tokens", tag, "List the caller's own tokens, newest first.")
            .gives_json(200, "The tokens, without their secrets.", &parts::items_of("Token")),
        Operation::posts("/tokens", make)
            .may("tokens", "own")
            .named(
                "create_token",
                tag,
                "Make a token. It is shown in this answer and never again, not even to a repeated request.",
            )
            .takes(&parts::reference("schemas", "NewToken"), true)
            .gives(201, parts::made("The token.", &parts::reference("schemas", "Token"))),
        Operation::ends("/tokens/{token}", move |api, asker, Id(id): Id| revoke(api, asker, id))
            .may("tokens", "own")
            .named("revoke_token", tag, "Revoke a token for good.")
            .asks(parts::path("token", "The id of the token.", &parts::id_schema())),
    ]
}

/// The caller's person, if what it came with reaches all that the person may: a narrowed token
/// must not make itself a wider one, nor end the others.
pub fn whole_person(caller: &Caller) -> mainstay_desk::Result<i64> {
    let whole = caller.rights.scopes.as_ref().is_none_or(|scopes| scopes.iter().any(|s| s == "*"));
    let says = "Do this after signing in, or with a token of scope *.";
    let refused = || Refusal::forbidden("whole_rights_needed", says);
    Ok(caller.person_id().filter(|_| whole).ok_or_else(refused)?)
}

fn occasion(session: &Session<'_>, caller: &Caller) -> Occasion {
    Occasion { actor: caller.person_id(), channel: caller.channel, now: session.now }
}

/// A token as its owner sees it.
pub fn shown(token: &Token) -> Json {
    json!({
        "id": token.id, "name": token.name, "scopes": token.scopes, "created": shape::instant(token.created),
        "expires": shape::maybe_instant(token.expires), "used": shape::maybe_instant(token.used),
        "revoked": shape::maybe_instant(token.revoked),
    })
}

/// A token that was just made, without the token itself.
pub fn just_made(id: i64, new: &NewToken, now: i64) -> Json {
    shown(&Token {
        id,
        person: new.person,
        name: new.name.trim().to_owned(),
        scopes: new.scopes.clone(),
        created: now,
        expires: new.expires,
        used: None,
        revoked: None,
    })
}

/// What is wanted of a new token.
#[derive(Clone)]
pub struct Wanted {
    pub name: String,
    pub scopes: Vec<String>,
    pub expires: Option<i64>,
}

impl Wanted {
    /// Reads it.
    ///
    /// # Errors
    /// Every member that does not fit.
    pub fn of(mut members: Members) -> Result<Self> {
        let name = members.needed("name", |all, key| all.text(key, 100));
        let scopes = members.texts("scopes", 130).unwrap_or_else(|| USUAL.map(str::to_owned).to_vec());
        let expires = members.instant("expires");
        members.end()?;
        Ok(Self { name, scopes, expires })
    }
}

async fn list(api: Api, asker: Asker) -> Result<Answer> {
    asker
        .read(&api, |session, caller| {
            let all = tokens::list(session.conn, whole_person(caller)?)?;
            Ok(Answer::ok(&json!({ "items": all.iter().map(shown).collect::<Json>() })))
        })
        .await
}

async fn make(api: Api, asker: Asker, posted: Posted) -> Result<Answer> {
    let wanted = Wanted::of(posted.members)?;
    let drawn = Drawn::new(api.key().await?, api.desk.entropy());
    once(&api, &asker, posted.sameness, move |session, caller| {
        let person = whole_person(caller)?;
        let Wanted { name, scopes, expires } = wanted.clone();
        let new = NewToken { person, name, scopes, expires };
        let id = tokens::make(session.conn, occasion(session, caller), &new, &drawn)?;
        let kept = just_made(id, &new, session.now);
        let mut body = kept.clone();
        body["token"] = drawn.reveal().into();
        Ok(Answer::created(&body, format!("/tokens/{id}")).keeping(&kept))
    })
    .await
}

async fn revoke(api: Api, asker: Asker, id: i64) -> Result<Answer> {
    asker
        .write(&api, move |session, caller| {
            let person = whole_person(caller)?;
            tokens::revoke(session.conn, occasion(session, caller), person, id)
        })
        .await?;
    Ok(Answer::nothing())
}
