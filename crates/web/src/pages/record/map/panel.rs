//! The panel beside the drawing: how much is hit by what fails, and what the chosen box is.

use mainstay_desk::maps::picture::{Drawn, Picture};
use mainstay_desk::maps::{Chosen, Impact};
use mainstay_engine::field::Kind;
use mainstay_engine::graph::Hit;
use mainstay_engine::process::Process;
use mainstay_engine::spine;
use mainstay_markup::html;
use mainstay_words::{t, tf};
use maud::Markup;

use super::asked::Asked;
use super::drawing::{happens, said};
use super::{Look, tables};
use crate::components::{
    Property, Stat, icon_small, pill, properties_plain, stats, status_glyph, status_pill, token_field,
};
use crate::fields::UPDATE;
use crate::pages::items::ITEM;
use crate::shown::{Reader, status};

/// Rows of a list of the panel; the tables have the rest.
const MOST_ROWS: usize = 8;
/// A record of the map, and what may be opened about it.
pub struct Beside {
    pub chosen: Chosen,
    /// Processes of which the viewer may open a record that is about an item.
    pub opens: Vec<&'static Process>,
}

/// A button that is on or off, and leads to the same page with it switched. It works without a script.
pub fn switch(look: &Look<'_>, at: Option<i64>, asked: &Asked, label: &str, on: bool) -> Markup {
    html! {
        form.map-switch method="get" action=(look.sheet.path("/map")) data-turbo-action="replace" {
            @for (name, value) in asked.pairs(at) { input type="hidden" name=(name) value=(value); }
            button type="submit" role="switch" aria-checked=(on) { span.map-knob aria-hidden="true" {} (label) }
        }
    }
}

/// The whole panel.
pub fn panel(look: &Look<'_>, at: Option<i64>, picture: &Picture, beside: &Beside) -> Markup {
    html! {
        section.map-panel #map-chosen aria-label="Chosen item" {
            div.map-panel-in {
                @if let Some(impact) = &picture.around.up { (outage(look, at, picture, impact)) }
                (chosen(look, at, picture, beside))
            }
        }
    }
}

/// What fails, and how much is hit by it.
fn outage(look: &Look<'_>, at: Option<i64>, picture: &Picture, impact: &Impact) -> Markup {
    let home = picture.around.home;
    let of_home = picture.around.failing == [home];
    let hit = |wanted: Hit| impact.items.iter().filter(|item| item.hops > 0 && item.hit == wanted).count();
    let tile = |name: &'static str, value: usize| Stat {
        name: name.into(),
        value: value.to_string().into(),
        ..Stat::default()
    };
    let tiles = [
        tile("Impacted", hit(Hit::Impacted)),
        tile("At risk", hit(Hit::AtRisk)),
        tile("Services", impact.services.len()),
    ];
    html! {
        div.map-says {
            h2 #if-it-fails .card-title {
                @match (picture.around.failing.is_empty(), of_home, at.is_some()) {
                    (true, ..) => "Nothing fails",
                    (_, true, true) => "If it had failed",
                    (_, true, false) => "If it fails",
                    (_, _, true) => "If they had failed",
                    (..) => "If they fail",
                }
            }
            p aria-live="polite" { (tables::summary(impact, picture.around.failing.len())) }
        }
        @if !picture.around.failing.is_empty() { (stats(&tiles)) }
        @if !of_home { (failing(look, at, picture)) }
        @if !impact.services.is_empty() {
            div {
                h3.card-title #map-services { "Services" }
                ul.card.map-list {
                    @for service in impact.services.iter().take(MOST_ROWS) {
                        li {
                            a.grow.clip href=(look.place(at, &look.asked.choosing(&service.number))) data-turbo-action="replace" { bdi { (service.name) } }
                            (tables::hit_pill(service.hit))
                        }
                    }
                    (rest(impact.services.len()))
                }
            }
        }
    }
}

/// Those that fail, each with a way to let it work again.
fn failing(look: &Look<'_>, at: Option<i64>, picture: &Picture) -> Markup {
    let named = picture.failing.iter().flatten();
    html! {
        @if !picture.around.failing.is_empty() {
            div {
                h3.card-title #map-failing { "Simulated outage" }
                ul.card.map-list {
                    @for (number, title) in named {
                        li {
                            a.grow.clip href=(look.place(at, &look.asked.choosing(number))) data-turbo-action="replace" { bdi { (title) } }
                            a.btn.btn-s href=(look.place(at, &look.asked.switched(number, look.sheet.number()))) data-turbo-action="replace" aria-label=(tf("{title} works again", &[("title", title)])) { "Works again" }
                        }
                    }
                }
            }
        }
    }
}

fn rest(many: usize) -> Markup {
    html! { @if many > MOST_ROWS { li.quiet { a href="#map-tables" { "The tables have the rest." } } } }
}

