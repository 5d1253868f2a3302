//! What sources say of a record, and whose word stands in its fields.

use mainstay_desk::sources::{self, FieldSaid, Said, Word};
use mainstay_desk::{Caller, Session};
use mainstay_engine::field::FieldDef;
use mainstay_markup::html;
use mainstay_words::{t, tf};
use maud::Markup;

use super::tabs::Around;
use crate::components::{Column, Glyph, Nothing, Row, Status, data_table, nothing, status_pill, time};
use crate::shown::Reader;

/// The section.
///
/// # Errors
/// Not the caller's to see; the database's.
pub fn section(session: &mut Session<'_>, caller: &Caller, around: &Around<'_>) -> mainstay_desk::Result<Markup> {
    let sheet = around.sheet;
    let (all, names) = sources::said_of(session, caller, sheet.process(), sheet.number())?;
    let reader = Reader::new(&names, &sheet.frame.zone);
    Ok(html! {
        div.record-body {
            @if all.is_empty() {
                (nothing(Nothing::Yet, "No source tells of it", "What discovery and other systems say of it stands here, with whom to believe in each field.", &html! {}, None))
            }
            @for said in &all { (shown(said, &reader, around.now)) }
        }
    })
}

fn shown(said: &Said, reader: &Reader<'_>, now: i64) -> Markup {
    let name = reader.name(said.source);
    let columns = [t("Field"), t("It says"), t("Whose word stands")]
        .map(|label| Column { label: label.into(), ..Column::default() });
    let rows: Vec<Row<'_>> = said.fields.iter().map(|each| line(said, each, reader)).collect();
    let missing = Status { glyph: Glyph::Stopped, word: "Missing there".into() };
    html! {
        section.card.form-section {
            div.line.wrap {
                h2 .card-title dir="auto" { (name) }
                @if said.missing { (status_pill(&missing)) }
                span.grow {}
                span.quiet { "seen" " " (time(said.last, reader.zone, now)) }
            }
            p.quiet { "Key there:" " " bdi { (said.external_key) } }
            (data_table(&name, &columns, &rows))
        }
    }
}

fn line(said: &Said, each: &FieldSaid, reader: &Reader<'_>) -> Row<'static> {
    let field: &FieldDef = each.field;
    let word = match each.word {
        Word::Own => t("Its own").to_owned(),
        Word::Person => t("A person’s").to_owned(),
        Word::Other(source) => reader.name(source),
    };
    let word = if each.agrees { word } else { tf("{name}; the record says otherwise", &[("name", &word)]) };
    Row {
        id: format!("said-{}-{}", said.source, field.key).into(),
        cells: vec![
            html! { (t(field.label)) },
            reader.markup(field, &each.value).unwrap_or_default(),
            html! { span dir="auto" { (word) } },
        ],
        ..Row::default()
    }
}
