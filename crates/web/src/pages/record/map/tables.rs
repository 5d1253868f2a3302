//! The map as tables: the same records as in the drawing, with what of them the drawing has no room for.

use mainstay_desk::maps::picture::{Drawing, Picture, environments};
use mainstay_desk::maps::{Impact, Reached, Service};
use mainstay_engine::graph::Hit;
use mainstay_engine::process::Process;
use mainstay_markup::html;
use mainstay_processes::registers::Criticality;
use mainstay_store::Spine;
use mainstay_words::{t, tn};
use maud::Markup;

use super::drawing::said;
use crate::components::{Column, Row, Tone, data_table, pill, status_pill};
use crate::shown::status;

/// Everything that was found.
pub fn tables(process: &'static Process, picture: &Picture) -> Markup {
    let items = |id, title, answer: &Impact, with_hit| items((id, title), process, picture, (answer, with_hit));
    html! {
        @if let Some(impact) = &picture.around.up {
            @if !impact.services.is_empty() { (services(impact, process)) }
            @if told(picture, impact).next().is_some() { (items("impacted-items", "Items that are hit", impact, true)) }
            @if !impact.organisations.is_empty() { (organisations(impact)) }
            @if !impact.touching.is_empty() { (touching(&impact.touching)) }
        }
        @if let Some(over) = &picture.around.over {
            @if told(picture, over).next().is_some() { (items("dependents", "What depends on it", over, false)) }
        }
        @if let Some(below) = &picture.around.down {
            @if told(picture, below).next().is_some() { (items("foundations", "What it stands on", below, false)) }
        }
    }
}

/// The items of an answer but the one in question, where that is what it began with.
fn told<'a>(picture: &'a Picture, answer: &'a Impact) -> impl Iterator<Item = &'a Reached> {
    answer.items.iter().filter(|item| item.hops > 0 || item.id != picture.around.home)
}

/// How much is hit by so many that fail, in a sentence.
pub fn summary(impact: &Impact, failing: usize) -> String {
    let hit = |wanted: Hit| impact.items.iter().filter(|item| item.hops > 0 && item.hit == wanted).count();
    let (impacted, at_risk) = (hit(Hit::Impacted), hit(Hit::AtRisk));
    if failing == 0 {
        return t("Let an item fail to see what fails with it.").to_owned();
    }
    let mut words = vec![match (impacted, failing) {
        (0, 1) => t("Nothing else fails with it.").to_owned(),
        (0, _) => t("Nothing else fails with them.").to_owned(),
        (some, 1) => tn(some, "{n} item fails with it.", "{n} items fail with it."),
        (some, _) => tn(some, "{n} item fails with them.", "{n} items fail with them."),
    }];
    if at_risk > 0 {
        words.push(tn(at_risk, "{n} item is at risk.", "{n} items are at risk."));
    }
    if impact.more {
        words.push(t("There is more than is shown here.").to_owned());
    }
    words.join(" ")
}

/// How it is hit, in a word.
#[must_use]
pub fn hit_pill(hit: Hit) -> Markup {
    match hit {
        Hit::Impacted => pill(Tone::Red, "Impacted"),
        Hit::AtRisk => pill(Tone::Amber, "At risk"),
    }
}

