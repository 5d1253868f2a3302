//! What a record hangs together with: links, references to other systems, files, watchers.

use axum::response::Response;
use mainstay_desk::records::{self, LinkView};
use mainstay_desk::{Caller, Session};
use mainstay_engine::field::{Field as Declared, FieldDef};
use mainstay_engine::process::{Process, Relation};
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_markup::html;
use mainstay_processes::registers;
use mainstay_store::hangings::AttachmentRow;
use mainstay_words::tf;
use maud::Markup;

use super::activity::tile;
use super::here::{Again, Here, Sent};
use super::sheet::{Section, Sheet};
use super::telling::learn_ids;
use crate::components::{
    Choice, Control, Field, FieldError as Wrong, Nothing, Picked, PickerKind, TextKind, Width, attachments,
    error_summary, field, icon_small, nothing, person, status_glyph, token_field,
};
use crate::failure::Failure;
use crate::fields::{Asking, Pickers, entry_named};
use crate::flash::{Flash, go_on};
use crate::form::Form;
use crate::pages::queue::number as number_of;
use crate::session::Visit;
use crate::shown::status;

const WATCHER: FieldDef = Declared::entry("watcher", "Person", "people").required().def;

/// Before the key of a relation that is read from its other end.
pub const INVERSE: &str = "of:";

/// The control in which somebody names the other end of a link.
pub const LINK_FIELD: &str = "field-to";

/// The code of the refusal that is about a reference in another system.
const NO_REFERENCE: &str = "no_reference";

/// What the section shows.
struct Related {
    links: Vec<LinkView>,
    external: Vec<(String, String)>,
    files: Vec<AttachmentRow>,
    watchers: Vec<i64>,
    pickers: Pickers,
}

/// `GET /{plural}/{number}/related`
pub async fn show(here: Here) -> Result<Response, Failure> {
    page(&here, Again::default()).await
}

async fn page(here: &Here, again: Again<'_>) -> Result<Response, Failure> {
    let (sheet, related) = here.open(load).await?;
    let visit = &here.visit;
    let can = sheet.view.can;
    let empty = related.links.is_empty() && related.external.is_empty() && related.files.is_empty();
    let body = html! {
        div.details {
            @if empty { (nothing(Nothing::Yet, "Nothing related yet", "Link records that belong together, here or in another system.", &html! {}, None)) }
            (links(&sheet, visit, &related))
            @if can.link { (link_form(&sheet, visit, again)) }
            @if !related.files.is_empty() {
                section aria-labelledby="files" {
                    h2 #files .card-title { "Files" }
                    (attachments(&related.files.iter().map(tile).collect::<Vec<_>>()))
                }
            }
            (watchers(&sheet, visit, &related))
        }
    };
    Ok(sheet.page(&here.web, visit, Section::Related, again.status(), &body))
}

fn load(session: &mut Session<'_>, caller: &Caller, sheet: &mut Sheet) -> mainstay_desk::Result<Related> {
    let (process, number) = (sheet.process(), sheet.number().to_owned());
    let (links, external) = records::links(session, caller, process, &number)?;
    let files = records::attachments(session, caller, process, &number)?;
    let watchers = records::watchers(session, caller, process, &number)?;
    learn_ids(session, &watchers, &mut sheet.names)?;
    let pickers =
        if sheet.view.can.watch_others { Pickers::load(session, caller, &[WATCHER])? } else { Pickers::default() };
    Ok(Related { links, external, files, watchers, pickers })
}

/// Links under what each means, read from this record.
fn links(sheet: &Sheet, visit: &Visit, related: &Related) -> Markup {
    let mut labels: Vec<&str> = related.links.iter().map(|link| link.label.as_ref()).collect();
    labels.dedup();
    let known = |key: &str| sheet.fields.relations(sheet.process()).find(|relation| relation.key == key);
    let relation = |key: &str| known(key).map_or("Elsewhere", |relation| relation.label);
    html! {
        @for label in labels {
            section.card aria-label=(label) {
                h2.card-title { (label) }
                @for link in related.links.iter().filter(|link| link.label == label) { (link_line(sheet, visit, link)) }
            }
        }
        @if !related.external.is_empty() {
            section.card aria-label="In other systems" {
                h2.card-title { "In other systems" }
                @for (key, reference) in &related.external {
                    div.line {
                        (icon_small("external-link"))
                        span.quiet.nowrap { (relation(key)) }
                        bdi.strong.grow { (reference) }
                        @if sheet.view.can.link { (removing(sheet, visit, key, reference, true)) }
                    }
                }
            }
        }
    }
}

