//! What may help with a record, asked for after its page: records like it, what helped there, what else its requester
//! has.

use axum::http::StatusCode;
use axum::response::Response;
use jiff::tz::TimeZone;
use mainstay_desk::maps::{self, Service};
use mainstay_desk::records::{self, Listing, Row, Similar, Suspect, View};
use mainstay_desk::{Caller, Session};
use mainstay_engine::field::FieldDef;
use mainstay_engine::process::Process;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::spine;
use mainstay_markup::html;
use mainstay_search::Index;
use mainstay_words::{t, tf};
use maud::Markup;

use super::activity::{self, Written};
use super::back;
use super::here::Here;
use super::map::hit_pill;
use super::rail::editable;
use super::related::{INVERSE, process_of};
use super::sheet::Sheet;
use super::tabs::Around;
use crate::components::{Nothing, Suggestion, icon_small, nothing, suggestion_card, token_field};
use crate::failure::Failure;
use crate::pages::alike::begun;
use crate::pages::frame::staff;
use crate::pages::palette::setting;
use crate::pages::queue::number as number_of;
use crate::part::part;
use crate::shown::{lately, status};
use crate::{address, markdown};

/// The frame in the rail.
const FRAME: &str = "suggestions";
/// The record whose words go into a step or an answer.
pub const LIKE: &str = "like";
/// Similar records in the rail, and in a section of their own.
const FEW: usize = 4;
const MANY: usize = 20;
/// Records of the requester in the rail.
const OTHERS: usize = 3;

/// Where the suggestions will be. It says what they depend on: while that stays, they stay when the page is brought up
/// to date; else they are asked for anew, at another address.
pub fn frame(sheet: &Sheet, section: &str) -> Markup {
    let state = format!("{}.{}.{}", sheet.number(), sheet.view.record.version, sheet.counts.related);
    let asked = address::query([("at", section), ("state", state.as_str())]);
    let place = sheet.beside("/suggestions");
    let join = if place.contains('?') { '&' } else { '?' };
    html! { turbo-frame #(FRAME) src={ (place) (join) (asked) } loading="lazy" target="_top" data-depends-on={ (state) (section) } {} }
}

/// What a record and its viewer make possible.
struct Ways<'a> {
    view: &'a View,
    query: Option<&'a str>,
    /// The section that people come back to.
    at: &'a str,
    token: &'a str,
    zone: &'a TimeZone,
    now: i64,
}

