//! Planned work: what stands in each other's way, when there is room, what is on the calendar, and what is told of it.

use super::what_if::instant_of;
use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::body::{Members, Posted};
use crate::once::once;
use crate::openapi::{fields, parts};
use crate::operation::Operation;
use crate::problem::Result;
use crate::query::{Ask, Phrase};
use crate::shape;
use axum::extract::State;
use mainstay_desk::schedule::{self, Agenda, Asked, Band, Conflict, Conflicts, Entry, Met, Planned, Reason, Shown};
use mainstay_engine::process::Process;
use mainstay_engine::spine;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

/// Longest words with an acceptance, in characters.
const LONGEST: usize = 2_000;
/// Longest key of a conflict, in characters.
const LONGEST_KEY: u64 = 60;

/// The operations on the planned time of a process's records; none where they have none.
pub fn of_records(process: &'static Process) -> Vec<Operation> {
    if process.schedule.is_none() {
        return Vec::new();
    }
    let (path, tag, names) =
        (format!("/{}/{{number}}/conflicts", process.plural), process.label_plural, fields::Names::of(process));
    let instant = json!({ "type": "string", "format": "date-time" });
    let key = json!({ "type": "string", "minLength": 1, "maxLength": LONGEST_KEY });
    vec![
        Operation::get(
            format!("/{}/calendar", process.plural),
            move |asker: Asker, State(api): State<Api>, Ask(ask): Ask<CalendarAsk>| calendar(api, asker, process, ask),
        )
        .may(process.key, "view")
        .named(
            format!("{}_calendar", process.key),
            tag,
            "Read what is planned in a stretch of time, with the freezes and maintenance windows in it and the \
             conflicts of each record. Of 500 records at most.",
        )
        .asks(parts::needed_query("from", "What meets the time from this instant.", &instant))
        .asks(parts::needed_query("until", "To before this one, 400 days later at most.", &instant))
        .asks(parts::filter())
        .gives_json(200, "The calendar.", &parts::reference("schemas", "PlannedCalendar")),
        Operation::gets_of(&path, move |api, asker, number: String| list(api, asker, process, number))
            .may(process.key, "view")
            .named(
                format!("list_{}_conflicts", process.key),
                tag,
                "Read what it conflicts with in its planned time, and when there is room for it without a conflict. Of \
                 other records, those that the caller sees.",
            )
            .asks(names.number())
            .gives_json(200, "The conflicts.", &parts::reference("schemas", "Conflicts")),
        Operation::posts_to(format!("{path}/{{conflict}}"), move |api, asker, place: (String, String), posted| {
            accept(api, asker, process, place, posted)
        })
        .may(process.key, "update")
        .named(
            format!("accept_{}_conflict", process.key),
            tag,
            "Accept a conflict with a reason, or allow an exception in a freeze as whoever may. With another time or \
             for other reasons it is asked anew.",
        )
        .asks(names.number())
        .asks(parts::path("conflict", "The key of the conflict.", &key))
        .takes(&parts::reference("schemas", "ConflictAcceptance"), true)
        .gives_json(200, "The conflicts after it.", &parts::reference("schemas", "Conflicts")),
    ]
}

/// The operation of everybody whom planned work concerns.
pub fn own() -> Operation {
    Operation::gets("/me/planned-work", work)
        .may("me", "own")
        .named("list_planned_work", "Me", "Read the agreed work on services that the caller uses, the next first.")
        .gives_json(200, "The work.", &parts::items_of("PlannedWork"))
}

/// Which stretch of the calendar, and which records of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CalendarAsk {
    from: Phrase<100>,
    until: Phrase<100>,
    filter: Option<Phrase<4000>>,
}

fn times(planned: &Planned) -> (Json, Json) {
    (shape::instant(planned.start), shape::instant(planned.end))
}

fn record(planned: &Planned) -> Json {
    let (start, end) = times(planned);
    let state = planned.record.state.key;
    json!({
        "process": planned.record.process.key, "number": planned.number(), "title": planned.title(), "state": state,
        "start": start, "end": end,
    })
}

fn item(conflicts: &Conflicts, id: i64) -> Json {
    let known = conflicts.items.get(&id).filter(|item| item.title.is_some());
    known.map_or(Json::Null, |item| json!({ "number": item.number, "title": item.title }))
}

