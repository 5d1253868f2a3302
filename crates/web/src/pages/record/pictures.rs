//! A section that is made of pictures: the log of findings, chains, bones, lines of time, and what is most frequent
//! among the records around. Each picture stands beside the rows that it is drawn from.

use std::collections::HashMap;

use mainstay_desk::records::{self, Cost, LinkView};
use mainstay_desk::{Caller, Session};
use mainstay_engine::field::{Choice, FieldDef, Kind};
use mainstay_engine::process::{Picture, Transition};
use mainstay_engine::record::Record;
use mainstay_engine::spine;
use mainstay_engine::value::Value;
use mainstay_markup::html;
use mainstay_store::EventRow;
use mainstay_words::{t, tf, tn};
use maud::Markup;
use serde_json::Value as Json;

use super::tabs::Around;
use super::telling::learn_ids;
use crate::chart::{self, Bar, Bone, Cause, Mark, Unit};
use crate::components::{Nothing, Tone, moment, nothing, pill};
use crate::pages::queue::number as number_of;
use crate::shown::{Reader, label};

/// Events that are read at once, and how often.
const EVENTS: i64 = 500;
const MOST_READS: usize = 10;
/// Rows of what is most frequent.
const MOST_BARS: usize = 8;

/// The section.
///
/// # Errors
/// The database's.
pub fn section(session: &mut Session<'_>, caller: &Caller, around: &Around<'_>) -> mainstay_desk::Result<Markup> {
    let view = &around.sheet.view;
    let number = number_of(&view.record);
    let (links, _) = records::links(session, caller, view.record.process, &number)?;
    let mut names = view.names.clone();
    let mut log = HashMap::new();
    for picture in around.tab.pictures {
        if let Picture::Log { verb, fields } = picture {
            let events = logged(session, caller, &view.record, verb, fields)?;
            let people: Vec<i64> = events.iter().filter_map(|finding| finding.event.actor).collect();
            learn_ids(session, &people, &mut names)?;
            log.insert(*verb, events);
        }
    }
    let fields: Vec<&'static FieldDef> = links.iter().flat_map(|link| link.other.process.fields()).collect();
    names.extend(records::names_of(session.conn, session.config, &fields, links.iter().map(|link| &link.other))?);
    let wanted = around.tab.pictures.contains(&Picture::Cost) && view.seen.internal();
    let cost = wanted.then(|| records::cost(session, caller, view.record.process, &number)).transpose()?;
    let drawing =
        Drawing { around, links: &links, log: &log, cost, reader: Reader::new(&names, &around.sheet.frame.zone) };
    let parts: Vec<Markup> = around.tab.pictures.iter().filter_map(|picture| drawing.of(picture)).collect();
    Ok(html! {
        div.details.pictures {
            @if parts.is_empty() {
                (nothing(Nothing::Yet, "Nothing yet", "What is found out about it stands here.", &html! {}, None))
            }
            @for part in &parts { (part) }
        }
    })
}

/// What a step wrote once: its event, and what the fields held then.
struct Finding {
    event: EventRow,
    held: HashMap<String, Value>,
}

/// What a step wrote, oldest first, without what was taken back.
fn logged(
    session: &mut Session<'_>,
    caller: &Caller,
    record: &Record,
    verb: &str,
    fields: &[FieldDef],
) -> mainstay_desk::Result<Vec<Finding>> {
    let (mut found, mut held, mut after) = (Vec::<Finding>::new(), HashMap::new(), 0);
    for _ in 0..MOST_READS {
        let rows = records::history(session, caller, record.process, &number_of(record), after, EVENTS)?;
        let Some(last) = rows.last().map(|row| row.id) else { break };
        after = last;
        for event in rows {
            let changes: Vec<Json> = serde_json::from_str(&event.changes).unwrap_or_default();
            for change in &changes {
                let key = change["field"].as_str().unwrap_or_default();
                if key == records::UNDONE {
                    found.retain(|finding| change["old"] != finding.event.id);
                } else if fields.iter().any(|field| field.key == key) {
                    // An event says only what differs from the one before.
                    held.insert(key.to_owned(), Value::from_plain(&change["new"]));
                }
            }
            if event.verb == verb {
                found.push(Finding { event, held: held.clone() });
            }
        }
    }
    Ok(found)
}

struct Drawing<'a> {
    around: &'a Around<'a>,
    links: &'a [LinkView],
    log: &'a HashMap<&'static str, Vec<Finding>>,
    cost: Option<Cost>,
    reader: Reader<'a>,
}

