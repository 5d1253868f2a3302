//! A row as a record with as much of its past as it tells: opened, resolved, closed.

use super::Mapped;
use super::cell::Fault;
use super::rows::Row;
use mainstay_desk::import::{Past, PastComment, Step};
use mainstay_engine::field::Writer;
use mainstay_engine::process::{Phase, Process, State};
use mainstay_engine::spine;
use serde_json::Value as Json;

/// When a record went through its life, as far as its row says; epoch milliseconds UTC.
struct Moments {
    opened: i64,
    updated: Option<i64>,
    resolved: Option<i64>,
    closed: Option<i64>,
}

/// The record that a row describes.
pub fn past(mapped: &Mapped<'_>, process: &'static Process, row: &Row, key: &str) -> Result<Past, Fault> {
    let moments = moments(mapped, row)?;
    let state = state(mapped, process, row)?;
    let mut steps = steps(process, state, &moments);
    let last = steps.len() - 1;
    for (field, rule) in &mapped.mapping.fields {
        let Some(def) = mapped.fields.get(field) else { continue };
        let given = mapped.cells.given(row, rule, def)?;
        // What a step asks for belongs to the last step; the priority counts from the first.
        let of_a_step = matches!(def.writer, Writer::Transition | Writer::Engine) && def.key != spine::PRIORITY.def.key;
        let at = if of_a_step { last } else { 0 };
        steps[at].values.push((def.key.into(), given));
    }
    let comments = comments(mapped, row, moments.updated.unwrap_or(moments.opened));
    Ok(Past { process, origin: mapped.mapping.origin.clone(), external_key: key.to_owned(), steps, comments })
}

fn moments(mapped: &Mapped<'_>, row: &Row) -> Result<Moments, Fault> {
    let moment = |what: &str| match mapped.mapping.fields.get(what) {
        Some(rule) => mapped.cells.moment(row, rule, what),
        None => Ok(None),
    };
    let (updated, resolved, closed) = (moment("updated")?, moment("resolved")?, moment("closed")?);
    let opened =
        moment("opened")?.or_else(|| [updated, resolved, closed].into_iter().flatten().min()).unwrap_or(mapped.now);
    if [updated, resolved, closed].into_iter().flatten().any(|at| at < opened)
        || closed.zip(resolved).is_some_and(|(c, r)| c < r)
    {
        return Err(Fault::new(
            "out_of_order",
            "It is resolved, closed or updated before it was opened, or closed before it was resolved.",
        ));
    }
    Ok(Moments { opened, updated, resolved, closed })
}

/// The state by key or label; without one, what the instants say.
fn state(mapped: &Mapped<'_>, process: &'static Process, row: &Row) -> Result<&'static State, Fault> {
    let rule = mapped.mapping.fields.get("state");
    let Some(Json::String(text)) = rule.map(|rule| mapped.cells.raw(row, rule)).transpose()? else {
        return Ok(process.initial());
    };
    let text = text.trim();
    let found = process.states.iter().find(|s| s.key.eq_ignore_ascii_case(text) || s.label.eq_ignore_ascii_case(text));
    found.ok_or_else(|| {
        let known = process.states.iter().map(|s| s.key).collect::<Vec<_>>().join(", ");
        Fault::new("unknown_state", format!("{text} is no state; these are: {known}."))
    })
}

fn steps(process: &'static Process, state: &'static State, moments: &Moments) -> Vec<Step> {
    let step = |at, state| Step { at, actor: None, verb: None, state, values: Vec::new(), links: Vec::new() };
    let mut steps = vec![step(moments.opened, process.initial())];
    let done = process.states.iter().find(|s| s.phase == Phase::Done);
    let latest =
        [moments.closed, moments.resolved, moments.updated].into_iter().flatten().next().unwrap_or(moments.opened);
    match (state.phase, done) {
        (Phase::Closed, Some(done)) if !state.void => {
            steps.extend(moments.resolved.map(|at| step(at, done)));
            steps.push(step(latest, state));
        }
        (Phase::Done, _) => steps.push(step(moments.resolved.unwrap_or(latest), state)),
        (Phase::Closed, _) => steps.push(step(latest, state)),
        _ if state.key != process.initial().key => steps.push(step(moments.updated.unwrap_or(latest), state)),
        _ => {}
    }
    steps
}

fn comments(mapped: &Mapped<'_>, row: &Row, at: i64) -> Vec<PastComment> {
    let rules = mapped.mapping.comments.iter();
    let told = rules.filter_map(|rule| Some((mapped.cells.text(row, &rule.column)?, rule.internal)));
    told.map(|(body, internal)| PastComment { at, author: None, internal, body }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use mainstay_processes::operation::incident::INCIDENT;

    fn life(state: &str, resolved: Option<i64>, closed: Option<i64>) -> Vec<(i64, &'static str)> {
        let moments = Moments { opened: 1, updated: Some(9), resolved, closed };
        let state = INCIDENT.state(state).expect("a state");
        steps(&INCIDENT, state, &moments).iter().map(|s| (s.at, s.state.key)).collect()
    }

    #[test]
    fn a_row_becomes_the_steps_it_tells_of() {
        assert_eq!(life("new", None, None), [(1, "new")]);
        assert_eq!(life("on_hold", None, None), [(1, "new"), (9, "on_hold")]);
        assert_eq!(life("resolved", Some(5), None), [(1, "new"), (5, "resolved")]);
        assert_eq!(life("closed", Some(5), Some(7)), [(1, "new"), (5, "resolved"), (7, "closed")]);
        assert_eq!(life("closed", None, Some(7)), [(1, "new"), (7, "closed")]);
        assert_eq!(life("cancelled", None, Some(7)), [(1, "new"), (7, "cancelled")]);
    }
}
