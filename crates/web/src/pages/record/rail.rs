//! The rail beside a record: targets, properties that open their own forms, whose matter it is.

use mainstay_desk::records::{ClockView, View};
use mainstay_engine::decide::is_editable;
use mainstay_engine::field::{FieldDef, Kind};
use mainstay_engine::value::Value;
use mainstay_markup::html;
use mainstay_words::{tf, tn};
use maud::Markup;

use super::edit::Clash;
use super::exclude;
use super::form::listed;
use super::sheet::{Asker, Section, Sheet, value};
use super::similar;
use crate::components::{
    Person, Property, Requester, Sla, clock as wall_clock, field, icon_link, icon_small, properties_plain,
    requester_card, sla_card, token_field,
};
use crate::fields::{Asking, json_of};
use crate::pages::frame::begins_with;
use crate::session::Visit;
use crate::shown::clock;

/// Before the names of the rail's controls, so that their ids differ from those of the forms beside it.
pub const PREFIX: &str = "edit";

/// Targets, properties and requester.
#[must_use]
pub fn rail(sheet: &Sheet, visit: &Visit, at: Section) -> Markup {
    let target = |view: &ClockView| Some(Sla { beneath: exclude::beneath(sheet, view), ..clock(view, visit.now())? });
    let targets: Vec<Sla<'_>> = sheet.view.clocks.iter().filter_map(target).collect();
    html! {
        @if sheet.process().has_clocks() { (sla_card(&targets, &sheet.frame.zone, visit.now())) }
        (properties(sheet, visit, at))
        @if let Some(asker) = &sheet.asker { (card(sheet, asker, visit.now())) }
        (similar::frame(sheet, &at.path()))
    }
}

/// The fields that the viewer may edit directly.
pub fn editable(view: &View) -> impl Iterator<Item = &'static FieldDef> + '_ {
    let fields = view.fields.iter().copied();
    let record = &view.record;
    fields.filter(|field| is_editable(record, field) && !record.process.has_own_section(field.key))
}

/// One card with a part for each section of the process, the first always whole, the others as far as they hold something.
fn properties(sheet: &Sheet, visit: &Visit, at: Section) -> Markup {
    let sections = sheet.process().sections.iter().enumerate();
    let cards = sections.map(|(index, section)| {
        let shown = section.fields.iter().filter_map(|key| sheet.view.fields.iter().copied().find(|f| f.key == *key));
        let short = shown.filter(|field| !is_long(field));
        let first =
            |field: &FieldDef| index == 0 && sheet.view.can.update && editable(&sheet.view).any(|f| f.key == field.key);
        let kept = short.filter(|field| first(field) || !value(&sheet.view, field.key).is_blank());
        (section.label, kept.map(|field| property(sheet, visit, at, field)).collect::<Vec<_>>())
    });
    let custom: Vec<Property<'_>> = sheet
        .view
        .fields
        .iter()
        .filter(|field| field.home == mainstay_engine::field::Home::Custom && !is_long(field))
        .map(|field| property(sheet, visit, at, field))
        .collect();
    html! {
        div.card.parts {
            @for (label, properties) in cards.chain([("More", custom)]) {
                @if !properties.is_empty() { section aria-label=(label) { (properties_plain(&properties, false)) } }
            }
        }
        @for field in sheet.view.fields.iter().filter(|field| matches!(field.kind, Kind::Table(_)) && !is_pictured(sheet, field)) { (grid(sheet, field)) }
    }
}

/// What has no room in a line.
fn is_long(field: &FieldDef) -> bool {
    matches!(field.kind, Kind::Markdown | Kind::Table(_))
}

/// Whether a section of the record shows the rows already.
fn is_pictured(sheet: &Sheet, def: &FieldDef) -> bool {
    let tabs = sheet.process().tabs.iter().filter(|tab| (tab.when)(&sheet.view.record));
    let pictured = tabs.flat_map(|tab| tab.pictures).any(|picture| picture.tells(def));
    pictured || sheet.process().has_own_section(def.key)
}

/// A table in a card of its own; it is edited on the page of all fields, where it has room.
fn grid(sheet: &Sheet, def: &'static FieldDef) -> Markup {
    let held = value(&sheet.view, def.key);
    let may = sheet.view.can.update && is_editable(&sheet.view.record, def);
    html! {
        @if may || !held.is_blank() {
            div.card.card-rows {
                h2.card-title { (def.label) }
                @if held.is_blank() { p.quiet { "None" } } @else { (sheet.reader().grid(def, held)) }
                @if may { a.btn.btn-s href={ (sheet.beside("/edit")) "#field-" (def.key) "-group" } { (icon_small("pencil")) "Edit" } }
            }
        }
    }
}

