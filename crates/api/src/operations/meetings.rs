//! Meetings of boards: their agenda, who is there, what is decided, and the minutes.

use super::approvals::{answer_of, round};
use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::body::{Members, Posted};
use crate::once::once;
use crate::openapi::parts;
use crate::operation::Operation;
use crate::problem::Result;
use crate::query::{Ask, Id};
use crate::shape::{self, Names};
use axum::extract::State;
use mainstay_desk::boards::{self, Decision, Item, LONGEST, Meeting, NewMeeting};
use mainstay_desk::{Caller, Session};
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::spine;
use mainstay_store::meetings::MeetingRow;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

const TAG: &str = "Meetings";

/// Which meetings a list shows.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum When {
    #[default]
    Ahead,
    Over,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    #[serde(default)]
    when: When,
}

/// The operations on meetings.
pub fn operations() -> Vec<Operation> {
    let mut all = vec![
        Operation::get("/meetings", move |asker: Asker, State(api): State<Api>, Ask(listed): Ask<Listed>| {
            list(api, asker, listed)
        })
        .may("me", "own")
        .named(
            "list_meetings",
            TAG,
            "List the meetings of boards that the caller belongs to or works for: what is ahead or goes on, the first first, or what is over, the last first. At most 100.",
        )
        .asks(parts::query("when", "Which ones.", &json!({ "enum": ["ahead", "over"], "default": "ahead" })))
        .gives_json(200, "The meetings.", &parts::items_of("Meeting")),
        Operation::posts("/meetings", plan)
            .may("me", "own")
            .named("plan_meeting", TAG, "Plan a meeting of a board, as its chair or as whoever may hold meetings.")
            .takes(&parts::reference("schemas", "NewMeeting"), true)
            .gives(201, parts::made("The meeting.", &whole())),
        Operation::gets_of("/meetings/{id}", |api, asker, id: Id| show(api, asker, id))
            .may("me", "own")
            .named(
                "get_meeting",
                TAG,
                "Read a meeting: who is there, its agenda as far as the caller sees the records on it, how the votes stand, and once it has ended its minutes, which stay as they are.",
            )
            .asks(id())
            .gives_json(200, "The meeting.", &whole()),
    ];
    all.extend(on_meetings());
    all.extend(on_items());
    all
}

fn id() -> Json {
    parts::path("id", "The id of the meeting.", &parts::id_schema())
}

fn whole() -> Json {
    parts::reference("schemas", "WholeMeeting")
}

fn text() -> Json {
    json!({ "type": "string", "minLength": 1, "maxLength": LONGEST })
}

fn body_of(required: &[&str], properties: &Json) -> Json {
    json!({ "type": "object", "required": required, "additionalProperties": false, "properties": properties })
}

fn on_meetings() -> Vec<Operation> {
    let deed = |verb: &'static str, says: &str| {
        Operation::posts_to(format!("/meetings/{{id}}/{verb}"), move |api, asker, id: Id, posted| {
            act(api, asker, id, verb, posted)
        })
        .may("me", "own")
        .named(format!("{verb}_meeting"), TAG, says)
        .asks(id())
        .gives_json(200, "The meeting after it.", &whole())
    };
    vec![
        deed("begin", "Begin a meeting: its agenda is what it is now, and the first item comes before it."),
        deed(
            "end",
            "End a meeting: what was decided, the votes and the notes go to each record, and the minutes stay as they are.",
        ),
        deed("cancel", "Call off a meeting that has not begun, with a reason.")
            .takes(&body_of(&["reason"], &json!({ "reason": text() })), true),
        deed("attend", "Note who is there: oneself, or as whoever holds the meeting anybody.").takes(
            &body_of(&["present"], &json!({ "present": { "type": "boolean" }, "person": parts::id_schema() })),
            true,
        ),
        deed("items", "Put a record on the agenda by hand.").takes(
            &body_of(
                &["number"],
                &json!({ "number": { "type": "string", "minLength": 1, "maxLength": 40 }, "minutes": minutes() }),
            ),
            true,
        ),
    ]
}

