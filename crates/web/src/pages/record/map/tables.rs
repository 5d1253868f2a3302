//! The map as tables: the same records as in the drawing, with what of them the drawing has no room for.

use mainstay_desk::maps::picture::Picture;
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
            @if impact.items.len() > 1 { (items("impacted-items", "Items that are hit", impact, true)) }
            @if !impact.organisations.is_empty() { (organisations(impact)) }
            @if !impact.touching.is_empty() { (touching(&impact.touching)) }
        }
        @if let Some(below) = &picture.around.down {
            @if below.items.len() > 1 { (items("foundations", "What it stands on", below, false)) }
        }
    }
}

/// How much is hit, in a sentence.
pub fn summary(impact: &Impact) -> String {
    let hit = |wanted: Hit| impact.items.iter().skip(1).filter(|item| item.hit == wanted).count();
    let (impacted, at_risk) = (hit(Hit::Impacted), hit(Hit::AtRisk));
    let mut words = vec![match impacted {
        0 => t("Nothing else fails with it.").to_owned(),
        some => tn(some, "{n} item fails with it.", "{n} items fail with it."),
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
    let mut columns = vec![column("Item"), column("Class"), column("State"), column("Steps away"), column("Relations")];
    if with_hit {
        columns.insert(1, column("What happens"));
    }
    let row = |item: &Reached| {
        let state = process.state(&item.state).unwrap_or(process.initial());
        let class = item.class.and_then(|class| impact.names.get(&class)).cloned().unwrap_or_default();
        let mut cells = vec![
            linked(process, &item.number, &item.title),
            html! { bdi { (t(&class)) } },
            status_pill(&status(process, state)),
            html! { span.digits { (item.hops) } },
            relations(item.id, picture),
        ];
        if with_hit {
            cells.insert(1, hit_pill(item.hit));
        }
        Row { id: format!("{id}-{}", item.id).into(), cells, ..Row::default() }
    };
    let rows: Vec<Row<'_>> = impact.items.iter().skip(1).map(row).collect();
    titled(id, title, &data_table(title, &columns, &rows))
}

/// What a failure comes to it by, and goes on by.
fn relations(id: i64, picture: &Picture) -> Markup {
    let own = picture.edges.iter().filter(|edge| edge.needed == id || edge.dependent == id);
    html! { @for edge in own { span.map-said { bdi { (said(edge, picture)) } } } }
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