fn link_line(sheet: &Sheet, visit: &Visit, link: &LinkView) -> Markup {
    let number = number_of(&link.other);
    let href = format!("/{}/{number}", link.other.process.plural);
    html! {
        div.line {
            (status_glyph(&status(link.other.process, link.other.state)))
            a.link.nowrap href=(href) { bdi { (number) } }
            span.grow dir="auto" { (link.other.value("title").as_text().unwrap_or_default()) }
            @if sheet.view.can.link && !link.by_field {
                (removing(sheet, visit, link.relation, &number, link.outgoing))
            }
        }
    }
}

/// The button that takes away a link to a record, or to a reference in another system.
fn removing(sheet: &Sheet, visit: &Visit, relation: &str, to: &str, outgoing: bool) -> Markup {
    html! {
        form method="post" action=(sheet.beside("/unlink")) {
            (token_field(visit.token()))
            input type="hidden" name="relation" value=(relation);
            input type="hidden" name="to" value=(to);
            @if !outgoing { input type="hidden" name="incoming" value="true"; }
            button.icon-btn type="submit" aria-label=(tf("Remove the link to {number}", &[("number", &to)])) title="Remove" { (icon_small("x")) }
        }
    }
}

/// Asks for a record by its number or by words of its title.
pub fn record_picker(number: String) -> Control<'static> {
    let picked = Some(number).filter(|number| !number.is_empty());
    let picked = picked.map(|number| Picked { label: "".into(), value: number.into() });
    let source = Some("/pick/records".into());
    Control::Picker { kind: PickerKind::Record, picked, options: Vec::new(), source }
}

fn link_form(sheet: &Sheet, visit: &Visit, again: Again<'_>) -> Markup {
    let refusal = again.refusal();
    let given = |name: &str| again.form().and_then(|form| form.get(name)).unwrap_or_default().to_owned();
    let chosen = given("relation");
    let options = ways(sheet).into_iter();
    let options = options.map(|(key, label)| Choice::new(key.clone(), label, key == chosen)).collect();
    let mut relation = Field::new("relation", "This record is", Control::Select { options, blank: None });
    (relation.required, relation.width) = (true, Width::Half);
    let wrong = |name: &'static str| refusal.filter(|refusal| (refusal.code == NO_REFERENCE) == (name == "reference"));
    let said = |name: &'static str| wrong(name).map(|refusal| refusal.detail.clone().into());
    let mut to = Field::new("to", "Record", record_picker(given("to")));
    to.help = Some("A number, or words of the title.".into());
    (to.width, to.error) = (Width::Half, said("to"));
    let value = given("reference").into();
    let text = Control::Text { value, kind: TextKind::Plain, max_length: Some(200) };
    let mut reference = Field::new("reference", "Or a reference in another system", text);
    reference.help = Some("Its number or address there, such as JIRA-12.".into());
    (reference.width, reference.error) = (Width::Half, said("reference"));
    let summary: Vec<Wrong<'_>> = refusal
        .map(|refusal| {
            let field = if wrong("to").is_some() { "to" } else { "reference" };
            Wrong { field: Some(field.into()), message: refusal.detail.as_str().into() }
        })
        .into_iter()
        .collect();
    html! {
        form #add-link .form.form-section method="post" action=(sheet.beside("/links")) {
            h2 { "Link" }
            (error_summary(&summary))
            (token_field(visit.token()))
            div.form-grid { (field(&relation)) (field(&to)) (field(&reference)) }
            div.form-foot { button.btn.btn-primary type="submit" { "Link" } }
        }
    }
}