fn minutes() -> Json {
    json!({ "type": "integer", "minimum": 1, "maximum": 480 })
}

fn on_items() -> Vec<Operation> {
    let deed = |verb: &'static str, says: &str| {
        let path = format!("/meetings/{{id}}/items/{{number}}/{verb}");
        Operation::posts_to(path, move |api, asker, place: (Id, String), posted| {
            act_on_item(api, asker, place, verb, posted)
        })
        .may("me", "own")
        .named(format!("{verb}_meeting_item"), TAG, says)
        .asks(id())
        .asks(parts::path("number", "The number of the record.", &json!({ "type": "string", "maxLength": 40 })))
        .gives_json(200, "The meeting after it.", &whole())
    };
    vec![
        deed("remove", "Take a record off the agenda, with a reason.")
            .takes(&body_of(&["reason"], &json!({ "reason": text() })), true),
        deed("arrange", "Move an item to a place in the order, or give it another length.").takes(
            &body_of(&[], &json!({ "place": { "type": "integer", "minimum": 1, "maximum": 200 }, "minutes": minutes() })),
            true,
        ),
        deed("call", "Bring an item before the meeting."),
        deed(
            "vote",
            "Vote on the item before the meeting, which is approving or refusing as everywhere else; whoever votes is there.",
        )
        .takes(&parts::reference("schemas", "MeetingVote"), true),
        deed(
            "decide",
            "Keep what the meeting decides about an item: by vote what the votes say, which needs a quorum; or that it is postponed or was only discussed, with words.",
        )
        .takes(
            &body_of(&["decision"], &json!({ "decision": { "enum": ["voted", "postponed", "discussed"] }, "note": text() })),
            true,
        ),
    ]
}

async fn list(api: Api, asker: Asker, listed: Listed) -> Result<Answer> {
    let over = matches!(listed.when, When::Over);
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let all = boards::list(session, caller, over)?;
        let names = shape::names_of(session.conn, all.iter().filter_map(|each| each.row.chair))?;
        let items: Json = all.iter().map(|each| brief(&each.row, &each.board.name, &names)).collect();
        Ok(Answer::ok(&json!({ "items": items })))
    };
    asker.read(&api, work).await
}

fn brief(row: &MeetingRow, board: &str, names: &Names) -> Json {
    json!({
        "id": row.id, "board": { "id": row.board, "name": board }, "process": row.process, "state": row.state,
        "starts": shape::instant(row.starts), "ends": shape::instant(row.ends),
        "chair": shape::maybe_reference(row.chair, names), "began": shape::maybe_instant(row.began),
        "ended": shape::maybe_instant(row.ended), "reason": row.reason,
    })
}

fn shown(session: &mut Session<'_>, caller: &Caller, id: i64) -> mainstay_desk::Result<Json> {
    let meeting = boards::get(session, caller, id)?;
    let mut all = brief(&meeting.row, &meeting.board.name, &meeting.names);
    let person = |each: &boards::Attendee| json!({ "person": shape::reference(each.person, &meeting.names), "present": each.present, "member": each.member });
    all["people"] = meeting.people.iter().map(person).collect();
    all["items"] = meeting.items.iter().map(|each| item(each, &meeting)).collect();
    all["removed"] = meeting.removed.iter().map(|each| item(each, &meeting)).collect();
    all["current"] = meeting.current().map(|item| item.record.value(spine::NUMBER.def.key).plain()).into();
    all["called"] = shape::maybe_instant(meeting.row.called);
    all["may_hold"] = meeting.may_run.into();
    Ok(all)
}

