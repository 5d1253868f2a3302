//! One person instead of two: who is meant, what would move, and the word for it.

use std::collections::HashMap;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use mainstay_desk::merging::{self, Called, MOST, Merge, Moved};
use mainstay_desk::registers::{self as door, Offered};
use mainstay_desk::{Caller, Channel, Error, Session, access};
use mainstay_engine::refusal::Refusal;
use mainstay_engine::register::Entry;
use mainstay_markup::html;
use mainstay_processes::registers::PEOPLE;
use mainstay_words::{inside, t, tf, tn};
use maud::Markup;
use serde::Deserialize;

use super::desk::{Desk, MERGE, Sheet, place};
use crate::address::with_query;
use crate::components::{
    Banner, Column, Control, Field, Person, Picked, PickerKind, Row, Size, TextKind, Weight, avatar, banner,
    button_link, data_table, field, token_field,
};
use crate::failure::{Failure, status_of};
use crate::fields::entry_named;
use crate::flash::{Flash, go_on};
use crate::pages::entrance::summary;
use crate::pages::frame::capped;
use crate::session::{Posted, Visit};
use crate::web::Web;

/// The member of the address and of the form that names the one who leaves.
const OTHER: &str = "other";
/// People that are offered before anything is typed.
const OFFERED: usize = 100;

/// Whom the address names.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    other: Option<String>,
}

struct Paper {
    desk: Desk,
    entry: Entry,
    /// Whoever has the same name.
    likely: Vec<Entry>,
    organisations: HashMap<i64, String>,
    offered: Vec<Offered>,
    typed: String,
    merge: Option<Merge>,
    refused: Option<Refusal>,
}

/// `GET /admin/merge/{id}`: who is the same person; with `other` what merging them would do.
pub async fn show(
    State(web): State<Web>,
    Path(id): Path<i64>,
    Query(asked): Query<Asked>,
    visit: Visit,
) -> Result<Response, Failure> {
    let typed = asked.other.unwrap_or_default();
    let paper = web.read(&visit, Channel::Desk, move |session, caller| load(session, caller, id, &typed)).await?;
    let status = paper.refused.as_ref().map_or(StatusCode::OK, status_of);
    Ok(paper.page(&web, &visit, status, ""))
}

fn load(session: &mut Session<'_>, caller: &Caller, id: i64, typed: &str) -> mainstay_desk::Result<Paper> {
    let desk = Desk::load(session, caller, Some(&PEOPLE))?;
    access::may_manage(caller)?;
    let entry = door::get(session.conn, caller, &PEOPLE, id)?;
    let (mut merge, mut refused) = (None, None);
    if !typed.trim().is_empty() {
        let found = match entry_named(session, caller, PEOPLE.key, typed)? {
            Some(other) => merging::preview(session, caller, id, other),
            None => Err(unknown(typed).into()),
        };
        match found {
            Ok(found) => merge = Some(found),
            Err(Error::Refused(refusal)) => refused = Some(refusal),
            Err(error) => return Err(error),
        }
    }
    let mut offered = door::offered(session, caller, &PEOPLE, OFFERED)?;
    offered.retain(|each| each.id != id);
    Ok(Paper {
        likely: if merge.is_none() { merging::likely(session, caller, &entry)? } else { Vec::new() },
        organisations: session.config.names.clone(),
        offered,
        typed: typed.to_owned(),
        desk,
        entry,
        merge,
        refused,
    })
}

fn unknown(typed: &str) -> Refusal {
    Refusal::invalid("unknown_reference", format!("Nobody here is called “{typed}”. Type the whole name or address."))
}

