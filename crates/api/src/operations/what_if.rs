//! What a service level would have come to in a past period.

use crate::Api;
use crate::answer::Answer;
use crate::asker::Asker;
use crate::openapi::parts;
use crate::operation::Operation;
use crate::problem::{Problem, Result};
use crate::query::{Ask, Id, Phrase, Place};
use axum::extract::State;
use mainstay_desk::records::{Outcome, Supposed, Tally, what_if};
use mainstay_processes::registers::SERVICE_LEVELS;
use serde::Deserialize;
use serde_json::{Value as Json, json};

/// Longest list of targets in characters.
const LONGEST: usize = 4000;

/// The operations that suppose something.
pub fn operations() -> Vec<Operation> {
    let instant = json!({ "type": "string", "format": "date-time" });
    vec![
        Operation::get(
            "/service-levels/{id}/what-if",
            |asker: Asker, State(api): State<Api>, Place(Id(id)): Place<Id>, Ask(ask): Ask<WhatIfAsk>| {
                show(api, asker, id, ask)
            },
        )
        .may("reports", "view")
        .named(
            "suppose_service_level",
            SERVICE_LEVELS.label_plural,
            "Read the clocks of what was opened in a past period once more, under other targets or in another \
             calendar. Nothing is changed by it.",
        )
        .asks(parts::path("id", "The id of the service level.", &parts::id_schema()))
        .asks(parts::needed_query("from", "Records opened not before this instant.", &instant))
        .asks(parts::needed_query("until", "Records opened before this instant.", &instant))
        .asks(parts::query(
            "calendar",
            "The calendar to count in; that of the level unless named.",
            &parts::id_schema(),
        ))
        .asks(parts::query(
            "targets",
            "Other targets, in JSON as the level has them; those of the level unless given.",
            &json!({ "type": "string", "maxLength": LONGEST, "contentMediaType": "application/json" }),
        ))
        .gives_json(200, "What would have been.", &parts::reference("schemas", "WhatIf")),
    ]
}

/// What is supposed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WhatIfAsk {
    from: Phrase<100>,
    until: Phrase<100>,
    calendar: Option<Id>,
    targets: Option<Phrase<LONGEST>>,
}

/// An end of a period in an address, in epoch milliseconds UTC.
///
/// # Errors
/// It is no instant.
pub(super) fn instant_of(text: &str) -> Result<i64> {
    let says = "from and until are instants such as 2026-03-31T08:00:00Z";
    let read = text.parse::<jiff::Timestamp>().map(jiff::Timestamp::as_millisecond);
    read.map_err(|_| Problem::unreadable("bad_query", says))
}

impl WhatIfAsk {
    fn supposed(self) -> Result<Supposed> {
        let targets = self.targets.map(|text| serde_json::from_str::<Json>(&text.0)).transpose();
        Ok(Supposed {
            from: instant_of(&self.from.0)?,
            until: instant_of(&self.until.0)?,
            targets: targets.map_err(|_| Problem::unreadable("bad_query", "targets are a list in JSON"))?,
            calendar: self.calendar.map(|Id(id)| id),
        })
    }
}

fn tally(tally: Tally) -> Json {
    json!({ "met": tally.met, "missed": tally.missed })
}

fn shown(outcome: &Outcome) -> Json {
    let lines = outcome.lines.iter().map(|((metric, priority), line)| {
        json!({
            "metric": metric.key(), "priority": priority, "was": tally(line.was), "would": tally(line.would),
        })
    });
    let turned = outcome
        .turned
        .iter()
        .map(|turned| json!({ "number": turned.number, "metric": turned.metric.key(), "better": turned.better }));
    json!({
        "lines": lines.collect::<Json>(),
        "turned": turned.collect::<Json>(),
        "turns": outcome.turns,
        "read": outcome.read,
        "undecided": outcome.undecided,
        "without_target": outcome.without_target,
        "capped": outcome.capped,
    })
}

async fn show(api: Api, asker: Asker, id: i64, ask: WhatIfAsk) -> Result<Answer> {
    let supposed = ask.supposed()?;
    let outcome = asker.read_long(&api, move |session, caller| what_if(session, caller, id, &supposed)).await?;
    Ok(Answer::ok(&shown(&outcome)))
}