fn item(item: &Item, meeting: &Meeting) -> Json {
    let tally = |tally: boards::Tally| {
        json!({
            "part": tally.part, "asked": tally.asked, "needed": tally.needed, "granted": tally.granted,
            "refused": tally.refused, "there": tally.there, "advisory": tally.advisory,
            "no_quorum": tally.lacks_quorum(),
        })
    };
    json!({
        "number": item.record.value(spine::NUMBER.def.key).plain(), "title": item.record.value(spine::TITLE.def.key).plain(),
        "state": item.record.state.key, "version": item.record.version,
        "minutes": item.row.minutes.unwrap_or(meeting.board.minutes), "by_hand": item.row.by_hand,
        "removed": item.row.removed, "decision": item.row.decision, "advice": item.row.advice,
        "note": item.row.note.as_ref().filter(|_| item.internal), "decided": shape::maybe_instant(item.row.decided),
        "votes": boards::tallies(meeting, item).into_iter().map(tally).collect::<Json>(),
        "round": item.round.as_ref().map(|each| round(each, &meeting.names)),
        "mine": item.mine.iter().map(|row| row.id).collect::<Json>(),
    })
}

async fn show(api: Api, asker: Asker, Id(id): Id) -> Result<Answer> {
    asker.read(&api, move |session, caller| Ok(Answer::ok(&shown(session, caller, id)?))).await
}

async fn plan(api: Api, asker: Asker, posted: Posted) -> Result<Answer> {
    let mut members = posted.members;
    let new = NewMeeting {
        board: members.needed("board", Members::id),
        starts: members.needed("starts", Members::instant),
        ends: members.instant("ends"),
        chair: members.id("chair"),
    };
    members.end()?;
    once(&api, &asker, posted.sameness, move |session, caller| {
        let id = boards::plan(session, caller, new)?;
        Ok(Answer::created(&shown(session, caller, id)?, format!("/meetings/{id}")))
    })
    .await
}

async fn act(api: Api, asker: Asker, Id(id): Id, verb: &'static str, posted: Posted) -> Result<Answer> {
    let mut members = posted.members;
    let (mut reason, mut number, mut minutes, mut person, mut present) =
        (String::new(), String::new(), None, None, false);
    match verb {
        "cancel" => reason = members.needed("reason", |all, key| all.text(key, LONGEST)),
        "attend" => {
            present = members.needed("present", Members::flag);
            person = members.id("person");
        }
        "items" => {
            number = members.needed("number", |all, key| all.text(key, 40));
            minutes = members.count("minutes");
        }
        _ => {}
    }
    members.end()?;
    once(&api, &asker, posted.sameness, move |session, caller| {
        match verb {
            "begin" => boards::begin(session, caller, id)?,
            "end" => boards::end(session, caller, id)?,
            "cancel" => boards::cancel(session, caller, id, &reason)?,
            "attend" => boards::attend(session, caller, id, person, present)?,
            _ => boards::add(session, caller, id, &number, minutes)?,
        }
        Ok(Answer::ok(&shown(session, caller, id)?))
    })
    .await
}

/// What is done to an item.
#[derive(Clone)]
enum Deed {
    Remove(String),
    Arrange(Option<i64>, Option<i64>),
    Call,
    Vote(i64, mainstay_desk::records::Voice),
    Decide(Decision, Option<String>),
}

async fn act_on_item(
    api: Api,
    asker: Asker,
    (Id(id), number): (Id, String),
    verb: &'static str,
    posted: Posted,
) -> Result<Answer> {
    let mut members = posted.members;
    let deed = match verb {
        "remove" => Deed::Remove(members.needed("reason", |all, key| all.text(key, LONGEST))),
        "arrange" => Deed::Arrange(members.count("place"), members.count("minutes")),
        "vote" => {
            let approval = members.needed("approval", Members::id);
            match answer_of(&mut members) {
                Ok(voice) => Deed::Vote(approval, voice),
                Err(refusal) => {
                    members.end()?;
                    return Err(refusal.into());
                }
            }
        }
        "decide" => {
            let said = members.needed("decision", |all, key| all.text(key, 20));
            Deed::Decide(decision(&said)?, members.text("note", LONGEST))
        }
        _ => Deed::Call,
    };
    members.end()?;
    once(&api, &asker, posted.sameness, move |session, caller| {
        match &deed {
            Deed::Remove(reason) => boards::remove(session, caller, id, &number, reason)?,
            Deed::Arrange(place, minutes) => boards::arrange(session, caller, id, &number, (*place, *minutes))?,
            Deed::Call => boards::call(session, caller, id, &number)?,
            Deed::Vote(approval, voice) => boards::vote(session, caller, id, &number, (*approval, voice))?,
            Deed::Decide(decision, note) => {
                boards::decide(session, caller, id, &number, (*decision, note.as_deref()))?;
            }
        }
        Ok(Answer::ok(&shown(session, caller, id)?))
    })
    .await
}