impl Drawing<'_> {
    fn record(&self) -> &Record {
        &self.around.sheet.view.record
    }

    /// One picture; none where the viewer does not read what it is drawn from.
    fn of(&self, picture: &Picture) -> Option<Markup> {
        match picture {
            Picture::Chain { field, words } => self.rows(field).map(|rows| self.chain(field, rows, words)),
            Picture::Fishbone { field, branch, words, standing } => {
                self.rows(field).map(|rows| self.fishbone(field, rows, branch, words, standing))
            }
            Picture::Course { field, at, words, relation } => {
                self.rows(field).map(|rows| self.course(field, rows, at, words, relation))
            }
            Picture::Measures { field, .. } => self.rows(field).map(|rows| self.measures(field, rows)),
            Picture::Pareto { relation, by } => self.pareto(relation, by),
            Picture::Cost => self.cost.as_ref().map(Self::cost),
            Picture::Log { verb, fields } => {
                let read = fields.iter().all(|field| self.reads(field));
                read.then(|| self.findings(verb, fields))
            }
        }
    }

    fn reads(&self, field: &FieldDef) -> bool {
        self.around.sheet.view.fields.iter().any(|read| read.key == field.key)
    }

    fn rows(&self, field: &FieldDef) -> Option<&[Value]> {
        self.reads(field).then(|| self.record().value(field.key).as_list())
    }

    /// The records that have a relation to this one.
    fn related(&self, relation: &str) -> Vec<&Record> {
        let leads_here = |link: &&LinkView| !link.outgoing && !link.by_field && link.relation == relation;
        self.links.iter().filter(leads_here).map(|link| &link.other).collect()
    }

    /// The head of a picture, with the way to what it is drawn from.
    fn card(&self, field: &FieldDef, body: &Markup) -> Markup {
        let edit = self.around.sheet.beside(&format!("/edit#field-{}", field.key));
        html! {
            section.card id={ "picture-" (field.key) } aria-labelledby={ "title-" (field.key) } {
                div.line {
                    h2.card-title.grow id={ "title-" (field.key) } { (field.label) }
                    @if self.around.sheet.view.can.update {
                        a.btn.btn-s.btn-ghost href=(edit) aria-label=(tf("Edit {field}", &[("field", &t(field.label))])) { "Edit" }
                    }
                }
                (body)
            }
        }
    }

    fn empty(words: &'static str) -> Markup {
        html! { p.quiet { (t(words)) } }
    }

    /// What was predicted beside what came about, a line for each measure.
    fn measures(&self, field: &FieldDef, rows: &[Value]) -> Markup {
        html! {
            section.card id={ "picture-" (field.key) } aria-labelledby={ "title-" (field.key) } {
                h2.card-title id={ "title-" (field.key) } { (field.label) }
                @if rows.is_empty() { (Self::empty("Nothing is predicted yet.")) } @else {
                    ul.measures { @for row in rows { (self.measure(field, row)) } }
                }
            }
        }
    }

    fn measure(&self, field: &FieldDef, row: &Value) -> Markup {
        let words = |key: &str| column(field, key).and_then(|column| self.reader.words(column, row.column(key)));
        let unit = row.column("unit").as_text().unwrap_or_default();
        let told = ["target", "predicted", "actual", "limit"];
        let shown = told.map(|key| (column(field, key).map_or("", |column| column.label), words(key), key));
        html! {
            li {
                div.line {
                    span.strong.grow dir="auto" { (row.column("measure").as_text().unwrap_or_default()) }
                    (Self::judgement(row, words("verdict")))
                }
                dl {
                    @for (label, words, key) in shown {
                        @if let Some(words) = words {
                            div { dt { (label) } dd.digits { bdi { (words) } @if key != "limit" && !unit.is_empty() { " " bdi { (unit) } } } }
                        }
                    }
                    @for key in ["aspect", "confidence"] {
                        @if let (Some(column), Some(words)) = (column(field, key), words(key)) {
                            div { dt { (column.label) } dd { (words) } }
                        }
                    }
                }
            }
        }
    }

    /// How far a measure deviates, and whether its limit allows that.
    fn judgement(row: &Value, verdict: Option<String>) -> Markup {
        let Some(verdict) = verdict else { return pill(Tone::Plain, t("Not measured")) };
        let bad = row.column("verdict").as_text() == Some("outside");
        let limit = row.column("limit").as_int().unwrap_or_default().to_string();
        let deviation = row.column("deviation").as_text().map(as_written);
        let words = match (deviation, bad) {
            (Some(by), true) => tf("{deviation}, outside limit {limit} %", &[("deviation", &by), ("limit", &limit)]),
            (Some(by), false) => tf("{deviation}, within limit {limit} %", &[("deviation", &by), ("limit", &limit)]),
            (None, _) => verdict,
        };
        pill(if bad { Tone::Red } else { Tone::Green }, &words)
    }

    fn chain(&self, field: &FieldDef, rows: &[Value], words: &str) -> Markup {
        let title = self.record().value(spine::TITLE.def.key).as_text().unwrap_or_default();
        let body = html! {
            @if rows.is_empty() { (Self::empty("Ask why five times, each answer to the one before.")) } @else {
                ol.chain {
                    li { span.quiet { "What happens" } p.strong dir="auto" { (title) } }
                    @for row in rows {
                        li { span.quiet { "Why?" } p dir="auto" { (row.column(words).as_text().unwrap_or_default()) } }
                    }
                }
            }
        };
        self.card(field, &body)
    }

    fn fishbone(&self, field: &FieldDef, rows: &[Value], branch: &str, words: &str, standing: &str) -> Markup {
        let title = self.record().value(spine::TITLE.def.key).as_text().unwrap_or_default();
        let options = |key: &str| column(field, key).map_or(&[][..], |column| choices_of(column));
        let bones: Vec<Bone> = options(branch)
            .iter()
            .filter_map(|option| {
                let causes: Vec<Cause> = rows
                    .iter()
                    .filter(|row| row.column(branch).as_text() == Some(option.key))
                    .map(|row| {
                        let place =
                            options(standing).iter().position(|o| row.column(standing).as_text() == Some(o.key));
                        let sign = SIGNS.get(place.unwrap_or(usize::MAX)).copied().unwrap_or_default();
                        let words = row.column(words).as_text().unwrap_or_default().to_owned();
                        Cause { words, sign, confirmed: place == Some(1) }
                    })
                    .collect();
                (!causes.is_empty()).then(|| Bone { name: t(option.label).to_owned(), causes })
            })
            .collect();
        let body = html! {
            @if rows.is_empty() { (Self::empty("Gather what may be the cause, each under where it belongs.")) } @else {
                div.chart { (chart::fishbone(title, &bones)) }
                (self.reader.grid(field, self.record().value(field.key)))
            }
        };
        self.card(field, &body)
    }

    fn course(&self, field: &FieldDef, rows: &[Value], at: &str, words: &str, relation: &str) -> Markup {
        let mut own: Vec<(i64, &str)> = rows
            .iter()
            .filter_map(|row| Some((row.column(at).as_int()?, row.column(words).as_text().unwrap_or_default())))
            .collect();
        own.sort_by_key(|(at, _)| *at);
        let related = self.related(relation);
        let opened = |record: &&Record| record.value(spine::OPENED.def.key).as_int();
        let mut marks: Vec<Mark> =
            own.iter().enumerate().map(|(n, (at, _))| Mark { at: *at, number: Some(n + 1) }).collect();
        marks.extend(related.iter().filter_map(opened).map(|at| Mark { at, number: None }));
        let zone = &self.around.sheet.frame.zone;
        let day = |at: Option<i64>| at.map(|at| crate::components::absolute(at, zone)).unwrap_or_default();
        let first = day(marks.iter().map(|mark| mark.at).min());
        let last = day(marks.iter().map(|mark| mark.at).max());
        let body = html! {
            @if marks.is_empty() { (Self::empty("Write down what happened when; what it caused stands below the line.")) } @else {
                div.chart { (chart::course(&marks, &first, &last)) }
                @if !related.is_empty() {
                    p.quiet { (tn(related.len(), "The stroke below the line is the record that it caused.", "The {n} strokes below the line are the records that it caused.")) }
                }
                @if !own.is_empty() {
                    ol.course-rows {
                        @for (at, what) in &own { li { span.quiet.digits { (moment(*at, zone, self.around.now)) } " " span dir="auto" { (what) } } }
                    }
                }
            }
        };
        self.card(field, &body)
    }

    fn pareto(&self, relation: &str, by: &[&str]) -> Option<Markup> {
        let related = self.related(relation);
        if related.is_empty() {
            return None;
        }
        let charts: Vec<Markup> = by.iter().filter_map(|key| self.frequent(&related, key)).collect();
        Some(html! { div.pareto { @for chart in &charts { (chart) } } })
    }

    /// How often each value of a field stands in these records; nothing where none has one.
    fn frequent(&self, related: &[&Record], key: &str) -> Option<Markup> {
        let field = related.first()?.process.field(key)?;
        let mut counted: Vec<(String, usize)> = Vec::new();
        for words in related.iter().filter_map(|record| self.reader.words(field, record.value(key))) {
            match counted.iter_mut().find(|(known, _)| *known == words) {
                Some((_, count)) => *count += 1,
                None => counted.push((words, 1)),
            }
        }
        counted.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
        if counted.is_empty() {
            return None;
        }
        #[expect(clippy::cast_precision_loss, reason = "counts of records are far below 2^53")]
        let bar = |(name, count): (String, usize)| Bar { name: name.into(), value: count as f64, href: None };
        let bars: Vec<Bar> = counted.into_iter().take(MOST_BARS).map(bar).collect();
        let title = tf("What it caused, by {field}", &[("field", &mainstay_words::inside(field.label))]);
        Some(chart::pareto(&format!("pareto-{key}"), &title, &bars, Unit::Count))
    }

    fn cost(cost: &Cost) -> Markup {
        let minutes: i64 = cost.work.iter().map(|work| work.minutes).sum();
        let down: i64 = cost.downtime.iter().map(|down| down.minutes).sum();
        let hours = |minutes: i64| crate::components::short_duration(minutes * 60_000);
        let of_work = cost.work.iter().map(|work| work.cost).sum();
        let of_downtime = cost.downtime.iter().map(|down| down.cost).sum();
        let lines = [
            (t("Work on it and on what it caused"), minutes, of_work),
            (t("Services did not work"), down, of_downtime),
        ];
        html! {
            section.card #cost aria-labelledby="title-cost" {
                h2.card-title #title-cost { "Cost" }
                table.bar-table.cost {
                    caption.sr { "Cost" }
                    tbody {
                        @for (label, minutes, amount) in lines {
                            tr { th scope="row" { (label) } td.amount { (hours(minutes)) } td.amount { (mainstay_words::amount(amount)) } }
                        }
                    }
                    tfoot { tr { th scope="row" { "Together" } td {} td.amount.strong { (mainstay_words::amount(cost.total)) } } }
                }
                p.quiet { (tf("An hour of work counts {work}, an hour without a service {downtime}; the settings of the process say so.", &[("work", &cost.hour_of_work), ("downtime", &cost.hour_of_downtime)])) }
            }
        }
    }

    fn findings(&self, verb: &str, fields: &[FieldDef]) -> Markup {
        let events = self.log.get(verb).map(Vec::as_slice).unwrap_or_default();
        let step = self.around.sheet.view.options.iter().find(|step: &&&Transition| step.verb == verb);
        html! {
            section.card #findings aria-labelledby="title-findings" {
                div.line {
                    h2.card-title.grow #title-findings { "Findings" }
                    @if let Some(step) = step {
                        a.btn.btn-s href=(self.around.sheet.beside(&format!("/{}", step.verb))) { (step.label) "…" }
                    }
                }
                @if events.is_empty() { (Self::empty("What was supposed, how it was tried, and what came out. Nobody edits it afterwards.")) } @else {
                    ol.findings { @for event in events { (self.finding(event, fields)) } }
                }
            }
        }
    }

    fn finding(&self, finding: &Finding, fields: &[FieldDef]) -> Markup {
        let event = &finding.event;
        let said = |field: &FieldDef| finding.held.get(field.key).filter(|value| !value.is_blank());
        html! {
            li {
                div.line {
                    bdi.strong { (event.actor.map_or_else(|| "Mainstay".to_owned(), |id| self.reader.name(id))) }
                    span.quiet { (moment(event.at, self.reader.zone, self.around.now)) }
                    @for field in fields.iter().filter(|field| matches!(field.kind, Kind::Choice(_))) {
                        @if let Some(value) = said(field) {
                            (pill(Tone::Plain, &label(choices_of(field), value.as_text().unwrap_or_default())))
                        }
                    }
                }
                @for field in fields.iter().filter(|field| !matches!(field.kind, Kind::Choice(_))) {
                    @if let Some(value) = said(field) {
                        div.prose dir="auto" { (self.reader.prose(value.as_text().unwrap_or_default())) }
                    }
                }
            }
        }
    }
}

/// A deviation such as "+2.5 %" as each language writes its number.
fn as_written(deviation: &str) -> String {
    let digits: String = deviation.chars().filter(|c| c.is_ascii_digit() || *c == '.').collect();
    let number = digits.parse().map_or_else(|_| digits.clone(), mainstay_words::decimal);
    deviation.replacen(&digits, &number, 1)
}

/// Before a cause, by the place of its option: open, confirmed, ruled out.
const SIGNS: [&str; 3] = ["?", "✓", "✗"];

fn column(field: &FieldDef, key: &str) -> Option<&'static FieldDef> {
    let Kind::Table(columns) = field.kind else { return None };
    columns.iter().find(|column| column.key == key)
}

fn choices_of(field: &FieldDef) -> &'static [Choice] {
    match field.kind {
        Kind::Choice(choices) => choices,
        _ => &[],
    }
}
