//! Approvals: of a record, of the caller, and who gives them in whose place.

use super::tokens::whole_person;
use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::body::{Members, Posted};
use crate::once::once;
use crate::openapi::{fields, parts};
use crate::operation::Operation;
use crate::problem::Result;
use crate::query::Id;
use crate::shape::{self, Names};
use mainstay_desk::deputies::{self, Deputy};
use mainstay_desk::records::{self, Part, Round, Voice};
use mainstay_desk::{Caller, Session};
use mainstay_engine::process::Process;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::value::day_to_date;
use mainstay_store::approvals::ApprovalRow;
use serde_json::{Value as Json, json};

/// Longest words with an answer, in characters.
const LONGEST: usize = 65_536;

/// The operations on the approvals of a process's records; none where nobody approves them.
pub fn of_records(process: &'static Process) -> Vec<Operation> {
    if process.approvals.is_none() {
        return Vec::new();
    }
    let (path, tag, names) =
        (format!("/{}/{{number}}/approvals", process.plural), process.label_plural, fields::Names::of(process));
    vec![
        Operation::gets_of(&path, move |api, asker, number: String| list(api, asker, process, number))
            .may(process.key, "view")
            .named(
                format!("list_{}_approvals", process.key),
                tag,
                "Read who was asked to approve it, by which policy, and what each said; the last round first.",
            )
            .asks(names.number())
            .gives_json(200, "The rounds.", &parts::items_of("ApprovalRound")),
        Operation::posts_to(format!("{path}/{{approval}}"), move |api, asker, place: (String, Id), posted| {
            answer(api, asker, process, place, posted)
        })
        .may(process.key, "approve")
        .named(
            format!("answer_{}_approval", process.key),
            tag,
            "Approve it or refuse to, as whoever is asked or as their deputy of today, with the version that was read.",
        )
        .asks(names.number())
        .asks(parts::path("approval", "The id of the approval.", &parts::id_schema()))
        .takes(&parts::reference("schemas", "ApprovalAnswer"), true)
        .gives_json(200, "The rounds after it.", &parts::items_of("ApprovalRound")),
    ]
}

/// The operations on the caller's own approvals.
pub fn own() -> Vec<Operation> {
    let tag = "Me";
    vec![
        Operation::gets("/me/approvals", waiting)
            .may("me", "own")
            .named("list_my_approvals", tag, "Read what waits for the caller's approval, the longest first.")
            .gives_json(200, "The approvals.", &parts::items_of("WaitingApproval")),
        Operation::gets("/me/deputy", deputy)
            .may("me", "own")
            .named("get_deputy", tag, "Read who approves in the caller's place, and on which days.")
            .gives_json(200, "The deputy.", &parts::reference("schemas", "Deputy")),
        Operation::posts("/me/deputy", set_deputy)
            .may("me", "own")
            .named(
                "set_deputy",
                tag,
                "Set who approves in the caller's place from one day to another; nobody without a person.",
            )
            .takes(&parts::reference("schemas", "NewDeputy"), true)
            .gives_json(200, "The deputy.", &parts::reference("schemas", "Deputy")),
    ]
}

fn voice(row: &ApprovalRow, names: &Names) -> Json {
    json!({
        "id": row.id, "approver": shape::reference(row.approver, names), "voter": shape::maybe_reference(row.voter, names),
        "at": shape::maybe_instant(row.at), "state": row.state, "record_version": row.record_version, "reason": row.words,
    })
}

fn part(part: &Part, names: &Names) -> Json {
    json!({
        "step": part.step, "name": part.name, "needed": part.needed, "advisory": part.advisory,
        "state": part.standing.key(),
        "approvals": part.voices.iter().map(|row| voice(row, names)).collect::<Json>(),
    })
}

pub(super) fn round(round: &Round, names: &Names) -> Json {
    json!({
        "id": round.row.id, "policy": { "id": round.row.policy, "name": round.policy },
        "policy_version": round.row.policy_version, "record_version": round.row.record_version, "state": round.row.state,
        "opened": shape::instant(round.row.opened), "ended": shape::maybe_instant(round.row.ended),
        "parts": round.parts.iter().map(|each| part(each, names)).collect::<Json>(),
    })
}

