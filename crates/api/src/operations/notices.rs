//! The caller's inbox.

use super::tokens::whole_person;
use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::body::{Members, Posted};
use crate::once::once;
use crate::openapi::parts;
use crate::operation::Operation;
use crate::problem::Result;
use crate::query::{After, Ask, Id, Limit, bad_cursor, cursor};
use crate::shape;
use axum::extract::State;
use mainstay_desk::Caller;
use mainstay_desk::inbox::{self, Asked, Item, Kind, Shelf};
use mainstay_engine::refusal::Refusal;
use mainstay_store::notices;
use serde::Deserialize;
use serde_json::{Value as Json, json};

/// Unread notices are counted up to this.
const MOST_COUNTED: i64 = 100;

/// Which part of the inbox is wanted.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Part {
    Open,
    Snoozed,
    Done,
}

/// The question of the list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    #[serde(default)]
    limit: Limit,
    #[serde(default)]
    after: After,
    state: Option<Part>,
    kind: Option<Which>,
}

/// A kind of notices, by its word.
struct Which(Kind);

impl<'de> Deserialize<'de> for Which {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        let word = String::deserialize(from)?;
        Kind::read(&word).map(Self).ok_or_else(|| serde::de::Error::custom("there is no such kind of notices"))
    }
}

/// The operations on the caller's notices.
pub fn operations() -> Vec<Operation> {
    let tag = "Notices";
    vec![
        Operation::get("/notices", |asker: Asker, State(api): State<Api>, Ask(listed): Ask<Listed>| {
            list(api, asker, listed)
        })
        .may("notices", "own")
        .named("list_notices", tag, "Read the caller's own notices, newest first; with a state, that part of their inbox.")
        .asks(json!({ "name": "state", "in": "query", "description": "Only what is open, put off, or done.", "schema": { "enum": ["open", "snoozed", "done"] } }))
        .asks(json!({ "name": "kind", "in": "query", "description": "Only why the caller was told; it needs a state.", "schema": { "enum": Kind::ALL.map(Kind::key) } }))
        .asks(parts::reference("parameters", "Limit"))
        .asks(parts::reference("parameters", "After"))
        .gives_json(200, "One page.", &parts::reference("schemas", "Notices")),
        Operation::posts("/notices/read", read)
            .may("notices", "own")
            .named("read_notices", tag, "Mark the caller's notices up to one as read.")
            .takes(&parts::reference("schemas", "ReadNotices"), true)
            .gives_json(200, "How many that were.", &parts::reference("schemas", "ReadResult")),
        deed("done", "Be done with a notice.", Deed::Done),
        deed("reopen", "Bring a notice back into the inbox.", Deed::Reopen),
        Operation::posts_to("/notices/{id}/snooze", snooze)
            .may("notices", "own")
            .named("snooze_notice", tag, "Put a notice off until a time, at which it comes back by itself.")
            .asks(parts::path("id", "The id of the notice.", &parts::id_schema()))
            .takes(&parts::reference("schemas", "Snooze"), true)
            .gives_json(200, "The notice.", &parts::reference("schemas", "Notice")),
        Operation::gets("/me/notices", choices)
            .may("me", "own")
            .named("get_notice_choices", "Me", "Read which kinds of notices the caller gets.")
            .gives_json(200, "The kinds.", &parts::reference("schemas", "NoticeChoices")),
        Operation::posts("/me/notices", choose)
            .may("me", "own")
            .named("set_notice_choices", "Me", "Choose which kinds of notices the caller gets, as far as the organisation allows.")
            .takes(&parts::reference("schemas", "NewNoticeChoices"), true)
            .gives_json(200, "The kinds.", &parts::reference("schemas", "NoticeChoices")),
    ]
}

/// What is done with a notice without a word more.
#[derive(Clone, Copy)]
enum Deed {
    Done,
    Reopen,
}

fn deed(verb: &'static str, summary: &'static str, deed: Deed) -> Operation {
    Operation::posts_to(format!("/notices/{{id}}/{verb}"), move |api, asker, id: Id, posted| {
        act(api, asker, id, posted, deed)
    })
    .may("notices", "own")
    .named(format!("{verb}_notice"), "Notices", summary)
    .asks(parts::path("id", "The id of the notice.", &parts::id_schema()))
    .gives_json(200, "The notice.", &parts::reference("schemas", "Notice"))
}

fn own(caller: &Caller, action: &str) -> mainstay_desk::Result<i64> {
    let reached = caller.rights.in_scope("notices", action);
    let refused = || Refusal::forbidden("no_right", "This token does not reach here.");
    Ok(caller.person_id().filter(|_| reached).ok_or_else(refused)?)
}

