//! The risk of a record: how high it is, because of what, and the questions that people answer about it.

use axum::response::Response;
use mainstay_desk::records::{self, Amend, Because, RiskQuestion, answer_to};
use mainstay_desk::{Caller, Session};
use mainstay_engine::field::{FieldDef, Kind};
use mainstay_engine::process::Assessed;
use mainstay_engine::record::Record;
use mainstay_engine::value::Value;
use mainstay_markup::html;
use mainstay_processes::registers::{RiskFact, RiskPart};
use mainstay_words::{t, tf, tn};
use maud::Markup;
use serde_json::{Map, Value as Json, json};

use super::here::Sent;
use super::tabs::Around;
use crate::components::{Choice, Control, Field, Nothing, Tone, field, nothing, pill, token_field};
use crate::failure::Failure;
use crate::flash::{Flash, go_on};
use crate::form::Form;

/// The section.
///
/// # Errors
/// The database's.
#[expect(clippy::unnecessary_wraps, reason = "every section is drawn by a function like this")]
pub fn section(session: &mut Session<'_>, _: &Caller, around: &Around<'_>) -> mainstay_desk::Result<Markup> {
    let sheet = around.sheet;
    let record = &sheet.view.record;
    let Some(assessed) = record.process.assessed() else { return Ok(html! {}) };
    let questions = records::risk_asked(session, record);
    let open = (assessed.follows)(record);
    Ok(html! {
        div.details {
            (verdict(record, assessed))
            @if !questions.is_empty() && open {
                (asked(&questions, record.value(assessed.answers.key), around, sheet.view.can.update))
            }
        }
    })
}

/// The level, from the lowest, and what it follows from.
pub fn verdict(record: &Record, assessed: &'static Assessed) -> Markup {
    let held = record.value(assessed.level.key);
    let Some((place, label)) = level(&assessed.level, held) else {
        return nothing(
            Nothing::Yet,
            "No risk is known yet",
            "Rules say how the risk is reckoned; none applies here.",
            &html! {},
            None,
        );
    };
    let mut because = records::because(record.value(assessed.because.key));
    // The words of answers are translated as the questions are.
    for row in record.value(assessed.answers.key).as_list() {
        let text = |key: &str| row.column(key).as_text().unwrap_or_default();
        let said = format!("{} {}", text("question"), text("answer"));
        if let Some(each) = because.iter_mut().find(|each| each.says.as_deref() == Some(&said)) {
            each.says = Some(format!("{} {}", t(text("question")), t(text("answer"))));
        }
    }
    let (rules, answers): (Vec<&Because>, Vec<&Because>) =
        because.iter().partition(|each| each.part == RiskPart::Rules);
    let sum = |part: &[&Because]| part.iter().map(|each| each.points).sum::<i64>();
    let decides = if sum(&answers) > sum(&rules) { RiskPart::Answers } else { RiskPart::Rules };
    html! {
        section.card aria-labelledby="risk" {
            div.line {
                h2 #risk .card-title { (t(assessed.level.label)) " " (pill(tone(place), label)) }
            }
            @if because.is_empty() {
                p { "Nothing speaks for more than that." }
            } @else {
                p.quiet { "The higher of the two sums makes the risk." }
                (part("risk-rules", "Because of what is known", &rules, decides == RiskPart::Rules))
                (part("risk-answers", "Because of the answers", &answers, decides == RiskPart::Answers))
            }
            @if let Some(version) = record.value(assessed.version.key).as_int() {
                p.quiet { (tf("By version {version} of the rules", &[("version", &version)])) }
            }
        }
    }
}

/// The level with its points and what weighs most, in a few lines.
pub fn brief(record: &Record, assessed: &'static Assessed) -> Markup {
    let Some((place, label)) = level(&assessed.level, record.value(assessed.level.key)) else { return html! {} };
    let because = records::because(record.value(assessed.because.key));
    let sum = |part: RiskPart| because.iter().filter(|each| each.part == part).map(|each| each.points).sum::<i64>();
    let points = sum(RiskPart::Rules).max(sum(RiskPart::Answers));
    html! {
        section.card.form-section aria-labelledby="risk-brief" {
            div.line {
                h3 #risk-brief .card-title { "Risk" }
                span.grow {}
                (pill(tone(place), &format!("{} · {points}", t(label))))
            }
            @let known: Vec<&Because> = because.iter().filter(|each| each.part == RiskPart::Rules).take(3).collect();
            @if !known.is_empty() { ul.news { @for each in known { li dir="auto" { (words(each)) } } } }
        }
    }
}

/// Where a value stands among the options of its field, and what it is called.
fn level(field: &FieldDef, held: &Value) -> Option<(usize, &'static str)> {
    let Kind::Choice(options) = field.kind else { return None };
    let place = options.iter().position(|option| Some(option.key) == held.as_text())?;
    options.get(place).map(|option| (place, option.label))
}