fn column(label: &'static str) -> Column<'static> {
    Column { label: label.into(), ..Column::default() }
}

fn titled(id: &'static str, title: &'static str, table: &Markup) -> Markup {
    html! {
        section {
            h2 #(id) .card-title { (t(title)) }
            (table)
        }
    }
}

fn linked(process: &Process, number: &str, title: &str) -> Markup {
    html! {
        a.link href={ "/" (process.plural) "/" (number) } { bdi { (number) } }
        " "
        bdi { (title) }
    }
}

fn items(
    (id, title): (&'static str, &'static str),
    process: &'static Process,
    picture: &Picture,
    (impact, with_hit): (&Impact, bool),
) -> Markup {
    let mut columns = vec![
        column("Item"),
        column("Class"),
        column("Environment"),
        column("State"),
        column("Steps away"),
        column("Relations"),
    ];
    if with_hit {
        columns.insert(1, column("What happens"));
    }
    let row = |item: &Reached| {
        let state = process.state(&item.state).unwrap_or(process.initial());
        let class = item.class.and_then(|class| impact.names.get(&class)).cloned().unwrap_or_default();
        let mut cells = vec![
            linked(process, &item.number, &item.title),
            html! { bdi { (t(&class)) } },
            html! { (environment(process, item)) },
            status_pill(&status(process, state)),
            html! { span.digits { (item.hops) } },
            relations(item.id, &picture.wide),
        ];
        if with_hit {
            cells.insert(1, if item.hops == 0 { pill(Tone::Red, "Fails") } else { hit_pill(item.hit) });
        }
        Row { id: format!("{id}-{}", item.id).into(), cells, ..Row::default() }
    };
    let rows: Vec<Row<'_>> = told(picture, impact).map(row).collect();
    titled(id, title, &data_table(title, &columns, &rows))
}

/// Where it does its work, as it is called.
fn environment(process: &'static Process, item: &Reached) -> &'static str {
    let named = environments(process).iter().find(|choice| item.environment.as_deref() == Some(choice.key));
    named.map_or("", |choice| t(choice.label))
}

/// What a failure comes to it by, and goes on by.
fn relations(id: i64, drawing: &Drawing) -> Markup {
    let own = drawing.edges.iter().filter(|edge| edge.needed == id || edge.dependent == id);
    html! { @for edge in own { span.map-said { bdi { (said(edge, drawing)) } } } }
}

fn services(impact: &Impact, process: &'static Process) -> Markup {
    let columns = [column("Service"), column("What happens"), column("Criticality"), column("Serves")];
    let row = |service: &Service| {
        let label = Criticality::CHOICES.iter().find(|choice| Some(choice.key) == service.criticality.as_deref());
        let named = |all: &Vec<i64>| {
            all.iter().filter_map(|id| impact.names.get(id).map(String::as_str)).collect::<Vec<_>>().join(", ")
        };
        let cells = vec![
            html! { a.link href={ "/" (process.plural) "/" (service.number) } { bdi { (service.name) } } },
            hit_pill(service.hit),
            html! { (label.map_or("", |choice| t(choice.label))) },
            match &service.serves {
                None => Markup::default(),
                Some(all) if all.is_empty() => html! { "Everybody" },
                Some(all) => html! { bdi { (named(all)) } },
            },
        ];
        Row { id: format!("service-{}", service.id).into(), cells, ..Row::default() }
    };
    let rows: Vec<Row<'_>> = impact.services.iter().map(row).collect();
    titled("impacted-services", "Services", &data_table("Services", &columns, &rows))
}

fn organisations(impact: &Impact) -> Markup {
    let columns = [column("Organisation"), column("What happens")];
    let row = |(id, hit): &(i64, Hit)| {
        let name = impact.names.get(id).cloned().unwrap_or_default();
        Row {
            id: format!("organisation-{id}").into(),
            cells: vec![html! { bdi { (name) } }, hit_pill(*hit)],
            ..Row::default()
        }
    };
    let rows: Vec<Row<'_>> = impact.organisations.iter().map(row).collect();
    titled("impacted-organisations", "Organisations", &data_table("Organisations", &columns, &rows))
}

/// Open records that touch any of the items.
fn touching(records: &[Spine]) -> Markup {
    let columns = [column("Record"), column("State")];
    let row = |spine: &Spine| {
        let process = mainstay_processes::process(&spine.process)?;
        let state = process.state(&spine.state).unwrap_or(process.initial());
        let cells = vec![linked(process, &spine.number, &spine.title), status_pill(&status(process, state))];
        Some(Row { id: format!("touching-{}", spine.id).into(), cells, ..Row::default() })
    };
    let rows: Vec<Row<'_>> = records.iter().filter_map(row).collect();
    titled("open-records", "Open records", &data_table("Open records", &columns, &rows))
}