fn property(sheet: &Sheet, visit: &Visit, at: Section, def: &'static FieldDef) -> Property<'static> {
    let held = value(&sheet.view, def.key);
    let may = sheet.view.can.update && editable(&sheet.view).any(|field| field.key == def.key);
    let editor = if may { Some(editor(sheet, visit, at, def)) } else { ways(sheet, def) };
    let reader = sheet.reader();
    // A button holds no link: what the value names is led to beside it.
    let named = matches!(def.kind, Kind::Link(_)).then(|| held.as_text().and_then(|number| reader.place(number)));
    let named = named.flatten().filter(|_| editor.is_some());
    Property {
        key: def.key.into(),
        label: def.label.into(),
        value: match &named {
            Some((_, title)) => reader.words(def, held).map(|number| html! { bdi.clip title=(title) { (number) } }),
            None => reader.markup(def, held),
        },
        clash: sheet.clash.as_ref().filter(|clash| listed(&clash.form, def)).map(|it| clash(sheet, visit, at, def, it)),
        way: named.map(|(href, title)| icon_link(&href, "link", &tf("Open: {title}", &[("title", &title)]))),
        editor,
    }
}

/// The open steps by which a field changes that is not edited directly any more.
fn ways(sheet: &Sheet, def: &FieldDef) -> Option<Markup> {
    let record = &sheet.view.record;
    let by_step = record.process.moves_by_step(record.state, def);
    let steps: Vec<_> = sheet.view.options.iter().filter(|step| by_step && step.asks_for(def)).collect();
    (!steps.is_empty()).then(|| {
        html! {
            div.btn-row {
                @for step in steps { a.btn.btn-s href=(sheet.beside(&format!("/{}", step.verb))) { (step.label) "…" } }
            }
        }
    })
}

/// The form of one property.
fn editor(sheet: &Sheet, visit: &Visit, at: Section, def: &'static FieldDef) -> Markup {
    let asking = Asking { pickers: &sheet.pickers, zone: &sheet.frame.zone, errors: &[] };
    let mut asked = asking.holding(def, value(&sheet.view, def.key));
    asked.name = format!("{PREFIX}.{}", def.key).into();
    asked.required = false;
    html! {
        form.details method="post" action=(sheet.beside("/edit")) data-inline {
            (about(sheet, visit, at, def))
            (field(&asked))
            div.form-foot { button.btn.btn-s.btn-primary type="submit" { "Save" } }
        }
    }
}

/// What the form of one property says beside its answer.
fn about(sheet: &Sheet, visit: &Visit, at: Section, def: &'static FieldDef) -> Markup {
    html! {
        (token_field(visit.token()))
        input type="hidden" name="version" value=(sheet.view.record.version);
        input type="hidden" name="shown" value=(sheet.shown);
        input type="hidden" name="_fields" value=(def.key);
        input type="hidden" name="_prefix" value=(PREFIX);
        input type="hidden" name="_at" value=(at.path());
    }
}

/// Both values of a property that somebody else changed first, and a choice between them.
fn clash(sheet: &Sheet, visit: &Visit, at: Section, def: &'static FieldDef, clash: &Clash) -> Markup {
    let reader = sheet.reader();
    let words = |value: &Value| reader.words(def, value).unwrap_or_else(|| "nothing".to_owned());
    let json = json_of(def, &clash.form, def.key, &sheet.frame.zone);
    // What was typed for a reference is its key or name already.
    let own = match Value::read(def, &json) {
        Ok(value) if def.register().is_none() => words(&value),
        _ => clash.form.get(def.key).unwrap_or_default().to_owned(),
    };
    html! {
        div.clash role="alert" {
            p { (icon_small("triangle-alert")) span dir="auto" { (clash.says) } }
            div.btn-row {
                a.btn.btn-s href=(sheet.beside(&at.path())) { (tf("Keep {value}", &[("value", &words(value(&sheet.view, def.key)))])) }
                form method="post" action=(sheet.beside("/edit")) {
                    (about(sheet, visit, at, def))
                    @for given in clash.form.all(def.key) {
                        input type="hidden" name={ (PREFIX) "." (def.key) } value=(given);
                    }
                    button.btn.btn-s.btn-primary type="submit" { (tf("Set {value}", &[("value", &own)])) }
                }
            }
        }
    }
}

fn card(sheet: &Sheet, asker: &Asker, now: i64) -> Markup {
    let entry = &asker.entry;
    let mut facts = Vec::new();
    if let Some(zone) = entry.text("zone").and_then(|zone| jiff::tz::TimeZone::get(zone).ok()) {
        facts.push(tf("{time} local", &[("time", &wall_clock(now, &zone))]));
    }
    facts.extend(entry.text("phone").map(str::to_owned));
    let list = |filter: &str| crate::address::with_query(&format!("/{}", sheet.process().plural), [("filter", filter)]);
    let theirs = format!("requester = {}", entry.id);
    let open = list(&format!("{theirs} and {}", begins_with(sheet.process())));
    let places = asker.organisation.as_deref().into_iter().chain(entry.text("email"));
    requester_card(&Requester {
        person: Person { name: entry.name.as_str().into(), hue: Person::hue_of(entry.id) },
        href: list(&theirs).into(),
        places: places.map(|place| place.to_owned().into()).collect(),
        mark: entry.flag("vip").then(|| "VIP".into()),
        open: Some((tn(asker.open, "{n} open", "{n} open").into(), open.into())),
        facts: facts.into_iter().map(Into::into).collect(),
    })
}