fn tone(place: usize) -> Tone {
    match place {
        0 => Tone::Green,
        1 => Tone::Amber,
        _ => Tone::Red,
    }
}

fn part(id: &'static str, title: &'static str, because: &[&Because], decides: bool) -> Markup {
    let sum: i64 = because.iter().map(|each| each.points).sum();
    let points = |points: i64| tn(usize::try_from(points).unwrap_or(usize::MAX), "{n} point", "{n} points");
    html! {
        @if !because.is_empty() {
            div.line { h3 #(id) .grow { (t(title)) } @if decides { b.nowrap { (points(sum)) } } @else { span.nowrap { (points(sum)) } } }
            ul.news aria-labelledby=(id) {
                @for each in because {
                    li { div.line { span.grow dir="auto" { (words(each)) } span.quiet.nowrap { (points(each.points)) } } }
                }
            }
        }
    }
}

/// Why something counts, in a sentence.
fn words(because: &Because) -> String {
    if let Some(says) = &because.says {
        return t(says).to_owned();
    }
    let (Some(fact), Some(found)) = (because.fact, because.found) else { return String::new() };
    let n = usize::try_from(found).unwrap_or(usize::MAX);
    match fact {
        RiskFact::Dependants => tn(
            n,
            "{n} item fails with what it touches, or is at risk.",
            "{n} items fail with what it touches, or are at risk.",
        ),
        RiskFact::Services => tn(n, "It touches {n} service.", "It touches {n} services."),
        RiskFact::People => tn(n, "{n} person uses these services.", "{n} people use these services."),
        RiskFact::Critical => tn(
            n,
            "It touches {n} item or service of critical importance.",
            "It touches {n} items or services of critical importance.",
        ),
        RiskFact::High => tn(
            n,
            "It touches {n} item or service of high importance.",
            "It touches {n} items or services of high importance.",
        ),
        RiskFact::Alike => tf("{percent} % of the last ones like it failed.", &[("percent", &found)]),
        RiskFact::Team => tf("{percent} % of the last ones of its team failed.", &[("percent", &found)]),
        RiskFact::Condition => String::new(),
    }
}

fn name(place: usize) -> String {
    format!("answer-{place}")
}

/// The questions with their answers; a form for whoever may give them.
fn asked(questions: &[RiskQuestion], given: &Value, around: &Around<'_>, may: bool) -> Markup {
    let sheet = around.sheet;
    let control = |place: usize, question: &RiskQuestion| {
        let said = answer_to(given, question).map(|answer| answer.answer.clone());
        let option = |answer: &records::RiskAnswer| {
            Choice::new(answer.answer.clone(), t(&answer.answer).to_owned(), said.as_deref() == Some(&answer.answer))
        };
        let options = question.answers.iter().map(option).collect();
        Field {
            locked: !may,
            ..Field::new(name(place), t(&question.question).to_owned(), Control::Radios { options }).answered()
        }
    };
    let fields: Vec<Field<'_>> = questions.iter().enumerate().map(|(place, each)| control(place, each)).collect();
    html! {
        section.form-section aria-labelledby="risk-questions" {
            h2 #risk-questions { "Questions about the risk" }
            @if may {
                form.form method="post" action=(sheet.beside("/risk")) {
                    (token_field(around.token))
                    input type="hidden" name="version" value=(sheet.view.record.version);
                    @for each in questions {
                        input type="hidden" name="question" value=(each.question);
                    }
                    div.form-grid { @for each in &fields { (field(each)) } }
                    div.form-foot { button.btn.btn-primary type="submit" { "Save the answers" } }
                }
            } @else {
                div.form-grid { @for each in &fields { (field(each)) } }
            }
        }
    }
}

/// The answers of a form, for the questions that it asked.
fn given(form: &Form) -> Json {
    let questions = form.all("question").into_iter().enumerate();
    let row = |(place, question): (usize, String)| {
        let answer = form.filled(&name(place))?;
        Some(json!({ "question": question, "answer": answer }))
    };
    Json::Array(questions.filter_map(row).collect())
}

/// `POST /{plural}/{number}/risk`
pub async fn answer(Sent { here, form }: Sent) -> Result<Response, Failure> {
    let (process, number) = (here.process, here.number.clone());
    let assessed = process.assessed().ok_or_else(Failure::missing)?;
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let before = records::get(session, caller, process, &number)?;
        let version = form.number("version").unwrap_or(before.record.version);
        let values: Map<String, Json> = [(assessed.answers.key.to_owned(), given(&form))].into_iter().collect();
        records::amend(session, caller, process, &number, &Amend { version, values, reason: None }).map(|_| ())
    };
    let says = match here.write(work).await? {
        Ok(()) => Flash::done("The answers are saved."),
        Err(refusal) => Flash::failed(refusal.detail),
    };
    Ok(go_on(&here.at("/risk"), Some(says)))
}
