//! Holidays of a calendar file, looked at and put into a calendar.

use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::body::{Members, Posted};
use crate::once::once;
use crate::openapi::parts;
use crate::operation::Operation;
use crate::problem::Result;
use crate::query::Id;
use mainstay_desk::holidays::{self, LARGEST, Plan};
use mainstay_engine::refusal::Refusal;
use mainstay_processes::registers::CALENDARS;
use serde_json::{Value as Json, json};

/// The operations on the holidays of calendars.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation::posts_to("/calendars/{id}/holidays", move |api, asker, Id(id): Id, posted| {
            take(api, asker, id, posted)
        })
        .may(CALENDARS.key, "manage")
        .named(
            "import_holidays",
            CALENDARS.label_plural,
            "Put the holidays of a calendar file (RFC 5545) into a calendar. Days that it has stay as they are; with \
             dry_run it only tells what the file would bring.",
        )
        .asks(parts::path("id", "The id of the calendar.", &parts::id_schema()))
        .takes(&parts::reference("schemas", "HolidayFile"), true)
        .gives_json(200, "What the file brings.", &parts::reference("schemas", "HolidaysBrought")),
    ]
}

fn brought(plan: &Plan, imported: usize) -> Json {
    let fresh = plan.fresh.iter().map(|(date, name)| json!({ "date": date.to_string(), "name": name }));
    let left_out = plan.left_out.iter().map(|(name, why)| json!({ "name": name, "why": why }));
    json!({
        "new": fresh.collect::<Json>(), "known": plan.known, "left_out": left_out.collect::<Json>(),
        "imported": imported,
    })
}

async fn take(api: Api, asker: Asker, id: i64, posted: Posted) -> Result<Answer> {
    let mut members = posted.members;
    let file = members.needed("file", |all, key| all.text(key, LARGEST));
    let years = members.needed("first", Members::count)..=members.needed("last", Members::count);
    let only_told = members.flag("dry_run").unwrap_or_default();
    members.end()?;
    let year = |year: i64| i16::try_from(year).map_err(|_| Refusal::invalid("years", "A year has four digits."));
    let years = (year(*years.start())?, year(*years.end())?);
    once(&api, &asker, posted.sameness, move |session, caller| {
        let plan = holidays::plan(session, caller, id, &file, years)?;
        let imported = if only_told { 0 } else { holidays::import(session, caller, id, &file, years)? };
        Ok(Answer::ok(&brought(&plan, imported)))
    })
    .await
}