fn reason(reason: Reason, all: &Conflicts) -> Json {
    let (kind, entry, items) = match reason {
        Reason::Item(id) => ("item", None, vec![item(all, id)]),
        Reason::Depends { upper, lower } => ("dependency", None, vec![item(all, upper), item(all, lower)]),
        Reason::Service(id) => ("service", Some(id), Vec::new()),
        Reason::Person(id) => ("person", Some(id), Vec::new()),
    };
    let items: Vec<Json> = items.into_iter().filter(|item| !item.is_null()).collect();
    json!({ "kind": kind, "entry": shape::maybe_reference(entry, &all.names), "items": items })
}

fn conflict(one: &Conflict, all: &Conflicts) -> Json {
    let accepted = one.accepted.as_ref().map(|row| {
        json!({ "by": shape::reference(row.person, &all.names), "at": shape::instant(row.at), "reason": row.reason })
    });
    let mut shown = json!({
        "conflict": one.key(), "kind": "record", "record": null, "window": null, "windows": [],
        "reasons": one.reasons.iter().map(|each| reason(*each, all)).collect::<Json>(),
        "settled": one.is_settled(), "blocks": one.blocking().is_some(), "accepted": accepted,
    });
    match &one.met {
        Met::Record(other) => shown["record"] = record(other),
        Met::Freeze(freeze) => {
            shown["kind"] = "freeze".into();
            shown["window"] = json!({
                "id": freeze.window, "name": freeze.name, "from": shape::instant(freeze.from),
                "until": shape::instant(freeze.until), "authority": shape::maybe_reference(freeze.person, &all.names),
                "authority_role": shape::maybe_reference(freeze.role, &all.names),
            });
        }
        Met::Outside(names) => {
            shown["kind"] = "outside".into();
            shown["windows"] = names.clone().into();
        }
    }
    shown
}

fn answer(shown: &Shown) -> Json {
    let all = &shown.conflicts;
    let free = |(start, end): &(i64, i64)| json!({ "start": shape::instant(*start), "end": shape::instant(*end) });
    json!({
        "items": all.of[0].iter().map(|each| conflict(each, all)).collect::<Json>(),
        "free": shown.free.iter().map(free).collect::<Json>(),
    })
}

async fn list(api: Api, asker: Asker, process: &'static Process, number: String) -> Result<Answer> {
    asker
        .read(&api, move |session, caller| {
            Ok(Answer::ok(&answer(&schedule::shown(session, caller, process, &number)?)))
        })
        .await
}

async fn accept(
    api: Api,
    asker: Asker,
    process: &'static Process,
    (number, key): (String, String),
    posted: Posted,
) -> Result<Answer> {
    let mut members = posted.members;
    let words = members.needed("reason", |all: &mut Members, name| all.text(name, LONGEST));
    members.end()?;
    once(&api, &asker, posted.sameness, move |session, caller| {
        Ok(Answer::ok(&answer(&schedule::accept(session, caller, process, &number, &key, &words)?)))
    })
    .await
}

fn entry(entry: &Entry, agenda: &Agenda) -> Json {
    let planned = &entry.planned;
    let mut shown = record(planned);
    shown["services"] = planned.services.iter().map(|id| shape::reference(*id, &agenda.names)).collect();
    shown["people"] = planned.people.iter().map(|id| shape::reference(*id, &agenda.names)).collect();
    let team = planned.record.value(spine::TEAM.def.key).as_int();
    shown["team"] = shape::maybe_reference(team, &agenda.names);
    shown["conflicts"] = entry.conflicts.iter().map(Conflict::key).collect::<Vec<_>>().into();
    shown["open_conflicts"] = entry.open_conflicts().into();
    shown
}

fn band(band: &Band) -> Json {
    json!({
        "id": band.window.id, "name": band.window.name, "kind": band.window.kind.key(), "blocks": band.window.blocks,
        "from": shape::instant(band.from), "until": shape::instant(band.until),
    })
}