fn chosen(look: &Look<'_>, at: Option<i64>, picture: &Picture, beside: &Beside) -> Markup {
    let Chosen { record, touching, .. } = &beside.chosen;
    let (number, title) = (text(record, spine::NUMBER.def.key), text(record, spine::TITLE.def.key));
    let node = picture.wide.nodes.iter().find(|node| node.id == record.id);
    let home = look.sheet.number();
    let fails = look.asked.failing(home).contains(&number);
    let process = look.sheet.process();
    html! {
        div {
            div.line {
                h2.card-title.grow #map-chosen-title { bdi { (title) } }
                (status_pill(&status(process, record.state)))
            }
            p.quiet { (words(node, fails)) }
            (switch(look, at, &look.asked.switched(&number, home), t("It fails"), fails))
            div.btn-row {
                a.btn.btn-s href={ "/" (process.plural) "/" (number) } { (icon_small("external-link")) (tf("Open {number}", &[("number", &number)])) }
                @if number != home {
                    a.btn.btn-s href={ "/" (process.plural) "/" (number) "/map" } { (icon_small("network")) "Its own map" }
                }
            }
        }
        @if !touching.is_empty() { (open_records(touching)) }
        (attributes(look, &beside.chosen))
        (relations(look, at, picture, record.id))
        @if at.is_none() && !beside.opens.is_empty() { (opens(look, beside, &number)) }
    }
}

/// What happens to it, in words.
fn words(node: Option<&Drawn>, fails: bool) -> &'static str {
    match node {
        _ if fails => t("Fails in this simulation"),
        Some(node) => happens(node.hit),
        None => t("It has no box here."),
    }
}

fn text(record: &mainstay_engine::record::Record, key: &str) -> String {
    record.value(key).as_text().unwrap_or_default().to_owned()
}

fn open_records(touching: &[mainstay_store::Spine]) -> Markup {
    html! {
        div {
            h3.card-title #map-open { "Open records" }
            ul.card.map-list {
                @for spine in touching.iter().take(MOST_ROWS) {
                    @if let Some(process) = mainstay_processes::process(&spine.process) {
                        li {
                            (status_glyph(&status(process, process.state(&spine.state).unwrap_or(process.initial()))))
                            a.grow.clip href={ "/" (process.plural) "/" (spine.number) } { span.quiet { bdi { (spine.number) } } " " bdi { (spine.title) } }
                            @if let Some(level) = spine.priority { (pill(crate::components::Tone::Amber, &format!("P{level}"))) }
                        }
                    }
                }
                (rest(touching.len()))
            }
        }
    }
}

/// What is known of it: short fields in the order of the process, and what it can do without.
fn attributes(look: &Look<'_>, chosen: &Chosen) -> Markup {
    let reader = Reader::new(&chosen.names, &look.sheet.frame.zone);
    let value = |key: &str| chosen.record.value(key);
    let keys = look.sheet.process().sections.iter().flat_map(|section| section.fields);
    let held: Vec<_> = keys
        .filter_map(|key| chosen.fields.iter().copied().find(|field| field.key == *key))
        .filter(|field| !value(field.key).is_blank())
        .collect();
    let shown = held.iter().filter(|field| !matches!(field.kind, Kind::Markdown | Kind::Table(_)));
    let properties: Vec<Property<'_>> = shown
        .map(|field| Property {
            key: format!("map-{}", field.key).into(),
            label: field.label.into(),
            value: reader.markup(field, value(field.key)),
            ..Property::default()
        })
        .collect();
    html! {
        div {
            h3.card-title #map-attributes { "Attributes" }
            div.card { (properties_plain(&properties, false)) }
        }
        @for field in held.iter().filter(|field| matches!(field.kind, Kind::Table(_))) {
            div { h3.card-title { (t(field.label)) } (reader.grid(field, value(field.key))) }
        }
    }
}

/// How it hangs together with others of the drawing; each leads to its other end.
fn relations(look: &Look<'_>, at: Option<i64>, picture: &Picture, id: i64) -> Markup {
    let own: Vec<_> = picture.wide.edges.iter().filter(|edge| edge.needed == id || edge.dependent == id).collect();
    let other = |edge: &mainstay_desk::maps::picture::Edge| {
        let end = if edge.needed == id { edge.dependent } else { edge.needed };
        picture.wide.nodes.iter().find(|node| node.id == end).map(|node| node.number.clone()).unwrap_or_default()
    };
    html! {
        @if !own.is_empty() {
            div {
                h3.card-title #map-relations { "Relations" }
                ul.card.map-list {
                    @for edge in own.iter().take(MOST_ROWS) {
                        li { a.grow href=(look.place(at, &look.asked.choosing(&other(edge)))) data-turbo-action="replace" { bdi { (said(edge, &picture.wide)) } } }
                    }
                    (rest(own.len()))
                }
            }
        }
    }
}

/// Forms that open with the item filled in.
fn opens(look: &Look<'_>, beside: &Beside, number: &str) -> Markup {
    html! {
        div {
            h3.card-title #map-opens { "Open a record about it" }
            div.btn-row {
                @for process in &beside.opens {
                    form method="post" action={ "/" (process.plural) "/new" } data-turbo="false" {
                        (token_field(look.token))
                        input type="hidden" name={ (ITEM) "0" } value=(number);
                        button.btn.btn-s type="submit" name=(UPDATE) value="1" { (icon_small(process.icon)) (process.label) }
                    }
                }
            }
        }
    }
}
