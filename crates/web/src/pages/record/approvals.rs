//! The approvals of a record: who was asked, by which rule, and what each said.

use mainstay_desk::boards::{self, Listed};
use mainstay_desk::records::{self, Part, Round, Standing};
use mainstay_desk::{Caller, Session};
use mainstay_markup::html;
use mainstay_store::approvals::ApprovalRow;
use mainstay_words::{inside, t, tf};
use maud::Markup;
use std::collections::HashMap;

use super::tabs::Around;
use super::telling::learn_ids;
use crate::components::{Glyph, Nothing, Status, calendar_words, nothing, person, status_glyph, status_pill, time};
use crate::pages::approvals::said;
use crate::shown::Reader;

/// The section.
///
/// # Errors
/// Not the caller's to see; the database's.
pub fn section(session: &mut Session<'_>, caller: &Caller, around: &Around<'_>) -> mainstay_desk::Result<Markup> {
    let sheet = around.sheet;
    let rounds = records::approvals(session, caller, sheet.process(), sheet.number())?;
    let meeting = boards::meeting_of(session, caller, &sheet.view.record)?;
    let voices = || rounds.iter().flat_map(|round| &round.parts).flat_map(|part| &part.voices);
    let ids: Vec<i64> = voices().flat_map(|voice| voice.voter.into_iter().chain([voice.approver])).collect();
    let mut names: HashMap<i64, String> = sheet.names.clone();
    learn_ids(session, &ids, &mut names)?;
    let reader = Reader::new(&names, &sheet.frame.zone);
    Ok(html! {
        div.record-body {
            @if sheet.asked {
                p { a.btn.btn-primary href={ "/approvals/" (sheet.number()) } { "Answer" } }
            }
            @if rounds.is_empty() {
                (nothing(Nothing::Yet, "Nobody was asked", "Approvals are asked for by the policy in force when the record comes so far.", &html! {}, None))
            }
            @if let Some(each) = &meeting { (comes(each, &reader, around.now)) }
            @for round in &rounds { (shown(round, &reader, around.now)) }
        }
    })
}

/// How far the approvals of a record are, person by person, with the meeting that decides about it.
pub fn brief(rounds: &[Round], meeting: Option<&Listed>, reader: &Reader<'_>, now: i64) -> Markup {
    let Some(round) = rounds.first() else { return html! {} };
    let binding = || round.parts.iter().filter(|part| !part.advisory);
    let granted = binding().filter(|part| part.standing == Standing::Granted).count();
    let done = tf("Approvals · {granted} of {all}", &[("granted", &granted), ("all", &binding().count())]);
    html! {
        section.card.form-section aria-labelledby="approvals-brief" {
            div.line { h3 #approvals-brief .card-title { (done) } span.grow {} (status_pill(&round_status(round))) }
            ul.news {
                @for part in &round.parts {
                    li {
                        div.line.wrap {
                            @match part.voices.as_slice() {
                                [only] => { (person(&reader.person(only.approver))) },
                                all => { span dir="auto" { (part.name) } span.quiet { (tf("{needed} of {all} needed", &[("needed", &part.needed), ("all", &all.len())])) } },
                            }
                            span.grow {}
                            @let (glyph, word) = match part.standing {
                                Standing::Granted => (Glyph::Done, "Approved"),
                                Standing::Refused => (Glyph::Failed, "Refused"),
                                Standing::Open => (Glyph::Active, "Asked"),
                            };
                            (status_pill(&Status { glyph, word: word.into() }))
                        }
                    }
                }
            }
            @if let Some(each) = meeting { (comes(each, reader, now)) }
        }
    }
}

/// The meeting that a record comes before.
fn comes(each: &Listed, reader: &Reader<'_>, now: i64) -> Markup {
    html! {
        p.line.wrap {
            a.link href={ "/meetings/" (each.row.id) } dir="auto" { (each.board.name) }
            span.quiet { (calendar_words(each.row.starts, reader.zone, now)) }
        }
    }
}

fn round_status(round: &Round) -> Status<'static> {
    let (glyph, word) = match round.row.state.as_str() {
        "granted" => (Glyph::Done, "Granted"),
        "refused" => (Glyph::Failed, "Refused"),
        "void" => (Glyph::Stopped, "Void"),
        _ => (Glyph::Active, "Asked for"),
    };
    Status { glyph, word: word.into() }
}

fn shown(round: &Round, reader: &Reader<'_>, now: i64) -> Markup {
    html! {
        section.card.approval-round {
            div.line {
                h2 dir="auto" { (round.policy) }
                (status_pill(&round_status(round)))
                span.grow {}
                span.quiet { "asked" " " (time(round.row.opened, reader.zone, now)) }
            }
            @for part in &round.parts { (part_of(part, reader, now)) }
        }
    }
}

fn part_of(part: &Part, reader: &Reader<'_>, now: i64) -> Markup {
    let all = part.voices.len();
    html! {
        h3 dir="auto" {
            (tf("Step {step}", &[("step", &part.step)])) " · " (part.name)
        }
        p.quiet {
            @if part.advisory { (t("Advice only")) } @else { (tf("{needed} of {all} needed", &[("needed", &part.needed), ("all", &all)])) }
        }
        ul.news aria-label=(part.name) { @for voice in &part.voices { li { (line(voice, reader, now)) } } }
    }
}

fn line(voice: &ApprovalRow, reader: &Reader<'_>, now: i64) -> Markup {
    let (glyph, word) = match voice.state.as_str() {
        "granted" => (Glyph::Done, "Approved"),
        "refused" => (Glyph::Failed, "Refused"),
        "open" => (Glyph::Active, "Asked"),
        "waiting" => (Glyph::New, "Later"),
        _ => (Glyph::Stopped, "Not asked any more"),
    };
    let deputy = voice.voter.filter(|voter| *voter != voice.approver);
    html! {
        div.line {
            (status_glyph(&Status { glyph, word: word.into() }))
            (person(&reader.person(voice.approver)))
            span.quiet { (inside(word)) }
            @if let Some(deputy) = deputy { span.quiet { (tf("by {name}", &[("name", &reader.name(deputy))])) } }
            span.grow {}
            (said(voice.at, voice.words.as_deref(), reader.zone, now))
        }
    }
}