/// Every relation that a record of the process can get, from this end and from the other, as a form names it and as
/// people read it. Which process the other end is of decides by whose table a link is made that arrives here.
fn ways(sheet: &Sheet) -> Vec<(String, &'static str)> {
    let process = sheet.process();
    let mut all: Vec<(String, &'static str)> = Vec::new();
    let from_there = |all: &mut Vec<(String, &'static str)>, relation: &'static Relation| {
        let key = format!("{INVERSE}{}", relation.key);
        let leads_here = relation.to.is_none_or(|to| to == process.key);
        if leads_here && relation.label != relation.inverse && all.iter().all(|(known, _)| *known != key) {
            all.push((key, relation.inverse));
        }
    };
    for relation in sheet.fields.relations(process) {
        all.push((relation.key.to_owned(), relation.label));
        from_there(&mut all, relation);
    }
    for relation in mainstay_processes::ALL.iter().flat_map(|other| sheet.fields.relations(other)) {
        from_there(&mut all, relation);
    }
    all
}

fn watchers(sheet: &Sheet, visit: &Visit, related: &Related) -> Markup {
    let reader = sheet.reader();
    let asking = Asking { pickers: &related.pickers, zone: &sheet.frame.zone, errors: &[] };
    html! {
        section.card aria-labelledby="watchers" {
            h2 #watchers .card-title { "Watchers" }
            @if related.watchers.is_empty() { p.quiet { "Nobody watches it." } }
            @for id in &related.watchers {
                div.line {
                    (person(&reader.person(*id)))
                    span.grow {}
                    @if sheet.view.can.watch_others || *id == sheet.frame.me {
                        form method="post" action=(sheet.beside("/unwatch")) {
                            (token_field(visit.token()))
                            input type="hidden" name="watcher" value=(id);
                            button.icon-btn type="submit" aria-label=(tf("Remove {name}", &[("name", &reader.name(*id))])) title="Remove" { (icon_small("x")) }
                        }
                    }
                }
            }
            @if sheet.view.can.watch_others {
                form.form method="post" action=(sheet.beside("/watch")) {
                    (token_field(visit.token()))
                    (field(&asking.field(&WATCHER, &[])))
                    div.form-foot { button.btn.btn-s type="submit" { "Add watcher" } }
                }
            }
        }
    }
}

/// `POST /{plural}/{number}/links`
pub async fn link(Sent { here, form }: Sent) -> Result<Response, Failure> {
    let (process, at, given) = (here.process, here.number.clone(), form.clone());
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let relation = given.filled("relation").unwrap_or_default();
        match (given.filled("to"), given.filled("reference")) {
            (Some(to), None) => link_to_record(session, caller, (process, &at), relation, to),
            (None, Some(_)) if relation.starts_with(INVERSE) => {
                let says = "A reference in another system is linked from here: choose what this record is to it.";
                Err(Refusal::invalid(NO_REFERENCE, says).into())
            }
            (None, Some(reference)) => {
                records::link_external(session, caller, process, &at, relation, reference).map(|()| None)
            }
            _ => {
                let says = "Name either a record, or a reference in another system.";
                Err(Refusal::invalid("one_end_needed", says).into())
            }
        }
    };
    match here.write(work).await? {
        Ok(event) => {
            let section = form.get("_at").map_or(Section::Related, |at| Section::read(process, at));
            Ok(go_on(&here.at(&section.path()), Some(undoable(Flash::done("Linked."), &here, event))))
        }
        Err(refusal) => page(&here, Again::of(&form, &refusal)).await,
    }
}

/// Links a record to the one that somebody named by its number; a link that arrives here is made where it begins.
fn link_to_record(
    session: &mut Session<'_>,
    caller: &Caller,
    (process, at): (&'static Process, &str),
    relation: &str,
    to: &str,
) -> mainstay_desk::Result<Option<i64>> {
    let number = to.trim_start_matches('#').to_uppercase();
    let nothing = || {
        let says = format!("“{to}” names no record. Choose one of those that are suggested, or give its number.");
        Refusal::invalid("unknown_link", says)
    };
    let of = process_of(&number).ok_or_else(nothing)?;
    match relation.strip_prefix(INVERSE) {
        Some(relation) => records::link(session, caller, of, &number, relation, at).map(|_| None),
        None => records::link(session, caller, process, at, relation, &number),
    }
}

/// The process of a number of ours.
#[must_use]
pub fn process_of(number: &str) -> Option<&'static Process> {
    mainstay_processes::of_number(number).filter(|_| is_number(number))
}

/// Whether a text is the number of a record of ours rather than a reference elsewhere.
fn is_number(text: &str) -> bool {
    text.split_once('-').is_some_and(|(_, digits)| {
        mainstay_processes::of_number(text).is_some()
            && !digits.is_empty()
            && digits.bytes().all(|b| b.is_ascii_digit())
    })
}

/// What was done, with the way to take it back where an event of this record knows it.
fn undoable(flash: Flash, here: &Here, event: Option<i64>) -> Flash {
    match event {
        Some(event) => flash.undone_by(here.at(&format!("/events/{event}/undo"))),
        None => flash,
    }
}

/// `POST /{plural}/{number}/unlink`
pub async fn unlink(Sent { here, form }: Sent) -> Result<Response, Failure> {
    let (process, at) = (here.process, here.number.clone());
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let (relation, to) = (form.filled("relation").unwrap_or_default(), form.filled("to").unwrap_or_default());
        if !form.has("incoming") {
            return records::unlink(session, caller, process, &at, relation, to);
        }
        // A link that arrives here is taken away where it begins.
        records::unlink(session, caller, process_of(to).unwrap_or(process), to, relation, &at).map(|_| None)
    };
    let says = match here.write(work).await? {
        Ok(event) => undoable(Flash::done("Link removed."), &here, event),
        Err(refusal) => Flash::failed(refusal.detail),
    };
    Ok(go_on(&here.at("/related"), Some(says)))
}