/// `POST /admin/merge/{id}`: merges another person into this one.
pub async fn take(State(web): State<Web>, Path(id): Path<i64>, posted: Posted) -> Result<Response, Failure> {
    let Posted { visit, form } = posted;
    let typed = form.get(OTHER).unwrap_or_default().to_owned();
    let reason = form.filled("reason").map(str::to_owned);
    let (sent, why) = (typed.clone(), reason.clone());
    let written = web.write(&visit, Channel::Desk, move |session: &mut Session<'_>, caller: &Caller| {
        access::may_manage(caller)?;
        let other = entry_named(session, caller, PEOPLE.key, &sent)?.ok_or_else(|| unknown(&sent))?;
        merging::merge(session, caller, id, other, why.as_deref())
    });
    match written.await {
        Ok(merge) => {
            let both = [("other", &merge.other.name as &dyn std::fmt::Display), ("kept", &merge.kept.name)];
            let words = tf("{other} is merged into {kept}", &both);
            Ok(go_on(&place(&PEOPLE, id), Some(Flash::done(words))))
        }
        Err(failure) => {
            let refusal = failure.for_form()?;
            let paper =
                web.read(&visit, Channel::Desk, move |session, caller| load(session, caller, id, &typed)).await?;
            let refused = paper.refused.clone().or(Some(refusal));
            let status = refused.as_ref().map_or(StatusCode::OK, status_of);
            Ok(Paper { refused, ..paper }.page(&web, &visit, status, reason.as_deref().unwrap_or_default()))
        }
    }
}

/// The page on which a person is merged with another.
pub fn address(person: i64) -> String {
    format!("/admin/merge/{person}")
}

impl Paper {
    fn page(&self, web: &Web, visit: &Visit, status: StatusCode, reason: &str) -> Response {
        let body = html! {
            div.merge-paper {
                (summary(self.refused.as_ref()))
                @match &self.merge {
                    Some(merge) => { (self.preview(visit, merge, reason)) }
                    None => { (self.choice()) }
                }
            }
        };
        let sheet = Sheet::of(&self.desk, &PEOPLE, &self.entry, MERGE, body);
        self.desk.page(web, visit, &Sheet { status, ..sheet })
    }

    /// Whom it is about.
    fn choice(&self) -> Markup {
        // Two entries of one person are told apart by their addresses, so these are what is picked.
        let picked =
            |value: &str, label: &str| Picked { value: value.to_owned().into(), label: label.to_owned().into() };
        let control = Control::Picker {
            kind: PickerKind::Person,
            picked: (!self.typed.is_empty()).then(|| picked(&self.typed, "")),
            options: self.offered.iter().map(|each| picked(&each.key, &each.name)).collect(),
            source: Some(format!("/pick/{}", PEOPLE.key).into()),
        };
        let help = Some("By name, address or number".into());
        let asked = Field { required: true, help, ..Field::new(OTHER, "The same person as", control) };
        html! {
            p.quiet { "When somebody stands here twice, everything of the one can go to the other: records, words, tasks, roles. The entry that is left is retired and leads here." }
            @if !self.likely.is_empty() {
                section aria-labelledby="likely" {
                    h2 #likely { "The same name" }
                    ul.card.news {
                        @for each in &self.likely {
                            @let to = with_query(&address(self.entry.id), [(OTHER, each.id.to_string().as_str())]);
                            li { a.name href=(to) dir="auto" { (each.name) } " " span.quiet { bdi { (email(each)) } @if !each.active { " · " "Retired" } } }
                        }
                    }
                }
            }
            form.form.admin-form method="get" action=(address(self.entry.id)) {
                (field(&asked))
                div.form-foot { button.btn.btn-primary type="submit" { "Show what would move" } }
            }
        }
    }

