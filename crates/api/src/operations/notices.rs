//! The caller's inbox.

use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::body::{Members, Posted};
use crate::once::once;
use crate::openapi::parts;
use crate::operation::Operation;
use crate::problem::Result;
use crate::query::{Ask, Paging, cursor};
use crate::shape;
use axum::extract::State;
use mainstay_desk::{Caller, Session};
use mainstay_engine::refusal::Refusal;
use mainstay_store::notices::{self, NoticeRow};
use serde_json::{Value as Json, json};

/// Unread notices are counted up to this.
const MOST_COUNTED: i64 = 100;

/// The operations on the caller's notices.
pub fn operations() -> Vec<Operation> {
    let tag = "Notices";
    vec![
        Operation::get("/notices", |asker: Asker, State(api): State<Api>, Ask(paging): Ask<Paging>| {
            list(api, asker, paging)
        })
        .may("notices", "own")
        .named("list_notices", tag, "Read the caller's own notices, newest first.")
        .asks(parts::reference("parameters", "Limit"))
        .asks(parts::reference("parameters", "After"))
        .gives_json(200, "One page.", &parts::reference("schemas", "Notices")),
        Operation::posts("/notices/read", read)
            .may("notices", "own")
            .named("read_notices", tag, "Mark the caller's notices up to one as read.")
            .takes(&parts::reference("schemas", "ReadNotices"), true)
            .gives_json(200, "How many that were.", &parts::reference("schemas", "ReadResult")),
    ]
}

fn own(caller: &Caller, action: &str) -> mainstay_desk::Result<i64> {
    let reached = caller.rights.in_scope("notices", action);
    let refused = || Refusal::forbidden("no_right", "This token does not reach here.");
    Ok(caller.person_id().filter(|_| reached).ok_or_else(refused)?)
}

async fn list(api: Api, asker: Asker, paging: Paging) -> Result<Answer> {
    let (after, limit) = (paging.after.id()?, paging.limit);
    asker
        .read(&api, move |session, caller| {
            let person = own(caller, "view")?;
            let before = if after == 0 { i64::MAX } else { after };
            let rows = notices::of(session.conn, person, before, limit.items_i64())?;
            let next = rows.last().filter(|_| rows.len() == limit.items()).map(|row| cursor(&row.id.to_string()));
            let unread = notices::unread(session.conn, person, MOST_COUNTED)?;
            let items =
                rows.iter().map(|row| shown(session, caller, row)).collect::<mainstay_desk::Result<Vec<Json>>>()?;
            Ok(Answer::ok(&json!({ "items": items, "next": next, "unread": unread })))
        })
        .await
}

/// A notice names its record only while the caller may see that.
fn shown(session: &mut Session<'_>, caller: &Caller, row: &NoticeRow) -> mainstay_desk::Result<Json> {
    let found = row.record.map(|id| mainstay_store::record::find(session.conn, &caller.scope, id));
    let record = match found {
        None | Some(Err(mainstay_store::Error::Missing)) => None,
        Some(other) => Some(other?),
    };
    Ok(json!({
        "id": row.id, "at": shape::instant(row.created), "reason": row.reason, "text": row.text, "process": record.as_ref().map(|r| &r.process),
        "number": record.as_ref().map(|r| &r.number), "read_at": shape::maybe_instant(row.read_at),
    }))
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