/// `POST /{plural}/{number}/watch`: the viewer, or the person named.
pub async fn watch(sent: Sent) -> Result<Response, Failure> {
    watching(sent, records::watch, ["You watch it now.", "Watcher added."]).await
}

/// `POST /{plural}/{number}/unwatch`
pub async fn unwatch(sent: Sent) -> Result<Response, Failure> {
    watching(sent, records::unwatch, ["You do not watch it any more.", "Watcher removed."]).await
}

/// A beginning or an end of somebody's watching.
type Watching = fn(&mut Session<'_>, &Caller, &'static Process, &str, i64) -> mainstay_desk::Result<()>;

/// Begins or ends it, for the viewer or for the person named, and says the one thing or the other.
async fn watching(Sent { here, form }: Sent, act: Watching, says: [&'static str; 2]) -> Result<Response, Failure> {
    let (process, at) = (here.process, here.number.clone());
    let named = form.has(WATCHER.key);
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let person = watcher(session, caller, &form)?;
        act(session, caller, process, &at, person)
    };
    here.settle(if named { "/related" } else { "" }, says[usize::from(named)], work).await
}

fn watcher(session: &mut Session<'_>, caller: &Caller, form: &Form) -> mainstay_desk::Result<i64> {
    let Some(text) = form.filled(WATCHER.key) else { return Ok(caller.person_id().unwrap_or_default()) };
    entry_named(session, caller, registers::PEOPLE.key, text)?.ok_or_else(|| {
        let error = FieldError::new(WATCHER.key, "unknown_reference", format!("Nobody here is called “{text}”."));
        Refusal { errors: vec![error.clone()], ..Refusal::invalid("invalid_fields", error.detail) }.into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_ours_are_told_from_references_elsewhere() {
        let prefix = mainstay_processes::ALL[0].prefix;
        assert!(is_number(&format!("{prefix}-12")) && is_number(&format!("{}-12", prefix.to_lowercase())));
        for other in ["", "12", "JIRA-12", &format!("{prefix}-"), &format!("{prefix}-1a"), "https://x.test/INC-1"] {
            assert!(!is_number(other), "{other}");
        }
    }
}