    fn preview(&self, visit: &Visit, merge: &Merge, reason: &str) -> Markup {
        let Merge { kept, other, .. } = merge;
        let swap = with_query(&address(other.id), [(OTHER, kept.id.to_string().as_str())]);
        let control = Control::Text { value: reason.to_owned().into(), kind: TextKind::Plain, max_length: Some(255) };
        let asked = Field { help: Some("Kept in the history".into()), ..Field::new("reason", "Reason", control) };
        let leaves = tf(
            "The entry of {person} is retired, keeps its history and leads to {kept}. Its address finds {kept}.",
            &[("person", &other.name), ("kept", &kept.name)],
        );
        html! {
            div.merge-pair {
                (self.side(kept, t("Stays")))
                (self.side(other, t("Goes into it")))
            }
            div.btn-row {
                (button_link(&swap, &tf("Keep {person} instead", &[("person", &other.name)]), Some("arrow-up-down"), false))
                (button_link(&address(kept.id), "Choose another person", None, false))
            }
            div.merge-part {
                h2 { "What moves" }
                @if merge.moves.is_empty() { p.quiet { "Nothing names them." } } @else { (moves(&merge.moves)) }
                @if !merge.gains.is_empty() {
                    @let gains = merge.gains.iter().map(|field| t(field.label)).collect::<Vec<_>>().join(", ");
                    p { (tf("{kept} also gains: {fields}", &[("kept", &kept.name), ("fields", &gains)])) }
                }
            }
            div.merge-part {
                h2 { "What ends" }
                p { (leaves) }
                p { (ending(merge)) }
            }
            (banner(&Banner { weight: Weight::Warning, title: t("This cannot be undone in one step").into(), text: t("Who it was stays in every history, but what has moved is not told apart any more.").into(), slim: true, ..Banner::default() }))
            form.form.admin-form method="post" action=(address(kept.id)) {
                (token_field(visit.token()))
                input type="hidden" name=(OTHER) value=(other.id);
                (field(&asked))
                div.form-foot {
                    button.btn.btn-danger type="submit" { (tf("Merge into {person}", &[("person", &kept.name)])) }
                    a.btn href=(place(&PEOPLE, kept.id)) { "Cancel" }
                }
            }
        }
    }

    fn side(&self, person: &Entry, says: &str) -> Markup {
        let who = Person { name: person.name.clone().into(), hue: Person::hue_of(person.id) };
        let organisation = person.organisation.and_then(|id| self.organisations.get(&id));
        html! {
            section.card.merge-side {
                p.quiet { (says) }
                div.line { (avatar(&who, Size::Medium)) a.name href=(place(&PEOPLE, person.id)) dir="auto" { (person.name) } }
                p.quiet { bdi { (email(person)) } }
                @if let Some(organisation) = organisation { p.quiet { bdi { (organisation) } } }
            }
        }
    }
}

fn email(person: &Entry) -> &str {
    person.text("email").unwrap_or_default()
}

/// What moves, in words.
pub fn said(called: &Called) -> String {
    match called {
        Called::Records(field) => tf("Records: {field}", &[("field", &inside(field.label))]),
        Called::Rows(called) => t(called).to_owned(),
        Called::Entries(register) => tf("Configuration: {register}", &[("register", &inside(register.label_plural))]),
    }
}

fn moves(moves: &[Moved]) -> Markup {
    let columns = ["What", "How many"].map(|label| Column { label: label.into(), ..Column::default() });
    let rows: Vec<Row> = moves
        .iter()
        .map(|moved| Row {
            cells: vec![html! { (said(&moved.called)) }, html! { (capped(moved.count, MOST - 1)) }],
            ..Row::default()
        })
        .collect();
    data_table("What moves", &columns, &rows)
}

/// The ways in that are no more.
fn ending(merge: &Merge) -> String {
    let ways = merge.ends;
    let person = [("person", &merge.other.name as &dyn std::fmt::Display)];
    if !ways.password && ways.sessions == 0 && ways.tokens == 0 {
        return tf("{person} never signed in.", &person);
    }
    let parts = [
        ways.password.then(|| t("the password").to_owned()),
        (ways.sessions > 0).then(|| tn(ways.sessions, "{n} session", "{n} sessions")),
        (ways.tokens > 0).then(|| tn(ways.tokens, "{n} API token", "{n} API tokens")),
    ];
    let parts = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    tf("The ways in of {person} end: {ways}", &[("person", &merge.other.name), ("ways", &parts)])
}
