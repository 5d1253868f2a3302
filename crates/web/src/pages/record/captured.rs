//! What a record captured, as it stood, and what differs from it.

use axum::response::Response;
use mainstay_desk::captured::{self, Comparison, Difference, Item, What};
use mainstay_desk::export::{self, Format};
use mainstay_desk::{Caller, Error, Session};
use mainstay_engine::field::FieldDef;
use mainstay_engine::process::Process;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::spine;
use mainstay_engine::value::Value;
use mainstay_markup::html;
use mainstay_words::{t, tf, tn};
use maud::Markup;

use super::here::Here;
use super::sheet::Sheet;
use super::tabs::Around;
use crate::address;
use crate::components::{
    Column, Nothing, Row, Tone, absolute, data_table, icon_small, nothing, pill, status_pill, value_text,
};
use crate::failure::Failure;
use crate::pages::queue::saved;
use crate::shown::{Reader, status};

fn columns<const N: usize>(labels: [&'static str; N]) -> [Column<'static>; N] {
    labels.map(|label| Column { label: t(label).into(), ..Column::default() })
}

/// Nothing is captured yet.
fn not_yet() -> Markup {
    let says = "Capture it first. From then on it stays as it stood at that instant.";
    html! { div.record-body { (nothing(Nothing::Yet, "Nothing is captured yet", says, &html! {}, None)) } }
}

fn is_not_yet(error: &Error) -> bool {
    matches!(error, Error::Refused(refusal) if refusal.code == "not_captured")
}

/// The items.
///
/// # Errors
/// Not the caller's to see; the database's.
pub fn items(session: &mut Session<'_>, caller: &Caller, around: &Around<'_>) -> mainstay_desk::Result<Markup> {
    let sheet = around.sheet;
    let set = match captured::set_of(session, caller, sheet.process(), sheet.number()) {
        Err(error) if is_not_yet(&error) => return Ok(not_yet()),
        found => found?,
    };
    let class = |id: Option<i64>| id.and_then(|id| session.config.names.get(&id)).map(|name| t(name).to_owned());
    // The page of an item as it stood then takes a wall clock.
    let place = |item: &Item| format!("/{}/{}", set.of.plural, item.number);
    let row = |item: &Item| Row {
        id: format!("captured-{}", item.id).into(),
        cells: vec![
            html! { a.link href=(place(item)) { bdi { (item.number) } } " " span dir="auto" { (item.title) } },
            html! { (class(item.class).unwrap_or_default()) },
            status_pill(&status(set.of, item.state)),
        ],
        ..Row::default()
    };
    let rows: Vec<Row<'_>> = set.items.iter().map(row).collect();
    Ok(html! {
        div.details {
            section.stack {
                h2.card-title { (tf("As they stood on {date}", &[("date", &absolute(set.at, &sheet.frame.zone))])) }
                p.quiet { (tn(rows.len(), "{n} item", "{n} items")) @if set.hidden > 0 { " · " (tn(set.hidden, "{n} more is not yours to see", "{n} more are not yours to see")) } }
                (data_table(t("Items"), &columns(["Item", "Class", "State"]), &rows))
            }
        }
    })
}

/// With what it is compared, as the address says it.
fn with_of(query: Option<&str>) -> Option<String> {
    let pairs = address::pairs(query.unwrap_or_default());
    address::value(&pairs, "with").map(str::trim).filter(|with| !with.is_empty()).map(str::to_owned)
}

/// The differences.
///
/// # Errors
/// Not the caller's to see; the database's.
pub fn comparison(session: &mut Session<'_>, caller: &Caller, around: &Around<'_>) -> mainstay_desk::Result<Markup> {
    let (sheet, with) = (around.sheet, with_of(around.query));
    let (process, number) = (sheet.process(), sheet.number());
    let found = match captured::compare(session, caller, process, number, with.as_deref()) {
        Err(error) if is_not_yet(&error) => return Ok(not_yet()),
        Err(Error::Refused(refusal)) if with.is_some() => Err(refusal.detail),
        found => Ok(found?),
    };
    let others = captured::others(session, caller, process, number)?;
    let may_save = caller.rights.may_somewhere(process.key, "export");
    Ok(html! {
        div.details {
            (form(sheet, with.as_deref(), &others, found.as_ref().err()))
            @if let Ok(found) = &found { (shown(sheet, found, with.as_deref(), may_save)) }
        }
    })
}

fn form(sheet: &Sheet, with: Option<&str>, others: &[(String, String)], wrong: Option<&String>) -> Markup {
    html! {
        form.cal-controls method="get" action=(sheet.path("/comparison")) data-turbo-action="replace" aria-label=(t("Compare with")) {
            label.cal-choice { span { "Compare with" }
                select.control name="with" {
                    option value="" { "The present" }
                    @for (number, title) in others {
                        option value=(number) selected[with.is_some_and(|with| with.eq_ignore_ascii_case(number))] { (number) " " (title) }
                    }
                }
            }
            button.btn type="submit" { "Compare" }
        }
        @if let Some(wrong) = wrong { p role="alert" dir="auto" { (wrong) } }
    }
}

fn shown(sheet: &Sheet, found: &Comparison, with: Option<&str>, may_save: bool) -> Markup {
    let zone = &sheet.frame.zone;
    let reader = Reader::new(&found.names, zone);
    let (from, until) = (absolute(found.from, zone), absolute(found.until, zone));
    let title = match &found.with {
        Some(number) => {
            tf("From {from} to {number} of {until}", &[("from", &from), ("number", number), ("until", &until)])
        }
        None => tf("From {from} to the present", &[("from", &from)]),
    };
    let place = |format: Format| {
        let with = with.map(|with| ("with", with));
        address::with_query(&sheet.path("/comparison/export"), [("format", format.key())].into_iter().chain(with))
    };
    let count = found.differences.len();
    let rows: Vec<Row<'_>> =
        found.differences.iter().enumerate().map(|(at, each)| row(found.of, at, each, &reader)).collect();
    html! {
        section.stack aria-labelledby="differences" {
            div.line.wrap {
                h2.card-title.grow #differences { (title) }
                @if may_save && count > 0 {
                    a.btn.btn-s href=(place(Format::Csv)) download data-turbo="false" aria-label=(tf("Save the differences as {format}", &[("format", &"CSV")])) { (icon_small("download")) "CSV" }
                }
            }
            p.quiet { (tn(count, "{n} difference", "{n} differences")) " · " (tn(found.same, "{n} item is the same", "{n} items are the same")) }
            @if count > 0 { (data_table(t("Differences"), &columns(["Item", "Difference", "Before", "After"]), &rows)) }
        }
    }
}

fn row(of: &'static Process, at: usize, each: &Difference, reader: &Reader<'_>) -> Row<'static> {
    let value = |field: &'static FieldDef, value: &Value| {
        if field.key == spine::STATE.def.key {
            return value
                .as_text()
                .and_then(|key| of.state(key))
                .map(|state| status_pill(&status(of, state)))
                .unwrap_or_default();
        }
        reader.markup(field, value).unwrap_or_default()
    };
    let (what, old, new) = match &each.what {
        What::Added => (pill(Tone::Green, t("Item added")), html! {}, html! {}),
        What::Removed => (pill(Tone::Red, t("Item removed")), html! {}, html! {}),
        What::Changed { field, old, new } => (html! { (t(field.label)) }, value(field, old), value(field, new)),
        What::Linked { label, other, .. } => {
            (html! { (t("Relation added")) ": " (t(label)) }, html! {}, value_text(other))
        }
        What::Unlinked { label, other, .. } => {
            (html! { (t("Relation removed")) ": " (t(label)) }, value_text(other), html! {})
        }
    };
    let place = format!("/{}/{}", of.plural, each.number);
    Row {
        id: format!("difference-{at}").into(),
        cells: vec![
            html! { a.link href=(place) { bdi { (each.number) } } " " span dir="auto" { (each.title) } },
            what,
            old,
            new,
        ],
        ..Row::default()
    }
}

/// `GET /{plural}/{number}/comparison/export?format=…`
pub async fn export(here: Here) -> Result<Response, Failure> {
    let query = here.query.clone().unwrap_or_default();
    let named = address::value(&address::pairs(&query), "format").and_then(Format::named);
    let format = named.ok_or_else(|| Refusal::missing("format"))?;
    let (process, number, with) = (here.process, here.number.clone(), with_of(Some(&query)));
    let name = format!("comparison-{number}.{}", format.key());
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        export::comparison(session, caller, process, (&number, with.as_deref()), format)
    };
    let bytes = here.read(work).await?;
    Ok(saved(&name, format.media_type(), bytes))
}