fn shown(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
) -> mainstay_desk::Result<Json> {
    let rounds = records::approvals(session, caller, process, number)?;
    let voices = rounds.iter().flat_map(|round| &round.parts).flat_map(|part| &part.voices);
    let names = shape::names_of(session.conn, voices.flat_map(|row| row.voter.into_iter().chain([row.approver])))?;
    Ok(json!({ "items": rounds.iter().map(|each| round(each, &names)).collect::<Json>() }))
}

async fn list(api: Api, asker: Asker, process: &'static Process, number: String) -> Result<Answer> {
    asker.read(&api, move |session, caller| Ok(Answer::ok(&shown(session, caller, process, &number)?))).await
}

async fn answer(
    api: Api,
    asker: Asker,
    process: &'static Process,
    place: (String, Id),
    posted: Posted,
) -> Result<Answer> {
    let (number, Id(approval)) = place;
    let mut members = posted.members;
    let voice = answer_of(&mut members);
    members.end()?;
    let voice = voice?;
    once(&api, &asker, posted.sameness, move |session, caller| {
        records::answer(session, caller, process, &number, approval, &voice)?;
        Ok(Answer::ok(&shown(session, caller, process, &number)?))
    })
    .await
}

/// What a body says to what is asked.
pub(super) fn answer_of(members: &mut Members) -> std::result::Result<Voice, Refusal> {
    let said = members.needed("answer", |all, key| all.text(key, 20));
    let version = members.needed("version", Members::id);
    let words = members.text("reason", LONGEST);
    let grants = match said.as_str() {
        "approve" => true,
        "refuse" => false,
        _ => {
            let error = FieldError::new("answer", "not_a_choice", "answer must be approve or refuse.");
            return Err(Refusal { errors: vec![error.clone()], ..Refusal::invalid("invalid_fields", error.detail) });
        }
    };
    Ok(Voice { grants, words, version })
}

async fn waiting(api: Api, asker: Asker) -> Result<Answer> {
    asker
        .read(&api, |session, caller| {
            whole_person(caller)?;
            let all = records::waiting(session, caller)?;
            let names = shape::names_of(session.conn, all.iter().map(|each| each.row.approver))?;
            let one = |each: &records::WaitingApproval| {
                json!({
                    "id": each.row.id, "name": each.name, "approver": shape::reference(each.row.approver, &names),
                    "process": each.record.process.key, "number": each.record.value("number").plain(),
                    "title": each.record.value("title").plain(), "version": each.record.version,
                })
            };
            Ok(Answer::ok(&json!({ "items": all.iter().map(one).collect::<Json>() })))
        })
        .await
}

fn deputy_shown(session: &mut Session<'_>, caller: &Caller) -> mainstay_desk::Result<Json> {
    let deputy = deputies::own(session, caller)?;
    let choices = deputies::choices(session, caller)?;
    let ids = deputy.iter().map(|deputy| deputy.person).chain(choices.iter().map(|entry| entry.id));
    let names = shape::names_of(session.conn, ids)?;
    let day = |day: Option<i64>| day.and_then(day_to_date).map(|day| day.to_string());
    Ok(json!({
        "person": shape::maybe_reference(deputy.map(|deputy| deputy.person), &names),
        "from": day(deputy.map(|deputy| deputy.from)), "until": day(deputy.map(|deputy| deputy.until)),
        "choices": choices.iter().map(|entry| shape::reference(entry.id, &names)).collect::<Json>(),
    }))
}

async fn deputy(api: Api, asker: Asker) -> Result<Answer> {
    asker
        .read(&api, |session, caller| {
            whole_person(caller)?;
            Ok(Answer::ok(&deputy_shown(session, caller)?))
        })
        .await
}

async fn set_deputy(api: Api, asker: Asker, posted: Posted) -> Result<Answer> {
    let mut members = posted.members;
    let person = members.id("person");
    let (from, until) = if person.is_some() {
        (members.needed("from", Members::day), members.needed("until", Members::day))
    } else {
        (members.day("from").unwrap_or_default(), members.day("until").unwrap_or_default())
    };
    members.end()?;
    let deputy = person.map(|person| Deputy { person, from, until });
    once(&api, &asker, posted.sameness, move |session, caller| {
        whole_person(caller)?;
        deputies::set(session, caller, deputy)?;
        Ok(Answer::ok(&deputy_shown(session, caller)?))
    })
    .await
}
