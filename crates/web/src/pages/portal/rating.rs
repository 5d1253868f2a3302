//! How it went: one click, and words for whoever wants to add some.

use mainstay_engine::field::Kind;
use mainstay_engine::process::Survey;
use mainstay_engine::record::Record;
use mainstay_markup::html;
use mainstay_words::t;
use maud::Markup;

use super::place_of;
use crate::components::{icon_large, token_field};

/// Faces from worst to best, spread over a scale of any length.
const FACES: [&str; 5] = ["angry", "frown", "meh", "smile", "laugh"];

/// What the requester answered, if they did, in words.
pub fn answer(record: &Record) -> Option<&'static str> {
    let survey = record.process.survey?;
    let score = record.value(survey.score.key).as_int()?;
    survey.scale.get(usize::try_from(score - lowest(&survey)).ok()?).copied()
}

/// Whether the requester was asked and has not answered yet.
pub fn is_wanted(record: &Record) -> bool {
    let asked = |survey: Survey| !record.value(survey.asked.key).is_null() && record.value(survey.score.key).is_null();
    record.process.survey.is_some_and(asked)
}

fn lowest(survey: &Survey) -> i64 {
    if let Kind::Number { min, .. } = survey.score.kind { min } else { 1 }
}

/// The question with its five answers; answered, what was said, with room for words and for another answer.
pub fn card(record: &Record, number: &str, token: &str, title: &str) -> Markup {
    let Some(survey) = record.process.survey else { return Markup::default() };
    let action = format!("{}/steps/{}", place_of(number), survey.verb);
    let given = record.value(survey.score.key).as_int();
    let said = answer(record);
    html! {
        section.card.portal-card #rating aria-labelledby="rating-title" {
            h2 #rating-title { @if let Some(said) = said { "Thank you. You said:" " " (t(said)) } @else { (t(title)) } }
            @if said.is_none() { p { "One click is enough. It helps us to get better." } }
            form.rating method="post" action=(action) aria-labelledby="rating-title" {
                (token_field(token))
                @for (index, words) in survey.scale.iter().enumerate() {
                    @let score = lowest(&survey) + i64::try_from(index).unwrap_or_default();
                    button.rate.chosen[given == Some(score)] type="submit" name=(survey.score.key) value=(score) aria-pressed=[said.map(|_| if given == Some(score) { "true" } else { "false" })] {
                        (icon_large(FACES[index * (FACES.len() - 1) / (survey.scale.len() - 1).max(1)]))
                        span { (t(words)) }
                    }
                }
            }
            @if let Some(score) = given {
                form.form method="post" action=(action) {
                    (token_field(token))
                    input type="hidden" name=(survey.score.key) value=(score);
                    div.field {
                        label.field-label for="rating-words" { "What should we know?" span.optional { "optional" } }
                        textarea.control #rating-words name=(survey.words.key) rows="3" dir="auto" { (record.value(survey.words.key).as_text().unwrap_or_default()) }
                    }
                    div.btn-row { button.btn type="submit" { "Send words" } }
                }
            }
        }
    }
}