async fn calendar(api: Api, asker: Asker, process: &'static Process, ask: CalendarAsk) -> Result<Answer> {
    let asked = Asked {
        from: instant_of(&ask.from.0)?,
        until: instant_of(&ask.until.0)?,
        filter: ask.filter.map(|filter| filter.0),
    };
    asker
        .read_long(&api, move |session, caller| {
            let agenda = schedule::agenda(session, caller, process, &asked)?;
            Ok(Answer::ok(&json!({
                "items": agenda.entries.iter().map(|each| entry(each, &agenda)).collect::<Json>(),
                "windows": agenda.bands.iter().map(band).collect::<Json>(), "more": agenda.more,
            })))
        })
        .await
}

async fn work(api: Api, asker: Asker) -> Result<Answer> {
    asker
        .read(&api, |session, caller| {
            let all = schedule::planned_work(session, caller, schedule::MOST_WORK)?;
            let one = |work: &schedule::Work| {
                let service = |(id, name): &(i64, String)| json!({ "id": id, "name": name });
                json!({
                    "services": work.services.iter().map(service).collect::<Json>(),
                    "start": shape::instant(work.start), "end": shape::instant(work.end), "outage": work.outage,
                })
            };
            Ok(Answer::ok(&json!({ "items": all.iter().map(one).collect::<Json>() })))
        })
        .await
}

/// The schemas of planned work.
pub fn schemas() -> Map<String, Json> {
    let (text, instant) = (json!({ "type": "string" }), json!({ "type": "string", "format": "date-time" }));
    let (flag, whole) = (json!({ "type": "boolean" }), json!({ "type": "integer", "format": "int64" }));
    let list = |item: &Json| json!({ "type": "array", "items": item });
    let (named, maybe) = (parts::reference("schemas", "Reference"), parts::nullable);
    let span = |from: &str, until: &str| json!({ from: instant, until: instant });
    let with = |mut one: Json, more: Json| {
        for (key, value) in more.as_object().into_iter().flatten() {
            one[key] = value.clone();
        }
        parts::object(&one)
    };
    let plain = json!({ "process": text, "number": text, "title": text, "state": text });
    let met = with(plain.clone(), span("start", "end"));
    let item = parts::object(&json!({ "number": text, "title": text }));
    let reason = parts::object(&json!({
        "kind": { "enum": ["item", "dependency", "service", "person"] }, "entry": maybe(named.clone()),
        "items": { "type": "array", "items": item, "description": "Of a dependency, the one that depends first." },
    }));
    let window = with(
        json!({ "id": whole, "name": text, "authority": maybe(named.clone()), "authority_role": maybe(named.clone()) }),
        span("from", "until"),
    );
    let accepted = parts::object(&json!({ "by": named, "at": instant, "reason": text }));
    let conflict = parts::object(&json!({
        "conflict": text, "kind": { "enum": ["record", "freeze", "outside"] }, "record": maybe(met),
        "window": maybe(window), "windows": list(&text), "reasons": list(&reason),
        "settled": { "type": "boolean", "description": "Nothing is left to be said about it." },
        "blocks": { "type": "boolean", "description": "A freeze that refuses it without an exception." },
        "accepted": maybe(accepted),
    }));
    let free = parts::object(&span("start", "end"));
    let entry = with(
        plain,
        json!({
            "start": instant, "end": instant, "services": list(&named), "people": list(&named),
            "team": maybe(named.clone()), "conflicts": list(&text), "open_conflicts": whole,
        }),
    );
    let band = with(
        json!({ "id": whole, "name": text, "kind": { "enum": ["freeze", "maintenance"] }, "blocks": flag }),
        span("from", "until"),
    );
    let outage = json!({ "type": ["integer", "null"], "format": "int64", "description": "Minutes for which they may stand still; null when nobody said." });
    let words = json!({
        "type": "object", "required": ["reason"], "additionalProperties": false,
        "properties": { "reason": { "type": "string", "minLength": 1, "maxLength": LONGEST } },
    });
    let all = [
        ("Conflicts", parts::object(&json!({ "items": list(&conflict), "free": list(&free) }))),
        ("ConflictAcceptance", words),
        ("PlannedCalendar", parts::object(&json!({ "items": list(&entry), "windows": list(&band), "more": flag }))),
        ("PlannedWork", with(json!({ "services": list(&named), "outage": outage }), span("start", "end"))),
    ];
    all.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}