async fn list(api: Api, asker: Asker, listed: Listed) -> Result<Answer> {
    let limit = listed.limit;
    let shelf = listed.state.map(|part| match part {
        Part::Open => Shelf::Open,
        Part::Snoozed => Shelf::Snoozed,
        Part::Done => Shelf::Done,
    });
    let (after, kind) = (listed.after, listed.kind.map(|Which(kind)| kind));
    let place = match (&shelf, &after.0) {
        (Some(_), Some(text)) => Some(place(text).ok_or_else(bad_cursor)?),
        _ => None,
    };
    let before = if shelf.is_none() { after.id()? } else { 0 };
    asker
        .read(&api, move |session, caller| {
            let person = own(caller, "view")?;
            let items = if let Some(shelf) = shelf {
                let asked = Asked { shelf, kind, after: place, limit: limit.items_i64() };
                inbox::list(session, caller, &asked)?
            } else {
                let before = if before == 0 { i64::MAX } else { before };
                let rows = notices::of(session.conn, person, before, limit.items_i64())?;
                inbox::with_records(session, caller, rows)?
            };
            let end = |item: &Item| match shelf {
                Some(shelf) => {
                    let (at, id) = item.place(shelf);
                    format!("{at}.{id}")
                }
                None => item.notice.id.to_string(),
            };
            let next = items.last().filter(|_| items.len() == limit.items()).map(|item| cursor(&end(item)));
            let unread = notices::unread(session.conn, person, MOST_COUNTED)?;
            Ok(Answer::ok(
                &json!({ "items": items.iter().map(shown).collect::<Json>(), "next": next, "unread": unread }),
            ))
        })
        .await
}

/// The end of a page of a part of the inbox.
fn place(text: &str) -> Option<(i64, i64)> {
    let (at, id) = text.split_once('.')?;
    Some((at.parse().ok()?, id.parse().ok()?))
}

/// A notice names its record only while the caller may see that.
fn shown(item: &Item) -> Json {
    let (row, record) = (&item.notice, item.record.as_ref());
    json!({
        "id": row.id, "at": shape::instant(row.created), "reason": row.reason, "kind": row.kind, "text": row.text,
        "process": record.map(|r| r.process.key), "number": record.and_then(|r| r.value("number").as_text()),
        "read_at": shape::maybe_instant(row.read_at), "done_at": shape::maybe_instant(row.done_at),
        "snoozed_until": shape::maybe_instant(row.snoozed_until),
    })
}

async fn act(api: Api, asker: Asker, Id(id): Id, posted: Posted, deed: Deed) -> Result<Answer> {
    posted.members.end()?;
    once(&api, &asker, posted.sameness, move |session, caller| {
        own(caller, "update")?;
        match deed {
            Deed::Done => inbox::done(session, caller, id)?,
            Deed::Reopen => inbox::reopen(session, caller, id)?,
        }
        Ok(Answer::ok(&shown(&inbox::get(session, caller, id)?)))
    })
    .await
}

async fn snooze(api: Api, asker: Asker, Id(id): Id, posted: Posted) -> Result<Answer> {
    let mut members = posted.members;
    let until = members.needed("until", Members::instant);
    members.end()?;
    once(&api, &asker, posted.sameness, move |session, caller| {
        own(caller, "update")?;
        inbox::snooze(session, caller, id, until)?;
        Ok(Answer::ok(&shown(&inbox::get(session, caller, id)?)))
    })
    .await
}

async fn choices(api: Api, asker: Asker) -> Result<Answer> {
    asker
        .read(&api, |session, caller| {
            whole_person(caller)?;
            let without = inbox::without(session, caller)?;
            Ok(Answer::ok(&chosen(&without, &inbox::optional(session))))
        })
        .await
}

fn chosen(without: &inbox::Without, optional: &[Kind]) -> Json {
    let one = |kind: Kind| {
        let (may, off) = (optional.contains(&kind), without.has(kind));
        json!({ "kind": kind.key(), "words": kind.words(), "optional": may, "choice": if may && off { "off" } else { "inbox" } })
    };
    json!({ "items": Kind::ALL.map(one) })
}

async fn choose(api: Api, asker: Asker, posted: Posted) -> Result<Answer> {
    let mut members = posted.members;
    let wanted = members.needed("kinds", Members::object);
    members.end()?;
    once(&api, &asker, posted.sameness, move |session, caller| {
        whole_person(caller)?;
        let without = inbox::choose(session, caller, &wanted)?;
        Ok(Answer::ok(&chosen(&without, &inbox::optional(session))))
    })
    .await
}

async fn read(api: Api, asker: Asker, posted: Posted) -> Result<Answer> {
    let mut members = posted.members;
    let up_to = members.needed("up_to", Members::id);
    members.end()?;
    once(&api, &asker, posted.sameness, move |session, caller| {
        let read = notices::read(session.conn, own(caller, "update")?, up_to, session.now)?;
        Ok(Answer::ok(&json!({ "read": read })))
    })
    .await
}