/// `GET /{plural}/{number}/suggestions`: for the frame alone.
pub async fn suggestions(here: Here) -> Result<Response, Failure> {
    let (process, query, number) = (here.process, here.query.clone(), here.number.clone());
    let index = here.web.desk().search().cloned();
    let at = address::value(&address::pairs(query.as_deref().unwrap_or_default()), "at").unwrap_or_default().to_owned();
    let (token, now) = (here.visit.token().to_owned(), here.visit.now());
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        staff(caller)?;
        let view = records::get(session, caller, process, &number)?;
        let others = others(session, caller, &view)?;
        // On the section of similar records they stand already.
        let beside = at != "/similar";
        let similar = if beside { find(session, caller, index.as_deref(), &view, MANY)? } else { Vec::new() };
        let similar = few(similar);
        let suspects = records::suspects(session, caller, process, &number)?.found;
        let zone = caller.zone();
        let ways = Ways { view: &view, query: query.as_deref(), at: &at, token: &token, zone: &zone, now };
        let similar: Vec<Suggestion<'_>> = similar.iter().map(|each| ways.similar(each)).collect();
        let found = html! {
            @if let Some((title, rows)) = &others {
                (suggestion_card("others", title, &rows.iter().map(|row| ways.plain(row)).collect::<Vec<_>>()))
            }
            @if !suspects.is_empty() {
                (suggestion_card("suspects", t("Changed lately"), &suspects.iter().map(|each| ways.suspect(each)).collect::<Vec<_>>()))
            }
            @if !similar.is_empty() { (suggestion_card("similar", t("Similar records"), &similar)) }
        };
        let items = !maps::items_of(session, caller, process, &number)?.is_empty();
        Ok((found, items))
    };
    let (found, items) = here.read(work).await?;
    // The map is asked only where there is something to ask.
    let carried = if items { carried(&here).await? } else { Markup::default() };
    Ok(part(&html! { turbo-frame #(FRAME) { (carried) (found) } }))
}

/// The card of the services that the items of the record carry.
async fn carried(here: &Here) -> Result<Markup, Failure> {
    let (process, query, number) = (here.process, here.query.clone(), here.number.clone());
    let at = address::value(&address::pairs(query.as_deref().unwrap_or_default()), "at").unwrap_or_default().to_owned();
    let (token, now) = (here.visit.token().to_owned(), here.visit.now());
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let view = records::get(session, caller, process, &number)?;
        let services = maps::carried(session, caller, process, &number)?;
        let zone = caller.zone();
        let ways = Ways { view: &view, query: query.as_deref(), at: &at, token: &token, zone: &zone, now };
        Ok(ways.carried(&services))
    };
    here.read_map(work).await
}

/// `GET /{plural}/{number}/suggestions/{other}`: the record with what helped elsewhere in the composer, behind what is
/// written there.
pub async fn take(here: Here) -> Result<Response, Failure> {
    let other = here.word.clone();
    let work = move |session: &mut Session<'_>, caller: &Caller| helped(session, caller, &other);
    let (_, words) = here.read(work).await?.ok_or_else(Failure::missing)?;
    let draft = Written { added: Some(words), ..Written::default() };
    activity::page(&here, &draft, StatusCode::OK).await
}

/// What helped in a record that the caller sees.
///
/// # Errors
/// Not the caller's to see; the database's.
pub fn helped(
    session: &mut Session<'_>,
    caller: &Caller,
    number: &str,
) -> mainstay_desk::Result<Option<(&'static FieldDef, String)>> {
    let Some(process) = mainstay_processes::of_number(number) else { return Ok(None) };
    let other = records::get(session, caller, process, number)?;
    let helped = process.helped(&other.record).filter(|(field, _)| other.fields.iter().any(|f| f.key == field.key));
    Ok(helped.map(|(field, words)| (field, words.to_owned())))
}

/// The section of records that are like this one.
///
/// # Errors
/// The index's; the database's.
pub fn section(session: &mut Session<'_>, caller: &Caller, around: &Around<'_>) -> mainstay_desk::Result<Markup> {
    let view = &around.sheet.view;
    let found = find(session, caller, around.index, view, MANY)?;
    let (token, zone) = (around.token, &around.sheet.frame.zone);
    let ways = Ways { view, query: around.query, at: around.at, token, zone, now: around.now };
    let similar: Vec<Suggestion<'_>> = found.iter().map(|each| ways.similar(each)).collect();
    Ok(html! {
        div.details {
            @if similar.is_empty() {
                (nothing(Nothing::Yet, "Nothing like it", "No record of the last months is about the same, as far as its words tell.", &html! {}, None))
            } @else {
                (suggestion_card("similar-records", t("Similar records"), &similar))
            }
        }
    })
}

fn find(
    session: &mut Session<'_>,
    caller: &Caller,
    index: Option<&Index>,
    view: &View,
    most: usize,
) -> mainstay_desk::Result<Vec<Similar>> {
    let Some(index) = index else { return Ok(Vec::new()) };
    Ok(records::similar(session, caller, index, view.record.process, &number_of(&view.record), most)?.found)
}

/// The likest few, with one among them that says what helped, where any does.
fn few(mut all: Vec<Similar>) -> Vec<Similar> {
    let helps = all.iter().position(|each| each.helped.is_some());
    if let Some(at) = helps.filter(|at| *at >= FEW) {
        all.swap(FEW - 1, at);
    }
    all.truncate(FEW);
    all
}

/// Other records of the same requester, under their name, the last touched first.
fn others(
    session: &mut Session<'_>,
    caller: &Caller,
    view: &View,
) -> mainstay_desk::Result<Option<(String, Vec<Row>)>> {
    let Some(requester) = view.record.value(spine::REQUESTER.def.key).as_int() else { return Ok(None) };
    let Some(name) = view.names.get(&requester) else { return Ok(None) };
    let filter = Some(format!("requester = {requester}"));
    let listing = Listing { filter, fields: Some(Vec::new()), limit: OTHERS + 1, ..Listing::default() };
    let mut rows = records::list(session, caller, view.record.process, &listing)?.rows;
    rows.retain(|row| row.record.id != view.record.id);
    rows.truncate(OTHERS);
    Ok((!rows.is_empty()).then(|| (tf("Also from {name}", &[("name", name)]), rows)))
}

impl Ways<'_> {
    fn path(&self, rest: &str) -> String {
        back(self.view.record.process, &number_of(&self.view.record), rest, self.query)
    }

    /// The services that the items of the record carry, each to be set as the one that is affected. (INC-04)
    fn carried(&self, services: &[Service]) -> Markup {
        let (view, service) = (self.view, &spine::SERVICE.def);
        let held = view.record.value(service.key).as_int();
        let others: Vec<&Service> = services.iter().filter(|each| Some(each.id) != held).collect();
        let may = view.can.update && editable(view).any(|field| field.key == service.key);
        html! {
            @if !others.is_empty() {
                section.card aria-labelledby="carried" {
                    h2 #carried .card-title { "Services that its items carry" }
                    @for each in others {
                        div.suggestion {
                            (icon_small("globe"))
                            bdi.clip { (each.name) }
                            div.suggestion-foot {
                                (hit_pill(each.hit))
                                @if may {
                                    form method="post" action=(self.path("/edit")) {
                                        (token_field(self.token))
                                        @for (name, value) in setting(view, service, &each.id.to_string()) { input type="hidden" name=(name) value=(value); }
                                        input type="hidden" name="_at" value=(self.at);
                                        button.pill.tone-plain type="submit" aria-label=(tf("Set the service to {name}", &[("name", &each.name)])) { "Set" }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn plain(&self, row: &Row) -> Suggestion<'static> {
        let record = &row.record;
        Suggestion {
            status: status(record.process, record.state),
            number: number_of(record).into(),
            title: record.value(spine::TITLE.def.key).as_text().unwrap_or_default().to_owned().into(),
            href: format!("/{}/{}", record.process.plural, number_of(record)).into(),
            since: lately(record, self.zone, self.now).into(),
            said: None,
            deeds: html! {},
        }
    }

    /// What was done lately, to be said to be the cause.
    fn suspect(&self, each: &Suspect) -> Suggestion<'static> {
        let number = number_of(&each.row.record);
        let deeds = html! {
            @if self.view.can.link {
                form method="post" action=(self.path("/links")) {
                    (token_field(self.token))
                    input type="hidden" name="relation" value=(each.relation.key);
                    input type="hidden" name="to" value=(number);
                    input type="hidden" name="_at" value=(self.at);
                    button.pill.tone-plain type="submit" aria-label=(tf("Caused by {number}", &[("number", &number)])) { (t(each.relation.label)) }
                }
            }
        };
        Suggestion { since: begun(each, self.zone, self.now).into(), deeds, ..self.plain(&each.row) }
    }

    fn similar(&self, each: &Similar) -> Suggestion<'static> {
        let number = number_of(&each.row.record);
        let helped = each.helped.as_ref();
        let said = helped.map(|(field, words)| (t(field.label).to_owned().into(), markdown::words(words).into()));
        let deeds = html! {
            @if let Some(relation) = link_to(self.view.record.process, each.row.record.process).filter(|_| self.view.can.link) {
                form method="post" action=(self.path("/links")) {
                    (token_field(self.token))
                    input type="hidden" name="relation" value=(relation);
                    input type="hidden" name="to" value=(number);
                    input type="hidden" name="_at" value=(self.at);
                    button.pill.tone-plain type="submit" aria-label=(tf("Link {number}", &[("number", &number)])) { "Link" }
                }
            }
            @if let (Some((field, _)), Some(place)) = (helped, self.use_of(&number)) {
                a.pill.tone-blue href=(place) aria-label=(tf("Use the words of {number}: {field}", &[("number", &number), ("field", &t(field.label))])) { "Use" }
            }
        };
        Suggestion { said, deeds, ..self.plain(&each.row) }
    }

    /// Where what helped there is of use here: in the step that asks for it, else in an answer.
    fn use_of(&self, number: &str) -> Option<String> {
        let step = self.view.options.iter().find(|step| {
            let asks = |field: &FieldDef| step.asks_for(field);
            step.to.is_some() && self.view.record.process.helps.fields.iter().any(asks)
        });
        if let Some(step) = step {
            let place = self.path(&format!("/{}", step.verb));
            let join = if place.contains('?') { '&' } else { '?' };
            return Some(format!("{place}{join}{}", address::query([(LIKE, number)])));
        }
        let can = self.view.can;
        (can.comment || can.note).then(|| self.path(&format!("/suggestions/{number}")))
    }
}

/// The relation that a button makes from a record to another, as the form of links names it: one that is meant for the
/// two, from whichever end, else the one that says no more than that both belong together.
#[must_use]
pub fn link_to(here: &'static Process, there: &'static Process) -> Option<String> {
    let meant = |from: &'static Process, to: &'static Process| {
        from.relations.iter().find(|relation| relation.meant_for.contains(&to.key))
    };
    let own = || here.relation_to(there).map(|relation| relation.key.to_owned());
    let from_there = meant(there, here).filter(|_| meant(here, there).is_none());
    from_there.map(|relation| format!("{INVERSE}{}", relation.key)).or_else(own)
}

/// Links a record to one that is like it, as the button beside that does.
///
/// # Errors
/// Either is not the caller's to see or to link; no relation is meant for the two.
pub fn tie(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    at: &str,
    to: &str,
) -> mainstay_desk::Result<()> {
    let there = process_of(to).ok_or_else(|| Refusal::missing("record"))?;
    let relation = link_to(process, there).ok_or_else(|| Refusal::missing("relation"))?;
    let linked = match relation.strip_prefix(INVERSE) {
        Some(relation) => records::link(session, caller, there, to, relation, at),
        None => records::link(session, caller, process, at, &relation, to),
    };
    linked.map(|_| ())
}

/// The field of a step that takes what helped elsewhere: the same one, else the first that says what helped.
#[must_use]
pub fn takes(process: &'static Process, asked: &[&'static FieldDef], said: &FieldDef) -> Option<&'static FieldDef> {
    let asked_for = |field: &&FieldDef| asked.iter().any(|asked| asked.key == field.key);
    let helps = || process.helps.fields.iter().filter(asked_for);
    helps().find(|field| field.key == said.key).or_else(|| helps().next())
}
