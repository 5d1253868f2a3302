//! Legal hold: what must be kept, whatever the rules of retention say.

use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::body::{Members, Posted};
use crate::once::once;
use crate::openapi::{fields, parts};
use crate::operation::Operation;
use crate::problem::Result;
use crate::shape;
use mainstay_desk::{Caller, Session, retention};
use mainstay_engine::process::Process;
use serde_json::{Value as Json, json};

/// Longest reason, in characters.
const LONGEST: usize = 2_000;

/// The operations on the legal hold of a process's records.
pub fn operations(process: &'static Process) -> Vec<Operation> {
    let (path, tag, names) =
        (format!("/{}/{{number}}/legal-hold", process.plural), process.label_plural, fields::Names::of(process));
    vec![
        Operation::gets_of(&path, move |api, asker, number: String| read(api, asker, process, number))
            .may(process.key, "view")
            .named(
                format!("get_{}_legal_hold", process.key),
                tag,
                "Read whether it is under legal hold, since when, by whom and why; only staff reads that.",
            )
            .asks(names.number())
            .gives_json(200, "The hold.", &parts::reference("schemas", "LegalHold")),
        Operation::posts_to(&path, move |api, asker, number: String, posted| set(api, asker, process, number, posted))
            .may(process.key, retention::HOLD)
            .named(
                format!("set_{}_legal_hold", process.key),
                tag,
                "Put it under legal hold, so that nothing of it is removed, or lift the hold; either way with a reason.",
            )
            .asks(names.number())
            .takes(&parts::reference("schemas", "NewLegalHold"), true)
            .gives_json(200, "The hold after it.", &parts::reference("schemas", "LegalHold")),
    ]
}

fn shown(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
) -> mainstay_desk::Result<Json> {
    let hold = retention::hold(session, caller, process, number)?;
    let names = shape::names_of(session.conn, hold.iter().filter_map(|hold| hold.person))?;
    Ok(json!({
        "held": hold.is_some(), "since": shape::maybe_instant(hold.as_ref().map(|hold| hold.since)),
        "by": shape::maybe_reference(hold.as_ref().and_then(|hold| hold.person), &names),
        "reason": hold.as_ref().map(|hold| hold.reason.as_str()),
    }))
}

async fn read(api: Api, asker: Asker, process: &'static Process, number: String) -> Result<Answer> {
    asker.read(&api, move |session, caller| Ok(Answer::ok(&shown(session, caller, process, &number)?))).await
}

async fn set(api: Api, asker: Asker, process: &'static Process, number: String, posted: Posted) -> Result<Answer> {
    let mut members = posted.members;
    let held = members.needed("held", Members::flag);
    let reason = members.needed("reason", |all, key| all.text(key, LONGEST));
    members.end()?;
    once(&api, &asker, posted.sameness, move |session, caller| {
        retention::set(session, caller, process, &number, held, &reason)?;
        Ok(Answer::ok(&shown(session, caller, process, &number)?))
    })
    .await
}