fn decision(said: &str) -> std::result::Result<Decision, Refusal> {
    match said {
        // What a body without it says is refused with the rest of the body.
        "voted" | "" => Ok(Decision::Voted),
        "postponed" => Ok(Decision::Postponed),
        "discussed" => Ok(Decision::Discussed),
        _ => {
            let says = "decision must be voted, postponed or discussed.";
            let error = FieldError::new("decision", "not_a_choice", says);
            Err(Refusal { errors: vec![error], ..Refusal::invalid("invalid_fields", says) })
        }
    }
}

/// The schemas of meetings.
pub fn schemas() -> Map<String, Json> {
    let (text, instant) = (json!({ "type": "string" }), json!({ "type": "string", "format": "date-time" }));
    let (flag, whole) = (json!({ "type": "boolean" }), json!({ "type": "integer", "format": "int64" }));
    let (named, maybe) = (parts::reference("schemas", "Reference"), parts::nullable);
    let list = |of: &Json| json!({ "type": "array", "items": of });
    let brief = json!({
        "id": parts::id_schema(), "board": named, "process": text,
        "state": { "enum": ["planned", "running", "ended", "cancelled"] }, "starts": instant, "ends": instant,
        "chair": maybe(named.clone()), "began": maybe(instant.clone()), "ended": maybe(instant.clone()),
        "reason": maybe(text.clone()),
    });
    let tally = parts::object(&json!({
        "part": text, "asked": whole, "needed": whole, "granted": whole, "refused": whole,
        "there": { "type": "integer", "format": "int64", "description": "Those who are there and have not voted." },
        "advisory": flag, "no_quorum": { "type": "boolean", "description": "Too few are there to decide it." },
    }));
    let item = parts::object(&json!({
        "number": text, "title": text, "state": text, "version": whole, "minutes": whole, "by_hand": flag,
        "removed": maybe(text.clone()),
        "decision": { "enum": ["approved", "refused", "postponed", "discussed", "not_reached", null] }, "advice": flag,
        "note": maybe(text.clone()), "decided": maybe(instant.clone()), "votes": list(&tally),
        "round": maybe(parts::reference("schemas", "ApprovalRound")),
        "mine": { "type": "array", "items": parts::id_schema(), "description": "Approvals that the caller gives now." },
    }));
    let person = parts::object(&json!({ "person": named, "present": flag, "member": flag }));
    let mut full = brief.clone();
    let more = json!({
        "people": list(&person), "items": list(&parts::reference("schemas", "MeetingItem")),
        "removed": list(&parts::reference("schemas", "MeetingItem")), "current": maybe(text.clone()),
        "called": maybe(instant.clone()), "may_hold": flag,
    });
    for (key, value) in more.as_object().into_iter().flatten() {
        full[key] = value.clone();
    }
    let new = body_of(
        &["board", "starts"],
        &json!({
            "board": parts::id_schema(), "starts": instant, "chair": parts::id_schema(),
            "ends": { "type": "string", "format": "date-time", "description": "An hour later where it is left out." },
        }),
    );
    let vote = body_of(
        &["approval", "answer", "version"],
        &json!({
            "approval": parts::id_schema(), "answer": { "enum": ["approve", "refuse"] },
            "version": { "type": "integer", "format": "int64", "minimum": 1, "description": "The version of the record that was read." },
            "reason": { "type": "string", "maxLength": 65_536, "description": "Needed to refuse." },
        }),
    );
    let all = [
        ("Meeting", parts::object(&brief)),
        ("MeetingItem", item),
        ("WholeMeeting", parts::object(&full)),
        ("NewMeeting", new),
        ("MeetingVote", vote),
    ];
    all.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}
